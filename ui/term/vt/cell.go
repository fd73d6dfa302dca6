package vt

import "strings"

// Colour is a colour of a cell. The zero value is the terminal's own.
type Colour struct {
	// Kind is 0 for the terminal's own, 1 for one of the 256 and 2 for RGB.
	Kind uint8
	// Value is the number of the colour, or its red, green and blue.
	Value uint32
}

// Attr is an attribute of a cell.
type Attr uint16

// The attributes.
const (
	Bold Attr = 1 << iota
	Dim
	Italic
	Underline
	Blink
	Reverse
	Hidden
	Strike
	Overline
)

// Style is how a cell looks.
type Style struct {
	FG, BG, Line Colour
	Attr         Attr
	// Underline is the kind of underline: 0 none, 1 single, 2 double, 3 curly,
	// 4 dotted, 5 dashed.
	Underline uint8
	Link      string
}

// Cell is one place on the screen.
type Cell struct {
	// Text is a grapheme cluster, "" for an empty cell and for the second
	// half of a wide one.
	Text string
	// Width is 1 or 2, and 0 for the second half of a wide one.
	Width int
	Style Style
}

// grid is the cells of one screen.
type grid struct {
	w, h  int
	cells []Cell
}

func newGrid(w, h int) *grid {
	g := &grid{w: w, h: h, cells: make([]Cell, w*h)}
	g.erase(0, len(g.cells), Style{})
	return g
}

func (g *grid) row(y int) []Cell { return g.cells[y*g.w : (y+1)*g.w] }

// erase empties cells from to before end; they keep the background of st.
func (g *grid) erase(from, end int, st Style) {
	for i := from; i < end; i++ {
		g.cells[i] = Cell{Width: 1, Style: Style{BG: st.BG}}
	}
}

// mend empties halves of wide characters that lost the other half.
func (g *grid) mend(y int) {
	row := g.row(y)
	for x := range row {
		switch {
		case row[x].Width == 2 && (x+1 == g.w || row[x+1].Width != 0):
			row[x] = Cell{Width: 1, Style: Style{BG: row[x].Style.BG}}
		case row[x].Width == 0 && (x == 0 || row[x-1].Width != 2):
			row[x] = Cell{Width: 1, Style: Style{BG: row[x].Style.BG}}
		}
	}
}

// scroll moves the lines top to bottom up by n, down when n is negative.
func (g *grid) scroll(top, bottom, n int, st Style) {
	height := bottom - top + 1
	n = min(max(n, -height), height)
	a, b := top*g.w, (bottom+1)*g.w
	if n >= 0 {
		copy(g.cells[a:b], g.cells[a+n*g.w:b])
		g.erase(b-n*g.w, b, st)
		return
	}
	copy(g.cells[a-n*g.w:b], g.cells[a:b+n*g.w])
	g.erase(a, a-n*g.w, st)
}

// resized is the grid with another size; what fits stays.
func (g *grid) resized(w, h int) *grid {
	n := newGrid(w, h)
	for y := range min(h, g.h) {
		copy(n.row(y), g.row(y))
		n.mend(y)
	}
	return n
}

func (g *grid) clone() *grid {
	return &grid{w: g.w, h: g.h, cells: append([]Cell(nil), g.cells...)}
}

// line is the text of a line without blanks at its end.
func (g *grid) line(y int) string {
	var b strings.Builder
	for _, c := range g.row(y) {
		switch {
		case c.Text != "":
			b.WriteString(c.Text)
		case c.Width > 0:
			b.WriteByte(' ')
		}
	}
	return strings.TrimRight(b.String(), " ")
}
