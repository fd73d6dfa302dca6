package message

import (
	"encoding/base64"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"eas.example/securemail/activesync"
)

// SafeHTML makes a page of a message that any browser can show: no scripts, no
// forms, nothing that is loaded from anywhere. picture gives the content of a
// picture that came with the message by its Content-ID; it may be nil.
func SafeHTML(head []HeadLine, b activesync.Body, picture func(id string) (contentType string, data []byte)) []byte {
	var out strings.Builder
	out.WriteString("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">" +
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">` +
		`<meta name="referrer" content="no-referrer">`)
	for _, l := range head {
		if l.Title {
			out.WriteString("<title>" + escapeHTML(Clean(l.Text)) + "</title>")
		}
	}
	out.WriteString("</head><body>\n<table style=\"margin-bottom:1em\">")
	for _, l := range head {
		if l.Text != "" {
			out.WriteString("<tr><td style=\"color:#666;padding-right:1em\">" + escapeHTML(l.Name) + "</td><td>" + escapeHTML(Clean(l.Text)) + "</td></tr>")
		}
	}
	out.WriteString("</table>\n")
	switch src, text := htmlOf(b); {
	case src != "":
		w := safeWriter{out: &out, picture: picture}
		if doc, err := html.Parse(strings.NewReader(src)); err == nil {
			w.children(doc, 0)
		}
	default:
		out.WriteString("<pre style=\"white-space:pre-wrap\">" + escapeHTML(text) + "</pre>")
	}
	out.WriteString("\n</body></html>\n")
	return []byte(out.String())
}

// HeadLine is a line above the text of a page. The Title is its name too.
type HeadLine struct {
	Name, Text string
	Title      bool
}

// htmlOf is the HTML of a body, or its text where it has none.
func htmlOf(b activesync.Body) (src, text string) {
	switch b.Type {
	case activesync.BodyHTML:
		return string(b.Data), ""
	case activesync.BodyMIME:
		m := ParseBytes(b.Data)
		return m.HTML, m.PlainText()
	}
	return "", PlainText(b)
}

// safeElements are those that are kept, without what they may load. Of all
// others only what is in them is kept.
var safeElements = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.Address: true, atom.B: true, atom.Big: true, atom.Blockquote: true, atom.Br: true, atom.Caption: true, atom.Center: true,
	atom.Cite: true, atom.Code: true, atom.Col: true, atom.Colgroup: true, atom.Dd: true, atom.Del: true, atom.Div: true, atom.Dl: true, atom.Dt: true, atom.Em: true,
	atom.Font: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Hr: true, atom.I: true, atom.Img: true,
	atom.Ins: true, atom.Kbd: true, atom.Li: true, atom.Ol: true, atom.P: true, atom.Pre: true, atom.Q: true, atom.S: true, atom.Samp: true, atom.Small: true,
	atom.Span: true, atom.Strike: true, atom.Strong: true, atom.Sub: true, atom.Sup: true, atom.Table: true, atom.Tbody: true, atom.Td: true, atom.Tfoot: true,
	atom.Th: true, atom.Thead: true, atom.Tr: true, atom.Tt: true, atom.U: true, atom.Ul: true,
}

// droppedElements go with all that is in them.
var droppedElements = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Title: true, atom.Template: true, atom.Noscript: true, atom.Object: true, atom.Embed: true, atom.Iframe: true,
	atom.Frame: true, atom.Frameset: true, atom.Svg: true, atom.Math: true, atom.Audio: true, atom.Video: true, atom.Canvas: true, atom.Map: true, atom.Select: true,
	atom.Input: true, atom.Link: true, atom.Meta: true, atom.Base: true, atom.Head: true, atom.Noframes: true, atom.Noembed: true,
}

var safeAttributes = map[string]bool{
	"align": true, "alt": true, "bgcolor": true, "border": true, "cellpadding": true, "cellspacing": true, "color": true, "colspan": true, "dir": true, "face": true,
	"height": true, "lang": true, "nowrap": true, "rowspan": true, "size": true, "span": true, "start": true, "title": true, "type": true, "valign": true,
	"value": true, "width": true,
}

// safeStyles are how the names of style properties begin that are kept.
var safeStyles = []string{"color", "background-color", "font", "text-", "line-height", "letter-spacing", "white-space", "word-", "margin", "padding", "border", "width",
	"height", "max-width", "min-width", "max-height", "min-height", "display", "vertical-align", "list-style-type", "direction", "overflow-wrap", "visibility", "opacity", "float", "clear"}

type safeWriter struct {
	out     *strings.Builder
	picture func(id string) (string, []byte)
	inside  int // bytes of pictures so far
}

// mostPictures bounds the pictures of one page.
const mostPictures = 30 << 20

func (w *safeWriter) children(n *html.Node, depth int) {
	if depth > maxNesting {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			w.out.WriteString(escapeHTML(c.Data))
		case html.ElementNode:
			w.element(c, depth)
		case html.DocumentNode:
			w.children(c, depth+1)
		}
	}
}

func (w *safeWriter) element(n *html.Node, depth int) {
	if n.Namespace != "" || droppedElements[n.DataAtom] {
		return
	}
	switch n.DataAtom {
	case atom.Textarea, atom.Xmp, atom.Listing, atom.Plaintext:
		w.out.WriteString("<pre>")
		w.children(n, depth+1)
		w.out.WriteString("</pre>")
		return
	}
	if !safeElements[n.DataAtom] {
		w.children(n, depth+1)
		return
	}
	name := n.DataAtom.String()
	w.out.WriteString("<" + name)
	for _, a := range n.Attr {
		w.attribute(n, a)
	}
	w.out.WriteString(">")
	switch n.DataAtom {
	case atom.Br, atom.Hr, atom.Img, atom.Col:
		return
	}
	w.children(n, depth+1)
	w.out.WriteString("</" + name + ">")
}

func (w *safeWriter) attribute(n *html.Node, a html.Attribute) {
	value := a.Val
	switch {
	case a.Namespace != "":
		return
	case a.Key == "href" && n.DataAtom == atom.A:
		if value = strings.TrimSpace(Clean(value)); !followed(value) {
			return
		}
		w.out.WriteString(` rel="noreferrer noopener" target="_blank"`)
	case a.Key == "src" && n.DataAtom == atom.Img:
		if value = w.data(value); value == "" {
			return
		}
	case a.Key == "style":
		value = safeStyle(value)
	case !safeAttributes[a.Key]:
		return
	}
	w.out.WriteString(" " + a.Key + `="` + escapeHTML(value) + `"`)
}

// data is the address of a picture that lies in the page itself, "" for one
// that would have to be loaded.
func (w *safeWriter) data(src string) string {
	id, ok := strings.CutPrefix(strings.TrimSpace(src), "cid:")
	if !ok || w.picture == nil {
		return ""
	}
	kind, content := w.picture(id)
	if len(content) == 0 || w.inside+len(content) > mostPictures {
		return ""
	}
	switch kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp":
	default:
		return ""
	}
	w.inside += len(content)
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)
}

// safeStyle keeps the declarations of a style that change only looks.
func safeStyle(style string) string {
	var out []string
	for decl := range strings.SplitSeq(style, ";") {
		name, value, ok := strings.Cut(decl, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !ok || strings.ContainsAny(value, `\(<@{}/`) && !plainColour(value) {
			continue
		}
		for _, s := range safeStyles {
			if name == s || strings.HasPrefix(name, s) && (strings.HasSuffix(s, "-") || strings.HasPrefix(name, s+"-")) {
				out = append(out, name+":"+value)
				break
			}
		}
	}
	return strings.Join(out, ";")
}

// plainColour reports whether a value calls nothing but rgb and the like.
func plainColour(v string) bool {
	v = strings.ToLower(v)
	for _, f := range []string{"rgb(", "rgba(", "hsl(", "hsla("} {
		v = strings.ReplaceAll(v, f, "")
	}
	return !strings.ContainsAny(v, `\(<@{}/`)
}
