package text

import (
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Next gives the size in bytes and the width in cells of the first grapheme
// cluster of s, which is 0 to 2 cells wide. Both are 0 when s is empty.
func Next(s string) (size, width int) {
	if s == "" {
		return 0, 0
	}
	if c := s[0]; c < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf && c != '\r') {
		if c < ' ' || c == 0x7f {
			return 1, 0
		}
		return 1, 1
	}
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 {
		return 1, 1
	}
	if w := alone(r); w > 0 && endsBefore(s[n:]) {
		return n, w
	}
	cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	if len(cluster) == 0 {
		return n, 0
	}
	return len(cluster), min(w, 2)
}

// endsBefore reports whether a cluster of one plain rune ends where s begins.
func endsBefore(s string) bool {
	if s == "" || s[0] < utf8.RuneSelf {
		return true
	}
	r, n := utf8.DecodeRuneInString(s)
	return alone(r) > 0 || r == utf8.RuneError && n == 1
}

// alone is the width of a rune that neither joins the one before nor the one
// after and of whose width all terminals think alike; 0 when r may not be so.
func alone(r rune) int {
	switch {
	case r < ' ' || r == 0x7f:
		return 0
	case r < 0x7f:
		return 1
	case r < 0xa1 || r == 0xa9 || r == 0xad || r == 0xae:
		return 0 // controls, © and ® (which may become emoji), the soft hyphen
	case r < 0x300, 0x370 <= r && r <= 0x377, 0x384 <= r && r <= 0x38a, 0x38e <= r && r <= 0x3a1,
		0x3a3 <= r && r <= 0x481, 0x48a <= r && r <= 0x52f, 0x1e00 <= r && r <= 0x1eff:
		return 1
	case 0x2010 <= r && r <= 0x2027, 0x2030 <= r && r <= 0x203b, 0x20a0 <= r && r <= 0x20bf, 0x2500 <= r && r <= 0x25a9:
		return 1
	case 0x3041 <= r && r <= 0x3096, 0x30a1 <= r && r <= 0x30fa, 0x4e00 <= r && r <= 0x9fff,
		0xac00 <= r && r <= 0xd7a3, 0xff01 <= r && r <= 0xff60:
		return 2
	}
	return 0
}

// Agreed reports whether all terminals are expected to draw the cluster s at
// the width that Next gives. They differ on emoji, on signs that may become
// emoji and on scripts whose letters join.
func Agreed(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n == len(s) && alone(r) > 0
}
