package message

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// space is what becomes of blanks and line ends in a text (CSS white-space).
type space uint8

const (
	together space = iota // they become one blank
	broken                // blanks do, line ends stay
	kept
)

// spaceOf is what an element says of that, around being what is so around it.
func spaceOf(n *html.Node, around space) space {
	switch n.DataAtom {
	case atom.Pre, atom.Xmp, atom.Listing, atom.Plaintext, atom.Textarea:
		around = kept
	}
	style := attr(n, "style")
	if len(style) < len("white-space") {
		return around
	}
	for decl := range strings.SplitSeq(strings.ToLower(style), ";") {
		name, value, _ := strings.Cut(decl, ":")
		if strings.TrimSpace(name) != "white-space" {
			continue
		}
		switch strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important")) {
		case "pre", "pre-wrap", "break-spaces", "-moz-pre-wrap":
			around = kept
		case "pre-line":
			around = broken
		case "normal", "nowrap", "initial":
			around = together
		}
	}
	return around
}

// endsInDigit reports whether the text so far does.
func (h *htmlRenderer) endsInDigit() bool {
	if len(h.run) == 0 {
		return false
	}
	text := h.run[len(h.run)-1].Text
	return text != "" && text[len(text)-1] >= '0' && text[len(text)-1] <= '9'
}

// text adds inline text, white space as the element has it.
func (h *htmlRenderer) text(s string, st Style, link int) {
	if h.space != together {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if h.space == broken && strings.Contains(s, "\n") {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				h.run = appendSpan(h.run, Span{}, "\n")
				h.blank = true
			}
			h.text(line, st, link)
		}
		return
	}
	if h.space == kept {
		h.run = appendSpan(h.run, Span{Style: st, Link: link}, expandTabs(CleanText(s)))
		h.blank = false
		return
	}
	if len(h.run) == 0 {
		h.blank = true
	}
	s = Clean(s)
	var b strings.Builder
	for _, r := range s {
		if r == ' ' || r == '\t' {
			if !h.blank {
				b.WriteByte(' ')
			}
			h.blank = true
			continue
		}
		if r == 0xA0 {
			r = ' '
		}
		b.WriteRune(r)
		h.blank = false
	}
	if b.Len() > 0 {
		h.run = appendSpan(h.run, Span{Style: st, Link: link}, b.String())
	}
}

// flush sets the inline text of the block at hand.
func (h *htmlRenderer) flush() {
	if h.inline {
		if !h.blank {
			h.run = appendSpan(h.run, Span{}, " ")
			h.blank = true
		}
		return
	}
	run := trimRun(h.run)
	h.run, h.blank = nil, true
	if len(run) == 0 {
		return
	}
	for _, part := range h.quotedParts(run) {
		width := 0
		if h.o.Width > 0 {
			width = max(h.o.Width-h.left()-2*part.quote, 8)
		}
		for _, l := range wrap(part.run, width) {
			l.Quote = part.quote
			h.emit(l)
		}
	}
}

// maxIndent is how far a line begins from the left at most: what a few bytes move
// far to the right would fill the memory with blanks.
const maxIndent = 48

// left is how many cells of a line its indent and its quotes take.
func (h *htmlRenderer) left() int { return min(h.indent, maxIndent) + 2*min(h.quote, maxQuote) }

// emit writes one line, with the empty line, the indent and the list marker
// that come before it. Its Quote is added to that of the blocks around it.
func (h *htmlRenderer) emit(l Line) {
	if h.inline {
		return
	}
	l.Quote = min(l.Quote+h.quote, maxQuote)
	if h.margin {
		h.margin = false
		if n := len(h.r.Lines); n > 0 && len(h.r.Lines[n-1].Spans) > 0 {
			h.r.Lines = append(h.r.Lines, Line{Quote: min(l.Quote, h.r.Lines[n-1].Quote)})
		}
	}
	if indent := min(h.indent, maxIndent); len(l.Spans) > 0 && indent > 0 {
		pad := indent
		if h.marker != "" {
			pad -= cells(h.marker)
		}
		lead := strings.Repeat(" ", max(pad, 0)) + h.marker
		h.marker = ""
		if cells(lead) < indent {
			lead += strings.Repeat(" ", indent-cells(lead))
		}
		l.Spans = append([]Span{{Text: lead}}, l.Spans...)
	}
	l.mark, h.mark = h.mark, false
	h.r.Lines = append(h.r.Lines, l)
}

// trimRun takes blanks and line ends off both ends of an inline text.
func trimRun(run []Span) []Span {
	for len(run) > 0 {
		last := &run[len(run)-1]
		last.Text = strings.TrimRight(last.Text, " \n")
		if last.Text != "" {
			break
		}
		run = run[:len(run)-1]
	}
	for len(run) > 0 {
		run[0].Text = strings.TrimLeft(run[0].Text, "\n")
		if run[0].Text != "" {
			break
		}
		run = run[1:]
	}
	return run
}
