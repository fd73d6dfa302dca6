package engine_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store"
)

// step does one thing of the schedule and lets some time pass.
func (s *sim) step() {
	switch n := s.r.IntN(100); {
	case n < 3:
		s.moveUnheard()
	case n < 6:
		s.editOccurrences()
	case s.answering && n < 13:
		s.answerMail()
	case n < 33:
		s.act()
	case n < 38:
		s.undo()
	case n < 46:
		if s.r.IntN(3) == 0 {
			s.badLine()
		}
		for range 1 + s.r.IntN(3) {
			s.send()
			s.moment()
		}
	case n < 55:
		s.deliver(s.r, 1+s.r.IntN(4))
	case n < 61:
		s.elsewhere()
	case n < 65:
		s.drafts()
	case n < 72:
		s.peopleAndEvents()
	case n < 76:
		s.folderEvent(s.r)
	case n < 78:
		s.removeMany()
	case n < 81:
		s.disturb()
	case n < 83:
		s.open()
	case n < 89:
		rate := []float64{0, 0, 0.1, 0.3, 0.6, 1}[s.r.IntN(6)]
		s.say("faults at %v", rate)
		s.plan.SetRate(rate)
	case n < 96:
		s.crash()
	case n < 99:
		s.loseNetwork()
	default:
		s.say("tries again by hand")
		s.engine.Resume()
	}
	s.moment()
	if pause := s.r.IntN(4); pause > 0 {
		s.sleep([]time.Duration{0, time.Millisecond, time.Second, time.Minute}[pause] * time.Duration(1+s.r.IntN(20)))
	}
}

// badLine spoils what comes next.
func (s *sim) badLine() {
	s.say("a bad line")
	s.plan.SetRate(0.5)
}

// mailFolders are the paths of the server's folders in which the person works.
func (s *sim) mailFolders() []string {
	var out []string
	for _, path := range s.box.Folders() {
		if path == "Inbox" || path == "Archive" || path == "Deleted Items" || strings.HasPrefix(path, "Projects") {
			out = append(out, path)
		}
	}
	return out
}

// deliver puts new messages into folders.
func (s *sim) deliver(r *rand.Rand, n int) {
	s.t.Helper()
	if r.IntN(40) == 0 {
		n += 120
	}
	path := "Inbox"
	if all := s.mailFolders(); r.IntN(3) == 0 {
		path = all[r.IntN(len(all))]
	}
	s.say("%d messages come into %s", n, path)
	var list []server.Delivery
	for range n {
		s.last++
		subject := fmt.Sprintf("m%d", s.last)
		if s.who.PoisonStops && r.IntN(60) == 0 && r == s.r {
			subject += " \uFFFE"
		}
		if s.who.Muddles && r.IntN(40) == 0 {
			subject = "muddled " + subject
		}
		date := time.Now().Add(-time.Duration(r.IntN(60*24*3600)) * time.Second)
		list = append(list, server.Delivery{Source: server.Mail(letterOf(subject, date, r.IntN(6) == 0, s.answering && r.IntN(3) == 0)), Date: date, Read: r.IntN(2) == 0})
		if r.IntN(16) == 0 && r == s.r {
			s.twins[subject] = true
			other := list[len(list)-1].Source()
			if r.IntN(2) == 0 {
				s.doubles[subject] = true
			} else {
				other = bytes.Replace(other, []byte("Text of "), []byte(copyOf), 1)
			}
			list = append(list, server.Delivery{Source: server.Mail(other), Date: date, Read: r.IntN(2) == 0})
		}
	}
	if err := s.box.PutAll(path, list); err != nil {
		s.t.Fatal(err)
	}
	if r == s.r {
		s.moment()
	}
}

// letterOf is a message, long where only its first words come with old mail, with
// a file where it has one.
func letterOf(subject string, date time.Time, long, file bool) []byte {
	out := mime(subject, date)
	if long {
		out = append(out, bytes.Repeat([]byte("And so on, and so forth.\r\n"), 60)...)
	}
	out = fmt.Appendf(out, "End of %s.\r\n", subject)
	if file {
		out = withFileOf(out, subject)
	}
	return out
}

// elsewhere lets another device of the person change a message.
func (s *sim) elsewhere() {
	all := s.mailFolders()
	path := all[s.r.IntN(len(all))]
	items, err := s.box.Items(path)
	if err != nil || len(items) == 0 {
		return
	}
	s.changeThere(path, items[s.r.IntN(len(items))])
}

// changeThere lets another device change a message of the server.
func (s *sim) changeThere(path string, it server.Stored) {
	subject := nameOf(it.MIME)
	if isDraft(subject) {
		return
	}
	s.touched(subject)
	what, all := s.r.IntN(5), s.mailFolders()
	s.say("another device: %d on %s in %s", what, subject, path)
	var err error
	switch what {
	case 0:
		err = s.box.MarkRead(it.ID, !it.Read)
	case 1:
		err = s.box.MarkFlag(it.ID, activesync.FlagActive-it.Flag)
	case 2:
		err = s.box.Delete(it.ID)
	default:
		_, err = s.box.Move(it.ID, all[s.r.IntN(len(all))])
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// nameOf is what tells a message of the server from all others: its subject, and
// of two that are alike in all but their text, which one it is.
func nameOf(mime []byte) string {
	_, rest, _ := strings.Cut(string(mime), "Subject: ")
	subject, rest, _ := strings.Cut(rest, "\r\n")
	if strings.Contains(rest, "\r\n\r\n"+copyOf) && !strings.HasPrefix(subject, "Fwd: ") { // which has it below
		subject += " copy"
	}
	return subject
}

// copyOf begins the text of the second of two messages that are alike.
const copyOf = "Copy of "

// nameHere is nameOf for a message that is here.
func (s *sim) nameHere(h *activesync.Header) string {
	if !s.twins[h.Subject] {
		return h.Subject
	}
	m, err := s.store.Message(s.ctx, h.ID)
	if err != nil {
		s.fail("message %v: %v", h.ID, err)
	}
	if strings.HasPrefix(string(m.Body.Data), copyOf) {
		return h.Subject + " copy"
	}
	return h.Subject
}

func (s *sim) touched(subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doubles[subject] {
		if p := s.alikes[subject]; p != nil {
			p.touched = true
		} else {
			s.alikes[subject] = &alike{touched: true, left: map[activesync.ItemID]wish{}}
		}
		return
	}
	if w := s.wishes[subject]; w != nil {
		w.touched = true
	} else {
		s.wishes[subject] = &wish{touched: true}
	}
}

// folderEvent makes, renames or removes a folder.
func (s *sim) folderEvent(r *rand.Rand) {
	var made []string
	for _, path := range s.box.Folders() {
		if strings.HasPrefix(path, "Projects/") {
			made = append(made, path)
		}
	}
	n := r.IntN(3)
	if len(made) == 0 || n == 0 && len(made) < 4 {
		s.mu.Lock()
		s.last++
		path := fmt.Sprintf("Projects/f%d", s.last)
		s.mu.Unlock()
		s.say("folder %s is made", path)
		s.box.AddFolder(path, activesync.FolderUserMail)
		return
	}
	path := made[r.IntN(len(made))]
	if n == 1 {
		s.mu.Lock()
		s.last++
		name := fmt.Sprintf("r%d", s.last)
		s.mu.Unlock()
		s.say("folder %s is renamed to %s", path, name)
		if err := s.box.RenameFolder(path, name); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	s.say("folder %s is removed", path)
	items, err := s.box.Items(path)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, it := range items {
		s.touched(nameOf(it.MIME))
	}
	for _, f := range s.folders() { // what was to go there goes nowhere
		if f.Name == path[strings.LastIndexByte(path, '/')+1:] {
			s.mu.Lock()
			for _, w := range s.wishes {
				w.touched = w.touched || w.folder == f.ID || w.from == f.ID
			}
			for _, p := range s.alikes {
				for _, w := range p.left {
					p.touched = p.touched || w.folder == f.ID
				}
			}
			s.mu.Unlock()
		}
	}
	if err := s.box.DropFolder(path); err != nil {
		s.t.Fatal(err)
	}
}

// loseNetwork breaks off what is under way, and at times is the machine asleep
// until the next morning. Meanwhile neither side hears of what the other does.
func (s *sim) loseNetwork() {
	s.line.cut(true)
	s.moment()
	kinds := 4
	if s.answering {
		kinds++
	}
	for range s.r.IntN(4) {
		switch s.r.IntN(kinds) {
		case 0:
			s.act()
		case 1:
			s.elsewhere()
		case 4:
			s.answer()
		default:
			s.bothEdit()
		}
		s.moment()
	}
	if s.r.IntN(2) == 0 {
		s.say("the machine sleeps")
		s.sleep(time.Duration(1+s.r.IntN(12)) * time.Hour)
	}
	s.say("the network is another")
	s.line.cut(false)
	s.engine.Reconnect()
}

// disturb makes the server forget.
func (s *sim) disturb() {
	if s.who.BareIDs && s.r.IntN(2) == 0 {
		s.say("the server numbers all anew")
		// A MoveItems names no key: until the client has looked, the server would move
		// another message, which no client can tell. What was asked for a while ago is
		// looked for first.
		s.plan.SetRate(0)
		s.numberAnew()
		return
	}
	if s.r.IntN(2) == 0 {
		s.say("the server forgets all keys")
		s.box.ForgetKeys()
		return
	}
	s.say("new policies")
	s.box.DropPolicyKeys()
}

// numberAnew has the server number its messages anew, while the network is away or
// not. What the person did before that is about the same messages after it.
func (s *sim) numberAnew() {
	away := s.answering && s.r.IntN(2) == 0
	if away {
		s.line.cut(true)
		s.moment()
		s.answer()
	}
	s.sleep(2 * time.Second)
	if s.smartSettled() {
		s.box.Renumber()
	} else {
		s.say("not yet: what names a message may be on its way")
	}
	if away {
		s.line.cut(false)
		s.engine.Reconnect()
	} else {
		s.engine.CheckNow()
	}
	s.sleep(40 * time.Minute)
}

// shown are the messages in the lists, newest folder last.
func (s *sim) shown() []activesync.Header {
	var out []activesync.Header
	for _, f := range s.folders() {
		if f.Class != activesync.ClassEmail || f.Type == activesync.FolderSent || f.Type == activesync.FolderOutbox || f.Type == activesync.FolderDrafts {
			continue
		}
		win, err := s.store.Window(s.ctx, f.ID, activesync.WindowQuery{Count: 10_000})
		if err != nil {
			s.fail("list: %v", err)
		}
		for _, h := range win.Rows {
			if h.Subject == "" || isDraft(h.Subject) {
				continue // it could not be read, or was given up
			}
			out = append(out, h)
			if name := s.nameHere(&h); s.ids[name] == 0 {
				s.ids[name] = h.ID
			}
		}
	}
	return out
}

// open lets the person read a message whole. From then on its text is here.
func (s *sim) open() {
	rows := s.shown()
	if len(rows) == 0 {
		return
	}
	h := rows[s.r.IntN(len(rows))]
	ctx, stop := context.WithTimeout(byHand(s.ctx), 10*time.Minute)
	defer stop()
	err := s.engine.FetchBody(ctx, h.ID)
	s.moment()
	if err != nil {
		s.say("person: cannot open %s: %v", h.Subject, err)
		return
	}
	s.say("person: opens %s", h.Subject)
}

// opens notes that the text of a message is here, whoever asked for it.
func (s *sim) opens(id activesync.ItemID) {
	h, err := s.store.Header(s.ctx, id)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened[id] = h.Subject
}

// standsHere is looked for after each answer that brought something.
func (s *sim) standsHere() {
	s.textsStay()
	s.shownAsLeft()
}

// textsStay looks whether the texts that were here still are.
func (s *sim) textsStay() {
	s.mu.Lock()
	opened := maps.Clone(s.opened)
	s.mu.Unlock()
	for id, subject := range opened {
		if m, err := s.store.Message(s.ctx, id); err == nil && !m.Body.Whole() {
			s.broken("the text of %s was here, and is cut now", subject)
		}
	}
}

// act lets the person do something to one or some messages.
func (s *sim) act() {
	rows := s.shown()
	if len(rows) == 0 {
		return
	}
	kind := []activesync.OpKind{activesync.OpRead, activesync.OpFlag, activesync.OpMove, activesync.OpDelete}[s.r.IntN(4)]
	to := activesync.FolderID(0)
	if kind == activesync.OpMove {
		all := s.workFolders()
		to = all[s.r.IntN(len(all))]
	}
	n := 1
	if s.r.IntN(4) == 0 {
		n += s.r.IntN(6)
	}
	for range n {
		h := rows[s.r.IntN(len(rows))]
		now, err := s.store.Header(s.ctx, h.ID)
		if err != nil || now.Folder == 0 {
			continue // by an earlier one
		}
		s.change(now, activesync.Op{Kind: kind, Read: !now.Read, Flag: activesync.FlagActive - now.Flag, To: to})
	}
	s.engine.Wake()
}

// workFolders are the mailboxes here into which the person moves mail.
func (s *sim) workFolders() (out []activesync.FolderID) {
	for _, f := range s.folders() {
		if f.Class == activesync.ClassEmail && (f.Type == activesync.FolderUserMail || f.Type == activesync.FolderInbox || f.Type == activesync.FolderDeleted) {
			out = append(out, f.ID)
		}
	}
	return out
}

// change records what the person does to a message.
func (s *sim) change(h activesync.Header, op activesync.Op) {
	op.Item = h.ID
	id, err := s.store.Queue(s.ctx, op, nil)
	if err != nil {
		s.fail("queue %v of %s: %v", op.Kind, h.Subject, err)
	}
	s.say("person: %v %s (item %v) in %v, to %v: record %v", op.Kind, h.Subject, h.ID, h.Folder, op.To, id)
	s.wished(h.ID, h.Folder)
}

// wished notes how a message is left.
func (s *sim) wished(id activesync.ItemID, from activesync.FolderID) {
	h, err := s.store.Header(s.ctx, id)
	if err != nil {
		s.fail("what was changed is gone: %v", err)
	}
	name := s.nameHere(&h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doubles[h.Subject] {
		s.leftAlike(&h)
		return
	}
	w := s.wishes[name]
	if w == nil {
		w = &wish{}
		s.wishes[name] = w
	}
	if _, err := s.store.Header(s.ctx, w.copied); err == nil || w.item != 0 && w.item != id {
		w.touched = true // it is two messages here; the lists are compared in the end
	}
	w.item, w.read, w.flag, w.folder, w.from = id, h.Read, h.Flag, h.Folder, from
	w.anew = w.anew || h.Folder == 0 && !s.everHere(activesync.FolderDeleted)
}

// shownAsLeft: until somebody else has a hand in it a message is shown as the
// person left it, whatever comes from the server meanwhile.
func (s *sim) shownAsLeft() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, w := range s.wishes {
		h, err := s.store.Header(s.ctx, w.item)
		if err != nil || w.touched || w.folder == 0 || w.item == s.reverting {
			continue
		}
		if _, err := s.store.Header(s.ctx, w.copied); err == nil {
			continue // it stands there twice
		}
		if h.Read != w.read || h.Flag != w.flag || h.Folder != w.folder && s.paths()[w.folder] != "" {
			s.wrong = cmp.Or(s.wrong, fmt.Sprintf("after %v %s is shown in %v, read %v, flag %v; it was left in %v, read %v, flag %v", time.Since(s.began), name,
				h.Folder, h.Read, h.Flag, w.folder, w.read, w.flag))
		}
	}
}

// revert notes which item is being changed back, so that nobody looks at it in
// the middle of that.
func (s *sim) revert(id activesync.ItemID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reverting = id
}

// undo takes a record back that has not been carried out yet.
func (s *sim) undo() {
	ops, err := s.store.Pending(s.ctx, s.account.ID)
	if err != nil {
		s.fail("journal: %v", err)
	}
	if len(ops) == 0 {
		return
	}
	op := ops[s.r.IntN(len(ops))]
	s.say("person: takes back %v of item %v, record %v, %v", op.Kind, op.Item, op.ID, op.State)
	person, noPerson := s.store.Contact(s.ctx, op.Item)
	event := s.eventHere(op.Item)
	s.revert(op.Item)
	defer s.revert(0)
	err = s.engine.TakeBack(byHand(s.ctx), func() error {
		if err := mayTakeBack(&op); err != nil {
			return err
		}
		return s.store.RevertOp(s.ctx, op.ID)
	})
	switch {
	case errors.Is(err, store.ErrUnderWay), errors.Is(err, store.ErrNoOp):
	case err != nil:
		s.fail("take back: %v", err)
	case op.Kind == activesync.OpSend:
		for _, l := range s.sends {
			l.recalled = l.recalled || l.op == op.ID
		}
	case noPerson == nil:
		delete(s.mine, person.LastName)
		if op.Kind == activesync.OpContactAdd || s.outlived[person.LastName] {
			delete(s.people, person.LastName)
		}
	case op.Kind == activesync.OpEventAdd, op.Kind == activesync.OpEventChange, event != "":
		delete(s.mine, event)
		delete(s.weeks, event)
		if op.Kind == activesync.OpEventAdd || s.outlived[event] {
			delete(s.people, event)
		}
	default:
		s.wished(op.Item, op.Folder)
	}
	s.engine.Wake()
}

// send lets the person write to Bob.
func (s *sim) send() {
	s.last++
	n := s.last // more mail may come meanwhile
	subject := fmt.Sprintf("s%d", n)
	if s.r.IntN(4) == 0 {
		subject = "the same" // a subject must not be what tells them apart
	}
	id := fmt.Sprintf("sent-%d@example.test", n)
	raw := fmt.Appendf(nil, "From: %s\r\nTo: bob@example.test\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\n\r\nText\r\n", testEmail, subject, time.Now().Format(time.RFC1123Z), id)
	op, err := s.store.Queue(s.ctx, activesync.Op{Account: s.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending,
		Send: &activesync.Outgoing{ClientID: fmt.Sprintf("client-%d", n), MessageID: id, Subject: subject, Size: int64(len(raw))}}, raw)
	if err != nil {
		s.fail("send: %v", err)
	}
	s.say("person: sends %s, record %v", id, op)
	s.sends[id] = &letter{op: op, subject: subject}
	s.engine.Wake()
}

// tidySent lets another device empty Sent at times, where that leaves a way to
// tell what was sent: the ClientId.
func (s *sim) tidySent() {
	if s.who.SendsAgain || s.v < activesync.V140 || s.m.IntN(3) > 0 {
		return
	}
	items, err := s.box.Items("Sent Items")
	if err != nil {
		s.t.Error(err)
		return
	}
	s.say("another device empties Sent")
	for _, it := range items {
		if s.lacking(it.MIME) {
			continue
		}
		if err := s.box.Delete(it.ID); err != nil {
			s.t.Error(err)
		}
	}
}

// parked are the records that wait for the person, by item and by record.
func (s *sim) parked() (items map[activesync.ItemID]bool, ops map[activesync.OpID]activesync.OpState) {
	all, err := s.store.Pending(s.ctx, s.account.ID)
	if err != nil {
		s.fail("journal: %v", err)
	}
	items, ops = map[activesync.ItemID]bool{}, map[activesync.OpID]activesync.OpState{}
	held := map[activesync.ItemID]bool{}
	paths := s.paths()
	for _, op := range all {
		set := op.State == activesync.OpParked || op.State == activesync.OpUncertain
		if set && op.Reason == "" {
			s.fail("record %v was set aside without a reason", op.ID)
		}
		if !set && s.poisoned[paths[op.Folder]] {
			set = true // it waits until the folder can be used again
		}
		if !set && op.Reason != "" && s.aside(op.Item) && (s.mass.decided == "") {
			set = true // until the person decides
		}
		if !set && !held[op.Item] {
			s.fail("record %v of item %v is still %v: %s", op.ID, op.Item, op.State, op.Reason)
		}
		held[op.Item] = held[op.Item] || set && op.Item != 0
		items[op.Item], ops[op.ID] = true, op.State
	}
	return items, ops
}

// cure takes away what stops a folder.
func (s *sim) cure() {
	for _, path := range slices.Clone(s.box.Folders()) {
		items, err := s.box.Items(path)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, it := range items {
			if strings.Contains(string(it.MIME), "\uFFFE") {
				if err := s.box.Delete(it.ID); err != nil {
					s.t.Fatal(err)
				}
				s.moment()
			}
		}
	}
}

// findPoison notes which folders are stopped by a message.
func (s *sim) findPoison() {
	for _, path := range s.box.Folders() {
		items, err := s.box.Items(path)
		if err != nil {
			s.t.Fatal(err)
		}
		s.poisoned[path] = slices.ContainsFunc(items, func(it server.Stored) bool { return strings.Contains(string(it.MIME), "\uFFFE") })
	}
}
