package engine_test

import (
	"slices"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// The answer to a request that is repeated is as old as its first try: what
// happened since is asked for in the same look.
func TestWhatCameAfterALostAnswerIsSeenInTheSameLook(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(5)
		w.sync()
		lost, inbox := false, w.folder(activesync.FolderInbox).ServerID
		w.setFault(func(r *server.Request) *server.Fault {
			if r.Command == "Sync" && slices.Contains(r.Collections, inbox) && !lost {
				lost = true
				return &server.Fault{Drop: true}
			}
			return nil
		})
		w.fill(1) // the answer that is lost has something to tell
		_, _ = w.engine.Sync(t.Context(), nil, true, nil)
		items, err := w.box.Items("Inbox")
		if err != nil || len(items) == 0 || !lost {
			t.Fatal(err, len(items), lost)
		}
		if err := w.box.Delete(items[0].ID); err != nil {
			t.Fatal(err)
		}
		w.setFault(nil)
		w.sync()
		w.equal()
	})
}
