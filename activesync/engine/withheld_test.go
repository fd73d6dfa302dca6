package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// empty removes the newest n messages of the Inbox on the server.
func (w *world) empty(n int) {
	w.t.Helper()
	items, err := w.box.Items("Inbox")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, it := range items[:n] {
		if err := w.box.Delete(it.ID); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestMassDeletionIsWithheld(t *testing.T) {
	for _, tt := range []struct {
		name     string
		forget   bool
		gone     int
		withheld bool
	}{{"few", false, 50, false}, {"no third", false, 66, false}, {"many", false, 120, true}, {"many, after a fresh start", true, 120, true}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{})
				w.fill(200)
				w.sync()
				w.run()
				time.Sleep(time.Minute)
				w.forget()
				w.empty(tt.gone)
				if tt.forget {
					w.box.ForgetKeys()
				}
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				told := 0
				w.mu.Lock()
				for _, n := range w.notices {
					if n.Kind == activesync.NoticeWithheld {
						told++
					}
				}
				w.mu.Unlock()
				f := w.folder(activesync.FolderInbox)
				if !tt.withheld {
					w.equal()
					if told != 0 || f.Problem != "" {
						t.Errorf("told %d times, %q", told, f.Problem)
					}
					return
				}
				if len(w.rows(activesync.FolderInbox)) != 200 || told != 1 || !strings.Contains(f.Problem, "120 items") {
					t.Errorf("%d messages are here; told %d times, %q", f.Total, told, f.Problem)
				}
				if n := len(w.log); n > 150 {
					t.Errorf("%d requests", n)
				}
				if err := w.store.Decide(t.Context(), f.ID, activesync.DecideAccept); err != nil {
					t.Fatal(err)
				}
				w.equal()
			})
		})
	}
}
