package message

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

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

// mostDrawn bounds how many pictures of a text are drawn: one that came may stand
// in it any number of times.
const mostDrawn = 200

// picture leaves room for a picture that can be drawn. It reports false where
// there is none, or where one would stand inside a line.
func (h *htmlRenderer) picture(n *html.Node, src string, link int) bool {
	if h.o.Picture == nil || h.inline || src == "" || len(h.r.Pictures) == mostDrawn {
		return false
	}
	room := 0
	if h.o.Width > 0 {
		room = h.o.Width - h.left()
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
