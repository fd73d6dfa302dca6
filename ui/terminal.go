package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/term"
)

// terminal takes what the terminal says of itself, and keys that tea has no
// value for.
func (a *App) terminal(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case term.BackgroundMsg:
		if light := !m.Dark; light != a.lightScreen {
			a.lightScreen = light
			return a.redress()
		}
	case term.GraphicsMsg:
		if m != a.graphics {
			a.graphics = m
			return a.mail.reader.render(a)
		}
	case term.KeyMsg:
		return a.named(tea.KeyMsg{}, m.String())
	case tea.FocusMsg:
		locked := a.expired()
		a.blurred, a.touched = false, a.now
		return tea.Batch(locked, a.sayLook())
	case tea.BlurMsg:
		a.blurred = true
		return a.sayLook()
	}
	return nil
}

// redress puts everything into the theme that settings and terminal ask for.
func (a *App) redress() tea.Cmd {
	a.restyle()
	a.forget()
	return tea.Batch(a.arrange(), a.mail.reader.render(a))
}

// ring asks for the person's ear, unless they do not want that.
func (a *App) ring() tea.Cmd {
	if a.settings.BellOff {
		return nil
	}
	return term.Bell
}
