package cli

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
)

// completed is what the shell is offered for the last word of a line.
func completed(t *testing.T, words ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Main("test", append([]string{"__complete"}, words...), strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("%v: exit %d: %s", words, code, errs.String())
	}
	return out.String()
}

// TestWordsAreCompleted: what a command takes is offered as its use line and the
// words of its flags say it. Without an agent there are no names, and none is
// started for them.
func TestWordsAreCompleted(t *testing.T) {
	t.Setenv("SECUREMAIL_DATA", t.TempDir())
	for _, c := range []struct{ line, want string }{
		{"calendar respond 1 ", "accept\ntentative\ndecline\n:4\n"},
		{"calendar respond ", ":4\n"},
		{"out-of-office ", "on\noff\n:4\n"},
		{"folders set Inbox --notify-content ", "allow\nsender-or-subject\ncount-only\nblock\n:4\n"},
		{"folders set Inbox --period ", "1d\n3d\n1w\n2w\n1m\nall\n:4\n"},
		{"attachment save 1 ", "all\n:4\n"},
		{"attachment save 1 1 ", ":16\n"},
		{"contacts import ", ":0\n"},
		{"list ", ":4\n"},
		{"list --account ", ":4\n"},
	} {
		if got := completed(t, strings.Split(c.line, " ")...); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

// TestNothingIsKeptOfACommandThatEnded: tests and the screens' own process may
// run thousands.
func TestNothingIsKeptOfACommandThatEnded(t *testing.T) {
	inUse := func() uint64 {
		for range 100 {
			if code, _, errs := inside(t, "", "--version"); code != 0 {
				t.Fatal(errs)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := inUse()
	if after := inUse(); after > before+8<<20 {
		t.Errorf("100 commands keep %d KB", (after-before)>>10)
	}
}

// TestNamesAreCompleted: folders and accounts, of the agent that runs.
func TestNamesAreCompleted(t *testing.T) {
	p := newAgentProgram(t, build(t))
	p.add()
	p.must("sync")
	for _, words := range [][]string{{"list", ""}, {"move", "1", ""}, {"move", "1", "2", ""}, {"sync", "Inbox", ""}, {"folders", "rename", ""}, {"search", "x", "--folder", ""}} {
		if out := p.must(append([]string{"__complete"}, words...)...); !strings.Contains(out, "Inbox\n") || !strings.Contains(out, "Deleted Items\n") {
			t.Errorf("%v: %s", words, out)
		}
	}
	for _, words := range [][]string{{"account", "remove", ""}, {"list", "--account", ""}} {
		if out := p.must(append([]string{"__complete"}, words...)...); out != "alice\n:4\n" {
			t.Errorf("%v: %s", words, out)
		}
	}
	if out := p.must("__complete", "folders", "rename", "Inbox", ""); out != ":4\n" {
		t.Errorf("a new name: %s", out)
	}
}
