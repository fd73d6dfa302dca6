package message

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// renderHTML sets HTML for reading. Nothing is fetched, no script runs, what
// is hidden stays hidden.
func renderHTML(src string, o RenderOptions) *Rendered {
	r := &Rendered{}
	doc, err := html.Parse(strings.NewReader(src))
	if err != nil {
		r = renderPlain(src, o)
		r.Note = "The HTML of this message could not be read: " + err.Error()
		return r
	}
	h := &htmlRenderer{r: r, o: o, links: linker{r: r, numbers: o.Numbers}}
	h.children(doc, Style{}, 0)
	h.flush()
	for len(r.Lines) > 0 && len(r.Lines[len(r.Lines)-1].Spans) == 0 {
		r.Lines = r.Lines[:len(r.Lines)-1]
	}
	return r
}

// maxNesting is how deep elements may lie inside each other; what is deeper
// is left out.
const maxNesting = 400

// htmlRenderer lays blocks out line by line.
type htmlRenderer struct {
	r     *Rendered
	o     RenderOptions
	links linker

	run    []Span // the inline text of the block at hand
	blank  bool   // run ends in a blank, or is empty: another is dropped
	margin bool   // an empty line comes before the next block
	quote  int
	indent int    // cells
	marker string // of a list item, for its first line
	lists  []list
	pre    int
	depth  int
	inline bool // in a cell of a table: everything stays in run
	mark   bool // the next line begins an earlier message
}

type list struct {
	ordered bool
	n       int
}

func (h *htmlRenderer) children(n *html.Node, st Style, link int) {
	if h.depth++; h.depth <= maxNesting {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			h.node(c, st, link)
		}
	}
	h.depth--
}

func (h *htmlRenderer) node(n *html.Node, st Style, link int) {
	switch n.Type {
	case html.TextNode:
		h.text(n.Data, st, link)
	case html.ElementNode:
		if hidden(n) {
			return
		}
		if earlier(n) {
			h.flush()
			h.mark = true
		}
		h.element(n, st, link)
	case html.DocumentNode:
		h.children(n, st, link)
	}
}

func (h *htmlRenderer) element(n *html.Node, st Style, link int) {
	switch n.DataAtom {
	case atom.Head, atom.Script, atom.Style, atom.Title, atom.Template, atom.Noscript, atom.Object, atom.Embed, atom.Iframe,
		atom.Svg, atom.Math, atom.Audio, atom.Video, atom.Canvas, atom.Map, atom.Select, atom.Datalist:
		return
	case atom.Br:
		h.run = appendSpan(h.run, Span{}, "\n")
		h.blank = true
	case atom.Hr:
		h.flush()
		width := 40
		if h.o.Width > 0 {
			width = max(h.o.Width-h.indent-2*h.quote, 8)
		}
		h.emit(Line{Spans: []Span{{Text: strings.Repeat("─", width), Style: Style{Dim: true}}}})
	case atom.B, atom.Strong, atom.Th, atom.Dt:
		st.Bold = true
		if n.DataAtom == atom.Th || n.DataAtom == atom.Dt {
			h.block(n, st, link, false)
			return
		}
		h.children(n, st, link)
	case atom.I, atom.Em, atom.Cite, atom.Var, atom.Dfn, atom.Address:
		st.Italic = true
		h.children(n, st, link)
	case atom.U, atom.Ins:
		st.Underline = true
		h.children(n, st, link)
	case atom.S, atom.Strike, atom.Del:
		st.Strike = true
		h.children(n, st, link)
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		st.Code = true
		h.children(n, st, link)
	case atom.Small, atom.Sup, atom.Sub:
		h.children(n, st, link)
	case atom.A:
		h.link(n, st)
	case atom.Img, atom.Input:
		h.image(n, link)
	case atom.Pre, atom.Xmp, atom.Listing, atom.Plaintext, atom.Textarea:
		h.flush()
		h.pre++
		h.block(n, st, link, true)
		h.pre--
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		st.Bold, st.Heading = true, n.Data[1]-'0'
		h.block(n, st, link, true)
	case atom.P, atom.Dl, atom.Figure, atom.Fieldset:
		h.block(n, st, link, true)
	case atom.Blockquote:
		if !quoting(n) {
			h.flush()
			h.gap()
			h.indent += 2
			h.block(n, st, link, false)
			h.indent -= 2
			h.gap()
			return
		}
		h.quoteBlock(n, st, link)
	case atom.Ul, atom.Ol, atom.Menu, atom.Dir:
		h.list(n, st, link)
	case atom.Li:
		h.item(n, st, link)
	case atom.Dd:
		h.flush()
		h.indent += 2
		h.block(n, st, link, false)
		h.indent -= 2
	case atom.Table:
		h.table(n, st, link)
	case atom.Div, atom.Tr, atom.Td, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Nav, atom.Main, atom.Aside,
		atom.Center, atom.Form, atom.Caption, atom.Details, atom.Summary, atom.Body, atom.Html, atom.Tbody, atom.Thead, atom.Tfoot,
		atom.Option, atom.Legend, atom.Hgroup, atom.Figcaption:
		if n.DataAtom == atom.Div && leftBorder(n) {
			h.quoteBlock(n, st, link)
			return
		}
		h.block(n, st, link, false)
	default:
		h.children(n, st, link)
	}
}

// block lays out an element that begins and ends a line; spaced ones have an
// empty line before and after.
func (h *htmlRenderer) block(n *html.Node, st Style, link int, spaced bool) {
	h.flush()
	if spaced {
		h.gap()
	}
	h.children(n, st, link)
	h.flush()
	if spaced {
		h.gap()
	}
}

func (h *htmlRenderer) gap() { h.margin = len(h.r.Lines) > 0 }

// text adds inline text, white space folded outside pre.
func (h *htmlRenderer) text(s string, st Style, link int) {
	if h.pre > 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
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

func (h *htmlRenderer) link(n *html.Node, st Style) {
	url := strings.TrimSpace(attr(n, "href"))
	if !followed(url) {
		h.children(n, st, 0)
		return
	}
	before, lines := len(h.run), len(h.r.Lines)
	known := len(h.r.Links)
	number := h.links.add("", url)
	st.Underline = true
	h.children(n, st, number)
	var text strings.Builder
	for _, s := range h.run[min(before, len(h.run)):] {
		text.WriteString(s.Text)
	}
	if len(h.run) > 0 && before > 0 && text.Len() == 0 && len(h.r.Lines) == lines {
		// The text went into the span before it.
		text.WriteString(h.run[len(h.run)-1].Text)
	}
	if number > known && h.r.Links[number-1].Text == "" {
		h.r.Links[number-1].Text = strings.TrimSpace(text.String())
		if h.r.Links[number-1].Text == "" {
			h.r.Links[number-1].Text = nodeText(n)
		}
	}
	if h.o.Numbers && (strings.TrimSpace(text.String()) != "" || len(h.r.Lines) > lines) {
		h.run = appendSpan(h.run, Span{Style: Style{Dim: true}, Link: number}, "["+strconv.Itoa(number)+"]")
		h.blank = false
		h.warn(Link{Text: nodeText(n), URL: url})
	}
}

// warn says behind a link where it leads, if that is elsewhere than it seems.
func (h *htmlRenderer) warn(l Link) {
	d, ok := l.Deceit()
	if !ok {
		return
	}
	if len(h.run) > 0 {
		h.run = appendSpan(h.run, Span{}, " ")
	}
	h.run = appendSpan(h.run, Span{Style: Style{Warn: true}}, "▲ "+Clean(d.Words()))
	h.blank = false
}

// mostWords bounds the text of a link that is compared with its target.
const mostWords = 400

// nodeText is what an element says, in one line.
func nodeText(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node, int)
	walk = func(p *html.Node, depth int) {
		for c := p.FirstChild; c != nil && b.Len() < mostWords && depth < 60; c = c.NextSibling {
			switch {
			case c.Type == html.TextNode:
				b.WriteString(c.Data)
			case c.Type == html.ElementNode && !hidden(c):
				if c.DataAtom != atom.B && c.DataAtom != atom.Span && c.DataAtom != atom.Font && c.DataAtom != atom.I && c.DataAtom != atom.U {
					b.WriteByte(' ')
				}
				walk(c, depth+1)
			}
		}
	}
	walk(n, 0)
	return strings.Join(strings.Fields(Clean(b.String())), " ")
}

// followed reports whether a link leads anywhere a person may want to go.
func followed(url string) bool {
	scheme, _, ok := strings.Cut(strings.ToLower(url), ":")
	if !ok {
		return false
	}
	switch scheme {
	case "http", "https", "mailto", "tel", "ftp", "sip", "sips", "xmpp", "matrix", "webcal", "msteams", "zoommtg":
		return true
	}
	return false
}

// image shows the words of a picture. A picture from elsewhere is counted.
func (h *htmlRenderer) image(n *html.Node, link int) {
	if n.DataAtom == atom.Input {
		if t := strings.ToLower(attr(n, "type")); t == "submit" || t == "button" {
			h.text("["+attr(n, "value")+"]", Style{}, link)
		}
		return
	}
	src := strings.TrimSpace(attr(n, "src"))
	switch {
	case remote(src) && tiny(n):
		h.r.Trackers++
		return
	case tiny(n):
		return
	case remote(src):
		h.r.Remote = append(h.r.Remote, src)
	case embedded(src):
		h.r.Embedded = append(h.r.Embedded, src)
	}
	if h.picture(n, src, link) {
		return
	}
	if alt := strings.TrimSpace(Clean(attr(n, "alt"))); alt != "" {
		h.run = appendSpan(h.run, Span{Style: Style{Dim: true}, Link: link}, "["+alt+"]")
		h.blank = false
	}
}

// remote reports whether a picture would have to be fetched from elsewhere.
func remote(src string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(src), ":")
	return scheme == "http" || scheme == "https" || strings.HasPrefix(src, "//")
}

// embedded reports whether a picture lies in the message.
func embedded(src string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(src[:min(len(src), 5)]), ":")
	return scheme == "cid" || scheme == "data"
}

// picture leaves room for a picture that can be drawn. It reports false where
// there is none, or where one would stand inside a line.
func (h *htmlRenderer) picture(n *html.Node, src string, link int) bool {
	if h.o.Picture == nil || h.inline || src == "" {
		return false
	}
	room := 0
	if h.o.Width > 0 {
		room = h.o.Width - h.indent - 2*h.quote
	}
	cols, rows := h.o.Picture(src, pixels(attr(n, "width")), pixels(attr(n, "height")), room)
	if cols < 4 || rows < 2 {
		return false // an icon
	}
	h.flush()
	alt := strings.TrimSpace(Clean(attr(n, "alt")))
	h.r.Pictures = append(h.r.Pictures, Picture{Source: src, Cols: cols, Rows: rows})
	if alt == "" {
		alt = "picture"
	}
	for row := range rows {
		l := Line{Picture: len(h.r.Pictures), Row: row}
		if row == 0 {
			l.Spans = []Span{{Text: "[" + alt + "]", Style: Style{Dim: true}, Link: link}}
		}
		h.emit(l)
	}
	return true
}

// pixels is a length of HTML, 0 where it is none in pixels.
func pixels(v string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(v), "px"))
	if err != nil || n < 0 || n > 10000 {
		return 0
	}
	return n
}

func (h *htmlRenderer) list(n *html.Node, st Style, link int) {
	outer := len(h.lists) == 0
	h.flush()
	if outer {
		h.gap()
	}
	start, err := strconv.Atoi(attr(n, "start"))
	if err != nil {
		start = 1
	}
	h.lists = append(h.lists, list{ordered: n.DataAtom == atom.Ol, n: start - 1})
	h.children(n, st, link)
	h.flush()
	h.lists = h.lists[:len(h.lists)-1]
	if outer {
		h.gap()
	}
}

func (h *htmlRenderer) item(n *html.Node, st Style, link int) {
	h.flush()
	marker := "• "
	if k := len(h.lists); k > 0 {
		h.lists[k-1].n++
		if h.lists[k-1].ordered {
			marker = strconv.Itoa(h.lists[k-1].n) + ". "
		}
	}
	outer := h.marker
	h.marker = marker
	width := cells(marker)
	h.indent += width
	h.children(n, st, link)
	h.flush()
	h.indent -= width
	h.marker = outer
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
			width = max(h.o.Width-h.indent-2*(h.quote+part.quote), 8)
		}
		for _, l := range wrap(part.run, width) {
			l.Quote = part.quote
			h.emit(l)
		}
	}
}

// emit writes one line, with the empty line, the indent and the list marker
// that come before it. Its Quote is added to that of the blocks around it.
func (h *htmlRenderer) emit(l Line) {
	if h.inline {
		return
	}
	l.Quote += h.quote
	if h.margin {
		h.margin = false
		if n := len(h.r.Lines); n > 0 && len(h.r.Lines[n-1].Spans) > 0 {
			h.r.Lines = append(h.r.Lines, Line{Quote: min(l.Quote, h.r.Lines[n-1].Quote)})
		}
	}
	if len(l.Spans) > 0 && h.indent > 0 {
		pad := h.indent
		if h.marker != "" {
			pad -= cells(h.marker)
		}
		lead := strings.Repeat(" ", max(pad, 0)) + h.marker
		h.marker = ""
		if cells(lead) < h.indent {
			lead += strings.Repeat(" ", h.indent-cells(lead))
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

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
