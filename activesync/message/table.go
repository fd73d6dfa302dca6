package message

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The bounds within which a table is taken for one of data. Larger ones are
// read cell by cell, as layout is.
const (
	maxTableRows    = 2000
	maxTableColumns = 24
	maxCell         = 400 // characters
)

// table shows a table of data as columns, and dissolves one that only lays
// out a page.
func (h *htmlRenderer) table(n *html.Node, st Style, link int) {
	rows, ok := dataTable(n)
	if !ok {
		h.block(n, st, link, false)
		return
	}
	remote, embedded := len(h.r.Remote), len(h.r.Embedded)
	dissolve := func() { // what the cells have is met again
		h.r.Remote, h.r.Embedded = h.r.Remote[:remote], h.r.Embedded[:embedded]
		h.block(n, st, link, false)
	}
	cellsOf := make([][][]Span, len(rows))
	widths := []int{}
	for i, row := range rows {
		cellsOf[i] = make([][]Span, len(row))
		for j, cell := range row {
			cellsOf[i][j] = h.cell(cell, st)
			for len(widths) <= j {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], runWidth(cellsOf[i][j]))
		}
	}
	if len(widths) < 2 || slices.Max(widths) > maxCell { // the words of a picture can be long
		dissolve()
		return
	}
	if h.o.Width > 0 {
		if room := h.o.Width - h.left(); room < 6*len(widths) || !fit(widths, room-2*(len(widths)-1)) {
			dissolve()
			return
		}
	}
	h.flush()
	h.gap()
	for c := range n.ChildNodes() {
		if c.DataAtom == atom.Caption {
			h.node(c, st, link)
		}
	}
	right := figures(cellsOf, len(widths))
	for _, row := range cellsOf {
		h.row(row, widths, right)
	}
	h.gap()
}

// cell reads the inline text of a cell.
func (h *htmlRenderer) cell(n *html.Node, st Style) []Span {
	c := &htmlRenderer{r: h.r, o: h.o, links: h.links, depth: h.depth, blank: true, inline: true, mute: sightOf(n).mutes(h.mute), space: spaceOf(n, h.space)}
	if n.DataAtom == atom.Th {
		st.Bold = true
	}
	c.children(n, st, 0)
	h.links = c.links
	return trimRun(c.run)
}

// figures tells the columns that hold numbers below their heads: those stand at
// the right, so that their digits stand below each other.
func figures(rows [][][]Span, columns int) []bool {
	out := make([]bool, columns)
	for j := range out {
		numbers := 0
		for i, row := range rows {
			if j >= len(row) || len(row[j]) == 0 {
				continue
			}
			switch {
			case figure(row[j]):
				numbers++
			case i > 0:
				numbers = -len(rows)
			}
		}
		out[j] = numbers > 0
	}
	return out
}

// figure reports whether a cell holds a number, with its signs and unit.
func figure(cell []Span) bool {
	digits := 0
	for _, s := range cell {
		for _, r := range s.Text {
			switch {
			case r >= '0' && r <= '9':
				digits++
			case !strings.ContainsRune(" .,'’+-−%()€$£¥\u00a0\u202f", r):
				return false
			}
		}
	}
	return digits > 0
}

// row sets the cells of a row side by side.
func (h *htmlRenderer) row(row [][]Span, widths []int, right []bool) {
	wrapped := make([][]Line, len(row))
	height := 1
	for j, cell := range row {
		width := 0
		if h.o.Width > 0 {
			width = widths[j]
		}
		wrapped[j] = wrap(cell, width)
		height = max(height, len(wrapped[j]))
	}
	for k := range height {
		var line []Span
		for j := range row {
			var part []Span
			if k < len(wrapped[j]) {
				part = wrapped[j][k].Spans
			}
			pad := max(widths[j]-runWidth(part), 0)
			if right[j] && pad > 0 && len(part) > 0 {
				line = appendSpan(line, Span{}, strings.Repeat(" ", pad))
				pad = 0
			}
			line = append(line, part...)
			if j < len(row)-1 {
				line = appendSpan(line, Span{}, strings.Repeat(" ", pad+2))
			}
		}
		h.emit(Line{Spans: line})
	}
}

func runWidth(run []Span) int {
	n, widest := 0, 0
	for _, s := range run {
		for i, piece := range strings.Split(s.Text, "\n") {
			if i > 0 {
				widest, n = max(widest, n), 0
			}
			n += cells(piece)
		}
	}
	return max(widest, n)
}

// fit narrows columns, the widest first, until they have room. It reports
// false where they would become too narrow to read.
func fit(widths []int, room int) bool {
	sum := 0
	for _, w := range widths {
		sum += w
	}
	for sum > room {
		widest := 0
		for j := range widths {
			if widths[j] > widths[widest] {
				widest = j
			}
		}
		second := 4
		for j := range widths {
			if j != widest {
				second = max(second, min(widths[j], widths[widest]-1))
			}
		}
		cut := min(widths[widest]-second, sum-room)
		if cut <= 0 {
			cut = 1
		}
		if widths[widest]-cut < 4 {
			return false
		}
		widths[widest] -= cut
		sum -= cut
	}
	return true
}

// dataTable takes a table apart if it holds data: several rows of several
// cells with little in each, no tables inside.
func dataTable(n *html.Node) ([][]*html.Node, bool) {
	if role := attr(n, "role"); role == "presentation" || role == "none" {
		return nil, false
	}
	var rows [][]*html.Node
	head := false
	ok := true
	var walk func(*html.Node)
	walk = func(p *html.Node) {
		for c := p.FirstChild; c != nil && ok; c = c.NextSibling {
			if c.Type != html.ElementNode || hidden(c) {
				continue
			}
			switch c.DataAtom {
			case atom.Thead, atom.Tbody, atom.Tfoot:
				walk(c)
			case atom.Tr:
				var row []*html.Node
				for d := c.FirstChild; d != nil; d = d.NextSibling {
					if d.Type == html.ElementNode && (d.DataAtom == atom.Td || d.DataAtom == atom.Th) && !hidden(d) {
						head = head || d.DataAtom == atom.Th
						row = append(row, d)
						span := attr(d, "colspan")
						ok = ok && simpleCell(d) && (span == "" || span == "1")
					}
				}
				if len(row) > 0 {
					rows = append(rows, row)
				}
				ok = ok && len(row) <= maxTableColumns && len(rows) <= maxTableRows
			}
		}
	}
	walk(n)
	if !ok || len(rows) < 2 && !head {
		return nil, false
	}
	// A table whose rows mostly have one cell lays something out.
	several := 0
	for _, row := range rows {
		if len(row) > 1 {
			several++
		}
	}
	return rows, several*2 > len(rows)
}

// simpleCell reports whether a cell holds a short text and no blocks of its own.
func simpleCell(n *html.Node) bool {
	left := maxCell
	blocks := 0
	var walk func(*html.Node, int) bool
	walk = func(p *html.Node, depth int) bool {
		if depth > 40 {
			return false
		}
		for c := p.FirstChild; c != nil; c = c.NextSibling {
			switch c.Type {
			case html.TextNode:
				if left -= len(strings.TrimSpace(c.Data)); left < 0 {
					return false
				}
			case html.ElementNode:
				switch c.DataAtom {
				case atom.Table, atom.Ul, atom.Ol, atom.Blockquote, atom.Pre, atom.H1, atom.H2, atom.Hr:
					return false
				case atom.P, atom.Div:
					if blocks++; blocks > 1 {
						return false
					}
				}
				if !walk(c, depth+1) {
					return false
				}
			}
		}
		return true
	}
	return walk(n, 0)
}
