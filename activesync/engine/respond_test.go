package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
)

// invitation is one by Bob to Alice, for tomorrow.
func invitation(uid string, sequence int) []byte {
	start := time.Now().Add(24 * time.Hour).UTC().Format("20060102T150405Z")
	return []byte(strings.ReplaceAll(fmt.Sprintf("From: Bob <bob@example.test>\nTo: alice@example.test\nSubject: Audit\nMessage-ID: <%s-%d@example.test>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nPlease come.\n--b\nContent-Type: text/calendar; method=REQUEST\n\n"+
		"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:%s\nSEQUENCE:%d\nDTSTAMP:20260302T100000Z\nDTSTART:%s\nDURATION:PT1H\nSUMMARY:Audit\n"+
		"LOCATION:Room 4\nORGANIZER;CN=Bob:mailto:bob@example.test\nATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@example.test\nEND:VEVENT\nEND:VCALENDAR\n--b--\n",
		uid, sequence, uid, sequence, start), "\n", "\r\n"))
}

// queueAnswer does what the agent does when the person answers.
func (w *world) queueAnswer(item activesync.ItemID, a activesync.Response) activesync.OpID {
	w.t.Helper()
	state, err := w.store.State(context.Background(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	a.Mail = state.Version < activesync.V160 && !a.Silent
	id, err := w.store.Queue(context.Background(), activesync.Op{Kind: activesync.OpRespond, Item: item, Respond: &a}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) events() []activesync.Event {
	w.t.Helper()
	list, err := w.store.Events(context.Background(), w.account.ID, time.Now().Add(-time.Hour), time.Now().Add(100*time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) push() {
	w.t.Helper()
	if err := w.engine.Push(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// settle pushes and syncs until nothing is left to be done, whatever the server
// comes up with in between.
func (w *world) settle() {
	w.t.Helper()
	for range 8 {
		time.Sleep(10 * time.Minute)
		_ = w.engine.Push(context.Background())
		_, _ = w.engine.Sync(context.Background(), nil, true, nil)
	}
}

// speaks is the version that was agreed on.
func (w *world) speaks() activesync.Version {
	w.t.Helper()
	s, err := w.store.State(context.Background(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Version
}

// mailsAnswers reports whether the server writes to organisers although its
// version does not say so.
func (w *world) mailsAnswers() bool {
	w.t.Helper()
	s, err := w.store.State(context.Background(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Version < activesync.V160 && s.Quirk(activesync.QuirkMailsAnswers) != ""
}

// answersTo are the replies that the organiser got.
func answersTo(t *testing.T, box *server.Mailbox) []calendar.Item {
	t.Helper()
	all, err := box.Items("Inbox")
	if err != nil {
		t.Fatal(err)
	}
	var out []calendar.Item
	for _, m := range all {
		f, err := calendar.ReadICS(message.ParseBytes(m.MIME).Calendar, time.UTC)
		if err != nil || f.Method != "REPLY" {
			t.Fatalf("%v\n%s", err, m.MIME)
		}
		out = append(out, f.Items[0])
	}
	return out
}

func TestInvitationIsAnswered(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		bob := w.server.AddUser("bob", "builder", "bob@example.test")
		time.Sleep(time.Minute)
		w.server.Receive(testEmail, invitation("audit", 2))
		w.settle()
		item := w.rows(activesync.FolderInbox)[0].ID
		op := w.queueAnswer(item, activesync.Response{Answer: activesync.AnswerAccept, Comment: "Früh, aber ja."})
		// Before the server knows of it, it shows.
		m, err := w.store.Message(context.Background(), item)
		if err != nil || m.Meeting == nil || m.Meeting.Answer != activesync.AnswerAccept || !m.Pending {
			t.Fatalf("%v: the message shows %+v", err, m.Meeting)
		}
		for _, e := range w.events() {
			if e.ResponseType != 3 {
				t.Errorf("the agenda shows answer %d", e.ResponseType)
			}
		}
		if err := w.store.RevertOp(context.Background(), op); err != nil {
			t.Fatal(err)
		}
		if m, _ = w.store.Message(context.Background(), item); m.Meeting.Answer != 0 || m.Pending {
			t.Errorf("after Undo the message shows %+v", m.Meeting)
		}
		w.queueAnswer(item, activesync.Response{Answer: activesync.AnswerDecline, Comment: "no"})
		w.queueAnswer(item, activesync.Response{Answer: activesync.AnswerAccept, Comment: "Früh, aber ja."})
		w.settle()
		replies := answersTo(t, bob)
		if len(replies) != 1 {
			t.Fatalf("the organiser got %d answers", len(replies))
		}
		a := replies[0]
		comment := "Früh, aber ja."
		if w.mailsAnswers() {
			comment = "" // its own mail has none before 16.0
		}
		if a.Event.UID != "audit" || a.Sequence != 2 || a.Comment != comment || len(a.Event.Attendees) != 1 || a.Event.Attendees[0].Status != 3 ||
			a.Event.Attendees[0].Address.Address != testEmail {
			t.Errorf("%+v", a)
		}
		events := w.events()
		if len(events) != 1 || events[0].ResponseType != 3 && w.speaks() >= activesync.V140 || events[0].BusyStatus != 2 {
			t.Errorf("the agenda has %+v", events)
		}
		if ops, _ := w.store.Pending(context.Background(), w.account.ID); len(ops) != 0 {
			t.Errorf("still to be done: %+v", ops)
		}
		if h, err := w.store.Header(context.Background(), item); err == nil && h.Folder == w.folder(activesync.FolderInbox).ID {
			t.Error("the invitation is still in the Inbox")
		}
	})
}

// The answer to MeetingResponse is lost: the organiser is told once, and only
// once.
func TestLostAnswerToMeetingResponse(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V121, activesync.V141, activesync.V161} {
		for _, syncFirst := range []bool{false, true} {
			t.Run(fmt.Sprint(v, syncFirst), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
					bob := w.server.AddUser("bob", "builder", "bob@example.test")
					w.server.Receive(testEmail, invitation("audit", 0))
					w.sync()
					w.queueAnswer(w.rows(activesync.FolderInbox)[0].ID, activesync.Response{Answer: activesync.AnswerTentative})
					w.setFault(func(r *server.Request) *server.Fault {
						if r.Command == "MeetingResponse" {
							return &server.Fault{Drop: true}
						}
						return nil
					})
					if err := w.engine.Push(context.Background()); err == nil {
						t.Fatal("the lost answer was not noticed")
					}
					w.setFault(nil)
					if syncFirst {
						w.sync()
					}
					w.push()
					w.push()
					w.sync()
					if got := answersTo(t, bob); len(got) != 1 || got[0].Event.Attendees[0].Status != 2 {
						t.Errorf("the organiser got %+v", got)
					}
					if ops, _ := w.store.Pending(context.Background(), w.account.ID); len(ops) != 0 {
						t.Errorf("still to be done: %+v", ops)
					}
					if e := w.events(); len(e) != 1 || e[0].BusyStatus != 1 {
						t.Errorf("the agenda has %+v", e)
					}
				})
			})
		}
	}
}

func TestSilentAnswer(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V140, activesync.V160} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
			bob := w.server.AddUser("bob", "builder", "bob@example.test")
			w.server.Receive(testEmail, invitation("audit", 0))
			w.sync()
			w.queueAnswer(w.rows(activesync.FolderInbox)[0].ID, activesync.Response{Answer: activesync.AnswerDecline, Silent: true})
			w.push()
			w.sync()
			if got := answersTo(t, bob); len(got) != 0 {
				t.Errorf("%v: the organiser got %+v", v, got)
			}
			if e := w.events(); len(e) != 0 {
				t.Errorf("%v: what was declined is still in the agenda: %+v", v, e)
			}
		})
	}
}

// From 14.1 on an event is answered without its message, an occurrence of a
// series too.
func TestEventIsAnswered(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V141, activesync.V161} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
			start := time.Now().Truncate(time.Hour).Add(24 * time.Hour).UTC()
			id, err := w.box.AddEvent("Calendar", activesync.Event{UID: "round", Subject: "Round", Start: start, End: start.Add(time.Hour), MeetingStatus: 3, ResponseType: 5,
				Organizer: activesync.Address{Address: "bob@example.test"}, Recurrence: activesync.Recurrence{Set: true, Interval: 1, Occurrences: 9}})
			if err != nil {
				t.Fatal(err)
			}
			w.sync()
			event := w.events()[0].ID
			w.queueAnswer(event, activesync.Response{Answer: activesync.AnswerTentative, Instance: start.Add(48 * time.Hour), Silent: true})
			w.queueAnswer(event, activesync.Response{Answer: activesync.AnswerAccept, Silent: true})
			w.push()
			all, _ := w.box.Items("Calendar")
			e := all[0].Event
			if all[0].ID != id || e.ResponseType != 3 || len(e.Exceptions) != 1 || !e.Exceptions[0].Start.Equal(start.Add(48*time.Hour)) || *e.Exceptions[0].BusyStatus != 1 {
				t.Errorf("%v: %+v", v, e)
			}
		})
	}
}

// An answer that the server refuses is left to the person, with the reason.
func TestRefusedAnswerIsParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.server.Receive(testEmail, invitation("audit", 0))
		w.sync()
		item := w.rows(activesync.FolderInbox)[0].ID
		if _, err := w.store.Queue(context.Background(), activesync.Op{Kind: activesync.OpMove, Item: item, To: w.folder(activesync.FolderUserMail).ID}, nil); err != nil {
			t.Fatal(err)
		}
		w.push()
		w.sync()
		w.queueAnswer(item, activesync.Response{Answer: activesync.AnswerAccept})
		w.push()
		ops, _ := w.store.Pending(context.Background(), w.account.ID)
		if len(ops) != 1 || ops[0].State != activesync.OpParked || !strings.Contains(ops[0].Reason, "no invitation") {
			t.Errorf("%+v", ops)
		}
	})
}
