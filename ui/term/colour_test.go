package term

import "testing"

func TestProfileOfTheTerminal(t *testing.T) {
	tests := []struct {
		env  map[string]string
		want profile
	}{
		{map[string]string{"TERM": "dumb", "COLORTERM": "truecolor"}, noStyle},
		{map[string]string{"TERM": "vt220"}, noColour},
		{map[string]string{"TERM": "vte-256color"}, colour256},
		{map[string]string{"TERM": "xterm-256color", "NO_COLOR": "1"}, noColour},
		{map[string]string{"TERM": "linux"}, colour16},
		{map[string]string{"TERM": "screen", "COLORTERM": "truecolor"}, colour256},
		{map[string]string{"TERM": "screen", "COLORTERM": "truecolor", "TMUX": "/tmp/x"}, trueColour},
		{map[string]string{"TERM": "xterm-kitty"}, trueColour},
	}
	for _, tt := range tests {
		if got := profileOf(func(name string) string { return tt.env[name] }); got != tt.want {
			t.Errorf("%v has profile %d, want %d", tt.env, got, tt.want)
		}
	}
}
