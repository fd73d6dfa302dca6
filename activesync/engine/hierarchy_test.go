package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// A folder that goes while it is looked at must not end the engine's life.
func TestFolderThatGoesWhileItIsLookedAt(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.box.AddFolder("Old", activesync.FolderUserMail)
		w.sync()
		id := w.options(activesync.FolderInbox, activesync.CheckPush, activesync.CheckPush)
		old, err := w.box.FolderID("Old")
		if err != nil || id == old {
			t.Fatal(err)
		}
		w.run()
		time.Sleep(time.Minute)
		w.setFault(func(q *server.Request) *server.Fault {
			if q.Command == "Sync" && len(q.Collections) == 1 && q.Collections[0] == old {
				w.fault = nil // setFault would wait for the lock that is held here
				if err := w.box.DropFolder("Old"); err != nil {
					t.Error(err)
				}
			}
			return nil
		})
		for _, f := range w.all() {
			w.engine.CheckNow(f.ID)
		}
		time.Sleep(time.Minute)
		w.fill(3)
		time.Sleep(time.Minute)
		synctest.Wait()
		w.equal()
	})
}

func (w *world) all() []activesync.Folder {
	w.t.Helper()
	all, err := w.store.Folders(w.t.Context(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// A server that has told of a folder once, in an answer that was lost, does
// not end the next Ping for it.
func TestLostAnswerToFolderSyncIsAskedForAgain(t *testing.T) {
	for name, fault := range map[string]server.Fault{"lost": {Drop: true}, "garbage": {Garbage: []byte{3, 1, 0x6A, 0, 0x80}}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.sync()
				w.run()
				time.Sleep(time.Minute)
				w.setFault(func(q *server.Request) *server.Fault {
					if q.Command != "FolderSync" {
						return nil
					}
					w.fault = nil
					f := fault
					return &f
				})
				w.box.AddFolder("New", activesync.FolderUserMail)
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				if n := len(w.all()); n != len(w.box.Folders()) {
					t.Errorf("%d folders here, %d there", n, len(w.box.Folders()))
				}
			})
		})
	}
}

// A folder that is called otherwise now must not be asked for by the name that
// it had when a change was on its way.
func TestFolderRenamedWhileAChangeIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{RenamesFolders: true}})
		w.fill(4)
		w.sync()
		w.do(activesync.Op{Kind: activesync.OpFlag, Item: w.rows(activesync.FolderInbox)[1].ID, Flag: activesync.FlagActive})
		w.box.ForgetKeys()
		if err := w.engine.Push(t.Context()); err != nil {
			t.Error(err)
		}
		w.sync()
		w.equal()
	})
}

// A message is moved into a folder that the server calls otherwise, by id and by
// name, before it tells of it. It is the same message there.
func TestMovedIntoAFolderThatHasAnotherIdAndName(t *testing.T) {
	for _, unnamed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Personality: server.Personality{RenamesFolders: true, UnnamedMoves: unnamed}})
			w.box.AddFolder("Old", activesync.FolderUserMail)
			w.fill(4)
			w.sync()
			named := func(name string) (id activesync.FolderID) {
				for _, f := range w.all() {
					if f.Name == name {
						id = f.ID
					}
				}
				return id
			}
			item := w.rows(activesync.FolderInbox)[1]
			w.do(activesync.Op{Kind: activesync.OpMove, Item: item.ID, To: named("Old")})
			w.push()
			w.do(activesync.Op{Kind: activesync.OpFlag, Item: item.ID, Flag: activesync.FlagActive})
			if err := w.box.RenameFolder("Old", "New"); err != nil {
				t.Fatal(err)
			}
			w.box.ForgetKeys()
			w.sync()
			w.sync()
			if h, err := w.store.Header(t.Context(), item.ID); err != nil || h.Folder != named("New") || h.Flag != activesync.FlagActive {
				t.Errorf("the message is %+v, %v; want it in %v with its flag", h, err, named("New"))
			}
			w.equal()
			if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) > 0 {
				t.Errorf("the journal holds %+v, %v", ops, err)
			}
		})
	}
}
