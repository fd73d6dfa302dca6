package ui

import (
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// askTemplate asks which template is to be put where the cursor is.
func (w *compose) askTemplate(a *App) tea.Cmd {
	if len(a.settings.Templates) == 0 {
		return a.say("There are no templates yet. They are written in Settings " + a.theme.Path + " Writing.")
	}
	m := &menu{title: "Template", find: edit.NewField(""), width: 56}
	for _, name := range slices.Sorted(maps.Keys(a.settings.Templates)) {
		text := a.settings.Templates[name]
		m.items = append(m.items, item{label: clean(name), value: firstWords(text), do: func(a *App) tea.Cmd { return w.useTemplate(a, clean(name), text) }})
	}
	return a.menu(m)
}

// useTemplate fills a template in and writes it. Where it speaks of what is
// not known it asks, one after the other.
func (w *compose) useTemplate(a *App, name, text string) tea.Cmd {
	d := w.draft()
	var to activesync.Address
	if len(d.To) > 0 {
		to = d.To[0]
	}
	from := w.wish.from
	if c := a.account(w.account); c != nil && from == (activesync.Address{}) {
		from = a.settings.identities(c.Account)[0]
	}
	values := knownFields(to, from, d.Subject, a.now.In(a.loc))
	var missing []string
	for _, f := range fieldsOf(text) {
		if !slices.ContainsFunc(values, func(v templateField) bool { return v.name == f }) {
			missing = append(missing, f)
		}
	}
	return w.askFields(a, name, text, values, missing)
}

func (w *compose) askFields(a *App, name, text string, values []templateField, missing []string) tea.Cmd {
	if len(missing) == 0 {
		return w.writeTemplate(a, fillIn(text, values))
	}
	return a.prompt(&prompt{title: name, label: clean(missing[0]) + "?", field: edit.NewField(""), do: func(a *App, s string) tea.Cmd {
		return w.askFields(a, name, text, append(values, templateField{missing[0], s}), missing[1:])
	}})
}

// writeTemplate puts a text where the cursor is, and its subject and recipient
// where there are none.
func (w *compose) writeTemplate(a *App, text string) tea.Cmd {
	to, subject, rest := templateParts(text)
	if to != "" && strings.Trim(w.field[toPart].Text(), " ,;") == "" {
		w.field[toPart].SetText(to)
	}
	if subject != "" && strings.TrimSpace(w.field[subjectPart].Text()) == "" {
		w.field[subjectPart].SetText(subject)
	}
	w.enter(a, textPart)
	w.text().Insert(rest)
	return w.touched(a)
}
