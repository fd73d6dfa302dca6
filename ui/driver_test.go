package ui_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
	"eas.example/securemail/ui"
)

// driver runs the screens as ui/term does, one message after the other, on a
// real agent, store and server, inside a bubble of testing/synctest.
type driver struct {
	t     *testing.T
	srv   *server.Server
	box   *server.Mailbox
	store *store.Store
	agent *agent.Local

	// policy and books are the agent's, wrap puts something before it; nil is none.
	policy func() policy.Managed
	books  *agent.AddressBooks
	wrap   func(*agent.Local) ui.Backend

	msgs    chan tea.Msg
	done    chan struct{}
	loop    sync.WaitGroup
	mu      sync.Mutex
	app     *ui.App
	quit    bool
	stop    context.CancelFunc
	engines chan error
	log     []server.Request
}

// shelf is a Book in memory.
type shelf struct {
	mu       sync.Mutex
	accounts []activesync.Account
}

func (s *shelf) Accounts() ([]activesync.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accounts), nil
}

func (s *shelf) Change(activesync.Account, string) error       { return nil }
func (s *shelf) Password(activesync.AccountID) (string, error) { return "pw", nil }

func (s *shelf) Add(a activesync.Account, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts = append(s.accounts, a)
	return nil
}

func (s *shelf) Remove(activesync.AccountID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts = nil
	return nil
}

const testURL = "http://127.0.0.1/Microsoft-Server-ActiveSync"

// newDriver makes a server with one user and a store, of which the screens know
// the account.
func newDriver(t *testing.T, cfg server.Config) *driver {
	t.Helper()
	d := &driver{t: t}
	if cfg.MinHeartbeat == 0 {
		cfg.MinHeartbeat = time.Second
	}
	cfg.Log = func(r server.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.log = append(d.log, r)
	}
	d.srv = server.New(cfg)
	d.box = d.srv.AddUser("alice", "pw", "alice@example.test")
	d.store = storetest.Open(t)
	return d
}

// open shows the screens at a size and waits until all has settled.
func (d *driver) open(width, height int, deps ui.Deps) {
	d.t.Helper()
	account := activesync.Account{ID: "a", Name: "Alice", Email: "alice@example.test", Server: testURL, User: "alice", Auth: "basic"}
	l, err := agent.NewLocal(agent.Config{Store: d.store, DeviceID: d.store.DeviceID(), Policy: d.policy, Books: d.books, Book: &shelf{accounts: []activesync.Account{account}},
		Dial: func(a activesync.Account, password string) (engine.Server, error) {
			return client.New(client.Config{Endpoint: a.Server, User: a.Login(), Password: password, DeviceID: d.store.DeviceID(), DeviceType: "securemail", Transport: d.srv.Transport()})
		}})
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	d.agent, d.stop, d.engines = l, stop, make(chan error, 1)
	go func() { d.engines <- l.Run(ctx) }()
	deps.Backend = l
	if d.wrap != nil {
		deps.Backend = d.wrap(l)
	}
	if deps.Location == nil {
		deps.Location = time.UTC
	}
	if deps.Getenv == nil {
		deps.Getenv = func(string) string { return "" }
	}
	d.app, d.quit = ui.New(deps), false
	d.msgs, d.done = make(chan tea.Msg), make(chan struct{})
	first := d.app.Init()
	d.loop.Go(d.run)
	d.msgs <- tea.WindowSizeMsg{Width: width, Height: height}
	d.command(first)
	synctest.Wait()
	time.Sleep(3 * time.Second) // the first sync, and texts that follow the cursor
	synctest.Wait()
}

func (d *driver) run() {
	for {
		select {
		case <-d.done:
			return
		case m := <-d.msgs:
			if _, ok := m.(tea.QuitMsg); ok {
				d.mu.Lock()
				d.quit = true
				d.mu.Unlock()
				continue
			}
			d.mu.Lock()
			_, cmd := d.app.Update(m)
			d.app.View()
			d.mu.Unlock()
			d.command(cmd)
		}
	}
}

// command runs a command on a goroutine of its own, and what follows from it.
func (d *driver) command(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		switch m := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range m {
				d.command(c)
			}
		default:
			select {
			case d.msgs <- m:
			case <-d.done:
			}
		}
	}()
}

// withScreen shows the screen of a key at a size, over a mailbox that fill fills.
func withScreen(t *testing.T, width, height int, deps ui.Deps, key string, fill func(*driver) error, test func(*testing.T, *driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		if err := fill(d); err != nil {
			t.Fatal(err)
		}
		d.open(width, height, deps)
		defer d.close()
		d.press(key)
		d.pass(time.Second)
		test(t, d)
	})
}

// wantReadOnServer counts the messages of the Inbox that the server has as read.
func (d *driver) wantReadOnServer(want int) {
	d.t.Helper()
	items, err := d.box.Items("Inbox")
	if err != nil {
		d.t.Fatal(err)
	}
	read := 0
	for _, it := range items {
		if it.Read {
			read++
		}
	}
	if read != want {
		d.t.Errorf("the server has %d messages read, want %d", read, want)
	}
}

// close leaves the screens and stops the engines.
func (d *driver) close() {
	d.t.Helper()
	close(d.done)
	d.loop.Wait()
	d.app.Close()
	d.stop()
	if err := <-d.engines; err != nil {
		d.t.Error(err)
	}
	synctest.Wait()
}

// press sends keys by the names that the table of actions has for them, and
// waits until all has settled.
func (d *driver) press(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.msgs <- keyMsg(k)
		synctest.Wait()
	}
}

// keyMsg makes the message of a key.
func keyMsg(name string) tea.KeyMsg {
	for t := tea.KeyType(-200); t < 200; t++ {
		if t != tea.KeyRunes && (tea.KeyMsg{Type: t}).String() == name {
			return tea.KeyMsg{Type: t}
		}
	}
	if name == "space" {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// click presses the left button on the first place where the words stand.
func (d *driver) click(words string) {
	d.t.Helper()
	for y, line := range d.screen() {
		if before, _, ok := strings.Cut(line, words); ok {
			d.msgs <- tea.MouseMsg{X: ansi.StringWidth(before), Y: y, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft}
			synctest.Wait()
			return
		}
	}
	d.t.Fatalf("%q is not on the screen:\n%s", words, strings.Join(d.screen(), "\n"))
}

// screen is what is on the screen, without styles.
func (d *driver) screen() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Split(ansi.Strip(d.app.View()), "\n")
}

// want fails when words are not on the screen.
func (d *driver) want(words ...string) {
	d.t.Helper()
	s := strings.Join(d.screen(), "\n")
	for _, w := range words {
		if !strings.Contains(s, w) {
			d.t.Fatalf("%q is not on the screen:\n%s", w, s)
		}
	}
}

// lacks fails when words are on the screen.
func (d *driver) lacks(words ...string) {
	d.t.Helper()
	s := strings.Join(d.screen(), "\n")
	for _, w := range words {
		if strings.Contains(s, w) {
			d.t.Fatalf("%q is on the screen:\n%s", w, s)
		}
	}
}

// deliver puts a message into a folder of the server.
func (d *driver) deliver(folder, subject string, date time.Time) {
	d.t.Helper()
	mail := fmt.Sprintf("From: Ana Souza <ana@example.test>\r\nTo: alice@example.test\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\n\r\nText of %s.\r\n",
		subject, date.Format(time.RFC1123Z), date.UnixNano(), subject)
	if _, err := d.box.Deliver(folder, server.Mail([]byte(mail)), false); err != nil {
		d.t.Fatal(err)
	}
}

// asked counts requests of a command that name a folder.
func (d *driver) asked(command string, folder activesync.ServerID) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, r := range d.log {
		if r.Command != command {
			continue
		}
		for _, c := range r.Collections {
			if c == folder {
				n++
			}
		}
	}
	return n
}

// folder is a folder of the account by its name.
func (d *driver) folder(name string) activesync.Folder {
	d.t.Helper()
	all, err := d.agent.Folders(context.Background(), "a")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range all {
		if f.Name == name {
			return f
		}
	}
	d.t.Fatalf("there is no folder %s", name)
	return activesync.Folder{}
}
