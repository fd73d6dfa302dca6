package store_test

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// A meeting is changed by somebody who does not see yet that Exchange has another
// time for it. The change is set aside, and the letters to those who are invited tell
// of nothing that is not so: they wait with it.
func TestLettersOfAChangeThatIsSetAside(t *testing.T) {
	m := newMailbox(t)
	start := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	told := func(start time.Time) activesync.ItemChange {
		return activesync.ItemChange{Kind: activesync.Added, ServerID: "5:1", Event: &activesync.EventPatch{
			Event:  activesync.Event{UID: "u1", Subject: "Audit", Start: start, End: start.Add(time.Hour)},
			Fields: activesync.EventUID | activesync.EventSubject | activesync.EventStart | activesync.EventEnd}}
	}
	m.sync(m.calendar, true, told(start))
	events, err := m.Events(t.Context(), alice, start.Add(-time.Hour), start.Add(time.Hour))
	if err != nil || len(events) != 1 {
		t.Fatalf("%+v, %v", events, err)
	}
	saw, mine := events[0], events[0]
	mine.Start, mine.End = start.Add(2*time.Hour), start.Add(3*time.Hour)
	letter := activesync.Letter{MIME: []byte("Subject: Audit\r\n\r\n"), Op: activesync.Op{Account: alice, Kind: activesync.OpSend, State: activesync.OpPending,
		Send: &activesync.Outgoing{ClientID: "c1", Subject: "Audit"}}}
	change := activesync.Op{Kind: activesync.OpEventChange, Item: saw.ID, Event: &mine, EventBefore: &saw}

	m.sync(m.calendar, true, told(start.Add(time.Hour)))
	done, err := m.QueueEntries(t.Context(), []activesync.Op{change}, letter)
	if err != nil || len(done) != 2 || !done[0].Aside || done[0].State != activesync.OpParked {
		t.Errorf("queued: %+v, %v", done, err)
	}
	for _, op := range m.pending() {
		if op.State != activesync.OpParked || op.Reason == "" {
			t.Errorf("the journal holds %+v", op)
		}
		ok(t, m.RevertOp(t.Context(), op.ID))
	}
	// Once it is seen, both go out.
	events, err = m.Events(t.Context(), alice, start.Add(-time.Hour), start.Add(4*time.Hour))
	ok(t, err)
	change.EventBefore = &events[0]
	if done, err = m.QueueEntries(t.Context(), []activesync.Op{change}, letter); err != nil || len(done) != 2 || done[0].Aside {
		t.Errorf("queued: %+v, %v", done, err)
	}
	for _, op := range m.pending() {
		if op.State != activesync.OpPending {
			t.Errorf("the journal holds %+v", op)
		}
	}
	ok(t, m.Check(t.Context()))
}
