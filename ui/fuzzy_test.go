package ui

import (
	"slices"
	"testing"
)

// What can be done here comes before what cannot, unless the letters hardly mean it.
func TestWhatCanBeDoneComesFirst(t *testing.T) {
	items := []item{{label: "Accept", why: "Not here"}, {label: "Archive", why: "Not here"}, {label: "Reply all"}, {label: "Attach a file…"}, {label: "Add an account…", why: "Not here"}}
	names := func(words string) (out []string) {
		for _, i := range rank(items, words) {
			out = append(out, items[i].label)
		}
		return out
	}
	if got := names("a"); got[0] != "Attach a file…" || got[1] != "Reply all" || len(got) != 5 {
		t.Errorf("a: %q", got)
	}
	if got := names("accept"); !slices.Equal(got, []string{"Accept"}) {
		t.Errorf("accept: %q", got)
	}
}
