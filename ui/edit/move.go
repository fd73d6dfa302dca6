package edit

import "unicode/utf8"

// Go moves to a place, or to the nearest one that there is.
func (b *Buffer) Go(p Pos) {
	p.Line = max(min(p.Line, len(b.lines)-1), 0)
	line := b.lines[p.Line]
	p.Byte = max(min(p.Byte, len(line)), 0)
	for p.Byte > 0 && p.Byte < len(line) && !utf8.RuneStart(line[p.Byte]) {
		p.Byte--
	}
	b.at = p
	b.stop()
}

// Left moves by one grapheme.
func (b *Buffer) Left() { b.at = b.left(b.at); b.stop() }

// Right moves by one grapheme.
func (b *Buffer) Right() { b.at = b.right(b.at); b.stop() }

// WordLeft moves to the start of the word.
func (b *Buffer) WordLeft() { b.at = b.wordLeft(b.at); b.stop() }

// WordRight moves to the end of the word.
func (b *Buffer) WordRight() { b.at = b.wordRight(b.at); b.stop() }

// Home moves to the start of the line.
func (b *Buffer) Home() { b.at.Byte = 0; b.stop() }

// End moves to the end of the line.
func (b *Buffer) End() { b.at.Byte = len(b.lines[b.at.Line]); b.stop() }

// Top moves to the start of the text.
func (b *Buffer) Top() { b.at = Pos{}; b.stop() }

// Bottom moves to the end of the text.
func (b *Buffer) Bottom() {
	last := len(b.lines) - 1
	b.at = Pos{last, len(b.lines[last])}
	b.stop()
}

// Up moves by n rows as they are shown, down where n is negative. It reports
// whether there was a row to move to.
func (b *Buffer) Up(n int) bool { return b.rowsDown(-n) }

// Down moves by n rows as they are shown.
func (b *Buffer) Down(n int) bool { return b.rowsDown(n) }

// Page moves by n screens.
func (b *Buffer) Page(n int) bool { return b.rowsDown(n * max(b.height-1, 1)) }

func (b *Buffer) rowsDown(n int) bool {
	row, x := b.rowOf(b.at)
	goal := b.goal
	if goal < 0 {
		goal = x
	}
	to := b.step(row, n)
	moved := to != row
	if moved {
		b.at = b.cell(to, goal)
	} else if n > 0 {
		b.End()
	} else {
		b.Home()
	}
	b.typing, b.goal = false, goal
	return moved
}

// Click puts the cursor at a cell of the screen.
func (b *Buffer) Click(x, y int) {
	b.at = b.cell(b.step(b.top, y), x)
	b.stop()
}

// Scroll moves the text on screen by n rows; the cursor stays on screen.
func (b *Buffer) Scroll(n int) {
	b.top = b.step(b.top, n)
	row, x := b.rowOf(b.at)
	if row.before(b.top) {
		b.at = b.cell(b.top, x)
	} else if bottom := b.step(b.top, b.height-1); bottom.before(row) {
		b.at = b.cell(bottom, x)
	}
	b.stop()
}

// step is the row n rows after row, at most the first or the last.
func (b *Buffer) step(row Pos, n int) Pos {
	for ; n > 0; n-- {
		switch {
		case row.Byte+1 < len(b.wrap(row.Line)):
			row.Byte++
		case row.Line+1 < len(b.lines):
			row = Pos{row.Line + 1, 0}
		default:
			return row
		}
	}
	for ; n < 0; n++ {
		switch {
		case row.Byte > 0:
			row.Byte--
		case row.Line > 0:
			row = Pos{row.Line - 1, len(b.wrap(row.Line-1)) - 1}
		default:
			return row
		}
	}
	return row
}
