package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// BenchmarkWrite is one key in the middle of a message of 10,000 lines, with the
// whole screen drawn after it.
func BenchmarkWrite(b *testing.B) {
	a := New(Deps{Backend: newComposeBackend(), Getenv: func(string) string { return "" }})
	defer a.Close()
	a.Update(tea.WindowSizeMsg{Width: 200, Height: 50})
	a.openCompose(activesync.Draft{Text: strings.Repeat("A line of a large message, as people write it now and then.\n", 10_000)}, "text")
	a.View()
	a.write.text().Go(edit.Pos{Line: 5_000})
	key := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{'x'}}
	for b.Loop() {
		a.Update(key)
		a.View()
	}
}
