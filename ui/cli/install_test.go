package cli

import (
	"strings"
	"testing"
)

// Where systemd ends the agent with the last log-out, the person is told so and
// how to change it.
func TestLingerWords(t *testing.T) {
	for _, tt := range []struct{ systemd, lingers, told bool }{{false, false, false}, {true, true, false}, {true, false, true}} {
		words := lingerWords(tt.systemd, tt.lingers)
		if (words != "") != tt.told || tt.told && !strings.Contains(words, "loginctl enable-linger") {
			t.Errorf("%+v: %q", tt, words)
		}
	}
}
