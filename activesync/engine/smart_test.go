package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store"
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

// passOn queues a message that passes a source on with its files, which the server
// has, to Bob.
func (w *world) passOn(source activesync.ItemID, merge bool) (bob *server.Mailbox) {
	w.t.Helper()
	m, err := w.store.Message(w.t.Context(), source)
	if err != nil {
		w.t.Fatal(err)
	}
	d := message.ReplyDraft(&m, activesync.VerbForward)
	d.Account, d.Key, d.To = w.account.ID, "k", []activesync.Address{{Address: "bob@example.test"}}
	d.Text = "For you." + d.Text
	now := d
	out := activesync.Outgoing{ClientID: "passed", MessageID: "passed@example.test", To: d.To, Subject: d.Subject, Verb: d.Verb, Source: source, Merge: merge}
	if merge {
		now.Text, _ = message.AboveSource(d.Text, &m)
	}
	for i, f := range m.Attachments {
		d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: f.Name, ContentType: f.ContentType, Part: i + 1})
	}
	out.Left = d.Attachments
	return w.outgoing(out, d, now)
}

// outgoing queues a message to Bob; now is what is written of the draft d.
func (w *world) outgoing(out activesync.Outgoing, d, now activesync.Draft) (bob *server.Mailbox) {
	w.t.Helper()
	_, err := w.store.QueueMail(w.t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending, Send: &out}, d,
		func(to io.Writer) error {
			return message.Write(to, &now, message.ComposeOptions{From: activesync.Address{Address: testEmail}, Date: time.Now(), MessageID: out.MessageID})
		})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.server.AddUser("bob", "builder", "bob@example.test")
}

// cameOnce looks for the one message that Bob got, and for the outbox to be empty.
func (w *world) cameOnce(bob *server.Mailbox) *message.Mail {
	w.t.Helper()
	items, err := bob.Items("Inbox")
	if err != nil || len(items) != 1 {
		w.t.Fatalf("%d messages came, %v", len(items), err)
	}
	if ops, err := w.store.Pending(w.t.Context(), w.account.ID); err != nil || len(ops) > 0 {
		w.t.Errorf("left in the journal: %+v, %v", ops, err)
	}
	return message.ParseBytes(items[0].MIME)
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

// The server numbers its messages anew while the file of one is on its way, which
// takes long, or all of it: what has the number now is not passed on.
func TestFilesOnTheirWayWhileNumbersChange(t *testing.T) {
	for name, part := range map[string]int{"a file": 1, "the whole message": activesync.WholeMessage} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { passedOnWhileNumbersChange(t, part) })
		})
	}
}

func passedOnWhileNumbersChange(t *testing.T, part int) {
	w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
	for _, subject := range []string{"m1", "m2"} {
		if _, err := w.box.Deliver("Inbox", server.Mail(withFileOf(mime(subject, time.Now()), subject)), false); err != nil {
			t.Fatal(err)
		}
	}
	w.sync()
	rows := w.rows(activesync.FolderInbox)
	source := rows[slices.IndexFunc(rows, func(h activesync.Header) bool { return h.Subject == "m1" })].ID
	file := activesync.DraftAttachment{Name: "m1", ContentType: "application/octet-stream", Part: part}
	if part == activesync.WholeMessage {
		file.ContentType = "message/rfc822"
	}
	d := activesync.Draft{Account: w.account.ID, Key: "k", To: []activesync.Address{{Address: "bob@example.test"}}, Subject: "For you", Source: source,
		Verb: activesync.VerbForward, Text: "For you."}
	now := d
	d.Attachments = []activesync.DraftAttachment{file}
	bob := w.outgoing(activesync.Outgoing{ClientID: "passed", MessageID: "passed@example.test", To: d.To, Subject: d.Subject, Verb: d.Verb, Source: source, Left: d.Attachments}, d, now)
	var once sync.Once
	w.setFault(func(q *server.Request) (f *server.Fault) {
		if q.Command == "ItemOperations" {
			once.Do(func() {
				w.box.Renumber()
				f = &server.Fault{Delay: 2 * aMoment}
			})
		}
		return f
	})
	for range 4 {
		_ = w.engine.Push(t.Context()) // it may have to be tried again
		time.Sleep(time.Hour)
	}
	if m := w.cameOnce(bob); len(m.Attachments) != 1 || !strings.Contains(string(m.Attachments[0].Content), "content of "+fileOf("m1")) {
		t.Errorf("it came with %d files: %+v", len(m.Attachments), m.Attachments)
	}
}

// A message is to be completed by the server, and its try ends unclearly; meanwhile
// another one shows that the server leaves files out. Whether it was sent or not, it
// arrives once: put together here it has another ClientId, and the server would not
// know it again.
func TestPassedOnOnceWhereTheServerIsNoLongerTrusted(t *testing.T) {
	for name, fault := range map[string]server.Fault{"answer lost": {Drop: true}, "request lost": {CutsRequest: true}} {
		for _, known := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, ClientId known %v", name, known), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, id, file := withFile(t, server.Config{}, 3000)
					err := w.store.UpdateState(t.Context(), w.account.ID, func(s *activesync.AccountState) error {
						s.Quirks = map[string]string{string(activesync.QuirkKeepsSent): "yes"}
						if known {
							s.Quirks[string(activesync.QuirkKnowsSent)] = "yes"
						}
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
					bob := w.passOn(id, true)
					w.setFault(func(r *server.Request) *server.Fault {
						if r.Command == "SmartForward" {
							f := fault
							return &f
						}
						return nil
					})
					if err := w.engine.Push(t.Context()); err == nil {
						t.Fatal("the push went through")
					}
					w.setFault(nil)
					if err := w.store.UpdateState(t.Context(), w.account.ID, func(s *activesync.AccountState) error {
						s.Quirks[string(activesync.QuirkDropsFiles)] = "yes"
						return nil
					}); err != nil {
						t.Fatal(err)
					}
					for range 4 {
						time.Sleep(time.Hour)
						_ = w.engine.Push(t.Context())
					}
					if m := w.cameOnce(bob); len(m.Attachments) != 1 || !bytes.Equal(m.Attachments[0].Content, file) {
						t.Errorf("it came with %d files", len(m.Attachments))
					}
				})
			})
		}
	}
}

// The answer to a message is lost, and the server refuses the next try since it is
// busy: that says nothing of the first one, so the message cannot be taken back.
func TestBusyServerDoesNotUndoWhatMayHaveBeenSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.sync()
		if err := w.store.UpdateState(t.Context(), w.account.ID, func(s *activesync.AccountState) error {
			s.Quirks = map[string]string{string(activesync.QuirkKnowsSent): "yes"}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		raw := mime("a letter", time.Now())
		id, err := w.store.Queue(t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending,
			Send: &activesync.Outgoing{ClientID: "c1", MessageID: "letter@example.test", Subject: "a letter", Size: int64(len(raw))}}, raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range []server.Fault{{Drop: true}, {Status: 503}} {
			w.setFault(func(r *server.Request) *server.Fault {
				if r.Command == "SendMail" {
					return &fault
				}
				return nil
			})
			if err := w.engine.Push(t.Context()); err == nil {
				t.Fatal("the push went through")
			}
			time.Sleep(time.Hour)
		}
		if err := w.store.RevertOp(t.Context(), id); !errors.Is(err, store.ErrUnderWay) {
			t.Errorf("it is taken back: %v", err)
		}
	})
}

// A message is passed on and the answer is lost. Found in Sent without the files of
// the original, it is left to the person as it is where the answer comes.
func TestLostAnswerDoesNotHideThatFilesWereDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, id, _ := withFile(t, server.Config{Personality: server.Personality{DropsFiles: true}}, 3000)
		w.passOn(id, true)
		w.setFault(func(r *server.Request) *server.Fault {
			if r.Command == "SmartForward" {
				return &server.Fault{Drop: true}
			}
			return nil
		})
		if err := w.engine.Push(t.Context()); err == nil {
			t.Fatal("the push went through")
		}
		w.setFault(nil)
		for range 4 {
			time.Sleep(time.Hour)
			_ = w.engine.Push(t.Context())
		}
		if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) != 1 || ops[0].State != activesync.OpParked || !strings.Contains(ops[0].Reason, "without the attachments") {
			t.Errorf("the journal holds %+v, %v", ops, err)
		}
	})
}

// lettersWithFiles are six messages in the Inbox, each with a file of its own.
func (w *world) lettersWithFiles() {
	w.t.Helper()
	for i := range 6 {
		subject := fmt.Sprintf("m%d", i)
		mail, err := message.Compose(&activesync.Draft{To: []activesync.Address{{Address: testEmail}}, Subject: subject,
			Attachments: []activesync.DraftAttachment{{Name: "plan.bin", Data: []byte("of " + subject)}}},
			message.ComposeOptions{From: activesync.Address{Address: "ana@example.test"}, Date: time.Now().Add(-time.Duration(i) * 24 * time.Hour), MessageID: subject + "@example.test"})
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.box.Deliver("Inbox", server.Mail(mail), false); err != nil {
			w.t.Fatal(err)
		}
	}
	w.sync()
}

// A file of another message is attached to a new one, and the server numbers its
// messages anew before that goes: it is the same file.
func TestFileOfAnotherMessageStaysTheSame(t *testing.T) {
	for _, v := range activesync.Versions() {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Versions: []activesync.Version{v}, Personality: server.Personality{BareIDs: true}})
			w.lettersWithFiles()
			item := w.rows(activesync.FolderInbox)[1]
			d := activesync.Draft{Account: w.account.ID, Key: "k", To: []activesync.Address{{Address: "bob@example.test"}}, Subject: "The plan", Text: "See the file.\n"}
			now := d
			d.Attachments = []activesync.DraftAttachment{{Name: "plan.bin", Part: 1, Of: item.ID}}
			bob := w.outgoing(activesync.Outgoing{ClientID: "new", MessageID: "new@example.test", To: d.To, Subject: d.Subject, Left: d.Attachments}, d, now)
			w.box.Renumber()
			time.Sleep(aMoment)
			w.push()
			if m := w.cameOnce(bob); len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "of "+item.Subject {
				t.Errorf("%v: of %s came %+v", v, item.Subject, m.Attachments)
			}
		})
	}
}

// A mailbox cannot be brought in step for long. A file of a message in it is sent all
// the same where the server still calls that so, and no other one in its place.
func TestFileFromAMailboxThatIsStuck(t *testing.T) {
	for _, anew := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Personality: server.Personality{BareIDs: true}})
			w.lettersWithFiles()
			item := w.rows(activesync.FolderInbox)[1]
			d := activesync.Draft{Account: w.account.ID, Key: "k", To: []activesync.Address{{Address: "bob@example.test"}}, Subject: "The plan", Text: "See the file.\n"}
			now := d
			d.Attachments = []activesync.DraftAttachment{{Name: "plan.bin", Part: 1, Of: item.ID}}
			bob := w.outgoing(activesync.Outgoing{ClientID: "new", MessageID: "new@example.test", To: d.To, Subject: d.Subject, Left: d.Attachments}, d, now)
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command == "Sync" && q.Collections[0] == "1" {
					return &server.Fault{Status: 500}
				}
				return nil
			})
			if anew {
				w.box.Renumber()
			}
			for range 4 {
				time.Sleep(time.Hour)
				_ = w.engine.Push(t.Context())
			}
			if !anew {
				if m := w.cameOnce(bob); len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "of "+item.Subject {
					t.Errorf("of %s came %+v", item.Subject, m.Attachments)
				}
				return
			}
			if items, err := bob.Items("Inbox"); err != nil || len(items) > 0 {
				t.Errorf("%d messages came, %v", len(items), err)
			}
			if ops, err := w.store.Pending(t.Context(), w.account.ID); err != nil || len(ops) != 1 || ops[0].State != activesync.OpPending || ops[0].Reason == "" {
				t.Errorf("the journal holds %+v, %v", ops, err)
			}
		})
	}
}

// An old server, which marks no answers, numbers its messages anew while one waits:
// it is the right one all the same that is answered, and whose files are passed on.
func TestWhatWaitsIsAboutItsOwnMessageOnAnOldServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Versions: []activesync.Version{activesync.V121}, Personality: server.Personality{BareIDs: true}})
		w.lettersWithFiles()
		item := w.rows(activesync.FolderInbox)[1]
		bob := w.passOn(item.ID, false)
		raw := mime("an answer", time.Now())
		if _, err := w.store.Queue(t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending,
			Send: &activesync.Outgoing{ClientID: "answer", MessageID: "answer@example.test", Size: int64(len(raw)), Verb: activesync.VerbReply, Source: item.ID}}, raw); err != nil {
			t.Fatal(err)
		}
		w.box.Renumber()
		time.Sleep(aMoment)
		w.push()
		m := w.cameOnce(bob)
		if len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "of "+item.Subject {
			t.Errorf("%s is passed on with the files %+v", item.Subject, m.Attachments)
		}
		items, err := w.box.Items("Sent Items")
		if err != nil {
			t.Fatal(err)
		}
		answer := message.ParseBytes(items[len(items)-1].MIME)
		if got := strings.TrimSpace(answer.Header.Raw("In-Reply-To")); got != "<"+item.Subject+"@example.test>" {
			t.Errorf("the answer to %s answers %s", item.Subject, got)
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
