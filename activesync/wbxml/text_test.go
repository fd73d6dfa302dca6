package wbxml

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextThatIsLeftOut(t *testing.T) {
	for in, want := range map[string]string{
		"":                                    "",
		"a\x00b":                              "ab",
		"\x00\x01\x1F":                        "",
		"tab\t line\n return\r":               "tab\t line\n return\r",
		"far behind the first word \x0B\x0C!": "far behind the first word !",
		"del \x7F and c1 \u0085 stay":         "del \x7F and c1 \u0085 stay",
		"größer \U0001F600 会議 naïve":          "größer \U0001F600 会議 naïve",
		"no \uFFFE character":                 "no  character",
		"none either: \uFFFF":                 "none either: ",
		"a \uFFFD and \uFFFC stay":            "a \uFFFD and \uFFFC stay",
		"broken \xFF\xC3":                     "broken \uFFFD\uFFFD",
		"surrogate \xED\xA0\x80.":             "surrogate \uFFFD\uFFFD\uFFFD.",
		"too long \xC0\x80 \xE0\x80\x80":      "too long \uFFFD\uFFFD \uFFFD\uFFFD\uFFFD",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q is written as %q, want %q", in, got, want)
		}
	}
}

// Every sequence of three bytes, and the four that begin with each byte, at
// several places relative to the words that are looked at.
func TestUTF8IsToldFromOtherBytes(t *testing.T) {
	check := func(seq ...byte) {
		for _, before := range []int{0, 5, 6, 7, 8} {
			s := strings.Repeat("x", before) + string(seq) + "xx"
			if got, want := follow(s, readSteps, 0), utf8.ValidString(s); got != want {
				t.Fatalf("%x valid: %v, want %v", s, got, want)
			}
		}
	}
	for _, s := range []string{"7 bytes\xC3 and the\x80", "7 bytes\xC3 and the rest", "\xE2\x82 and the \xAC"} {
		if follow(s, readSteps, 0) {
			t.Errorf("%q is taken for UTF-8", s)
		}
	}
	edges := []byte{0x00, 0x1F, 0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF}
	for a := range 256 {
		for _, b := range edges {
			for _, c := range edges {
				check(byte(a), b, c)
				check(byte(a), b, c, 0xBF)
				check(byte(a), b, c, 0x7F)
			}
		}
	}
}

// slowClean says what clean has to do.
func slowClean(s string) string {
	var out []rune
	for _, r := range s {
		if r >= 0x20 && r != 0xFFFE && r != 0xFFFF || r == '\t' || r == '\n' || r == '\r' {
			out = append(out, r)
		}
	}
	return string(out)
}

func FuzzText(f *testing.F) {
	f.Add([]byte("some text\r\n with größer \uFFFE\uFFFD words\x00\x02 and \xF0\x90\x80"))
	f.Add([]byte("\xEF\xBF\xBE\xEF\xBF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := string(b)
		if got, want := follow(s, readSteps, 0), utf8.ValidString(s); got != want {
			t.Errorf("%q valid: %v, want %v", s, got, want)
		}
		want := slowClean(s)
		if got := clean(s); got != want {
			t.Errorf("%q cleaned: %q, want %q", s, got, want)
		}
		if writable(s) != (want == s && utf8.ValidString(s)) {
			t.Errorf("%q writable: %v", s, writable(s))
		}
		if got, want := cleanBytes(b), appendAllowed([]byte{}, b); !bytes.Equal(got, want) {
			t.Errorf("%q cleaned as bytes: %q, want %q", b, got, want)
		}
		if string(b) != s {
			t.Error("the input was changed")
		}
	})
}
