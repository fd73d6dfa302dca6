//go:build unix

package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"eas.example/securemail/store/config"
	"eas.example/securemail/store/paths"
)

// onScreenEvery is which part of the corpus is looked at on a terminal; all of
// it with CORPUS_ALL set.
const onScreenEvery = 100

// nextMessage is how long the screens take to believe that the person stays at
// a message, and some more.
const nextMessage = 65 * time.Millisecond

// TestCorpusOnScreen: the program shows every message of the corpus on a
// terminal, at two widths, and in all that it writes is no byte that is not its
// own: no control, no sequence, no change of direction from any message.
func TestCorpusOnScreen(t *testing.T) {
	files := corpus(t)
	every := onScreenEvery
	if os.Getenv("CORPUS_ALL") != "" {
		every = 1
	}
	mail := t.TempDir()
	n := 0
	for i := 0; i < len(files); i += every {
		if err := os.Symlink(files[i], filepath.Join(mail, filepath.Base(files[i]))); err != nil {
			t.Fatal(err)
		}
		n++
	}
	bin := build(t)
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		t.Run(fmt.Sprint(size[0]), func(t *testing.T) {
			t.Parallel()
			g := &glass{b: t, keep: true}
			g.start(bin, size[0], size[1], "demo", "--mail", mail, "--data", oneByOne(t))
			defer g.close()
			pageThrough(t, g, n)
			g.mu.Lock()
			defer g.mu.Unlock()
			if err := own(g.all); err != nil {
				t.Error(err)
			}
			if s := g.screen.Strays(); len(s) > 0 {
				t.Errorf("sequences that are not the program's own: %q", s[:min(len(s), 5)])
			}
			t.Logf("%d messages, %d bytes", n, len(g.all))
		})
	}
}

// oneByOne is a data directory in which each message has a row.
func oneByOne(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	p, err := paths.In(dir)
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(p.Config), 0o700))
	must(t, config.Save(p.Config, config.Config{UI: config.UI{ConversationsOff: true}}))
	return dir
}

// pageThrough opens the first message and goes on to the last.
func pageThrough(t *testing.T, g *glass, n int) {
	t.Helper()
	all := regexp.MustCompile(fmt.Sprintf(`of %s\b|─ %s\b`, grouped(n), grouped(n)))
	g.until(all, 1)
	g.settle()
	if _, err := io.WriteString(g.tty, "\r"); err != nil {
		t.Fatal(err)
	}
	for i := 1; ; i++ {
		time.Sleep(nextMessage)
		g.settle()
		if strings.Contains(g.screen.String(), "This is the last message.") {
			if i < n {
				t.Errorf("the list ends after %d messages of %d", i, n)
			}
			return
		}
		if i > 2*n {
			t.Fatalf("the list does not end:\n%s", g.screen.String())
		}
		if _, err := io.WriteString(g.tty, "J"); err != nil {
			t.Fatalf("the program is gone after %d messages: %v", i, err)
		}
	}
}

// grouped writes a number as the screens do.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// own reports what in the output of the screens is not theirs.
func own(b []byte) error {
	ended := regexp.MustCompile(`^\x1b(\[[0-9;:?<>=]*[ !]?[A-Za-z@]|\]8;;[^\x00-\x1f\x7f]*\x1b\\|\]2;[^\x00-\x1f\x7f]*\x1b\\|\]11;\?\x1b\\|_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\|[78])`)
	for i := 0; i < len(b); {
		c, size := utf8.DecodeRune(b[i:])
		around := func() string { return fmt.Sprintf("at byte %d of %q", i, b[max(0, i-60):min(len(b), i+60)]) }
		switch {
		case c == 0x1b:
			found := ended.Find(b[i:min(len(b), i+4096)])
			if found == nil {
				return fmt.Errorf("a sequence that is not the program's own %s", around())
			}
			if r := strings.IndexFunc(string(found), steers); r >= 0 {
				return fmt.Errorf("a sequence holds what steers a terminal %s", around())
			}
			size = len(found)
		case c == '\r' || c == '\n' || c == '\a':
		case c == utf8.RuneError && size == 1:
			return fmt.Errorf("no UTF-8 %s", around())
		case steers(c):
			return fmt.Errorf("%U %s", c, around())
		}
		i += size
	}
	return nil
}

// steers reports whether a character may change more than the cell it is in.
func steers(c rune) bool {
	return c != 0x1b && c != '\\' && (unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || slices.Contains(overrides, c) || c == 0x2028 || c == 0x2029)
}

func TestStreamOfStrangersIsFound(t *testing.T) {
	for _, bad := range []string{"a\x1b]0;title\x07", "\x1b[31mred\x1b]52;c;eHg=\x1b\\", "a\u202eb", "a\u009b31m", "a\x00", "a\x9bb", "\x1bPq#0\x1b\\", "\x1b]8;;http://a\u202e/\x1b\\", "a\x08b", "\x1bc"} {
		if own([]byte(bad)) == nil {
			t.Errorf("%q passes", bad)
		}
	}
	if err := own([]byte("\x1b[?2026h\x1b[38;5;75mWörter 漢字\x1b]8;;https://a.example/\x1b\\x\x1b]8;;\x1b\\\x1b[0m\r\n\x1b]2;Inbox\x1b\\\x1b[>4;2m")); err != nil {
		t.Error(err)
	}
}
