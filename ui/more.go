package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/edit"
)

// openMore opens the menu in the lower-right corner: what can be done with
// what is selected, Sync options first.
func (a *App) openMore() tea.Cmd {
	f := a.facts()
	m := &menu{title: "More", corner: true}
	for _, row := range a.keys.Table() {
		if !row.More || row.In&f.Scope == 0 || row.Hidden(f) {
			continue
		}
		it := item{label: row.Title(f), value: a.keys.Key(row.ID), why: row.Reason(f), do: func(a *App) tea.Cmd { return a.perform(row.ID) }}
		if row.ID == action.SyncOptions {
			if it.why != "" {
				continue
			}
			it.leads = true
			m.items = append([]item{it}, m.items...)
			continue
		}
		m.items = append(m.items, it)
	}
	if len(m.items) == 0 {
		return a.say("There is nothing more to do here.")
	}
	return a.menu(m)
}

// openSyncOptions shows how a mailbox is kept in step.
func (a *App) openSyncOptions() tea.Cmd {
	f := a.facts().Folder
	if f == nil {
		return nil
	}
	id := f.ID
	m := &menu{title: f.Name + ": Sync options", corner: true}
	m.items = append(m.items, item{label: "Check frequency", value: frequencyWords(f.Check), leads: true,
		do: func(a *App) tea.Cmd { return a.openFrequency(id) }})
	if len(activesync.Periods(f.Class)) > 1 {
		m.items = append(m.items, item{label: "Period", value: periodWords(f.Period), leads: true,
			do: func(a *App) tea.Cmd { return a.openPeriod(id) }})
	}
	if _, ok := a.backend.(notifier); ok && len(activesync.NotifyFolders(f.Class)) > 0 {
		m.items = append(m.items, item{label: "Notifications", value: folderNotifyWords(f.Class, f.Notified()), leads: true,
			do: func(a *App) tea.Cmd { return a.openFolderNotify(id) }})
	}
	return a.menu(m)
}

func (a *App) openFrequency(id activesync.FolderID) tea.Cmd {
	f, _ := a.folder(id)
	if f == nil {
		return nil
	}
	m := &menu{title: f.Name + ": Check frequency", corner: true}
	for _, c := range activesync.CheckFrequencies() {
		m.items = append(m.items, item{label: frequencyWords(c), radio: true, chosen: c == f.Check,
			do: func(a *App) tea.Cmd { return a.setFrequency(id, c) }})
	}
	return a.menu(m)
}

// openPeriod offers the periods, those that the policies of this moment allow.
func (a *App) openPeriod(id activesync.FolderID) tea.Cmd {
	b := a.backend
	return a.call(quick, func(ctx context.Context) answer {
		// What cannot be read locks nothing here; the agent holds to it.
		managed, _ := b.Policies(ctx)
		return func(a *App) tea.Cmd {
			f, c := a.folder(id)
			if f == nil {
				return nil
			}
			m := &menu{title: f.Name + ": Period", corner: true}
			for _, p := range activesync.Periods(f.Class) {
				m.items = append(m.items, item{label: periodWords(p), radio: true, chosen: p == f.Period, why: tooLong(c, f.Class, p, managed),
					do: func(a *App) tea.Cmd {
						return a.changeOptions(id, func(o *activesync.FolderOptions) { o.Period = p }, f.Name+": "+periodWords(p))
					}})
			}
			return a.menu(m)
		}
	})
}

// setFrequency sets how often a mailbox is checked. A mailbox that was not
// ticked in Auto Refresh becomes so: who says how often wants it checked.
func (a *App) setFrequency(id activesync.FolderID, c activesync.CheckFrequency) tea.Cmd {
	f, acct := a.folder(id)
	if f == nil {
		return nil
	}
	o := f.FolderOptions
	o.Check = c
	words := f.Name + ": " + frequencyWords(c)
	if c != activesync.CheckManual && !o.AutoRefresh {
		o.AutoRefresh = true
		words += ". Auto Refresh is on for it now"
	}
	if c != activesync.CheckManual && acct.state.AutoRefreshOff {
		words += ". It takes effect when Settings " + a.theme.Path + " Auto Refresh is On"
	}
	return a.setOptions(id, o, words)
}

// changeOptions changes something of the Sync options of a mailbox as they are now.
func (a *App) changeOptions(id activesync.FolderID, change func(*activesync.FolderOptions), said string) tea.Cmd {
	f, _ := a.folder(id)
	if f == nil {
		return a.say("The mailbox is gone.")
	}
	o := f.FolderOptions
	change(&o)
	return a.setOptions(id, o, said)
}

// setOptions keeps the Sync options of a mailbox, and shows them at once.
func (a *App) setOptions(id activesync.FolderID, o activesync.FolderOptions, said string) tea.Cmd {
	if f, _ := a.folder(id); f != nil {
		f.FolderOptions = o
		a.mail.boxes.rebuild(a)
	}
	b, s := a.backend, a.prefs.saving(folderKey(id))
	s.options = o
	return a.read(&s.lane, quick, func(ctx context.Context) answer {
		err := b.SetFolderOptions(ctx, id, o)
		return func(a *App) tea.Cmd {
			if err != nil {
				return tea.Batch(a.fail("Not kept", err), a.readAccounts())
			}
			if said == "" {
				return a.readAccounts()
			}
			return tea.Batch(a.say(said), a.readAccounts())
		}
	})
}

// frequencyWords are the choices of Check frequency as they are offered.
func frequencyWords(c activesync.CheckFrequency) string {
	switch c {
	case activesync.CheckPush:
		return "Push"
	case activesync.CheckManual, "":
		return "Manual"
	}
	d := every(c.Interval())
	return "E" + d[1:]
}

// periodWords are the choices of Period as they are offered.
func periodWords(p activesync.Period) string {
	switch p {
	case activesync.Period1d:
		return "1 day"
	case activesync.Period3d:
		return "3 days"
	case activesync.Period1w:
		return "1 week"
	case activesync.Period2w:
		return "2 weeks"
	case activesync.Period1m:
		return "1 month"
	case activesync.Period3m:
		return "3 months"
	case activesync.Period6m:
		return "6 months"
	}
	return "All"
}

// deepest is of how many folders above one the names are told; a server that had
// one lie below itself would not end.
const deepest = 30

// pickFolder asks for a mailbox of an account.
func (a *App) pickFolder(title string, c *account, do func(*App, *activesync.Folder) tea.Cmd) tea.Cmd {
	m := &menu{title: title, find: edit.NewField(""), width: 48}
	for _, f := range c.folders {
		if f.Class != activesync.ClassEmail {
			continue
		}
		label := f.Name
		for up, depth := c.folder(f.Parent), 0; up != nil && depth < deepest; up, depth = c.folder(up.Parent), depth+1 {
			label = up.Name + " " + a.theme.Path + " " + label
		}
		id := f.ID
		m.items = append(m.items, item{label: label, do: func(a *App) tea.Cmd {
			if f, _ := a.folder(id); f != nil {
				return do(a, f)
			}
			return a.say("The mailbox is gone.")
		}})
	}
	return a.menu(m)
}

// openPalette finds every action, mailbox and setting by a few letters.
func (a *App) openPalette() tea.Cmd {
	f := a.facts()
	m := &menu{title: "All actions", find: edit.NewField(""), width: 64}
	var later []item
	for _, row := range a.keys.Table() {
		if row.Plain || row.Hidden(f) || row.Group == action.Moving {
			continue
		}
		it := item{label: row.Title(f), value: a.keys.Key(row.ID), also: row.Name + " " + row.Also, why: row.Reason(f),
			do: func(a *App) tea.Cmd { return a.perform(row.ID) }}
		if row.In&f.Scope == 0 {
			it.why = "Not here: " + row.Where()
		}
		if it.why != "" {
			later = append(later, it)
		} else {
			m.items = append(m.items, it)
		}
	}
	for _, c := range a.accounts {
		for _, x := range c.folders {
			if x.Class == activesync.ClassEmail {
				id := x.ID
				label := "Go to " + x.Name
				if len(a.accounts) > 1 {
					label += " (" + clean(c.Name) + ")"
				}
				m.items = append(m.items, item{label: label, also: "mailbox folder open", do: func(a *App) tea.Cmd {
					return tea.Batch(a.goTo(mailScreen), a.mail.openFolder(a, id))
				}})
			}
		}
	}
	m.items = append(m.items, a.prefs.palette(a)...)
	m.items = append(m.items, later...)
	return a.menu(m)
}
