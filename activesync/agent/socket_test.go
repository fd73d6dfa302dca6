package agent

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// TestTheSocketAnswersAsTheAgentDoes asks everything that only reads on both
// sides.
func TestTheSocketAnswersAsTheAgentDoes(t *testing.T) {
	f := newFar(t)
	f.deliver("one")
	f.add()
	ctx := t.Context()
	var progress []activesync.Status
	sum, err := f.client.Sync(ctx, f.acc.ID, nil, true, func(s activesync.Status) { progress = append(progress, s) })
	if err != nil || sum.Folders == 0 || len(progress) == 0 {
		t.Fatalf("sync: %+v, %d lines of progress, %v", sum, len(progress), err)
	}
	inbox := f.inbox(f.client)
	win, err := f.client.Window(ctx, inbox.ID, activesync.WindowQuery{Count: 10})
	if err != nil || len(win.Rows) != 1 {
		t.Fatalf("window %+v, %v", win, err)
	}
	id := win.Rows[0].ID
	now := time.Now()
	for name, ask := range map[string]func(s Service) (any, error){
		"accounts": func(s Service) (any, error) { return s.Accounts(ctx) },
		"state":    func(s Service) (any, error) { return s.State(ctx, f.acc.ID) },
		"window": func(s Service) (any, error) {
			return s.Window(ctx, inbox.ID, activesync.WindowQuery{Count: 5, Anchor: id})
		},
		"conversations": func(s Service) (any, error) {
			return s.Window(ctx, inbox.ID, activesync.WindowQuery{Count: 5, Anchor: id, Conversations: true})
		},
		"thread":   func(s Service) (any, error) { return s.Thread(ctx, id) },
		"whole":    func(s Service) (any, error) { m, err := s.FetchBody(ctx, id); m.Attachments = nil; return m, err },
		"message":  func(s Service) (any, error) { m, err := s.Message(ctx, id); m.Attachments = nil; return m, err },
		"source":   func(s Service) (any, error) { return s.Source(ctx, id) },
		"outbox":   func(s Service) (any, error) { return s.Outbox(ctx, f.acc.ID) },
		"contacts": func(s Service) (any, error) { return s.Contacts(ctx, f.acc.ID) },
		"agenda":   func(s Service) (any, error) { return s.Agenda(ctx, f.acc.ID, now, now.AddDate(0, 0, 7)) },
		"traffic":  func(s Service) (any, error) { return s.Traffic(ctx, f.acc.ID) },
		"settings": func(s Service) (any, error) { return s.Background(ctx) },
		"file": func(s Service) (any, error) {
			var b bytes.Buffer
			err := s.Attachment(ctx, id, 0, &b)
			return b.String(), err
		},
	} {
		near, nerr := ask(f.local)
		got, gerr := ask(f.client)
		if nerr != nil || gerr != nil {
			t.Errorf("%s: %v here, %v over the socket", name, nerr, gerr)
		}
		if !reflect.DeepEqual(near, got) {
			t.Errorf("%s:\n here   %+v\n socket %+v", name, near, got)
		}
	}
	if err := errors.Join(f.client.Push(ctx, f.acc.ID), f.client.Check(ctx, f.acc.ID), f.client.SyncNow(ctx, f.acc.ID, inbox.ID),
		f.client.SetAutoRefresh(ctx, f.acc.ID, false), f.client.SetAutoRefresh(ctx, f.acc.ID, true),
		f.client.SetFolderOptions(ctx, inbox.ID, activesync.FolderOptions{AutoRefresh: true, Check: activesync.Check1h, Period: activesync.PeriodAll})); err != nil {
		t.Error(err)
	}
	if got := f.inbox(f.local); got.Check != activesync.Check1h {
		t.Errorf("check %s after it was set over the socket", got.Check)
	}
	ids, err := f.client.Do(ctx, activesync.Op{Kind: activesync.OpRead, Item: id, Read: true})
	if err != nil || len(ids) != 1 {
		t.Fatalf("do %v, %v", ids, err)
	}
	if err := f.client.Undo(ctx, ids...); err != nil {
		t.Error(err)
	}
	p, err := f.client.Presence(ctx)
	if err != nil || p.PID != os.Getpid() || len(p.Accounts) != 1 || p.Accounts[0].Unread != 1 {
		t.Errorf("presence %+v, %v", p, err)
	}
	if err := f.client.RemoveAccount(ctx, f.acc.ID); err != nil {
		t.Error(err)
	}
}

func TestErrorsKeepTheirIdentityOverTheSocket(t *testing.T) {
	limit := &activesync.HTTPError{Command: "Sync", Code: 503, Host: "h", RetryAfter: time.Minute}
	for _, err := range []error{
		limit, &activesync.StatusError{Command: "Sync", Code: 113}, fmt.Errorf("add: %w", &activesync.HTTPError{Code: 401}),
		errors.Join(errors.New("x"), activesync.ErrPolicy), fmt.Errorf("%w: %q", ErrNoAccount, "x"), ErrDone,
		&fs.PathError{Op: "open", Path: "/x", Err: fs.ErrNotExist}, context.Canceled,
	} {
		b, jerr := json.Marshal(newFault(err))
		if jerr != nil {
			t.Fatal(jerr)
		}
		var f fault
		if jerr := json.Unmarshal(b, &f); jerr != nil {
			t.Fatal(jerr)
		}
		got := f.err()
		if got.Error() != err.Error() {
			t.Errorf("%q became %q", err, got)
		}
		for name, s := range sentinels() {
			if errors.Is(err, s) != errors.Is(got, s) {
				t.Errorf("%v: is %s %v here, %v there", err, name, errors.Is(err, s), errors.Is(got, s))
			}
		}
		if activesync.RetryAfter(got) != activesync.RetryAfter(err) {
			t.Errorf("%v: retry after %v", err, activesync.RetryAfter(got))
		}
		_, path := errors.AsType[*fs.PathError](err)
		if _, ok := errors.AsType[*fs.PathError](got); ok != path {
			t.Errorf("%v: a path error %v", err, ok)
		}
	}
	f := newFar(t)
	_, err := f.client.AddAccount(t.Context(), activesync.Account{Email: "alice@example.test", Server: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: "alice"}, "wrong")
	if !errors.Is(err, activesync.ErrAuth) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("error %v", err)
	}
	if _, err := f.client.Status(t.Context(), "x"); !errors.Is(err, ErrNoAccount) {
		t.Errorf("error %v", err)
	}
}

func TestACutAttachmentIsAnError(t *testing.T) {
	f := newFar(t)
	f.deliver("one")
	f.add()
	if _, err := f.client.Sync(t.Context(), f.acc.ID, nil, true, nil); err != nil {
		t.Fatal(err)
	}
	win, err := f.client.Window(t.Context(), f.inbox(f.client).ID, activesync.WindowQuery{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.client.Attachment(t.Context(), win.Rows[0].ID, 7, io.Discard); !errors.Is(err, activesync.ErrNotFound) {
		t.Errorf("an attachment that is not there: %v", err)
	}
	// After the first bytes the fault stands in the trailer.
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hs := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		out := newFlow(w)
		out.Write([]byte("begin"))
		out.finish(fmt.Errorf("fetch: %w", activesync.ErrTruncated))
	})}
	go hs.Serve(ln)
	defer hs.Close()
	answer, err := http.Get("http://" + ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got bytes.Buffer
	if err := drain(&got, answer); !errors.Is(err, activesync.ErrTruncated) || got.String() != "begin" {
		t.Errorf("%q, %v", got.String(), err)
	}
}

func TestEventsGoOnAfterAReconnectWithoutGapOrRepeat(t *testing.T) {
	f := newFar(t)
	get := func(since string) (*bufio.Scanner, func()) {
		conn, err := net.Dial("unix", f.socket)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET /v1/events?since=%s HTTP/1.0\r\n\r\n", since)
		sc := bufio.NewScanner(conn)
		for sc.Scan() && sc.Text() != "" { // the head
		}
		return sc, func() { conn.Close() }
	}
	read := func(sc *bufio.Scanner) eventLine {
		var l eventLine
		if !sc.Scan() {
			t.Fatal("the stream has ended")
		}
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", sc.Text(), err)
		}
		return l
	}
	sc, hangUp := get("")
	if l := read(sc); l.Kind != lineHello {
		t.Fatalf("first line %+v", l)
	}
	tell := func(n int) {
		f.local.hub.publish(activesync.Notice{Kind: activesync.NoticeFolder, Folder: activesync.FolderID(n)})
	}
	tell(1)
	tell(2)
	first := read(sc)
	if first.Folder != 1 {
		t.Fatalf("first event %+v", first)
	}
	hangUp()
	tell(3)
	sc, hangUp = get(first.Seq)
	if l := read(sc); l.Kind != lineHello || l.Seq != first.Seq {
		t.Fatalf("hello %+v, want seq %s", l, first.Seq)
	}
	for _, want := range []activesync.FolderID{2, 3} {
		if l := read(sc); l.Folder != want {
			t.Fatalf("event of folder %d, want %d", l.Folder, want)
		}
	}
	hangUp()
	for n := range 2 * backlog {
		tell(n)
	}
	for _, since := range []string{first.Seq, "anotherlife-7"} {
		sc, hangUp = get(since)
		read(sc)
		if l := read(sc); l.Kind != activesync.NoticeOverflow {
			t.Errorf("since %s: %+v, want an overflow", since, l)
		}
		hangUp()
	}
}

// TestDetachIsHeardBeforeItReturns: a screen that was stopped by ctrl+z right
// after it had detached went on counting.
func TestDetachIsHeardBeforeItReturns(t *testing.T) {
	f := newFar(t)
	for range 50 {
		detach := f.client.Attach(true)
		if p, err := f.local.Presence(t.Context()); err != nil || p.State != activesync.Foreground {
			t.Fatalf("presence %+v, %v", p, err)
		}
		detach()
		if p, err := f.local.Presence(t.Context()); err != nil || p.Clients != 0 {
			t.Fatalf("presence %+v, %v", p, err)
		}
	}
}

func TestNobodyElseIsLetIn(t *testing.T) {
	path := socketPath(t)
	ln, err := Listen(path, path+".note", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if info, err = os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode of the directory %v, %v", info.Mode(), err)
	}
	ln.(*door).uid++ // as if somebody else had dialled
	go func() {
		if conn, err := ln.Accept(); err == nil {
			conn.Close()
			t.Error("let in")
		}
	}()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("somebody else was answered")
	}
}

// A socket that somebody else has put there is told nothing, and no agent is started
// in its place.
func TestNothingIsSaidToASocketOfAnotherUser(t *testing.T) {
	path := socketPath(t)
	if err := private(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	said := make(chan int, 8)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			n, _ := conn.Read(make([]byte, 100))
			said <- n
			conn.Close()
		}
	}()
	c := NewClient(ClientConfig{Socket: path, Start: func(context.Context) error {
		t.Error("an agent was started")
		return nil
	}})
	defer c.Close()
	c.uid++ // as if the socket were somebody else's
	if _, err := c.Hello(t.Context()); !errors.Is(err, ErrOtherPerson) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if n := <-said; n > 0 {
		t.Errorf("%d bytes were said", n)
	}
}

func TestFortyScreens(t *testing.T) {
	f := newFar(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var streams []<-chan activesync.Notice
	for range 40 {
		cl := NewClient(ClientConfig{Socket: f.socket})
		defer cl.Close()
		defer cl.Attach(true)()
		streams = append(streams, cl.Subscribe(ctx))
	}
	if p, err := f.client.Presence(t.Context()); err != nil || p.Clients != 40 {
		t.Fatalf("%d clients, %v", p.Clients, err)
	}
	f.local.hub.publish(activesync.Notice{Kind: activesync.NoticeOp})
	for _, s := range streams {
		next(t, s, activesync.NoticeOp)
	}
}

func TestCancelEndsTheWork(t *testing.T) {
	f := newFar(t)
	f.add()
	began := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-began; cancel() }()
	_, err := f.client.Sync(ctx, f.acc.ID, nil, true, func(activesync.Status) {
		select {
		case <-began:
		default:
			close(began)
		}
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestALookIsHeardOverTheSocket: a screen that showed no mailbox any more went
// on counting as one that shows the Inbox.
func TestALookIsHeardOverTheSocket(t *testing.T) {
	f := newFar(t)
	defer f.client.Attach(true)()
	if f.local.Alert(activesync.Alert{Title: "x"}) {
		t.Error("a client that says nothing of itself took an alert")
	}
	for _, l := range []activesync.Look{{Folder: 7}, {}, {Folder: 7, Away: true}, {Folder: 7}} {
		f.client.Look(l)
		if want := l.Folder == 7 && !l.Away; f.local.LooksAt(7) != want {
			t.Errorf("after %+v the person looks at it: %v", l, !want)
		}
	}
	if !f.local.Alert(activesync.Alert{Title: "x", Body: "y"}) {
		t.Error("the screen did not take an alert")
	}
	if a := <-f.client.Alerts(); a != (activesync.Alert{Title: "x", Body: "y"}) {
		t.Errorf("alert %+v", a)
	}
}
