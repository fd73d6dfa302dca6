package calendar

import (
	"strings"
	"testing"
)

// Lines that go on for ever take time that grows with their length. By the square
// of it each of these would take from a minute to half an hour.
func TestNoFileHoldsTheReaderUp(t *testing.T) {
	const lines = 400_000
	for name, c := range map[string]struct {
		head, more string
		want       int // bytes of the line
	}{
		"folded":                     {"X:", "\n a", 2 + lines},
		"with soft breaks":           {"X;ENCODING=QUOTED-PRINTABLE:=", "\na=", 28 + lines + 1},
		"folded, without a colon":    {"XQUOTED-PRINTABLE", "\n =", 17 + lines},
		"one that begins with blank": {" X:", "\n a", 3 + lines},
	} {
		got := contentLines([]byte(c.head + strings.Repeat(c.more, lines)))
		if len(got) != 1 || len(got[0]) != c.want {
			t.Errorf("%s: %d lines, the first of %d bytes, want %d", name, len(got), len(got[0]), c.want)
		}
	}
}
