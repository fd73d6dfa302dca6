package store_test

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// arrive adds messages of which the person is to be told.
func (m *mailbox) arrive(folder activesync.FolderID, items ...activesync.ItemChange) {
	m.t.Helper()
	st, err := m.SyncState(m.t.Context(), folder)
	ok(m.t, err)
	_, err = m.Apply(m.t.Context(), activesync.Batch{Folder: folder, From: st.Key, To: st.Key + "x", Items: items, InStep: true, Announce: true})
	ok(m.t, err)
}

func (m *mailbox) untold() (subjects []string) {
	m.t.Helper()
	hs, err := m.TakeUntold(m.t.Context(), alice)
	ok(m.t, err)
	for _, h := range hs {
		subjects = append(subjects, h.Subject)
	}
	return subjects
}

func TestAMessageIsHandedOutOnceToBeToldOf(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1))
	if got := m.untold(); len(got) != 0 {
		t.Errorf("a first sync tells of %q", got)
	}
	m.arrive(m.inbox, added("1:3", 3), added("1:2", 2))
	m.arrive(m.inbox, added("1:4", 4), readMark("1:4", true))
	m.arrive(m.inbox, readMark("1:2", true))
	if got := m.untold(); len(got) != 1 || got[0] != "Subject 3" {
		t.Errorf("told of %q", got)
	}
	if got := m.untold(); len(got) != 0 {
		t.Errorf("told twice of %q", got)
	}
}

func TestAMessageMovedElsewhereIsNotToldOfAgain(t *testing.T) {
	m := newMailbox(t)
	m.arrive(m.inbox, added("1:1", 1))
	if got := m.untold(); len(got) != 1 {
		t.Fatalf("told of %q", got)
	}
	m.arrive(m.archive, added("2:9", 1)) // it comes there first
	m.arrive(m.inbox, removed("1:1"))
	if got := m.untold(); len(got) != 0 {
		t.Errorf("told twice of %q", got)
	}
	ok(t, m.ForgetTold(t.Context()))
	m.arrive(m.inbox, added("1:7", 1))
	if got := m.untold(); len(got) != 0 {
		t.Errorf("forgotten at once: told twice of %q", got)
	}
}

func TestWhatWasToldOutlivesTheProcess(t *testing.T) {
	m := newMailbox(t)
	m.arrive(m.inbox, added("1:1", 1))
	ok(t, m.UpdateState(t.Context(), alice, func(s *activesync.AccountState) error {
		s.Told.Shown = []activesync.Shown{{Name: "x", ID: 7, Desktop: ":1.4", Mail: []activesync.ShownMail{{Item: 1, Folder: m.inbox}}}}
		s.Told.Reminders = []activesync.Reminded{{Event: 3, Start: noon, Ends: noon.Add(time.Hour)}}
		return nil
	}))
	st, err := m.State(t.Context(), alice)
	ok(t, err)
	if len(st.Told.Shown) != 1 || st.Told.Shown[0].ID != 7 || !st.Told.Reminders[0].Start.Equal(noon) {
		t.Errorf("%+v", st.Told)
	}
	ok(t, m.RemoveAccount(t.Context(), alice))
	if got := m.untold(); len(got) != 0 {
		t.Errorf("of an account that is gone: %q", got)
	}
}
