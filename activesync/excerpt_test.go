package activesync

import "testing"

func TestExcerptIsOneShortCleanLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "",
		" a\r\n\tb\u2028c ":                     "a b c",
		"\x1b[2J\x9bm\u202er\u200be\xffd\u009b": "[2Jmred",
		"äöüßäöüßäöüß":                          "äöüßäöü…",
	} {
		if got := Excerpt(in, 8); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}
