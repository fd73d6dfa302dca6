package ui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/list"
	"eas.example/securemail/ui/style"
)

// spare is how many rows beyond the screen are asked for on each side.
const spare = 40

// messages is the pane of the messages of one mailbox.
type messages struct {
	folder activesync.FolderID
	unread bool // only unread ones are shown
	talks  bool // a row is a conversation
	list   *list.List[activesync.ItemID, row]
	known  bool // the first answer has come
	lane   lane
	err    string

	marked map[activesync.ItemID]row                 // as they were when they were marked
	places map[activesync.FolderID]activesync.ItemID // where the person was in other mailboxes
	find   find
	then   func(*App) tea.Cmd // what to do once the rows asked for are here

	rect  rect
	head  []string // lines above the rows
	per   int      // lines of a row
	today int
	stale bool
	drawn []string
	cache map[cacheKey][]string
}

// cacheKey names one way a row can look.
type cacheKey struct {
	id   activesync.ItemID
	rev  uint64
	look uint8 // focus, cursor, mark
}

func (m *messages) init() {
	m.list = list.New(func(r row) activesync.ItemID { return r.ID }, m.lineCount)
	m.marked = map[activesync.ItemID]row{}
	m.places = map[activesync.FolderID]activesync.ItemID{}
	m.cache = map[cacheKey][]string{}
	m.per, m.stale = 1, true
}

// lineCount is the height of row i: its own lines, and the heading of its day
// where another begins. The top row always has its heading, so that one knows
// where one is.
func (m *messages) lineCount(i int, first bool) int {
	if m.headed(i, first) {
		return m.per + 1
	}
	return m.per
}

func (m *messages) headed(i int, first bool) bool {
	r, ok := m.list.At(i)
	if !ok {
		return false
	}
	if first || i == 0 {
		return true
	}
	before, ok := m.list.At(i - 1)
	return ok && before.group(m.today) != r.group(m.today)
}

// resize also decides how many lines a message takes: as many as leave a good
// number of messages on screen.
func (m *messages) resize(a *App, r rect) tea.Cmd {
	if r.w == 0 {
		return nil
	}
	per := a.settings.Rows
	if per < 1 || per > 3 {
		switch {
		case r.w >= 76:
			per = 1
		case r.h >= 26:
			per = 3
		case r.h >= 12:
			per = 2
		default:
			per = 1
		}
	}
	if r != m.rect || per != m.per {
		m.rect, m.per = r, per
		m.forget()
	}
	m.head = m.headLines(a)
	m.list.Resize(r.h - len(m.head))
	m.stale = true
	return m.more(a)
}

// reword renews the words above the rows: what they say of the mailbox may have
// changed.
func (m *messages) reword(a *App) tea.Cmd {
	head := m.headLines(a)
	if slices.Equal(head, m.head) {
		return nil
	}
	m.head, m.stale = head, true
	m.list.Resize(m.rect.h - len(head))
	return m.more(a)
}

// forget drops all rows as they were drawn.
func (m *messages) forget() {
	clear(m.cache)
	m.stale = true
}

// newDay redraws when what was today has become yesterday.
func (m *messages) newDay(a *App) {
	if today := dayOf(a.now, a.loc); today != m.today {
		m.today = today
		m.forget()
	}
}

// open shows another mailbox, where the person left it.
func (m *messages) open(a *App, id activesync.FolderID) tea.Cmd {
	if id == m.folder {
		return nil
	}
	if r, ok := m.list.Current(); ok {
		m.places[m.folder] = r.ID
	}
	m.folder, m.unread, m.known, m.err = id, false, false, ""
	m.lane.gen++
	m.list.Clear()
	clear(m.marked)
	m.find = find{}
	m.today = dayOf(a.now, a.loc)
	m.forget()
	m.head = m.headLines(a)
	m.list.Resize(m.rect.h - len(m.head))
	if id == 0 {
		return nil
	}
	place := m.places[id]
	delete(m.places, id)
	return m.ask(a, activesync.WindowQuery{Anchor: place, Before: spare, Count: m.rect.h + 2*spare})
}

// more asks for rows that are on screen, or soon will be, and not here.
func (m *messages) more(a *App) tea.Cmd {
	if m.folder == 0 || !m.known || m.list.Len() == 0 {
		return nil
	}
	offset, count, ok := m.list.Want(spare)
	if !ok {
		return nil
	}
	return m.ask(a, activesync.WindowQuery{Offset: offset, Count: count})
}

// refresh reads the rows again after a change. The row under the cursor stays
// where it is on screen.
func (m *messages) refresh(a *App) tea.Cmd {
	if m.folder == 0 {
		return nil
	}
	q := activesync.WindowQuery{Offset: max(m.list.Top()-spare, 0), Count: m.rect.h + 2*spare}
	if r, ok := m.list.Current(); ok {
		q.Anchor, q.Before = r.ID, m.list.Cursor()-q.Offset
	}
	return m.ask(a, q)
}

func (m *messages) ask(a *App, q activesync.WindowQuery) tea.Cmd {
	b, folder, gen, loc := a.backend, m.folder, m.lane.gen, a.loc
	m.talks = a.talks(folder)
	q.Unread, q.Conversations = m.unread, m.talks
	sent := false
	if f, _ := a.folder(folder); f != nil {
		sent = f.Type == activesync.FolderSent || f.Type == activesync.FolderDrafts
	}
	return a.read(&m.lane, quick, func(ctx context.Context) answer {
		w, err := b.Window(ctx, folder, q)
		rows := makeRows(w, loc, sent)
		return func(a *App) tea.Cmd {
			if gen != a.mail.list.lane.gen {
				return nil
			}
			return a.mail.list.have(a, q, w, rows, err)
		}
	})
}

func (m *messages) have(a *App, q activesync.WindowQuery, w activesync.Window, rows []row, err error) tea.Cmd {
	m.stale = true
	first := !m.known
	m.known = true
	if err != nil {
		m.err = explain(err)
		return nil
	}
	m.err = ""
	m.carryMarks(rows)
	current, had := m.list.Current()
	if q.Anchor != 0 && w.Anchored >= 0 && w.Anchored < len(rows) && (first || had && current.ID == q.Anchor) {
		m.list.PutAt(w.Offset, w.Total, rows, w.Offset+w.Anchored)
	} else {
		m.list.Put(w.Offset, w.Total, rows)
		// The person moved on while the answer was under way: what is under the
		// cursor now may stand at another index.
		if i := m.list.Find(current.ID); had && i >= 0 && i != m.list.Cursor() {
			m.list.PutAt(w.Offset, w.Total, rows, i)
		}
	}
	if len(m.cache) > 20*max(m.rect.h, 20) {
		clear(m.cache)
	}
	then := m.then
	m.then = nil
	if then == nil {
		then = func(*App) tea.Cmd { return nil }
	}
	return tea.Batch(m.more(a), m.follow(a), a.mail.reader.refresh(a, rows), then(a))
}

// follow shows the message under the cursor in the reading pane, if that is on
// screen. Showing is not opening: it does not mark as read.
func (m *messages) follow(a *App) tea.Cmd {
	r, ok := m.list.Current()
	if !ok {
		if m.known && m.list.Len() == 0 {
			a.mail.reader.clear()
		}
		return nil
	}
	if a.part(onReader).w == 0 {
		return nil
	}
	if a.mail.reader.holds(r) {
		return nil
	}
	return a.mail.reader.show(a, r.show(m.find.last))
}

// moved follows the cursor after a key.
func (m *messages) moved(a *App) tea.Cmd {
	m.stale = true
	if r, ok := m.list.Current(); ok && m.list.Cursor() == 0 {
		a.seen(r.ID)
	}
	return tea.Batch(m.more(a), m.follow(a))
}

// openCurrent opens the message under the cursor in the reading pane and marks
// it as read: opening is reading, passing over it is not.
func (m *messages) openCurrent(a *App) tea.Cmd {
	r, ok := m.list.Current()
	if !ok {
		return nil
	}
	a.seen(r.ID)
	look := a.mail.look(a, onReader)
	var show tea.Cmd
	if !a.mail.reader.holds(r) {
		show = a.mail.reader.show(a, r.show(m.find.last))
	}
	return tea.Batch(look, show, a.openTalk(r))
}

// step opens the next or previous message from the reading pane, or only goes
// there from the list.
func (m *messages) step(a *App, n int) tea.Cmd {
	at := m.list.Cursor()
	m.list.Move(n)
	if at == m.list.Cursor() {
		if n > 0 {
			return a.say("This is the last message.")
		}
		return a.say("This is the first message.")
	}
	if a.mail.focus == onReader {
		return tea.Batch(m.moved(a), m.openCurrent(a))
	}
	return m.moved(a)
}

// showUnread shows only unread messages, or all.
func (m *messages) showUnread(a *App, only bool) tea.Cmd {
	q := activesync.WindowQuery{Count: m.rect.h + 2*spare, Before: spare}
	if r, ok := m.list.Current(); ok {
		q.Anchor = r.ID
	}
	m.unread, m.known = only, false
	m.lane.gen++
	m.list.Clear()
	m.forget()
	m.head = m.headLines(a)
	m.list.Resize(m.rect.h - len(m.head))
	return m.ask(a, q)
}

func (m *messages) unmark() {
	clear(m.marked)
	m.stale = true
}

// count says how many messages there are, for the title of the pane.
func (m *messages) count(f *activesync.Folder) string {
	total, unread := f.Total, f.Unread
	if m.known && !m.unread {
		total = max(total, m.list.Len())
	}
	switch {
	case len(m.marked) > 0:
		return number(len(m.marked)) + " marked"
	case m.unread:
		return number(m.list.Len()) + " unread shown"
	case total == 0:
		return ""
	case unread == 0:
		return number(total)
	}
	return number(unread) + " unread of " + number(total)
}

// headLines are the words above the rows: what is particular of the mailbox.
func (m *messages) headLines(a *App) []string {
	f, c := a.folder(m.folder)
	if f == nil || m.rect.h < 8 {
		return nil
	}
	text := ""
	switch {
	case f.Problem != "":
		text = a.theme.Warning + " " + sentence(f.Problem)
		if a.undecided(f.ID) > 0 {
			text += " " + a.keys.Key(action.Review) + " shows them."
		}
	case f.Type == activesync.FolderDrafts && c.draftsLocal():
		text = a.localDrafts(c)
	case f.Type == activesync.FolderInbox && activesync.HeldBack(c.folders):
		text = "The server shows next to nothing. If there should be more, your administrator may have to allow this device first"
		if id := c.state.DeviceID; id != "" {
			text += "; its id is " + clean(id)
		}
		text += "."
	}
	if text == "" {
		return nil
	}
	var out []string
	for _, s := range wrap(text, m.rect.w-3) {
		out = append(out, a.theme.Line(m.rect.w, style.Plain).Skip(2).Put(style.Warn, s).String())
	}
	return out
}

// markedOr are the marked messages, those on screen first, or the one under the
// cursor.
func (m *messages) markedOr() []row {
	if len(m.marked) == 0 {
		if r, ok := m.list.Current(); ok {
			return []row{r}
		}
		return nil
	}
	var out []row
	_, rows := m.list.Loaded()
	for _, r := range rows {
		if _, ok := m.marked[r.ID]; ok {
			out = append(out, r)
		}
	}
	for id, r := range m.marked { // they scrolled out of memory
		if m.list.Find(id) < 0 {
			out = append(out, r)
		}
	}
	return out
}

// carryMarks lets a mark stay with its conversation, of which another message may
// be the newest now.
func (m *messages) carryMarks(rows []row) {
	if len(m.marked) == 0 {
		return
	}
	for _, r := range rows {
		for _, id := range r.items() {
			if _, ok := m.marked[id]; ok {
				delete(m.marked, id)
				m.marked[r.ID] = r
			}
		}
	}
}
