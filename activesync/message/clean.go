package message

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Clean makes one line of s that cannot steer a terminal: no control
// characters, escape sequences, direction overrides or invisible format
// characters; line ends and tabs become blanks. Control characters from U+0080
// on become what windows-1252 has there: they come from mail that says it is
// ISO-8859-1 and is not, through a server that believes it.
func Clean(s string) string { return clean(s, false) }

// CleanText is Clean that keeps line feeds and tabs.
func CleanText(s string) string { return clean(s, true) }

func clean(s string, text bool) string {
	if n := plainRun(s, text); n < len(s) {
		return cleanFrom(s, n, text)
	}
	return s
}

func cleanFrom(s string, at int, text bool) string {
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:at])
	for i := at; i < len(s); {
		if n := plainRun(s[i:], text); n > 0 {
			b.WriteString(s[i : i+n])
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteRune(utf8.RuneError)
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"): // one line end
		case r == '\n' || r == '\t' || r == '\r' || r == '\v' || r == '\f' || r == 0x2028 || r == 0x2029:
			switch {
			case !text:
				b.WriteByte(' ')
			case r == '\t':
				b.WriteByte('\t')
			default:
				b.WriteByte('\n')
			}
		case r == 0x1B:
			i += escape(s[i:])
			continue
		case r == 0x200D || r == 0xFE0F || r == 0xFE0E:
			if joins(b.String(), s[i+n:], r) {
				b.WriteRune(r)
			}
		case r >= 0x80 && r < 0xA0:
			if meant := charmap.Windows1252.DecodeByte(byte(r)); meant != utf8.RuneError && visible(meant) {
				b.WriteRune(meant)
			}
		case visible(r):
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// plainRun is how many bytes at the front of s are letters that need no look at
// them: ASCII, and what lies between the last sign that is looked at and the
// first format character of Arabic, or among Chinese, Japanese and Korean.
func plainRun(s string, text bool) int {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < 0x20 && !(text && (c == '\n' || c == '\t')) || c == 0x7F {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !(r > 0x034F && r < 0x0600 || r > 0xAD && r < 0x034F || r >= 0x3300 && r < 0xD7FC) {
			return i
		}
		i += n
	}
	return len(s)
}

// escape is how long the escape sequence is that s begins with: with it goes
// what a terminal would take as a part of it.
func escape(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch c := s[1]; {
	case c == '[': // CSI: parameters and a final byte
		for i := 2; i < len(s) && i < 64; i++ {
			if s[i] >= 0x40 && s[i] <= 0x7E {
				return i + 1
			}
			if s[i] < 0x20 || s[i] > 0x7E {
				return i
			}
		}
		return min(len(s), 64)
	case c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X': // a string up to BEL or ST
		for i := 2; i < len(s); i++ {
			if s[i] == 0x07 {
				return i + 1
			}
			if s[i] == 0x1B {
				return i
			}
			if s[i] == '\n' {
				return i
			}
		}
		return len(s)
	}
	return 1
}

// visible reports whether a rune may reach the terminal.
func visible(r rune) bool {
	switch {
	case r < 0x20 || r >= 0x7F && r < 0xA0:
		return false
	case r == 0xAD, r == 0x034F, r == 0x061C, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFFA0:
		return false // invisible
	case r >= 0x180B && r <= 0x180F, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F,
		r >= 0xFE00 && r <= 0xFE0F, r == 0xFEFF, r >= 0xFFF0 && r <= 0xFFFB, r >= 0x1BCA0 && r <= 0x1BCA3,
		r >= 0x1D173 && r <= 0x1D17A, r >= 0xE0000 && r <= 0xE0FFF:
		return false
	case r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF: // noncharacters
		return false
	}
	return !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Cs, r) || r >= 0x0600 && r <= 0x0605 || r == 0x06DD || r == 0x070F
}

// joins reports whether a joiner or a variation selector has something to
// join: it stands behind an emoji, a letter of a script that needs it, or a
// sign.
func joins(before, after string, r rune) bool {
	prev, _ := utf8.DecodeLastRuneInString(before)
	if r != 0x200D {
		return pictorial(prev)
	}
	next, _ := utf8.DecodeRuneInString(after)
	if pictorial(next) {
		return pictorial(prev) || prev == 0xFE0F
	}
	return unicode.In(prev, indic...) && unicode.In(next, indic...)
}

// indic are scripts in which a joiner changes how letters are written.
var indic = []*unicode.RangeTable{unicode.Devanagari, unicode.Bengali, unicode.Gujarati, unicode.Gurmukhi, unicode.Kannada,
	unicode.Malayalam, unicode.Oriya, unicode.Sinhala, unicode.Tamil, unicode.Telugu, unicode.Arabic}

func pictorial(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2190 && r <= 0x2BFF || r >= 0x3030 && r <= 0x303D || r == 0xA9 || r == 0xAE ||
		r == '#' || r == '*' || r >= '0' && r <= '9' || r == 0x203C || r == 0x2049 || r == 0x2122 || r == 0x2139 || r == 0x3297 || r == 0x3299
}

// FileName makes a name under which an attachment can be written: one path
// element, no leading dot, of a length every file system takes.
func FileName(name string) string {
	name = Clean(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimSpace(name), ".-~ ")
	name = strings.TrimRight(name, ". ")
	const most = 120
	if len(name) > most {
		ext := ""
		if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 12 {
			ext = name[i:]
		}
		cut := most - len(ext)
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + ext
	}
	if name == "" {
		return "attachment"
	}
	return name
}
