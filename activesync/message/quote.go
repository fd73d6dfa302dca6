package message

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// quoteBlock sets an element as a quote.
func (h *htmlRenderer) quoteBlock(n *html.Node, st Style, link int) {
	h.flush()
	h.gap()
	h.quote++
	h.block(n, st, link, false)
	h.quote--
	h.gap()
}

// quoting reports whether a blockquote quotes. Editors also use it to indent.
func quoting(n *html.Node) bool {
	if attr(n, "cite") != "" || strings.EqualFold(attr(n, "type"), "cite") || strings.Contains(attr(n, "class"), "quote") {
		return true
	}
	style := squeezed(attr(n, "style"))
	return !strings.Contains(style, "border:none") && !strings.Contains(style, "border:0") || strings.Contains(style, "border-left:")
}

// leftBorder reports whether a block has a line down its left side only, by
// which Outlook and others mark what they quote.
func leftBorder(n *html.Node) bool {
	style := attr(n, "style")
	if len(style) < 12 {
		return false
	}
	style = squeezed(style)
	i := strings.Index(style, "border-left:")
	if i < 0 || strings.Contains(style, "border-top:solid") || strings.Contains(style, "border-right:solid") {
		return false
	}
	value, _, _ := strings.Cut(style[i+len("border-left:"):], ";")
	return strings.Contains(value, "solid") && !strings.HasPrefix(value, "0") && !strings.Contains(value, "solid0")
}

func squeezed(style string) string { return strings.ReplaceAll(strings.ToLower(style), " ", "") }

// The ids and classes by which mail programs mark where an earlier message
// begins. Outlook on the web puts x_ before those of messages it quotes.
var (
	earlierIDs     = []string{"divrplyfwdmsg", "mail-editor-reference-message-container", "olk_src_body_section", "replymessageheader", "yahoo_quoted"}
	earlierClasses = []string{"gmail_quote", "gmail_attr", "gmail_extra", "moz-cite-prefix", "moz-forward-container", "outlookmessageheader", "yahoo_quoted",
		"protonmail_quote", "zmail_extra", "tutanota_quote", "qt_quote"}
)

// earlier reports whether an element begins an earlier message.
func earlier(n *html.Node) bool {
	if n.DataAtom != atom.Div && n.DataAtom != atom.Blockquote && n.DataAtom != atom.Span && n.DataAtom != atom.Table {
		return false
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "id":
			id := strings.ToLower(strings.TrimPrefix(a.Val, "x_"))
			for _, e := range earlierIDs {
				if strings.HasPrefix(id, e) {
					return true
				}
			}
		case "class":
			for class := range strings.FieldsSeq(strings.ToLower(a.Val)) {
				class = strings.TrimPrefix(class, "x_")
				for _, e := range earlierClasses {
					if strings.HasPrefix(class, e) {
						return true
					}
				}
			}
		case "style":
			if style := a.Val; len(style) > 16 && strings.Contains(style, "border-top") {
				s := squeezed(style)
				if strings.Contains(s, "border:none") && strings.Contains(s, "border-top:solid") {
					return true
				}
			}
		}
	}
	return false
}

// quotedPart is a piece of inline text with one depth of >.
type quotedPart struct {
	run   []Span
	quote int
}

// quotedParts cuts an inline text where its lines begin with >, as they do in
// plain text that a server made HTML of.
func (h *htmlRenderer) quotedParts(run []Span) []quotedPart {
	if h.inline || !marksQuotes(run) {
		return []quotedPart{{run: run}}
	}
	var out []quotedPart
	for _, line := range hardLines(run) {
		depth := 0
		if len(line) > 0 {
			depth, line[0].Text = quoteDepth(line[0].Text)
		}
		if n := len(out); n > 0 && out[n-1].quote == depth {
			out[n-1].run = append(append(out[n-1].run, Span{Text: "\n"}), line...)
			continue
		}
		out = append(out, quotedPart{run: line, quote: depth})
	}
	return out
}

// marksQuotes reports whether any line of a run begins with >.
func marksQuotes(run []Span) bool {
	begin := true
	for _, s := range run {
		if begin && strings.HasPrefix(s.Text, ">") || strings.Contains(s.Text, "\n>") {
			return true
		}
		if s.Text != "" {
			begin = strings.HasSuffix(s.Text, "\n")
		}
	}
	return false
}

// hardLines cuts a run at its line feeds.
func hardLines(run []Span) [][]Span {
	out := [][]Span{nil}
	for _, s := range run {
		for i, text := range strings.Split(s.Text, "\n") {
			if i > 0 {
				out = append(out, nil)
			}
			if text != "" {
				s.Text = text
				out[len(out)-1] = append(out[len(out)-1], s)
			}
		}
	}
	return out
}
