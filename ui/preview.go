package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// preview makes the line of a list of the first words of a text: without the
// rules that people draw of signs, and without what stands there to be unseen,
// such as the joiners with which newsletters fill the line.
func preview(s string) string {
	var b strings.Builder
	for field := range strings.FieldsSeq(strings.Map(seen, clean(s))) {
		if isRule(field) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(field)
	}
	return b.String()
}

// seen drops a sign without width that means nothing in a list.
func seen(r rune) rune {
	switch r {
	case '\u00ad', '\u034f', '\u200b', '\u2060', '\ufeff':
		return -1
	}
	return r
}

// isRule reports whether a word is a line drawn of one sign, three times or
// more. An ellipsis is none, and neither are pictures in a row.
func isRule(word string) bool {
	first, size := utf8.DecodeRuneInString(word)
	drawn := unicode.IsPunct(first) || unicode.In(first, unicode.Sm, unicode.Sk) || first >= '\u2500' && first <= '\u259f'
	return drawn && first != '.' && len(word) >= 3*size && strings.Trim(word, string(first)) == ""
}
