package engine_test

import (
	"testing"
	"testing/synctest"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// A message moves and is flagged there, another one is marked where the first
// one was: the mark must not be sent to the folder of the flag.
func TestChangesOfMovedMailGoToItsFolderOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
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
