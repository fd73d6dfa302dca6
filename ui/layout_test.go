package ui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// Lines that are kept from the frame before are those that would be made anew.
func TestLinesOfTheFrameBeforeFollowTheTheme(t *testing.T) {
	onStage(t, fullAgenda("Europe/Berlin"), "2026-11-25 14:02", 120, 30, Deps{}, func(s *stage) {
		for _, theme := range []string{"dark", "light", "plain"} {
			s.app.settings.Theme = theme
			pump(s.app.redress(), s.msgs)
			s.settle()
			s.send(tea.WindowSizeMsg{Width: 120, Height: 30})
			kept := s.app.View()
			s.app.frame, s.app.joined = "", nil
			if s.app.View() != kept {
				t.Errorf("%s: the screen has lines of another theme", theme)
			}
		}
	})
}
