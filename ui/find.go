package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/edit"
)

// findBatch is how many rows are read at a time in a search.
const findBatch = 500

// find is what is searched for in a mailbox.
type find struct {
	words  string
	missed string            // what was said of words that are nowhere
	gen    uint64            // of the search under way; another one ends it
	last   activesync.ItemID // the match that was gone to last
}

// openFind asks what to search for.
func (a *App) openFind() tea.Cmd {
	f, _ := a.folder(a.mail.list.folder)
	if f == nil {
		return nil
	}
	return a.prompt(&prompt{
		title: "Search " + f.Name, label: "In people, subject and first words. n and N go on to the next and previous match.",
		field: edit.NewField(""), hint: searchAgain(a.mail.list.find.words),
		do: func(a *App, text string) tea.Cmd {
			f := &a.mail.list.find
			if f.words = cmp.Or(strings.TrimSpace(text), f.words); f.words == "" {
				return nil
			}
			return a.mail.list.search(a, 1)
		},
	})
}

// searchAgain says that enter alone looks for what was searched for before, "" where
// nothing was.
func searchAgain(words string) string {
	if words == "" {
		return ""
	}
	return "enter alone: “" + clean(words) + "” again"
}

// search goes to the next message in a direction that matches, around the end.
func (m *messages) search(a *App, step int) tea.Cmd {
	m.find.gen++
	s := searching{b: a.backend, folder: m.folder, unread: m.unread, words: activesync.WordsOf(m.find.words), from: m.list.Cursor(), total: m.list.Len()}
	if r, ok := m.list.Current(); ok && m.talks {
		s.anchor = r.show(m.find.last)
		if s.anchor != m.find.last {
			s.anchor = r.ID
		}
	}
	gen, words := m.find.gen, m.find.words
	return a.call(network, func(ctx context.Context) answer {
		at, id, err := s.next(ctx, step)
		return func(a *App) tea.Cmd {
			m := &a.mail.list
			switch {
			case gen != m.find.gen || s.folder != m.folder:
				return nil
			case err != nil:
				return a.fail("Search", err)
			case id == 0:
				m.find.missed = "No message here matches “" + words + "”. " + a.keys.Key(action.FindAll) + " searches all mailboxes."
				return a.say(m.find.missed)
			}
			if a.note.text == clean(m.find.missed) {
				a.note.text = ""
			}
			return m.jump(a, at, id)
		}
	})
}

// jump puts the cursor on a message that need not be in memory.
func (m *messages) jump(a *App, at int, id activesync.ItemID) tea.Cmd {
	m.find.last = id
	first, rows := m.list.Loaded()
	if i := slices.IndexFunc(rows, func(r row) bool { return r.ID == id || slices.Contains(r.talk.Items, id) }); i >= 0 {
		m.list.To(first + i)
		if reader := &a.mail.reader; a.part(onReader).w > 0 && reader.id != id && reader.holds(rows[i]) {
			return tea.Batch(m.moved(a), reader.turn(a, id, a.mail.focus == onReader))
		}
		return m.moved(a)
	}
	m.list.To(at)
	m.list.Clear()
	return m.goTo(a, id)
}

// searching is a search on its own goroutine.
type searching struct {
	b           Backend
	folder      activesync.FolderID
	unread      bool
	words       activesync.Words
	from, total int
	// anchor, where rows are conversations, is the message to go on from: what
	// is searched are messages all the same.
	anchor activesync.ItemID
}

// next is the first match after from in a direction. All rows are looked at
// once, the row at from last.
func (s searching) next(ctx context.Context, step int) (at int, id activesync.ItemID, err error) {
	if s.anchor != 0 {
		w, err := s.b.Window(ctx, s.folder, activesync.WindowQuery{Anchor: s.anchor, Count: 1, Unread: s.unread})
		if err != nil {
			return 0, 0, err
		}
		s.from, s.total = w.Offset, w.Total
	}
	var rows []activesync.Header
	offset := 0
	for n := 1; n <= s.total; n++ {
		i := ((s.from+n*step)%s.total + s.total) % s.total
		if i < offset || i >= offset+len(rows) {
			offset = i
			if step < 0 {
				offset = max(i-findBatch+1, 0)
			}
			w, err := s.b.Window(ctx, s.folder, activesync.WindowQuery{Offset: offset, Count: findBatch, Unread: s.unread})
			if err != nil {
				return 0, 0, err
			}
			if rows, offset = w.Rows, w.Offset; i < offset || i >= offset+len(rows) {
				return 0, 0, nil // the list became shorter meanwhile
			}
		}
		if s.words.In(rows[i-offset]) {
			return i, rows[i-offset].ID, nil
		}
	}
	return 0, 0, nil
}
