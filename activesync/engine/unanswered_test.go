package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

// An empty answer to changes says nothing of them: they are sent again, and
// left to the person where the server never says more.
func TestEmptyAnswerToChangesIsNoConsent(t *testing.T) {
	for _, times := range []int{2, 1000} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{})
			w.fill(4)
			w.sync()
			w.run()
			time.Sleep(time.Minute)
			n := 0
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command == "Sync" && len(q.Keys) == 1 && len(q.Body) > 0 && q.Collections[0] == "1" && n < times {
					n++
					return &server.Fault{Status: 200}
				}
				return nil
			})
			item := w.rows(activesync.FolderInbox)[1]
			w.do(activesync.Op{Kind: activesync.OpFlag, Item: item.ID, Flag: activesync.FlagActive})
			w.engine.Wake()
			time.Sleep(6 * time.Hour)
			synctest.Wait()
			ops, err := w.store.Pending(t.Context(), w.account.ID)
			if err != nil {
				t.Fatal(err)
			}
			if times == 2 {
				if len(ops) != 0 {
					t.Errorf("the journal holds %+v", ops)
				}
				w.equal()
				return
			}
			if len(ops) != 1 || ops[0].State != activesync.OpParked || ops[0].Reason == "" {
				t.Errorf("the journal holds %+v", ops)
			}
		})
	}
}

// A record that cannot be carried out in a folder that gives nothing must not
// keep all others from being looked at.
func TestFolderThatIsStuckStopsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{PoisonStops: true}})
		w.fill(4)
		w.sync()
		if _, err := w.box.Deliver("Inbox", server.Mail(mime("bad \uFFFE", time.Now())), false); err != nil {
			t.Fatal(err)
		}
		w.box.ForgetKeys()
		w.do(activesync.Op{Kind: activesync.OpFlag, Item: w.rows(activesync.FolderInbox)[1].ID, Flag: activesync.FlagActive})
		w.run()
		time.Sleep(time.Hour)
		if _, err := w.box.Deliver("Deleted Items", server.Mail(mime("elsewhere", time.Now())), false); err != nil {
			t.Fatal(err)
		}
		w.forget()
		time.Sleep(time.Hour)
		synctest.Wait()
		if rows := w.rows(activesync.FolderDeleted); len(rows) != 1 {
			t.Errorf("Deleted Items holds %+v", rows)
		}
		if n := len(w.log); n > 60 {
			t.Errorf("%d requests in an hour", n)
		}
		if f := w.folder(activesync.FolderInbox); f.Problem == "" || f.Total != 4 {
			t.Errorf("the Inbox: %+v", f)
		}
	})
}

// A change was carried out, its answer lost, and then the server never said a word
// of it. What the person takes back after that is taken back on the server too.
func TestGivenUpChangeIsTakenBackOnTheServerToo(t *testing.T) {
	for _, kind := range []activesync.OpKind{activesync.OpRead, activesync.OpFlag, activesync.OpDelete} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Personality: server.Personality{SteadyKeys: true}})
			w.fill(4)
			w.sync()
			w.run()
			time.Sleep(time.Minute)
			lost := false
			w.setFault(func(q *server.Request) *server.Fault {
				switch {
				case q.Command != "Sync" || len(q.Keys) != 1 || len(q.Body) == 0 || q.Collections[0] != "1":
					return nil
				case !lost:
					lost = true
					return &server.Fault{Drop: true}
				}
				return &server.Fault{Status: 200}
			})
			item := w.rows(activesync.FolderInbox)[1] // unread
			w.do(activesync.Op{Kind: kind, Item: item.ID, Read: true, Flag: activesync.FlagActive})
			w.engine.Wake()
			time.Sleep(6 * time.Hour)
			synctest.Wait()
			ops, err := w.store.Pending(t.Context(), w.account.ID)
			if err != nil || len(ops) != 1 || ops[0].State != activesync.OpParked {
				t.Fatalf("%v: the journal holds %+v, %v", kind, ops, err)
			}
			w.takeBack(ops[0].ID)
			if h, err := w.store.Header(t.Context(), item.ID); err != nil || h.Read || h.Flag != 0 || h.Folder != item.Folder {
				t.Errorf("%v: %+v, %v; want it as it was", kind, h, err)
			}
			if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) > 0 {
				t.Errorf("%v: the journal holds %+v, %v", kind, ops, err)
			}
		})
	}
}

// A server that is busy with one item, or overlooks it, gets the record again after a
// pause, also where nothing else would wake the account.
func TestARecordOfABusyItemIsTriedAgainByItself(t *testing.T) {
	for name, care := range map[string]engine.Care{"waiting for news": engine.CareLive, "receiving nothing": engine.CareNone} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.fill(4)
				w.sync()
				w.engine.Attend(care)
				w.run()
				time.Sleep(10 * time.Minute)
				rows := w.rows(activesync.FolderInbox)
				answered := 0
				w.setFault(func(q *server.Request) *server.Fault {
					if q.Command != "Sync" || !carriesCommands(q) || answered == 2 {
						return nil
					}
					answered++
					c := wire.SyncCollectionResponse{SyncKey: q.Keys[0], CollectionID: q.Collections[0], Status: 1}
					if c.CollectionID == w.folder(activesync.FolderInbox).ServerID {
						_, id, err := w.store.ServerID(t.Context(), rows[1].ID)
						if err != nil {
							t.Error(err)
						}
						c.Responses = &wire.SyncResults{Changes: []wire.SyncChangeResult{{ServerID: id, Status: 16}}}
					}
					return &server.Fault{Status: 200, Body: document(&wire.SyncResponse{Collections: []wire.SyncCollectionResponse{c}})}
				})
				w.do(activesync.Op{Kind: activesync.OpRead, Item: rows[1].ID, Read: true})
				w.addContact(activesync.Contact{FirstName: "Bo", LastName: "Li"})
				w.engine.Wake()
				time.Sleep(time.Minute)
				synctest.Wait()
				if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) > 0 || answered != 2 {
					t.Errorf("after %d such answers the journal holds %+v, %v", answered, ops, err)
				}
				w.equal()
			})
		})
	}
}

// A server that stops speaking a version is spoken to in another one; what was to
// be done is done in that.
func TestAVersionThatIsNoLongerSpoken(t *testing.T) {
	for _, to := range []activesync.Version{activesync.V140, activesync.V161} {
		synctest.Test(t, func(t *testing.T) {
			spoken := []activesync.Version{activesync.V141}
			w := newWorld(t, server.Config{Versions: spoken})
			w.fill(3)
			w.sync()
			w.run()
			time.Sleep(20 * time.Minute)
			synctest.Wait()
			spoken[0] = to // the server has the same slice
			h := w.rows(activesync.FolderInbox)[0]
			w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
			w.engine.Wake()
			time.Sleep(time.Minute)
			w.equal()
			if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) > 0 {
				t.Errorf("left in the journal: %+v, %v", ops, err)
			}
			if s := w.engine.Status(); s.Phase != activesync.PhaseLive {
				t.Errorf("status %+v", s)
			}
		})
	}
}

// What a server says of its own state of this device does not undo what the person
// did.
func TestStateThatTheServerLost(t *testing.T) {
	for _, status := range []int{132, 133, 134, 135, 136} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{})
			w.fill(3)
			w.sync()
			w.failOnce("Sync", server.Fault{Delay: time.Second, Status: 200, Body: document(&wire.SyncResponse{Status: status})})
			h := w.rows(activesync.FolderInbox)[0]
			w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
			w.run()
			time.Sleep(5 * time.Minute)
			w.equal()
			if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) > 0 {
				t.Errorf("status %d: left in the journal: %+v, %v", status, ops, err)
			}
		})
	}
}
