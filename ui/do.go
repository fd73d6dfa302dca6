package ui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// do carries an action out: the place where the person is comes first, then
// what works everywhere.
func (a *App) do(id action.ID) tea.Cmd {
	if cmd, mine := a.doHere(id); mine {
		return cmd
	}
	if cmd, mine := a.onServer(id); mine {
		return cmd
	}
	if s, ok := screenOf(id); ok {
		return tea.Batch(a.putAside(), a.goTo(s))
	}
	switch id {
	case action.Write:
		return a.writeNew()
	case action.Undo:
		return a.undoLast()
	case action.CheckNow:
		return a.checkNow()
	case action.StopFile:
		return a.stopTransfer()
	case action.SyncOptions:
		return a.openSyncOptions()
	case action.Frequency:
		return a.withFolder((*App).openFrequency)
	case action.Period:
		return a.withFolder((*App).openPeriod)
	case action.GoInbox:
		return a.goInbox()
	case action.GoNewMail:
		return a.goNewMail()
	case action.FindAll:
		return a.openFindAll()
	case action.Resume:
		return a.resume()
	case action.Review:
		return a.review()
	case action.AutoRefresh:
		return a.openAutoRefresh()
	case action.Background:
		return a.openBackground()
	case action.Notifications:
		return a.openNotifications()
	case action.Reminders:
		return a.openReminders()
	case action.Problems:
		return a.openProblems()
	case action.Versions:
		return a.openVersions()
	case action.LocalContacts:
		return a.openLocalContacts()
	case action.Policies:
		return a.openPolicies()
	case action.Security:
		return a.openSecurity()
	case action.AddAccount:
		a.openSetup(true)
		return a.arrange()
	case action.More:
		return a.openMore()
	case action.Palette:
		return a.openPalette()
	case action.Help:
		return a.openHelp()
	case action.Redraw:
		a.forget()
		return tea.ClearScreen
	case action.Leave:
		return a.leave()
	case action.QuitAll:
		return a.quitAll()
	}
	return nil
}

// doHere lets the place where the person is carry an action out.
func (a *App) doHere(id action.ID) (cmd tea.Cmd, mine bool) {
	switch {
	case a.setup != nil:
		return nil, false
	case a.write != nil:
		return a.write.do(a, id)
	}
	switch a.screen {
	case peopleScreen:
		return a.people.do(a, id)
	case calendarScreen:
		return a.agenda.do(a, id)
	case settingsScreen:
		return a.prefs.do(a, id)
	case outboxScreen:
		return a.outbox.do(a, id)
	}
	return a.mail.do(a, id)
}

// screenOf is the screen that an action goes to.
func screenOf(id action.ID) (screen, bool) {
	switch id {
	case action.GoMail:
		return mailScreen, true
	case action.GoPeople:
		return peopleScreen, true
	case action.GoCalendar:
		return calendarScreen, true
	case action.GoSettings:
		return settingsScreen, true
	case action.GoOutbox:
		return outboxScreen, true
	}
	return 0, false
}

// goTo shows another screen. What it shows is read when it is first needed.
func (a *App) goTo(s screen) tea.Cmd {
	a.screen = s
	cmds := []tea.Cmd{a.arrange()}
	switch {
	case s == peopleScreen && !a.people.known:
		cmds = append(cmds, a.people.load(a))
	case s == calendarScreen && !a.agenda.known:
		cmds = append(cmds, a.agenda.load(a))
	case s == settingsScreen:
		cmds = append(cmds, a.prefs.unread(a))
	}
	return tea.Batch(cmds...)
}

// writeNew begins a new message, from the account the person is looking at.
func (a *App) writeNew() tea.Cmd {
	c := a.current()
	if c == nil {
		return nil
	}
	return a.openCompose(activesync.Draft{Account: c.ID, Text: a.settings.newText(c.ID), Markdown: a.settings.Format == markdown, From: a.nameOf(c)}, "to")
}

// checkNow has the server looked at: at the mailbox that is open, or at all.
func (a *App) checkNow() tea.Cmd {
	c := a.current()
	if c == nil {
		return nil
	}
	var folders []activesync.FolderID
	words, done := "Checking all mailboxes", "All mailboxes are in step."
	if f := a.facts().Folder; f != nil {
		if _, of := a.folder(f.ID); of != nil {
			c, folders, words, done = of, []activesync.FolderID{f.ID}, "Checking "+f.Name, f.Name+" is in step."
		}
	}
	b, account := a.backend, c.ID
	said := a.say(words + a.theme.Ellipsis)
	a.check = check{account: account, done: done, seq: a.note.seq}
	return tea.Batch(said, a.call(quick, func(ctx context.Context) answer {
		err := b.SyncNow(ctx, account, folders...)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not checked", err)
			}
			return nil
		}
	}))
}

// check is a look at the server that the person asked for, until it is over.
type check struct {
	account activesync.AccountID
	done    string // what is said then
	seq     int    // of the note that it is under way
	begun   bool
}

// checked says that the look at the server is over, where it is and the screen
// still says that it is under way.
func (a *App) checked(account activesync.AccountID, s activesync.Status) tea.Cmd {
	c := &a.check
	switch {
	case c.done == "" || c.account != account:
		return nil
	case s.Phase == activesync.PhaseChecking:
		c.begun = true
		return nil
	case !c.begun:
		return nil
	}
	over := *c
	*c = check{}
	if over.seq != a.note.seq || s.Err != nil {
		return nil
	}
	return a.say(over.done)
}

func (a *App) withFolder(do func(*App, activesync.FolderID) tea.Cmd) tea.Cmd {
	if f := a.facts().Folder; f != nil {
		return do(a, f.ID)
	}
	return nil
}

func (a *App) goInbox() tea.Cmd {
	c := a.current()
	f := c.ofType(activesync.FolderInbox)
	if f == nil {
		return a.say("The mailboxes have not come from the server yet.")
	}
	return tea.Batch(a.goTo(mailScreen), a.mail.openFolder(a, f.ID))
}

// goNewMail opens the newest of the messages that came while the screen was
// there and were not looked at.
func (a *App) goNewMail() tea.Cmd {
	var newest activesync.ItemID
	for id := range a.newMail {
		newest = max(newest, id)
	}
	folder := a.newMail[newest]
	a.seen(newest)
	return a.openMessage(newest, folder)
}

// openMessage opens a message in its mailbox.
func (a *App) openMessage(id activesync.ItemID, folder activesync.FolderID) tea.Cmd {
	m := &a.mail.list
	m.then = func(a *App) tea.Cmd {
		r, ok := a.mail.list.list.Current()
		if !ok || !slices.Contains(r.items(), id) {
			return nil
		}
		open := a.mail.list.openCurrent(a)
		if len(r.items()) == 1 {
			return open
		}
		return tea.Batch(open, a.mail.reader.turn(a, id, true))
	}
	show := a.goTo(mailScreen)
	if m.folder == folder {
		return tea.Batch(show, m.goTo(a, id))
	}
	m.places[folder] = id
	a.mail.boxes.choose(folder)
	return tea.Batch(show, m.open(a, folder), a.mail.look(a, onList))
}

// forget drops everything as it was drawn, for another theme or a new day.
func (a *App) forget() {
	a.mail.boxes.stale = true
	a.mail.list.forget()
}

// leave closes the screens. Where messages that were begun would be lost with
// them, it asks.
func (a *App) leave() tea.Cmd {
	if a.screen == mailScreen && a.write == nil && a.setup == nil && len(a.overlays) == 0 && a.mail.focus == onReader {
		return a.mail.look(a, onList)
	}
	return a.goodbye(func(a *App) tea.Cmd {
		a.leaving = true
		return tea.Quit
	})
}

// quitAll leaves and ends the background process too.
func (a *App) quitAll() tea.Cmd {
	return a.goodbye(func(a *App) tea.Cmd {
		a.leaving = true
		if quit := a.deps.QuitAll; quit != nil {
			return a.call(quick, func(context.Context) answer {
				err := quit()
				return func(a *App) tea.Cmd {
					if err != nil {
						a.leaving = false
						return a.fail("The background process goes on", err)
					}
					return tea.Quit
				}
			})
		}
		return tea.Quit
	})
}

// goodbye asks before what was written is lost.
func (a *App) goodbye(leave func(*App) tea.Cmd) tea.Cmd {
	lost := a.unkept()
	if lost == 0 {
		return leave(a)
	}
	return a.ask(question{
		title: "Leave?",
		text:  plural(lost, "A message that you were writing is not kept and", "%d messages that you were writing are not kept and") + " would be lost.",
		yes:   "Leave", no: "Stay",
		do: leave,
	})
}

// Title is what the window is called.
func (a *App) Title() string { return a.titleText() }

// Cursor is where the terminal's cursor stands: where letters go.
func (a *App) Cursor() (x, y int, visible bool) {
	if a.lock != nil || a.write == nil || len(a.overlays) > 0 || a.setup != nil {
		return 0, 0, false
	}
	return a.write.cursor()
}
