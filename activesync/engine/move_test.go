package engine_test

import (
	"testing"
	"testing/synctest"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// The server gave the folders other ids in an answer that was lost. A move by
// the old ones is answered as if the message were gone, and it is not.
func TestMoveByNamesThatAreOutOfDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{RenamesFolders: true}})
		w.fill(4)
		w.sync()
		w.box.ForgetKeys()
		n := 0
		w.setFault(func(q *server.Request) *server.Fault {
			if q.Command != "FolderSync" {
				return nil
			}
			if n++; n == 2 { // that of key 0
				return &server.Fault{Drop: true}
			}
			return nil
		})
		if err := w.engine.Check(t.Context()); err == nil || n != 2 {
			t.Fatalf("%v after %d", err, n)
		}
		w.setFault(nil)
		item := w.rows(activesync.FolderInbox)[1]
		w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: w.folder(activesync.FolderDeleted).ID})
		if err := w.engine.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.sync()
		w.equal()
		rows := w.rows(activesync.FolderDeleted)
		if there, err := w.box.Items("Deleted Items"); err != nil || len(there) != 1 || len(rows) != 1 || rows[0].ID != item.ID {
			t.Errorf("Deleted Items holds %+v, here %+v; %v", there, rows, err)
		}
	})
}

// What is done to a message after it was moved waits until the server has named
// it where it is now, in the order in which it was done.
func TestChangesOfUnnamedMessageKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{UnnamedMoves: true}})
		w.fill(3)
		w.sync()
		item, inbox, away := w.rows(activesync.FolderInbox)[0].ID, w.folder(activesync.FolderInbox).ID, w.folder(activesync.FolderUserMail).ID
		w.do(activesync.Op{Kind: activesync.OpMove, Item: item, To: away})
		if err := w.engine.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.do(activesync.Op{Kind: activesync.OpMove, Item: item, To: inbox})
		w.do(activesync.Op{Kind: activesync.OpDelete, Item: item})
		for range 4 {
			w.sync()
		}
		deleted, err := w.box.Items("Deleted Items")
		if err != nil || len(deleted) != 1 {
			t.Errorf("in Deleted Items: %v, %v", deleted, err)
		}
		w.equal()
	})
}
