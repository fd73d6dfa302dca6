package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/contacts"
)

// bookBackend holds people and events of accounts in memory. What the screens
// of people and calendar do not ask for it does not have.
type bookBackend struct {
	Backend
	accounts []activesync.Account
	folders  []activesync.Folder
	phase    activesync.Phase
	people   map[activesync.AccountID][]activesync.Contact
	listed   []activesync.Person // the organisation's directory
	offline  string              // why it cannot be asked
	events   map[activesync.AccountID][]activesync.Event
	asked    []span // of the agenda, in days
	loc      *time.Location
	err      error
	notices  chan activesync.Notice
}

func (b *bookBackend) Accounts(context.Context) ([]activesync.Account, error) { return b.accounts, nil }
func (b *bookBackend) Status(_ context.Context, id activesync.AccountID) (activesync.Status, error) {
	return activesync.Status{Account: id, Phase: b.phase, LastSuccess: time.Now()}, nil
}
func (b *bookBackend) State(context.Context, activesync.AccountID) (activesync.AccountState, error) {
	return activesync.AccountState{Version: activesync.V161}, nil
}
func (b *bookBackend) Folders(_ context.Context, id activesync.AccountID) ([]activesync.Folder, error) {
	var out []activesync.Folder
	for _, f := range b.folders {
		if f.Account == id {
			out = append(out, f)
		}
	}
	return out, nil
}
func (*bookBackend) Withheld(context.Context, activesync.AccountID) ([]activesync.Withheld, error) {
	return nil, nil
}

func (b *bookBackend) Outbox(context.Context, activesync.AccountID) ([]activesync.Op, error) {
	return nil, nil
}
func (b *bookBackend) Window(context.Context, activesync.FolderID, activesync.WindowQuery) (activesync.Window, error) {
	return activesync.Window{}, nil
}
func (b *bookBackend) Contacts(_ context.Context, id activesync.AccountID) ([]activesync.ContactRow, error) {
	var out []activesync.ContactRow
	for _, c := range b.people[id] {
		r := activesync.ContactRow{ID: c.ID, Folder: c.Folder, Name: c.Name(), Company: c.CompanyName, Phone: c.MobilePhone}
		for _, e := range c.Emails() {
			r.Emails = append(r.Emails, e.Address)
		}
		out = append(out, r)
	}
	return out, b.err
}
func (b *bookBackend) Contact(_ context.Context, id activesync.ItemID) (activesync.Contact, error) {
	for _, list := range b.people {
		for _, c := range list {
			if c.ID == id {
				return c, nil
			}
		}
	}
	return activesync.Contact{}, activesync.ErrNotFound
}
func (b *bookBackend) FindPeople(_ context.Context, _ activesync.AccountID, words string) (activesync.People, error) {
	time.Sleep(300 * time.Millisecond)
	out := activesync.People{At: time.Now().Add(-48 * time.Hour), Why: b.offline}
	for _, p := range b.listed {
		if p.Matches(words) {
			out.People = append(out.People, p)
		}
	}
	out.Total = len(out.People)
	if b.offline != "" && out.Total == 0 {
		return out, errors.New(b.offline)
	}
	return out, nil
}
func (b *bookBackend) ShareDraft(ctx context.Context, items ...activesync.ItemID) (activesync.Draft, error) {
	c, err := b.Contact(ctx, items[0])
	if err != nil {
		return activesync.Draft{}, err
	}
	card, err := contacts.ToVCard(c, contacts.SharedVersion)
	return activesync.Draft{Account: "a", Subject: "Contact: " + c.Name(), Attachments: []activesync.DraftAttachment{{Name: contacts.FileName(c), ContentType: "text/vcard", Data: card}}}, err
}
func (b *bookBackend) Agenda(_ context.Context, id activesync.AccountID, from, to time.Time) ([]activesync.Occurrence, error) {
	b.asked = append(b.asked, span{dayOf(from, b.loc), dayOf(to, b.loc)})
	return calendar.Expand(b.events[id], from, to, from.Location()), b.err
}
func (b *bookBackend) Event(_ context.Context, id activesync.ItemID) (activesync.Event, error) {
	for _, list := range b.events {
		for _, e := range list {
			if e.ID == id {
				return e, nil
			}
		}
	}
	return activesync.Event{}, activesync.ErrNotFound
}
func (b *bookBackend) Subscribe(ctx context.Context) <-chan activesync.Notice {
	return noticed(ctx, b.notices)
}
func (b *bookBackend) Attach(bool) func() { return func() {} }

// newBook is an account with folders that are in step and empty.
func newBook(loc *time.Location) *bookBackend {
	b := &bookBackend{phase: activesync.PhaseLive, loc: loc, people: map[activesync.AccountID][]activesync.Contact{},
		events: map[activesync.AccountID][]activesync.Event{}}
	b.account("a", "Alice", 1)
	return b
}

// account adds an account whose folders have the ids base and the two after it.
func (b *bookBackend) account(id activesync.AccountID, name string, base activesync.FolderID) {
	b.accounts = append(b.accounts, activesync.Account{ID: id, Name: name, Email: string(id) + "@example.test"})
	in := activesync.FolderOptions{AutoRefresh: true, Check: activesync.CheckPush}
	for i, f := range []activesync.Folder{
		{Name: "Inbox", Type: activesync.FolderInbox, Class: activesync.ClassEmail},
		{Name: "Contacts", Type: activesync.FolderContacts, Class: activesync.ClassContacts},
		{Name: "Calendar", Type: activesync.FolderCalendar, Class: activesync.ClassCalendar},
	} {
		f.ID, f.Account, f.FolderOptions, f.LastSync = base+activesync.FolderID(i), id, in, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		b.folders = append(b.folders, f)
	}
}

// person adds a contact.
func (b *bookBackend) person(account activesync.AccountID, c activesync.Contact) activesync.ItemID {
	c.ID = activesync.ItemID(1000 + 100*len(b.people) + len(b.people[account]))
	b.people[account] = append(b.people[account], c)
	return c.ID
}

// event adds an event that begins by the clock on the wall of loc and is
// minutes long.
func (b *bookBackend) event(start string, minutes int, e activesync.Event) activesync.ItemID {
	t, err := time.ParseInLocation("2006-01-02 15:04", start, b.loc)
	if err != nil {
		panic(err)
	}
	e.Start = t.UTC()
	e.End = e.Start.Add(time.Duration(minutes) * time.Minute)
	return b.put(e)
}

// days adds an all-day event of n days.
func (b *bookBackend) days(first string, n int, e activesync.Event) activesync.ItemID {
	t, err := time.Parse("2006-01-02", first)
	if err != nil {
		panic(err)
	}
	e.AllDay, e.Start, e.End = true, t, t.AddDate(0, 0, n)
	return b.put(e)
}

func (b *bookBackend) put(e activesync.Event) activesync.ItemID {
	if e.ID == 0 {
		e.ID = activesync.ItemID(5000 + len(b.events["a"]))
	}
	if e.BusyStatus == 0 {
		e.BusyStatus = 2
	}
	e.Folder = 3
	b.events["a"] = append(b.events["a"], e)
	return e.ID
}

// stage runs the screens in a bubble of testing/synctest, one message after
// the other.
type stage struct {
	t    *testing.T
	app  *App
	msgs chan tea.Msg
}

// onStage shows a screen at a size and a time, by the clock of the backend's
// zone, and waits until all has settled.
func onStage(t *testing.T, b *bookBackend, now string, width, height int, d Deps, do func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		at, err := time.ParseInLocation("2006-01-02 15:04", now, b.loc)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(at))
		d.Backend, d.Location, b.notices = b, b.loc, make(chan activesync.Notice, 8)
		if d.Getenv == nil {
			d.Getenv = func(string) string { return "" }
		}
		s := &stage{t, New(d), make(chan tea.Msg, 1000)}
		defer func() {
			s.app.Close()
			synctest.Wait()
		}()
		pump(s.app.Init(), s.msgs)
		s.send(tea.WindowSizeMsg{Width: width, Height: height})
		do(s)
	})
}

func (s *stage) send(m tea.Msg) {
	_, cmd := s.app.Update(m)
	s.app.View()
	pump(cmd, s.msgs)
	s.settle()
}

// settle takes all answers that are under way.
func (s *stage) settle() {
	for {
		synctest.Wait()
		select {
		case m := <-s.msgs:
			_, cmd := s.app.Update(m)
			s.app.View()
			pump(cmd, s.msgs)
		default:
			return
		}
	}
}

// pass lets time go by, with what is asked in it.
func (s *stage) pass(d time.Duration) {
	for range 10 {
		time.Sleep(d / 10)
		s.settle()
	}
}

// press sends keys by their names in the table of actions.
func (s *stage) press(keys ...string) {
	s.t.Helper()
	for _, name := range keys {
		k := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
		for t := tea.KeyType(-200); t < 200; t++ {
			if t != tea.KeyRunes && (tea.KeyMsg{Type: t}).String() == name {
				k = tea.KeyMsg{Type: t}
			}
		}
		s.send(k)
	}
}

// typed sends letters one by one.
func (s *stage) typed(text string) {
	s.t.Helper()
	for _, r := range text {
		s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
	}
}

// click presses the left button where words stand.
func (s *stage) click(words string) {
	s.t.Helper()
	x, y := s.find(words)
	s.send(tea.MouseMsg{X: x, Y: y, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft})
}

// find is where words stand on the screen.
func (s *stage) find(words string) (x, y int) {
	s.t.Helper()
	for y, l := range s.lines() {
		if before, _, ok := strings.Cut(l, words); ok {
			return ansi.StringWidth(before), y
		}
	}
	s.t.Fatalf("%q is not on the screen:\n%s", words, s)
	return 0, 0
}

func (s *stage) String() string  { return ansi.Strip(s.app.View()) }
func (s *stage) lines() []string { return strings.Split(s.String(), "\n") }

// want fails unless all words are on the screen, lacks if one is.
func (s *stage) want(words ...string) {
	s.t.Helper()
	for _, w := range words {
		if !strings.Contains(s.String(), w) {
			s.t.Fatalf("%q is not on the screen:\n%s", w, s)
		}
	}
}

func (s *stage) lacks(words ...string) {
	s.t.Helper()
	for _, w := range words {
		if strings.Contains(s.String(), w) {
			s.t.Fatalf("%q is on the screen:\n%s", w, s)
		}
	}
}

// wantLine fails unless a line has the words in this order.
func (s *stage) wantLine(words ...string) {
	s.t.Helper()
	for _, l := range s.lines() {
		found := true
		for _, w := range words {
			_, rest, ok := strings.Cut(l, w)
			if found = ok; !ok {
				break
			}
			l = rest
		}
		if found {
			return
		}
	}
	s.t.Fatalf("no line has %q in order:\n%s", words, s)
}

// selected is the row under the cursor, in a pane from column x to.
func (s *stage) selected() string {
	s.t.Helper()
	for _, l := range s.lines() {
		if strings.HasPrefix(l, "▌") {
			return l
		}
	}
	s.t.Fatalf("no row is selected:\n%s", s)
	return ""
}

// sound fails when a line is not exactly as wide as the screen, or a control
// character other than in our own sequences is on it.
func (s *stage) sound(width, height int) {
	s.t.Helper()
	if err := soundScreen(s.app.View(), width, height); err != nil {
		s.t.Fatalf("%v:\n%s", err, s)
	}
}

func soundScreen(view string, width, height int) error {
	lines := strings.Split(view, "\n")
	if len(lines) != height {
		return fmt.Errorf("there are %d lines, want %d", len(lines), height)
	}
	for y, l := range lines {
		if w := ansi.StringWidth(l); w != width {
			return fmt.Errorf("line %d is %d wide, want %d: %q", y, w, width, l)
		}
		rest := ownSequence.ReplaceAllString(l, "")
		for _, r := range rest {
			if r < ' ' || r >= 0x7f && r < 0xa0 || isBidi(r) {
				return fmt.Errorf("line %d has %U: %q", y, r, l)
			}
		}
	}
	return nil
}
