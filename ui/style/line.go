package style

import "strings"

// Line puts one line of a pane together from left to right. It never becomes
// wider than the width it was started with.
type Line struct {
	theme *Theme
	on    Surface
	buf   strings.Builder
	last  string // the sequence in force
	width int
	used  int
}

// Line starts a line of width cells on a surface.
func (t *Theme) Line(width int, on Surface) *Line {
	l := &Line{theme: t, on: on, width: max(width, 0)}
	l.buf.Grow(width + 64)
	return l
}

// Room is how many cells are left.
func (l *Line) Room() int { return l.width - l.used }

// Put writes s, cut where the line ends. s must hold no control characters.
func (l *Line) Put(r Role, s string) *Line { return l.PutOn(l.on, r, s) }

// PutOn writes s on another surface than that of the line.
func (l *Line) PutOn(on Surface, r Role, s string) *Line {
	if s == "" || l.Room() == 0 {
		return l
	}
	w := Width(s)
	if w > l.Room() {
		s, w = Cut(s, l.Room(), l.theme.Ellipsis)
	}
	l.raw(on, r, s, w)
	return l
}

// PutLink writes s as a link that the terminal can open (OSC 8). url must hold
// no control characters.
func (l *Line) PutLink(r Role, s, url string) *Line {
	if s == "" || l.Room() == 0 {
		return l
	}
	l.buf.WriteString("\x1b]8;;" + url + "\x1b\\")
	l.Put(r, s)
	l.buf.WriteString("\x1b]8;;\x1b\\")
	return l
}

// PutDrawn writes s as it is: width cells that bring their own sequences.
func (l *Line) PutDrawn(s string, width int) *Line {
	if width > l.Room() {
		s, width = Cut(s, l.Room(), "")
	}
	l.buf.WriteString(s)
	l.used += width
	l.last = ""
	return l
}

// Cell writes s in exactly width cells, cut or filled with blanks.
func (l *Line) Cell(r Role, s string, width int) *Line {
	width = min(width, l.Room())
	if width <= 0 {
		return l
	}
	w := Width(s)
	if w > width {
		s, w = Cut(s, width, l.theme.Ellipsis)
	}
	l.raw(l.on, r, s, w)
	return l.Skip(width - w)
}

// Right writes s at the right end of the next width cells.
func (l *Line) Right(r Role, s string, width int) *Line {
	width = min(width, l.Room())
	if width <= 0 {
		return l
	}
	w := Width(s)
	if w > width {
		s, w = Cut(s, width, l.theme.Ellipsis)
	}
	l.Skip(width - w)
	l.raw(l.on, r, s, w)
	return l
}

// Skip writes n blanks.
func (l *Line) Skip(n int) *Line {
	n = min(n, l.Room())
	if n <= 0 {
		return l
	}
	l.raw(l.on, Text, Blanks(n), n)
	return l
}

// Fill repeats s, which is one cell wide, n times.
func (l *Line) Fill(r Role, s string, n int) *Line {
	n = min(n, l.Room())
	if n <= 0 {
		return l
	}
	l.raw(l.on, r, strings.Repeat(s, n), n)
	return l
}

func (l *Line) raw(on Surface, r Role, s string, w int) {
	if sgr := l.theme.sgr[on][r]; sgr != l.last {
		l.buf.WriteString(sgr)
		l.last = sgr
	}
	if l.theme.ASCII {
		s = asciiMarks.Replace(s)
	}
	l.buf.WriteString(s)
	l.used += w
}

// asciiMarks are the marks of printed text, whoever wrote it, and what stands for
// them in plain ASCII: one cell each.
var asciiMarks = strings.NewReplacer("…", "~", "›", ">", "‹", "<", "–", "-", "—", "-", "“", `"`, "”", `"`, "„", `"`, "‘", "'", "’", "'", "•", "*", "·", ".", "\u00a0", " ")

// String ends the line: blanks up to its width, and a reset.
func (l *Line) String() string {
	l.Skip(l.Room())
	l.buf.WriteString(Reset)
	return l.buf.String()
}

const blanks = "                                                                                                                                "

// Blanks are n spaces.
func Blanks(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blanks) {
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}
