package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// A message moves and is flagged there, another one is marked where the first
// one was: the mark must not be sent to the folder of the flag.
func TestChangesOfMovedMailGoToItsFolderOnly(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(5)
		w.sync()
		rows := w.rows(activesync.FolderInbox)
		w.do(activesync.Op{Kind: activesync.OpMove, Item: rows[1].ID, To: w.folder(activesync.FolderDeleted).ID})
		w.do(activesync.Op{Kind: activesync.OpFlag, Item: rows[1].ID, Flag: activesync.FlagActive})
		w.do(activesync.Op{Kind: activesync.OpFlag, Item: rows[2].ID, Flag: activesync.FlagActive})
		w.do(activesync.Op{Kind: activesync.OpRead, Item: rows[3].ID, Read: true})
		if err := w.engine.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.equal()
		if got := w.rows(activesync.FolderInbox); got[1].Flag != activesync.FlagActive || !got[2].Read {
			t.Errorf("the Inbox is %+v", got)
		}
	})
}

// Of marks that were set again and again the server gets the last, in one request,
// also where its answer is lost or something else was done to the message between.
func TestMarksThatAreOverruledAreNotSent(t *testing.T) {
	marks := func(w *world) {
		rows := w.rows(activesync.FolderInbox)
		for i := range 5 {
			w.do(activesync.Op{Kind: activesync.OpRead, Item: rows[0].ID, Read: (i%2 == 0) != rows[0].Read})
			w.do(activesync.Op{Kind: activesync.OpFlag, Item: rows[1].ID, Flag: []activesync.FlagStatus{activesync.FlagActive, activesync.FlagComplete}[i%2]})
		}
	}
	marked := func(t *testing.T, w *world, read bool) {
		t.Helper()
		rows := w.rows(activesync.FolderInbox)
		if rows[0].Read == read || rows[1].Flag != activesync.FlagActive {
			t.Errorf("read was %v and is %v, the flag is %v", read, rows[0].Read, rows[1].Flag)
		}
		if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) > 0 {
			t.Errorf("left in the journal: %+v, %v", ops, err)
		}
		w.sync()
		w.equal()
	}
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(3)
		w.sync()
		read := w.rows(activesync.FolderInbox)[0].Read
		marks(w)
		w.forget()
		if err := w.engine.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.requests("Sync", w.folder(activesync.FolderInbox).ServerID); n != 1 {
			t.Errorf("%d requests for two messages", n)
		}
		marked(t, w, read)
	})
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(3)
		w.sync()
		read := w.rows(activesync.FolderInbox)[0].Read
		marks(w)
		w.failOnce("Sync", server.Fault{Drop: true})
		_ = w.engine.Push(t.Context())
		time.Sleep(time.Hour)
		w.settled()
		marked(t, w, read)
	})
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(3)
		w.sync()
		h := w.rows(activesync.FolderInbox)[0]
		w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
		w.do(activesync.Op{Kind: activesync.OpFlag, Item: h.ID, Flag: activesync.FlagActive})
		w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: h.Read})
		w.do(activesync.Op{Kind: activesync.OpMove, Item: h.ID, To: w.folder(activesync.FolderDeleted).ID})
		w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
		w.settled()
		w.sync()
		w.equal()
		if got := w.rows(activesync.FolderDeleted); len(got) != 1 || got[0].Read == h.Read || got[0].Flag != activesync.FlagActive {
			t.Errorf("the message is %+v", got)
		}
	})
}

// What is done while a folder comes for the first time is carried out between
// two windows of it.
func TestChangesDoNotWaitForALongSync(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(2)
		w.sync()
		for i := range 2000 {
			date := time.Now().Add(-time.Duration(i) * time.Minute)
			if _, err := w.box.DeliverDated("Deleted Items", server.Mail(mime(fmt.Sprintf("old %d", i), date)), date, true); err != nil {
				t.Fatal(err)
			}
		}
		bin := w.folder(activesync.FolderDeleted)
		windows, at := 0, 0
		w.setFault(func(q *server.Request) *server.Fault {
			if q.Command != "Sync" {
				return nil
			}
			switch q.Collections[0] {
			case bin.ServerID:
				if windows++; windows == 3 {
					w.do(activesync.Op{Kind: activesync.OpRead, Item: w.rows(activesync.FolderInbox)[1].ID, Read: true})
				}
			case w.folder(activesync.FolderInbox).ServerID:
				if windows >= 3 && at == 0 {
					at = windows
				}
			}
			return nil
		})
		w.run()
		time.Sleep(time.Minute)
		synctest.Wait()
		if at != 3 || windows < 10 {
			t.Errorf("carried out after window %d of %d", at, windows)
		}
	})
}
