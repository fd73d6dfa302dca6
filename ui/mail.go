package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

// The panes of mail.
const (
	onBoxes = iota
	onList
	onReader
)

// mail is the screen of mailboxes, messages and one message.
type mail struct {
	focus  int
	boxes  boxes
	list   messages
	reader reader
}

func (m *mail) init(a *App) {
	m.focus = onList
	m.boxes.init()
	m.list.init()
	m.reader.init()
	_ = a
}

// part is the place of a pane, of no width when it is not on screen.
func (a *App) part(n int) rect {
	if a.screen != mailScreen || n >= len(a.lay.parts) {
		return rect{}
	}
	return a.lay.parts[n]
}

func (m *mail) resize(a *App) tea.Cmd {
	p := a.lay.parts
	m.boxes.resize(p[onBoxes])
	return tea.Batch(m.list.resize(a, p[onList]), m.reader.resize(a, p[onReader]))
}

// look moves the focus to a pane.
func (m *mail) look(a *App, focus int) tea.Cmd {
	m.focus = focus
	m.boxes.stale, m.list.stale = true, true
	return a.arrange()
}

// openFirst opens the Inbox of the first account, or its first mailbox.
func (m *mail) openFirst(a *App) tea.Cmd {
	for _, c := range a.accounts {
		f := c.ofType(activesync.FolderInbox)
		for i := range c.folders {
			if f == nil && c.folders[i].Class == activesync.ClassEmail {
				f = &c.folders[i]
			}
		}
		if f != nil {
			m.boxes.choose(f.ID)
			return m.list.open(a, f.ID)
		}
	}
	return nil
}

// openFolder opens a mailbox and goes to its list.
func (m *mail) openFolder(a *App, id activesync.FolderID) tea.Cmd {
	m.boxes.choose(id)
	a.seenFolder(id)
	cmd := m.list.open(a, id)
	return tea.Batch(cmd, m.look(a, onList))
}

// columns are the panes as they are drawn now.
func (m *mail) columns(a *App) []column {
	p := a.lay.parts
	var out []column
	narrow := p[onBoxes].w == 0
	folder, _ := a.folder(m.list.folder)
	if p[onBoxes].w > 0 {
		out = append(out, column{lines: m.boxes.lines(a), width: p[onBoxes].w, title: "Mailboxes", focus: m.focus == onBoxes})
	}
	if p[onList].w > 0 {
		c := column{lines: m.list.lines(a), width: p[onList].w, focus: m.focus == onList}
		if folder != nil {
			c.title, c.extra = folder.Name, m.list.count(folder)
			if narrow {
				c.title = "Mailboxes " + a.theme.Path + " " + c.title
			}
		}
		out = append(out, c)
	}
	if p[onReader].w > 0 {
		c := column{lines: m.reader.lines(a), width: p[onReader].w, focus: m.focus == onReader, title: m.reader.title(a)}
		if len(out) == 0 && folder != nil {
			c.title = "Mailboxes " + a.theme.Path + " " + folder.Name + " " + a.theme.Path + " " + c.title
		}
		out = append(out, c)
	}
	return out
}

// back goes one pane to the left.
func (m *mail) back(a *App) tea.Cmd {
	switch m.focus {
	case onReader:
		return m.look(a, onList)
	case onList:
		if len(m.list.marked) > 0 {
			m.list.unmark()
			return nil
		}
		if m.list.unread {
			return m.list.showUnread(a, false)
		}
		return m.look(a, onBoxes)
	}
	return nil
}

// nextPane goes around the panes; the reading pane takes part only when a
// message is in it.
func (m *mail) nextPane(a *App, step int) tea.Cmd {
	n := 3
	if m.reader.id == 0 {
		n = 2
	}
	return m.enter(a, (m.focus+step+n)%n)
}

// enter moves the focus; entering the reading pane opens the message in it.
func (m *mail) enter(a *App, focus int) tea.Cmd {
	if focus == onReader && m.focus != onReader {
		return m.list.openCurrent(a)
	}
	return m.look(a, focus)
}
