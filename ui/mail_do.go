package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// do carries an action out in the pane that has the focus.
func (m *mail) do(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Back:
		if m.focus == onReader {
			if cmd, mine = m.reader.do(a, id); mine {
				return cmd, true
			}
		}
		return m.back(a), true
	case action.NextPane:
		return m.nextPane(a, 1), true
	case action.PrevPane:
		return m.nextPane(a, -1), true
	case action.Left:
		return m.look(a, max(m.focus-1, onBoxes)), true
	case action.Find:
		if m.focus == onBoxes {
			if cmd = m.boxes.open(a); m.list.folder == 0 {
				return cmd, true
			}
			return tea.Batch(cmd, a.openFind()), true
		}
	case action.UnreadOnly:
		if m.focus == onBoxes {
			if cmd = m.boxes.open(a); m.list.folder == 0 {
				return cmd, true
			}
		}
		return tea.Batch(cmd, m.list.showUnread(a, !m.list.unread)), true
	}
	switch m.focus {
	case onBoxes:
		return m.boxes.do(a, id)
	case onReader:
		if cmd, mine = m.reader.do(a, id); mine {
			return cmd, true
		}
	default:
		if cmd, mine = m.list.do(a, id); mine {
			return cmd, true
		}
	}
	return m.actOn(a, id)
}

// shows reports whether the reading pane has the message at hand.
func (m *mail) shows() bool {
	r, ok := m.list.list.Current()
	return m.focus == onReader || ok && m.reader.have && m.reader.holds(r)
}

// showFirst does something with a message once the reading pane has it: what is
// there yet is another one.
func (m *mail) showFirst(a *App, id action.ID) tea.Cmd {
	show := m.list.follow
	if a.part(onReader).w == 0 {
		show = m.list.openCurrent
	}
	cmd := show(a)
	m.reader.then = id
	return cmd
}

// actOn does something with messages: those marked, or the one at hand.
func (m *mail) actOn(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Save, action.OpenFile, action.Preview, action.Browser, action.Pipe:
		if !m.shows() {
			return m.showFirst(a, id), true
		}
	}
	switch id {
	case action.Reply:
		return a.answer(activesync.VerbReply), true
	case action.ReplyAll:
		return a.answer(activesync.VerbReplyAll), true
	case action.ReplyFiles:
		return a.answerAs(reply{verb: activesync.VerbReply, files: true}), true
	case action.ForwardMail:
		return a.answerAs(reply{verb: activesync.VerbForward, enclosed: true}), true
	case action.EditAsNew, action.Resend:
		return a.answerAs(reply{}), true
	case action.Forward:
		return a.answer(activesync.VerbForward), true
	case action.Archive:
		return a.archive(), true
	case action.Junk:
		return a.junk(), true
	case action.Delete:
		return a.remove(), true
	case action.MoveTo:
		return a.pickTarget(), true
	case action.Read:
		return a.toggleRead(), true
	case action.Flag:
		return a.toggleFlag(), true
	case action.VIP:
		return a.toggleVIP(), true
	case action.Report:
		return a.reportPhishing(), true
	case action.NextMessage:
		return m.list.step(a, 1), true
	case action.PrevMessage:
		return m.list.step(a, -1), true
	case action.Links:
		return a.openLinks(), true
	case action.Save:
		return a.openFiles(), true
	case action.OpenFile:
		return a.filesMenu("Open which file?", (*App).openFile), true
	case action.Preview:
		return a.filesMenu("Preview which file?", (*App).previewFile), true
	case action.Details:
		return tea.Batch(m.enterIfAlone(a), m.reader.toggleView(a, detailsView)), true
	case action.Source:
		return tea.Batch(m.enterIfAlone(a), m.reader.toggleView(a, sourceView)), true
	case action.Browser:
		return a.openPage(), true
	case action.Pipe:
		return a.openPipe(), true
	case action.Entry:
		return m.reader.enterEvent(a), true
	}
	return a.respondHere(id)
}

// enterIfAlone goes to the reading pane where it is not on screen.
func (m *mail) enterIfAlone(a *App) tea.Cmd {
	if m.focus != onReader && a.part(onReader).w == 0 {
		return m.enter(a, onReader)
	}
	return nil
}

// pickTarget asks where messages are to be moved.
func (a *App) pickTarget() tea.Cmd {
	rows := a.targets()
	_, c := a.folder(a.mail.list.folder)
	if c == nil || len(rows) == 0 {
		return nil
	}
	return a.pickFolder("Move "+a.these(rows)+" to", c, func(a *App, f *activesync.Folder) tea.Cmd {
		return a.moveTo(rows, f, "Moved to")
	})
}

func (b *boxes) do(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	step := 1
	switch id {
	case action.Down:
		b.list.Move(1)
	case action.Up:
		b.list.Move(-1)
		step = -1
	case action.PageDown:
		b.list.Page(1)
	case action.PageUp:
		b.list.Page(-1)
		step = -1
	case action.HalfDown:
		b.list.Half(1)
	case action.HalfUp:
		b.list.Half(-1)
		step = -1
	case action.First:
		b.list.To(0)
	case action.Last:
		b.list.To(b.list.Len())
		step = -1
	case action.Open, action.Right:
		return b.open(a), true
	default:
		return nil, false
	}
	return b.moved(a, step), true
}

func (m *messages) do(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Down:
		m.list.Move(1)
	case action.Up:
		m.list.Move(-1)
	case action.PageDown:
		m.list.Page(1)
	case action.PageUp:
		m.list.Page(-1)
	case action.HalfDown:
		m.list.Half(1)
	case action.HalfUp:
		m.list.Half(-1)
	case action.First:
		m.list.To(0)
	case action.Last:
		m.list.To(m.list.Len())
	case action.Open:
		return m.openOrWrite(a), true
	case action.Right:
		return m.openCurrent(a), true
	case action.Mark:
		m.mark()
		m.list.Move(1)
	case action.MarkAll:
		return m.markAll(a), true
	case action.Unmark:
		m.unmark()
		return nil, true
	case action.Find:
		return a.openFind(), true
	case action.FindNext:
		return m.search(a, 1), true
	case action.FindPrev:
		return m.search(a, -1), true
	default:
		return nil, false
	}
	return m.moved(a), true
}

// markMost is how many messages are marked at once: each is a change of its own.
const markMost = 1000

// markAll marks all that the list shows, the newest of very many.
func (m *messages) markAll(a *App) tea.Cmd {
	b, folder, loc := a.backend, m.folder, a.loc
	q := activesync.WindowQuery{Count: markMost, Unread: m.unread, Conversations: m.talks}
	return a.call(quick, func(ctx context.Context) answer {
		w, err := b.Window(ctx, folder, q)
		rows := makeRows(w, loc, false)
		return func(a *App) tea.Cmd {
			m := &a.mail.list
			switch {
			case err != nil:
				return a.fail("Not marked", err)
			case m.folder != folder || m.unread != q.Unread || m.talks != q.Conversations:
				return nil // the person looks at something else now
			}
			m.stale = true
			for _, r := range rows {
				m.marked[r.ID] = r
			}
			if w.Total > len(rows) {
				return a.say("The newest " + number(len(rows)) + " of " + number(w.Total) + " are marked.")
			}
			return a.say("All are marked: " + number(len(rows)) + ".")
		}
	})
}

func (m *messages) mark() {
	m.stale = true
	r, ok := m.list.Current()
	if !ok {
		return
	}
	if _, on := m.marked[r.ID]; on {
		delete(m.marked, r.ID)
	} else {
		m.marked[r.ID] = r
	}
}
