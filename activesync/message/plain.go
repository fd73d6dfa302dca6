package message

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Preview is how the message begins: the first most characters of PlainText,
// its blanks folded.
func (m *Mail) Preview(most int) string {
	if m.Text != "" && !m.Flowed { // mostly a small part of it is enough
		for n := 4*most + 64; n < len(m.Text); n *= 8 {
			end := n
			for end > n-utf8.UTFMax && !utf8.RuneStart(m.Text[end]) { // not further: what goes on is no letter
				end--
			}
			if s := strings.Join(strings.Fields(CleanText(m.Text[:end])), " "); utf8.RuneCountInString(s) > most {
				return firstRunes(s, most)
			}
		}
	}
	return firstRunes(strings.Join(strings.Fields(m.PlainText()), " "), most)
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// renderPlain sets plain text: quotes with their depth, signatures dimmed,
// links found.
func renderPlain(s string, o RenderOptions) *Rendered {
	s = CleanText(strings.ReplaceAll(s, "\r\n", "\n"))
	if o.Flowed {
		s = unflow(s, o.DelSp)
	}
	s = strings.TrimRight(s, "\n ")
	r := &Rendered{}
	links := linker{r: r, numbers: o.Numbers}
	signature := false
	for line := range strings.SplitSeq(s, "\n") {
		depth, text := quoteDepth(line)
		if line == "-- " || line == "--" {
			signature = true
		}
		st := Style{Dim: signature && depth == 0}
		text = expandTabs(text)
		width := o.Width
		if width > 0 {
			width = max(width-2*depth, 8)
		}
		for _, l := range wrap(links.split(text, st), width) {
			l.Quote = depth
			r.Lines = append(r.Lines, l)
		}
	}
	return r
}

// maxQuote is how deep a line is quoted at most: each depth takes room.
const maxQuote = 20

// quoteDepth counts the > a line begins with and takes them off.
func quoteDepth(line string) (int, string) {
	depth := 0
	rest := line
	for {
		t := strings.TrimPrefix(rest, " ")
		if !strings.HasPrefix(t, ">") {
			break
		}
		rest = t[1:]
		depth++
	}
	if depth == 0 {
		return 0, line
	}
	return min(depth, maxQuote), strings.TrimPrefix(rest, " ")
}

func expandTabs(s string) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var b strings.Builder
	col := 0
	for piece := range strings.SplitAfterSeq(s, "\t") {
		text, tab := strings.CutSuffix(piece, "\t")
		b.WriteString(text)
		col += cells(text)
		if tab {
			n := 8 - col%8
			b.WriteString(strings.Repeat(" ", n))
			col += n
		}
	}
	return b.String()
}

// unflow joins the lines of format=flowed (RFC 3676 4): a line that ends in a
// blank goes on in the next of the same quote depth.
func unflow(s string, delSp bool) string {
	var out strings.Builder
	open, depthOpen := false, 0
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		depth, text := 0, line
		for strings.HasPrefix(text, ">") {
			text = text[1:]
			depth++
		}
		text = strings.TrimPrefix(text, " ") // space-stuffed
		signature := text == "-- "
		goesOn := strings.HasSuffix(text, " ") && !signature
		if goesOn && delSp {
			text = strings.TrimSuffix(text, " ")
		}
		if open && depth == depthOpen && !signature {
			out.WriteString(text)
		} else {
			if out.Len() > 0 {
				out.WriteByte('\n')
			}
			out.WriteString(strings.Repeat(">", depth))
			if depth > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(text)
		}
		open, depthOpen = goesOn, depth
	}
	return out.String()
}

var linkPattern = pattern(`(?i)\b(https?://|ftp://|mailto:|www\.)[^\s<>"\x60{}|\\^\[\]]+`)

// linker numbers links. The same target keeps its number.
type linker struct {
	r       *Rendered
	numbers bool
	known   map[string]int
}

func (l *linker) add(text, url string) int {
	if n, ok := l.known[url]; ok {
		return n
	}
	if l.known == nil {
		l.known = map[string]int{}
	}
	l.r.Links = append(l.r.Links, Link{Text: Clean(text), URL: url})
	l.known[url] = len(l.r.Links)
	return len(l.r.Links)
}

// split sets off the links of a plain text.
func (l *linker) split(s string, st Style) []Span {
	var out []Span
	at := 0
	if strings.Contains(s, ":") || strings.Contains(s, "ww.") {
		for _, m := range linkPattern().FindAllStringIndex(s, -1) {
			text := trimLink(s[m[0]:m[1]])
			url := text
			if strings.HasPrefix(strings.ToLower(text), "www.") {
				url = "https://" + text
			}
			if m[0] > at {
				out = append(out, Span{Text: s[at:m[0]], Style: st})
			}
			out = append(out, l.spans(text, url, st)...)
			at = m[0] + len(text)
		}
	}
	return append(out, Span{Text: s[at:], Style: st})
}

// spans is a link's text, with its number behind it where that is wanted.
func (l *linker) spans(text, url string, st Style) []Span {
	n := l.add(text, url)
	st.Underline = true
	out := []Span{{Text: text, Style: st, Link: n}}
	if l.numbers {
		out = append(out, Span{Text: "[" + strconv.Itoa(n) + "]", Style: Style{Dim: true}, Link: n})
	}
	return out
}

// trimLink takes off what ends a sentence rather than a link.
func trimLink(s string) string {
	unpaired := strings.Count(s, ")") - strings.Count(s, "(")
	for {
		t := strings.TrimRight(s, ".,;:!?'*_")
		if unpaired > 0 && strings.HasSuffix(t, ")") {
			t = t[:len(t)-1]
			unpaired--
		}
		if t == s {
			return s
		}
		s = t
	}
}
