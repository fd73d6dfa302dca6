//go:build unix

package cli

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"eas.example/securemail/ui/style"
)

// TestARowIsOneLineOfTheTerminal: what is longer is cut there and nowhere else, and
// columns stand below each other whatever is written in them.
func TestARowIsOneLineOfTheTerminal(t *testing.T) {
	person, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer person.Close()
	defer terminal.Close()
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: 40}); err != nil {
		t.Fatal(err)
	}
	widths, long := []int{4, 12, -5}, strings.Repeat("subject ", 10)
	read := bufio.NewReader(person)
	var piped bytes.Buffer
	for _, who := range []string{"Ana Souza", "佐藤 由紀", "Νίκος Παπαδάκης", "e\u0301mile\x1b[2J"} {
		if err := (&app{stdout: terminal}).row(widths, "1", who, "12", long); err != nil {
			t.Fatal(err)
		}
		line, err := read.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); err != nil || style.Width(line) != 40 || !strings.HasSuffix(line, "…") {
			t.Errorf("%q, %v: %d columns", line, err, style.Width(line))
		}
		if err := (&app{stdout: &piped}).row(widths, "1", who, "12", long); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(piped.String()) {
		before, _, whole := strings.Cut(line, "   12 "+strings.TrimSpace(long)+"\n")
		if !whole || style.Width(before) != 18 {
			t.Errorf("piped %q: the third column begins at %d", line, style.Width(before))
		}
	}
}

func TestDayOrTime(t *testing.T) {
	now := time.Date(2026, 11, 29, 9, 30, 0, 0, time.Local)
	for want, at := range map[string]time.Time{"never": {}, "08:05": now.Add(-85 * time.Minute), "2026-11-28": now.Add(-24 * time.Hour), "2025-11-29": now.AddDate(-1, 0, 0)} {
		if got := dayOrTime(at.UTC(), now); at.IsZero() && dayOrTime(at, now) != want || !at.IsZero() && got != want {
			t.Errorf("%v is %s, want %s", at, got, want)
		}
	}
}
