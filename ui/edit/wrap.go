package edit

import (
	"strings"

	"eas.example/securemail/ui/style"
)

// Row is a row of the text as it is shown.
type Row struct {
	Text string // without tabs; at most as wide as the screen, but for blanks at its end
	Line int    // of the text, from 0
	Cont bool   // goes on with the line of the row before
}

// Resize sets how large the screen is, in cells.
func (b *Buffer) Resize(width, height int) {
	width, height = max(width, 1), max(height, 1)
	if width != b.width {
		clear(b.rows)
		b.top.Byte = 0
	}
	b.width, b.height = width, height
}

// Size is how large the screen is.
func (b *Buffer) Size() (width, height int) { return b.width, b.height }

// View is what is on screen, and where in it the cursor stands.
func (b *Buffer) View() (rows []Row, x, y int) {
	b.settle()
	row := b.top
	at, x := b.rowOf(b.at)
	for y := range b.height {
		starts := b.wrap(row.Line)
		line := b.lines[row.Line]
		to := len(line)
		if row.Byte+1 < len(starts) {
			to = starts[row.Byte+1]
		}
		rows = append(rows, Row{Text: spread(line[starts[row.Byte]:to]), Line: row.Line, Cont: row.Byte > 0})
		next := b.step(row, 1)
		if next == row || y == b.height-1 {
			break
		}
		row = next
	}
	for row, y = b.top, 0; row != at && y < b.height; y++ {
		row = b.step(row, 1)
	}
	return rows, min(x, b.width), y
}

// spread writes tabs as blanks.
func spread(s string) string {
	return strings.ReplaceAll(s, "\t", style.Blanks(TabWidth))
}

// settle keeps the row of the cursor on screen.
func (b *Buffer) settle() {
	b.top.Line = min(b.top.Line, len(b.lines)-1)
	b.top.Byte = min(b.top.Byte, len(b.wrap(b.top.Line))-1)
	row, _ := b.rowOf(b.at)
	if row.before(b.top) {
		b.top = row
		return
	}
	// Far below: only as many rows as the screen has are walked.
	if first := b.step(row, -(b.height - 1)); b.top.before(first) {
		b.top = first
	}
}

// rowOf is the row that a place is on, and its column.
func (b *Buffer) rowOf(p Pos) (row Pos, x int) {
	starts := b.wrap(p.Line)
	n := len(starts) - 1
	for n > 0 && starts[n] > p.Byte {
		n--
	}
	return Pos{p.Line, n}, cells(b.lines[p.Line][starts[n]:p.Byte])
}

// cell is the place at column x of a row, or the last one of the row.
func (b *Buffer) cell(row Pos, x int) Pos {
	starts := b.wrap(row.Line)
	line := b.lines[row.Line]
	i, to := starts[row.Byte], len(line)
	last := row.Byte+1 >= len(starts)
	if !last {
		to = starts[row.Byte+1]
	}
	for i < to {
		n, w := next(line[i:to])
		if x < w || !last && i+n >= to {
			break
		}
		i += n
		x -= w
	}
	return Pos{row.Line, i}
}

// next is style.Next with tabs.
func next(s string) (size, width int) {
	if s[0] == '\t' {
		return 1, TabWidth
	}
	return style.Next(s)
}

func cells(s string) int {
	n := 0
	for s != "" {
		size, w := next(s)
		n += w
		s = s[size:]
	}
	return n
}

// wrap is where the rows of a line start: after the last blank that fits, or
// in the middle of a word that is longer than a row. Blanks at the end of a
// row hang over its edge. One cell is kept for the cursor.
func (b *Buffer) wrap(line int) []int {
	if b.rows[line] != nil {
		return b.rows[line]
	}
	s, width := b.lines[line], max(b.width-1, 1)
	starts := []int{0}
	used, word, wordWidth := 0, 0, 0 // cells in the row; start of the word in it, and its cells
	for i := 0; i < len(s); {
		n, w := next(s[i:])
		if s[i] == ' ' || s[i] == '\t' {
			used += w
			i += n
			word, wordWidth = i, 0
			continue
		}
		if used+w > width && i > starts[len(starts)-1] {
			if word > starts[len(starts)-1] {
				starts = append(starts, word)
				used = wordWidth
			} else {
				starts = append(starts, i)
				used, word, wordWidth = 0, i, 0
			}
		}
		used += w
		wordWidth += w
		i += n
	}
	b.rows[line] = starts
	return starts
}
