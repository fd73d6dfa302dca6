package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// stale is what notices say has changed and is to be read again.
type stale struct{ accounts, list, people, agenda bool }

// noticed takes up what has happened. What many notices are about is read once.
func (a *App) noticed(burst []activesync.Notice) tea.Cmd {
	var s stale
	cmds := make([]tea.Cmd, 0, len(burst)+6)
	for _, n := range burst {
		cmds = append(cmds, a.heed(n, &s))
	}
	if s.accounts {
		cmds = append(cmds, a.readAccounts())
	}
	if s.list {
		cmds = append(cmds, a.mail.list.refresh(a))
	}
	if s.people && a.people.known {
		cmds = append(cmds, a.people.load(a))
	}
	if s.agenda && a.agenda.known {
		cmds = append(cmds, a.agenda.load(a))
	}
	if s.agenda {
		cmds = append(cmds, a.readReminders(), a.mail.reader.askAgain(a))
	}
	return tea.Batch(cmds...)
}

// heed does what one notice calls for, and notes in s what is to be read again.
func (a *App) heed(n activesync.Notice, s *stale) tea.Cmd {
	if a.stopped != (n.Kind == activesync.NoticeStopped) {
		a.stopped = !a.stopped
		if !a.stopped {
			return tea.Batch(a.say("The background process runs again."), a.heed(n, s))
		}
	}
	switch n.Kind {
	case activesync.NoticeStopped:
		a.mail.boxes.stale = true
		a.prefs.rebuild(a)
		return a.tell(note{text: "The background process was stopped; " + a.keys.Key(action.CheckNow) + " starts it again.", alert: true})
	case activesync.NoticeStatus:
		c := a.account(n.Account)
		if c == nil || n.Status == nil {
			s.accounts = true
			return nil
		}
		a.heard++
		last := c.status.LastSuccess
		c.status, c.heard = *n.Status, a.heard
		if c.status.LastSuccess.IsZero() { // of an agent that has just begun
			c.status.LastSuccess = last
		}
		a.mail.boxes.stale = true
		a.prefs.rebuild(a)
		return a.checked(c.ID, *n.Status)
	case activesync.NoticeMailNew:
		s.accounts, s.list = true, s.list || n.Folder == a.mail.list.folder
		return a.arrived(n)
	case activesync.NoticeFolder:
		f, _ := a.folder(n.Folder)
		s.accounts, s.list = true, s.list || n.Folder == a.mail.list.folder || n.Folder == 0
		s.people = s.people || f == nil || f.Class == activesync.ClassContacts
		s.agenda = s.agenda || f == nil || f.Class == activesync.ClassCalendar
		if f != nil && f.Type == activesync.FolderDrafts {
			return a.draftsChanged()
		}
	case activesync.NoticeErased:
		s.accounts = true
		a.erased = "Your organisation has " + n.Name + " erased from this machine: mail, contacts, calendar and drafts."
		return a.tell(note{text: a.erased, alert: true})
	case activesync.NoticeForked:
		s.accounts = true
		return a.sayForked()
	case activesync.NoticeWithheld:
		s.accounts = true
		return a.sayWithheld(n.Folder)
	case activesync.NoticePresence:
		return a.reloadShown(backgroundSection, a.prefs.background.load)
	case activesync.NoticeNotifications:
		return a.reloadShown(notifySection, a.prefs.notifications.load)
	case activesync.NoticePolicy:
		s.accounts = true
		return tea.Batch(a.prefs.policies.load(a), a.prefs.local.load(a))
	case activesync.NoticeAddressBook:
		return a.prefs.local.load(a)
	case activesync.NoticeReminder:
		return a.readReminders()
	case activesync.NoticePeople:
		return a.completeAgain()
	case activesync.NoticeClock: // yesterday's mail is no longer today's
		s.list, s.agenda = true, true
		return a.idle()
	case activesync.NoticeOverflow:
		*s = stale{true, true, true, true}
		return a.prefs.local.load(a)
	default:
		s.accounts = true
	}
	return nil
}

// reloadShown reads a section of Settings again while it is shown.
func (a *App) reloadShown(s section, load func(*App) tea.Cmd) tea.Cmd {
	if a.screen != settingsScreen || a.prefs.at() != s {
		return nil
	}
	return load(a)
}

// completeAgain has it looked again for whom letters mean, where that is asked.
func (a *App) completeAgain() tea.Cmd {
	var cmds []tea.Cmd
	if a.write != nil {
		cmds = append(cmds, a.write.completeAgain(a))
	}
	if f, ok := a.top().(interface{ completeAgain(*App) tea.Cmd }); ok {
		cmds = append(cmds, f.completeAgain(a))
	}
	return tea.Batch(cmds...)
}
