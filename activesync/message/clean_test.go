package message

import (
	"testing"
	"unicode"
)

// TestCleanPassesOverNothing: what is passed over at once is what would be let
// through one by one.
func TestCleanPassesOverNothing(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := string(r)
		if plainRun(s, false) > 0 && !visible(r) {
			t.Errorf("%U is passed over", r)
		}
		if joiner := r == 0x200D || r == 0xFE0F || r == 0xFE0E; plainRun(s, false) > 0 && joiner {
			t.Errorf("%U is not looked at", r)
		}
	}
	if plainRun("a\nb", false) != 1 || plainRun("a\n\tb\rc", true) != 4 {
		t.Error("line ends are passed over")
	}
}
