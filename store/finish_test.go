package store_test

import (
	"slices"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// A deletion that was under way was taken back by a move that follows it. When
// it was carried out while Deleted Items started anew, the message and the move
// were forgotten.
func TestDeletedWhileDeletedItemsStartsAnew(t *testing.T) {
	m, id := withMessage(t)
	m.sync(m.bin, true)
	ok(t, m.NoteFolder(t.Context(), m.bin, time.Now(), ""))
	del := m.queue(activesync.Op{Kind: activesync.OpDelete, Item: id})
	m.tried(del)
	ok(t, m.RevertOp(t.Context(), del))
	ok(t, m.Reset(t.Context(), m.bin))
	ok(t, m.FinishOp(t.Context(), del, ""))
	if ops := m.pending(); len(ops) != 1 || ops[0].Kind != activesync.OpMove || ops[0].To != m.inbox {
		t.Fatalf("the journal holds %+v, want the move back", ops)
	}
	m.sync(m.bin, true, added("4:7", 1))
	if ops := m.pending(); len(ops) != 1 || ops[0].ServerID != "4:7" || ops[0].Item != id {
		t.Errorf("the journal holds %+v", ops)
	}
	if rows := m.rows(m.inbox); len(rows) != 1 || rows[0].ID != id {
		t.Errorf("the Inbox holds %+v", rows)
	}
}

// A message was moved, changed, and not found where it was moved to: the
// change is left to the person, with the message.
func TestChangeOfAMessageThatAMoveLost(t *testing.T) {
	m, id := withMessage(t)
	m.sync(m.archive, true)
	move := m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.archive})
	flag := m.queue(activesync.Op{Kind: activesync.OpFlag, Item: id, Flag: activesync.FlagActive})
	ok(t, m.FinishOp(t.Context(), move, ""))
	for range 4 {
		m.sync(m.archive, true)
	}
	ops := m.pending()
	if len(ops) != 1 || ops[0].ID != flag || ops[0].State != activesync.OpParked || ops[0].Reason == "" {
		t.Fatalf("the journal holds %+v", ops)
	}
	m.sync(m.archive, true, added("2:9", 1))
	if rows := m.rows(m.archive); len(rows) != 1 || rows[0].ID != id || rows[0].Flag != activesync.FlagActive {
		t.Errorf("Archive holds %+v", rows)
	}
	ok(t, m.RevertOp(t.Context(), flag))
	ok(t, m.Check(t.Context()))
}

// A folder starts anew, and a message that was changed has left its period
// meanwhile. The change is left to the person, with the message, and carried out
// once that is told of again.
func TestChangeOfAMessageThatLeftThePeriod(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1), added("1:2", 2))
	id := m.rows(m.inbox)[1].ID
	flag := m.queue(activesync.Op{Kind: activesync.OpFlag, Item: id, Flag: activesync.FlagActive})
	ok(t, m.SetFilter(t.Context(), m.inbox, 5)) // a month
	ok(t, m.Reset(t.Context(), m.inbox))
	for range 3 {
		m.sync(m.inbox, true)
	}
	ops := m.pending()
	if len(ops) != 1 || ops[0].ID != flag || ops[0].State != activesync.OpParked || ops[0].Reason == "" || ops[0].ServerID != "" {
		t.Fatalf("the journal holds %+v", ops)
	}
	if rows := m.rows(m.inbox); len(rows) != 1 || rows[0].ID != id {
		t.Errorf("the Inbox holds %+v", rows)
	}
	m.sync(m.inbox, true, added("1:7", 1))
	if rows := m.rows(m.inbox); len(rows) != 1 || rows[0].ID != id || rows[0].Flag != activesync.FlagActive {
		t.Errorf("the Inbox holds %+v", rows)
	}
	if ops := m.pending(); len(ops) != 1 || ops[0].ServerID != "1:7" {
		t.Errorf("the journal holds %+v", ops)
	}
	ok(t, m.RevertOp(t.Context(), flag))
	if rows := m.rows(m.inbox); len(rows) != 1 || rows[0].Flag != 0 {
		t.Errorf("the Inbox holds %+v", rows)
	}
}

// The answer to a mark is lost, and then the server tells of it. The mark is done:
// taken back only then, it would stay on the server.
func TestMarkThatIsToldOfIsDone(t *testing.T) {
	m, id := withMessage(t)
	was := m.rows(m.inbox)[0].Read
	mark := m.queue(activesync.Op{Kind: activesync.OpRead, Item: id, Read: !was})
	m.sync(m.inbox, true, readMark("1:1", was))
	m.tried(mark)
	m.sync(m.inbox, true, readMark("1:1", was))
	if ops := m.pending(); len(ops) != 1 {
		t.Fatalf("the journal holds %+v", ops)
	}
	m.sync(m.inbox, true, readMark("1:1", !was))
	if ops := m.pending(); len(ops) != 0 {
		t.Errorf("the journal holds %+v", ops)
	}
	if rows := m.rows(m.inbox); rows[0].Read == was || rows[0].Pending {
		t.Errorf("the Inbox holds %+v", rows)
	}
	ok(t, m.Check(t.Context()))
}

// Two messages are moved to a folder, and the server numbers what is in it anew
// before it tells of them. Neither becomes the other.
func TestMovedUnderANameThatIsAnothersNow(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1), added("1:2", 2))
	rows := m.rows(m.inbox)
	subject := map[activesync.ItemID]string{}
	for i, h := range rows {
		subject[h.ID] = h.Subject
		move := m.queue(activesync.Op{Kind: activesync.OpMove, Item: h.ID, To: m.archive})
		ok(t, m.FinishMove(t.Context(), move, activesync.ServerID([]string{"2:1", "2:2"}[i])))
	}
	one, two := added("2:1", 1), added("2:2", 2)
	if rows[0].Subject == one.Message.Subject {
		one.ServerID, two.ServerID = two.ServerID, one.ServerID
	}
	m.sync(m.archive, true, one, two)
	got := m.rows(m.archive)
	if len(got) != 2 {
		t.Errorf("Archive holds %+v", got)
	}
	for _, h := range got {
		if subject[h.ID] != h.Subject {
			t.Errorf("item %v was %q and is %q", h.ID, subject[h.ID], h.Subject)
		}
	}
	ok(t, m.Check(t.Context()))
}

// The answers to a move and a deletion are lost, and the mailbox that the messages
// were in starts anew and does not come in step. Where they are now they are told of,
// and are the same; what else is alike there is told of as another.
func TestMovedUnheardOutOfAMailboxThatStartsAnew(t *testing.T) {
	for _, twin := range []bool{false, true} {
		m := newMailbox(t)
		items := []activesync.ItemChange{added("1:1", 1), added("1:2", 2)}
		if twin {
			items = append(items, added("1:3", 1))
		}
		m.sync(m.inbox, true, items...)
		m.sync(m.archive, true)
		m.sync(m.bin, true)
		ok(t, m.NoteFolder(t.Context(), m.bin, time.Now(), ""))
		bySubject := map[string]activesync.ItemID{}
		for _, h := range m.rows(m.inbox) {
			if id := bySubject[h.Subject]; id == 0 || h.ID < id {
				bySubject[h.Subject] = h.ID
			}
		}
		one, two := bySubject[mail(1).Subject], bySubject[mail(2).Subject]
		m.tried(m.queue(activesync.Op{Kind: activesync.OpMove, Item: one, To: m.archive}))
		m.tried(m.queue(activesync.Op{Kind: activesync.OpDelete, Item: two}))
		ok(t, m.Reset(t.Context(), m.inbox))
		m.sync(m.archive, true, added("2:7", 1))
		m.sync(m.bin, true, added("4:7", 2))
		if rows := m.rows(m.bin); len(rows) != 1 || rows[0].ID != two || rows[0].Pending {
			t.Errorf("Deleted Items holds %+v, want item %v", rows, two)
		}
		left := items[2:]
		if rows := m.rows(m.archive); !twin && (len(rows) != 1 || rows[0].ID != one || rows[0].Pending) {
			t.Errorf("Archive holds %+v, want item %v", rows, one)
		}
		m.sync(m.inbox, true, left...)
		if rows, ops := m.rows(m.inbox), m.pending(); len(rows) != len(left) || len(ops) > 0 {
			t.Errorf("the Inbox holds %+v, and the journal %+v", rows, ops)
		}
		if rows := m.rows(m.archive); len(rows) != 1 || rows[0].ID != one {
			t.Errorf("in the end Archive holds %+v, want item %v", rows, one)
		}
		ok(t, m.Check(t.Context()))
	}
}

// A message was moved to its like, by a move of which nobody said what it is called
// there: the like stays what it is.
func TestMovedToItsLike(t *testing.T) {
	m := newMailbox(t)
	m.sync(m.archive, true, added("2:1", 1))
	m.sync(m.inbox, true, added("1:1", 1))
	like, id := m.rows(m.archive)[0].ID, m.rows(m.inbox)[0].ID
	ok(t, m.FinishOp(t.Context(), m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.archive}), ""))
	m.sync(m.archive, true, added("2:2", 1))
	var names []activesync.ServerID
	for _, item := range []activesync.ItemID{like, id} {
		_, name, err := m.ServerID(t.Context(), item)
		ok(t, err)
		names = append(names, name)
	}
	if !slices.Equal(names, []activesync.ServerID{"2:1", "2:2"}) {
		t.Errorf("the server calls them %q", names)
	}
}

// The server told of a message where it was moved to before the move was
// confirmed, and the person flagged it there: the flag is one of the message that
// was moved.
func TestWhatWasDoneToAMessageThatStoodThereTwice(t *testing.T) {
	m, id := withMessage(t)
	m.sync(m.archive, true)
	move := m.queue(activesync.Op{Kind: activesync.OpMove, Item: id, To: m.archive})
	m.tried(move)
	m.sync(m.archive, true, added("2:9", 1))
	var other activesync.ItemID
	for _, h := range m.rows(m.archive) {
		if h.ID != id {
			other = h.ID
		}
	}
	flag := m.queue(activesync.Op{Kind: activesync.OpFlag, Item: other, Flag: activesync.FlagActive})
	ok(t, m.FinishOp(t.Context(), move, "2:9"))
	if rows := m.rows(m.archive); len(rows) != 1 || rows[0].ID != id || rows[0].Flag != activesync.FlagActive {
		t.Errorf("Archive holds %+v", rows)
	}
	if ops := m.pending(); len(ops) != 1 || ops[0].ID != flag || ops[0].Item != id || ops[0].ServerID != "2:9" {
		t.Errorf("the journal holds %+v", ops)
	}
}
