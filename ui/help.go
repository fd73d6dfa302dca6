package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// openHelp shows all keys, those of this place first.
func (a *App) openHelp() tea.Cmd {
	keys, here := a.keys, a.scope()
	f := a.facts()
	return a.push(&paper{title: "Keys", wide: 96, make: func(t *style.Theme, width int) []string {
		s := &helpSheet{t: t, width: width}
		s.section("Here", keys, func(r action.Action) bool {
			return r.In&here != 0 && r.Group != action.Program && r.Group != action.Moving && !r.Hidden(f)
		})
		for _, g := range action.Groups() {
			s.section(string(g), keys, func(r action.Action) bool {
				return r.Group == g && !r.Hidden(f) && (r.In&here == 0 || g == action.Program || g == action.Moving)
			})
		}
		s.words("In a menu: letters search where there is a field, enter chooses, esc closes. The mouse works everywhere: click, double click to open, wheel. Shift with the mouse selects text in most terminals.")
		return s.out
	}})
}

// helpSheet collects the lines of the help.
type helpSheet struct {
	t     *style.Theme
	width int
	out   []string
}

func (s *helpSheet) line() *style.Line { return s.t.Line(s.width, style.Overlay) }

func (s *helpSheet) section(name string, keys *action.Keymap, in func(action.Action) bool) {
	begun := false
	for _, r := range keys.Table() {
		if !in(r) || len(r.Keys) == 0 {
			continue
		}
		if !begun {
			begun = true
			s.out = append(s.out, s.line().Skip(1).Put(style.Title, name).String())
		}
		var shown []string
		for _, k := range r.Keys {
			if !s.t.ASCII { // there, down is not an arrow
				k = action.Show(k)
			}
			shown = append(shown, k)
		}
		for i, w := range wrap(r.Help, max(s.width-22, 10)) {
			l := s.line().Skip(2)
			if i == 0 {
				l.Cell(style.Strong, strings.Join(shown, "  "), 17).Skip(1)
			} else {
				l.Skip(18)
			}
			s.out = append(s.out, l.Put(style.Text, w).String())
		}
	}
	if begun {
		s.out = append(s.out, s.line().String())
	}
}

func (s *helpSheet) words(text string) {
	for _, w := range wrap(text, max(s.width-4, 10)) {
		s.out = append(s.out, s.line().Skip(2).Put(style.Dim, w).String())
	}
}
