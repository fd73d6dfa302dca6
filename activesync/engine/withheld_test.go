package engine_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store"
)

// empty removes the newest n messages of the Inbox on the server.
func (w *world) empty(n int) {
	w.t.Helper()
	items, err := w.box.Items("Inbox")
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []activesync.ServerID
	for _, it := range items[:n] {
		ids = append(ids, it.ID)
	}
	w.box.DeleteAll(ids) // at once: what looks meanwhile sees all or nothing
}

func TestMassDeletionIsWithheld(t *testing.T) {
	for _, tt := range []struct {
		name     string
		forget   bool
		gone     int
		withheld bool
	}{{"few", false, 50, false}, {"no third", false, 66, false}, {"many", false, 120, true}, {"many, after a fresh start", true, 120, true}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.fill(200)
				w.sync()
				w.run()
				time.Sleep(time.Minute)
				w.forget()
				if tt.forget { // before anything wakes the Ping
					w.box.ForgetKeys()
				}
				w.empty(tt.gone)
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				told := 0
				w.mu.Lock()
				for _, n := range w.notices {
					if n.Kind == activesync.NoticeWithheld {
						told++
					}
				}
				w.mu.Unlock()
				f := w.folder(activesync.FolderInbox)
				if !tt.withheld {
					w.equal()
					if told != 0 || f.Problem != "" {
						t.Errorf("told %d times, %q", told, f.Problem)
					}
					return
				}
				if len(w.rows(activesync.FolderInbox)) != 200 || told != 1 || !strings.Contains(f.Problem, "120 items") {
					t.Errorf("%d messages are here; told %d times, %q", f.Total, told, f.Problem)
				}
				if n := len(w.log); n > 150 {
					t.Errorf("%d requests", n)
				}
				if err := w.store.Decide(t.Context(), f.ID, activesync.DecideAccept); err != nil {
					t.Fatal(err)
				}
				w.equal()
			})
		})
	}
}

// What the person does with messages that are only on this machine is done
// here, and waits for no server.
func TestChangesOfKeptMessagesAreCarriedOutHere(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(200)
		w.sync()
		w.run()
		time.Sleep(time.Minute)
		w.empty(120)
		time.Sleep(2 * time.Hour)
		list, err := w.store.Withheld(t.Context(), w.account.ID)
		if err != nil || len(list) != 1 || len(list[0].Items) != 120 {
			t.Fatalf("withheld: %v, %v", list, err)
		}
		inbox, items := list[0].Folder, list[0].Items
		archive := w.folder(activesync.FolderUserMail)
		act := func(op activesync.Op) activesync.OpID {
			t.Helper()
			id, err := w.store.Queue(t.Context(), op, nil)
			if err != nil {
				t.Fatal(err)
			}
			w.engine.Wake()
			synctest.Wait()
			return id
		}
		waits := act(activesync.Op{Kind: activesync.OpFlag, Item: items[0], Flag: activesync.FlagActive})
		ops, err := w.store.Pending(t.Context(), w.account.ID)
		if err != nil || len(ops) != 1 || ops[0].ID != waits || !strings.Contains(ops[0].Reason, "until you decide") {
			t.Fatalf("a change of what is withheld: %+v, %v", ops, err)
		}
		if err := w.store.Decide(t.Context(), inbox, activesync.DecideKeep); err != nil {
			t.Fatal(err)
		}
		act(activesync.Op{Kind: activesync.OpRead, Item: items[1], Read: true})
		act(activesync.Op{Kind: activesync.OpMove, Item: items[2], To: archive.ID})
		act(activesync.Op{Kind: activesync.OpDelete, Item: items[3]})
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) != 0 {
			t.Errorf("still in the journal: %+v, %v", ops, err)
		}
		if h, err := w.store.Header(t.Context(), items[0]); err != nil || h.Flag != activesync.FlagActive || h.Folder != inbox {
			t.Errorf("flagged: %+v, %v", h, err)
		}
		if h, err := w.store.Header(t.Context(), items[1]); err != nil || !h.Read || h.Pending {
			t.Errorf("read: %+v, %v", h, err)
		}
		if h, err := w.store.Header(t.Context(), items[2]); err != nil || h.Folder != archive.ID {
			t.Errorf("moved: %+v, %v", h, err)
		}
		if _, err := w.store.Header(t.Context(), items[3]); !errors.Is(err, store.ErrNoItem) {
			t.Errorf("deleted: %v", err)
		}
	})
}
