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

// TestUndoSendAfterTheScreenIsKilled: a message that waits is held by the agent.
// When the screen is killed that sent it, the next one offers it, and it comes
// back as it was written; nothing was sent.
func TestUndoSendAfterTheScreenIsKilled(t *testing.T) {
	k := newKilled(t)
	k.fresh()
	k.run("", "sync", "--all")
	defer endAgent(t, k.dir)
	if err := os.WriteFile(k.dir+"/config.toml", append([]byte("[ui]\nundo_send = \"20m\"\n"), read(t, k.dir+"/config.toml")...), 0o600); err != nil {
		t.Fatal(err)
	}
	g := newGlass(t, k.bin, k.dir)
	g.until(regexp.MustCompile("Inbox"), 1)
	g.send("c")
	g.until(regexp.MustCompile("New message"), 1)
	g.send("bob@example.test")
	g.until(regexp.MustCompile("bob@example.test"), 1)
	g.send("\x1b[6~")
	g.send("Never mind.")
	g.until(regexp.MustCompile("Never mind"), 1)
	g.send("\x13")
	g.until(regexp.MustCompile("No subject"), 1)
	g.send("y")
	g.until(regexp.MustCompile(`Goes out in 20 min.*Undo z`), 1)
	g.close() // SIGKILL
	next := newGlass(t, k.bin, k.dir)
	next.until(regexp.MustCompile(`Goes out in \d+ min.*Undo z`), 1)
	next.send("z")
	next.until(regexp.MustCompile("Not sent. It is here again"), 1)
	next.until(regexp.MustCompile("Never mind"), 1)
	next.close()
	if _, sent := k.remote(k.box); len(sent) > 0 {
		t.Errorf("sent nevertheless: %v", sent)
	}
	k.run("", "agent", "stop")
	s := k.open()
	defer s.Close()
	drafts, err := s.Drafts(t.Context())
	if err != nil || len(drafts) != 1 {
		t.Fatalf("%d drafts, %v", len(drafts), err)
	}
	for _, d := range drafts {
		if d.Text != "Never mind." || len(d.To) != 1 {
			t.Errorf("kept %+v", d)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
