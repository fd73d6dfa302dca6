package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold makes words comparable: without case and accents, letters of full and
// half width alike, so that "strasse" finds "Straße" and "zoe" finds "Zoë".
func fold(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] < utf8.RuneSelf
	}
	if plain {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		if apart := letters(r); apart != "" {
			b.WriteString(apart)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// letters are what people type for a letter that Unicode does not take apart.
func letters(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'đ', 'ð':
		return "d"
	case 'ł':
		return "l"
	case 'þ':
		return "th"
	case 'ħ':
		return "h"
	case 'ı':
		return "i"
	case 'ς':
		return "σ"
	}
	return ""
}

// initial is the letter under which a folded name stands, "#" for one that
// begins with none. Scripts of many signs have one place each.
func initial(folded string) string {
	for _, r := range folded {
		switch {
		case unicode.In(r, unicode.Han):
			return "漢"
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			return "あ"
		case unicode.In(r, unicode.Hangul):
			return "한"
		case unicode.IsLetter(r):
			return string(unicode.ToUpper(r))
		case unicode.IsNumber(r):
			return "#"
		}
	}
	return "#"
}

// digits are the digits of s.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// dialled reports whether s is part of a number as people write numbers.
func dialled(s string) bool {
	return digits(s) != "" && strings.Trim(s, "0123456789+-/().") == ""
}
