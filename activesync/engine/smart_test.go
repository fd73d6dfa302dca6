package engine_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
)

// answer queues a message about a source and has it sent.
func (w *world) answer(source activesync.ItemID, verb activesync.Verb, subject string) {
	w.t.Helper()
	raw := mime(subject, time.Now())
	_, err := w.store.Queue(w.t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending,
		Send: &activesync.Outgoing{ClientID: strings.ReplaceAll(subject, " ", ""), MessageID: "answer@example.test", Subject: subject, Size: int64(len(raw)), Verb: verb, Source: source}}, raw)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.engine.Push(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.sync()
}

// sentMIME is the copy in Sent Items of the server.
func (w *world) sentMIME() []byte {
	w.t.Helper()
	items, err := w.box.Items("Sent Items")
	if err != nil || len(items) != 1 {
		w.t.Fatalf("%d messages in Sent Items, %v", len(items), err)
	}
	return items[0].MIME
}

// A reply names what it answers, and the server marks that as answered; its
// text is not put below ours once more.
func TestReplyIsThreadedAndMarksTheSource(t *testing.T) {
	for _, v := range activesync.Versions() {
		for verb, field := range map[activesync.Verb]string{activesync.VerbReply: "<message-0@example.test>", activesync.VerbForward: ""} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
				w.fill(1)
				w.sync()
				w.answer(w.rows(activesync.FolderInbox)[0].ID, verb, "an answer")
				sent := message.ParseBytes(w.sentMIME())
				if got := sent.Header.Raw("In-Reply-To"); strings.TrimSpace(got) != field {
					t.Errorf("%v verb %d: In-Reply-To is %q, want %q", v, verb, got, field)
				}
				if strings.Contains(sent.Text, "Text of message 0") {
					t.Errorf("%v verb %d: the text of the source is below: %q", v, verb, sent.Text)
				}
				for _, h := range w.rows(activesync.FolderInbox) {
					if h.Subject == "message 0" && v >= activesync.V140 && h.Verb != verb {
						t.Errorf("%v verb %d: the source is marked %d", v, verb, h.Verb)
					}
				}
			})
		}
	}
}

// A reply to what is gone meanwhile is sent all the same.
func TestReplyToWhatIsGoneIsSent(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.fill(1)
		w.sync()
		items, err := w.box.Items("Inbox")
		if err != nil {
			t.Fatal(err)
		}
		source := w.rows(activesync.FolderInbox)[0].ID
		if err := w.box.Delete(items[0].ID); err != nil {
			t.Fatal(err)
		}
		w.answer(source, activesync.VerbReply, "an answer")
		if !w.who.NoSentCopy {
			if got := message.ParseBytes(w.sentMIME()).Subject; got != "an answer" {
				t.Errorf("sent %q", got)
			}
		}
		if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) > 0 {
			t.Errorf("left in the journal: %+v, %v", ops, err)
		}
		if s, err := w.store.State(t.Context(), w.account.ID); err != nil || s.Quirk(activesync.QuirkBreaksSource) != "" {
			t.Errorf("of the server it was learned that %v, %v", s.Quirks, err)
		}
	})
}

// The server numbers its messages anew, and the mailbox cannot be brought in step.
// What is read, answered or sent on meanwhile is not another message.
func TestNothingIsTakenForAMessageByAnOldNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
		w.fill(6)
		w.sync()
		id := w.rows(activesync.FolderInbox)[1].ID
		read := func() error {
			_, err := w.engine.FetchMIME(t.Context(), id)
			return err
		}
		stuck := func(q *server.Request) *server.Fault {
			if q.Command == "Sync" && q.Collections[0] == "1" {
				return &server.Fault{Status: 500}
			}
			return nil
		}
		w.setFault(stuck)
		if err := w.store.Reset(t.Context(), w.folder(activesync.FolderInbox).ID); err != nil {
			t.Fatal(err)
		}
		if err := read(); err != nil {
			t.Errorf("called as before: %v", err)
		}
		w.box.Renumber()
		if err := read(); !errors.Is(err, activesync.ErrNotFound) {
			t.Errorf("another message was read: %v", err)
		}
		raw := mime("an answer", time.Now())
		if _, err := w.store.Queue(t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Send: &activesync.Outgoing{ClientID: "answer", MessageID: "answer@example.test",
			Size: int64(len(raw)), Verb: activesync.VerbReply, Source: id}}, raw); err != nil {
			t.Fatal(err)
		}
		if err := w.engine.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := message.ParseBytes(w.sentMIME()).Header.Raw("In-Reply-To"); got != "" {
			t.Errorf("it answers %q", got)
		}
		w.setFault(nil)
		w.sync()
		for _, h := range w.rows(activesync.FolderInbox) {
			if h.Verb != activesync.VerbNone {
				t.Errorf("%q is marked as answered", h.Subject)
			}
		}
		if err := read(); err != nil {
			t.Error(err)
		}
	})
}

// An answer waits for its hour, and the server numbers its messages anew meanwhile:
// it is the message that was answered which is marked, and no other.
func TestAnswerThatWaitedMarksItsOwnMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
		w.fill(6)
		w.sync()
		item := w.rows(activesync.FolderInbox)[1]
		raw := mime("an answer", time.Now())
		if _, err := w.store.Queue(t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Send: &activesync.Outgoing{ClientID: "answer", MessageID: "answer@example.test",
			Size: int64(len(raw)), Verb: activesync.VerbReply, Source: item.ID}}, raw); err != nil {
			t.Fatal(err)
		}
		w.box.Renumber()
		time.Sleep(aMoment)
		w.push()
		w.sync()
		for _, h := range w.rows(activesync.FolderInbox) {
			if (h.Verb != activesync.VerbNone) != (h.ID == item.ID) {
				t.Errorf("%q is marked %v, and %q was answered", h.Subject, h.Verb, item.Subject)
			}
		}
	})
}

// An answer to an invitation waits until it is known what that is called now, also
// where it is not yet known that the mailbox starts anew.
func TestAnswerWaitsForTheNameOfItsInvitation(t *testing.T) {
	for _, known := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
			for _, uid := range []string{"audit", "budget", "canteen"} {
				w.server.Receive(testEmail, invitation(uid, 0))
				time.Sleep(time.Second)
			}
			w.sync()
			w.queueAnswer(w.rows(activesync.FolderInbox)[0].ID, activesync.Response{Answer: activesync.AnswerAccept, Silent: true})
			w.box.Renumber()
			if !known {
				time.Sleep(aMoment)
			} else if err := w.store.Reset(t.Context(), w.folder(activesync.FolderInbox).ID); err != nil {
				t.Fatal(err)
			}
			w.push()
			w.sync()
			for _, e := range w.events() {
				if want := map[bool]uint8{true: 3, false: 5}[e.UID == "canteen"]; uint8(e.ResponseType) != want {
					t.Errorf("%s is answered with %d, want %d", e.UID, e.ResponseType, want)
				}
			}
		})
	}
}
