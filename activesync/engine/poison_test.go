package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// A message that the server cannot write breaks each answer that holds it: what is
// asked for becomes less until the message stands alone and the server leaves it
// out. The rest of its folder arrives, the others go on, and the line is not busy.
func TestAMessageThatBreaksAnswersKeepsNothingElseAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{PoisonBreaks: true}})
		w.fill(40)
		if _, err := w.box.Deliver("Inbox", server.Mail(mime("bad \uFFFE", time.Now().Add(-20*24*time.Hour))), false); err != nil {
			t.Fatal(err)
		}
		w.run()
		for hour := range 6 {
			w.forget()
			time.Sleep(time.Hour)
			synctest.Wait()
			w.mu.Lock()
			if n := len(w.log); n > 90 {
				t.Errorf("hour %d: %d requests", hour, n)
			}
			w.mu.Unlock()
			if hour == 0 { // the others go on meanwhile
				if _, err := w.box.Deliver("Deleted Items", server.Mail(mime("elsewhere", time.Now())), false); err != nil {
					t.Fatal(err)
				}
			}
		}
		if rows := w.rows(activesync.FolderDeleted); len(rows) != 1 {
			t.Errorf("Deleted Items holds %d messages", len(rows))
		}
		if rows := w.rows(activesync.FolderInbox); len(rows) != 40 {
			t.Errorf("the Inbox holds %d messages, want the 40 that can be written", len(rows))
		}
		if f := w.folder(activesync.FolderInbox); f.Problem != "" {
			t.Errorf("once the rest is here there is still %q", f.Problem)
		}
	})
}
