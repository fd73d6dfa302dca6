package engine_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store"
)

// simDraft is a text that must be among the drafts in the end, or must not. Each
// text is written once only, and tells one state of a draft from all others.
type simDraft struct {
	subject string
	files   []string
	gone    bool // given up, sent, or replaced by who had seen it
	loose   bool // which of the two it must be, nobody can say
}

// draftText is a draft here or there.
type draftText struct {
	subject, text string
	files         []string
}

func (d draftText) String() string { return fmt.Sprintf("%s: %s %v", d.subject, d.text, d.files) }

// draftsThere are those that the server has.
func (s *sim) draftsThere() (out []draftText, items []server.Stored) {
	items, err := s.box.Items("Drafts")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, it := range items {
		m := message.ParseBytes(it.MIME)
		d := draftText{subject: m.Subject, text: strings.TrimSpace(m.PlainText())}
		for _, f := range m.Attachments {
			d.files = append(d.files, f.Name+": "+string(f.Content))
		}
		slices.Sort(d.files)
		out = append(out, d)
	}
	return out, items
}

// drafts lets the person, and another device, write on what is not sent yet.
func (s *sim) drafts() {
	if s.r.IntN(3) == 0 {
		s.badLine()
	}
	for range 2 + s.r.IntN(3) {
		s.draft()
		s.moment()
		if s.r.IntN(2) == 0 {
			s.sleep(time.Duration(1+s.r.IntN(20)) * time.Second)
		}
	}
}

func (s *sim) draft() {
	n := s.r.IntN(8)
	if n < 2 {
		s.draftElsewhere()
		return
	}
	d, ok := s.openDraft()
	switch {
	case !ok || n == 2:
		s.last++
		s.keepDraft(activesync.Draft{Key: fmt.Sprintf("screen-%d", s.last), Subject: fmt.Sprintf("d%d", s.last), To: []activesync.Address{{Address: "bob@example.test"}}})
	case n == 3:
		s.dropDraft(d)
	case n == 4 && len(d.To) > 0:
		s.sendDraft(d)
	default:
		s.keepDraft(d)
	}
}

// openDraft is a draft that the person goes on with: one of the folder, where the
// server carries them, else one that is kept here.
func (s *sim) openDraft() (activesync.Draft, bool) {
	var all []activesync.Draft
	kept, err := s.store.Drafts(s.ctx)
	if err != nil {
		s.fail("drafts: %v", err)
	}
	for key, d := range kept {
		d.Key = key
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b activesync.Draft) int { return strings.Compare(a.Text, b.Text) })
	for _, h := range s.draftRows() {
		if m, err := s.store.Message(s.ctx, h.ID); err == nil && h.Draft && h.Folder != 0 && m.Body.Whole() && m.Note == "" {
			d := activesync.Draft{Account: s.account.ID, Subject: m.Subject, To: m.To, Text: strings.TrimSpace(message.PlainText(m.Body))}
			for i, a := range m.Attachments {
				d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: a.Name, ContentType: a.ContentType, Part: i + 1, Of: h.ID})
			}
			if _, found, _ := s.store.DraftOf(s.ctx, h.ID); found {
				continue // it is among those that are kept
			}
			if d, err = s.store.OpenDraft(s.ctx, h.ID, d); err == nil {
				all = append(all, d)
			}
		}
	}
	if len(all) == 0 {
		return activesync.Draft{}, false
	}
	return all[s.r.IntN(len(all))], true
}

// draftRows are the messages in Drafts here.
func (s *sim) draftRows() []activesync.Header {
	folder := s.folderOfType(activesync.FolderDrafts)
	if folder == 0 {
		return nil
	}
	win, err := s.store.Window(s.ctx, folder, activesync.WindowQuery{Count: 1000})
	if err != nil {
		s.fail("drafts: %v", err)
	}
	return win.Rows
}

// keepDraft lets the person write on d, and attach a file or take one off.
func (s *sim) keepDraft(d activesync.Draft) {
	s.last++
	old := strings.TrimSpace(d.Text)
	d.Account, d.Base, d.Stamp, d.Text = s.account.ID, d.Stamp, fmt.Sprintf("screen.%d", s.last), fmt.Sprintf("Text %d of the person.", s.last)
	switch s.r.IntN(4) {
	case 0:
		name := fmt.Sprintf("f%d.txt", s.last)
		d.Attachments = append(slices.Clone(d.Attachments), activesync.DraftAttachment{Name: name, Data: []byte("content of " + name)})
	case 1:
		if n := len(d.Attachments); n > 0 {
			d.Attachments = d.Attachments[:n-1]
		}
	}
	_, err := s.store.KeepDraft(s.ctx, d.Key, d)
	s.say("person: writes %q over %q in %s: %v", d.Text, old, d.Subject, err)
	if errors.Is(err, activesync.ErrDraftChanged) {
		return
	} else if err != nil {
		s.fail("keep draft: %v", err)
	}
	s.replaced(old)
	kept := &simDraft{subject: d.Subject}
	for _, f := range d.Attachments {
		kept.files = append(kept.files, f.Name+": content of "+f.Name)
	}
	slices.Sort(kept.files)
	s.papers[d.Text] = kept
	s.engine.Wake()
}

// replaced notes that a text is gone by the will of who had seen it.
func (s *sim) replaced(text string) {
	if p := s.papers[text]; p != nil {
		p.gone = true
	}
}

// loosen notes that nobody can say what becomes of a text.
func (s *sim) loosen(text string) {
	if p := s.papers[text]; p != nil {
		p.loose = true
	}
}

func (s *sim) dropDraft(d activesync.Draft) {
	s.say("person: gives up %q in %s", d.Text, d.Subject)
	if err := s.store.DropDraft(s.ctx, d.Key, d.Stamp); err != nil {
		s.fail("drop draft: %v", err)
	}
	s.replaced(strings.TrimSpace(d.Text))
	s.engine.Wake()
}

// sendDraft sends a draft to Bob.
func (s *sim) sendDraft(d activesync.Draft) {
	s.last++
	n := s.last // more mail may come meanwhile
	id := fmt.Sprintf("sent-%d@example.test", n)
	raw := fmt.Appendf(nil, "From: %s\r\nTo: bob@example.test\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\n\r\n%s\r\n", testEmail, d.Subject, time.Now().Format(time.RFC1123Z), id, d.Text)
	d.Base = d.Stamp
	op, err := s.store.QueueMail(s.ctx, activesync.Op{Account: s.account.ID, Kind: activesync.OpSend,
		Send: &activesync.Outgoing{ClientID: fmt.Sprintf("client-%d", n), MessageID: id, To: d.To, Subject: d.Subject}}, d,
		func(w io.Writer) error { _, err := w.Write(raw); return err })
	if err != nil {
		s.fail("send the draft %s: %v", d.Subject, err)
	}
	s.say("person: sends the draft %q in %s as %s, record %v", d.Text, d.Subject, id, op)
	s.sends[id] = &letter{op: op, subject: d.Subject}
	s.loosen(strings.TrimSpace(d.Text)) // until it is sent for certain it may be either
	s.engine.Wake()
}

// draftElsewhere lets another device make, change or delete a draft.
func (s *sim) draftElsewhere() {
	if s.v < activesync.V160 {
		return
	}
	s.last++
	there, items := s.draftsThere()
	text := fmt.Sprintf("Text %d of another device.", s.last)
	what := s.r.IntN(3)
	if len(items) == 0 || what == 0 {
		subject := fmt.Sprintf("d%d", s.last)
		s.say("another device: writes the draft %s", subject)
		if err := s.box.PutAll("Drafts", []server.Delivery{{Source: server.Mail(otherProgram(subject, text)), Date: time.Now(), Read: true}}); err != nil {
			s.t.Fatal(err)
		}
		s.papers[text] = &simDraft{subject: subject}
		return
	}
	n := s.r.IntN(len(items))
	s.say("another device: %d of draft %s", what, there[n])
	s.replaced(there[n].text)
	s.loosen(there[n].text)
	var err error
	if what == 1 {
		err = s.box.Delete(items[n].ID)
	} else {
		err = s.box.SetDraft(items[n].ID, otherProgram(there[n].subject, text))
		s.papers[text] = &simDraft{subject: there[n].subject, loose: s.watcher.busy()} // what is under way may go over it, on a server that takes all
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// draftsStand: no text that somebody wrote is lost or doubled, and both sides
// have the same.
func (s *sim) draftsStand() {
	kept, err := s.store.Drafts(s.ctx)
	if err != nil {
		s.fail("drafts: %v", err)
	}
	here := map[string]bool{}
	for _, d := range kept {
		here[strings.TrimSpace(d.Text)] = true
	}
	if s.v < activesync.V160 {
		for text, p := range s.papers {
			if !p.loose && here[text] == p.gone {
				s.fail("the draft %q, given up %v, is here: %v", text, p.gone, here[text])
			}
		}
		return
	}
	there, _ := s.draftsThere()
	held, _ := s.parked()
	var a, b []string
	on := map[string]draftText{}
	for _, d := range there {
		if _, twice := on[d.text]; twice {
			s.fail("the draft %v is on the server twice", d)
		}
		on[d.text] = d
		a = append(a, d.subject+": "+d.text)
	}
	waits := map[string]bool{} // by subject: set aside, or sent for all that is known
	for id := range held {
		if h, err := s.store.Header(s.ctx, id); err == nil {
			waits[h.Subject] = true
		}
	}
	for _, h := range s.draftRows() {
		m, err := s.store.Message(s.ctx, h.ID)
		if err != nil {
			s.fail("draft %v: %v", h.ID, err)
		}
		_, _, err = s.store.DraftOf(s.ctx, h.ID)
		waits[h.Subject] = waits[h.Subject] || errors.Is(err, activesync.ErrOutgoing)
		b = append(b, h.Subject+": "+strings.TrimSpace(message.PlainText(m.Body)))
	}
	for _, line := range slices.Concat(difference(a, b), difference(b, a)) {
		if subject, _, _ := strings.Cut(line, ":"); !waits[subject] {
			s.fail("Drafts differ\n here %v\nthere %v", difference(b, a), difference(a, b))
		}
	}
	for text, p := range s.papers {
		d, ok := on[text]
		switch {
		case p.loose || waits[p.subject]:
		case ok == p.gone:
			s.fail("the draft %q, given up %v, is on the server: %v", text, p.gone, ok)
		case ok && !slices.Equal(d.files, p.files):
			s.fail("the draft %v has not the files %v", d, p.files)
		}
	}
}

// isDraft reports whether a subject is that of a draft.
func isDraft(subject string) bool { return strings.HasPrefix(subject, "d") }

// mayTakeBack reports whether the person can take a record back: what is written
// to Drafts they change instead.
func mayTakeBack(op *activesync.Op) error {
	if op.Kind.Drafts() || op.Kind == activesync.OpSend && op.State != activesync.OpPending {
		return store.ErrUnderWay
	}
	return nil
}
