package agent_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
)

// What the organisation has erased is gone with its password, and the person is
// told; also where a crash came between the order and the erasing.
func TestAWipeErasesTheAccount(t *testing.T) {
	for _, crash := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			h.deliver(3)
			h.add()
			heard := make(chan activesync.Notice, 100)
			go func() {
				for n := range h.agent.Subscribe(t.Context()) {
					if n.Kind == activesync.NoticeErased {
						heard <- n
					}
				}
			}()
			if crash { // the agent ends after the order was noted
				if err := h.store.UpdateState(t.Context(), h.acc.ID, func(s *activesync.AccountState) error { s.Erase = true; return nil }); err != nil {
					t.Fatal(err)
				}
			}
			h.run()
			time.Sleep(time.Minute)
			if !crash {
				if _, rows := h.inbox(); len(rows) != 3 {
					t.Fatalf("%d messages", len(rows))
				}
				h.box.Wipe()
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if list, err := h.agent.Accounts(t.Context()); err != nil || len(list) != 0 {
				t.Errorf("accounts: %v, %v", list, err)
			}
			if kept, err := h.agent.Book.Accounts(); err != nil || len(kept) != 0 {
				t.Errorf("kept: %v, %v", kept, err)
			}
			if p, err := h.agent.Book.Password(h.acc.ID); p != "" || err != nil {
				t.Errorf("the password is kept, %v", err)
			}
			if f, err := h.store.Folders(t.Context(), h.acc.ID); err != nil || len(f) != 0 {
				t.Errorf("the store has %d folders of it, %v", len(f), err)
			}
			if device, _ := h.box.Wiped(); device == crash {
				t.Errorf("the server was told: %v", device)
			}
			if len(heard) != 1 || (<-heard).Name != h.acc.Name {
				t.Error("nobody is told")
			}
			h.shut()
		})
	}
}

// An address book that cannot be closed does not keep the mail from being erased.
func TestAWipeErasesWhateverIsWithTheAddressBook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		h.run()
		time.Sleep(time.Minute)
		if err := os.WriteFile(filepath.Join(h.dir, "ledgers"), nil, 0o600); err != nil { // in the place of the directory
			t.Fatal(err)
		}
		h.box.Wipe()
		time.Sleep(time.Hour)
		synctest.Wait()
		if list, err := h.agent.Accounts(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("accounts: %v, %v", list, err)
		}
		if f, err := h.store.Folders(t.Context(), h.acc.ID); err != nil || len(f) != 0 {
			t.Errorf("the store has %d folders of it, %v", len(f), err)
		}
		h.shut()
	})
}
