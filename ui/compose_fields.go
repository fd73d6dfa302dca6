package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/edit"
)

func holdsAddresses(part int) bool { return part == toPart || part == ccPart || part == bccPart }

// addressText writes addresses as a person would: names in quotes only where
// they need them.
func addressText(list []activesync.Address) string {
	var out []string
	for _, p := range cleanAddresses(list) {
		if s := personText(p); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

func personText(p activesync.Address) string {
	name := strings.Join(strings.Fields(p.Name), " ")
	if name == "" || strings.ContainsAny(name, `,;:"<>()@\=`) {
		return activesync.FormatAddress(p)
	}
	if p.Address == "" {
		return name
	}
	return name + " <" + p.Address + ">"
}

// fit makes a text from outside fit for the field that has the focus.
func (w *compose) fit(s string) string {
	switch {
	case w.focus == textPart:
		return s
	case holdsAddresses(w.focus):
		lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
		for i := range lines {
			lines[i] = strings.TrimRight(strings.TrimSpace(lines[i]), ",; ")
		}
		s = strings.Join(lines, ", ")
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return ' '
		}
		return r
	}, s)
}

// typeText lets a key edit a text. mine says that the key was one for it,
// changed that it was not only for moving.
func typeText(b *edit.Buffer, k tea.KeyMsg, name string, many bool) (mine, changed bool) {
	if moveIn(b, name, many) {
		return true, false
	}
	switch name {
	case "backspace", "ctrl+h":
		b.Backspace()
	case "delete", "ctrl+d":
		b.Delete()
	case "ctrl+w", "alt+backspace":
		b.DeleteWord()
	case "ctrl+u":
		b.DeleteToStart()
	case "alt+k":
		b.DeleteToEnd()
	case "enter", "ctrl+j", "tab":
		if !many {
			return false, false
		}
		if name == "tab" {
			b.Insert("\t")
		} else {
			b.Insert("\n")
		}
	default:
		if !isLetter(k) {
			return false, false
		}
		b.Insert(string(k.Runes))
	}
	return true, true
}

// moveIn lets a key move in a text.
func moveIn(b *edit.Buffer, name string, many bool) bool {
	switch name {
	case "left", "ctrl+b":
		b.Left()
	case "right", "ctrl+f":
		b.Right()
	case "ctrl+left", "alt+left", "alt+b":
		b.WordLeft()
	case "ctrl+right", "alt+right", "alt+f":
		b.WordRight()
	case "home", "ctrl+a":
		b.Home()
	case "end", "ctrl+e":
		b.End()
	case "ctrl+home":
		b.Top()
	case "ctrl+end":
		b.Bottom()
	case "up", "ctrl+p", "down", "ctrl+n", "pgup", "pgdown":
		if !many {
			return false
		}
		switch name {
		case "up", "ctrl+p":
			b.Up(1)
		case "down", "ctrl+n":
			b.Down(1)
		case "pgup":
			b.Page(-1)
		case "pgdown":
			b.Page(1)
		}
	default:
		return false
	}
	return true
}

// moveKey goes from field to field.
func (w *compose) moveKey(a *App, name string) (cmd tea.Cmd, mine bool) {
	b := w.field[w.focus]
	switch {
	case name == "shift+tab":
		w.step(a, -1)
	case w.focus == textPart:
		// Up leaves the text from its very start only, so that a held key stops there.
		if (name != "up" && name != "ctrl+p") || b.At() != (edit.Pos{}) {
			return nil, false
		}
		w.step(a, -1)
	case w.focus == fromPart && (name == "enter" || name == "space" || name == "right"):
		return w.chooseFrom(a), true
	case name == "tab", name == "enter":
		w.step(a, 1)
	case name == "down", name == "ctrl+n":
		if w.stale = true; b == nil || !b.Down(1) {
			w.step(a, 1)
		}
	case name == "up", name == "ctrl+p":
		if w.stale = true; b == nil || !b.Up(1) {
			w.step(a, -1)
		}
	case name == "pgdown":
		w.enter(a, textPart)
	default:
		return nil, false
	}
	return nil, true
}

// step goes to the next field, or the one before.
func (w *compose) step(a *App, n int) {
	to := w.focus + n
	if to == fromPart && !w.canChooseFrom(a) || to < fromPart || to > textPart {
		return
	}
	w.enter(a, to)
	if to != textPart && to != fromPart {
		w.field[to].Bottom()
	}
}

// enter gives a part the keys. A field that is left is tidied and looked at.
func (w *compose) enter(a *App, part int) {
	w.options.close()
	w.options.muted = false
	w.stale = true
	if part == w.focus || part == fromPart && !w.canChooseFrom(a) {
		return
	}
	if holdsAddresses(w.focus) {
		w.look(w.focus)
		w.field[w.focus].Top() // so that its first row is on screen
	}
	w.focus = part
}

// look notes what is no address in a field.
func (w *compose) look(part int) {
	w.wrong[part] = ""
	if names := notAddresses(w.field[part].Text()); len(names) > 0 {
		w.wrong[part] = plural(len(names), "Not an e-mail address: ", "%d are no e-mail addresses: ") + strings.Join(names, ", ")
	}
	w.stale = true
}

// mend forgets what was wrong with the field that is being changed.
func (w *compose) mend(a *App) {
	was := w.wrong[w.focus]
	w.wrong[w.focus] = ""
	if was != "" && a.note.text == was {
		a.note = note{seq: a.note.seq}
	}
}

// notAddresses are the entries of a list that cannot be sent to.
func notAddresses(list string) []string {
	var out []string
	for _, p := range activesync.ParseAddresses(list) {
		if p.Address == "" || message.CheckAddress(p.Address) != nil {
			out = append(out, clean(personText(p)))
		}
	}
	return out
}
