package store_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

func outgoing(due time.Time) activesync.Op {
	return activesync.Op{Account: alice, Kind: activesync.OpSend, Send: &activesync.Outgoing{ClientID: "c", MessageID: "m@example.test", Subject: "Budget", Due: due}}
}

// queueMail is QueueMail for a message that is here.
func (m *mailbox) queueMail(op activesync.Op, mime string, d activesync.Draft) (activesync.OpID, error) {
	return m.QueueMail(m.t.Context(), op, d, func(w io.Writer) error {
		_, err := io.WriteString(w, mime)
		return err
	})
}

// mime is the message of a record.
func (m *mailbox) mime(id activesync.OpID) string {
	m.t.Helper()
	r, err := m.OpMIME(m.t.Context(), id)
	ok(m.t, err)
	defer r.Close()
	b, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	ok(m.t, err)
	return string(b)
}

func stamped(key, base, stamp, text string) activesync.Draft {
	d := writing(alice, text)
	d.Key, d.Base, d.Stamp = key, base, stamp
	return d
}

// What is being sent is no longer being written, and comes back whole when it
// is taken back; when it is sent nothing is left of it.
func TestADraftLivesAsLongAsItsRecord(t *testing.T) {
	m := fill(t, storetest.Open(t), alice)
	ctx := t.Context()
	kept(t)(m.KeepDraft(ctx, "one", stamped("one", "", "a.1", "half")))
	id, err := m.queueMail(outgoing(time.Time{}), "MIME", stamped("one", "a.1", "a.2", "whole"))
	ok(t, err)
	keptDrafts(t, m, map[string]activesync.Draft{})
	ok(t, m.Check(ctx))
	if _, err := m.KeepDraft(ctx, "one", stamped("one", "a.1", "b.1", "another screen")); !errors.Is(err, activesync.ErrDraftChanged) {
		t.Errorf("what is being sent was written over: %v", err)
	}
	ok(t, m.DropDraft(ctx, "one", ""))
	d, err := m.TakeDraft(ctx, id)
	ok(t, err)
	if d == nil || d.Text != "whole" {
		t.Fatalf("taken back: %+v", d)
	}
	keptDrafts(t, m, map[string]activesync.Draft{"one": stamped("one", "a.1", "a.2", "whole")})
	if ops, err := m.Pending(ctx, alice); err != nil || len(ops) != 0 {
		t.Errorf("the outbox still has %v, %v", ops, err)
	}
	if id, err = m.queueMail(outgoing(time.Time{}), "MIME", *d); err != nil {
		t.Fatal(err)
	}
	ok(t, m.FinishOp(ctx, id, ""))
	keptDrafts(t, m, map[string]activesync.Draft{})
	ok(t, m.Check(ctx))
	if _, err := m.TakeDraft(ctx, id); !errors.Is(err, store.ErrNoOp) {
		t.Errorf("taken back after it was sent: %v", err)
	}
}

func TestWhatIsUnderWayIsNotTakenBack(t *testing.T) {
	m := fill(t, storetest.Open(t), alice)
	ctx := t.Context()
	id, err := m.queueMail(outgoing(time.Time{}), "MIME", stamped("one", "", "a.1", "text"))
	ok(t, err)
	ops, err := m.Pending(ctx, alice)
	ok(t, err)
	ops[0].State = activesync.OpSending
	ok(t, m.SetOp(ctx, ops[0]))
	if _, err := m.TakeDraft(ctx, id); !errors.Is(err, store.ErrUnderWay) {
		t.Errorf("taken back: %v", err)
	}
	if err := m.Postpone(ctx, id, time.Now(), time.Now()); !errors.Is(err, store.ErrUnderWay) {
		t.Errorf("postponed: %v", err)
	}
}

// Two screens that write the same message lose neither text.
func TestTwoScreensOnOneDraft(t *testing.T) {
	m := fill(t, storetest.Open(t), alice)
	ctx := t.Context()
	kept(t)(m.KeepDraft(ctx, "one", stamped("one", "", "a.1", "both have read this")))
	kept(t)(m.KeepDraft(ctx, "one", stamped("one", "a.1", "a.2", "the first went on")))
	kept(t)(m.KeepDraft(ctx, "one", stamped("one", "a.1", "a.2", "the first went on"))) // its answer was lost
	if _, err := m.KeepDraft(ctx, "one", stamped("one", "a.1", "b.1", "so did the second")); !errors.Is(err, activesync.ErrDraftChanged) {
		t.Errorf("the second wrote over the first: %v", err)
	}
	ok(t, m.DropDraft(ctx, "one", "a.1")) // the second gives up what it had read
	keptDrafts(t, m, map[string]activesync.Draft{"one": stamped("one", "a.1", "a.2", "the first went on")})
	id, err := m.queueMail(outgoing(time.Time{}), "MIME", stamped("one", "a.1", "b.2", "the second sends"))
	ok(t, err)
	keptDrafts(t, m, map[string]activesync.Draft{"one." + id.String(): stamped("one", "a.1", "a.2", "the first went on")})
	ok(t, m.Check(ctx))
}

func TestPostponed(t *testing.T) {
	m := fill(t, storetest.Open(t), alice)
	ctx := t.Context()
	due := time.Date(2030, 1, 2, 8, 0, 0, 0, time.UTC)
	id, err := m.queueMail(outgoing(due), "MIME", activesync.Draft{})
	ok(t, err)
	ok(t, m.Postpone(ctx, id, due.Add(time.Hour), due.Add(time.Hour)))
	ops, err := m.Pending(ctx, alice)
	ok(t, err)
	if !ops[0].Send.Due.Equal(due.Add(time.Hour)) || !ops[0].Held(due) || !ops[0].Send.Date.Equal(due.Add(time.Hour)) {
		t.Errorf("%+v", ops[0].Send)
	}
	if mime := m.mime(id); mime != "MIME" {
		t.Errorf("MIME %q", mime)
	}
	ok(t, m.Postpone(ctx, id, time.Time{}, due))
	if ops, err = m.Pending(ctx, alice); err != nil || !ops[0].Send.Due.IsZero() || ops[0].Held(due) {
		t.Errorf("%+v, %v", ops, err)
	}
	if d, err := m.TakeDraft(ctx, id); d != nil || err != nil {
		t.Errorf("a message without a draft gave %v, %v", d, err)
	}
}
