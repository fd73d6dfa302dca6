package engine_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// What comes first into an address book or a calendar that was empty is here at
// once, also where a server watches only what it has given something of.
func TestAPingNoticesWhatComesIntoEmptyFolders(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.run()
		time.Sleep(3 * time.Minute)
		w.put(activesync.Contact{FirstName: "Ana", MobilePhone: "1"})
		start := time.Now().Add(time.Hour).UTC().Truncate(time.Minute)
		if _, err := w.box.AddEvent("Calendar", activesync.Event{Subject: "first", Start: start, End: start.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		w.equalPeople()
		if here, _ := w.dates(); len(here) != 1 {
			t.Errorf("%d events are here, want 1", len(here))
		}
	})
}

// A look by hand in the moment in which a Ping begins comes to its end, also
// where the server ends one of two such requests; and so does what is pushed.
func TestALookBesideAPingThatBegins(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(3)
		w.run()
		time.Sleep(3 * time.Minute)
		for try := range 3 {
			w.engine.CheckNow()
			synctest.Wait() // the Ping has begun
			began := time.Now()
			w.sync()
			h := w.rows(activesync.FolderInbox)[0]
			w.do(activesync.Op{Kind: activesync.OpRead, Item: h.ID, Read: !h.Read})
			if err := w.engine.Push(t.Context()); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("try %d took %v", try, took)
			}
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		w.equal()
		if n := w.sentAgain(); w.who.EndsSync && n != 1 {
			t.Errorf("%d looks were ended, want one, after which that is known", n)
		}
	})
}

// sentAgain counts the Syncs that came once more soon after the first time.
func (w *world) sentAgain() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var last server.Request
	for _, r := range w.log {
		if r.Command == "Sync" {
			if gap := r.Time.Sub(last.Time); gap > 0 && gap < time.Second && bytes.Equal(r.Body, last.Body) {
				n++
			}
			last = r
		}
	}
	return n
}
