package term

import "strings"

// BackgroundMsg tells the model whether the terminal's background is dark. It
// comes when the terminal says so: soon after the start, and whenever its
// theme changes; never from a terminal that does not tell.
type BackgroundMsg struct{ Dark bool }

// Mod are the modifiers held down with a key.
type Mod uint8

// The modifiers, with the bits of the keyboard protocols.
const (
	Shift Mod = 1 << iota
	Alt
	Ctrl
	Super
	Hyper
	Meta
)

// KeyMsg is a key that tea.KeyMsg has no value for, such as shift+enter. Keys
// that it can express always come as tea.KeyMsg.
type KeyMsg struct {
	// Name is the key without modifiers, as in tea: "enter", "f5", "i".
	Name string
	Mod  Mod
}

// String writes the key as tea does: alt first, then ctrl and shift.
func (k KeyMsg) String() string {
	var b strings.Builder
	for _, m := range []struct {
		mod  Mod
		name string
	}{{Super, "super+"}, {Hyper, "hyper+"}, {Meta, "meta+"}, {Alt, "alt+"}, {Ctrl, "ctrl+"}, {Shift, "shift+"}} {
		if k.Mod&m.mod != 0 {
			b.WriteString(m.name)
		}
	}
	b.WriteString(k.Name)
	return b.String()
}

// Cursored is a model that shows the terminal's cursor, for instance where
// letters go. Cells count from 0, from the upper left. It is asked after View.
type Cursored interface {
	Cursor() (x, y int, visible bool)
}

// Titled is a model that names the window. Control characters are taken out.
// It is asked after View.
type Titled interface {
	Title() string
}
