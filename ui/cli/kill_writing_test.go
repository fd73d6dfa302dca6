//go:build unix

package cli

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// writingKills is how often the program is killed while somebody writes;
// KILL_WRITING asks for more, and that no more than a second's words are lost.
const writingKills = 4

// TestKilledWhileWriting kills screens and store in one process while a message
// is written, and goes on writing it each time. What is kept is what was written,
// up to the last second.
func TestKilledWhileWriting(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	k := newKilled(t)
	k.fresh()
	k.run("", "sync", "--all")
	kills, strict := writingKills, false
	if s := os.Getenv("KILL_WRITING"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		kills, strict = n, true
	}
	kept, word := "", 0
	var lost []time.Duration
	for n := range kills {
		g := newGlass(t, k.bin, k.dir, noAgent+"=1")
		if kept == "" {
			g.until(regexp.MustCompile("Inbox"), 1)
			g.send("c")
			g.until(regexp.MustCompile("New message"), 1)
			g.send("\x1b[6~") // into the text
		} else {
			g.until(regexp.MustCompile("A message you were writing is kept"), 1)
			g.send("C")
			g.until(regexp.MustCompile("New message"), 1)
		}
		g.settle()
		g.send("\x1b[1;5F") // to its end
		g.settle()
		written, times := g.writeFor(time.Duration(300+k.rnd.IntN(2200))*time.Millisecond, &word)
		died := time.Now()
		g.close()
		got := k.draft()
		if !strings.HasPrefix(kept+written, got) || !strings.HasPrefix(got, kept) {
			t.Fatalf("seed %d, kill %d: kept %q, then wrote %q, and %q is kept", k.seed, n, tail(kept), written, tail(got))
		}
		// The first letter that is lost says how much of the writing is.
		var loss time.Duration
		if first := len(got) - len(kept); first < len(times) {
			loss = died.Sub(times[first])
		}
		lost = append(lost, loss)
		if strict && loss > time.Second {
			t.Errorf("seed %d, kill %d: what was written in the last %v is lost", k.seed, n, loss)
		}
		kept = got
	}
	slices.Sort(lost)
	t.Logf("%d kills, %d letters; lost at the median the last %v, at most the last %v", kills, len(kept), lost[len(lost)/2], lost[len(lost)-1])
}

// send presses keys.
func (g *glass) send(keys string) {
	g.b.Helper()
	if _, err := g.tty.WriteString(keys); err != nil {
		g.b.Fatal(err)
	}
}

// writeFor writes numbers for a time, and gives what was written and when each
// letter was.
func (g *glass) writeFor(d time.Duration, word *int) (written string, times []time.Time) {
	g.b.Helper()
	beat := time.NewTicker(15 * time.Millisecond)
	defer beat.Stop()
	end := time.After(d)
	var text strings.Builder
	queue := ""
	for {
		select {
		case <-end:
			return text.String(), times
		case <-beat.C:
			if queue == "" {
				*word++
				queue = fmt.Sprintf("%d ", *word)
			}
			g.send(queue[:1])
			text.WriteByte(queue[0])
			times = append(times, time.Now())
			queue = queue[1:]
		}
	}
}

// draft is the one message that is being written, "" where none is kept.
func (k *killed) draft() string {
	k.t.Helper()
	s := k.open()
	defer s.Close()
	drafts, err := s.Drafts(k.t.Context())
	if err != nil || len(drafts) > 1 {
		k.t.Fatalf("seed %d: %d drafts are kept, %v", k.seed, len(drafts), err)
	}
	var d activesync.Draft
	for _, d = range drafts {
	}
	return d.Text
}

// tail is the end of a long text.
func tail(s string) string { return s[max(len(s)-60, 0):] }
