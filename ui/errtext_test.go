package ui

import "testing"

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{"": "", " no route ": "No route.", "it waits…": "It waits…", "Is it?": "Is it?", "über Nacht": "über Nacht."} {
		if got := sentence(in); got != want {
			t.Errorf("sentence(%q) = %q, want %q", in, got, want)
		}
	}
}
