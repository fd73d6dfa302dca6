package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

// Whole texts of all mail come where the person wants them, also of mail that
// is here already.
func TestWholeTextsOfOldMail(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprint("late ", late), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				long := strings.Repeat("A long line of an old letter.\r\n", 200)
				for i := range 130 {
					at := time.Now().AddDate(0, 0, -10-i)
					m := append(mime(fmt.Sprintf("old %d", i), at), long...)
					if _, err := w.box.Deliver("Inbox", server.Mail(m), true); err != nil {
						t.Fatal(err)
					}
				}
				want := func() {
					err := w.store.UpdateState(t.Context(), w.account.ID, func(s *activesync.AccountState) error { s.WholeTexts = true; return nil })
					if err != nil {
						t.Fatal(err)
					}
				}
				if !late {
					want()
				}
				w.sync()
				inbox := w.folder(activesync.FolderInbox)
				missing := func() int {
					ids, err := w.store.MissingBodies(t.Context(), inbox.ID, 1000)
					if err != nil {
						t.Fatal(err)
					}
					return len(ids)
				}
				if got := missing(); (got > 0) != late {
					t.Fatalf("%d texts are not whole", got)
				}
				if late {
					want()
					w.run()
					time.Sleep(time.Hour)
					synctest.Wait()
				}
				if got := missing(); got != 0 {
					t.Errorf("%d texts are not whole in the end", got)
				}
				w.equal()
			})
		})
	}
}

// Texts that are asked for in idle time, and of which the server says nothing, are
// not asked for again at once.
func TestTextsOfWhichTheServerSaysNothing(t *testing.T) {
	for _, whole := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{})
			w.prefetch = 50
			w.engine = w.newEngine(testPassword)
			if _, err := w.box.Deliver("Inbox", server.Mail(append(mime("old", time.Now().AddDate(0, -2, 0)), strings.Repeat("A long line of an old letter.\r\n", 200)...)), false); err != nil {
				t.Fatal(err)
			}
			w.sync()
			err := w.store.UpdateState(t.Context(), w.account.ID, func(s *activesync.AccountState) error { s.WholeTexts = whole; return nil })
			if err != nil {
				t.Fatal(err)
			}
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command == "ItemOperations" {
					return &server.Fault{Delay: time.Second, Status: 200, Body: document(&wire.ItemOperationsResponse{Status: 1})}
				}
				return nil
			})
			w.run()
			time.Sleep(time.Hour)
			n := w.requests("ItemOperations", "")
			if n == 0 || n > 20 {
				t.Errorf("whole texts %v: %d requests in an hour", whole, n)
			}
		})
	}
}
