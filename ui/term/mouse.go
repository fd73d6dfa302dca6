package term

import tea "github.com/charmbracelet/bubbletea"

// The bits of a mouse report (xterm control sequences, "Mouse Tracking").
const (
	mouseShift  = 4
	mouseAlt    = 8
	mouseCtrl   = 16
	mouseMotion = 32
	mouseWheel  = 64
	mouseExtra  = 128
)

// sgrMouse makes the message of CSI < b ; x ; y M, or m for a release.
func sgrMouse(b, x, y int, release bool) tea.Msg {
	m := mouseEvent(b)
	if m.Action == tea.MouseActionRelease { // a button that is no button
		m.Action = tea.MouseActionPress
	}
	switch {
	case b&mouseMotion != 0 && !wheel(m):
		m.Action = tea.MouseActionMotion
	case release && wheel(m):
		return nil
	case release:
		m.Action = tea.MouseActionRelease
	case m.Button == tea.MouseButtonNone:
		return nil
	}
	m.X, m.Y = max(x-1, 0), max(y-1, 0)
	return m
}

// x10Mouse makes the message of CSI M and three bytes, which old terminals
// send: the button and the cell, each 32 more than it is.
func x10Mouse(b []byte) tea.Msg {
	if b[0] < 32 {
		return nil
	}
	code := int(b[0]) - 32
	m := mouseEvent(code)
	if code&mouseMotion != 0 && !wheel(m) {
		m.Action = tea.MouseActionMotion
	}
	m.X, m.Y = max(int(b[1])-33, 0), max(int(b[2])-33, 0)
	return m
}

// mouseEvent is the button with its modifiers. Button 3 is none, released.
func mouseEvent(b int) tea.MouseMsg {
	m := tea.MouseMsg{Shift: b&mouseShift != 0, Alt: b&mouseAlt != 0, Ctrl: b&mouseCtrl != 0}
	n := tea.MouseButton(b & 3)
	switch {
	case b&mouseExtra != 0:
		m.Button = tea.MouseButtonBackward + n
	case b&mouseWheel != 0:
		m.Button = tea.MouseButtonWheelUp + n
	case n == 3:
		m.Button, m.Action = tea.MouseButtonNone, tea.MouseActionRelease
	default:
		m.Button = tea.MouseButtonLeft + n
	}
	return m
}

func wheel(m tea.MouseMsg) bool { return tea.MouseEvent(m).IsWheel() }
