package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// Whatever goes wrong for a while, nothing is lost by it, the server is not
// asked without end, the person is told what it is, and afterwards all is in
// step and done.
func TestEachFaultIsSurvived(t *testing.T) {
	all := func(f server.Fault) func(*server.Request) *server.Fault {
		return func(*server.Request) *server.Fault { return &f }
	}
	status := func(code int) func(*server.Request) *server.Fault { return all(server.Fault{Status: code}) }
	later := func(code int) func(*server.Request) *server.Fault {
		return all(server.Fault{Status: code, RetryAfter: "900"})
	}
	for _, tt := range []struct {
		name  string
		fault func(*server.Request) *server.Fault
		is    error // what the person is told, nil where the fault is not noticed
		most  int   // requests in the quarter of an hour
	}{
		{"connection refused", all(server.Fault{Refuse: true}), activesync.ErrUnreachable, 25},
		{"request cut", all(server.Fault{CutsRequest: true, CutRequest: 20}), activesync.ErrUnreachable, 25},
		{"answer lost", all(server.Fault{Drop: true}), activesync.ErrUnreachable, 25},
		{"answer cut", all(server.Fault{Cuts: true, Cut: 10}), nil, 60},
		{"request late", all(server.Fault{Delay: 20 * time.Minute}), activesync.ErrUnreachable, 25},
		{"answer late", all(server.Fault{Late: 20 * time.Minute}), activesync.ErrUnreachable, 25},
		{"request twice", all(server.Fault{Twice: true}), nil, 60},
		{"garbage", all(server.Fault{Garbage: []byte("\x03\x01\x6a\x00garbage")}), nil, 60},
		{"page", all(server.Fault{Status: 200, Body: "<html><title>Sign in</title></html>"}), activesync.ErrNotActiveSync, 25},
		{"half gzip", all(server.Fault{HalfGzip: true}), nil, 60},
		{"key 0", all(server.Fault{KeyZero: true}), nil, 120},
		{"401", status(401), activesync.ErrAuth, 3},
		{"403", status(403), activesync.ErrForbidden, 3},
		{"429", status(429), activesync.ErrBusy, 25},
		{"429, later", later(429), activesync.ErrBusy, 5},
		{"449", status(449), nil, 60},
		{"451, nowhere", status(451), nil, 60},
		{"456", status(456), activesync.ErrAuth, 3},
		{"500", status(500), activesync.ErrBusy, 40},
		{"502", status(502), activesync.ErrBusy, 25},
		{"503", status(503), activesync.ErrBusy, 25},
		{"503, later", later(503), activesync.ErrBusy, 5},
		{"507", status(507), activesync.ErrQuota, 25},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.fill(30)
				w.sync()
				w.run()
				time.Sleep(time.Minute)
				w.forget()
				w.setFault(tt.fault)
				h := w.rows(activesync.FolderInbox)[3]
				w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
				w.fill(2)
				w.engine.Wake()
				time.Sleep(15 * time.Minute)
				if n := len(w.rows(activesync.FolderInbox)); n < 30 {
					t.Errorf("%d messages are left of 30", n)
				}
				w.mu.Lock()
				asked := len(w.log)
				w.mu.Unlock()
				if asked > tt.most {
					t.Errorf("%d requests in a quarter of an hour, at most %d are in order", asked, tt.most)
				}
				if err := w.engine.Status().Err; tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("the person is told %v, want %v", err, tt.is)
				}
				w.setFault(nil)
				w.engine.Resume()
				time.Sleep(3 * time.Hour)
				w.equal()
				if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) != 0 {
					t.Errorf("left in the journal: %+v, %v", ops, err)
				}
			})
		})
	}
}

// The connection breaks at each byte of a request and of an answer in turn.
func TestCutAtEachByte(t *testing.T) {
	for name, cut := range map[string]func(int) *server.Fault{
		"request": func(n int) *server.Fault { return &server.Fault{CutsRequest: true, CutRequest: n} },
		"answer":  func(n int) *server.Fault { return &server.Fault{Cuts: true, Cut: n} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.fill(10)
				w.sync()
				n, whole := 0, false // every other request goes through
				w.setFault(func(q *server.Request) *server.Fault {
					if whole = !whole; whole || q.Command == "OPTIONS" {
						return nil
					}
					n++
					return cut(n - 1)
				})
				for n < 300 {
					rows := w.rows(activesync.FolderInbox)
					h := rows[n%len(rows)]
					w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
					w.tryPush()
					_, _ = w.engine.Sync(t.Context(), nil, true, nil)
					if len(w.rows(activesync.FolderInbox)) != 10 {
						t.Fatalf("after cut %d: %d messages", n, len(w.rows(activesync.FolderInbox)))
					}
				}
				w.setFault(nil)
				w.tryPush()
				w.sync()
				w.equal()
			})
		})
	}
}

// No server makes the line busy: an hour in which little happens costs few
// requests, also where a message has stopped a folder, and at no time two waits
// are open.
func TestRequestsAnHourAreBoundedOnEachServer(t *testing.T) {
	for _, who := range server.Personalities() {
		t.Run(who.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Personality: who, Policies: map[string]string{"DevicePasswordEnabled": "1"}})
				w.fill(20)
				w.sync()
				w.run()
				time.Sleep(time.Minute)
				if _, err := w.box.Deliver("Inbox", server.Mail(mime("bad \uFFFE", time.Now())), false); err != nil {
					t.Fatal(err)
				}
				for hour := range 6 {
					w.forget()
					for range 2 {
						w.fill(1)
						time.Sleep(30 * time.Minute)
					}
					w.mu.Lock()
					n := len(w.log)
					w.mu.Unlock()
					t.Logf("hour %d: %d requests", hour, n)
					if n > 80 {
						t.Errorf("%d requests in an hour", n)
					}
				}
			})
		})
	}
}
