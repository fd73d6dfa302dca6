package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

// A wipe is acknowledged once, and nothing is asked of the server after it.
func TestAWipeIsAcknowledgedAndEndsAll(t *testing.T) {
	for _, v := range activesync.Versions() {
		for name, order := range map[string]func(*server.Mailbox){"device": (*server.Mailbox).Wipe, "account": (*server.Mailbox).WipeAccount} {
			if name == "account" && v < activesync.V161 {
				continue // it cannot be asked for
			}
			t.Run(v.String()+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
					w.fill(3)
					done := make(chan error, 1)
					ctx, stop := context.WithCancel(t.Context())
					defer stop()
					go func() { done <- w.engine.Run(ctx) }()
					time.Sleep(time.Minute)
					order(w.box)
					// From 14.0 on the Ping that waits is told of it at once.
					time.Sleep(map[bool]time.Duration{true: time.Hour, false: time.Second}[v < activesync.V140])
					synctest.Wait()
					select {
					case err := <-done:
						if !errors.Is(err, activesync.ErrWipe) {
							t.Errorf("the engine ended with %v", err)
						}
					default:
						t.Fatal("the engine goes on")
					}
					if device, account := w.box.Wiped(); device == account || device != (name == "device") {
						t.Errorf("the server knows that the device was erased: %v, the account: %v", device, account)
					}
					if s, err := w.store.State(t.Context(), w.account.ID); err != nil || !s.Erase {
						t.Errorf("it is not noted that the account has to go: %v", err)
					}
					w.forget()
					if err := w.newEngine(testPassword).Run(t.Context()); !errors.Is(err, activesync.ErrWipe) {
						t.Errorf("another engine ended with %v", err)
					}
					if n := len(w.log); n > 0 {
						t.Errorf("%d requests after the wipe", n)
					}
				})
			})
		}
	}
}

// A server that speaks of erasing, and then names nothing to erase, is not
// obeyed.
func TestWhatIsNoOrderErasesNothing(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(1)
		w.sync()
		w.setFault(func(q *server.Request) *server.Fault {
			if q.Command == "FolderSync" {
				return &server.Fault{Garbage: folderSyncStatus(140)}
			}
			return nil
		})
		if _, err := w.engine.Sync(t.Context(), nil, true, nil); err == nil || errors.Is(err, activesync.ErrWipe) {
			t.Errorf("it gives %v", err)
		}
		w.setFault(nil)
		if s, err := w.store.State(t.Context(), w.account.ID); err != nil || s.Erase {
			t.Errorf("the account is to go, %v", err)
		}
		w.sync()
		if rows := w.rows(activesync.FolderInbox); len(rows) != 1 {
			t.Errorf("%d messages", len(rows))
		}
	})
}

// Nor is one obeyed by which something else speaks of erasing than an order: what
// is to be erased is asked for, and mail comes once the server says nothing of it.
func TestOnlyAnOrderErases(t *testing.T) {
	faults := map[string]func(q *server.Request) *server.Fault{
		"a Ping": func(q *server.Request) *server.Fault {
			if q.Command == "Ping" {
				return &server.Fault{Delay: time.Second, Status: 200, Body: document(&wire.PingResponse{Status: 140})}
			}
			return nil
		},
		"a Ping and policies": func(q *server.Request) *server.Fault {
			switch q.Command {
			case "Ping":
				return &server.Fault{Status: 200, Body: document(&wire.PingResponse{Status: 140})}
			case "Provision":
				return &server.Fault{Status: 200, Body: document(&wire.ProvisionResponse{Status: 140})}
			}
			return nil
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.fill(3)
				w.sync()
				w.setFault(fault)
				w.run() // which ends by itself only for an order
				time.Sleep(2 * time.Hour)
				w.mu.Lock()
				n := len(w.log)
				w.mu.Unlock()
				if n > 200 {
					t.Errorf("%d requests in two hours", n)
				}
				w.setFault(nil)
				time.Sleep(time.Hour)
				w.fill(1)
				time.Sleep(5 * time.Second)
				w.equal()
				if s, err := w.store.State(t.Context(), w.account.ID); err != nil || s.Erase {
					t.Errorf("the account is to go, %v", err)
				}
			})
		})
	}
}

// A download, which is not made one after the other with other requests, erases
// nothing either.
func TestADownloadErasesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, id, _ := withFile(t, server.Config{}, 1000)
		w.forget()
		w.failOnce("ItemOperations", server.Fault{Status: 200, Body: document(&wire.ItemOperationsResponse{Status: 140})})
		if err := fetched(w.engine.Attachment(t.Context(), id, 0, nil)); err == nil || errors.Is(err, activesync.ErrWipe) {
			t.Errorf("it gives %v", err)
		}
		if n := w.requests("Provision", ""); n == 0 {
			t.Error("what is to be erased was not asked for")
		}
		if err := fetched(w.engine.Attachment(t.Context(), id, 0, nil)); err != nil {
			t.Error(err)
		}
	})
}

// Policies that a server wants acknowledged before it serves a Ping are
// acknowledged then, not when something else is asked for.
func TestAPingThatIsRefusedForPolicies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Policies: map[string]string{"DevicePasswordEnabled": "1"}})
		w.fill(3)
		w.sync()
		w.run()
		time.Sleep(20 * time.Minute)
		asked := false
		w.setFault(func(q *server.Request) *server.Fault {
			asked = asked || q.Command == "Provision"
			if q.Command == "Ping" && !asked {
				return &server.Fault{Status: 449}
			}
			return nil
		})
		w.fill(1) // another Ping begins
		time.Sleep(5 * time.Second)
		w.fill(1)
		time.Sleep(5 * time.Second)
		w.equal()
		if s := w.engine.Status(); s.Phase != activesync.PhaseLive {
			t.Errorf("status %+v", s)
		}
	})
}
