//go:build unix

package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestAPersonIsAskedBeforeWhatCannotBeTakenBack: at a terminal, where no is the
// default; a script is not.
func TestAPersonIsAskedBeforeWhatCannotBeTakenBack(t *testing.T) {
	person, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer person.Close()
	defer terminal.Close()
	for typed, want := range map[string]bool{"\n": false, "n\n": false, "no\n": false, "y\n": true, "Yes\n": true} {
		if _, err := person.WriteString(typed); err != nil {
			t.Fatal(err)
		}
		var errs bytes.Buffer
		yes, err := (&app{stdin: terminal, stderr: &errs}).confirmed("Remove Work?")
		if err != nil || yes != want || !strings.HasPrefix(errs.String(), "Remove Work? [y/N] ") {
			t.Errorf("%q: %v, %v, asked %q", typed, yes, err, errs.String())
		}
	}
	if yes, err := (&app{stdin: strings.NewReader("")}).confirmed("Remove Work?"); err != nil || !yes {
		t.Errorf("a script: %v, %v", yes, err)
	}
}
