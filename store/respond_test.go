package store_test

import (
	"errors"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
)

// invited is a mailbox with an invitation and the event that it is to.
func invited(t *testing.T) (m *mailbox, message, event activesync.ItemID) {
	t.Helper()
	m = newMailbox(t)
	start := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	in := added("1:1", 1)
	in.Message.Fields |= activesync.HasMeeting
	in.Message.Meeting = &activesync.MeetingRequest{UID: "audit", Start: start, End: start.Add(time.Hour), Organizer: activesync.Address{Address: "bob@example.test"}}
	m.sync(m.inbox, true, in, added("1:2", 2))
	e := &activesync.EventPatch{Fields: activesync.EventUID | activesync.EventStart | activesync.EventEnd | activesync.EventResponseType | activesync.EventMeetingStatus}
	e.UID, e.Start, e.End, e.ResponseType, e.MeetingStatus = "audit", start, start.Add(time.Hour), 5, 3
	m.sync(m.calendar, true, activesync.ItemChange{Kind: activesync.Added, ServerID: "5:1", Event: e})
	events, err := m.Events(t.Context(), alice, start, start.Add(time.Hour))
	ok(t, err)
	for _, h := range m.rows(m.inbox) {
		if h.Subject == in.Message.Subject {
			message = h.ID
		}
	}
	return m, message, events[0].ID
}

// shows holds against what is shown of the answer, in both places.
func (m *mailbox) shows(message, event activesync.ItemID, want activesync.Answer, unanswered uint8) {
	m.t.Helper()
	if message != 0 {
		msg, err := m.Message(m.t.Context(), message)
		ok(m.t, err)
		if msg.Meeting.Answer != want {
			m.t.Errorf("the message shows %q, want %q", msg.Meeting.Answer, want)
		}
	}
	e, err := m.Event(m.t.Context(), event)
	ok(m.t, err)
	list, err := m.Events(m.t.Context(), alice, e.Start, e.End)
	ok(m.t, err)
	if want == 0 {
		want = activesync.Answer(unanswered)
	}
	if e.ResponseType != uint8(want) || list[0].ResponseType != uint8(want) {
		m.t.Errorf("the event shows %d and in the list %d, want %d", e.ResponseType, list[0].ResponseType, want)
	}
}

func TestAnswerShowsAtOnceAndIsTakenBack(t *testing.T) {
	m, message, event := invited(t)
	op := m.queue(activesync.Op{Kind: activesync.OpRespond, Item: message, Respond: &activesync.Response{Answer: activesync.AnswerTentative}})
	m.shows(message, event, activesync.AnswerTentative, 0)
	if got := m.pending()[0].Respond; got.UID != "audit" || got.Organizer.Address != "bob@example.test" || got.Aside {
		t.Errorf("the record says %+v", got)
	}
	second := m.queue(activesync.Op{Kind: activesync.OpRespond, Item: event, Respond: &activesync.Response{Answer: activesync.AnswerAccept}})
	m.shows(0, event, activesync.AnswerAccept, 0)
	if got := m.pending()[1].Respond.Before; got != activesync.AnswerTentative {
		t.Errorf("before it was %q", got)
	}
	ok(t, m.RevertOp(t.Context(), second))
	m.shows(message, event, activesync.AnswerTentative, 0)
	ok(t, m.RevertOp(t.Context(), op))
	m.shows(message, event, activesync.AnswerNone, 5)
	if m.header(message).Pending {
		t.Error("the invitation still waits")
	}
}

// What the server has stays shown until it tells of it, also after it repeats
// the invitation.
func TestAnswerThatTheServerHasIsKept(t *testing.T) {
	m, message, event := invited(t)
	op := m.queue(activesync.Op{Kind: activesync.OpRespond, Item: message, Respond: &activesync.Response{Answer: activesync.AnswerAccept}})
	ok(t, m.FinishOp(t.Context(), op, ""))
	m.shows(message, event, activesync.AnswerAccept, 0)
	again := added("1:1", 1)
	again.Kind = activesync.Updated
	again.Message.Fields |= activesync.HasMeeting
	again.Message.Meeting = &activesync.MeetingRequest{UID: "audit"}
	m.sync(m.inbox, true, again)
	m.shows(message, event, activesync.AnswerAccept, 0)
	declined := &activesync.EventPatch{Fields: activesync.EventResponseType}
	declined.ResponseType = 4
	m.sync(m.calendar, true, activesync.ItemChange{Kind: activesync.Updated, ServerID: "5:1", Event: declined})
	if e, _ := m.Event(t.Context(), event); e.ResponseType != 4 {
		t.Errorf("what the server said last does not hold: %d", e.ResponseType)
	}
}

// The answer to a MeetingResponse was lost, and the next sync says that the
// invitation is gone: it was carried out, and the organiser has to be told.
func TestInvitationGoneAfterItsAnswer(t *testing.T) {
	m, message, event := invited(t)
	op := m.queue(activesync.Op{Kind: activesync.OpRespond, Item: message, Respond: &activesync.Response{Answer: activesync.AnswerAccept, Mail: true}})
	m.tried(op)
	m.sync(m.inbox, true, removed("1:1"))
	if _, err := m.Message(t.Context(), message); !errors.Is(err, store.ErrNoItem) {
		t.Errorf("the invitation is still here: %v", err)
	}
	ops := m.pending()
	if len(ops) != 1 || !ops[0].Respond.Done || ops[0].Item != 0 || ops[0].State != activesync.OpPending {
		t.Fatalf("the journal holds %+v, want the mail to be written", ops)
	}
	m.shows(0, event, activesync.AnswerAccept, 0)
	if err := m.RevertOp(t.Context(), op); !errors.Is(err, store.ErrUnderWay) {
		t.Errorf("taken back although the server has it: %v", err)
	}
	made, err := m.QueueInstead(t.Context(), op, activesync.Op{Kind: activesync.OpSend, Send: &activesync.Outgoing{ClientID: "c"}}, []byte("the answer"))
	ok(t, err)
	mime := m.mime(made)
	if ops = m.pending(); len(ops) != 1 || ops[0].Kind != activesync.OpSend || ops[0].Account != alice || mime != "the answer" {
		t.Errorf("the journal holds %+v with %q", ops, mime)
	}
}

func TestAnswerToWhatIsNoInvitation(t *testing.T) {
	m, message, _ := invited(t)
	for _, h := range m.rows(m.inbox) {
		if h.ID == message {
			continue
		}
		_, err := m.Queue(t.Context(), activesync.Op{Kind: activesync.OpRespond, Item: h.ID, Respond: &activesync.Response{Answer: activesync.AnswerAccept}}, nil)
		if !errors.Is(err, store.ErrNoInvitation) {
			t.Errorf("%v", err)
		}
		// What the message itself says is mailed, and the server is not asked.
		aside := &activesync.Response{Answer: activesync.AnswerAccept, UID: "x", Mail: true, Organizer: activesync.Address{Address: "bob@example.test"}}
		op := m.queue(activesync.Op{Kind: activesync.OpRespond, Item: h.ID, Respond: aside})
		if got := m.pending()[0].Respond; !got.Aside || got.UID != "x" {
			t.Errorf("%+v", got)
		}
		ok(t, m.FinishOp(t.Context(), op, ""))
		if ops := m.pending(); len(ops) != 1 || !ops[0].Respond.Done {
			t.Errorf("%+v", ops)
		}
	}
}
