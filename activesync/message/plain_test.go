package message

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzPreview(f *testing.F) {
	f.Add("Dear all,\r\n\r\nthe plan \x1b]0;x\x07is 👩\u200d👩 ready", 20)
	f.Add(strings.Repeat(" \t\r\n", 300)+"after much white", 10)
	f.Add(strings.Repeat("größer\n", 400), 120)
	f.Add(strings.Repeat("\x80", 1000), 20) // the end was sought backwards, and never found
	f.Fuzz(func(t *testing.T, s string, most int) {
		if most < 1 || most > 255 {
			return
		}
		m := &Mail{Text: s}
		got, whole := m.Preview(most), strings.Join(strings.Fields(m.PlainText()), " ")
		if utf8.RuneCountInString(got) > most || !strings.HasPrefix(whole, got) || utf8.RuneCountInString(got) < most && got != whole {
			t.Fatalf("%q begins with %q", whole, got)
		}
	})
}
