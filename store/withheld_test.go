package store_test

import (
	"fmt"
	"testing"

	"eas.example/securemail/activesync"
)

// braked applies items under a brake of 4 deletions and a third.
func (m *mailbox) braked(inStep bool, items ...activesync.ItemChange) activesync.Applied {
	m.t.Helper()
	st, err := m.SyncState(m.t.Context(), m.inbox)
	ok(m.t, err)
	out, err := m.Apply(m.t.Context(), activesync.Batch{Folder: m.inbox, From: st.Key, To: st.Key + "+", Items: items, InStep: inStep,
		Brake: activesync.Brake{Items: 4, Share: 1.0 / 3}})
	ok(m.t, err)
	ok(m.t, m.Check(m.t.Context()))
	return out
}

// twelve is a mailbox with as many messages in the Inbox.
func twelve(t *testing.T) *mailbox {
	m := newMailbox(t)
	m.braked(true, some(added, 1, 12)...)
	return m
}

func some(change func(activesync.ServerID, int) activesync.ItemChange, from, to int) (out []activesync.ItemChange) {
	for n := from; n <= to; n++ {
		out = append(out, change(activesync.ServerID(fmt.Sprintf("1:%d", n)), n))
	}
	return out
}

func away(id activesync.ServerID, _ int) activesync.ItemChange { return removed(id) }

func softly(id activesync.ServerID, _ int) activesync.ItemChange {
	return activesync.ItemChange{Kind: activesync.SoftRemoved, ServerID: id}
}

func (m *mailbox) withheld(t *testing.T, items, kept, rows int) {
	t.Helper()
	list, err := m.Withheld(t.Context(), alice)
	ok(t, err)
	got := activesync.Withheld{}
	for _, w := range list {
		if w.Folder == m.inbox {
			got = w
		}
	}
	if len(got.Items) != items || got.Kept != kept {
		t.Errorf("%d are withheld and %d kept, want %d and %d", len(got.Items), got.Kept, items, kept)
	}
	if n := len(m.rows(m.inbox)); n != rows {
		t.Errorf("the list has %d rows, want %d", n, rows)
	}
}

func TestFewDeletionsAreCarriedOut(t *testing.T) {
	m := twelve(t)
	if got := m.braked(true, some(away, 1, 4)...); got.Removed != 4 || got.Withheld != 0 {
		t.Errorf("%+v", got)
	}
	m.withheld(t, 0, 0, 8)
}

func TestManyDeletionsAreWithheldOverAllWindows(t *testing.T) {
	m := twelve(t)
	m.braked(false, some(away, 1, 3)...)
	m.braked(false, some(added, 13, 40)...) // what comes does not make it a smaller share
	if got := m.braked(true, some(away, 4, 5)...); got.Withheld != 5 {
		t.Errorf("%+v", got)
	}
	m.withheld(t, 5, 0, 40)
	// From here on it is counted anew.
	if got := m.braked(true, some(away, 6, 9)...); got.Removed != 4 || got.Withheld != 0 {
		t.Errorf("%+v", got)
	}
	m.withheld(t, 5, 0, 36)
}

func TestManyDeletionsByAFreshStartAreWithheld(t *testing.T) {
	m := twelve(t)
	ok(t, m.Reset(t.Context(), m.inbox))
	m.braked(false)
	if got := m.braked(true, some(added, 8, 12)...); got.Withheld != 7 {
		t.Errorf("%+v", got)
	}
	m.withheld(t, 7, 0, 12)
}

func TestWhatLeavesThePeriodAndOwnDeletionsAreNotWithheld(t *testing.T) {
	m := twelve(t)
	m.sync(m.bin, true)
	for _, h := range m.rows(m.inbox)[:6] {
		m.tried(m.queue(activesync.Op{Kind: activesync.OpDelete, Item: h.ID}))
	}
	items := append(some(softly, 1, 6), some(away, 7, 12)...)
	if got := m.braked(true, items...); got.Withheld != 0 {
		t.Errorf("%+v", got)
	}
	m.withheld(t, 0, 0, 0)
	if ops := m.pending(); len(ops) != 0 {
		t.Errorf("the journal holds %+v", ops)
	}
}

func TestDecisions(t *testing.T) {
	start := func(t *testing.T) *mailbox {
		m := twelve(t)
		m.braked(true, some(away, 1, 8)...)
		m.withheld(t, 8, 0, 12)
		return m
	}
	t.Run("accept", func(t *testing.T) {
		m := start(t)
		ok(t, m.Decide(t.Context(), m.inbox, activesync.DecideAccept))
		m.withheld(t, 0, 0, 4)
	})
	t.Run("keep", func(t *testing.T) {
		m := start(t)
		ok(t, m.Decide(t.Context(), m.inbox, activesync.DecideKeep))
		m.withheld(t, 0, 8, 12)
		ok(t, m.Reset(t.Context(), m.inbox))
		m.braked(false)
		m.braked(true, some(added, 9, 12)...)
		m.withheld(t, 0, 8, 12)
		m.braked(true, added("1:77", 3)) // it is back
		m.withheld(t, 0, 7, 12)
	})
	t.Run("again", func(t *testing.T) {
		m := start(t)
		before := m.rows(m.inbox)
		ok(t, m.Decide(t.Context(), m.inbox, activesync.DecideAgain))
		m.braked(false)
		m.braked(true, some(added, 1, 12)...)
		m.withheld(t, 0, 0, 12)
		for i, h := range m.rows(m.inbox) {
			if h.ID != before[i].ID {
				t.Errorf("row %d is another item", i)
			}
		}
	})
	t.Run("unknown", func(t *testing.T) {
		if err := start(t).Decide(t.Context(), 1, "perhaps"); err == nil {
			t.Error("it was taken")
		}
	})
}
