package ui

import (
	"context"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/style"
	"eas.example/securemail/ui/term"
)

// theme is the choice of a theme.
func (s Settings) theme() string {
	if s.Theme == "" {
		return "auto"
	}
	return s.Theme
}

// symbols is the choice of the signs that are drawn.
func (s Settings) symbols() string {
	if s.Symbols == "" {
		return "auto"
	}
	return s.Symbols
}

func themeName(choice string) string {
	switch choice {
	case style.Dark:
		return "Dark"
	case style.Light:
		return "Light"
	case style.NoHue:
		return "Plain"
	}
	return "Auto"
}

// taste is a choice about how things look.
type taste struct {
	key   string
	group string
	name  string // in the section
	note  string // what it means
	in    func(Settings) bool
	set   func(*Settings)
}

// tastes are all choices in the order of the section.
func (a *App) tastes() []taste {
	var out []taste
	now := themeName(a.theme.Name)
	for _, t := range []struct{ choice, note string }{
		{"auto", "as the terminal is: " + now + " now"}, {style.Dark, ""}, {style.Light, ""}, {style.NoHue, "no colours"},
	} {
		if t.choice == "auto" && a.settings.theme() != "auto" {
			t.note = "as the terminal is"
		}
		out = append(out, taste{"theme" + t.choice, "Theme", themeName(t.choice), t.note,
			func(s Settings) bool { return s.theme() == t.choice }, func(s *Settings) { s.Theme = t.choice }})
	}
	for _, t := range []struct{ choice, name, note string }{
		{"auto", "Auto", "as the terminal is"}, {"unicode", "Unicode", "● ✓ ↩ ⚑"}, {"ascii", "ASCII", "* v r F"},
	} {
		if t.choice == "unicode" && a.theme.ASCII {
			t.note = ""
		}
		out = append(out, taste{"symbols" + t.choice, "Symbols", t.name, t.note,
			func(s Settings) bool { return s.symbols() == t.choice }, func(s *Settings) { s.Symbols = t.choice }})
	}
	for n := range 4 {
		name := strconv.Itoa(n)
		if n == 0 {
			name = "As fits"
		}
		out = append(out, taste{"rows" + strconv.Itoa(n), "Rows per message", name, "",
			func(s Settings) bool { return s.Rows == n || n == 0 && (s.Rows < 0 || s.Rows > 3) }, func(s *Settings) { s.Rows = n }})
	}
	return out
}

// habit is something about the terminal that is on or off.
type habit struct {
	key  string
	name string
	note string
	on   func(Settings) bool
	set  func(*Settings, bool)
}

func habits() []habit {
	return []habit{
		{"conversations", "Conversations", "one row for messages that answer each other", func(s Settings) bool { return !s.ConversationsOff }, func(s *Settings, on bool) { s.ConversationsOff = !on }},
		{"mouse", "Mouse", "off leaves it to the terminal", func(s Settings) bool { return !s.MouseOff }, func(s *Settings, on bool) { s.MouseOff = !on }},
		{"bell", "Bell", "rings when new mail comes", func(s Settings) bool { return !s.BellOff }, func(s *Settings, on bool) { s.BellOff = !on }},
	}
}

// lookRows are the choices about the screens.
func (p *prefs) lookRows(a *App, s *prefSheet) {
	p.tasteRows(a, s, a.tastes())
	s.blank()
	for _, h := range habits() {
		flip := func(a *App) tea.Cmd { return a.flip(h, !h.on(a.settings)) }
		s.tick(h.key, h.name, h.note, h.on(a.settings), flip)
	}
}

// tasteRows are choices under their headings.
func (p *prefs) tasteRows(a *App, s *prefSheet, all []taste) {
	group := ""
	for _, t := range all {
		if t.group != group {
			if group != "" {
				s.blank()
			}
			group = t.group
			s.heading(group)
		}
		s.choice(t.key, t.name, t.note, t.in(a.settings), func(a *App) tea.Cmd { return a.choose(t) })
	}
}

// choose keeps a choice.
func (a *App) choose(t taste) tea.Cmd {
	if t.in(a.settings) {
		return nil
	}
	was := a.settings
	s := a.settings
	t.set(&s)
	what := t.group + ": " + t.name
	a.canUndo(what, func(a *App) tea.Cmd {
		s := a.settings
		for _, old := range append(a.tastes(), a.writingTastes()...) {
			if old.group == t.group && old.in(was) {
				old.set(&s)
			}
		}
		return tea.Batch(a.say("Taken back: "+what), a.keep(s))
	})
	return tea.Batch(a.sayUndo(what), a.keep(s))
}

// flip keeps something on or off.
func (a *App) flip(h habit, on bool) tea.Cmd {
	s := a.settings
	h.set(&s, on)
	word := "off"
	if on {
		word = "on"
	}
	what := h.name + " " + word
	a.canUndo(what, func(a *App) tea.Cmd {
		s := a.settings
		h.set(&s, !on)
		return tea.Batch(a.say("Taken back: "+what), a.keep(s))
	})
	return tea.Batch(a.sayUndo(what), a.keep(s))
}

// keep makes settings hold at once and saves them. Where they cannot be saved
// they hold until the screens close.
func (a *App) keep(s Settings) tea.Cmd {
	mouse := s.MouseOff != a.settings.MouseOff
	a.settings = s
	cmds := []tea.Cmd{a.redress(), a.mail.list.settleConversations(a)}
	if mouse {
		cmds = append(cmds, term.SetMouse(!s.MouseOff))
	}
	if save := a.deps.Save; save != nil {
		cmds = append(cmds, a.read(&a.prefs.saving("settings").lane, quick, func(context.Context) answer {
			err := save(s)
			return func(a *App) tea.Cmd {
				if err != nil {
					return a.fail("It holds only until you leave", err)
				}
				return nil
			}
		}))
	}
	return tea.Batch(cmds...)
}

// palette finds every setting by a few letters.
func (p *prefs) palette(a *App) []item {
	path := "Settings " + a.theme.Path + " "
	var out []item
	for _, c := range a.accounts {
		id, of := c.ID, ""
		if len(a.accounts) > 1 {
			of = ": " + clean(c.Name)
		}
		out = append(out,
			item{label: path + "Auto Refresh " + a.theme.Path + " On" + of, also: "list of all mailboxes check tick",
				do: func(a *App) tea.Cmd {
					return tea.Batch(a.openAutoRefresh(), a.prefs.chooseOn(a, id))
				}},
			item{label: path + "Auto Refresh " + a.theme.Path + " Off" + of, also: "check by hand only",
				do: func(a *App) tea.Cmd {
					return tea.Batch(a.openAutoRefresh(), a.prefs.chooseOff(a, id))
				}})
	}
	for _, s := range []struct {
		section section
		also    string
	}{{accountsSection, "server version address"}, {writingSection, "signature template markdown undo send quote alias identity"}, {looksSection, "theme colours symbols look"}, {aboutSection, "version licence"}} {
		out = append(out, item{label: path + s.section.page(&a.prefs).name, also: s.also, do: func(a *App) tea.Cmd { return a.prefs.show(a, s.section) }})
	}
	for _, t := range append(a.tastes(), a.writingTastes()...) {
		chosen := ""
		if t.in(a.settings) {
			chosen = "in force"
		}
		out = append(out, item{label: t.group + ": " + t.name, value: chosen, also: "settings appearance look",
			do: func(a *App) tea.Cmd { return a.choose(t) }})
	}
	for _, h := range habits() {
		word := "on"
		if h.on(a.settings) {
			word = "off"
		}
		out = append(out, item{label: h.name + ": turn " + word, also: "settings appearance " + h.note,
			do: func(a *App) tea.Cmd { return a.flip(h, !h.on(a.settings)) }})
	}
	return out
}
