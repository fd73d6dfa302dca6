package engine_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
	"eas.example/securemail/store/storetest"
)

// many makes mailboxes with a message each, and brings them in step.
func (w *world) many(n int) {
	w.t.Helper()
	for i := range n {
		name := fmt.Sprintf("Project %d", i)
		w.box.AddFolder(name, activesync.FolderUserMail)
		if _, err := w.box.Deliver(name, server.Mail(mime("first of "+name, time.Now())), false); err != nil {
			w.t.Fatal(err)
		}
	}
	w.sync()
	w.sync()
}

// syncs is how many Sync requests there were since forget, and in how many
// folders.
func (w *world) syncs() (requests, folders int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, q := range w.log {
		if q.Command == "Sync" {
			requests++
			folders += len(q.Collections)
		}
	}
	return requests, folders
}

// A look at many mailboxes in which nothing is new is one request. What is new
// in some of them comes with its answer; one that has more than fits is gone on
// with.
func TestManyMailboxesAreAskedForTogether(t *testing.T) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
				w.many(20)
				w.forget()
				w.sync()
				if requests, folders := w.syncs(); requests != 1 || folders < 20 {
					t.Errorf("nothing new: %d requests for %d folders", requests, folders)
				}
				for i := range 250 {
					name := "Project 3"
					if i < 5 {
						name = fmt.Sprintf("Project %d", 10+i)
					}
					if _, err := w.box.Deliver(name, server.Mail(mime(fmt.Sprint("new ", i), time.Now())), false); err != nil {
						t.Fatal(err)
					}
				}
				w.forget()
				w.sync()
				if requests, _ := w.syncs(); requests > 10 {
					t.Errorf("news in six of twenty: %d requests", requests)
				}
				w.equal()
			})
		})
	}
}

// What a shared answer brought is neither lost nor doubled when it was lost on
// the way, whatever the server is like.
func TestLostAnswerForManyMailboxes(t *testing.T) {
	for _, p := range server.Personalities() {
		t.Run(p.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p.Portal = 0
				w := newWorld(t, server.Config{Personality: p})
				w.many(6)
				for i := range 6 {
					if _, err := w.box.Deliver(fmt.Sprintf("Project %d", i), server.Mail(mime(fmt.Sprint("new ", i), time.Now())), false); err != nil {
						t.Fatal(err)
					}
				}
				w.failOnce("Sync", server.Fault{Drop: true})
				_, _ = w.engine.Sync(t.Context(), nil, true, nil)
				w.setFault(nil)
				w.settle()
				w.equal()
			})
		})
	}
}

// The answer for many mailboxes is lost, and then another period is wanted of one of
// them, or it breaks off until it is not asked for any more. What the key may stand
// for is pulled before commands follow.
func TestCommandsWaitForALostAnswerForManyMailboxes(t *testing.T) {
	for name, fault := range map[string]server.Fault{"another period": {Drop: true}, "given up": {Cuts: true, Cut: 20}} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { commandsAfterJoint(t, fault) }) })
	}
}

func commandsAfterJoint(t *testing.T, fault server.Fault) {
	w := newWorld(t, server.Config{})
	w.many(6)
	f := w.named("Project 3")
	pushing, pulled := false, false
	w.setFault(func(q *server.Request) *server.Fault {
		var req wire.SyncRequest
		if q.Command != "Sync" || wbxml.Unmarshal(q.Body, &req) != nil {
			return nil
		}
		if len(req.Collections) > 1 {
			if pushing && fault.Drop {
				return nil
			}
			f := fault
			return &f
		}
		if c := req.Collections[0]; c.CollectionID == f.ServerID {
			if c.Commands != nil && !pulled {
				t.Error("commands went before the mailbox was asked for by itself")
			}
			pulled = true
		}
		return nil
	})
	if _, err := w.box.Deliver(f.Name, server.Mail(mime("news", time.Now())), false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.engine.Sync(t.Context(), nil, true, nil); err == nil {
		t.Fatal("the answer was not lost")
	}
	if fault.Drop {
		o := f.FolderOptions
		o.Period = activesync.Period1m
		if err := w.store.SetFolderOptions(t.Context(), f.ID, o); err != nil {
			t.Fatal(err)
		}
	}
	rows := func() []activesync.Header {
		win, err := w.store.Window(t.Context(), f.ID, activesync.WindowQuery{Count: 10})
		if err != nil {
			t.Fatal(err)
		}
		return win.Rows
	}
	w.do(activesync.Op{Kind: activesync.OpRead, Item: rows()[0].ID, Read: true})
	pushing = true
	time.Sleep(time.Hour)
	if err := w.engine.Push(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.setFault(nil)
	w.sync()
	if got := rows(); len(got) != 2 || !pulled {
		t.Errorf("the mailbox holds %+v; want the news too", got)
	}
}

// named is a mailbox by its name.
func (w *world) named(name string) activesync.Folder {
	w.t.Helper()
	all, err := w.store.Folders(w.t.Context(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range all {
		if f.Name == name {
			return f
		}
	}
	w.t.Fatalf("no mailbox %q", name)
	return activesync.Folder{}
}

// BenchmarkNoChange200 looks at 200 mailboxes in which nothing is new, by one
// request. The answers are the embedded server's, said again, so that the time is
// the client's.
func BenchmarkNoChange200(b *testing.B) {
	srv := server.New(server.Config{})
	box := srv.AddUser(testUser, testPassword, testEmail)
	for i := range 200 {
		name := fmt.Sprintf("Project %d", i)
		box.AddFolder(name, activesync.FolderUserMail)
		if _, err := box.Deliver(name, server.Mail(mime("first of "+name, time.Now())), false); err != nil {
			b.Fatal(err)
		}
	}
	s := storetest.Open(b)
	line := &parrot{RoundTripper: srv.Transport(), heard: map[string]*http.Response{}, said: map[string][]byte{}}
	c, err := client.New(client.Config{Endpoint: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: testUser, Password: testPassword,
		DeviceID: s.DeviceID(), DeviceType: "securemail", Transport: line})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	e := engine.New(engine.Config{Account: activesync.Account{ID: "a", Email: testEmail, User: testUser}, Server: c, Store: s,
		Device: wire.DeviceInformation{Model: "securemail"}, Log: slog.New(slog.DiscardHandler)})
	look := func() {
		if _, err := e.Sync(b.Context(), nil, true, nil); err != nil {
			b.Fatal(err)
		}
	}
	look()
	line.listens = true
	look()
	line.syncs = 0
	before := processorTime()
	for b.Loop() {
		look()
	}
	b.ReportMetric(float64(processorTime()-before)/float64(b.N)/1e6, "ms-of-CPU")
	b.ReportMetric(float64(line.syncs)/float64(b.N), "requests")
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// parrot gives the answers of a server once more: those to the first request of
// each command since it began to listen.
type parrot struct {
	http.RoundTripper
	listens bool
	heard   map[string]*http.Response
	said    map[string][]byte
	syncs   int
}

func (p *parrot) RoundTrip(r *http.Request) (*http.Response, error) {
	command := r.URL.Query().Get("Cmd")
	if !p.listens {
		return p.RoundTripper.RoundTrip(r)
	}
	if command == "Sync" {
		p.syncs++
	}
	if p.heard[command] == nil {
		answer, err := p.RoundTripper.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		if p.said[command], err = io.ReadAll(answer.Body); err != nil {
			return nil, err
		}
		p.heard[command] = answer
	}
	_, _ = io.Copy(io.Discard, r.Body)
	out := *p.heard[command]
	out.Body = io.NopCloser(bytes.NewReader(p.said[command]))
	return &out, nil
}
