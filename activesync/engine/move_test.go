package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
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

// moved expects that what the server holds in Deleted Items is one message, and
// that it is item here.
func (w *world) moved(item activesync.Header) {
	w.t.Helper()
	rows := w.rows(activesync.FolderDeleted)
	if len(rows) != 1 || rows[0].ID != item.ID {
		w.t.Errorf("in Deleted Items are %+v, want item %v", rows, item.ID)
	}
	there, err := w.box.Items("Deleted Items")
	if err != nil || len(there) != 1 || !strings.Contains(string(there[0].MIME), "Subject: "+item.Subject+"\r\n") {
		w.t.Errorf("on the server Deleted Items holds %d messages, %v; want %q alone", len(there), err, item.Subject)
	}
	w.equal()
}

// The server numbers its messages anew, and the mailbox cannot be brought in step
// yet. What is moved out of it waits: by its old number another message would go.
func TestMoveOutOfAMailboxThatStartsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
		w.fill(6)
		w.sync()
		w.box.Renumber()
		if err := w.store.Reset(t.Context(), w.folder(activesync.FolderInbox).ID); err != nil {
			t.Fatal(err)
		}
		w.setFault(func(q *server.Request) *server.Fault {
			if q.Command == "Sync" {
				return &server.Fault{Status: 503}
			}
			return nil
		})
		item := w.rows(activesync.FolderInbox)[1]
		w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: w.folder(activesync.FolderDeleted).ID})
		if err := w.engine.Push(t.Context()); err == nil || w.requests("MoveItems", "") > 0 {
			t.Errorf("%v, and %d moves", err, w.requests("MoveItems", ""))
		}
		w.setFault(nil)
		time.Sleep(time.Hour)
		w.sync()
		w.sync()
		w.moved(item)
	})
}

// The answer to a move is lost, and the server numbers its messages anew. Moved
// once more by its old number, another message would go.
func TestMoveIsRepeatedOnlyAfterALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true, Forgetful: true}})
		w.fill(6)
		w.sync()
		item := w.rows(activesync.FolderInbox)[1]
		w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: w.folder(activesync.FolderDeleted).ID})
		w.setFault(func(*server.Request) *server.Fault { return &server.Fault{Drop: true} })
		if err := w.engine.Push(t.Context()); err == nil {
			t.Fatal("the move went through")
		}
		w.setFault(nil)
		w.box.Renumber()
		time.Sleep(time.Hour)
		if err := w.engine.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.sync()
		w.moved(item)
	})
}

// A message is moved twice, and the server has not told of the first move when the
// answer to the second is lost. It is the same message where it is found then.
func TestMovedOnBeforeItWasToldOf(t *testing.T) {
	for _, unnamed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Personality: server.Personality{UnnamedMoves: unnamed}})
			w.fill(6)
			w.sync()
			item := w.rows(activesync.FolderInbox)[1]
			between, to := w.folder(activesync.FolderUserMail), w.folder(activesync.FolderDeleted)
			w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: between.ID})
			if err := w.engine.Push(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: to.ID})
			n := 0
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command != "MoveItems" {
					return nil
				}
				if n++; n == 1 {
					return &server.Fault{Drop: true}
				}
				return &server.Fault{Status: 503}
			})
			for range 5 {
				if sum, err := w.engine.Sync(t.Context(), nil, true, nil); err != nil {
					t.Log(sum, err)
				}
				time.Sleep(time.Hour)
			}
			w.setFault(nil)
			w.sync()
			w.moved(item)
			if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) > 0 {
				t.Errorf("the journal holds %+v, %v", ops, err)
			}
		})
	}
}

// The server answers a move and says nothing of it, again and again. It is given up,
// and can be taken back.
func TestMoveOfWhichNothingIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.fill(6)
		w.sync()
		w.run()
		time.Sleep(time.Minute)
		w.forget()
		nothing, err := wbxml.Marshal(&wire.MoveItemsResponse{})
		if err != nil {
			t.Fatal(err)
		}
		w.setFault(func(q *server.Request) *server.Fault {
			if q.Command == "MoveItems" {
				return &server.Fault{Status: 200, Body: string(nothing)}
			}
			return nil
		})
		item := w.rows(activesync.FolderInbox)[1]
		w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: w.folder(activesync.FolderDeleted).ID})
		w.engine.Wake()
		time.Sleep(6 * time.Hour)
		synctest.Wait()
		ops, err := w.store.Pending(t.Context(), w.account.ID)
		if err != nil || len(ops) != 1 || ops[0].State != activesync.OpParked || ops[0].Reason == "" {
			t.Fatalf("the journal holds %+v, %v", ops, err)
		}
		if n := w.requests("MoveItems", ""); n > 6 {
			t.Errorf("moved %d times", n)
		}
		w.takeBack(ops[0].ID)
		if h, err := w.store.Header(t.Context(), item.ID); err != nil || h.Folder != item.Folder || h.Pending {
			t.Errorf("%+v, %v; want it in the Inbox", h, err)
		}
	})
}

// A move waits for the network, or behind a request whose answer is late, and the
// server numbers its messages anew meanwhile.
func TestMoveThatWaitedGoesByTheNumberOfNow(t *testing.T) {
	for _, wait := range []time.Duration{aMoment, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
			w.fill(6)
			w.sync()
			item := w.rows(activesync.FolderInbox)[1]
			w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: w.folder(activesync.FolderDeleted).ID})
			w.box.Renumber()
			time.Sleep(wait)
			w.push()
			w.sync()
			w.sync()
			w.moved(item)
		})
	}
}

// A move is asked for, and before it goes out the list of folders or another
// folder shows that the server has forgotten all that it told.
func TestMoveFromBeforeTheServerForgot(t *testing.T) {
	for _, seen := range []string{"folders", "folder"} {
		t.Run(seen, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
				w.fill(6)
				w.sync()
				time.Sleep(time.Millisecond)
				item := w.rows(activesync.FolderInbox)[1]
				w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: w.folder(activesync.FolderDeleted).ID})
				w.box.Renumber()
				var err error
				if seen == "folders" {
					err = w.engine.Check(t.Context())
				} else {
					_, err = w.engine.Sync(t.Context(), []activesync.FolderID{w.folder(activesync.FolderSent).ID}, false, nil)
				}
				if err != nil {
					t.Fatal(err)
				}
				w.push()
				w.sync()
				w.sync()
				w.moved(item)
			})
		})
	}
}

// The server numbers its messages anew, and a message is moved into a mailbox that
// was not looked at since. It gets a number there which another message had: that
// one stays what it is.
func TestMoveToTheOldNumberOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
		w.fill(2)
		for i := range 4 {
			if _, err := w.box.Deliver("Deleted Items", server.Mail(mime(fmt.Sprintf("old %d", i), time.Now().Add(time.Duration(i)*time.Hour))), true); err != nil {
				t.Fatal(err)
			}
		}
		w.sync()
		bin, was := w.folder(activesync.FolderDeleted), map[activesync.ItemID]string{}
		for _, h := range w.rows(activesync.FolderDeleted) {
			if was[h.ID] = h.Subject; h.Subject == "old 0" || h.Subject == "old 1" {
				w.do(activesync.Op{Kind: activesync.OpDelete, Item: h.ID})
				delete(was, h.ID)
			}
		}
		w.push()
		w.sync()
		w.box.Renumber()
		time.Sleep(aMoment)
		item := w.rows(activesync.FolderInbox)[1]
		w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: bin.ID})
		time.Sleep(aMoment)
		w.push()
		was[item.ID] = item.Subject
		for range 2 {
			for _, h := range w.rows(activesync.FolderDeleted) {
				if was[h.ID] != h.Subject {
					t.Errorf("item %v was %q and is %q", h.ID, was[h.ID], h.Subject)
				}
			}
			w.sync()
		}
		w.equal()
	})
}

// aMoment is how long a request may take without any fault.
const aMoment = 2 * time.Second

// A move that waited only until a window of a long sync was in goes after a single
// look, not after all the windows.
func TestMoveThatWaitedLooksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.fill(6)
		w.sync()
		item := w.rows(activesync.FolderInbox)[1]
		w.fill(2000)
		w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: w.folder(activesync.FolderDeleted).ID})
		time.Sleep(aMoment)
		w.forget()
		w.push()
		if syncs, moves := w.requests("Sync", ""), w.requests("MoveItems", ""); syncs != 1 || moves != 1 {
			t.Errorf("%d looks and %d moves, want 1 and 1", syncs, moves)
		}
		w.sync()
		w.moved(item)
	})
}

// Of several moves each is seen to as the server answers it.
func TestABusyMoveHidesNoOtherAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.fill(4)
		w.sync()
		rows := w.rows(activesync.FolderInbox)
		var answer wire.MoveItemsResponse
		for _, h := range rows[:3] {
			w.do(activesync.Op{Kind: activesync.OpMove, Item: h.ID, To: w.folder(activesync.FolderDeleted).ID})
			_, id, err := w.store.ServerID(t.Context(), h.ID)
			if err != nil {
				t.Fatal(err)
			}
			answer.Responses = append(answer.Responses, wire.MoveResponse{SrcMsgID: id, Status: 7})
		}
		w.failOnce("MoveItems", server.Fault{Status: 200, Body: document(&answer)})
		_ = w.engine.Push(t.Context())
		ops, err := w.store.Pending(t.Context(), w.account.ID)
		if err != nil || len(ops) != 3 {
			t.Fatalf("the journal holds %+v, %v", ops, err)
		}
		for _, op := range ops {
			if op.Attempts != 1 || op.Reason == "" || !op.Waits(time.Now()) {
				t.Errorf("the journal holds %+v", op)
			}
		}
		w.run()
		time.Sleep(time.Minute)
		synctest.Wait()
		if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) > 0 {
			t.Errorf("the journal holds %+v, %v", ops, err)
		}
		w.equal()
	})
}
