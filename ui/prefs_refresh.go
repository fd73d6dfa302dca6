package ui

import (
	"context"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// saving is a setting on its way to the backend. Of several wishes for the same
// thing the last one counts, and they go one after the other.
type saving struct {
	lane    lane
	on      bool
	options activesync.FolderOptions
}

func (p *prefs) saving(key string) *saving {
	s := p.saves[key]
	if s == nil {
		s = &saving{}
		p.saves[key] = s
	}
	return s
}

// asWished shows what is being kept as the person wished it, although what was
// read may be older.
func (p *prefs) asWished(a *App) {
	for _, c := range a.accounts {
		if s := p.saves[onKey(c.ID)]; s != nil && s.lane.busy {
			c.state.AutoRefreshOff = !s.on
			c.state.AutoRefreshChosen = c.state.AutoRefreshChosen || s.on
		}
		for i := range c.folders {
			if s := p.saves[folderKey(c.folders[i].ID)]; s != nil && s.lane.busy {
				c.folders[i].FolderOptions = s.options
			}
		}
	}
}

// The keys of rows, which are those of what is being kept, too.
func onKey(id activesync.AccountID) string    { return "on" + string(id) }
func offKey(id activesync.AccountID) string   { return "off" + string(id) }
func folderKey(id activesync.FolderID) string { return "folder" + id.String() }

// refreshKey is the row of the choice in force, of the account that the person
// looks at.
func (p *prefs) refreshKey(a *App) string {
	c := a.current()
	switch {
	case c == nil:
		return ""
	case c.state.AutoRefreshOff:
		return offKey(c.ID)
	}
	return onKey(c.ID)
}

// refreshed are the classes that are kept in step, in the order of the list.
func refreshed() []activesync.Class {
	return []activesync.Class{activesync.ClassEmail, activesync.ClassCalendar, activesync.ClassContacts}
}

// mailboxes are the folders of an account that are kept in step: mail first,
// each kind in the order of the tree.
func (c *account) mailboxes() []activesync.Folder {
	var out []activesync.Folder
	for _, class := range refreshed() {
		for _, f := range c.folders {
			if f.Class == class && f.Type != activesync.FolderOutbox { // the server's Outbox carries nothing
				out = append(out, f)
			}
		}
	}
	return out
}

// holds says what is in a folder that is no mailbox.
func holds(c activesync.Class) string {
	switch c {
	case activesync.ClassCalendar:
		return "calendar"
	case activesync.ClassContacts:
		return "contacts"
	}
	return ""
}

// refreshRows are On and Off for each account, or the mailboxes of one.
func (p *prefs) refreshRows(a *App, s *prefSheet) {
	if c := a.account(p.open); c != nil {
		p.mailboxRows(a, s, c)
		return
	}
	if len(a.accounts) == 0 {
		s.words(style.Dim, 0, "Set up an account first.")
		return
	}
	s.lead("Which mailboxes are checked by themselves. On leads to the list of all mailboxes.")
	for i, c := range a.accounts {
		if i > 0 {
			s.blank()
		}
		if len(a.accounts) > 1 {
			s.heading(clean(c.Name))
		}
		id, on := c.ID, !c.state.AutoRefreshOff
		s.add(prefRow{key: onKey(id), kind: prefChoice, label: "On", value: tickedWords(c) + " " + a.theme.Open, role: style.Dim, on: on,
			do:     func(a *App) tea.Cmd { return a.prefs.chooseOn(a, id) },
			toggle: func(a *App) tea.Cmd { return a.prefs.chooseOn(a, id) }})
		s.add(prefRow{key: offKey(id), kind: prefChoice, label: "Off", value: "by hand only", role: style.Dim, on: !on,
			do:     func(a *App) tea.Cmd { return a.prefs.chooseOff(a, id) },
			toggle: func(a *App) tea.Cmd { return a.prefs.chooseOff(a, id) }})
		if !on {
			s.words(style.Warn, 0, "Off: mailboxes are looked at only by hand, with "+a.keys.Key(action.CheckNow)+".")
		}
	}
}

// tickedWords counts the ticked mailboxes of an account.
func tickedWords(c *account) string {
	ticked, all := 0, c.mailboxes()
	for _, f := range all {
		if f.AutoRefresh {
			ticked++
		}
	}
	return strconv.Itoa(ticked) + " of " + plural(len(all), "1 mailbox", "mailboxes")
}

// mailboxRows are all mailboxes of an account, each with its tick.
func (p *prefs) mailboxRows(a *App, s *prefSheet, c *account) {
	words := "Ticked mailboxes are checked by themselves, the others only by hand."
	if p.begun {
		words += " To begin with, the automatic ones are ticked on push, and those that people made are not."
	}
	s.lead(words, a.keys.Key(action.Toggle)+" ticks or unticks, "+a.keys.Key(action.Open)+" opens the Sync options of a mailbox.")
	depth := map[activesync.FolderID]int{}
	for _, f := range c.mailboxes() {
		depth[f.ID] = 0
		if up, ok := depth[f.Parent]; ok {
			depth[f.ID] = up + 1
		}
		id := f.ID
		often := activesync.CheckManual
		if f.AutoRefresh {
			often = f.Check
		}
		s.add(prefRow{key: folderKey(id), kind: prefTick, label: f.Name, mark: holds(f.Class), value: frequencyWords(often), role: style.Dim,
			depth: min(depth[id], 4), on: f.AutoRefresh, folder: id,
			do:     func(a *App) tea.Cmd { return a.openSyncOptions() },
			toggle: func(a *App) tea.Cmd { return a.prefs.tick(a, id) }})
	}
	if len(depth) == 0 {
		s.words(style.Dim, 0, "The mailboxes come from the server"+a.theme.Ellipsis)
	}
}

// chooseOn opens the list of all mailboxes, and turns Auto Refresh on where it
// was not.
func (p *prefs) chooseOn(a *App, id activesync.AccountID) tea.Cmd {
	c := a.account(id)
	if c == nil {
		return nil
	}
	off, first := c.state.AutoRefreshOff, !c.state.AutoRefreshChosen
	var save tea.Cmd
	if off || first {
		save = p.setRefresh(a, id, true, off)
	}
	p.open, p.begun = id, first
	p.turn(a, "")
	return save
}

func (p *prefs) chooseOff(a *App, id activesync.AccountID) tea.Cmd {
	c := a.account(id)
	if c == nil || c.state.AutoRefreshOff {
		return nil
	}
	return p.setRefresh(a, id, false, true)
}

// setRefresh turns Auto Refresh of an account on or off, on screen at once.
func (p *prefs) setRefresh(a *App, id activesync.AccountID, on, told bool) tea.Cmd {
	c := a.account(id)
	if c == nil {
		return nil
	}
	s := p.saving(onKey(id))
	s.on = on
	c.state.AutoRefreshOff = !on
	c.state.AutoRefreshChosen = c.state.AutoRefreshChosen || on
	a.mail.boxes.rebuild(a)
	p.shut(a, id, !on)
	b := a.backend
	return a.read(&s.lane, quick, func(ctx context.Context) answer {
		err := b.SetAutoRefresh(ctx, id, on)
		return func(a *App) tea.Cmd {
			if err != nil {
				a.prefs.shut(a, id, on)
				return tea.Batch(a.fail("Not kept", err), a.readAccounts())
			}
			if !told {
				return a.readAccounts()
			}
			words, what := "Auto Refresh is on.", "turn Auto Refresh on"
			if !on {
				words, what = "Auto Refresh is off: mailboxes are looked at only by hand.", "turn Auto Refresh off"
			}
			a.canUndo(what, func(a *App) tea.Cmd {
				return tea.Batch(a.prefs.setRefresh(a, id, !on, false), a.say("Taken back: "+what))
			})
			return tea.Batch(a.sayUndo(words), a.readAccounts())
		}
	})
}

// shut goes back from the list of an account to On and Off where it has no
// reason to be open.
func (p *prefs) shut(a *App, id activesync.AccountID, idle bool) {
	if !idle || p.open != id {
		p.rebuild(a)
		return
	}
	p.open = ""
	p.turn(a, onKey(id))
}

// tick ticks or unticks a mailbox.
func (p *prefs) tick(a *App, id activesync.FolderID) tea.Cmd {
	f, _ := a.folder(id)
	if f == nil {
		return nil
	}
	on := !f.AutoRefresh
	words, what := f.Name+" is looked at only by hand.", "untick "+f.Name
	if on {
		what = "tick " + f.Name
		switch f.Check {
		case activesync.CheckPush:
			words = f.Name + " is checked by push."
		case activesync.CheckManual, "":
			words = f.Name + " is ticked, but its check frequency is Manual."
		default:
			words = f.Name + " is checked " + every(f.Check.Interval()) + "."
		}
	}
	return p.setTick(a, id, on, words, what)
}

// setTick keeps a tick, on screen at once. what is what z takes back, "" where
// this is the taking back.
func (p *prefs) setTick(a *App, id activesync.FolderID, on bool, words, what string) tea.Cmd {
	f, _ := a.folder(id)
	if f == nil {
		return nil
	}
	s := p.saving(folderKey(id))
	f.AutoRefresh = on
	s.options = f.FolderOptions
	a.mail.boxes.rebuild(a)
	p.rebuild(a)
	b, options := a.backend, s.options
	return a.read(&s.lane, quick, func(ctx context.Context) answer {
		err := b.SetFolderOptions(ctx, id, options)
		return func(a *App) tea.Cmd {
			switch {
			case err != nil:
				return tea.Batch(a.fail("Not kept", err), a.readAccounts())
			case what == "":
				return tea.Batch(a.say(words), a.readAccounts())
			}
			a.canUndo(what, func(a *App) tea.Cmd { return a.prefs.setTick(a, id, !on, "Taken back: "+what, "") })
			return tea.Batch(a.sayUndo(words), a.readAccounts())
		}
	})
}
