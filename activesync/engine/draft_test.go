package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
)

// writer is somebody who writes messages on one screen.
type writer struct {
	*world
	rev int
}

// keep keeps a draft as the screen does.
func (w *writer) keep(d *activesync.Draft) bool {
	w.t.Helper()
	w.rev++
	d.Account, d.Base, d.Stamp = w.account.ID, d.Stamp, fmt.Sprintf("screen.%d", w.rev)
	due, err := w.store.KeepDraft(context.Background(), d.Key, *d)
	if err != nil {
		w.t.Fatal(err)
	}
	return due
}

func (w *writer) push() {
	w.t.Helper()
	if err := w.engine.Push(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// send queues a draft to be sent, as it was kept last, after so long.
func (w *writer) send(d activesync.Draft, wait time.Duration) {
	w.t.Helper()
	id := message.NewMessageID("example.test")
	mime, err := message.Compose(&d, message.ComposeOptions{From: activesync.Address{Address: testEmail}, Date: time.Now(), MessageID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	d.Base = d.Stamp
	if _, err := w.store.QueueMail(context.Background(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend,
		Send: &activesync.Outgoing{ClientID: "c1", MessageID: id, To: d.To, Subject: d.Subject, Due: time.Now().Add(wait)}}, d, func(out io.Writer) error { _, err := out.Write(mime); return err }); err != nil {
		w.t.Fatal(err)
	}
}

// lose has changes go wrong for an hour.
func (w *writer) lose(fault server.Fault) {
	w.t.Helper()
	w.setFault(func(r *server.Request) *server.Fault {
		if r.Command != "Sync" || !carriesCommands(r) {
			return nil
		}
		f := fault
		return &f
	})
	if err := w.engine.Push(context.Background()); err == nil {
		w.t.Error("the push went through")
	}
	w.setFault(nil)
	time.Sleep(time.Hour)
}

// letters are what the server has in a folder: subject, text and the names and
// contents of the files.
func (w *writer) letters(path string) (out []string) {
	w.t.Helper()
	items, err := w.box.Items(path)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, it := range items {
		m := message.ParseBytes(it.MIME)
		s := m.Subject + ": " + strings.TrimSpace(m.PlainText())
		for _, f := range m.Attachments {
			s += fmt.Sprintf(" [%s %s]", f.Name, f.Content)
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func (w *writer) want(path string, letters ...string) {
	w.t.Helper()
	slices.Sort(letters)
	if got := w.letters(path); !slices.Equal(got, letters) {
		w.t.Errorf("the server has in %s:\n%q\nwant\n%q", path, got, letters)
	}
}

// settled checks that nothing waits and that both sides have the same drafts.
func (w *writer) settled() {
	w.t.Helper()
	ctx := context.Background()
	if ops, err := w.store.Pending(ctx, w.account.ID); err != nil || len(ops) > 0 {
		w.t.Errorf("the journal holds %+v, %v", ops, err)
	}
	if err := w.store.Check(ctx); err != nil {
		w.t.Error(err)
	}
	var here, there []string
	for _, h := range w.rows(activesync.FolderDrafts) {
		m, err := w.store.Message(ctx, h.ID)
		if err != nil || !h.Draft {
			w.t.Errorf("%+v, %v", h, err)
		}
		here = append(here, h.Subject+": "+strings.TrimSpace(message.PlainText(m.Body)))
	}
	for _, s := range w.letters("Drafts") {
		text, _, _ := strings.Cut(s, " [")
		there = append(there, text)
	}
	slices.Sort(here)
	slices.Sort(there)
	if !slices.Equal(here, there) {
		w.t.Errorf("drafts here:\n%q\nthere\n%q", here, there)
	}
}

// write keeps a draft and brings it to the server, with the look after that.
func (w *writer) write(d *activesync.Draft) {
	w.t.Helper()
	w.keep(d)
	w.push()
	w.sync()
}

// ends carries out what waits, and checks which drafts both sides have then.
func (w *writer) ends(letters ...string) {
	w.t.Helper()
	w.push()
	w.sync()
	w.want("Drafts", letters...)
	w.settled()
}

// serving runs a test against every personality in the versions that carry drafts.
func serving(t *testing.T, test func(t *testing.T, w *writer)) {
	for _, v := range []activesync.Version{activesync.V160, activesync.V161} {
		for _, p := range server.Personalities() {
			if v == activesync.V160 && p.Name != "exchange" {
				continue // the two differ in nothing that is about drafts
			}
			t.Run(fmt.Sprintf("%s %s", v, p.Name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p.Portal = 0 // what a page in between does is the simulation's
					w := &writer{world: newWorld(t, server.Config{Versions: []activesync.Version{v}, Personality: p})}
					w.sync()
					test(t, w)
				})
			})
		}
	}
}

// carriesCommands reports whether a Sync request changes something.
func carriesCommands(r *server.Request) bool {
	root, err := wbxml.Parse(r.Body)
	if err != nil {
		return false
	}
	for _, n := range root.Children {
		for _, c := range n.Children {
			if c.Child(wbxml.MustTag("AirSync:Commands")) != nil {
				return true
			}
		}
	}
	return false
}

// otherProgram is a draft as Outlook might leave it.
func otherProgram(subject, text string) []byte {
	return fmt.Appendf(nil, "From: %s\r\nTo: bea@example.test\r\nSubject: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n", testEmail, subject, text)
}

func TestDraftsGoBothWays(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "figures.csv")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	serving(t, func(t *testing.T, w *writer) {
		d := activesync.Draft{Key: "one", To: []activesync.Address{{Address: "bea@example.test"}}, Subject: "Quay", Text: "Half a sen",
			Attachments: []activesync.DraftAttachment{{Name: "figures.csv", Path: path}, {Name: "note.txt", Data: []byte("a note")}}}
		if !w.keep(&d) {
			t.Fatal("nothing is due")
		}
		if rows := w.rows(activesync.FolderDrafts); len(rows) != 1 || rows[0].Subject != "Quay" || !rows[0].Pending {
			t.Errorf("the folder shows %+v", rows)
		}
		w.push()
		w.want("Drafts", "Quay: Half a sen [figures.csv 0123456789] [note.txt a note]")
		w.sync()
		w.settled()
		// Written on, and one file taken off.
		d.Text, d.Attachments = "Half a sentence.", d.Attachments[1:]
		w.write(&d)
		w.want("Drafts", "Quay: Half a sentence. [note.txt a note]")
		w.settled()
		// Another program goes on.
		items, _ := w.box.Items("Drafts")
		if err := w.box.SetDraft(items[0].ID, otherProgram("Quay", "A whole sentence.")); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.settled()
		kept, err := w.store.Drafts(t.Context())
		if got := kept["one"]; err != nil || strings.TrimSpace(got.Text) != "A whole sentence." || len(got.Attachments) != 0 || !got.Elsewhere() {
			t.Errorf("kept: %+v, %v", got, err)
		}
		d.Text = "Of an old state"
		if _, err := w.store.KeepDraft(t.Context(), "one", d); !errors.Is(err, activesync.ErrDraftChanged) {
			t.Errorf("what was made of an old state is kept: %v", err)
		}
		d = kept["one"]
		d.Text += "And another."
		w.write(&d)
		w.settled()
		// Given up.
		if err := w.store.DropDraft(t.Context(), "one", d.Stamp); err != nil {
			t.Fatal(err)
		}
		w.ends()
		if bin := w.letters("Deleted Items"); len(bin) != 1 {
			t.Errorf("Deleted Items: %q", bin)
		}
	})
}

// The answer, or the request, is lost in the middle of making and of changing;
// meanwhile more is written.
func TestLostAnswersDoubleNoDraft(t *testing.T) {
	for name, fault := range map[string]server.Fault{"answer lost": {Drop: true}, "request lost": {Refuse: true}, "refused": {Status: 503}} {
		t.Run(name, func(t *testing.T) {
			serving(t, func(t *testing.T, w *writer) {
				lose := func() { w.lose(fault) }
				d := activesync.Draft{Key: "one", Subject: "Quay", Text: "first", Attachments: []activesync.DraftAttachment{{Name: "a", Data: []byte("A")}}}
				w.keep(&d)
				lose()
				d.Text = "second"
				w.keep(&d)
				w.push()
				w.ends("Quay: second [a A]")
				d.Text, d.Attachments = "third", append(d.Attachments, activesync.DraftAttachment{Name: "b", Data: []byte("B")})
				w.keep(&d)
				lose()
				d.Text = "fourth"
				w.keep(&d)
				w.push()
				w.ends("Quay: fourth [a A] [b B]")
			})
		})
	}
}

func TestADraftChangedOnBothSidesIsTwo(t *testing.T) {
	serving(t, func(t *testing.T, w *writer) {
		d := activesync.Draft{Key: "one", Subject: "Quay", Text: "first"}
		w.write(&d)
		items, _ := w.box.Items("Drafts")
		if err := w.box.SetDraft(items[0].ID, otherProgram("Quay", "of Outlook")); err != nil {
			t.Fatal(err)
		}
		d.Text = "of here"
		w.keep(&d)
		w.push()
		w.ends("Quay: of here", "Quay: of Outlook")
		w.mu.Lock()
		defer w.mu.Unlock()
		if !slices.ContainsFunc(w.notices, func(n activesync.Notice) bool { return n.Kind == activesync.NoticeForked }) {
			t.Error("nobody was told")
		}
	})
}

func TestADraftThatIsGoneElsewhere(t *testing.T) {
	serving(t, func(t *testing.T, w *writer) {
		d := activesync.Draft{Key: "one", Subject: "Quay", Text: "first"}
		w.keep(&d)
		e := activesync.Draft{Key: "two", Subject: "Pier", Text: "first"}
		w.keep(&e)
		w.push()
		w.sync()
		w.want("Drafts", "Pier: first", "Quay: first")
		items, _ := w.box.Items("Drafts")
		for _, it := range items {
			if err := w.box.Delete(it.ID); err != nil {
				t.Fatal(err)
			}
		}
		// What was written since is not lost, the other is gone here too.
		d.Text = "second"
		w.keep(&d)
		w.sync()
		w.ends("Quay: second")
		kept, err := w.store.Drafts(t.Context())
		if err != nil || len(kept) != 1 || kept["one"].Text != "second" {
			t.Errorf("kept: %+v, %v", kept, err)
		}
	})
}

// The draft is deleted elsewhere while a change of it is on its way, and the server
// takes the change all the same.
func TestADraftThatIsGoneBeforeItsChangeArrives(t *testing.T) {
	serving(t, func(t *testing.T, w *writer) {
		d := activesync.Draft{Key: "one", Subject: "Quay", Text: "first"}
		w.write(&d)
		var once sync.Once
		w.setFault(func(r *server.Request) *server.Fault {
			if r.Command == "Sync" && carriesCommands(r) {
				once.Do(func() {
					items, err := w.box.Items("Drafts")
					if err != nil || len(items) != 1 {
						t.Errorf("the server has %d drafts, %v", len(items), err)
						return
					}
					if err := w.box.Delete(items[0].ID); err != nil {
						t.Error(err)
					}
				})
			}
			return nil
		})
		d.Text = "second"
		w.write(&d)
		w.ends("Quay: second")
		// Once that was seen, a deletion elsewhere is one.
		d.Text = "third"
		w.write(&d)
		items, err := w.box.Items("Drafts")
		if err != nil || len(items) != 1 {
			t.Fatalf("%d drafts, %v", len(items), err)
		}
		if err := w.box.Delete(items[0].ID); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.ends()
	})
}

func TestASentDraftLeavesDrafts(t *testing.T) {
	for name, fault := range map[string]*server.Fault{"": nil, "answer lost": {Drop: true}, "refused": {Status: 503}} {
		t.Run(name, func(t *testing.T) {
			serving(t, func(t *testing.T, w *writer) {
				d := activesync.Draft{Key: "one", To: []activesync.Address{{Address: "bea@example.test"}}, Subject: "Quay", Text: "done"}
				w.write(&d)
				d.Text = "done, and sent"
				w.keep(&d)
				w.send(d, 0)
				if fault != nil {
					w.failOnce("SendMail", *fault)
					_ = w.engine.Push(t.Context())
					time.Sleep(time.Hour)
				}
				w.push()
				w.push()
				w.sync()
				ops, err := w.store.Pending(t.Context(), w.account.ID)
				if err != nil {
					t.Fatal(err)
				}
				if len(ops) == 1 && ops[0].State == activesync.OpUncertain && name == "answer lost" {
					return // this server can tell in no way, see TestLostAnswerToSendSendsOnce
				}
				w.want("Drafts")
				w.want("Deleted Items")
				if sent := w.letters("Sent Items"); len(sent) > 1 {
					t.Errorf("sent: %q", sent)
				}
				w.settled()
			})
		})
	}
}

// hold keeps what changes something from being carried out until the fault is
// set to nil and an hour later.
func (w *writer) hold() {
	w.setFault(func(r *server.Request) *server.Fault {
		if r.Command == "Sync" && carriesCommands(r) {
			return &server.Fault{Status: 500}
		}
		return nil
	})
}

// Told again of what it had, a draft that is being sent is not another one, and
// neither is one that was sent and is still to be removed.
func TestASentDraftLeavesAFolderThatStartsAnew(t *testing.T) {
	for name, wait := range map[string]time.Duration{"being sent": 30 * time.Minute, "sent": 0} {
		t.Run(name, func(t *testing.T) {
			serving(t, func(t *testing.T, w *writer) {
				d := activesync.Draft{Key: "one", To: []activesync.Address{{Address: "bea@example.test"}}, Subject: "Quay", Text: "first"}
				w.write(&d)
				d.Text = "done"
				w.keep(&d)
				w.send(d, wait)
				w.hold()
				_ = w.engine.Push(t.Context())
				w.box.ForgetKeys()
				_, _ = w.engine.Sync(t.Context(), nil, true, nil)
				w.want("Drafts", "Quay: first")
				w.setFault(nil)
				time.Sleep(time.Hour)
				w.push()
				w.ends()
			})
		})
	}
}

// A draft was written on and given up, and the answer to what was written got
// lost: it does not come back where that is called otherwise.
func TestADraftThatIsGivenUpDoesNotComeBack(t *testing.T) {
	serving(t, func(t *testing.T, w *writer) {
		d := activesync.Draft{Key: "one", To: []activesync.Address{{Address: "bea@example.test"}}, Subject: "Quay", Text: "first"}
		w.write(&d)
		d.Text = "second"
		w.keep(&d)
		w.lose(server.Fault{Drop: true})
		d.Text = "third"
		w.keep(&d)
		if err := w.store.DropDraft(t.Context(), d.Key, d.Stamp); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.push()
		w.ends()
	})
}

// Where somebody else wrote on a draft that was sent or given up here, that stays.
func TestAChangedDraftIsNotRemoved(t *testing.T) {
	for name, leave := range map[string]func(*writer, activesync.Draft){
		"sent": func(w *writer, d activesync.Draft) { w.send(d, 0) },
		"given up": func(w *writer, d activesync.Draft) {
			if err := w.store.DropDraft(context.Background(), d.Key, d.Stamp); err != nil {
				w.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			serving(t, func(t *testing.T, w *writer) {
				d := activesync.Draft{Key: "one", To: []activesync.Address{{Address: "bea@example.test"}}, Subject: "Quay", Text: "first"}
				w.write(&d)
				leave(w, d)
				w.hold()
				_ = w.engine.Push(t.Context())
				items, _ := w.box.Items("Drafts")
				if err := w.box.SetDraft(items[0].ID, otherProgram("Quay", "of Outlook")); err != nil {
					t.Fatal(err)
				}
				w.setFault(nil)
				time.Sleep(time.Hour)
				w.push()
				w.ends("Quay: of Outlook")
			})
		})
	}
}

// The server gets a text that rests, not each keystroke.
func TestDraftsAreWrittenAtACalmPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{world: newWorld(t, server.Config{})}
		w.sync()
		w.run()
		time.Sleep(time.Minute)
		w.forget()
		drafts := w.folder(activesync.FolderDrafts).ServerID
		d := activesync.Draft{Key: "one", Subject: "Quay"}
		for i := range 4 * 60 {
			d.Text += fmt.Sprintf("word %d ", i)
			if w.keep(&d) {
				w.engine.Wake()
			}
			time.Sleep(250 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		w.want("Drafts", "Quay: "+strings.TrimSpace(d.Text))
		if n := w.requests("Sync", drafts); n > 8 {
			t.Errorf("%d requests for a minute of writing", n)
		}
		w.settled()
	})
}

// Below 16.0 a draft stays here (MS-ASCMD 2.2.3.186.2).
func TestDraftsStayHereBelow160(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V121, activesync.V140, activesync.V141} {
		synctest.Test(t, func(t *testing.T) {
			w := &writer{world: newWorld(t, server.Config{Versions: []activesync.Version{v}})}
			w.sync()
			d := activesync.Draft{Key: "one", Subject: "Quay", Text: "here"}
			if w.keep(&d) {
				t.Errorf("%v: it is to be written to the server", v)
			}
			w.push()
			w.want("Drafts")
			if kept, err := w.store.Drafts(t.Context()); err != nil || kept["one"].Text != "here" {
				t.Errorf("%v: %+v, %v", v, kept, err)
			}
		})
	}
}

// A server that begins to carry drafts gets those that are here.
func TestDraftsFollowToANewVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{world: newWorld(t, server.Config{})}
		d := activesync.Draft{Key: "one", Subject: "Quay", Text: "written before anything was known of the server"}
		w.keep(&d)
		w.sync()
		w.ends("Quay: written before anything was known of the server")
	})
}
