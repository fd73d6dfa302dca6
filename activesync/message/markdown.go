package message

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"path"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	hrender "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// markdown is made when it is first needed: that takes a millisecond.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify, extension.TaskList),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(), hrender.WithHardWraps(), hrender.WithXHTML()))
})

// looks are put into the tags themselves, as many mail programs drop a style
// sheet.
var looks = strings.NewReplacer(
	"<blockquote>", `<blockquote style="margin:0 0 0 .5em;padding-left:.8em;border-left:2px solid #b0b0b0;color:#555">`,
	"<table>", `<table style="border-collapse:collapse">`,
	"<th>", `<th style="border:1px solid #b0b0b0;padding:3px 8px;text-align:left">`,
	"<td>", `<td style="border:1px solid #b0b0b0;padding:3px 8px">`,
	"<th align=", `<th style="border:1px solid #b0b0b0;padding:3px 8px" align=`,
	"<td align=", `<td style="border:1px solid #b0b0b0;padding:3px 8px" align=`,
	"<pre>", `<pre style="font-family:Consolas,Menlo,monospace;background:#f4f4f4;padding:8px">`,
	"<code>", `<code style="font-family:Consolas,Menlo,monospace">`,
)

// MarkdownHTML is a text written in Markdown as a whole HTML document for mail.
// HTML in the text is shown, not obeyed. pictures are the Content-IDs of
// attached pictures, by the names by which the text shows them.
func MarkdownHTML(s string, pictures map[string]string) string {
	body, signature := cutSignature(strings.ReplaceAll(s, "\r\n", "\n"))
	source := []byte(mailToMarkdown(body))
	md := markdown()
	doc := md.Parser().Parse(text.NewReader(source))
	prepare(doc, source, pictures)
	var out bytes.Buffer
	if err := md.Renderer().Render(&out, source, doc); err != nil {
		return "" // a bytes.Buffer takes everything
	}
	tail := ""
	if signature != "" {
		tail = `<div style="color:#555">-- <br />` + strings.ReplaceAll(html.EscapeString(strings.TrimRight(signature, "\n")), "\n", "<br />\n") + "</div>\n"
	}
	return `<!DOCTYPE html>` + "\n" + `<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8" /></head>` + "\n" +
		`<body style="font-family:Calibri,Helvetica,Arial,sans-serif;font-size:11pt">` + "\n" + looks.Replace(out.String()) + tail + "</body></html>\n"
}

// cutSignature splits what follows the last line "-- " off, where nothing is
// quoted below.
func cutSignature(s string) (body, signature string) {
	i := strings.LastIndex("\n"+s, "\n-- \n")
	if i < 0 || strings.Contains(s[i:], "\n>") || strings.Contains(s[i:], "\n--------") {
		return s, ""
	}
	return s[:i], s[i+4:]
}

// mailToMarkdown makes of the customs of mail what Markdown understands: words
// below a quote are not part of it, a line of signs is no heading, and a
// signature in the middle is text.
func mailToMarkdown(s string) string {
	var out strings.Builder
	quoted, links := false, 0
	for line := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(line) == "" {
			links = 0
		}
		if links += strings.Count(line, "]"); links > mostLinks {
			line = strings.ReplaceAll(line, "]", `\]`) // neither a link nor the definition of one
		}
		line = shallow(line)
		q := strings.HasPrefix(line, ">")
		if q != quoted && strings.TrimSpace(line) != "" {
			out.WriteByte('\n')
		}
		if line == "-- " {
			line = `\-- `
		}
		quoted = q
		out.WriteString(line + "\n")
	}
	return out.String()
}

// What a paragraph and a line may hold of Markdown; what is over that is words.
// The parser takes time by the square of it, and a quoted letter is a stranger's.
const (
	mostLinks  = 1000
	mostNested = 100 // quotes and lists in each other
)

// shallow makes words of the signs that would nest a line deeper than mostNested.
func shallow(line string) string {
	if len(line) <= 2*mostNested {
		return line
	}
	nested := 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == ' ' || c == '\t' || c >= '0' && c <= '9':
		case !strings.ContainsRune(">-+*.)", rune(c)):
			return line
		case nested == mostNested:
			return line[:i] + `\` + line[i:]
		default:
			nested++
		}
	}
	return line
}

// prepare gives pictures their Content-IDs, and takes HTML and what a mail
// program must not load for plain words.
func prepare(doc ast.Node, source []byte, pictures map[string]string) {
	var raw []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Image:
			if id, ok := pictures[pictureName(n)]; ok {
				n.Destination = []byte("cid:" + id)
			}
		case *ast.RawHTML, *ast.HTMLBlock:
			raw = append(raw, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range raw {
		var instead ast.Node
		switch n := n.(type) {
		case *ast.RawHTML:
			instead = escaped(n.Segments, source)
		case *ast.HTMLBlock:
			lines := n.Lines()
			if n.HasClosure() {
				lines.Append(n.ClosureLine)
			}
			instead = ast.NewParagraph()
			instead.AppendChild(instead, escaped(lines, source))
		}
		n.Parent().ReplaceChild(n.Parent(), n, instead)
	}
}

// pictureName is the name of the file that a picture of a text is.
func pictureName(n *ast.Image) string {
	name := string(n.Destination)
	if s, err := url.PathUnescape(name); err == nil {
		name = s
	}
	return path.Base(name)
}

// escaped is what lines say, line by line.
func escaped(lines *text.Segments, source []byte) *ast.String {
	var out bytes.Buffer
	for i := range lines.Len() {
		s := lines.At(i)
		out.WriteString(html.EscapeString(string(s.Value(source))))
	}
	words := ast.NewString(bytes.ReplaceAll(bytes.TrimRight(out.Bytes(), "\n"), []byte("\n"), []byte("<br />\n")))
	words.SetCode(true) // it is escaped already
	return words
}

// shownPictures are the attachments that a text in Markdown shows, with the
// Content-IDs that they get.
func shownPictures(s string, names []string, domain string) map[string]string {
	out := map[string]string{}
	if len(names) == 0 {
		return out
	}
	source := []byte(mailToMarkdown(s))
	doc := markdown().Parser().Parse(text.NewReader(source))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		img, ok := n.(*ast.Image)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		for _, name := range names {
			if pictureName(img) == name && out[name] == "" {
				out[name] = fmt.Sprintf("p%d.%s", len(out)+1, NewMessageID(domain))
			}
		}
		return ast.WalkContinue, nil
	})
	return out
}
