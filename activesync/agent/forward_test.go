package agent_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
)

// passing is a house whose Inbox holds a message with two files of 200 KiB, and
// a draft that passes it on as the screens begin it.
type passing struct {
	*house
	files    [2][]byte
	source   activesync.Message
	draft    activesync.Draft
	uploaded *atomic.Int64 // bytes of SendMail and its like
	commands *atomic.Value // the last of them
}

func newPassing(t *testing.T, c server.Config) *passing {
	t.Helper()
	p := &passing{uploaded: new(atomic.Int64), commands: new(atomic.Value)}
	refuse := c.Fault
	c.Fault = func(r *server.Request) *server.Fault {
		switch r.Command {
		case "SendMail", "SmartForward", "SmartReply":
			p.uploaded.Add(int64(len(r.Body)))
			p.commands.Store(r.Command)
		}
		if refuse != nil {
			return refuse(r)
		}
		return nil
	}
	p.house = newHouseOn(t, c)
	src := rand.NewChaCha8([32]byte{1})
	original := activesync.Draft{To: []activesync.Address{{Address: "alice@example.test"}}, Bcc: []activesync.Address{{Address: "secret@example.test"}}, Subject: "Plan", Text: "See **both** files.\n", Markdown: true}
	for i := range p.files {
		p.files[i] = make([]byte, 200<<10)
		_, _ = src.Read(p.files[i]) // never fails
		original.Attachments = append(original.Attachments, activesync.DraftAttachment{Name: fmt.Sprintf("Übersicht %d.bin", i), Data: p.files[i]})
	}
	mime, err := message.Compose(&original, message.ComposeOptions{From: activesync.Address{Address: "ana@example.test"}, Date: time.Now().Add(-time.Hour), MessageID: "plan@example.test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.box.Deliver("Inbox", server.Mail(mime), false); err != nil {
		t.Fatal(err)
	}
	p.add()
	p.run()
	time.Sleep(time.Minute)
	_, rows := p.inbox()
	if p.source, err = p.agent.FetchBody(t.Context(), rows[0].ID); err != nil {
		t.Fatal(err)
	}
	p.draft = message.ReplyDraft(&p.source, activesync.VerbForward)
	p.draft.Account, p.draft.To, p.draft.Key = p.acc.ID, []activesync.Address{{Address: "bob@example.test"}}, "k"
	p.draft.Text = "For you.\n\n-- \nAlice\n" + p.draft.Text
	for i, f := range p.source.Attachments {
		p.draft.Attachments = append(p.draft.Attachments, activesync.DraftAttachment{Name: f.Name, ContentType: f.ContentType, Part: i + 1, Size: f.Size})
	}
	return p
}

// send sends the draft and gives what left.
func (p *passing) send() *message.Mail {
	p.t.Helper()
	if _, err := p.agent.Send(p.t.Context(), p.draft); err != nil {
		p.t.Fatal(err)
	}
	time.Sleep(10 * time.Minute)
	synctest.Wait()
	sent := p.sentAt()
	if len(sent) == 0 {
		p.t.Fatalf("nothing left; the outbox holds %+v", p.outbox())
	}
	return sent[len(sent)-1]
}

// carries holds the files of what left against those of the original.
func (p *passing) carries(m *message.Mail, want ...[]byte) {
	p.t.Helper()
	var got [][sha256.Size]byte
	for _, f := range m.Attachments {
		got = append(got, sha256.Sum256(f.Content))
	}
	if len(got) != len(want) {
		p.t.Errorf("%d files left, want %d", len(got), len(want))
	}
	for _, w := range want {
		if !slices.Contains(got, sha256.Sum256(w)) {
			p.t.Errorf("a file of %d bytes did not arrive as it is", len(w))
		}
	}
}

func (p *passing) sent(command string, least, most int64) {
	p.t.Helper()
	if n := p.uploaded.Load(); n < least || n > most || p.commands.Load() != command {
		p.t.Errorf("%d bytes went up, at last by %v; want %d to %d by %s", n, p.commands.Load(), least, most, command)
	}
}

// What the server has is not sent to it once more: it puts the original below
// the text itself, with its files, in every version.
func TestForwardUploadsOnlyWhatIsNew(t *testing.T) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPassing(t, server.Config{Versions: []activesync.Version{v}})
				p.draft.Markdown = true
				p.draft.Attachments = append(p.draft.Attachments, activesync.DraftAttachment{Name: "own.bin", Data: []byte("mine")})
				m := p.send()
				p.carries(m, p.files[0], p.files[1], []byte("mine"))
				p.sent("SmartForward", 500, 5000)
				text := m.PlainText()
				if !strings.Contains(text, "For you.") || strings.Count(text, "both") != 1 || strings.Contains(text, "Forwarded message") || !strings.Contains(m.HTML, "<strong>both</strong>") {
					t.Errorf("it says %q and %q", text, m.HTML)
				}
				if len(p.outbox()) != 0 {
					t.Errorf("the outbox holds %+v", p.outbox())
				}
				_, rows := p.inbox()
				if rows[0].Verb != activesync.VerbForward && v >= activesync.V140 {
					t.Errorf("the original is marked %d", rows[0].Verb)
				}
			})
		})
	}
}

// Where the person changed what is passed on, the message goes as they left it,
// and the original is marked all the same.
func TestForwardThatWasEditedGoesWhole(t *testing.T) {
	for name, edit := range map[string]func(*passing) (files [][]byte){
		"one file removed": func(p *passing) [][]byte {
			p.draft.Attachments = p.draft.Attachments[:1]
			return p.files[:1]
		},
		"text edited": func(p *passing) [][]byte {
			p.draft.Text = strings.Replace(p.draft.Text, "files.", "files, but not this.", 1)
			return p.files[:]
		},
		"text removed": func(p *passing) [][]byte {
			p.draft.Text = "Only the files.\n"
			return p.files[:]
		},
		"text attached": func(p *passing) [][]byte {
			p.draft.Attachments = append(p.draft.Attachments, activesync.DraftAttachment{Name: "own.txt", Data: []byte("mine")})
			return [][]byte{p.files[0], p.files[1], []byte("mine")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPassing(t, server.Config{})
				files := edit(p)
				m := p.send()
				p.carries(m, files...)
				p.sent("SmartForward", 250<<10, 1<<20)
				if got, want := strings.TrimSpace(m.PlainText()), strings.TrimSpace(p.draft.Text); got != want {
					t.Errorf("it says %q, want %q", got, want)
				}
				if _, rows := p.inbox(); rows[0].Verb != activesync.VerbForward {
					t.Errorf("the original is marked %d", rows[0].Verb)
				}
			})
		})
	}
}

// A server that does not send the original on gets it sent, and a server that
// leaves out its files is not trusted with them a second time.
func TestForwardWhereTheServerDoesNotHelp(t *testing.T) {
	refuse := func(r *server.Request) *server.Fault {
		if r.Command == "SmartForward" {
			return &server.Fault{Status: http.StatusNotImplemented}
		}
		return nil
	}
	t.Run("refused", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPassing(t, server.Config{Fault: refuse})
			m := p.send()
			p.carries(m, p.files[0], p.files[1])
			p.sent("SendMail", 500<<10, 1<<20)
			if !strings.Contains(m.PlainText(), "Forwarded message") || len(p.sentAt()) != 1 || len(p.outbox()) != 0 {
				t.Errorf("%d messages left, the last says %q; outbox %+v", len(p.sentAt()), m.PlainText(), p.outbox())
			}
		})
	})
	t.Run("left out", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPassing(t, server.Config{Personality: server.Personality{DropsFiles: true}})
			p.carries(p.send())
			ops := p.outbox()
			if len(ops) != 1 || ops[0].State != activesync.OpParked || !strings.Contains(ops[0].Reason, "without the attachments") {
				t.Fatalf("the outbox holds %+v", ops)
			}
			if err := p.agent.Retry(t.Context(), ops[0].ID); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			sent := p.sentAt()
			if len(sent) != 2 || len(p.outbox()) != 0 {
				t.Fatalf("%d messages left, the outbox holds %+v", len(sent), p.outbox())
			}
			p.carries(sent[1], p.files[0], p.files[1])
			p.draft.Key, p.draft.Subject = "k2", "Fwd: once more"
			p.carries(p.send(), p.files[0], p.files[1])
		})
	})
	t.Run("another of that subject", func(t *testing.T) { // was taken for the copy of what was sent
		synctest.Test(t, func(t *testing.T) {
			p := newPassing(t, server.Config{})
			other, err := message.Compose(&activesync.Draft{To: p.draft.To, Subject: p.draft.Subject, Text: "No files.\n"},
				message.ComposeOptions{From: activesync.Address{Address: "alice@example.test"}, Date: time.Now().Add(time.Minute), MessageID: "other@example.test"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.box.Deliver("Sent Items", server.Mail(other), true); err != nil {
				t.Fatal(err)
			}
			if _, err := p.agent.Send(t.Context(), p.draft); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			if ops := p.outbox(); len(ops) != 0 {
				t.Errorf("the outbox holds %+v", ops)
			}
		})
	})
	t.Run("gone", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newPassing(t, server.Config{})
			items, err := p.box.Items("Inbox")
			if err != nil {
				t.Fatal(err)
			}
			if err := p.box.Delete(items[0].ID); err != nil {
				t.Fatal(err)
			}
			if _, err := p.agent.Send(t.Context(), p.draft); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			ops := p.outbox()
			if len(ops) != 1 || ops[0].State != activesync.OpParked || len(p.sentAt()) != 0 {
				t.Fatalf("the outbox holds %+v; %d left", ops, len(p.sentAt()))
			}
			d, err := p.agent.TakeDraft(t.Context(), ops[0].ID)
			if err != nil || d.Text != p.draft.Text {
				t.Errorf("taken back: %+v, %v", d, err)
			}
		})
	})
}

// What is attached from another message is fetched when the message goes: it can
// be written and sent without the network.
func TestAttachedFromAnotherMessageOffline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var offline atomic.Bool
		p := newPassing(t, server.Config{Fault: func(*server.Request) *server.Fault {
			if offline.Load() {
				return &server.Fault{Status: http.StatusServiceUnavailable}
			}
			return nil
		}})
		offline.Store(true)
		d := p.letter(time.Time{})
		d.Attachments = []activesync.DraftAttachment{{Name: "b.bin", Part: 2, Of: p.source.ID}, {Name: "plan.eml", ContentType: "message/rfc822", Part: activesync.WholeMessage, Of: p.source.ID}}
		if _, err := p.agent.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if len(p.sentAt()) != 0 || len(p.outbox()) != 1 {
			t.Fatalf("outbox %+v", p.outbox())
		}
		offline.Store(false)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		sent := p.sentAt()
		if len(sent) != 1 || len(sent[0].Attachments) != 2 || !bytes.Equal(sent[0].Attachments[0].Content, p.files[1]) ||
			message.MessageID(sent[0].Attachments[1].Content) != "plan@example.test" {
			t.Fatalf("%d left; outbox %+v", len(sent), p.outbox())
		}
		if whole := message.ParseBytes(sent[0].Attachments[1].Content); len(whole.Bcc) != 0 || len(whole.To) != 1 {
			t.Errorf("a message that is attached tells who got it in secret: %+v", whole.Bcc)
		}
	})
}

// What is to be sent later is put together while the original is there.
func TestForwardForLaterOutlivesTheOriginal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPassing(t, server.Config{})
		p.draft.Due = time.Now().Add(48 * time.Hour)
		if _, err := p.agent.Send(t.Context(), p.draft); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		items, err := p.box.Items("Inbox")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.box.Delete(items[0].ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(49 * time.Hour)
		synctest.Wait()
		sent := p.sentAt()
		if len(sent) != 1 || len(p.outbox()) != 0 {
			t.Fatalf("%d left, the outbox holds %+v", len(sent), p.outbox())
		}
		p.carries(sent[0], p.files[0], p.files[1])
	})
}
