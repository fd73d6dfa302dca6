package edit

import (
	"strings"

	"eas.example/securemail/ui/style"
)

// Field is a text of one line.
type Field struct{ b *Buffer }

// NewField makes a field with a text, and the cursor at its end.
func NewField(text string) *Field {
	f := &Field{New(oneLine(text))}
	f.b.Bottom()
	return f
}

func oneLine(s string) string { return strings.ReplaceAll(Clean(s), "\n", " ") }

// Text is what is in the field.
func (f *Field) Text() string { return f.b.Text() }

// SetText replaces the text and puts the cursor at its end.
func (f *Field) SetText(s string) { f.b.SetText(oneLine(s)); f.b.Bottom() }

// At is the byte at which the cursor stands.
func (f *Field) At() int { return f.b.at.Byte }

// Insert writes s at the cursor; line ends become blanks.
func (f *Field) Insert(s string) { f.b.Insert(oneLine(s)) }

// Replace writes s instead of the bytes from to to, and goes behind it.
func (f *Field) Replace(from, to int, s string) {
	f.b.apply(Pos{0, from}, Pos{0, to}, oneLine(s))
	f.b.stop()
}

// Backspace removes the grapheme before the cursor.
func (f *Field) Backspace() { f.b.Backspace() }

// Delete removes the grapheme after the cursor.
func (f *Field) Delete() { f.b.Delete() }

// DeleteWord removes back to the start of the word.
func (f *Field) DeleteWord() { f.b.DeleteWord() }

// DeleteToStart removes back to the start.
func (f *Field) DeleteToStart() { f.b.DeleteToStart() }

// DeleteToEnd removes up to the end.
func (f *Field) DeleteToEnd() { f.b.DeleteToEnd() }

// Left moves by one grapheme.
func (f *Field) Left() { f.b.Left() }

// Right moves by one grapheme.
func (f *Field) Right() { f.b.Right() }

// WordLeft moves to the start of the word.
func (f *Field) WordLeft() { f.b.WordLeft() }

// WordRight moves to the end of the word.
func (f *Field) WordRight() { f.b.WordRight() }

// Home moves to the start.
func (f *Field) Home() { f.b.Home() }

// End moves to the end.
func (f *Field) End() { f.b.End() }

// Undo takes the last change back.
func (f *Field) Undo() bool { return f.b.Undo() }

// Redo makes it again.
func (f *Field) Redo() bool { return f.b.Redo() }

// View is the part of the text that fits in width cells around the cursor, and
// the cursor's column in it.
func (f *Field) View(width int) (text string, x int) {
	s := f.b.lines[0]
	at := f.b.at.Byte
	width = max(width, 1)
	for x = cells(s[:at]); x > width-1; {
		n, w := next(s)
		s, at, x = s[n:], at-n, x-w
	}
	i, used := 0, 0
	for i < len(s) {
		n, w := next(s[i:])
		if used+w > width {
			break
		}
		i, used = i+n, used+w
	}
	return spread(s[:i]), x
}

// Width is how many cells the whole text takes.
func (f *Field) Width() int { return style.Width(spread(f.b.lines[0])) }
