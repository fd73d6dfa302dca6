package store_test

import (
	"errors"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
)

// queue records what the person does to an item.
func (m *mailbox) queue(op activesync.Op) activesync.OpID {
	m.t.Helper()
	id, err := m.Queue(m.t.Context(), op, nil)
	ok(m.t, err)
	if id == 0 {
		m.t.Fatalf("%+v changes nothing", op)
	}
	return id
}

// tried leaves a record as a request does whose answer was lost.
func (m *mailbox) tried(id activesync.OpID) {
	m.t.Helper()
	ok(m.t, m.SetOp(m.t.Context(), activesync.Op{ID: id, State: activesync.OpSending, Attempts: 1}))
}

func (m *mailbox) pending() []activesync.Op {
	m.t.Helper()
	ops, err := m.Pending(m.t.Context(), alice)
	ok(m.t, err)
	return ops
}

func (m *mailbox) header(id activesync.ItemID) activesync.Header {
	m.t.Helper()
	h, err := m.Header(m.t.Context(), id)
	ok(m.t, err)
	return h
}

// A screen that saw a record set aside, and asks for another try when it is under
// way again, must not have it forgotten that it may have been carried out.
func TestRetryKeepsTheMarkOfWhatMayHaveBeenCarriedOut(t *testing.T) {
	m, item := withMessage(t)
	id := m.queue(activesync.Op{Kind: activesync.OpRead, Item: item, Read: true})
	later := time.Now().Add(time.Hour).UTC()
	for state, want := range map[activesync.OpState]activesync.OpState{
		activesync.OpSending: activesync.OpSending, activesync.OpParked: activesync.OpPending,
		activesync.OpUncertain: activesync.OpPending, activesync.OpPending: activesync.OpPending,
	} {
		ok(t, m.SetOp(t.Context(), activesync.Op{ID: id, State: state, Attempts: 1, Reason: "because", NotBefore: later}))
		ok(t, m.RetryOp(t.Context(), id))
		if op := m.pending()[0]; op.State != want || !op.NotBefore.IsZero() || op.Attempts != 1 || (op.Reason == "") != (want == activesync.OpPending) {
			t.Errorf("%s became %+v", state, op)
		}
	}
	if err := m.RetryOp(t.Context(), id+1); !errors.Is(err, store.ErrNoOp) {
		t.Errorf("a record that is gone: %v", err)
	}
}

func TestRevertDropsWhatWasNotTried(t *testing.T) {
	m, id := withMessage(t)
	read := m.queue(activesync.Op{Kind: activesync.OpRead, Item: id, Read: true})
	m.queue(activesync.Op{Kind: activesync.OpFlag, Item: id, Flag: activesync.FlagActive})
	ok(t, m.RevertOp(t.Context(), read))
	if h := m.header(id); h.Read || h.Flag != activesync.FlagActive || !h.Pending {
		t.Errorf("it shows %+v, want unread and flagged", h)
	}
	if ops := m.pending(); len(ops) != 1 || ops[0].Kind != activesync.OpFlag {
		t.Errorf("the journal holds %+v, want the flag only", ops)
	}
}

// A mark that the server may have got was dropped with its record, and the
// server kept what the person had taken back.
func TestRevertOfAMarkWhoseAnswerWasLost(t *testing.T) {
	m, id := withMessage(t)
	op := m.queue(activesync.Op{Kind: activesync.OpRead, Item: id, Read: true})
	st, err := m.SyncState(t.Context(), m.inbox)
	ok(t, err)
	ok(t, m.SetRequest(t.Context(), m.inbox, st.Key, []byte("marks it read"), []activesync.OpID{op}))
	ok(t, m.RevertOp(t.Context(), op))
	if m.header(id).Read {
		t.Error("it shows as read after the mark was taken back")
	}
	m.sync(m.inbox, true) // pulls first; this server does not repeat what it was told
	ops := m.pending()
	if len(ops) != 1 || ops[0].Kind != activesync.OpRead || ops[0].Read {
		t.Fatalf("the journal holds %+v, want a record that marks it unread", ops)
	}
	ok(t, m.RevertOp(t.Context(), op)) // once more changes nothing
	ok(t, m.FinishOp(t.Context(), op, ""))
	if h := m.header(id); h.Read || h.Pending {
		t.Errorf("it shows %+v, want unread and nothing pending", h)
	}
}

// Likewise for a move: dropped, it left the message where the person no longer
// wanted it.
func TestRevertOfAMoveWhoseAnswerWasLost(t *testing.T) {
	for _, carriedOut := range []bool{false, true} {
		m := newMailbox(t)
		m.sync(m.archive, true)
		m.sync(m.inbox, true, added("1:1", 1))
		id := m.rows(m.inbox)[0].ID
		op := m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.archive})
		m.tried(op)
		ok(t, m.RevertOp(t.Context(), op))
		if f := m.header(id).Folder; f != m.inbox {
			t.Fatalf("it shows in folder %d, want %d", f, m.inbox)
		}
		if carriedOut {
			m.sync(m.inbox, true, removed("1:1"))
			m.sync(m.archive, true, added("2:1", 1))
		} else {
			ok(t, m.FinishOp(t.Context(), op, "2:1"))
		}
		ops := m.pending()
		if len(ops) != 1 || ops[0].Kind != activesync.OpMove || ops[0].To != m.inbox || ops[0].ServerID != "2:1" {
			t.Fatalf("the journal holds %+v, want a move of 2:1 back to the Inbox", ops)
		}
		ok(t, m.FinishOp(t.Context(), ops[0].ID, "1:2"))
		if h := m.header(id); h.Folder != m.inbox || h.Pending {
			t.Errorf("it shows %+v, want it in the Inbox", h)
		}
	}
}

func TestRevertOfADeletionWhoseAnswerWasLost(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.bin, true)
	m.sync(m.inbox, true, added("1:1", 1))
	id := m.rows(m.inbox)[0].ID
	op := m.queue(activesync.Op{Kind: activesync.OpDelete, Item: id})
	m.tried(op)
	m.sync(m.inbox, true, removed("1:1"))
	if len(m.pending()) != 0 {
		t.Error("the deletion is carried out and its record still there")
	}
	m.sync(m.bin, true, added("3:1", 1))
	if rows := m.rows(m.bin); len(rows) != 1 || rows[0].ID != id {
		t.Errorf("Deleted Items holds %+v, want item %d as it was", rows, id)
	}
}

func TestRevertOfWhatCannotBeMadeGood(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.bin, true, added("3:1", 1))
	m.sync(m.archive, true)
	m.sync(m.inbox, true, added("1:2", 2))
	final := m.queue(activesync.Op{Kind: activesync.OpDelete, Item: m.rows(m.bin)[0].ID})
	id := m.rows(m.inbox)[0].ID
	first := m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.archive})
	m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.bin})
	mail, err := m.Queue(t.Context(), activesync.Op{Kind: activesync.OpSend, Account: alice, Send: &activesync.Outgoing{ClientID: "c"}}, []byte("mail"))
	ok(t, err)
	for what, op := range map[string]activesync.OpID{"a deletion for good": final, "a move that another follows": first, "a message": mail} {
		m.tried(op)
		if err := m.RevertOp(t.Context(), op); !errors.Is(err, store.ErrUnderWay) {
			t.Errorf("taking back %s gives %v", what, err)
		}
	}
	if ops := m.pending(); len(ops) != 4 {
		t.Errorf("the journal holds %d records, want all 4", len(ops))
	}
}

// Of two moves that lead out and back, the first is taken back: what is left
// leads from a folder to itself, took the item's name away, and as the server
// had nothing to tell, the item was dropped.
func TestMoveThatLeadsNowhereKeepsTheName(t *testing.T) {
	m, id := withMessage(t)
	out := m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.archive})
	back := m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.inbox})
	ok(t, m.RevertOp(t.Context(), out))
	ok(t, m.FinishOp(t.Context(), back, ""))
	for range 3 {
		m.sync(m.inbox, true)
	}
	if _, sid, err := m.ServerID(t.Context(), id); err != nil || sid != "1:1" {
		t.Errorf("it is called %q, %v", sid, err)
	}
	if len(m.rows(m.inbox)) != 1 {
		t.Error("the message is gone")
	}
}

// A message was moved, and deleted by another client before the server told of
// it in its new folder: it stayed in the list for ever. Only one that may be
// older than the period of the folder has a reason not to be told of.
func TestMovedAndNeverToldOf(t *testing.T) {
	for _, c := range []struct {
		filter int
		stays  bool
	}{{0, false}, {3, true}} { // all mail; a week, and the test messages are older
		m := newMailbox(t)
		m.sync(m.archive, true)
		m.sync(m.inbox, true, added("1:1", 1))
		ok(t, m.SetFilter(t.Context(), m.archive, c.filter))
		op := m.queue(activesync.Op{Kind: activesync.OpMove, Item: m.rows(m.inbox)[0].ID, To: m.archive})
		ok(t, m.FinishOp(t.Context(), op, "2:1"))
		m.sync(m.archive, true)
		if len(m.rows(m.archive)) != 1 {
			t.Errorf("filter %d: it is gone at the first answer, which may be older than the move", c.filter)
		}
		m.sync(m.archive, true)
		if stays := len(m.rows(m.archive)) == 1; stays != c.stays {
			t.Errorf("filter %d: it stays: %t, want %t", c.filter, stays, c.stays)
		}
	}
}

// Such a move was tried, and the message deleted by another client: it was
// taken for moved, and stood in the list without a name and without waiting.
func TestGoneWithAMoveThatLeadsNowhere(t *testing.T) {
	m, id := withMessage(t)
	out := m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.archive})
	back := m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.inbox})
	ok(t, m.RevertOp(t.Context(), out))
	m.tried(back)
	got := m.sync(m.inbox, true, removed("1:1"))
	if len(m.rows(m.inbox)) != 0 || len(m.pending()) != 0 || len(got.Dropped) != 1 {
		t.Errorf("the list holds %+v, the journal %+v, dropped are %v", m.rows(m.inbox), m.pending(), got.Dropped)
	}
}

// Two messages that look the same were moved to one folder, and one came after the
// move of the other: one was taken for the other, though the server had told of
// neither.
func TestTwinsThatWereBothMoved(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.archive, true)
	m.sync(m.inbox, true, added("1:1", 1))
	move := func() activesync.OpID {
		return m.queue(activesync.Op{Kind: activesync.OpMove, Item: m.rows(m.inbox)[0].ID, To: m.archive})
	}
	first := move()
	m.tried(first)
	m.sync(m.inbox, true, added("1:2", 1))
	ok(t, m.FinishOp(t.Context(), move(), ""))
	ok(t, m.FinishOp(t.Context(), first, ""))
	if rows := m.rows(m.archive); len(rows) != 2 {
		t.Errorf("before the server tells of them the list has %d rows, want 2", len(rows))
	}
	m.sync(m.archive, true, added("2:1", 1), added("2:2", 1))
	m.sync(m.archive, true)
	if rows := m.rows(m.archive); len(rows) != 2 {
		t.Errorf("in the end the list has %d rows, want 2", len(rows))
	}
}
