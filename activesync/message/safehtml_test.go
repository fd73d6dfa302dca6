package message

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"eas.example/securemail/activesync"
)

func safePage(src string) string {
	return string(SafeHTML([]HeadLine{{Name: "Subject", Text: "<Quay>", Title: true}}, activesync.Body{Type: activesync.BodyHTML, Data: []byte(src)},
		func(id string) (string, []byte) {
			if id == "logo" {
				return "image/png", []byte("PNG")
			}
			return "", nil
		}))
}

func TestSafeHTML(t *testing.T) {
	for in, want := range map[string]string{
		`<p onclick="x()">a<script>bad()</script></p>`:                                                                                                    "<p>a</p>",
		`<img src="cid:logo"><img src="https://track.example/x.gif" srcset="https://y" alt="x">`:                                                          `<img src="data:image/png;base64,UE5H"><img alt="x">`,
		`<a href="javascript:x()">a</a><a href="https://b.example/?q=1&amp;r=2">b</a>`:                                                                    `<a>a</a><a rel="noreferrer noopener" target="_blank" href="https://b.example/?q=1&amp;r=2">b</a>`,
		`<button onclick="x()">Confirm</button><textarea>a &lt;b</textarea><xmp><i>c</i></xmp>`:                                                           "Confirm<pre>a &lt;b</pre><pre>&lt;i&gt;c&lt;/i&gt;</pre>",
		`<form action="https://x"><input name=a><b>c</b></form>`:                                                                                          "<b>c</b>",
		`<div style="color:red;background:url(https://x);width:expression(1);position:fixed">d</div>`:                                                     `<div style="color:red">d</div>`,
		`<p style="color:rgb(1, 2, 3); background-image: url(x)">e</p>`:                                                                                   `<p style="color:rgb(1, 2, 3)">e</p>`,
		`<svg><image href="https://x"/></svg><iframe src="https://x">f</iframe><style>@import "x"</style><table background="https://x"><tr><td>g</table>`: "<table><tbody><tr><td>g</td></tr></tbody></table>",
	} {
		if got := safePage(in); !strings.Contains(got, "\n"+want+"\n</body>") {
			t.Errorf("%s\nbecomes %s\nwant %s", in, got, want)
		}
	}
	if got := safePage("x"); !strings.Contains(got, "<title>&lt;Quay&gt;</title>") || !strings.Contains(got, "default-src 'none'") {
		t.Errorf("head: %s", got)
	}
	plain := string(SafeHTML(nil, activesync.Body{Type: activesync.BodyPlain, Data: []byte("a <b>\n")}, nil))
	if !strings.Contains(plain, "a &lt;b&gt;\n</pre>") {
		t.Errorf("plain text: %s", plain)
	}
}

// harmless fails where a page could load or run anything.
func harmless(t *testing.T, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "script", "style", "link", "iframe", "object", "embed", "form", "input", "base", "svg", "math", "video", "audio", "frame", "button":
				t.Fatalf("<%s> is left", n.Data)
			}
			for _, a := range n.Attr {
				v := strings.ToLower(strings.TrimSpace(a.Val))
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "srcset", a.Key == "background", a.Key == "srcdoc", a.Key == "action", a.Key == "ping":
					t.Fatalf("attribute %s is left", a.Key)
				case a.Key == "src" && !strings.HasPrefix(v, "data:image/"), a.Key == "href" && !followed(a.Val):
					t.Fatalf("%s=%q is left", a.Key, a.Val)
				case a.Key == "style" && (strings.Contains(v, "url(") || strings.Contains(v, "expression") || strings.Contains(v, "@")):
					t.Fatalf("style %q is left", a.Val)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
}

func TestCorpusPagesAreHarmless(t *testing.T) {
	for _, name := range corpus(t) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if m := ParseBytes(b); m.HTML != "" {
			t.Run(filepath.Base(name), func(t *testing.T) { harmless(t, safePage(m.HTML)) })
		}
	}
}

func FuzzSafeHTML(f *testing.F) {
	f.Add(`<svg><style><img src=x onerror=y></style></svg><noscript><p title="</noscript><img src=x onerror=y>"><math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`)
	f.Fuzz(func(t *testing.T, s string) { harmless(t, safePage(s)) })
}
