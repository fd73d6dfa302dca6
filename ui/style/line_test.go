package style_test

import (
	"strings"
	"testing"

	"eas.example/securemail/ui/style"
)

// Plain ASCII is plain in our own words and in the marks of what others wrote, and
// as wide as before.
func TestMarksArePlainInASCII(t *testing.T) {
	const words = "Move to… Settings › Writing – “it’s” 2·3 •"
	l := style.New(style.NoHue, true).Line(60, style.Plain).Put(style.Text, words).String()
	if !strings.Contains(l, `Move to~ Settings > Writing - "it's" 2.3 *`) || style.Width(l) != 60 {
		t.Errorf("%q, %d cells", l, style.Width(l))
	}
	if l := style.New(style.NoHue, false).Line(60, style.Plain).Put(style.Text, words).String(); !strings.Contains(l, words) {
		t.Errorf("where it need not be: %q", l)
	}
}
