package store_test

import (
	"bytes"
	"os"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

// Who finds the file and the key afterwards finds nothing of an account that was
// erased, and all of the others.
func TestErasedAccountsLeaveNothingInTheFile(t *testing.T) {
	path := t.TempDir() + "/mail.db"
	s := storetest.OpenAt(t, path)
	gone := fill(t, s, alice)
	items := make([]activesync.ItemChange, 400)
	for i := range items {
		items[i] = letter(i)
	}
	gone.sync(gone.inbox, true, items...)
	stays := fill(t, s, "bob")
	stays.sync(stays.inbox, true, letter(1))
	pages := func() map[string]bool {
		b, err := os.ReadFile(path)
		ok(t, err)
		out := map[string]bool{}
		for i := 0; i+4096 <= len(b); i += 4096 {
			if p := b[i : i+4096]; bytes.Count(p[64:], []byte{0}) < 2048 { // some are hardly used
				out[string(p)] = true
			}
		}
		return out
	}
	before := pages()
	ok(t, s.EraseAccount(t.Context(), alice))
	left := 0
	for p := range pages() {
		if before[p] {
			left++
		}
	}
	if len(before) < 50 || left > 8 { // the other account's, and the structure's
		t.Errorf("of %d pages %d are there still", len(before), left)
	}
	if win, err := s.Window(t.Context(), stays.inbox, activesync.WindowQuery{Count: 5}); err != nil || len(win.Rows) != 1 {
		t.Errorf("the other account has %d messages, %v", len(win.Rows), err)
	}
	ok(t, s.Check(t.Context()))
	ok(t, s.Close())
	s, err := store.Open(path, options())
	ok(t, err)
	storetest.Close(t, s)
}
