package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleanLine makes one line of s that is safe inside an escape sequence: no
// control characters, no marks that turn or hide text, at most n characters.
func cleanLine(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' ' // line and paragraph separators too
		case unicode.IsControl(r):
			return -1
		case r == '\u200C' || r == '\u200D': // scripts and emoji need them
			return r
		case unicode.Is(unicode.Cf, r):
			return -1 // bidi controls, zero-width characters, tags
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)[:n-1]
	// What belongs to a character that is cut off goes with it.
	if next := []rune(s)[n-1]; joins(next) {
		for len(runes) > 0 && joins(runes[len(runes)-1]) {
			runes = runes[:len(runes)-1]
		}
		runes = runes[:max(len(runes)-1, 0)]
	}
	for len(runes) > 0 && (runes[len(runes)-1] == '\u200D' || runes[len(runes)-1] == ' ') {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// joins reports whether r belongs to the character before it.
func joins(r rune) bool { return unicode.In(r, unicode.M) || r == '\u200D' || r == '\u200C' }
