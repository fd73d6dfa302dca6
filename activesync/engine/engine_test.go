package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

// world is an embedded server with one user, and a client of it with a store.
type world struct {
	t       *testing.T
	server  *server.Server
	line    line // to the server
	who     server.Personality
	box     *server.Mailbox
	store   *store.Store
	engine  *engine.Engine
	account activesync.Account
	// prefetch is the engine's.
	prefetch int

	mu      sync.Mutex
	log     []server.Request
	notices []activesync.Notice
	fault   func(*server.Request) *server.Fault
}

const (
	testUser     = "alice"
	testPassword = "wonderland"
	testEmail    = "alice@example.test"
)

func newWorld(t *testing.T, cfg server.Config) *world {
	t.Helper()
	w := &world{t: t, who: cfg.Personality}
	cfg.Log = func(r server.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.log = append(w.log, r)
	}
	cfg.Fault = func(r *server.Request) *server.Fault {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.fault == nil {
			return nil
		}
		return w.fault(r)
	}
	w.server = server.New(cfg)
	w.line.next = w.server.Transport()
	w.box = w.server.AddUser(testUser, testPassword, testEmail)
	w.store = storetest.OpenQuick(t)
	w.account = activesync.Account{ID: "a", Name: "Alice", Email: testEmail, Server: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: testUser, Auth: "basic"}
	w.engine = w.newEngine(testPassword)
	return w
}

func (w *world) newEngine(password string) *engine.Engine {
	w.t.Helper()
	c, err := client.New(client.Config{Endpoint: w.account.Server, User: testUser, Password: password, DeviceID: w.store.DeviceID(), DeviceType: "securemail",
		Transport: &w.line})
	if err != nil {
		w.t.Fatal(err)
	}
	return engine.New(engine.Config{Account: w.account, Server: c, Store: w.store, Device: wire.DeviceInformation{Model: "securemail"}, DeviceID: w.store.DeviceID(), Prefetch: w.prefetch, Log: slog.New(slog.DiscardHandler),
		Notify: func(n activesync.Notice) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.notices = append(w.notices, n)
		}})
}

// setFault changes what goes wrong from now on.
func (w *world) setFault(f func(*server.Request) *server.Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
}

// failOnce has the next request of a command go wrong, and no other one.
func (w *world) failOnce(command string, fault server.Fault) {
	failed := false
	w.setFault(func(r *server.Request) *server.Fault {
		if r.Command != command || failed {
			return nil
		}
		failed = true
		return &fault
	})
}

// takeBack has a record that was set aside taken back, and what is to be done for
// that carried out.
func (w *world) takeBack(id activesync.OpID) {
	w.t.Helper()
	w.setFault(nil)
	if err := w.store.RevertOp(w.t.Context(), id); err != nil {
		w.t.Fatal(err)
	}
	w.engine.Resume()
	time.Sleep(6 * time.Hour)
	synctest.Wait()
	w.equal()
}

// requests counts what the server was asked: of a command, naming a folder if
// one is given.
func (w *world) requests(command string, folder activesync.ServerID) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, r := range w.log {
		if r.Command == command && (folder == "" || slices.Contains(r.Collections, folder)) {
			n++
		}
	}
	return n
}

func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log, w.notices = nil, nil
}

func mime(subject string, date time.Time) []byte {
	return []byte(fmt.Sprintf("From: Ana Souza <ana@example.test>\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@example.test>\r\n\r\nText of %s.\r\n",
		testEmail, subject, date.Format(time.RFC1123Z), strings.ReplaceAll(subject, " ", "-"), subject))
}

// fill puts n messages into the Inbox, one a day back from now.
func (w *world) fill(n int) {
	w.t.Helper()
	now := time.Now()
	for i := range n {
		date := now.Add(-time.Duration(i) * 24 * time.Hour)
		if _, err := w.box.Deliver("Inbox", server.Mail(mime(fmt.Sprintf("message %d", i), date)), i%2 == 0); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) sync() engine.Summary {
	w.t.Helper()
	sum, err := w.engine.Sync(context.Background(), nil, true, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for name, err := range sum.Problems {
		w.t.Fatalf("folder %s: %v", name, err)
	}
	return sum
}

func (w *world) folder(kind activesync.FolderType) activesync.Folder {
	w.t.Helper()
	all, err := w.store.Folders(context.Background(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range all {
		if f.Type == kind {
			return f
		}
	}
	w.t.Fatalf("no folder of type %d", kind)
	return activesync.Folder{}
}

func (w *world) rows(kind activesync.FolderType) []activesync.Header {
	w.t.Helper()
	win, err := w.store.Window(context.Background(), w.folder(kind).ID, activesync.WindowQuery{Count: 100_000})
	if err != nil {
		w.t.Fatal(err)
	}
	return win.Rows
}

// equal holds the Inbox here against the server's.
func (w *world) equal() {
	w.t.Helper()
	stored, err := w.box.Items("Inbox")
	if err != nil {
		w.t.Fatal(err)
	}
	var want, got []string
	for _, s := range stored {
		subject, _, _ := strings.Cut(strings.SplitN(string(s.MIME), "Subject: ", 2)[1], "\r\n")
		want = append(want, fmt.Sprintf("%s read=%v flag=%d", subject, s.Read, s.Flag))
	}
	for _, h := range w.rows(activesync.FolderInbox) {
		got = append(got, fmt.Sprintf("%s read=%v flag=%d", h.Subject, h.Read, h.Flag))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.t.Fatalf("the Inbox differs:\n got %d %v\nwant %d %v", len(got), cutList(got), len(want), cutList(want))
	}
}

func cutList(l []string) []string { return l[:min(len(l), 12)] }

func TestFirstSyncInEveryVersion(t *testing.T) {
	for _, v := range activesync.Versions() {
		for _, oldest := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v oldest first %v", v, oldest), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, server.Config{Versions: []activesync.Version{v}, OldestFirst: oldest})
					w.fill(700)
					w.sync()
					w.equal()
					if got := w.sync(); got.Added+got.Changed+got.Deleted != 0 {
						t.Errorf("a second sync brings %+v", got)
					}
				})
			})
		}
	}
}

func TestRecentMailComesFirstWhateverTheServersOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{OldestFirst: true})
		w.fill(700)
		n := 0
		w.setFault(func(r *server.Request) *server.Fault {
			if r.Command != "Sync" || len(r.Keys) == 0 || r.Keys[0] == "0" || r.Collections[0] != "1" {
				return nil
			}
			if n++; n > 1 { // only one window comes through
				return &server.Fault{Status: 503}
			}
			return nil
		})
		if _, err := w.engine.Sync(t.Context(), nil, true, nil); !errors.Is(err, activesync.ErrBusy) {
			t.Fatalf("sync: %v, want busy", err)
		}
		rows := w.rows(activesync.FolderInbox)
		if len(rows) == 0 || rows[0].Subject != "message 0" {
			t.Fatalf("after one window the list begins with %v", rows[:min(3, len(rows))])
		}
	})
}

// run starts the engine's life and ends it with the test.
func (w *world) run() {
	w.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.engine.Run(ctx) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.t.Errorf("Run: %v", err)
		}
	})
}

func TestPushFolderShowsNewMailWithinTwoSeconds(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(3)
		w.run()
		time.Sleep(3 * time.Minute)
		if s := w.engine.Status(); s.Phase != activesync.PhaseLive {
			t.Fatalf("status %+v, want live", s)
		}
		w.forget()
		if _, err := w.box.Deliver("Inbox", server.Mail(mime("fresh", time.Now())), false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		w.equal()
		w.mu.Lock()
		defer w.mu.Unlock()
		told := 0
		for _, n := range w.notices {
			if n.Kind == activesync.NoticeMailNew {
				told++
				if n.Subject != "fresh" || n.From.Address != "ana@example.test" {
					t.Errorf("notice %+v", n)
				}
			}
		}
		if told != 1 {
			t.Errorf("new mail was told %d times, want once", told)
		}
	})
}

func TestFirstSyncIsNoNewMail(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(30)
		w.run()
		time.Sleep(time.Minute)
		synctest.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, n := range w.notices {
			if n.Kind == activesync.NoticeMailNew {
				t.Fatalf("told of %q", n.Subject)
			}
		}
	})
}

// options gives every folder the same Sync options but for the one of a type.
func (w *world) options(kind activesync.FolderType, one, others activesync.CheckFrequency) activesync.ServerID {
	w.t.Helper()
	all, err := w.store.Folders(context.Background(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	id := activesync.ServerID("")
	for _, f := range all {
		o := activesync.FolderOptions{AutoRefresh: true, Check: others, Period: activesync.PeriodAll}
		if f.Type == kind {
			o.Check, id = one, f.ServerID
		}
		if err := w.store.SetFolderOptions(context.Background(), f.ID, o); err != nil {
			w.t.Fatal(err)
		}
	}
	return id
}

func TestFiveMinuteFolderCausesOneRequestEveryFiveMinutes(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(5)
		w.sync()
		id := w.options(activesync.FolderInbox, activesync.Check5m, activesync.CheckManual)
		w.run()
		time.Sleep(6 * time.Minute)
		for range 10 {
			w.forget()
			time.Sleep(5 * time.Minute)
			synctest.Wait()
			if n := w.requests("Sync", id); n != 1 {
				t.Fatalf("%d requests in five minutes, want 1", n)
			}
			if n := w.requests("Ping", ""); n != 0 {
				t.Fatalf("%d Pings, want none", n)
			}
		}
		if s := w.engine.Status(); s.Phase != activesync.PhaseWaiting || s.Every != 5*time.Minute {
			t.Errorf("status %+v", s)
		}
	})
}

func TestManualFolderCausesNoRequest(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(5)
		w.sync()
		id := w.options(activesync.FolderInbox, activesync.CheckManual, activesync.CheckPush)
		w.forget()
		w.run()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if n := w.requests("Sync", id) + w.requests("Ping", id); n != 0 {
			t.Errorf("%d requests name the manual folder", n)
		}
		if n := w.requests("Ping", ""); n == 0 {
			t.Error("the other folders are not watched")
		}
		before := w.requests("Sync", "")
		w.engine.CheckNow(w.folder(activesync.FolderInbox).ID)
		synctest.Wait()
		if n := w.requests("Sync", id); n != 1 || w.requests("Sync", "") != before+1 {
			t.Errorf("by hand: %d requests", n)
		}
	})
}

func TestAutoRefreshOffCausesNoRequest(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.sync()
		err := w.store.UpdateState(t.Context(), w.account.ID, func(s *activesync.AccountState) error { s.AutoRefreshOff = true; return nil })
		if err != nil {
			t.Fatal(err)
		}
		w.forget()
		w.run()
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if n := len(w.log); n != 0 {
			t.Errorf("%d requests, want none: %v", n, w.log[0].Command)
		}
		if s := w.engine.Status(); s.Phase != activesync.PhasePaused {
			t.Errorf("status %+v, want paused", s)
		}
	})
}

func TestIdlePingsAreFew(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(5)
		w.sync()
		w.run()
		time.Sleep(10 * time.Minute)
		w.forget()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if n := len(w.log); n > 24*12 {
			t.Errorf("%d requests in an idle day", n)
		}
	})
}

func (w *world) do(op activesync.Op) activesync.OpID {
	w.t.Helper()
	op.Account, op.Created, op.State = w.account.ID, time.Now(), activesync.OpPending
	id, err := w.store.Queue(context.Background(), op, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestChangesReachTheServerInEveryVersion(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(8)
		w.sync()
		rows := w.rows(activesync.FolderInbox)
		w.do(activesync.Op{Kind: activesync.OpRead, Item: rows[0].ID, Read: !rows[0].Read})
		w.do(activesync.Op{Kind: activesync.OpFlag, Item: rows[1].ID, Flag: activesync.FlagActive})
		w.do(activesync.Op{Kind: activesync.OpDelete, Item: rows[2].ID})
		w.do(activesync.Op{Kind: activesync.OpMove, Item: rows[3].ID, To: w.folder(activesync.FolderDeleted).ID})
		if n := len(w.rows(activesync.FolderInbox)); n != 6 {
			t.Errorf("%d rows before the server knows, want 6", n)
		}
		if err := w.engine.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.equal()
		deleted, err := w.box.Items("Deleted Items")
		if err != nil || len(deleted) != 2 {
			t.Errorf("%d items in Deleted Items, want 2; %v", len(deleted), err)
		}
		if n := len(w.rows(activesync.FolderDeleted)); n != 2 {
			t.Errorf("%d rows of Deleted Items, want 2", n)
		}
		if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) != 0 {
			t.Errorf("left in the journal: %v, %v", ops, err)
		}
	})
}

func TestChangesMadeOfflineAreCarriedOutLater(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(4)
		w.sync()
		w.setFault(func(*server.Request) *server.Fault { return &server.Fault{Refuse: true} })
		w.run()
		time.Sleep(time.Minute)
		rows := w.rows(activesync.FolderInbox)
		w.do(activesync.Op{Kind: activesync.OpRead, Item: rows[0].ID, Read: true})
		w.do(activesync.Op{Kind: activesync.OpDelete, Item: rows[1].ID})
		w.engine.Wake()
		time.Sleep(6 * time.Hour)
		if s := w.engine.Status(); s.Phase != activesync.PhaseOffline || s.Err == nil || s.NextAttempt.IsZero() {
			t.Errorf("status %+v, want offline with a reason and a time", s)
		}
		w.setFault(nil)
		time.Sleep(time.Hour)
		synctest.Wait()
		w.equal()
		if s := w.engine.Status(); s.Phase != activesync.PhaseLive {
			t.Errorf("status %+v, want live", s)
		}
	})
}

func TestWrongPasswordIsTriedOnce(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.engine = w.newEngine("wrong")
		w.run()
		time.Sleep(7 * 24 * time.Hour)
		synctest.Wait()
		if n := len(w.log); n != 1 {
			t.Errorf("%d requests with a wrong password, want 1", n)
		}
		if s := w.engine.Status(); !errors.Is(s.Err, activesync.ErrAuth) {
			t.Errorf("status %+v", s)
		}
	})
}

func TestLostAnswersDoubleNothing(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(400)
		n := 0
		w.setFault(func(r *server.Request) *server.Fault {
			n++
			switch {
			case n%3 == 0:
				return &server.Fault{Drop: true}
			case n%7 == 0:
				return &server.Fault{Cuts: true, Cut: 40}
			case n%11 == 0:
				return &server.Fault{Status: 503, RetryAfter: "30"}
			case n%13 == 0:
				return &server.Fault{Status: 200, Body: "<html>portal</html>"}
			}
			return nil
		})
		w.run()
		time.Sleep(12 * time.Hour)
		synctest.Wait()
		w.setFault(nil)
		time.Sleep(time.Hour)
		synctest.Wait()
		w.equal()
	})
}

func TestForgottenKeysDoubleNothing(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(300)
		w.sync()
		before := w.rows(activesync.FolderInbox)
		w.box.ForgetKeys()
		w.sync()
		w.equal()
		after := w.rows(activesync.FolderInbox)
		for i := range before {
			if before[i].ID != after[i].ID {
				t.Fatalf("row %d is another item now", i)
			}
		}
	})
}

func TestSendAndReceive(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.sync()
		raw := mime("to myself", time.Now())
		_, err := w.store.Queue(t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending,
			Send: &activesync.Outgoing{ClientID: "c1", MessageID: "to-myself@example.test", Subject: "to myself", Size: int64(len(raw))}}, raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.engine.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sync()
		for _, kind := range []activesync.FolderType{activesync.FolderInbox, activesync.FolderSent} {
			if rows := w.rows(kind); (len(rows) != 1 || rows[0].Subject != "to myself") && !(kind == activesync.FolderSent && w.who.NoSentCopy) {
				t.Errorf("folder %d holds %v", kind, rows)
			}
		}
	})
}

func TestLostAnswerToSendSendsOnce(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.sync()
		raw := mime("once", time.Now())
		_, err := w.store.Queue(t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending,
			Send: &activesync.Outgoing{ClientID: "c1", MessageID: "once@example.test", Subject: "once", Size: int64(len(raw))}}, raw)
		if err != nil {
			t.Fatal(err)
		}
		w.failOnce("SendMail", server.Fault{Drop: true})
		w.run()
		time.Sleep(time.Hour)
		synctest.Wait()
		if came, err := w.box.Items("Inbox"); err != nil || len(came) != 1 {
			t.Errorf("the message came %d times, want once; %v", len(came), err)
		}
		ops, err := w.store.Pending(t.Context(), w.account.ID)
		if w.who.NoSentCopy && len(ops) == 1 && ops[0].State == activesync.OpUncertain && ops[0].Reason != "" {
			return // neither ClientId nor Sent can tell
		}
		if err != nil || len(ops) != 0 {
			t.Errorf("left in the journal: %+v, %v", ops, err)
		}
	})
}

func TestPoliciesAreAcknowledgedTruthfully(t *testing.T) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Versions: []activesync.Version{v}, Policies: map[string]string{"DevicePasswordEnabled": "1", "MaxEmailAgeFilter": "3"}})
				w.fill(20)
				w.sync()
				st, err := w.store.State(t.Context(), w.account.ID)
				if err != nil {
					t.Fatal(err)
				}
				if st.Policy["DevicePasswordEnabled"] != "1" || !slices.Equal(st.PolicyUnmet, []string{"DevicePasswordEnabled"}) || st.PolicyKey == "" || st.PolicyKey == "0" {
					t.Errorf("state %+v", st)
				}
				if n := len(w.rows(activesync.FolderInbox)); n > 8 {
					t.Errorf("%d messages although the policy allows a week", n)
				}
				w.box.DropPolicyKeys()
				if _, err := w.box.Deliver("Inbox", server.Mail(mime("later", time.Now().Add(time.Second))), false); err != nil {
					t.Fatal(err)
				}
				w.sync()
				if rows := w.rows(activesync.FolderInbox); rows[0].Subject != "later" {
					t.Errorf("after new policies the list begins with %q", rows[0].Subject)
				}
			})
		})
	}
}

func TestTwoAccountsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		other := w.server.AddUser("ben", "pw", "ben@example.test")
		w.fill(20)
		for i := range 30 {
			if _, err := other.Deliver("Inbox", server.Mail(mime(fmt.Sprintf("for ben %d", i), time.Now())), false); err != nil {
				t.Fatal(err)
			}
		}
		c, err := client.New(client.Config{Endpoint: w.account.Server, User: "ben", Password: "pw", DeviceID: w.store.DeviceID(), DeviceType: "securemail", Transport: w.server.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		ben := engine.New(engine.Config{Account: activesync.Account{ID: "b", Name: "Ben", Email: "ben@example.test"}, Server: c, Store: w.store})
		var wait sync.WaitGroup
		for _, e := range []*engine.Engine{w.engine, ben} {
			wait.Go(func() {
				if _, err := e.Sync(t.Context(), nil, true, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		w.equal()
		all, err := w.store.Folders(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			if f.Type == activesync.FolderInbox && f.Total != 30 {
				t.Errorf("Ben has %d messages, want 30", f.Total)
			}
		}
	})
}
