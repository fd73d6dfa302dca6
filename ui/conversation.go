package ui

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/style"
)

// conversant is a backend that knows which messages belong together.
type conversant interface {
	// Thread are the messages of the conversation that one is in, oldest first.
	Thread(ctx context.Context, item activesync.ItemID) ([]activesync.Header, error)
}

// talks reports whether a mailbox shows one row a conversation. Drafts are
// always shown one by one.
func (a *App) talks(id activesync.FolderID) bool {
	f, _ := a.folder(id)
	_, can := a.backend.(conversant)
	return can && !a.settings.ConversationsOff && f != nil && f.Type != activesync.FolderDrafts && f.Type != activesync.FolderOutbox
}

// items are the messages that a row stands for.
func (r row) items() []activesync.ItemID {
	if len(r.talk.Items) == 0 {
		return []activesync.ItemID{r.ID}
	}
	return r.talk.Items
}

// show is the message that is shown when the row is opened: of a conversation
// the one that was searched for, or the newest unread one.
func (r row) show(found activesync.ItemID) activesync.ItemID {
	switch {
	case len(r.talk.Items) == 0:
		return r.ID
	case slices.Contains(r.talk.Items, found):
		return found
	}
	return r.talk.Show
}

// each are rows of single messages for the messages of a row.
func (r row) each() []row {
	out := []row{r}
	for _, id := range r.items() {
		if id != r.ID {
			out = append(out, row{Header: activesync.Header{ID: id, Folder: r.Folder, Subject: r.Subject, Read: r.Read, Flag: r.Flag}})
		}
	}
	return out
}

// entryAt is a line that stands for another message of the conversation.
type entryAt struct {
	line int // of the page
	item activesync.ItemID
}

// threaded reports whether the message shown is one of several.
func (r *reader) threaded() bool { return len(r.thread) > 1 }

// holds reports whether the page shows a row: its message, or the conversation
// it is of.
func (r *reader) holds(of row) bool {
	if r.id == 0 {
		return false
	}
	if r.id == of.ID || slices.Contains(of.talk.Items, r.id) {
		return true
	}
	return len(of.talk.Items) > 0 && slices.ContainsFunc(r.thread, func(h activesync.Header) bool { return h.ID == of.ID })
}

// place is which message of the conversation is shown, -1 where it is none.
func (k look) place() int {
	return slices.IndexFunc(k.thread, func(h activesync.Header) bool { return h.ID == k.shown })
}

// entries draw the messages of a conversation from one to another, a line each.
func (k look) entries(s *sheet, from, to int, out *rendered) {
	for _, h := range k.thread[from:to] {
		out.entries = append(out.entries, entryAt{len(s.out), h.ID})
		k.entry(s, h)
	}
}

// entry is the line of a message that is folded.
func (k look) entry(s *sheet, h activesync.Header) {
	role, mark := style.Text, " "
	if !h.Read {
		role, mark = style.Unread, k.theme.Dot
	}
	who := clean(h.From.Label())
	for _, self := range k.self {
		if strings.EqualFold(self, h.From.Address) {
			who = "me"
		}
	}
	when := k.when(h.Date)
	l := s.line().Put(style.Accent, k.theme.Folded).Skip(1).Put(style.Accent, mark).Skip(1)
	room := l.Room() - style.Width(when) - s.margin - 1
	name := min(max(room/3, 6), 22)
	l.Cell(role, who, min(name, max(room, 1))).Skip(1)
	if left := room - name - 1; left > 3 {
		text := strings.TrimSpace(clean(h.Preview))
		if h.HasAttachments {
			text = k.theme.Clip + " " + text
		}
		l.Cell(style.Dim, text, left)
	}
	l.Skip(l.Room()-style.Width(when)-s.margin).Put(style.Dim, when)
	s.add(l)
}

// turn shows another message of the conversation; opening it marks it as read.
func (r *reader) turn(a *App, id activesync.ItemID, open bool) tea.Cmd {
	if id == r.id {
		return nil
	}
	thread := r.thread
	r.clear()
	r.id, r.thread = id, thread
	if !open {
		return r.load(a, r.lane.gen)
	}
	return tea.Batch(r.load(a, r.lane.gen), a.markOne(thread, id))
}

// turnBy shows the message n further in the conversation.
func (r *reader) turnBy(a *App, n int) tea.Cmd {
	at := slices.IndexFunc(r.thread, func(h activesync.Header) bool { return h.ID == r.id })
	switch {
	case at < 0 || !r.threaded():
		return a.say("This message is not one of several.")
	case at+n < 0:
		return a.say("This is the oldest message of the conversation.")
	case at+n >= len(r.thread):
		return a.say("This is the newest message of the conversation.")
	}
	return r.turn(a, r.thread[at+n].ID, true)
}

// markOne marks a message of a conversation as read because it is opened.
func (a *App) markOne(thread []activesync.Header, id activesync.ItemID) tea.Cmd {
	for i, h := range thread {
		if h.ID != id || h.Read {
			continue
		}
		thread = slices.Clone(thread)
		thread[i].Read = true
		a.mail.reader.thread = thread
		a.seen(id)
		if r, ok := a.mail.list.list.Current(); ok && slices.Contains(r.talk.Items, id) {
			a.readOne(r)
		}
		return a.carryOut([]activesync.Op{{Kind: activesync.OpRead, Item: id, Folder: h.Folder, Read: true}}, "", "")
	}
	return nil
}

// readOne takes one message off the unread ones of a row, before the backend
// confirms it.
func (a *App) readOne(r row) {
	a.change(r.ID, func(r *row) {
		r.talk.Unread = max(r.talk.Unread-1, 0)
		r.Read = r.talk.Unread == 0
	})
}

// openTalk marks the message as read that is shown of a row.
func (a *App) openTalk(r row) tea.Cmd {
	if len(r.talk.Items) < 2 {
		return a.markRead(r, true)
	}
	id := a.mail.reader.id
	if thread := a.mail.reader.thread; len(thread) > 0 {
		return a.markOne(thread, id)
	}
	if r.talk.Unread == 0 || id != r.talk.Show {
		return nil
	}
	a.seen(id)
	a.readOne(r)
	return a.carryOut([]activesync.Op{{Kind: activesync.OpRead, Item: id, Folder: r.Folder, Read: true}}, "", "")
}

// reThread reads the messages of the conversation again after a change.
func (r *reader) reThread(a *App, rows []row) tea.Cmd {
	c, can := a.backend.(conversant)
	if !can || !r.have || r.within() {
		return nil
	}
	i := slices.IndexFunc(rows, r.holds)
	if i < 0 || len(rows[i].talk.Items) == 0 || rows[i].rev == r.rev {
		return nil
	}
	r.rev = rows[i].rev
	if len(rows[i].talk.Items) < 2 && len(r.thread) < 2 {
		return nil
	}
	id, gen := r.id, r.lane.gen
	return a.read(&r.talking, quick, func(ctx context.Context) answer {
		thread, err := c.Thread(ctx, id)
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			if gen != r.lane.gen || err != nil {
				return nil
			}
			r.thread = thread
			return r.render(a)
		}
	})
}

// settleConversations shows conversations or single messages from now on.
func (m *messages) settleConversations(a *App) tea.Cmd {
	if m.folder == 0 || a.talks(m.folder) == m.talks {
		return nil
	}
	q := activesync.WindowQuery{Count: m.rect.h + 2*spare, Before: spare}
	if r, ok := m.list.Current(); ok {
		q.Anchor = r.ID
	}
	m.known = false
	m.lane.gen++
	m.list.Clear()
	m.unmark()
	m.forget()
	a.mail.reader.clear()
	return m.ask(a, q)
}
