package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
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
