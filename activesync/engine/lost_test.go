package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// A change is carried out and its answer lost, or it is refused; then the
// person takes it back. In both cases the server ends where the person wants it.
func TestTakenBackAfterALostAnswer(t *testing.T) {
	for _, kind := range []activesync.OpKind{activesync.OpRead, activesync.OpFlag, activesync.OpMove, activesync.OpDelete} {
		for name, fault := range map[string]server.Fault{"answer lost": {Drop: true}, "request lost": {Refuse: true}, "refused": {Status: 503}} {
			t.Run(fmt.Sprintf("%s %s", kind, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, server.Config{})
					w.fill(6)
					w.sync()
					time.Sleep(time.Millisecond) // what is from before the engine is not trusted
					ctx := t.Context()
					item := w.rows(activesync.FolderInbox)[1] // unread
					id, err := w.store.Queue(ctx, activesync.Op{Kind: kind, Item: item.ID, Read: true, Flag: activesync.FlagActive,
						To: w.folder(activesync.FolderDeleted).ID}, nil)
					if err != nil || id == 0 {
						t.Fatalf("queue gives %d, %v", id, err)
					}
					w.setFault(func(r *server.Request) *server.Fault {
						f := fault
						return &f
					})
					if err := w.engine.Push(ctx); err == nil {
						t.Fatal("the push went through")
					}
					w.setFault(nil)
					ops, err := w.store.Pending(ctx, w.account.ID)
					if err != nil || len(ops) != 1 {
						t.Fatalf("the journal holds %+v, %v", ops, err)
					}
					if sending := ops[0].State == activesync.OpSending; sending == (name == "refused") {
						t.Errorf("the record is %q", ops[0].State)
					}
					if err := w.store.RevertOp(ctx, id); err != nil {
						t.Fatal(err)
					}
					for range 3 {
						time.Sleep(time.Hour)
						w.sync()
					}
					w.equal()
					rows := w.rows(activesync.FolderInbox)
					if len(rows) != 6 || rows[1].ID != item.ID || rows[1].Read || rows[1].Flag != 0 || rows[1].Pending {
						t.Errorf("the Inbox holds %+v, want item %d as it was", rows, item.ID)
					}
				})
			})
		}
	}
}
