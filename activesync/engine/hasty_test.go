package engine_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// A server that ends each wait at once, whatever it says, makes the line no busier
// than one that is asked by a timer, and mail comes all the same; once it waits
// again, so does the Ping.
func TestWaitsThatEndAtOnceDoNotMakeTheLineBusy(t *testing.T) {
	for name, answer := range map[string]wire.PingResponse{
		"nothing happened":          {Status: 1},
		"news nowhere":              {Status: 2},
		"news in a strange mailbox": {Status: 2, Folders: []activesync.ServerID{"strange"}},
		"another heartbeat":         {Status: 5, HeartbeatInterval: 480},
		"no heartbeat":              {Status: 5},
		"other mailboxes":           {Status: 7},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.fill(3)
				w.sync()
				w.setFault(func(q *server.Request) *server.Fault {
					if q.Command == "Ping" {
						return &server.Fault{Delay: 2 * time.Second, Status: 200, Body: document(&answer)}
					}
					return nil
				})
				w.run()
				time.Sleep(time.Hour)
				w.forget()
				w.fill(1)
				time.Sleep(time.Hour)
				w.mu.Lock()
				n := len(w.log)
				w.mu.Unlock()
				if s := w.engine.Status(); s.Phase != activesync.PhaseWaiting || s.Every != 15*time.Minute {
					t.Errorf("status %+v", s)
				}
				if n > 80 {
					t.Errorf("%d requests in an hour", n)
				}
				w.equal()
				if f := w.folder(activesync.FolderInbox); !strings.Contains(f.Problem, "ends each wait") {
					t.Errorf("the Inbox says %q", f.Problem)
				}
				w.setFault(nil)
				if name == "nothing happened" { // another network, in which nothing has come yet
					w.engine.Reconnect()
					time.Sleep(20 * time.Minute)
				} else {
					w.fill(1)
					time.Sleep(time.Hour)
					w.equal()
				}
				w.forget()
				w.fill(1)
				time.Sleep(time.Minute)
				w.equal()
				if n := w.requests("Ping", ""); n == 0 {
					t.Error("there is no wait any more")
				}
			})
		})
	}
}

// A heartbeat that no server means is not taken up: a wait of a day would not end
// on a connection that is dead.
func TestAHeartbeatHasBounds(t *testing.T) {
	for said, want := range map[int]time.Duration{600: 10 * time.Minute, 86_400: 59 * time.Minute, 0: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{})
			w.sync()
			once := true
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command == "Ping" && once {
					once = false
					return &server.Fault{Status: 200, Body: document(&wire.PingResponse{Status: 5, HeartbeatInterval: said})}
				}
				return nil
			})
			w.run()
			time.Sleep(5 * time.Second)
			state, err := w.store.State(t.Context(), w.account.ID)
			if err != nil || state.Heartbeat != want {
				t.Errorf("told %d s: %v, %v; want %v", said, state.Heartbeat, err, want)
			}
		})
	}
}

// Where a Ping may name only some folders the others are looked at by a timer.
func TestAPingThatMayNameFewFolders(t *testing.T) {
	for name, allowed := range map[string]int{"said": 2, "not said": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.fill(3)
				w.sync()
				most := 0
				w.setFault(func(q *server.Request) *server.Fault {
					if q.Command == "Ping" && len(q.Collections) > 3 {
						return &server.Fault{Status: 200, Body: document(&wire.PingResponse{Status: 6, MaxFolders: allowed})}
					}
					if q.Command == "Ping" {
						most = max(most, len(q.Collections))
					}
					return nil
				})
				w.run()
				time.Sleep(time.Minute)
				w.fill(1)
				time.Sleep(2 * time.Second)
				w.equal()
				if s := w.engine.Status(); s.Phase != activesync.PhaseLive {
					t.Errorf("status %+v", s)
				}
				w.forget()
				time.Sleep(time.Hour)
				last := w.folder(activesync.FolderDeleted)
				if n := w.requests("Sync", last.ServerID); n < 3 || n > 8 {
					t.Errorf("%s is looked at %d times in an hour", last.Name, n)
				}
				if want := max(allowed, 3); most > want {
					t.Errorf("a Ping names %d folders", most)
				}
			})
		})
	}
}

// One that finds no room in a Ping and has a fault waits as long before it is tried
// again as any other.
func TestAFolderWithAFaultThatFindsNoRoomInAPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.fill(3)
		w.sync()
		bad := w.folder(activesync.FolderDeleted)
		w.setFault(func(q *server.Request) *server.Fault {
			switch {
			case q.Command == "Ping" && len(q.Collections) > 2:
				return &server.Fault{Status: 200, Body: document(&wire.PingResponse{Status: 6, MaxFolders: 2})}
			case q.Command == "Sync" && slices.Contains(q.Collections, bad.ServerID):
				return &server.Fault{Delay: time.Second, Status: 500}
			}
			return nil
		})
		w.run()
		time.Sleep(20 * time.Minute)
		w.forget()
		time.Sleep(time.Hour)
		if n := w.requests("Sync", bad.ServerID); n == 0 || n > 12 {
			t.Errorf("%s is looked at %d times in an hour", bad.Name, n)
		}
		w.setFault(nil)
		time.Sleep(time.Hour)
		if f := w.folder(activesync.FolderDeleted); f.Problem != "" {
			t.Errorf("%s says %q", f.Name, f.Problem)
		}
	})
}

// document is the body of an answer.
func document(v any) string {
	b, err := wbxml.Marshal(v)
	if err != nil {
		panic(err) // it is written in a test
	}
	return string(b)
}

// Whatever status a command is answered with, always and at once, it does not make
// the line busy.
func TestNoStatusMakesTheLineBusy(t *testing.T) {
	answers := map[string]func(status int) any{
		"Sync":       func(n int) any { return &wire.SyncResponse{Status: n} },
		"FolderSync": func(n int) any { return &wire.FolderSyncResponse{Status: n} },
		"Ping":       func(n int) any { return &wire.PingResponse{Status: n} },
		"Provision":  func(n int) any { return &wire.ProvisionResponse{Status: n} },
	}
	statuses := []int{0, 1, 3, 5, 6, 8, 9, 12, 13, 16, 111, 132, 142, 144}
	for command, answer := range answers {
		for _, status := range statuses {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Policies: map[string]string{"AttachmentsEnabled": "1"}})
				w.fill(3)
				w.sync()
				w.setFault(func(q *server.Request) *server.Fault {
					if q.Command == command {
						return &server.Fault{Delay: time.Second, Status: 200, Body: document(answer(status))}
					}
					return nil
				})
				if command == "Provision" {
					w.box.DropPolicyKeys()
				}
				h := w.rows(activesync.FolderInbox)[0]
				w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
				w.run()
				w.engine.CheckNow()
				w.forget()
				time.Sleep(time.Hour)
				w.mu.Lock()
				n := len(w.log)
				w.mu.Unlock()
				if n > 400 { // six folders, each of which is asked for some times at each try
					t.Errorf("%s with status %d: %d requests in an hour", command, status, n)
				}
			})
		}
	}
}
