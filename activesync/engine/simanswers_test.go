package engine_test

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// answer is a reply to a message, or a message that passes it on, as it was
// written.
type answer struct {
	source string // the message, by name
	verb   activesync.Verb
	words  string   // above its text
	files  []string // with their contents
	left   bool     // some of them lie with the server
	merge  bool     // the server puts the original below
	smart  bool     // it was offered by SmartReply or SmartForward
	plain  bool     // it was offered by SendMail
	calm   bool     // it was written when all was well
}

// fileOf is the name of the file that a message has.
func fileOf(subject string) string {
	return "file" + strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, subject) + ".bin"
}

// withFileOf adds its file to a message.
func withFileOf(mail []byte, subject string) []byte {
	head, text, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
	name := fileOf(subject)
	return fmt.Appendf(nil, "%s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n%s--x\r\n"+
		"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"%s\"\r\n\r\ncontent of %s\r\n--x--\r\n", head, text, name, name)
}

// answerMail lets the person answer mail or pass it on. At times the line is bad,
// and something becomes of the original before it goes.
func (s *sim) answerMail() {
	if s.r.IntN(3) == 0 {
		s.badLine()
	}
	for range 1 + s.r.IntN(3) {
		name := s.answer()
		if name == "" {
			return
		}
		s.moment()
		switch s.r.IntN(5) {
		case 0:
			s.changeOriginalThere(name)
		case 1:
			s.changeOriginal(name)
		}
		s.moment()
	}
}

// changeOriginalThere lets another device change what was answered.
func (s *sim) changeOriginalThere(name string) {
	for _, path := range s.mailFolders() {
		items, err := s.box.Items(path)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, it := range items {
			if nameOf(it.MIME) == name {
				s.changeThere(path, it)
				return
			}
		}
	}
}

// changeOriginal lets the person move, flag or delete what they answered.
func (s *sim) changeOriginal(name string) {
	for _, h := range s.shown() {
		if s.nameHere(&h) == name {
			kind := []activesync.OpKind{activesync.OpFlag, activesync.OpMove, activesync.OpDelete}[s.r.IntN(3)]
			to := s.workFolders()
			s.change(h, activesync.Op{Kind: kind, Flag: activesync.FlagActive - h.Flag, To: to[s.r.IntN(len(to))]})
			s.engine.Wake()
			return
		}
	}
}

// answer lets the person answer a message or pass it on, to Bob. It gives the name
// of the message.
func (s *sim) answer() string {
	rows := slices.DeleteFunc(s.shown(), func(h activesync.Header) bool { return s.doubles[h.Subject] })
	if len(rows) == 0 {
		return ""
	}
	h := rows[s.r.IntN(len(rows))]
	verb := []activesync.Verb{activesync.VerbReply, activesync.VerbReplyAll, activesync.VerbForward, activesync.VerbForward}[s.r.IntN(4)]
	if n := slices.IndexFunc(rows, func(h activesync.Header) bool { return h.HasAttachments }); n >= 0 && verb == activesync.VerbForward && s.r.IntN(4) > 0 {
		h = rows[n]
	}
	m, err := s.store.Message(s.ctx, h.ID)
	if err != nil {
		s.fail("message %v: %v", h.ID, err)
	}
	if !m.Body.Whole() || m.Note != "" {
		return "" // the screens get the text first
	}
	due := []time.Duration{0, 0, 0, 20 * time.Second, 25 * time.Minute}[s.r.IntN(5)]
	s.writeAbout(&m, s.nameHere(&h), verb, due)
	return s.nameHere(&h)
}

// writeAbout puts an answer into the outbox, as the screens and the agent do.
func (s *sim) writeAbout(m *activesync.Message, name string, verb activesync.Verb, hold time.Duration) *answer {
	s.last++
	n := s.last // more mail may come meanwhile
	a := &answer{source: name, verb: verb, words: fmt.Sprintf("Answer %d of the person.", n)}
	d := message.ReplyDraft(m, verb)
	d.Account, d.Key, d.To, d.Cc = s.account.ID, fmt.Sprintf("answer-%d", n), []activesync.Address{{Address: "bob@example.test"}}, nil
	d.Text = a.words + d.Text
	id := fmt.Sprintf("sent-%d@example.test", n)
	out := activesync.Outgoing{ClientID: fmt.Sprintf("client-%d", n), MessageID: id, To: d.To, Subject: d.Subject, Verb: verb, Source: m.ID}
	if hold > 0 {
		out.Due = time.Now().Add(hold).UTC()
	}
	now := s.withFiles(&d, &out, a, m)
	var mime bytes.Buffer
	if err := message.Write(&mime, &now, message.ComposeOptions{From: activesync.Address{Address: testEmail}, Date: time.Now(), MessageID: id, Source: m}); err != nil {
		s.fail("write about %s: %v", name, err)
	}
	op, err := s.store.QueueMail(s.ctx, activesync.Op{Account: s.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending, Send: &out}, d,
		func(w io.Writer) error { _, err := w.Write(sameBoundaries(mime.Bytes())); return err })
	if err != nil {
		s.fail("answer %s: %v", name, err)
	}
	s.say("person: %d about %s (item %v) as %s in %v, files %v, by the server %v: record %v", verb, name, m.ID, id, hold, a.files, a.merge, op)
	s.sends[id] = &letter{op: op, subject: d.Subject}
	s.mu.Lock()
	s.answers[id] = a
	s.mu.Unlock()
	s.engine.Wake()
	return a
}

// withFiles attaches a file of the person to what is written about m, and those of
// m where it is passed on with them, which are left with the server. It gives what is
// written now.
func (s *sim) withFiles(d *activesync.Draft, out *activesync.Outgoing, a *answer, m *activesync.Message) activesync.Draft {
	add := func(f activesync.DraftAttachment) {
		d.Attachments = append(d.Attachments, f)
		a.files = append(a.files, f.Name+": content of "+f.Name)
	}
	if s.r.IntN(3) == 0 {
		name := fmt.Sprintf("own%d.bin", s.last)
		add(activesync.DraftAttachment{Name: name, ContentType: "application/octet-stream", Data: []byte("content of " + name)})
	}
	now := *d
	if how := s.r.IntN(4); d.Verb == activesync.VerbForward && len(m.Attachments) > 0 && how > 0 {
		for i, f := range m.Attachments {
			add(activesync.DraftAttachment{Name: f.Name, ContentType: f.ContentType, Size: f.Size, Part: i + 1})
		}
		out.Left = d.Attachments[len(now.Attachments):]
		if how > 1 {
			now.Text, out.Merge = message.AboveSource(d.Text, m)
		}
	}
	a.left, a.merge = len(out.Left) > 0, out.Merge
	slices.Sort(a.files)
	return now
}

// boundary is what message.Write separates parts with, by chance.
var boundary = regexp.MustCompile(`boundary="(b[a-z0-9]{26})"`)

// sameBoundaries writes a message as it is each time the schedule is played.
func sameBoundaries(mime []byte) []byte {
	for i, m := range boundary.FindAllSubmatch(mime, -1) {
		mime = bytes.ReplaceAll(mime, m[1], fmt.Appendf(nil, "b%026d", i))
	}
	return mime
}

// named gives a message that was put together anew its names, which are the same
// each time the schedule is played: out is of the record, mime the message.
func (s *sim) named(out *activesync.Outgoing, mime []byte) []byte {
	number := strings.TrimPrefix(out.Draft, "answer-") + ".whole"
	id := "sent-" + number + "@example.test"
	mime = bytes.ReplaceAll(mime, []byte(out.MessageID), []byte(id))
	out.ClientID, out.MessageID = "client-"+number, id
	return sameBoundaries(mime)
}

// written is the Message-ID under which a message was written.
func written(id string) string { return strings.Replace(id, ".whole@", "@", 1) }

// tried notes how a message is offered to the server.
func (s *sim) tried(id, command string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.answers[written(id)]
	switch {
	case command != "SendMail":
		s.smartAt = time.Now()
		if a == nil {
			s.write("BROKEN: %s is sent by %s", id, command)
			s.wrong = s.trace[len(s.trace)-1]
			return
		}
		a.smart = true
	case a != nil:
		a.plain = true
	}
}

// smartSettled reports whether no request that names a message can be on its way.
func (s *sim) smartSettled() bool {
	const longest = 5*time.Minute + time.Second // see server.Plan
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.smartAt.IsZero() || time.Since(s.smartAt) > longest
}

// lacking reports whether a message of Sent is one that is not sent again under
// the same ClientId, since files are put into it.
func (s *sim) lacking(mime []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.answers[written(message.MessageID(mime))]
	return a != nil && a.left
}

// told is what a device is told of a mark.
func (s *sim) told(v activesync.Verb) activesync.Verb {
	if s.v < activesync.V140 {
		return activesync.VerbNone
	}
	return v
}

// answerInPeace lets the person answer a message that both sides have while all
// is well.
func (s *sim) answerInPeace() {
	s.findPoison()
	pending, err := s.store.Pending(s.ctx, s.account.ID)
	if err != nil {
		s.fail("journal: %v", err)
	}
	paths := s.paths()
	there := map[string]bool{} // by folder and name
	for _, path := range s.box.Folders() {
		items, err := s.box.Items(path)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, it := range items {
			there[path+" "+nameOf(it.MIME)] = true
		}
	}
	verb := []activesync.Verb{activesync.VerbReply, activesync.VerbForward}[s.r.IntN(2)]
	rows := s.shown()
	if verb == activesync.VerbForward { // those with files first
		files := slices.DeleteFunc(slices.Clone(rows), func(h activesync.Header) bool { return !h.HasAttachments })
		rows = append(files, rows...)
	}
	for _, h := range rows {
		name, path := s.nameHere(&h), paths[h.Folder]
		if s.doubles[h.Subject] || s.aside(h.ID) || s.poisoned[path] || !there[path+" "+name] ||
			slices.ContainsFunc(pending, func(op activesync.Op) bool { return op.Item == h.ID }) {
			continue
		}
		if m, err := s.store.Message(s.ctx, h.ID); err == nil && m.Body.Whole() && m.Note == "" {
			s.writeAbout(&m, name, verb, 0).calm = true
			s.moment()
			return
		}
	}
}

// answersStand looks at Bob's for each answer as it was written, about the message
// that it is about and no other, and for the marks of these messages.
func (s *sim) answersStand() {
	items, err := s.bob.Items("Inbox")
	if err != nil {
		s.t.Fatal(err)
	}
	marks, must := map[string][]activesync.Verb{}, map[string]string{}
	for _, a := range s.answers {
		if a.smart {
			marks[a.source] = append(marks[a.source], a.mark())
		}
	}
	for _, it := range items {
		m := message.ParseBytes(it.MIME)
		id := written(m.MessageID)
		a := s.answers[id]
		if a == nil {
			continue
		}
		s.arrivedAsWritten(id, a, m)
		if a.smart && !a.plain {
			must[a.source] = id
		}
		if a.calm && (!a.smart || a.plain) && s.v >= activesync.V140 {
			s.fail("%s was not sent as an answer to %s", id, a.source)
		}
	}
	for _, path := range s.box.Folders() {
		items, err := s.box.Items(path)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, it := range items {
			name := nameOf(it.MIME)
			switch {
			case it.Verb != activesync.VerbNone && !slices.Contains(marks[name], it.Verb):
				s.fail("%s in %s is marked with %d; what was done is %v", name, path, it.Verb, marks[name])
			case it.Verb == activesync.VerbNone && must[name] != "":
				s.fail("%s in %s is not marked, and %s answers it", name, path, must[name])
			}
		}
	}
}

// mark is what the server marks the original with.
func (a *answer) mark() activesync.Verb {
	if a.verb == activesync.VerbForward {
		return activesync.VerbForward
	}
	return activesync.VerbReply
}

// original is the line of a message that tells which it is.
var original = regexp.MustCompile(`(Text|Copy) of m[0-9]+\.`)

func (s *sim) arrivedAsWritten(id string, a *answer, m *message.Mail) {
	subject, copied := strings.CutSuffix(a.source, " copy")
	line := "Text of " + subject + "."
	if copied {
		line = copyOf + subject + "."
	}
	text := m.PlainText()
	if quoted := original.FindAllString(text, -1); !strings.HasPrefix(text, a.words) || !slices.Equal(quoted, []string{line}) || !strings.Contains(text, "End of "+subject+".") {
		s.fail("%s says %q, and is about %s below %q", id, text, a.source, a.words)
	}
	if len(m.To) != 1 || m.To[0].Address != "bob@example.test" || len(m.Cc) > 0 || len(m.From) != 1 || m.From[0].Address != testEmail {
		s.fail("%s is from %v to %v and %v", id, m.From, m.To, m.Cc)
	}
	if to := strings.TrimSpace(m.Header.Raw("In-Reply-To")); to != "" && (a.verb == activesync.VerbForward || to != "<"+strings.ReplaceAll(subject, " ", "-")+"@example.test>") {
		s.fail("%s is about %s, and answers %s", id, a.source, to)
	}
	var files []string
	for _, f := range m.Attachments {
		files = append(files, f.Name+": "+strings.TrimSpace(string(f.Content)))
	}
	slices.Sort(files)
	want := a.files
	if s.who.DropsFiles && a.merge { // it keeps no copies by which that could be told
		want = slices.DeleteFunc(slices.Clone(want), func(f string) bool { return strings.HasPrefix(f, "file") && !slices.Contains(files, f) })
	}
	if !slices.Equal(files, want) {
		s.fail("%s is about %s and came with the files %v, not %v", id, a.source, files, want)
	}
}
