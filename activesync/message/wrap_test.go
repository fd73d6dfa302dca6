package message

import (
	"fmt"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

func TestWrapUnbroken(t *testing.T) {
	bold := Style{Bold: true}
	for _, c := range []struct {
		spans []Span
		want  string
	}{
		{nil, "[[]]"},
		{[]Span{{Text: "  two  blanks  kept  "}}, "[[{  two  blanks  kept {false false false false false false false 0} 0}]]"},
		{[]Span{{Text: "a\nb\n\n c"}}, "[[{a {false false false false false false false 0} 0}] [{b {false false false false false false false 0} 0}] [] [{ c {false false false false false false false 0} 0}]]"},
		{[]Span{{Text: "a "}, {Text: " b", Style: bold}, {Text: "  \n"}, {Text: "日本語"}}, "[[{a  {false false false false false false false 0} 0} { b {true false false false false false false 0} 0}] [{日本語 {false false false false false false false 0} 0}]]"},
	} {
		var lines [][]Span
		for _, l := range wrap(c.spans, 0) {
			lines = append(lines, l.Spans)
		}
		if got := fmt.Sprint(lines); got != c.want {
			t.Errorf("%v is\n%s, want\n%s", c.spans, got, c.want)
		}
	}
}

// BenchmarkPlainText is HTML made plain: many short lines in a table, and one
// long paragraph.
func BenchmarkPlainText(b *testing.B) {
	words := strings.Repeat("What has to be said is said here. ", 3000)
	for name, text := range map[string]string{"lines": strings.ReplaceAll(words, "said here. ", "said here.<br>\r\n"), "paragraph": words} {
		b.Run(name, func(b *testing.B) {
			body := activesync.Body{Type: activesync.BodyHTML, Data: []byte("<html><body><p>" + text + "</p></body></html>")}
			b.SetBytes(int64(len(body.Data)))
			for b.Loop() {
				PlainText(body)
			}
		})
	}
}
