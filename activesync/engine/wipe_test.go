package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
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
					time.Sleep(time.Hour)
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
