package ui

import (
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// writingTastes are the choices about writing.
func (a *App) writingTastes() []taste {
	var out []taste
	for _, t := range []struct{ choice, name, note string }{
		{"off", "Off", "messages go out at once"}, {"5s", "5 seconds", ""}, {"", "10 seconds", ""}, {"20s", "20 seconds", ""}, {"60s", "1 minute", ""},
	} {
		out = append(out, taste{"undo" + t.choice, "Undo send", t.name, t.note,
			func(s Settings) bool { return s.undoSend() == (Settings{UndoSend: t.choice}).undoSend() }, func(s *Settings) { s.UndoSend = t.choice }})
	}
	for _, t := range []struct{ choice, name, note string }{{"", "Plain text", "stays plain"}, {markdown, "Markdown", "sent as text and HTML"}} {
		out = append(out, taste{"format" + t.choice, "Format of new messages", t.name, t.note,
			func(s Settings) bool { return s.Format == t.choice }, func(s *Settings) { s.Format = t.choice }})
	}
	for _, t := range []struct{ choice, name, note string }{{"", "Above the quoted text", ""}, {quoteAbove, "Below the quoted text", ""}} {
		out = append(out, taste{"quote" + t.choice, "Answers stand", t.name, t.note,
			func(s Settings) bool { return s.Quote == t.choice }, func(s *Settings) { s.Quote = t.choice }})
	}
	return out
}

// writingRows are the choices about writing, and the texts that are put into
// messages.
func (p *prefs) writingRows(a *App, s *prefSheet) {
	p.tasteRows(a, s, a.writingTastes())
	s.blank()
	language := clean(a.settings.Language)
	if language == "" {
		language = "the program's own"
	}
	if len(a.deps.Speller) == 0 {
		language = "neither hunspell nor aspell is there"
	}
	s.link("language", "Dictionary for spelling", "", language, (*App).askLanguage)
	for _, c := range a.accounts {
		id, acct := c.ID, c.Account
		s.blank()
		s.heading(strings.TrimSpace("Signatures and addresses  " + clean(c.Name)))
		s.link("sig"+string(id), "Below new messages", "", firstWords(a.settings.Signatures[id]), func(a *App) tea.Cmd {
			return a.askSignature("Below new messages", a.settings.Signatures[id], func(s *Settings, text string) { s.Signatures = with(s.Signatures, id, text) })
		})
		s.link("resig"+string(id), "Below answers and what is forwarded", "", firstWords(a.settings.ReplySignatures[id]), func(a *App) tea.Cmd {
			return a.askSignature("Below answers", a.settings.ReplySignatures[id], func(s *Settings, text string) { s.ReplySignatures = with(s.ReplySignatures, id, text) })
		})
		s.link("from"+string(id), "Names and addresses you write from", "", number(len(a.settings.identities(acct))), func(a *App) tea.Cmd { return a.askIdentities(acct) })
	}
	s.blank()
	s.heading("Templates")
	for _, name := range slices.Sorted(maps.Keys(a.settings.Templates)) {
		s.link("template"+name, clean(name), "", firstWords(a.settings.Templates[name]), func(a *App) tea.Cmd { return a.openTemplate(name) })
	}
	s.link("newtemplate", "New template"+a.theme.Ellipsis, "", "", (*App).newTemplate)
}

// askLanguage asks for the dictionary that spelling is checked with.
func (a *App) askLanguage() tea.Cmd {
	was := a.settings.Language
	return a.prompt(&prompt{title: "Dictionary for spelling", label: "Such as en_GB or de_DE; nothing for the program's own", field: edit.NewField(was),
		check: func(s string) string {
			if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-., ") != "" {
				return "A dictionary is named by letters, digits, _ and -."
			}
			return ""
		},
		do: func(a *App, s string) tea.Cmd {
			s = strings.TrimSpace(s)
			return a.keepUndoable("Dictionary changed", func(x *Settings) { x.Language = s }, func(x *Settings) { x.Language = was })
		}})
}

// firstWords are what tells a text from others.
func firstWords(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(clean(text)), "\n")
	if line == "" {
		return "none"
	}
	if r := []rune(line); len(r) > 24 {
		line = string(r[:24])
	}
	return line
}

// with is a map with another value; "" takes the entry out.
func with[K comparable](m map[K]string, key K, value string) map[K]string {
	out := maps.Clone(m)
	if out == nil {
		out = map[K]string{}
	}
	out[key] = value
	if value == "" {
		delete(out, key)
	}
	return out
}

// keepUndoable keeps settings, and lets z bring the earlier ones back.
func (a *App) keepUndoable(what string, set func(*Settings), back func(*Settings)) tea.Cmd {
	s := a.settings
	set(&s)
	a.canUndo(what, func(a *App) tea.Cmd {
		s := a.settings
		back(&s)
		return tea.Batch(a.say("Taken back: "+what), a.keep(s))
	})
	return tea.Batch(a.sayUndo(what), a.keep(s))
}

func (a *App) askSignature(title, was string, set func(*Settings, string)) tea.Cmd {
	return a.textbox(title, "The signature, without the line of two dashes before it.", was, func(a *App, text string) tea.Cmd {
		return a.keepUndoable("Signature changed", func(s *Settings) { set(s, text) }, func(s *Settings) { set(s, was) })
	})
}

// askIdentities asks from which addresses a person writes.
func (a *App) askIdentities(c activesync.Account) tea.Cmd {
	return a.writeIdentities(c, strings.Join(a.settings.Aliases[c.ID], "\n"))
}

func (a *App) writeIdentities(c activesync.Account, begun string) tea.Cmd {
	was := a.settings.Aliases[c.ID]
	set := func(s *Settings, list []string) {
		out := maps.Clone(s.Aliases)
		if out == nil {
			out = map[activesync.AccountID][]string{}
		}
		if out[c.ID] = list; len(list) == 0 {
			delete(out, c.ID)
		}
		s.Aliases = out
	}
	return a.textbox("Names and addresses", "One a line, such as Ana Souza <ana@example.test>. The address of the account with a name gives it that name. The server has to allow the others.",
		begun, func(a *App, text string) tea.Cmd {
			var list []string
			for line := range strings.SplitSeq(text, "\n") {
				if line = strings.TrimSpace(line); line == "" {
					continue
				}
				if wrong := notAddresses(line); len(wrong) > 0 {
					return tea.Batch(a.writeIdentities(c, text), a.tell(note{text: "Not an e-mail address: " + wrong[0] + ". Nothing was changed.", alert: true}))
				}
				list = append(list, line)
			}
			return a.keepUndoable("Addresses changed", func(s *Settings) { set(s, list) }, func(s *Settings) { set(s, was) })
		})
}

const templateHint = "Begin with To: or Subject: where it has them. {name}, {first}, {address}, {me}, {subject}, {date}, {day} and {time} are filled in; you are asked for any other {word}."

func (a *App) newTemplate() tea.Cmd {
	return a.prompt(&prompt{title: "New template", label: "What is it called?", field: edit.NewField(""),
		check: func(s string) string {
			if strings.TrimSpace(s) == "" {
				return "Write a name."
			}
			return ""
		},
		do: func(a *App, name string) tea.Cmd { return a.editTemplate(strings.TrimSpace(name)) }})
}

func (a *App) editTemplate(name string) tea.Cmd {
	return a.textbox("Template "+clean(name), templateHint, a.settings.Templates[name], func(a *App, text string) tea.Cmd {
		return a.keepTemplate(name, text)
	})
}

func (a *App) keepTemplate(name, text string) tea.Cmd {
	was := a.settings.Templates[name]
	what := "Template kept: " + clean(name)
	if text == "" {
		what = "Template deleted: " + clean(name)
	}
	return a.keepUndoable(what, func(s *Settings) { s.Templates = with(s.Templates, name, text) }, func(s *Settings) { s.Templates = with(s.Templates, name, was) })
}

func (a *App) openTemplate(name string) tea.Cmd {
	return a.menu(&menu{title: clean(name), digits: true, items: []item{
		{label: "Change the text", do: func(a *App) tea.Cmd { return a.editTemplate(name) }},
		{label: "Delete", do: func(a *App) tea.Cmd { return a.keepTemplate(name, "") }},
	}})
}
