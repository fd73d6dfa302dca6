package message

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

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
	var walk func(*html.Node, int, bool)
	walk = func(p *html.Node, depth int, mute bool) {
		for c := p.FirstChild; c != nil && b.Len() < mostWords && depth < 60; c = c.NextSibling {
			switch {
			case c.Type == html.TextNode && !mute:
				b.WriteString(c.Data)
			case c.Type == html.ElementNode:
				s := sightOf(c)
				if s == unseen {
					continue
				}
				if c.DataAtom != atom.B && c.DataAtom != atom.Span && c.DataAtom != atom.Font && c.DataAtom != atom.I && c.DataAtom != atom.U {
					b.WriteByte(' ')
				}
				walk(c, depth+1, s.mutes(mute))
			}
		}
	}
	walk(n, 0, sightOf(n).mutes(false))
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
