package style

import "github.com/charmbracelet/x/ansi"

// Width is how many cells s takes. s may hold SGR sequences.
func Width(s string) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// Cut shortens s to at most width cells, tail included, and tells its width.
func Cut(s string, width int, tail string) (string, int) {
	if width <= 0 {
		return "", 0
	}
	if Width(tail) > width {
		tail = ""
	}
	s = ansi.Truncate(s, width, tail)
	return s, Width(s)
}

// Next is the first grapheme of s, in bytes and in cells.
func Next(s string) (size, width int) {
	if s == "" {
		return 0, 0
	}
	if s[0] < 0x7f && (len(s) == 1 || s[1] < 0x80) {
		return 1, 1
	}
	g, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	return len(g), w
}
