package term

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestPicturesArePainted(t *testing.T) {
	p := newPainter(trueColour, true)
	p.resize(20, 5)
	kitty := Picture{X: 3, Y: 1, ID: 7, Load: "<load>", Draw: "<draw>", Drop: "<drop>"}
	first := string(p.frame("a\nb", cursor{}, kitty))
	if !strings.Contains(first, "\x1b[2;4H<load><draw>") {
		t.Fatalf("the first frame is %q", first)
	}
	if again := p.frame("a\nb", cursor{}, kitty); again != nil {
		t.Errorf("nothing changed, and the frame is %q", again)
	}
	moved := kitty
	moved.Y = 2
	if s := string(p.frame("a\nc", cursor{}, moved)); !strings.Contains(s, "<drop>") || !strings.Contains(s, "\x1b[3;4H<draw>") || strings.Contains(s, "<load>") || strings.Index(s, "<drop>") > strings.Index(s, "<draw>") {
		t.Errorf("moved, it is painted by %q", s)
	}
	if s := string(p.frame("a\nc", cursor{})); !strings.Contains(s, "<drop>") || strings.Contains(s, "<draw>") {
		t.Errorf("it is taken away by %q", s)
	}
	sixel := Picture{X: 1, Y: 0, Draw: "<sixel>"}
	if s := string(p.frame("a\nc", cursor{}, sixel)); !strings.Contains(s, "\x1b[1;2H<sixel>") && !strings.Contains(s, "\x1b[H\x1b[C<sixel>") && !strings.Contains(s, "<sixel>") {
		t.Errorf("a sixel picture is painted by %q", s)
	}
	if s := string(p.frame("a\nc", cursor{})); !strings.Contains(s, "\x1b[2J") || strings.Contains(s, "<sixel>") {
		t.Errorf("it is taken away by %q", s)
	}
	p.invalidate()
	if s := string(p.frame("a\nc", cursor{}, kitty)); !strings.Contains(s, "<load><draw>") {
		t.Errorf("after the terminal was away it is painted by %q", s)
	}
}

func TestTerminalSaysHowItDraws(t *testing.T) {
	for in, want := range map[string][]tea.Msg{
		"\x1b_Gi=31;OK\x1b\\\x1b[?62;4c": {kittyAnswer{}, answered{sixel: true}},
		"\x1b[?62;1;4;6c":                {answered{sixel: true}},
		"\x1b[?4;1c":                     {answered{}},
		"\x1b[?62c":                      {answered{}},
		"\x1b_Gi=31;ENOTSUPPORTED:x\x1b\\\x1b[?6c": {answered{}},
	} {
		var p parser
		got := p.feed([]byte(in))
		if len(got) != len(want) {
			t.Errorf("%q is %v, want %v", in, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q is %v, want %v", in, got, want)
			}
		}
	}
}

func TestMultiplexersAreNotAsked(t *testing.T) {
	for name, env := range map[string]map[string]string{"tmux": {"TERM": "xterm-256color", "TMUX": "/tmp/x"}, "screen": {"TERM": "screen.xterm"}, "tmux by name": {"TERM": "tmux-256color"}} {
		if asksGraphics(func(k string) string { return env[k] }) {
			t.Errorf("%s is asked", name)
		}
	}
	if !asksGraphics(func(k string) string { return map[string]string{"TERM": "xterm-kitty"}[k] }) {
		t.Error("a terminal is not asked")
	}
}
