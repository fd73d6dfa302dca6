package agent

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/notify"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

// The mailboxes of the table, and how often each is looked at.
var watched = map[string]activesync.CheckFrequency{
	"Inbox": activesync.CheckPush, "Quarter": activesync.Check15m, "Manual": activesync.CheckManual,
}

// flat is a person's home under a fake clock: a server, a store, one agent
// after another.
type flat struct {
	t     *testing.T
	srv   *server.Server
	box   *server.Mailbox
	store *store.Store
	book  *shelf
	local *Local
	desk  *desktop
	runs  func(context.Context, []string, []byte) error // in place of the person's command
	acc   activesync.Account
	end   func()

	policy string // a file of the organisation
	files  *policy.Files

	letters int
	names   map[activesync.ServerID]string
	rings   chan struct{}
	cut     chan error // ends the push channel
	opened  atomic.Int32

	mu       sync.Mutex
	requests []string      // as they arrive
	fault    *server.Fault // of every request
	since    time.Time     // from when on the push channel was asked
}

func newFlat(t *testing.T) *flat { return newFlatAt(t, filepath.Join(t.TempDir(), "mail.db")) }

// newFlatAt has its store at path.
func newFlatAt(t *testing.T, path string) *flat {
	t.Helper()
	f := emptyFlat(t, path)
	f.begin()
	acc, err := f.local.AddAccount(t.Context(), activesync.Account{Email: "alice@example.test", Server: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: "alice"}, "pw")
	if err != nil {
		t.Fatal(err)
	}
	f.acc = acc
	f.settle()
	t.Cleanup(func() { f.end() })
	return f
}

// emptyFlat is a server with a mailbox, and a store at path that may have been
// used before. No agent runs.
func emptyFlat(t *testing.T, path string) *flat {
	t.Helper()
	f := &flat{t: t, book: &shelf{}, desk: newDesktop(), rings: make(chan struct{}), cut: make(chan error)}
	f.policy = filepath.Join(t.TempDir(), "policy.toml")
	f.files = policy.NewFiles(f.policy+".none", f.policy)
	f.srv = server.New(server.Config{Fault: func(r *server.Request) *server.Fault {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.fault != nil {
			return f.fault
		}
		if r.Command == "Ping" {
			f.requests = append(f.requests, "Ping")
			return nil
		}
		for _, id := range r.Collections {
			f.requests = append(f.requests, r.Command+" "+f.names[id])
		}
		if len(r.Collections) == 0 && r.Command != "OPTIONS" { // it belongs to a connection, not to mail
			f.requests = append(f.requests, r.Command)
		}
		return nil
	}})
	f.box = f.srv.AddUser("alice", "pw", "alice@example.test")
	f.store = storetest.OpenAt(t, path)
	for _, name := range []string{"Quarter", "Manual"} {
		f.box.AddFolder(name, activesync.FolderUserMail)
	}
	return f
}

// begin starts an agent.
func (f *flat) begin() {
	f.t.Helper()
	l, err := NewLocal(Config{Store: f.store, Book: f.book, Settings: f.book, Policy: f.files.Now,
		Dial: func(a activesync.Account, password string) (engine.Server, error) {
			return client.New(client.Config{Endpoint: a.Server, User: a.Login(), Password: password, DeviceID: f.store.DeviceID(), DeviceType: "securemail", Transport: f.srv.Transport()})
		},
		Listen: func(ctx context.Context, c Channel, opened, wake func()) error {
			f.mu.Lock()
			f.since = c.Since
			f.mu.Unlock()
			opened()
			f.opened.Add(1)
			for {
				select {
				case <-f.rings:
					wake()
				case err := <-f.cut:
					return err
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}})
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- l.Run(ctx) }()
	go func() {
		done <- notify.NewTeller(notify.TellerConfig{House: l, Desktop: f.desk, Command: f.runs}).Run(ctx)
	}()
	f.local, f.end = l, func() {
		cancel()
		for range cap(done) {
			if err := <-done; err != nil {
				f.t.Error(err)
			}
		}
		f.end = func() {}
	}
}

// settle brings everything in step and gives the mailboxes their frequencies:
// the other folders are left alone.
func (f *flat) settle() {
	f.t.Helper()
	ctx := context.Background()
	if _, err := f.local.Sync(ctx, f.acc.ID, nil, true, nil); err != nil {
		f.t.Fatal(err)
	}
	all, err := f.local.Folders(ctx, f.acc.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	f.mu.Lock()
	f.names = map[activesync.ServerID]string{}
	f.mu.Unlock()
	for _, folder := range all {
		check, ok := watched[folder.Name]
		o := activesync.FolderOptions{AutoRefresh: ok, Check: check, Period: activesync.PeriodAll}
		if !ok {
			o.Check = activesync.CheckManual
		}
		if err := f.local.SetFolderOptions(ctx, folder.ID, o); err != nil {
			f.t.Fatal(err)
		}
		f.mu.Lock()
		f.names[folder.ServerID] = folder.Name
		f.mu.Unlock()
	}
}

// deliver puts a message into each mailbox.
func (f *flat) deliver(n int) {
	f.t.Helper()
	for name := range watched {
		id := fmt.Sprintf("%s%d", name, n)
		mail := "From: ana@example.test\r\nTo: alice@example.test\r\nSubject: " + id + "\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\nMessage-ID: <" + id + "@example.test>\r\n\r\nText.\r\n"
		if _, err := f.box.Deliver(name, server.Mail([]byte(mail)), false); err != nil {
			f.t.Fatal(err)
		}
	}
}

// fail has every request fail, or none with nil.
func (f *flat) fail(fault *server.Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

func (f *flat) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = nil
}

// seen are the kinds of requests since forget, each once.
func (f *flat) seen() (kinds []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if !slices.Contains(kinds, r) {
			kinds = append(kinds, r)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// count is how often one kind was asked for since forget.
func (f *flat) count(kind string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if r == kind {
			n++
		}
	}
	return n
}

// folder is the id of a mailbox.
func (f *flat) folder(name string) activesync.FolderID {
	f.t.Helper()
	all, err := f.local.Folders(context.Background(), f.acc.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, folder := range all {
		if folder.Name == name {
			return folder.ID
		}
	}
	f.t.Fatalf("no mailbox %s", name)
	return 0
}

// notified are the mailboxes of which the person was told since the desktop
// forgot, each once, and whether they were told twice of any message.
func (f *flat) notified() string {
	f.t.Helper()
	var names []string
	seen := map[activesync.ItemID]bool{}
	for _, item := range f.desk.items() {
		if seen[item] {
			f.t.Errorf("told twice of a message")
		}
		seen[item] = true
		h, err := f.local.Header(context.Background(), item)
		if err != nil {
			f.t.Fatal(err)
		}
		for name := range watched {
			if f.folder(name) == h.Folder && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// TestPresenceTable is every cell of {foreground, grace, background, suspended
// screen, terminated and brought back} × {Persistent, Refresh, Push, Off}, with
// a mailbox on push, one at 15 minutes and one by hand: what the server is
// asked in 50 minutes in which mail arrives in all three, and of which mailboxes
// the person is told. A screen that is attached shows the mailbox on push.
func TestPresenceTable(t *testing.T) {
	const live, atIntervals, silent = "Ping, Sync Inbox, Sync Quarter", "Sync Inbox, Sync Quarter", ""
	const both, other = "Inbox, Quarter", "Quarter"
	type cell struct {
		mode activesync.BackgroundMode
		want string
		told string
	}
	away := []cell{{activesync.ModePersistent, live, both}, {activesync.ModeRefresh, atIntervals, both}, {activesync.ModePush, silent, ""}, {activesync.ModeOff, silent, ""}}
	anew := slices.Clone(away)
	anew[1].want = "FolderSync, " + atIntervals // a new process asks for the list of folders with its first look
	near := []cell{{activesync.ModePersistent, live, other}, {activesync.ModeRefresh, live, other}, {activesync.ModePush, live, other}, {activesync.ModeOff, live, other}}
	grace := slices.Clone(near)
	for i := range grace {
		grace[i].told = both
	}
	for _, row := range []struct {
		state string
		enter func(*flat)
		cells []cell
	}{
		{"foreground", func(f *flat) {
			f.local.Attach(true)
			f.local.Look(activesync.Look{Folder: f.folder("Inbox")})
		}, near},
		{"grace", func(f *flat) {
			long := time.Hour
			f.set(func(b *activesync.Background) { b.Grace = &long })
			f.local.Attach(true)()
		}, grace},
		{"background", func(f *flat) { f.local.Attach(true)(); time.Sleep(activesync.DefaultGrace + time.Second) }, away},
		{"suspended screen", func(f *flat) {
			detach := f.local.Attach(true)
			f.local.Attach(false) // its stream of events stays open
			time.Sleep(time.Minute)
			detach() // Ctrl-Z
			time.Sleep(activesync.DefaultGrace + time.Second)
		}, away},
		{"terminated and brought back", func(f *flat) { f.end(); f.begin(); time.Sleep(time.Second) }, anew},
	} {
		for _, c := range row.cells {
			t.Run(row.state+"/"+string(c.mode), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFlat(t)
					f.set(func(b *activesync.Background) {
						b.Mode, b.RefreshOff, b.Topic = c.mode, false, "https://ntfy.example/box"
					})
					if c.mode == activesync.ModeOff {
						f.set(func(b *activesync.Background) { b.Mode, b.RefreshOff = "", true })
					}
					row.enter(f)
					synctest.Wait()
					f.forget()
					f.desk.forget()
					for n := range 5 {
						f.deliver(n)
						time.Sleep(10 * time.Minute)
					}
					synctest.Wait()
					kinds := f.seen()
					if got := strings.Join(kinds, ", "); got != c.want {
						t.Errorf("the server was asked for %q, want %q", got, c.want)
					}
					if got := f.notified(); got != c.told {
						t.Errorf("the person was told of %q, want %q", got, c.told)
					}
					if n := f.count("Sync Quarter"); n > 4 {
						t.Errorf("the mailbox at 15 minutes was asked for %d times in 50", n)
					}
					if n := f.count("Sync Inbox"); f.count("Ping") == 0 && n > 4 {
						t.Errorf("without a Ping the mailbox on push was asked for %d times in 50 minutes", n)
					}
				})
			})
		}
	}
}

// has compares how many messages of a mailbox are here.
func (f *flat) has(folder string, n int) {
	f.t.Helper()
	all, err := f.local.Folders(context.Background(), f.acc.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, a := range all {
		if a.Name == folder && a.Total != n {
			f.t.Errorf("%s has %d messages, want %d", folder, a.Total, n)
		}
	}
}

func (f *flat) set(change func(*activesync.Background)) {
	f.t.Helper()
	b, err := f.local.Background(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	change(&b)
	if err := f.local.SetBackground(context.Background(), b); err != nil {
		f.t.Fatal(err)
	}
}

func TestAWakeUpStartsASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		f.set(func(b *activesync.Background) { b.Mode, b.Topic = activesync.ModePush, "https://ntfy.example/box" })
		time.Sleep(20 * time.Minute)
		f.deliver(1)
		f.forget()
		f.rings <- struct{}{}
		time.Sleep(time.Minute)
		synctest.Wait()
		kinds := f.seen()
		if got := strings.Join(kinds, ", "); got != "Sync Inbox, Sync Quarter" {
			t.Errorf("the server was asked for %q", got)
		}
		f.forget()
		time.Sleep(3 * time.Hour)
		if kinds := f.seen(); len(kinds) > 0 {
			t.Errorf("without a wake-up the server was asked for %q", kinds)
		}
	})
}

// Somebody who rings without end and without news has the server asked ever more
// rarely; news are found all the same.
func TestWakeUpsForNothingDoNotMakeTheLineBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		f.set(func(b *activesync.Background) { b.Mode, b.Topic = activesync.ModePush, "https://ntfy.example/box" })
		time.Sleep(20 * time.Minute)
		f.forget()
		ring := func(d time.Duration) {
			for range d / (5 * time.Second) {
				time.Sleep(5 * time.Second)
				f.rings <- struct{}{}
			}
		}
		ring(time.Hour)
		if n := f.count("Sync Inbox"); n < 4 || n > 15 {
			t.Errorf("asked %d times in an hour", n)
		}
		f.deliver(1)
		ring(20 * time.Minute)
		f.has("Inbox", 1)
		time.Sleep(40 * time.Minute) // the last ring of them waits too
		f.deliver(2)
		ring(5 * time.Second)
		time.Sleep(10 * time.Second)
		f.has("Inbox", 2)
	})
}

// The connection of the channel may be dead after a sleep, and would say so only
// after minutes.
func TestTheChannelIsOpenedAnewAfterASleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		f.set(func(b *activesync.Background) { b.Mode, b.Topic = activesync.ModePush, "https://ntfy.example/box" })
		time.Sleep(time.Minute)
		before := f.opened.Load()
		f.local.Woke()
		synctest.Wait()
		p, err := f.local.Presence(t.Context())
		if n := f.opened.Load(); n != before+1 || err != nil || p.Push != "listening" || p.Accounts[0].Mode != activesync.ModePush {
			t.Errorf("opened %d times, before %d; presence %+v, %v", n, before, p, err)
		}
	})
}

// What the channel said while nobody listened is asked for, whether or not another
// account never came to its server.
func TestAnAccountThatWasNeverInStepHidesNoWakeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		f.set(func(b *activesync.Background) { b.Mode, b.Topic = activesync.ModePush, "https://ntfy.example/box" })
		if err := f.book.Add(activesync.Account{ID: "new", Name: "New", Server: f.acc.Server, User: "nobody"}, "pw"); err != nil {
			t.Fatal(err)
		}
		f.end()
		looked := time.Now()
		time.Sleep(time.Hour)
		f.begin()
		time.Sleep(time.Minute)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.since.IsZero() || f.since.After(looked) {
			t.Errorf("asked for what was said since %v, looked at %v", f.since, looked)
		}
	})
}

func TestALostChannelFallsBackToRefreshAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		f.set(func(b *activesync.Background) { b.Mode, b.Topic = activesync.ModePush, "https://ntfy.example/box" })
		time.Sleep(time.Minute)
		f.cut <- fmt.Errorf("the push server is silent")
		synctest.Wait()
		p, err := f.local.Presence(t.Context())
		if err != nil || !strings.Contains(p.Push, "silent") || p.Accounts[0].Mode != activesync.ModeRefresh || !strings.Contains(p.Accounts[0].Why[0], "lost") {
			t.Errorf("presence %+v, %v", p, err)
		}
		time.Sleep(time.Minute) // it listens again
		if p, err = f.local.Presence(t.Context()); err != nil || p.Push != "listening" || p.Accounts[0].Mode != activesync.ModePush {
			t.Errorf("presence %+v, %v", p, err)
		}
	})
}

func TestOffSendsWhatIsDueAndThenEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		detach := f.local.Attach(true)
		f.set(func(b *activesync.Background) { b.RefreshOff = true })
		detach()
		time.Sleep(time.Minute)
		select {
		case <-f.local.Spare():
		default:
			t.Error("an agent with nothing to do goes on")
		}
		f.end()
		f.begin()
		f.forget()
		if _, err := f.local.Send(t.Context(), activesync.Draft{Account: f.acc.ID, To: []activesync.Address{{Address: "bob@example.test"}}, Subject: "x", Text: "x"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		kinds := f.seen()
		if !slices.Contains(kinds, "SendMail") || slices.Contains(kinds, "Ping") || slices.Contains(kinds, "Sync Inbox") {
			t.Errorf("the server was asked for %q", kinds)
		}
		if ops, err := f.local.Outbox(t.Context(), f.acc.ID); err != nil || len(ops) != 0 {
			t.Errorf("outbox %v, %v", ops, err)
		}
	})
}

// With Background refresh Off an agent stays for a message that is to be sent later,
// asks for nothing until then, and ends when it is gone.
func TestOffWaitsForWhatIsSentLaterAndThenEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		detach := f.local.Attach(true)
		f.set(func(b *activesync.Background) { b.RefreshOff = true })
		later := activesync.Draft{Account: f.acc.ID, To: []activesync.Address{{Address: "bob@example.test"}}, Subject: "x", Text: "x", Due: time.Now().Add(26 * time.Hour)}
		if _, err := f.local.Send(t.Context(), later); err != nil {
			t.Fatal(err)
		}
		detach()
		time.Sleep(time.Minute)
		f.forget()
		ended := func() bool {
			synctest.Wait()
			select {
			case <-f.local.Spare():
				return true
			default:
				return false
			}
		}
		time.Sleep(25*time.Hour + 58*time.Minute)
		if kinds := f.seen(); ended() || len(kinds) > 0 {
			t.Errorf("before it is due: ended %v, asked for %q", ended(), kinds)
		}
		time.Sleep(2 * time.Minute)
		if kinds := f.seen(); !slices.Contains(kinds, "SendMail") || slices.Contains(kinds, "Ping") || slices.Contains(kinds, "Sync Inbox") {
			t.Errorf("when it was due the server was asked for %q", kinds)
		}
		time.Sleep(time.Minute)
		if !ended() {
			t.Error("an agent with nothing left to do goes on")
		}
	})
}

func TestAJumpOfTheClock(t *testing.T) {
	c := newClock()
	days := 72 * time.Hour
	for _, step := range []struct {
		wall, steady, want time.Duration
	}{
		{time.Hour, time.Hour, 0}, {days, 2 * time.Hour, days - 2*time.Hour}, {days + time.Hour, 3 * time.Hour, 0},
		{days, 3 * time.Hour, -time.Hour}, {days + time.Second, 3 * time.Hour, 0},
	} {
		if got := c.jumped(c.began.Add(step.wall), step.steady); got != step.want {
			t.Errorf("at %v after %v: %v, want %v", step.wall, step.steady, got, step.want)
		}
	}
}

func TestThatAutoRefreshIsOffIsAReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		if err := f.local.SetAutoRefresh(t.Context(), f.acc.ID, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		p, err := f.local.Presence(t.Context())
		if err != nil || len(p.Accounts) != 1 || !p.Accounts[0].Next.IsZero() || !strings.Contains(strings.Join(p.Accounts[0].Why, "; "), "Auto Refresh is Off") {
			t.Errorf("presence %+v, %v", p, err)
		}
	})
}

// TestAnAccountAddedByHandDoesNotBreakStatus: the file of accounts can be
// edited while the agent runs.
func TestAnAccountAddedByHandDoesNotBreakStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlat(t)
		_ = f.book.Add(activesync.Account{ID: "new", Name: "New"}, "")
		p, err := f.local.Presence(t.Context())
		if err != nil || len(p.Accounts) != 2 || p.Accounts[0].Problem != "" || p.Accounts[1].Problem == "" {
			t.Errorf("presence %+v, %v", p, err)
		}
	})
}
