package ui

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// undoEntry is a change that z takes back.
type undoEntry struct {
	ops    []activesync.OpID
	what   string // "delete 2 messages"
	folder activesync.FolderID
	item   activesync.ItemID // to go back to
	// back takes it back where it is no change of the journal.
	back func(*App) tea.Cmd
	// message is one of the outbox that back takes back, 0 for none.
	message activesync.OpID
}

// undoDepth is how many changes can be taken back, the last one first.
const undoDepth = 50

// carryOut writes changes to the journal and says what was done, with the
// offer to take it back. said is empty for changes too small for words.
func (a *App) carryOut(ops []activesync.Op, said, what string) tea.Cmd {
	if len(ops) == 0 {
		return nil
	}
	b, folder, item := a.backend, a.mail.list.folder, ops[0].Item
	do := a.call(quick, func(ctx context.Context) answer {
		ids, err := b.Do(ctx, ops...)
		return func(a *App) tea.Cmd {
			if len(ids) > 0 && what != "" {
				a.undo = append(a.undo, undoEntry{ops: ids, what: what, folder: folder, item: item})
				a.undo = a.undo[max(len(a.undo)-undoDepth, 0):]
			}
			if err != nil {
				return tea.Batch(a.fail("Not done", err), a.mail.list.refresh(a), a.readAccounts())
			}
			if said != "" {
				return a.sayUndo(said)
			}
			return nil
		}
	})
	return do
}

// undoLast takes the last change back.
func (a *App) undoLast() tea.Cmd {
	last := a.undo[len(a.undo)-1]
	a.undo = a.undo[:len(a.undo)-1]
	if last.back != nil {
		return last.back(a)
	}
	b, again := a.backend, a.withdraw(last.ops...)
	return a.call(quick, func(ctx context.Context) answer {
		err := b.Undo(ctx, last.ops...)
		return func(a *App) tea.Cmd {
			if err != nil {
				again()
				return tea.Batch(a.fail("Could not take it back", err), a.mail.list.refresh(a))
			}
			var back tea.Cmd
			if a.mail.list.folder == last.folder {
				back = a.mail.list.goTo(a, last.item)
			}
			return tea.Batch(a.say("Taken back: "+last.what), back)
		}
	})
}

// goTo reads the rows around a message and puts the cursor on it.
func (m *messages) goTo(a *App, id activesync.ItemID) tea.Cmd {
	m.known = false
	m.lane.gen++
	return m.ask(a, activesync.WindowQuery{Anchor: id, Before: spare + m.rect.h/2, Offset: max(m.list.Top()-spare, 0), Count: m.rect.h + 2*spare})
}

// targets are the messages an action is meant for: those marked, or the one
// under the cursor or opened.
func (a *App) targets() []row {
	var out []row
	for _, r := range a.mail.list.markedOr() {
		out = append(out, r.each()...)
	}
	return out
}

// markRead marks a message read or unread at once on screen, then in the
// journal.
func (a *App) markRead(r row, read bool) tea.Cmd {
	if r.Read == read {
		return nil
	}
	a.alter(r.ID, func(h *activesync.Header) { h.Read = read })
	return a.carryOut([]activesync.Op{{Kind: activesync.OpRead, Item: r.ID, Folder: r.Folder, Read: read}}, "", "")
}

// alter changes a row on screen before the backend confirms it.
func (a *App) alter(id activesync.ItemID, edit func(*activesync.Header)) {
	a.change(id, func(r *row) {
		edit(&r.Header)
		if r.Read {
			r.talk.Unread = 0
		} else if r.talk.Unread == 0 {
			r.talk.Unread = len(r.talk.Items)
		}
	})
}

func (a *App) change(id activesync.ItemID, edit func(*row)) {
	m := &a.mail.list
	m.stale = true
	loc := a.loc
	sent := false
	if f, _ := a.folder(m.folder); f != nil {
		sent = f.Type == activesync.FolderSent || f.Type == activesync.FolderDrafts
	}
	m.list.Change(id, func(r *row) {
		edit(r)
		*r = makeRow(r.Header, r.talk, loc, sent)
	})
}

func (a *App) toggleRead() tea.Cmd {
	rows := a.targets()
	read := anyUnread(rows)
	var ops []activesync.Op
	for _, r := range rows {
		a.alter(r.ID, func(h *activesync.Header) { h.Read = read })
		a.seen(r.ID)
		ops = append(ops, activesync.Op{Kind: activesync.OpRead, Item: r.ID, Folder: r.Folder, Read: read})
	}
	word := "unread"
	if read {
		word = "read"
	}
	return a.carryOut(ops, "Marked as "+word+": "+a.these(rows), "mark as "+word)
}

// anyUnread reports whether something of the rows is unread.
func anyUnread(rows []row) bool { return slices.ContainsFunc(rows, row.unread) }

func (a *App) toggleFlag() tea.Cmd {
	rows := a.targets()
	flag := activesync.FlagActive
	if len(rows) > 0 && rows[0].Flag == activesync.FlagActive {
		flag = activesync.FlagNone
	}
	var ops []activesync.Op
	for _, r := range rows {
		a.alter(r.ID, func(h *activesync.Header) { h.Flag = flag })
		ops = append(ops, activesync.Op{Kind: activesync.OpFlag, Item: r.ID, Folder: r.Folder, Flag: flag})
	}
	said, what := "Flagged: ", "flag"
	if flag == activesync.FlagNone {
		said, what = "Flag removed: ", "remove the flag"
	}
	return a.carryOut(ops, said+a.these(rows), what)
}

// these names messages: the subject of one, the number of several.
func (a *App) these(rows []row) string {
	if len(rows) == 1 && rows[0].Subject != "" {
		return rows[0].Subject
	}
	return plural(len(rows), "1 message", "messages")
}

// remove deletes messages: to Deleted Items at once, from there for good after
// asking.
func (a *App) remove() tea.Cmd {
	rows := a.targets()
	f, _ := a.folder(a.mail.list.folder)
	if len(rows) == 0 || f == nil {
		return nil
	}
	if f.Type != activesync.FolderDeleted {
		return a.takeAway(rows, activesync.OpDelete, 0, "Deleted: "+a.these(rows), "delete "+a.these(rows))
	}
	return a.ask(question{
		title: "Delete for good?",
		text:  "Delete " + a.these(rows) + " for good? It cannot be brought back.",
		yes:   "Delete for good",
		do: func(a *App) tea.Cmd {
			return a.takeAway(rows, activesync.OpDelete, 0, "Deleted for good: "+a.these(rows), "")
		},
	})
}

// moveTo moves messages to another mailbox.
func (a *App) moveTo(rows []row, to *activesync.Folder, verb string) tea.Cmd {
	if to.ID == a.mail.list.folder {
		return a.say("They are in " + to.Name + " already.")
	}
	return a.takeAway(rows, activesync.OpMove, to.ID, verb+" "+to.Name+": "+a.these(rows), "move "+a.these(rows)+" to "+to.Name)
}

// takeAway carries out what makes messages vanish from the list; they vanish
// at once and the cursor goes to the next one.
func (a *App) takeAway(rows []row, kind activesync.OpKind, to activesync.FolderID, said, what string) tea.Cmd {
	gone := map[activesync.ItemID]bool{}
	var ops []activesync.Op
	for _, r := range rows {
		gone[r.ID] = true
		a.seen(r.ID)
		ops = append(ops, activesync.Op{Kind: kind, Item: r.ID, Folder: r.Folder, To: to})
	}
	m := &a.mail.list
	m.list.Remove(func(id activesync.ItemID) bool { return gone[id] })
	m.unmark()
	var next tea.Cmd
	if m.list.Len() == 0 {
		a.mail.reader.clear()
		if a.mail.focus == onReader {
			next = a.mail.look(a, onList)
		}
	} else if a.mail.focus == onReader {
		next = m.openCurrent(a)
	} else {
		next = m.moved(a)
	}
	if what == "" {
		// Not offered back, so only said.
		b := a.backend
		return tea.Batch(next, a.call(quick, func(ctx context.Context) answer {
			_, err := b.Do(ctx, ops...)
			return func(a *App) tea.Cmd {
				if err != nil {
					return tea.Batch(a.fail("Not done", err), a.mail.list.refresh(a))
				}
				return a.say(said)
			}
		}))
	}
	return tea.Batch(next, a.carryOut(ops, said, what))
}

// archive moves messages to the archive: the mailbox chosen for it, or one
// that is called so; else it asks which it is to be.
func (a *App) archive() tea.Cmd {
	rows := a.targets()
	_, c := a.folder(a.mail.list.folder)
	if len(rows) == 0 || c == nil {
		return nil
	}
	if f := a.archiveOf(c); f != nil {
		return a.moveTo(rows, f, "Moved to")
	}
	return a.pickFolder("Archive into which mailbox?", c, func(a *App, f *activesync.Folder) tea.Cmd {
		settings := a.settings
		settings.Archive = map[activesync.AccountID]activesync.FolderID{}
		for k, v := range a.settings.Archive {
			settings.Archive[k] = v
		}
		settings.Archive[c.ID] = f.ID
		return tea.Batch(a.keep(settings), a.moveTo(rows, f, "Moved to"))
	})
}

func (a *App) archiveOf(c *account) *activesync.Folder {
	if f := c.folder(a.settings.Archive[c.ID]); f != nil {
		return f
	}
	for i := range c.folders {
		if f := &c.folders[i]; f.IsArchive() {
			return f
		}
	}
	return nil
}

// junk moves messages to the mailbox for junk, and from there back to the Inbox.
func (a *App) junk() tea.Cmd {
	rows := a.targets()
	from, c := a.folder(a.mail.list.folder)
	if len(rows) == 0 || from == nil {
		return nil
	}
	for i := range c.folders {
		if to := &c.folders[i]; from.IsJunk() && to.Type == activesync.FolderInbox || !from.IsJunk() && to.IsJunk() {
			return a.moveTo(rows, to, "Moved to")
		}
	}
	return a.say("There is no mailbox for junk. Make one that is called Junk.")
}

// facts are what the availability of actions depends on.
func (a *App) facts() action.Facts {
	f := action.Facts{Scope: a.scope(), Now: a.now, Accounts: len(a.accounts), Drafts: len(a.aside), NewMail: len(a.newMail), Withheld: len(a.withheld()), Versions: a.undecidedPeople(), Problems: len(a.problems()), Reminders: len(a.standing()), Forbidden: a.deps.Forbidden}
	f.Invited, f.Transfer = a.invitedAt(), a.moving != nil
	if len(a.undo) > 0 {
		f.Undo = a.undo[len(a.undo)-1].what
	}
	switch a.screen {
	case mailScreen:
		a.mailFacts(&f)
	case peopleScreen:
		r, ok := a.people.list.Current()
		f.Listed = ok && r.listed != nil
		f.Contact, f.Mailable, f.Marked = ok && !f.Listed, ok && len(r.Emails) > 0, len(a.people.marked)
		f.Folder = a.folderOf(r.Folder, activesync.FolderContacts)
	case calendarScreen:
		r, ok := a.agenda.list.Current()
		f.Event = ok && !r.now
		f.Links = len(a.agenda.card.links)
		f.Folder = a.folderOf(r.occ.Folder, activesync.FolderCalendar)
	case settingsScreen:
		f.Folder = a.prefs.folderAt(a)
	case outboxScreen:
		if r, ok := a.outbox.list.Current(); ok {
			f.Op = &r.op
		}
	}
	if a.write != nil {
		f.Attachments = len(a.write.files)
	}
	return f
}

func (a *App) mailFacts(f *action.Facts) {
	id := a.mail.list.folder
	if a.mail.focus == onBoxes {
		id = a.mail.boxes.at()
	}
	f.Folder, _ = a.folder(id)
	f.Marked = len(a.mail.list.marked)
	f.Find = a.mail.list.find.words != ""
	if a.mail.focus == onReader {
		f.Find = a.mail.reader.find != ""
	}
	if r, ok := a.mail.list.list.Current(); ok && a.mail.focus != onBoxes {
		f.Message = &r.Header
		f.Unread = r.unread()
		if f.Marked > 0 {
			f.Unread = anyUnread(a.mail.list.markedOr())
		}
		for _, p := range a.ownAddresses() {
			f.Own = f.Own || strings.EqualFold(p.Address, r.From.Address)
		}
		switch {
		case !a.mail.shows():
			if r.HasAttachments { // how many will be seen
				f.Attachments = 1
			}
		case a.mail.reader.have && a.mail.reader.holds(r):
			f.Thread = len(a.mail.reader.thread)
			f.Links = len(a.mail.reader.links)
			f.Closed = a.deps.MailKeys != nil && a.mail.reader.parcel != nil && a.mail.reader.parcel.closed
			f.Entry = [...]string{"", "add", "remove"}[a.mail.reader.calendarEntry()]
			if a.mail.reader.set != nil {
				f.Remote = len(a.mail.reader.set.text.Remote)
				f.Folds, f.Folded = len(a.mail.reader.set.chains), a.mail.reader.folded()
			}
			for _, x := range a.mail.reader.msg.Attachments {
				if !x.Inline {
					f.Attachments++
				}
				if isMessage(x) {
					f.Enclosed++
				}
			}
		}
	}
}

// folderOf is the folder of an item, or the automatic one of a type.
func (a *App) folderOf(id activesync.FolderID, t activesync.FolderType) *activesync.Folder {
	if f, _ := a.folder(id); f != nil {
		return f
	}
	if c := a.current(); c != nil {
		return c.ofType(t)
	}
	return nil
}
