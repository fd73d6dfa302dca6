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
