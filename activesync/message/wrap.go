package message

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/rivo/uniseg"
)

// cells is how wide a cleaned text is on the terminal.
func cells(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// wrapper breaks spans into lines of a width.
type wrapper struct {
	width int // 0: never breaks
	lines []Line
	line  []Span
	used  int
	word  []Span // the word being put together
	wide  int    // its cells
	gap   []Span // the blanks before it
	gapW  int
	more  bool // the line goes on the one before
	glue  bool // no blank stood between the two
}

// wrap breaks spans at blanks, between wide letters, and, where a word is
// longer than a line, anywhere. A line feed in a span ends a line.
func wrap(spans []Span, width int) []Line {
	w := &wrapper{width: width}
	for _, s := range spans {
		if width == 0 {
			w.whole(s)
		} else {
			w.span(s)
		}
	}
	w.endWord()
	w.line = trimBlanks(w.line)
	w.flush(false)
	return w.lines
}

// whole takes a span that is broken only where it says so. It is not taken
// apart into words: put together again one by one, those of a long paragraph
// would be copied again and again.
func (w *wrapper) whole(s Span) {
	for text, ended := s.Text, true; ended; {
		var piece string
		if piece, text, ended = strings.Cut(text, "\n"); piece != "" {
			w.line = appendSpan(w.line, s, piece)
		}
		if ended {
			w.line = trimBlanks(w.line)
			w.flush(false)
		}
	}
}

// trimBlanks takes the blanks off the end of a line.
func trimBlanks(line []Span) []Span {
	for n := len(line); n > 0; n-- {
		last := &line[n-1]
		if last.Text = strings.TrimRight(last.Text, " "); last.Text != "" {
			break
		}
		line = line[:n-1]
	}
	return line
}

func (w *wrapper) span(s Span) {
	text := s.Text
	for text != "" {
		i := 0
		for i < len(text) && text[i] != ' ' && text[i] != '\n' && text[i] < utf8.RuneSelf {
			i++
		}
		if i > 0 {
			w.addWord(s, text[:i], i)
			text = text[i:]
			continue
		}
		switch text[0] {
		case ' ':
			w.endWord()
			for i < len(text) && text[i] == ' ' {
				i++
			}
			w.gap = appendSpan(w.gap, s, text[:i])
			w.gapW += i
			text = text[i:]
		case '\n':
			w.endWord()
			w.flush(false)
			text = text[1:]
		default:
			g, rest, n, _ := uniseg.FirstGraphemeClusterInString(text, -1)
			if n > 1 {
				n = cells(g)
				w.endWord()
				w.addWord(s, g, n)
				if !closing(rest) {
					w.endWord()
				}
			} else {
				w.addWord(s, g, n)
			}
			text = rest
		}
	}
}

// closing reports whether s begins with a mark that may not begin a line.
func closing(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("、。，．！？）」』】〉》・：；…”’", r)
}

func (w *wrapper) addWord(s Span, text string, n int) {
	w.word = appendSpan(w.word, s, text)
	w.wide += n
}

// longSpan is from where on a span is not made longer, as its text is copied
// each time.
const longSpan = 1 << 10

func appendSpan(list []Span, s Span, text string) []Span {
	if n := len(list); n > 0 && list[n-1].Style == s.Style && list[n-1].Link == s.Link && len(list[n-1].Text) < longSpan {
		list[n-1].Text += text
		return list
	}
	return append(list, Span{Text: text, Style: s.Style, Link: s.Link})
}

func (w *wrapper) endWord() {
	if len(w.word) == 0 {
		return
	}
	if w.width > 0 && w.used > 0 && w.used+w.gapW+w.wide > w.width {
		joined := w.gapW == 0
		w.flush(true)
		w.glue = joined
	}
	if w.width > 0 && w.used == 0 && w.gapW > w.width/2 {
		w.gap, w.gapW = nil, 0 // too deep an indent to leave room for words
	}
	w.put(w.gap, w.gapW) // an indent, or the blanks between two words
	w.gap, w.gapW = nil, 0
	if w.width > 0 && w.wide > w.width-w.used {
		w.breakWord()
	} else {
		w.put(w.word, w.wide)
	}
	w.word, w.wide = nil, 0
}

func (w *wrapper) put(list []Span, n int) {
	for _, s := range list {
		w.line = appendSpan(w.line, s, s.Text)
	}
	w.used += n
}

// breakWord puts a word that is longer than a line over several.
func (w *wrapper) breakWord() {
	for _, s := range w.word {
		for text := s.Text; text != ""; {
			g, rest, n, _ := uniseg.FirstGraphemeClusterInString(text, -1)
			if len(g) > 1 {
				n = cells(g)
			}
			if w.used+n > w.width && w.used > 0 {
				w.flush(true)
				w.glue = true
			}
			w.line = appendSpan(w.line, s, g)
			w.used += n
			text = rest
		}
	}
}

// flush ends a line. The blanks at which it was broken are dropped. goesOn says
// that it was broken for want of room.
func (w *wrapper) flush(goesOn bool) {
	w.lines = append(w.lines, Line{Spans: w.line, more: w.more, glued: w.more && w.glue})
	w.line, w.used, w.more, w.glue = nil, 0, goesOn, false
	w.gap, w.gapW = nil, 0
}
