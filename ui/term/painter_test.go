package term

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"eas.example/securemail/ui/term/vt"
)

// What the screen shows after a change is what it shows when it is painted
// anew, whatever stood there before.
func TestChangesArePaintedAsTheWhole(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 0))
		program := make([]byte, 600)
		for i := range program {
			program[i] = byte(r.Uint32())
		}
		repaint(t, program)
	}
}

func FuzzPaint(f *testing.F) {
	f.Add([]byte("a line, and another, and so on"))
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 200, 17, 18, 240, 19, 20, 250, 21})
	f.Fuzz(func(t *testing.T, program []byte) { repaint(t, program[:min(len(program), 300)]) })
}

// pieces are what the lines of the views are made of.
var pieces = []string{
	"a", "b", "word", "  ", " ", "            ", "─", "●", "é", "漢", "字", "e\u0301", "👩‍👩‍👧", "🎶", "\u00ad", "\u202e", "\t", "\x01",
	"\x1b[m", "\x1b[0;1m", "\x1b[2m", "\x1b[3m", "\x1b[22m", "\x1b[4m", "\x1b[4:3m", "\x1b[24m", "\x1b[7m", "\x1b[9m", "\x1b[38;5;75m", "\x1b[31m", "\x1b[39m",
	"\x1b[48;5;238m", "\x1b[48;2;1;2;3m", "\x1b[49m", "\x1b]8;;https://a.example/\x1b\\", "\x1b]8;;https://b.example/\x1b\\", "\x1b]8;;\x1b\\",
}

// repaint plays a program that changes a view, and looks after every step.
func repaint(t *testing.T, program []byte) {
	t.Helper()
	next := func() int {
		if len(program) == 0 {
			return 0
		}
		b := program[0]
		program = program[1:]
		return int(b)
	}
	w, h := 12+next()%30, 3+next()%12
	p, screen := newPainter(trueColour, true), vt.New(w, h)
	p.resize(w, h)
	lines := make([]string, h)
	for len(program) > 0 {
		switch op := next() % 8; op {
		case 0: // the view goes up or down
			n := next() % h
			lines = append(slices.Clone(lines[n:]), lines[:n]...)
		case 1:
			clear(lines)
		case 2:
			lines[next()%h] = lines[next()%h]
		case 3: // a line changes in one place
			y := next() % h
			if n := len(lines[y]); n > 0 {
				at := next() % n
				lines[y] = lines[y][:at] + pieces[next()%len(pieces)] + lines[y][at:]
			}
		default:
			var b strings.Builder
			y := next() % h
			for range next() % 24 {
				b.WriteString(pieces[next()%len(pieces)])
			}
			lines[y] = b.String()
		}
		view := strings.Join(lines, "\n")
		cur := cursor{x: next() % w, y: next() % h, shown: next()%2 == 0}
		_, _ = screen.Write(p.frame(strings.Clone(view), cur))
		whole, anew := newPainter(trueColour, true), vt.New(w, h)
		whole.resize(w, h)
		_, _ = anew.Write(whole.frame(view, cur))
		alike(t, screen, anew, view)
	}
}

// alike wants two screens to look the same.
func alike(t *testing.T, got, want *vt.Screen, view string) {
	t.Helper()
	g, v := got.Cells(), want.Cells()
	for i := range g {
		if a, b := seen(g[i]), seen(v[i]); a != b {
			w, _ := got.Size()
			t.Fatalf("column %d, line %d shows %+v, want %+v, of\n%q\n%s", i%w, i/w, a, b, view, got)
		}
	}
	gx, gy, gs := got.Cursor()
	if x, y, s := want.Cursor(); gs != s || s && (gx != x || gy != y) {
		t.Fatalf("the cursor is at %d, %d (%v), want %d, %d (%v)", gx, gy, gs, x, y, s)
	}
}

// seen is what a person can see of a cell.
func seen(c vt.Cell) vt.Cell {
	if c.Text == " " {
		c.Text = ""
	}
	if c.Text == "" && c.Width == 1 {
		if c.Style.Attr &= vt.Reverse | vt.Strike | vt.Overline; c.Style.Attr == 0 && c.Style.Underline == 0 {
			c.Style.FG, c.Style.Line = vt.Colour{}, vt.Colour{}
		}
	}
	return c
}
