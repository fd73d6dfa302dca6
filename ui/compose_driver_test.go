package ui

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
	"eas.example/securemail/ui/style"
)

// composeBackend has two accounts, some people and one message.
type composeBackend struct {
	Backend  // nil: what is not below must not be asked for
	mu       sync.Mutex
	accounts []activesync.Account
	contacts []activesync.ContactRow
	found    []activesync.Person // what the address list knows
	listed   contacts.Answer
	why      string
	slow     time.Duration // Complete takes
	notices  chan activesync.Notice
	message  activesync.Message
	whole    *activesync.Message // what FetchBody gives, nil when offline
	parts    map[int]string      // contents of attachments
	source   string              // the message as MIME
	sent     []activesync.Draft
	refuse   error // of Send
	holds    bool  // what is sent waits in the outbox
	outbox   []activesync.Op
}

var errNoNet = errors.New("no network")

func newComposeBackend() *composeBackend {
	return &composeBackend{
		accounts: []activesync.Account{{ID: "a1", Name: "Work", Email: "alice@example.test"}},
		contacts: []activesync.ContactRow{
			{ID: 1, Name: "Ana Souza", Emails: []string{"ana@example.test", "ana.souza@home.test"}},
			{ID: 2, Name: "Souza, Maria", Emails: []string{"maria@example.test"}},
			{ID: 3, Name: "李小龍", Emails: []string{"bruce@example.test"}},
			{ID: 4, Name: "Bob\u202e\x1b[31m Banana", Emails: []string{"bob@example.test"}},
		},
		message: activesync.Message{
			Header: activesync.Header{ID: 11, Folder: 1, Subject: "Budget", From: activesync.Address{Name: "Harbour Office", Address: "harbour@example.test"},
				To: []activesync.Address{{Address: "alice@example.test"}, {Name: "Finance", Address: "finance@example.test"}},
				Cc: []activesync.Address{{Address: "carol@example.test"}}, Date: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), Read: true},
			Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("The figures are attached.\n> an older line\n")},
		},
		parts: map[int]string{},
	}
}

func (b *composeBackend) Accounts(context.Context) ([]activesync.Account, error) {
	return b.accounts, nil
}

func (b *composeBackend) Status(context.Context, activesync.AccountID) (activesync.Status, error) {
	return activesync.Status{}, nil
}

func (b *composeBackend) State(context.Context, activesync.AccountID) (activesync.AccountState, error) {
	return activesync.AccountState{Version: activesync.V161}, nil
}

func (b *composeBackend) Folders(_ context.Context, id activesync.AccountID) ([]activesync.Folder, error) {
	if id != "a1" {
		return nil, nil
	}
	return []activesync.Folder{{ID: 1, Account: id, Name: "Inbox", Type: activesync.FolderInbox, Class: activesync.ClassEmail, Total: 1}}, nil
}

func (*composeBackend) Withheld(context.Context, activesync.AccountID) ([]activesync.Withheld, error) {
	return nil, nil
}

func (b *composeBackend) Outbox(context.Context, activesync.AccountID) ([]activesync.Op, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.outbox), nil
}

func (b *composeBackend) TakeDraft(_ context.Context, id activesync.OpID) (activesync.Draft, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.outbox = slices.DeleteFunc(b.outbox, func(op activesync.Op) bool { return op.ID == id })
	return b.sent[id-1], nil
}

func (b *composeBackend) Window(context.Context, activesync.FolderID, activesync.WindowQuery) (activesync.Window, error) {
	return activesync.Window{Rows: []activesync.Header{b.message.Header}, Total: 1, Anchored: -1}, nil
}

func (b *composeBackend) Message(context.Context, activesync.ItemID) (activesync.Message, error) {
	return b.message, nil
}

func (b *composeBackend) FetchBody(context.Context, activesync.ItemID) (activesync.Message, error) {
	if b.whole == nil {
		return activesync.Message{}, errNoNet
	}
	return *b.whole, nil
}

func (b *composeBackend) Attachment(_ context.Context, _ activesync.ItemID, n int, w io.Writer) error {
	s, ok := b.parts[n]
	if !ok {
		return errNoNet
	}
	_, err := io.WriteString(w, s)
	return err
}

func (b *composeBackend) Source(context.Context, activesync.ItemID) ([]byte, error) {
	return []byte(b.source), nil
}

func (b *composeBackend) Contacts(context.Context, activesync.AccountID) ([]activesync.ContactRow, error) {
	return b.contacts, nil
}

func (b *composeBackend) Complete(_ context.Context, _ activesync.AccountID, words string) (contacts.Completion, error) {
	time.Sleep(b.slow)
	wrote := activesync.Contact{FileAs: b.message.From.Name, Email1: b.message.From}
	return contacts.Completion{Matches: contacts.NewIndex(b.contacts, []activesync.Contact{wrote}).Rank(words, b.found, 50), Listed: b.listed, Why: b.why}, nil
}

func (b *composeBackend) Send(_ context.Context, d activesync.Draft) (activesync.OpID, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil {
		return 0, b.refuse
	}
	b.sent = append(b.sent, d)
	if b.holds {
		b.outbox = append(b.outbox, activesync.Op{ID: activesync.OpID(len(b.sent)), Kind: activesync.OpSend, State: activesync.OpPending, Created: time.Now(),
			Send: &activesync.Outgoing{Subject: d.Subject, To: d.To, Due: time.Now().Add(d.Hold)}})
		if d.Due.After(time.Now()) {
			b.outbox[len(b.outbox)-1].Send.Due = d.Due
		}
	}
	return activesync.OpID(len(b.sent)), nil
}

func (b *composeBackend) Subscribe(ctx context.Context) <-chan activesync.Notice {
	c := make(chan activesync.Notice)
	context.AfterFunc(ctx, func() { close(c) })
	b.notices = c
	return c
}

func (b *composeBackend) Attach(bool) func() { return func() {} }

// keepingBackend also keeps drafts.
type keepingBackend struct {
	*composeBackend
	mu     sync.Mutex
	drafts map[string]activesync.Draft
	kept   int
	fail   error
}

func newKeepingBackend() *keepingBackend {
	return &keepingBackend{composeBackend: newComposeBackend(), drafts: map[string]activesync.Draft{}}
}

func (b *keepingBackend) KeepDraft(ctx context.Context, key string, d activesync.Draft) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := errors.Join(ctx.Err(), b.fail); err != nil {
		return err
	}
	if have, ok := b.drafts[key]; ok && have.Stamp != "" && have.Stamp != d.Base && have.Stamp != d.Stamp {
		return activesync.ErrDraftChanged
	}
	b.kept++
	b.drafts[key] = d
	return nil
}

func (b *keepingBackend) Drafts(context.Context) (map[string]activesync.Draft, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[string]activesync.Draft{}
	for k, d := range b.drafts {
		out[k] = d
	}
	return out, nil
}

func (b *keepingBackend) DropDraft(_ context.Context, key, _ string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.drafts, key)
	return nil
}

// Send takes the draft along, as the store does.
func (b *keepingBackend) Send(ctx context.Context, d activesync.Draft) (activesync.OpID, error) {
	id, err := b.composeBackend.Send(ctx, d)
	if err == nil {
		delete(b.drafts, d.Key)
	}
	return id, err
}

// composeScreen drives an App in a synctest bubble.
type composeScreen struct {
	t    testing.TB
	app  *App
	msgs chan tea.Msg
	env  map[string]string
}

func onComposeScreen(t *testing.T, b Backend, w, h int, test func(*composeScreen)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newComposeScreen(t, b, w, h)
		test(s)
		s.app.Close()
	})
}

func newComposeScreen(t testing.TB, b Backend, w, h int) *composeScreen {
	s := &composeScreen{t: t, msgs: make(chan tea.Msg, 1000), env: map[string]string{"TERM": "xterm", "LANG": "C.UTF-8", "HOME": t.TempDir()}}
	s.app = New(Deps{Backend: b, Getenv: func(k string) string { return s.env[k] }, Location: time.UTC, Scratch: t.TempDir()})
	pump(s.app.Init(), s.msgs)
	s.send(tea.WindowSizeMsg{Width: w, Height: h})
	return s
}

// settle waits until nothing is under way but timers.
func (s *composeScreen) settle() {
	for {
		synctest.Wait()
		select {
		case m := <-s.msgs:
			_, cmd := s.app.Update(m)
			pump(cmd, s.msgs)
		default:
			s.view()
			return
		}
	}
}

func (s *composeScreen) send(m tea.Msg) {
	_, cmd := s.app.Update(m)
	pump(cmd, s.msgs)
	s.settle()
}

func (s *composeScreen) do(cmd tea.Cmd) {
	s.app.frame = ""
	pump(cmd, s.msgs)
	s.settle()
}

// pass lets time go by.
func (s *composeScreen) pass(d time.Duration) {
	time.Sleep(d)
	s.settle()
}

// keys presses keys by their names, separated by blanks.
func (s *composeScreen) keys(names string) {
	s.t.Helper()
	for _, n := range strings.Fields(names) {
		s.send(composeKey(s.t, n))
	}
}

func composeKey(t testing.TB, name string) tea.KeyMsg {
	k := tea.KeyMsg{}
	if rest, ok := strings.CutPrefix(name, "alt+"); ok {
		k.Alt, name = true, rest
	}
	if name == "space" {
		k.Type, k.Runes = tea.KeySpace, []rune{' '}
		return k
	}
	for i := -200; i < 128; i++ {
		if k.Type = tea.KeyType(i); k.Type != tea.KeyRunes && k.Type != tea.KeySpace && (tea.Key{Type: k.Type}).String() == name {
			return k
		}
	}
	if len([]rune(name)) != 1 {
		t.Fatalf("no key is called %q", name)
	}
	k.Type, k.Runes = tea.KeyRunes, []rune(name)
	return k
}

// write types a text letter by letter.
func (s *composeScreen) write(text string) {
	for _, r := range text {
		switch r {
		case '\n':
			s.send(tea.KeyMsg{Type: tea.KeyEnter})
		case ' ':
			s.send(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
		default:
			s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
		}
	}
}

func (s *composeScreen) paste(text string) {
	s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
}

// view is the screen as text; it has to be exactly as large as the terminal.
func (s *composeScreen) view() string {
	s.t.Helper()
	lines := strings.Split(s.app.View(), "\n")
	if len(lines) != s.app.height {
		s.t.Errorf("%d lines on a screen of %d", len(lines), s.app.height)
	}
	for i, l := range lines {
		if w := style.Width(l); w != s.app.width && s.app.write != nil {
			s.t.Errorf("line %d is %d wide on a screen of %d: %q", i, w, s.app.width, ansi.Strip(l))
		}
		if strings.ContainsAny(ansi.Strip(l), "\x1b\u202e") {
			s.t.Errorf("line %d is not clean: %q", i, l)
		}
	}
	return ansi.Strip(strings.Join(lines, "\n"))
}

func (s *composeScreen) shows(words ...string) {
	s.t.Helper()
	for _, w := range words {
		if v := s.view(); !strings.Contains(v, w) {
			s.t.Errorf("the screen does not show %q:\n%s", w, v)
		}
	}
}

func (s *composeScreen) hides(words ...string) {
	s.t.Helper()
	for _, w := range words {
		if v := s.view(); strings.Contains(v, w) {
			s.t.Errorf("the screen shows %q:\n%s", w, v)
		}
	}
}

// compose opens an empty message.
func (s *composeScreen) compose() {
	s.do(s.app.openCompose(activesync.Draft{}, "to"))
}
