package ui

import (
	"context"
	"maps"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/contacts"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// localContacts is what Settings › Sync with Local Contacts knows.
type localContacts struct {
	books map[activesync.AccountID]localBook
	dirs  map[activesync.AccountID]string // that the person chose before turning it on
	lane  lane
}

// localBook is how the address book of an account stands.
type localBook struct {
	setting contacts.Setting
	err     string
}

// forbidden says why a policy takes something away, "" where it does not.
func (a *App) forbidden(name string) string {
	if a.deps.Forbidden == nil {
		return ""
	}
	return a.deps.Forbidden(name)
}

// openLocalContacts opens Settings at Sync with Local Contacts.
func (a *App) openLocalContacts() tea.Cmd { return a.prefs.show(a, localSection) }

// short is what stands beside the name of the section.
func (g *localContacts) short(a *App) (string, style.Role) {
	on, wrong := 0, false
	for _, b := range g.books {
		if b.setting.On {
			on++
			wrong = wrong || b.setting.Problem != "" || b.setting.Conflicts > 0
		}
	}
	switch {
	case g.books == nil:
		return "", style.Dim
	case wrong:
		return a.theme.Warning + " On", style.Warn
	case on > 0:
		return "On", style.Dim
	}
	return "Off", style.Dim
}

// load reads how the address books stand, and tells of cards that have been
// changed by hand since.
func (g *localContacts) load(a *App) tea.Cmd {
	if a.forbidden(policy.ExportContacts) != "" || len(a.accounts) == 0 {
		return nil
	}
	b := a.backend
	var ids []activesync.AccountID
	for _, c := range a.accounts {
		ids = append(ids, c.ID)
	}
	return a.read(&g.lane, quick, func(ctx context.Context) answer {
		books := map[activesync.AccountID]localBook{}
		for _, id := range ids {
			s, err := b.LocalContacts(ctx, id)
			book := localBook{setting: s}
			if err != nil {
				book.err = explain(err)
			}
			books[id] = book
		}
		return func(a *App) tea.Cmd {
			g := &a.prefs.local
			before := g.conflicts()
			g.books = books
			a.prefs.rebuild(a)
			if now := g.conflicts(); now > before {
				return a.sayVersions(now)
			}
			return nil
		}
	})
}

// conflicts is how many cards were changed by hand.
func (g *localContacts) conflicts() int {
	n := 0
	for _, b := range g.books {
		n += b.setting.Conflicts
	}
	return n
}

// localRows are the section Sync with Local Contacts.
func (p *prefs) localRows(a *App, s *prefSheet) {
	s.lead("While it is on, each change of a person in your contacts is written to an address book of this machine within seconds: a directory with one vCard a file, which other programs read.")
	switch {
	case len(a.accounts) == 0:
		s.words(style.Dim, 0, "Set up an account first.")
	case p.local.books == nil:
		s.words(style.Dim, 0, "Reading"+a.theme.Ellipsis)
	}
	for i, c := range a.accounts {
		book, ok := p.local.books[c.ID]
		if !ok {
			continue
		}
		if i > 0 {
			s.blank()
		}
		if len(a.accounts) > 1 {
			s.heading(clean(c.Name))
		}
		if book.err != "" {
			s.words(style.Warn, 0, a.theme.Warning+" "+clean(book.err))
			continue
		}
		p.bookRows(a, s, c, book.setting)
	}
}

// bookRows are the address book of one account.
func (p *prefs) bookRows(a *App, s *prefSheet, c *account, set contacts.Setting) {
	id := c.ID
	locked := !set.On && !set.Override && len(set.Others) > 0
	on, off := func(a *App) tea.Cmd { return a.turnOnLocal(id) }, func(a *App) tea.Cmd { return a.turnOffLocal(id) }
	onRow := prefRow{key: "localon" + string(id), kind: prefChoice, label: "On", on: set.On, do: on, toggle: on}
	if locked {
		onRow.value, onRow.role = "locked", style.Warn
	}
	s.add(onRow)
	s.add(prefRow{key: "localoff" + string(id), kind: prefChoice, label: "Off", on: !set.On, do: off, toggle: off})
	switch {
	case set.Problem != "":
		s.words(style.Warn, 0, a.theme.Warning+" Not in step: "+clean(set.Problem))
	case locked:
		s.words(style.Warn, 0, a.theme.Warning+" "+nativeRefusal(set))
	case len(set.Others) > 0:
		s.words(style.Warn, 0, a.theme.Warning+" "+nativeWords(set)+" Override native contacts check allows both; a person who is in both is not written twice.")
	}
	s.blank()
	s.entry("From", style.Text, foldersWords(c))
	s.entry("What leaves", style.Text, set.Fields.Words()+", as the policy Contact fields to export says")
	if set.On {
		s.entry("Directory", style.Text, clean(set.Dir))
		s.entry("Cards", style.Text, number(set.Cards))
		last := a.dateTime(set.Last)
		if last == "" {
			last = "not yet"
		}
		s.entry("In step", style.Text, last)
	} else {
		s.entry("Directory", style.Text, clean(a.prefs.local.dir(id)))
		s.add(prefRow{key: "localdir" + string(id), kind: prefLink, label: "Another directory" + a.theme.Ellipsis, value: a.theme.Open, role: style.Dim,
			do: func(a *App) tea.Cmd { return a.askLocalDir(id) }})
	}
	if n := set.Conflicts + asides(c); n > 0 {
		s.add(prefRow{key: "localversions" + string(id), kind: prefLink, label: "Conflicts", mark: "people of whom there are two versions",
			value: number(n) + " " + a.theme.Open, role: style.Warn, do: (*App).openVersions})
	}
}

// nativeWords name the other programs that sync contacts, and where.
func nativeWords(set contacts.Setting) string {
	var names []string
	for _, o := range set.Others {
		names = append(names, clean(o.String()))
	}
	return "Another program syncs contacts too: " + strings.Join(names, "; ") + "."
}

// nativeRefusal says why it is not turned on, and what can be done.
func nativeRefusal(set contacts.Setting) string {
	return "It cannot be turned on: the policy Override native contacts check is off. " + nativeWords(set) + " End that one first."
}

// foldersWords say which folder goes out, and which stay.
func foldersWords(c *account) string {
	top := c.ofType(activesync.FolderContacts)
	if top == nil {
		return "the default contacts folder, never its subfolders"
	}
	var below []string
	inside := map[activesync.FolderID]bool{top.ID: true}
	for _, f := range c.folders { // parents come first
		if inside[f.Parent] && f.Class == activesync.ClassContacts {
			inside[f.ID] = true
			below = append(below, f.Name)
		}
	}
	if len(below) == 0 {
		return top.Name + " only, never its subfolders"
	}
	return top.Name + " only, not its subfolders " + strings.Join(below, ", ")
}

// dir is the directory that it would write to.
func (g *localContacts) dir(id activesync.AccountID) string {
	set := g.books[id].setting
	switch {
	case g.dirs[id] != "":
		return g.dirs[id]
	case set.Dir != "":
		return set.Dir
	}
	return set.Default
}

// askLocalDir asks where the cards are to lie.
func (a *App) askLocalDir(id activesync.AccountID) tea.Cmd {
	home := a.home()
	return a.prompt(&prompt{title: "Directory of the address book", label: "It is made where there is none; files of other programs in it are left alone.",
		field: edit.NewField(a.prefs.local.dir(id)), complete: func(s string) []string { return completeDirs(s, home) },
		check: func(s string) string {
			if !filepath.IsAbs(expandHome(strings.TrimSpace(s), home)) {
				return "Write the whole path, from / or ~/ on."
			}
			return ""
		},
		do: func(a *App, s string) tea.Cmd {
			g := &a.prefs.local
			g.dirs = maps.Clone(g.dirs)
			if g.dirs == nil {
				g.dirs = map[activesync.AccountID]string{}
			}
			g.dirs[id] = filepath.Clean(expandHome(strings.TrimSpace(s), home))
			a.prefs.rebuild(a)
			return nil
		}})
}

// turnOnLocal says what would leave this program and whereto, and turns Sync
// with Local Contacts on once the person agrees.
func (a *App) turnOnLocal(id activesync.AccountID) tea.Cmd {
	if set := a.prefs.local.books[id].setting; set.On {
		return a.say("Sync with Local Contacts is on already.")
	}
	b, dir := a.backend, a.prefs.local.dir(id)
	return a.call(quick, func(ctx context.Context) answer {
		set, err := b.LocalContacts(ctx, id)
		return func(a *App) tea.Cmd {
			c := a.account(id)
			switch {
			case c == nil:
				return nil
			case err != nil:
				return a.fail("Not turned on", err)
			case set.Forbidden != "":
				return tea.Batch(a.refuse("Sync with Local Contacts", set.Forbidden+"."), a.prefs.local.load(a))
			case len(set.Others) > 0 && !set.Override:
				return tea.Batch(a.refuse("Sync with Local Contacts", nativeRefusal(set)), a.prefs.local.load(a))
			}
			text := "From here on the people of " + foldersWords(c) + ", are written as vCards to " + clean(dir) + ", where other programs of this machine can read them.\n\nWhat leaves this program: " + set.Fields.Words() + "."
			if len(set.Others) > 0 {
				text += "\n\n" + a.theme.Warning + " " + nativeWords(set)
			}
			return a.ask(question{title: "Turn Sync with Local Contacts on?", text: text, yes: "Turn on", do: func(a *App) tea.Cmd {
				return a.switchLocal(id, contacts.Switch{On: true, Dir: dir}, "Sync with Local Contacts is on.")
			}})
		}
	})
}

// turnOffLocal asks what becomes of the cards that were written; they stay
// unless the person says otherwise.
func (a *App) turnOffLocal(id activesync.AccountID) tea.Cmd {
	set := a.prefs.local.books[id].setting
	if !set.On {
		return nil
	}
	return a.ask(question{title: "Turn Sync with Local Contacts off?",
		text: plural(set.Cards, "1 card was", "cards were") + " written to " + clean(set.Dir) + ". They can stay there as they are, or be removed. Cards that were changed by hand and those of other programs stay in any case.",
		no:   "Cancel", yes: "Keep the cards", also: "Remove the cards", at: 1,
		do: func(a *App) tea.Cmd {
			return a.switchLocal(id, contacts.Switch{}, "Sync with Local Contacts is off; the cards stay.")
		},
		other: func(a *App) tea.Cmd {
			return a.switchLocal(id, contacts.Switch{Remove: true}, "Sync with Local Contacts is off, and the cards are removed.")
		}})
}

// switchLocal turns it on or off.
func (a *App) switchLocal(id activesync.AccountID, to contacts.Switch, said string) tea.Cmd {
	b := a.backend
	return a.call(quick, func(ctx context.Context) answer {
		kept, err := b.SetLocalContacts(ctx, id, to)
		return func(a *App) tea.Cmd {
			load := a.prefs.local.load(a)
			switch {
			case err != nil && to.On:
				return tea.Batch(a.refuse("Not turned on", explain(err)), load)
			case err != nil:
				return tea.Batch(a.refuse("Not turned off", explain(err)), load)
			case len(kept) > 0:
				said += " Kept, as changed by hand: " + strings.Join(kept, ", ")
			}
			return tea.Batch(a.say(said), load)
		}
	})
}

// refuse tells why something was not done where that takes more than a line.
func (a *App) refuse(title, text string) tea.Cmd {
	return a.push(&paper{title: title, wide: 72, make: func(t *style.Theme, width int) []string {
		blank := t.Line(width, style.Overlay).String()
		out := []string{blank}
		for _, w := range wrap(clean(text), max(width-4, 1)) {
			out = append(out, t.Line(width, style.Overlay).Skip(2).Put(style.Text, w).String())
		}
		out = append(out, blank, t.Line(width, style.Overlay).Skip(2).Put(style.Dim, "Any key closes this.").String())
		return out
	}})
}

// sayVersions tells of cards that were changed by hand.
func (a *App) sayVersions(n int) tea.Cmd {
	return a.tell(note{text: plural(n, "A card of the local address book was", "cards of the local address book were") + " changed by hand.",
		offer: "Decide " + a.keys.Key(action.Versions), alert: true})
}
