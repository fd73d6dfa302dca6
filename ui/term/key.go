package term

import (
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
)

// special are the keys that write nothing.
type special uint8

const (
	noKey special = iota
	up
	down
	right
	left
	home
	end
	pgup
	pgdown
	insert
	del
	tab
	enter
	esc
	backspace
	begin
	f1 // f2 to f35 follow
)

// name is the key in the words of tea.
func (k special) name() string {
	switch k {
	case up:
		return "up"
	case down:
		return "down"
	case right:
		return "right"
	case left:
		return "left"
	case home:
		return "home"
	case end:
		return "end"
	case pgup:
		return "pgup"
	case pgdown:
		return "pgdown"
	case insert:
		return "insert"
	case del:
		return "delete"
	case tab:
		return "tab"
	case enter:
		return "enter"
	case esc:
		return "esc"
	case backspace:
		return "backspace"
	case begin:
		return "begin"
	}
	n := byte(k-f1) + 1
	if n < 10 {
		return string([]byte{'f', '0' + n})
	}
	return string([]byte{'f', '0' + n/10, '0' + n%10})
}

// plain is the type that tea has for a key with shift and ctrl, or false.
func (k special) plain(mod Mod) (tea.KeyType, bool) {
	var row [4]tea.KeyType // by shift and ctrl; 0 where tea has none
	const shift, ctrl = 1, 2
	switch k {
	case up:
		row = [4]tea.KeyType{tea.KeyUp, tea.KeyShiftUp, tea.KeyCtrlUp, tea.KeyCtrlShiftUp}
	case down:
		row = [4]tea.KeyType{tea.KeyDown, tea.KeyShiftDown, tea.KeyCtrlDown, tea.KeyCtrlShiftDown}
	case right:
		row = [4]tea.KeyType{tea.KeyRight, tea.KeyShiftRight, tea.KeyCtrlRight, tea.KeyCtrlShiftRight}
	case left:
		row = [4]tea.KeyType{tea.KeyLeft, tea.KeyShiftLeft, tea.KeyCtrlLeft, tea.KeyCtrlShiftLeft}
	case home:
		row = [4]tea.KeyType{tea.KeyHome, tea.KeyShiftHome, tea.KeyCtrlHome, tea.KeyCtrlShiftHome}
	case end:
		row = [4]tea.KeyType{tea.KeyEnd, tea.KeyShiftEnd, tea.KeyCtrlEnd, tea.KeyCtrlShiftEnd}
	case pgup:
		row = [4]tea.KeyType{0: tea.KeyPgUp, ctrl: tea.KeyCtrlPgUp}
	case pgdown:
		row = [4]tea.KeyType{0: tea.KeyPgDown, ctrl: tea.KeyCtrlPgDown}
	case insert:
		row = [4]tea.KeyType{0: tea.KeyInsert}
	case del:
		row = [4]tea.KeyType{0: tea.KeyDelete}
	case tab:
		row = [4]tea.KeyType{0: tea.KeyTab, shift: tea.KeyShiftTab}
	case enter:
		row = [4]tea.KeyType{0: tea.KeyEnter}
	case esc:
		row = [4]tea.KeyType{0: tea.KeyEsc, shift: tea.KeyEsc}
	case backspace:
		row = [4]tea.KeyType{0: tea.KeyBackspace, shift: tea.KeyBackspace}
	default:
		if k >= f1 && k < f1+20 {
			row[0] = tea.KeyF1 - tea.KeyType(k-f1)
		}
	}
	i := 0
	if mod&Shift != 0 {
		i |= shift
	}
	if mod&Ctrl != 0 {
		i |= ctrl
	}
	return row[i], row[i] != 0
}

// press makes the message of a special key.
func (k special) press(mod Mod) tea.Msg {
	if mod&^(Shift|Ctrl|Alt) == 0 {
		if t, ok := k.plain(mod); ok {
			return tea.KeyMsg{Type: t, Alt: mod&Alt != 0}
		}
	}
	return KeyMsg{Name: k.name(), Mod: mod}
}

// runeKey makes the message of a key that writes r without modifiers other
// than shift, nil when it is no key. The keyboard protocols name keys so.
func runeKey(r rune, mod Mod) tea.Msg {
	switch r {
	case '\t':
		return tab.press(mod)
	case '\r':
		return enter.press(mod)
	case 0x1b:
		return esc.press(mod)
	case 0x7f, '\b':
		return backspace.press(mod)
	}
	if k := keypad(r); k != noKey {
		return k.press(mod)
	}
	if r = keypadSign(r); !unicode.IsPrint(r) || unicode.Is(unicode.Co, r) {
		return nil
	}
	if mod&^(Shift|Alt) == 0 && mod&Shift != 0 {
		r, mod = unicode.ToUpper(r), mod&^Shift // the sign itself tells of shift
	}
	if r == ' ' {
		return spaceKey(mod)
	}
	switch {
	case mod&^Alt == 0:
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: mod&Alt != 0}
	case mod&^(Alt|Shift) == Ctrl:
		r = unicode.ToLower(r)
		if t, ok := ctrlKey(r, mod&Shift != 0); ok {
			return tea.KeyMsg{Type: t, Alt: mod&Alt != 0}
		}
	}
	return KeyMsg{Name: string(unicode.ToLower(r)), Mod: mod}
}

func spaceKey(mod Mod) tea.Msg {
	switch mod &^ (Alt | Shift) {
	case 0:
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}, Alt: mod&Alt != 0}
	case Ctrl:
		return tea.KeyMsg{Type: tea.KeyCtrlAt, Alt: mod&Alt != 0}
	}
	return KeyMsg{Name: "space", Mod: mod}
}

// ctrlKey is tea's type of a sign with ctrl, for the signs that terminals have
// always sent as one control character of their own. ctrl+i, ctrl+m and
// ctrl+[ are not among them: in tea they are tab, enter and esc.
func ctrlKey(r rune, shift bool) (tea.KeyType, bool) {
	switch {
	case shift:
		switch r {
		case '-', '_', '/', '?':
			return tea.KeyCtrlUnderscore, true
		case '2', '@':
			return tea.KeyCtrlAt, true
		case '6', '^':
			return tea.KeyCtrlCaret, true
		}
		return 0, false
	case r == 'i' || r == 'm':
		return 0, false
	case r >= 'a' && r <= 'z':
		return tea.KeyCtrlA + tea.KeyType(r-'a'), true
	}
	switch r {
	case '@':
		return tea.KeyCtrlAt, true
	case '\\':
		return tea.KeyCtrlBackslash, true
	case ']':
		return tea.KeyCtrlCloseBracket, true
	case '^':
		return tea.KeyCtrlCaret, true
	case '_', '/', '7':
		return tea.KeyCtrlUnderscore, true
	}
	return 0, false
}

// keypad are the special keys that the kitty keyboard protocol names by
// private code points.
func keypad(r rune) special {
	switch {
	case r >= 57376 && r <= 57398:
		return f1 + 12 + special(r-57376)
	case r == 57414:
		return enter
	case r >= 57417 && r <= 57427:
		return [...]special{left, right, up, down, pgup, pgdown, home, end, insert, del, begin}[r-57417]
	}
	return noKey
}

// keypadSign is what a key of the number pad writes, r when it is not one.
func keypadSign(r rune) rune {
	if r >= 57399 && r <= 57416 && r != 57414 {
		return rune("0123456789./*-+\r=,"[r-57399])
	}
	return r
}
