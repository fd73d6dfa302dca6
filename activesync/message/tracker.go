package message

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// trackers counts what a page would fetch from elsewhere although nobody sees
// it: pictures of no size, pictures in what is hidden, and backgrounds, which a
// terminal does not draw. Each address counts once.
func trackers(doc *html.Node) int {
	found := map[string]bool{}
	var walk func(n *html.Node, unseen bool, depth int)
	walk = func(n *html.Node, unseen bool, depth int) {
		if depth > maxNesting {
			return
		}
		if n.Type == html.ElementNode {
			unseen = unseen || hidden(n)
			for _, a := range n.Attr {
				switch {
				case a.Key == "background":
					noteTracker(found, a.Val)
				case a.Key == "style":
					for _, src := range cssURLs(a.Val) {
						noteTracker(found, src)
					}
				case a.Key == "src" && n.DataAtom == atom.Img && (unseen || tiny(n)):
					noteTracker(found, a.Val)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, unseen, depth+1)
		}
	}
	walk(doc, false, 0)
	return len(found)
}

func noteTracker(found map[string]bool, src string) {
	if src = strings.TrimSpace(src); remote(src) {
		found[src] = true
	}
}

// cssURLs are the addresses in the declarations of a style.
func cssURLs(style string) (out []string) {
	style = strings.ReplaceAll(style, "URL(", "url(")
	for {
		i := strings.Index(style, "url(")
		if i < 0 {
			return out
		}
		rest := style[i+4:]
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return out
		}
		out = append(out, strings.Trim(strings.TrimSpace(rest[:end]), `"'`))
		style = rest[end:]
	}
}

// tiny reports whether a picture is a tracker rather than a picture.
func tiny(n *html.Node) bool {
	for _, name := range []string{"width", "height"} {
		if v := attr(n, name); v != "" && zeroLength(v, 2) {
			return true
		}
	}
	for decl := range strings.SplitSeq(strings.ToLower(attr(n, "style")), ";") {
		name, value, _ := strings.Cut(decl, ":")
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		if name = strings.TrimSpace(name); (name == "width" || name == "height") && !strings.HasSuffix(value, "%") && zeroLength(value, 2) {
			return true
		}
	}
	return false
}
