package ui

import "testing"

func TestPreviewIsWords(t *testing.T) {
	for in, want := range map[string]string{
		"DELIVERED ========= We have left it": "DELIVERED We have left it",
		"\u034f \u200b\u034f Hello\u00ad ":    "Hello",
		"---- Original ----\nfrom":            "Original from",
		"wait ... what":                       "wait ... what",
		"C++ and a -- b":                      "C++ and a -- b",
		"🎉🎉🎉 done":                            "🎉🎉🎉 done",
		"═════ box ─────":                     "box",
		"\u202eevil":                          "evil",
		"":                                    "",
	} {
		if got := preview(in); got != want {
			t.Errorf("preview of %q is %q, want %q", in, got, want)
		}
	}
}
