package message

import (
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

func plainOf(page string) string {
	return strings.TrimSpace(PlainText(activesync.Body{Type: activesync.BodyHTML, Data: []byte(page)}))
}

// TestTextThatIsSeenIsShown: sizes in letters are no pixels, and layouts such as
// those of MJML set none around texts that have one.
func TestTextThatIsSeenIsShown(t *testing.T) {
	tests := []struct{ page, want string }{
		{`<p style="font-size:1em">Hello</p>`, "Hello"},
		{`<body style="font-size: 0.9rem">Hello</body>`, "Hello"},
		{`<table><tr><td style="font-size:0px;padding:10px 25px"><div style="font-size:13px">Hello</div></td></tr></table>`, "Hello"},
		{`<div style="font-size:0">one<b>two</b><span style="font-size:14px">Hello</span><i style="font-size:100%">three</i></div>`, "Hello"},
		{`<div style="font-size:1px">one<i style="font-size:1em">two</i></div>Hello`, "Hello"},
		{`<div style="font-size:0;max-height:0"><span style="font-size:14px">one</span></div>Hello`, "Hello"},
		{`<div style="font-size:0" hidden><span style="font-size:14px">one</span></div>Hello`, "Hello"},
		{`<table><tr><th>a</th><th>b</th></tr><tr><td style="font-size:0">x</td><td>2</td></tr></table>`, "a  b\n   2"},
	}
	for _, tt := range tests {
		if got := plainOf(tt.page); got != tt.want {
			t.Errorf("%s is shown as %q, want %q", tt.page, got, tt.want)
		}
	}
}

func TestTableHasAllThatIsSeen(t *testing.T) {
	tests := []struct{ name, page, want string }{
		{"its caption", `<table><caption>Figures</caption><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>`, "Figures\na  b\n1  2"},
		{"no hidden row", `<table><tr><th>a</th><th>b</th></tr><tr style="display:none"><td>x</td><td>y</td></tr><tr><td>1</td><td>2</td></tr></table>`, "a  b\n1  2"},
		{"no hidden cell", `<table><tr><th>a</th><th>b</th><th hidden>x</th></tr><tr><td>1</td><td>2</td><td style="display:none">y</td></tr></table>`, "a  b\n1  2"},
		{"lists in cells", `<table><tr><td colspan="1"><ul><li>one</li><li>two</li></ul></td><td colspan="1">x</td></tr><tr><td>y</td><td>z</td></tr></table>`, "• one\n• two\n\nx\ny\nz"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := plainOf(tt.page); got != tt.want {
				t.Errorf("shown as\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestPictureOfADissolvedTableCountsOnce: its cells are read twice where they
// have no room beside each other.
func TestPictureOfADissolvedTableCountsOnce(t *testing.T) {
	words := strings.Repeat("word ", 20)
	page := `<table><tr><td>` + words + `<img src="http://pictures.example/a.png"></td><td>` + words + `</td><td>x</td></tr><tr><td>a</td><td>b</td><td>c</td></tr></table>`
	r := RenderText(activesync.Body{Type: activesync.BodyHTML, Data: []byte(page)}, RenderOptions{Width: 16})
	if len(r.Remote) != 1 {
		t.Errorf("remote pictures %q", r.Remote)
	}
}

func TestLinesOfATextThatKeepsThem(t *testing.T) {
	tests := []struct{ page, want string }{
		{"<div style=\"white-space:pre-wrap\">one\r\ntwo\n  three</div>", "one\ntwo\n  three"},
		{"<p style=\"white-space: pre-line !important\">one\n  two   three</p><p>four\nfive</p>", "one\ntwo three\n\nfour five"},
		{"<div style=\"white-space:pre-wrap\">\n  <p style=\"white-space:normal\">one\ntwo</p>\n  <p>three\nfour</p>\n</div>", "one two\n\nthree\nfour"},
		{"<pre>one\n\n  two</pre>three\nfour", "one\n\n  two\n\nthree four"},
		{"<table><tr><td style=\"white-space:pre\">one\ntwo</td><td>x</td></tr><tr><td>y</td><td>z</td></tr></table>", "one  x\ntwo\ny    z"},
		{"about 10<sup>3</sup> on 5<sup>th</sup> May", "about 10^3 on 5th May"},
	}
	for _, tt := range tests {
		if got := plainOf(tt.page); got != tt.want {
			t.Errorf("%q is shown as %q, want %q", tt.page, got, tt.want)
		}
	}
}
