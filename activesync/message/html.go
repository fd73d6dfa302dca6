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
	r.Trackers = trackers(doc)
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
	space  space
	depth  int
	inline bool // in a cell of a table: everything stays in run
	mute   bool // the text at hand has no size
	mark   bool // the next line begins an earlier message
	rule   string
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
		if !h.mute {
			h.text(n.Data, st, link)
		}
	case html.ElementNode:
		s, around := sightOf(n), h.mute
		if s == unseen {
			return
		}
		space := h.space
		h.mute, h.space = s.mutes(around), spaceOf(n, space)
		defer func() { h.mute, h.space = around, space }()
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
			width = max(h.o.Width-h.left(), 8)
		}
		if len(h.rule) < len("─")*width {
			h.rule = strings.Repeat("─", width)
		}
		h.emit(Line{Spans: []Span{{Text: h.rule[:len("─")*width], Style: Style{Dim: true}}}})
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
	case atom.Small, atom.Sub:
		h.children(n, st, link)
	case atom.Sup:
		if h.endsInDigit() && strings.ContainsAny(firstRunes(nodeText(n), 1), "0123456789") {
			h.run = appendSpan(h.run, Span{Style: st, Link: link}, "^") // 10^3 is not 103
		}
		h.children(n, st, link)
	case atom.A:
		h.link(n, st)
	case atom.Img, atom.Input:
		h.image(n, link)
	case atom.Pre, atom.Xmp, atom.Listing, atom.Plaintext, atom.Textarea:
		h.flush()
		h.block(n, st, link, true)
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

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
