package ui

import (
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// A box that ends in the middle of a wide letter made its line too wide.
func TestABoxOverHalfAWideLetter(t *testing.T) {
	for _, line := range []string{"abcd漢efgh", "abc漢漢efg", "漢漢漢漢漢", "\x1b[4mab漢漢漢gh\x1b[0m"} {
		for x := range 10 {
			for w := 1; x+w <= 10; w++ {
				got := over(line, x, ansi.Cut("##########", 0, w), w, 10)
				if n := ansi.StringWidth(got); n != 10 {
					t.Errorf("over %q from %d, %d cells: %d wide: %q", line, x, w, n, got)
				}
				if s := ansi.Strip(got); ansi.Cut(s, x, x+w) != "##########"[:w] {
					t.Errorf("over %q from %d, %d cells: %q", line, x, w, s)
				}
			}
		}
	}
}
