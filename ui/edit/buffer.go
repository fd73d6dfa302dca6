// Package edit holds text while it is written: a buffer of many lines with
// undo, wrapping to any width, and a field of one line.
//
// It draws nothing and knows no keys. A change costs the line that it touches,
// and showing costs the rows on screen, so that large texts stay quick. Texts
// are cleaned of control characters as they enter. Nothing in it may be used
// from two goroutines at once.
package edit

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"eas.example/securemail/ui/style"
)

// TabWidth is how many cells a tab is shown in.
const TabWidth = 4

// Pos is a place in a text: a line and a byte of it.
type Pos struct{ Line, Byte int }

func (p Pos) before(q Pos) bool { return p.Line < q.Line || p.Line == q.Line && p.Byte < q.Byte }

// Buffer is a text of many lines and the place where the person writes.
type Buffer struct {
	lines []string
	rows  [][]int // where the rows of a line start when wrapped; nil is not known
	at    Pos
	goal  int // the column that up and down try to keep, -1 when none

	width, height int
	top           Pos // first row on screen: a line and the number of its row

	undo, redo []change
	typing     bool // the next letter may join the last change
}

// change replaces removed by added at from.
type change struct {
	from           Pos
	removed, added string
	before         Pos
}

// New makes a buffer with a text, and the cursor at its start.
func New(text string) *Buffer {
	b := &Buffer{width: 80, height: 20, goal: -1}
	b.lines = strings.Split(Clean(text), "\n")
	b.rows = make([][]int, len(b.lines))
	return b
}

// Clean makes a text fit for the buffer: LF line ends and no control
// characters but tabs.
func Clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}

// Text is the whole text.
func (b *Buffer) Text() string { return strings.Join(b.lines, "\n") }

// Changed reports whether anything was done to the text since New that was not
// taken back.
func (b *Buffer) Changed() bool { return len(b.undo) > 0 }

// At is where the cursor is.
func (b *Buffer) At() Pos { return b.at }

// Lines is the number of lines, not wrapped.
func (b *Buffer) Lines() int { return len(b.lines) }

// Line is line i, counted from 0.
func (b *Buffer) Line(i int) string { return b.lines[i] }

// SetText replaces everything as one change.
func (b *Buffer) SetText(s string) {
	last := len(b.lines) - 1
	b.apply(Pos{}, Pos{last, len(b.lines[last])}, Clean(s))
	b.at = Pos{}
	b.stop()
}

// Insert writes s at the cursor. Letters typed one after the other are undone
// together, word by word.
func (b *Buffer) Insert(s string) {
	s = Clean(s)
	if s == "" {
		return
	}
	word := utf8.RuneCountInString(s) == 1 && s != "\n"
	if join := b.typing && word && s != " "; join {
		last := &b.undo[len(b.undo)-1]
		b.splice(b.at, b.at, s)
		last.added += s
		b.redo = nil
		b.at.Byte += len(s)
	} else {
		b.apply(b.at, b.at, s)
	}
	b.typing = word
	b.goal = -1
}

// Replace writes s instead of what stands between two places, and goes behind it.
func (b *Buffer) Replace(from, to Pos, s string) {
	b.apply(from, to, Clean(s))
	b.stop()
}

// Backspace removes the grapheme before the cursor.
func (b *Buffer) Backspace() { b.remove(b.left(b.at), b.at) }

// Delete removes the grapheme after the cursor.
func (b *Buffer) Delete() { b.remove(b.at, b.right(b.at)) }

// DeleteWord removes back to the start of the word.
func (b *Buffer) DeleteWord() { b.remove(b.wordLeft(b.at), b.at) }

// DeleteToStart removes back to the start of the line.
func (b *Buffer) DeleteToStart() { b.remove(Pos{b.at.Line, 0}, b.at) }

// DeleteToEnd removes up to the end of the line, or the line end itself.
func (b *Buffer) DeleteToEnd() {
	end := Pos{b.at.Line, len(b.lines[b.at.Line])}
	if b.at == end {
		end = b.right(b.at)
	}
	b.remove(b.at, end)
}

func (b *Buffer) remove(from, to Pos) {
	if from.before(to) {
		b.apply(from, to, "")
	}
	b.stop()
}

// stop ends the run of letters that are undone together.
func (b *Buffer) stop() { b.typing, b.goal = false, -1 }

// apply makes a change that can be undone.
func (b *Buffer) apply(from, to Pos, s string) {
	c := change{from: from, removed: b.slice(from, to), added: s, before: b.at}
	b.splice(from, to, s)
	b.at = end(from, s)
	b.undo = append(b.undo, c)
	b.redo = nil
	b.typing = false
}

// Undo takes the last change back. It reports whether there was one.
func (b *Buffer) Undo() bool {
	if len(b.undo) == 0 {
		return false
	}
	c := b.undo[len(b.undo)-1]
	b.undo = b.undo[:len(b.undo)-1]
	b.splice(c.from, end(c.from, c.added), c.removed)
	b.redo = append(b.redo, c)
	b.at = c.before
	b.stop()
	return true
}

// Redo makes the change again that was taken back last.
func (b *Buffer) Redo() bool {
	if len(b.redo) == 0 {
		return false
	}
	c := b.redo[len(b.redo)-1]
	b.redo = b.redo[:len(b.redo)-1]
	b.splice(c.from, end(c.from, c.removed), c.added)
	b.undo = append(b.undo, c)
	b.at = end(c.from, c.added)
	b.stop()
	return true
}

// end is where s ends when it starts at p.
func end(p Pos, s string) Pos {
	if n := strings.Count(s, "\n"); n > 0 {
		return Pos{p.Line + n, len(s) - strings.LastIndexByte(s, '\n') - 1}
	}
	return Pos{p.Line, p.Byte + len(s)}
}

func (b *Buffer) slice(from, to Pos) string {
	if from.Line == to.Line {
		return b.lines[from.Line][from.Byte:to.Byte]
	}
	var s strings.Builder
	s.WriteString(b.lines[from.Line][from.Byte:])
	for i := from.Line + 1; i < to.Line; i++ {
		s.WriteByte('\n')
		s.WriteString(b.lines[i])
	}
	s.WriteByte('\n')
	s.WriteString(b.lines[to.Line][:to.Byte])
	return s.String()
}

func (b *Buffer) splice(from, to Pos, s string) {
	head, tail := b.lines[from.Line][:from.Byte], b.lines[to.Line][to.Byte:]
	if from.Line == to.Line && !strings.Contains(s, "\n") {
		b.lines[from.Line] = head + s + tail
		b.rows[from.Line] = nil
		return
	}
	fresh := strings.Split(head+s+tail, "\n")
	b.lines = slices.Replace(b.lines, from.Line, to.Line+1, fresh...)
	b.rows = slices.Replace(b.rows, from.Line, to.Line+1, make([][]int, len(fresh))...)
}

// left is the place one grapheme before p.
func (b *Buffer) left(p Pos) Pos {
	if p.Byte == 0 {
		if p.Line == 0 {
			return p
		}
		return Pos{p.Line - 1, len(b.lines[p.Line-1])}
	}
	line := b.lines[p.Line]
	// A grapheme is short: start near, at a letter that surely begins one.
	start := p.Byte - 1
	for start > 0 && (line[start] >= 0x80 || p.Byte-start < 2) && p.Byte-start < 512 {
		start--
	}
	for start > 0 && !utf8.RuneStart(line[start]) {
		start--
	}
	for i := start; ; {
		n, _ := style.Next(line[i:p.Byte])
		if i+n >= p.Byte {
			return Pos{p.Line, i}
		}
		i += n
	}
}

// right is the place one grapheme after p.
func (b *Buffer) right(p Pos) Pos {
	if line := b.lines[p.Line]; p.Byte < len(line) {
		n, _ := style.Next(line[p.Byte:])
		return Pos{p.Line, p.Byte + n}
	}
	if p.Line == len(b.lines)-1 {
		return p
	}
	return Pos{p.Line + 1, 0}
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

func (b *Buffer) wordLeft(p Pos) Pos {
	if p.Byte == 0 {
		return b.left(p)
	}
	s := b.lines[p.Line][:p.Byte]
	s = strings.TrimRightFunc(s, func(r rune) bool { return !wordRune(r) })
	s = strings.TrimRightFunc(s, wordRune)
	return Pos{p.Line, len(s)}
}

func (b *Buffer) wordRight(p Pos) Pos {
	line := b.lines[p.Line]
	if p.Byte == len(line) {
		return b.right(p)
	}
	s := strings.TrimLeftFunc(line[p.Byte:], func(r rune) bool { return !wordRune(r) })
	s = strings.TrimLeftFunc(s, wordRune)
	return Pos{p.Line, len(line) - len(s)}
}
