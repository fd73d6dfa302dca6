package ui

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"eas.example/securemail/activesync"
)

// prefsBackend is a Backend that notes what settings, set-up and outbox ask.
type prefsBackend struct {
	Backend
	accounts []activesync.Account
	states   map[activesync.AccountID]*activesync.AccountState
	status   map[activesync.AccountID]*activesync.Status
	folders  map[activesync.AccountID][]activesync.Folder
	ops      map[activesync.AccountID][]activesync.Op

	hold    chan struct{} // when set, changes and Accounts wait for it
	holdOps chan struct{} // and Outbox for this
	asked   []string      // what was asked that changes something
	fail    error         // of what changes something
	notices chan activesync.Notice
	signIn  func(context.Context, activesync.Account, string) (activesync.Account, error)
}

func (b *prefsBackend) note(format string, args ...any) error {
	b.asked = append(b.asked, fmt.Sprintf(format, args...))
	wait(b.hold)
	return b.fail
}

func wait(hold chan struct{}) {
	if hold != nil {
		<-hold
	}
}

func (b *prefsBackend) Accounts(context.Context) ([]activesync.Account, error) {
	then := slices.Clone(b.accounts)
	wait(b.hold)
	return then, nil
}

func (b *prefsBackend) Status(_ context.Context, id activesync.AccountID) (activesync.Status, error) {
	return *b.status[id], nil
}

func (b *prefsBackend) State(_ context.Context, id activesync.AccountID) (activesync.AccountState, error) {
	return *b.states[id], nil
}

func (b *prefsBackend) SetAutoRefresh(_ context.Context, id activesync.AccountID, on bool) error {
	if err := b.note("auto refresh %s %v", id, on); err != nil {
		return err
	}
	b.states[id].AutoRefreshOff = !on
	b.states[id].AutoRefreshChosen = b.states[id].AutoRefreshChosen || on
	return nil
}

func (b *prefsBackend) Folders(_ context.Context, id activesync.AccountID) ([]activesync.Folder, error) {
	return slices.Clone(b.folders[id]), nil
}

func (b *prefsBackend) SetFolderOptions(_ context.Context, id activesync.FolderID, o activesync.FolderOptions) error {
	if err := b.note("options %s %v %s %s", id, o.AutoRefresh, o.Check, o.Period); err != nil {
		return err
	}
	for _, folders := range b.folders {
		for i := range folders {
			if folders[i].ID == id {
				folders[i].FolderOptions = o
			}
		}
	}
	return nil
}

func (b *prefsBackend) SyncNow(context.Context, activesync.AccountID, ...activesync.FolderID) error {
	return nil
}

func (b *prefsBackend) Window(context.Context, activesync.FolderID, activesync.WindowQuery) (activesync.Window, error) {
	return activesync.Window{Anchored: -1}, nil
}

func (b *prefsBackend) Message(context.Context, activesync.ItemID) (activesync.Message, error) {
	return activesync.Message{}, nil
}

func (b *prefsBackend) FetchBody(context.Context, activesync.ItemID) (activesync.Message, error) {
	return activesync.Message{}, nil
}

func (b *prefsBackend) Attachment(context.Context, activesync.ItemID, int, io.Writer) error {
	return nil
}

func (b *prefsBackend) Do(context.Context, ...activesync.Op) ([]activesync.OpID, error) {
	return nil, nil
}

func (b *prefsBackend) Undo(_ context.Context, ids ...activesync.OpID) error {
	if err := b.note("undo %v", ids); err != nil {
		return err
	}
	b.drop(ids...)
	return nil
}

func (b *prefsBackend) drop(ids ...activesync.OpID) {
	for acct, ops := range b.ops {
		b.ops[acct] = slices.DeleteFunc(ops, func(op activesync.Op) bool { return slices.Contains(ids, op.ID) })
	}
}

func (b *prefsBackend) Send(context.Context, activesync.Draft) (activesync.OpID, error) {
	return 0, nil
}

func (b *prefsBackend) Outbox(_ context.Context, id activesync.AccountID) ([]activesync.Op, error) {
	then := slices.Clone(b.ops[id])
	wait(b.holdOps)
	return then, nil
}

func (b *prefsBackend) Retry(_ context.Context, id activesync.OpID) error {
	if err := b.note("retry %s", id); err != nil {
		return err
	}
	for _, ops := range b.ops {
		for i := range ops {
			if ops[i].ID == id {
				ops[i].State, ops[i].Reason = activesync.OpPending, ""
			}
		}
	}
	return nil
}

func (b *prefsBackend) Discard(_ context.Context, id activesync.OpID) error {
	if err := b.note("discard %s", id); err != nil {
		return err
	}
	b.drop(id)
	return nil
}

func (b *prefsBackend) TakeDraft(_ context.Context, id activesync.OpID) (activesync.Draft, error) {
	if err := b.note("take %s", id); err != nil {
		return activesync.Draft{}, err
	}
	b.drop(id)
	return activesync.Draft{Account: "alice", Subject: "Budget", Text: "As it was written.", Key: "k"}, nil
}

func (b *prefsBackend) Postpone(_ context.Context, id activesync.OpID, due time.Time) error {
	words := "now"
	if !due.IsZero() {
		words = due.Format("2006-01-02 15:04")
	}
	return b.note("postpone %s %s", id, words)
}

func (b *prefsBackend) Withheld(context.Context, activesync.AccountID) ([]activesync.Withheld, error) {
	return nil, nil
}

func (b *prefsBackend) Decide(context.Context, activesync.FolderID, activesync.Decision) error {
	return nil
}

func (b *prefsBackend) Contacts(context.Context, activesync.AccountID) ([]activesync.ContactRow, error) {
	return nil, nil
}

func (b *prefsBackend) Contact(context.Context, activesync.ItemID) (activesync.Contact, error) {
	return activesync.Contact{}, nil
}

func (b *prefsBackend) Agenda(context.Context, activesync.AccountID, time.Time, time.Time) ([]activesync.Occurrence, error) {
	return nil, nil
}

func (b *prefsBackend) Event(context.Context, activesync.ItemID) (activesync.Event, error) {
	return activesync.Event{}, nil
}

func (b *prefsBackend) Subscribe(ctx context.Context) <-chan activesync.Notice {
	return noticed(ctx, b.notices)
}

func (b *prefsBackend) Attach(bool) func() { return func() {} }

func (b *prefsBackend) AddAccount(ctx context.Context, a activesync.Account, password string) (activesync.Account, error) {
	b.asked = append(b.asked, fmt.Sprintf("add %s at %s user %q name %q password %q", a.Email, a.Server, a.User, a.Name, password))
	return b.signIn(ctx, a, password)
}

// add puts an account with the usual folders into the backend.
func (b *prefsBackend) add(id activesync.AccountID, email string) {
	first := activesync.FolderID(100 * (len(b.accounts) + 1))
	b.accounts = append(b.accounts, activesync.Account{ID: id, Name: email, Email: email, Server: "https://mail.example.test/Microsoft-Server-ActiveSync"})
	b.states[id] = &activesync.AccountState{Version: activesync.V161, Provisioned: true}
	b.status[id] = &activesync.Status{Account: id, Phase: activesync.PhaseLive, LastSuccess: time.Now()}
	for i, f := range []struct {
		name string
		t    activesync.FolderType
		up   int
	}{
		{"Inbox", activesync.FolderInbox, 0}, {"Drafts", activesync.FolderDrafts, 0}, {"Sent", activesync.FolderSent, 0},
		{"Calendar", activesync.FolderCalendar, 0}, {"Contacts", activesync.FolderContacts, 0}, {"Tasks", activesync.FolderTasks, 0},
		{"Projects", activesync.FolderUserMail, 0}, {"Harbour", activesync.FolderUserMail, 7}, {"Deleted", activesync.FolderDeleted, 0},
		{"Team calendar", activesync.FolderUserCalendar, 0},
	} {
		folder := activesync.Folder{ID: first + activesync.FolderID(i+1), Account: id, Name: f.name, Type: f.t, Class: f.t.Class(),
			FolderOptions: activesync.DefaultFolderOptions(f.t), LastSync: time.Now()}
		if f.up > 0 {
			folder.Parent = first + activesync.FolderID(f.up)
		}
		b.folders[id] = append(b.folders[id], folder)
	}
}

func newPrefsBackend(accounts ...string) *prefsBackend {
	b := &prefsBackend{states: map[activesync.AccountID]*activesync.AccountState{}, status: map[activesync.AccountID]*activesync.Status{},
		folders: map[activesync.AccountID][]activesync.Folder{}, ops: map[activesync.AccountID][]activesync.Op{}, notices: make(chan activesync.Notice)}
	for _, email := range accounts {
		name, _, _ := strings.Cut(email, "@")
		b.add(activesync.AccountID(name), email)
	}
	return b
}

// prefsScreen drives the screens in a bubble of synctest.
type prefsScreen struct {
	t     *testing.T
	app   *App
	msgs  chan tea.Msg
	other []string // messages that are for the terminal
}

func openPrefs(t *testing.T, d Deps, width, height int) *prefsScreen {
	t.Helper()
	if d.Getenv == nil {
		d.Getenv = func(name string) string { return map[string]string{"TERM": "xterm", "LANG": "C.UTF-8"}[name] }
	}
	d.Location = time.UTC
	s := &prefsScreen{t: t, app: New(d), msgs: make(chan tea.Msg, 1000)}
	t.Cleanup(func() {
		s.app.Close()
		synctest.Wait()
	})
	s.run(s.app.Init())
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	return s
}

func (s *prefsScreen) run(cmd tea.Cmd) {
	if cmd != nil {
		go func() { s.msgs <- cmd() }()
	}
}

// settle lets everything happen that needs no time.
func (s *prefsScreen) settle() {
	s.t.Helper()
	for {
		synctest.Wait()
		select {
		case m := <-s.msgs:
			s.take(m)
		default:
			return
		}
	}
}

func (s *prefsScreen) take(m tea.Msg) {
	switch m := m.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range m {
			s.run(cmd)
		}
	case answer, tea.KeyMsg, tea.MouseMsg, tea.WindowSizeMsg:
		_, cmd := s.app.Update(m)
		s.run(cmd)
	default:
		s.other = append(s.other, fmt.Sprintf("%T(%v)", m, m))
	}
}

func (s *prefsScreen) send(m tea.Msg) {
	s.t.Helper()
	s.take(m)
	s.settle()
	s.check()
}

// press presses keys by the names that the table of actions gives them.
func (s *prefsScreen) press(keys ...string) {
	s.t.Helper()
	types := map[string]tea.KeyType{"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab,
		"up": tea.KeyUp, "down": tea.KeyDown, "pgdown": tea.KeyPgDown, "end": tea.KeyEnd, "ctrl+k": tea.KeyCtrlK}
	for _, k := range keys {
		switch t, special := types[k]; {
		case special:
			s.send(tea.KeyMsg{Type: t})
		case k == "space":
			s.send(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune(" ")})
		default:
			s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)})
		}
	}
}

func (s *prefsScreen) text(words string) {
	s.t.Helper()
	s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(words)})
}

func (s *prefsScreen) clickAt(x, y int) {
	s.t.Helper()
	s.send(tea.MouseMsg{X: x, Y: y, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft})
}

// click presses the mouse on the first cell of some words on screen, dx cells
// to the side.
func (s *prefsScreen) click(words string, dx int) {
	s.t.Helper()
	for y, line := range s.lines() {
		if before, _, ok := strings.Cut(line, words); ok {
			s.clickAt(ansi.StringWidth(before)+dx, y)
			return
		}
	}
	s.t.Fatalf("%q is not on screen:\n%s", words, s.view())
}

func (s *prefsScreen) view() string    { return ansi.Strip(s.app.View()) }
func (s *prefsScreen) lines() []string { return strings.Split(s.view(), "\n") }

// check holds of every frame: as many lines as the screen has, each as wide.
func (s *prefsScreen) check() {
	s.t.Helper()
	lines := strings.Split(s.app.View(), "\n")
	if len(lines) != s.app.height {
		s.t.Fatalf("%d lines on a screen of %d:\n%s", len(lines), s.app.height, s.view())
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w != s.app.width {
			s.t.Fatalf("line %d is %d cells wide of %d:\n%s", i, w, s.app.width, s.view())
		}
	}
}

// has checks that words are on screen, in any breaking of lines.
func (s *prefsScreen) has(words ...string) {
	s.t.Helper()
	screen := s.flat()
	for _, w := range words {
		if !strings.Contains(screen, w) {
			s.t.Fatalf("%q is not on screen:\n%s", w, s.view())
		}
	}
}

func (s *prefsScreen) hasNot(words ...string) {
	s.t.Helper()
	for _, w := range words {
		if strings.Contains(s.flat(), w) {
			s.t.Fatalf("%q is on screen:\n%s", w, s.view())
		}
	}
}

// flat is the screen as words: panes one after the other, blanks and breaks of
// lines as one blank, without the bar of the cursor.
func (s *prefsScreen) flat() string {
	var left, right []string
	for _, l := range s.lines() {
		a, b, _ := strings.Cut(l, "│")
		left, right = append(left, strings.TrimPrefix(a, "▌")), append(right, strings.TrimPrefix(b, "▌"))
	}
	return strings.Join(strings.Fields(strings.Join(append(left, right...), " ")), " ")
}

// row is the line of the screen that holds some words.
func (s *prefsScreen) row(words string) string {
	s.t.Helper()
	for _, l := range s.lines() {
		if strings.Contains(l, words) {
			return l
		}
	}
	s.t.Fatalf("%q is not on screen:\n%s", words, s.view())
	return ""
}

func (b *prefsBackend) wasAsked(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(b.asked, want) {
		t.Fatalf("the backend was asked\n  %s\nnot\n  %s", strings.Join(b.asked, "\n  "), strings.Join(want, "\n  "))
	}
}

func eachSize(t *testing.T, do func(t *testing.T, width, height int)) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { do(t, size[0], size[1]) })
		})
	}
}
