package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// A record that was put off before the clock was set back by a month is carried
// out now, not in a month.
func TestClockSetBackDoesNotPutOffARecord(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(2)
		w.sync()
		id := w.do(activesync.Op{Kind: activesync.OpFlag, Item: w.rows(activesync.FolderInbox)[0].ID, Flag: activesync.FlagActive})
		ops, err := w.store.Pending(t.Context(), w.account.ID)
		if err != nil || len(ops) != 1 || ops[0].ID != id {
			t.Fatalf("the journal holds %+v, %v", ops, err)
		}
		ops[0].NotBefore = time.Now().AddDate(0, 1, 0)
		if err := w.store.SetOp(t.Context(), ops...); err != nil {
			t.Fatal(err)
		}
		w.run()
		time.Sleep(time.Minute)
		synctest.Wait()
		if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) != 0 {
			t.Errorf("left in the journal: %+v, %v", ops, err)
		}
	})
}

// A machine sleeps for a night, in which mail comes and goes, and wakes in
// another network: what was open is dead. It is in step within a minute, and
// what the person did last is carried out once.
func TestMachineThatSleptIsInStepSoon(t *testing.T) {
	for _, told := range []bool{true, false} { // that it woke, or found out by the silence
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{})
			w.fill(20)
			w.sync()
			w.run()
			time.Sleep(time.Minute)
			w.line.cut(true)
			h := w.rows(activesync.FolderInbox)[3]
			w.do(activesync.Op{Kind: activesync.OpDelete, Item: h.ID})
			w.engine.Wake()
			w.fill(3)
			w.forget()
			time.Sleep(9 * time.Hour)
			if n := w.line.refused(); n > 9*4+10 {
				t.Errorf("%d tries while there was no network", n)
			}
			w.line.cut(false)
			if told {
				w.engine.Reconnect()
				time.Sleep(time.Minute)
			} else {
				time.Sleep(time.Hour)
			}
			synctest.Wait()
			w.equal()
			if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) != 0 {
				t.Errorf("left in the journal: %+v, %v", ops, err)
			}
		})
	}
}

// The network changes again and again while requests are under way: each is
// broken off, and none is carried out twice.
func TestNetworkThatChangesLosesNothing(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(12)
		w.sync()
		w.setFault(func(*server.Request) *server.Fault { return &server.Fault{Late: 2 * time.Second} })
		w.run()
		for i, h := range w.rows(activesync.FolderInbox) {
			if i%2 == 0 {
				w.do(activesync.Op{Kind: activesync.OpDelete, Item: h.ID})
			} else {
				w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
			}
			w.engine.Reconnect()
			time.Sleep(time.Second)
			w.line.cut(true)
			w.line.cut(false)
		}
		w.setFault(nil)
		w.engine.Reconnect()
		time.Sleep(time.Hour)
		synctest.Wait()
		w.equal()
		if all, err := w.box.Items("Deleted Items"); err != nil || len(all) != 6 {
			t.Errorf("%d in Deleted Items, %v", len(all), err)
		}
	})
}
