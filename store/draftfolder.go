package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"eas.example/securemail/activesync"
)

const (
	// draftPause is how long a text has to rest before the server gets it, and
	// draftLongest how long it waits at most while somebody writes.
	draftPause   = 5 * time.Second
	draftLongest = 30 * time.Second
	// previewRunes is how much of a text the list shows.
	previewRunes = 120
)

// draftsFolder is the folder in which the server carries drafts, 0 where it
// does not (MS-ASCMD 2.2.3.186.2).
func (a *account) draftsFolder() (activesync.FolderID, error) {
	st, err := a.state()
	if err != nil || st.Version < activesync.V160 {
		return 0, err
	}
	folders, err := a.folders()
	for id, f := range folders {
		if f.Type == activesync.FolderDrafts {
			return id, err
		}
	}
	return 0, err
}

// writeDraft shows a draft in the folder of drafts and has it written to the
// server, once the text rests. It reports whether that took a new record; one that
// waits already is only put off. The caller files r.
func (a *account) writeDraft(r *draftRecord) (due bool, err error) {
	folder, err := a.draftsFolder()
	if err != nil || folder == 0 {
		return false, err
	}
	w, err := a.draftRow(r, folder)
	if err != nil {
		return false, err
	}
	if w == nil {
		return true, a.makeDraft(r, folder)
	}
	before := w.listed()
	if err := a.fillDraft(w, r); err != nil {
		return false, err
	}
	if due, err = a.queueDraft(r, w); err != nil {
		return false, err
	}
	return due, a.replayRow(w, before)
}

// draftRow is the row of a draft that is still among the drafts, nil where it
// has none: then it is not one of the server's any more.
func (a *account) draftRow(r *draftRecord, folder activesync.FolderID) (*row, error) {
	if r.Item == 0 {
		return nil, nil
	}
	w, err := a.row(r.Item)
	if err != nil && !errors.Is(err, ErrNoItem) && !isCorrupt(err) {
		return nil, err
	}
	if err == nil && w.home == folder && w.shown == folder {
		return w, nil
	}
	r.detach()
	return nil, nil
}

// makeDraft gives a draft its item, which waits for its name.
func (a *account) makeDraft(r *draftRecord, folder activesync.FolderID) error {
	id, err := a.accountID()
	if err != nil {
		return err
	}
	w := &row{id: activesync.ItemID(a.t.next(keyLastItem)), kind: kindMessage, home: folder}
	r.Item = w.id
	if err := a.fillDraft(w, r); err != nil {
		return err
	}
	op := activesync.Op{Account: id, Kind: activesync.OpDraftAdd, Item: w.id, Folder: folder, To: folder, Name: r.Draft.Subject,
		ClientID: strings.ToLower(rand.Text()), NotBefore: time.Now().Add(draftPause).UTC(), Draft: &activesync.DraftOp{Key: r.Key}}
	if err := a.addOp(&op); err != nil {
		return err
	}
	if err := a.wait(w, waitMade); err != nil {
		return err
	}
	w.show([]activesync.Op{op}, a)
	return a.save(w, listed{})
}

// queueDraft has a change of a draft written to the server.
func (a *account) queueDraft(r *draftRecord, w *row) (due bool, err error) {
	ops, err := a.opsFor(w.id)
	if err != nil {
		return false, err
	}
	now := time.Now().UTC()
	for i := range ops {
		op := &ops[i]
		if !op.Kind.Drafts() || op.State == activesync.OpSending {
			continue
		}
		due = op.State != activesync.OpPending
		if due || op.Attempts == 0 {
			op.NotBefore = now.Add(draftPause)
			if longest := op.Created.Add(draftLongest); !due && op.NotBefore.After(longest) {
				op.NotBefore = longest
			}
		}
		op.State, op.Reason, op.Name = activesync.OpPending, "", r.Draft.Subject
		return due, a.putOp(op)
	}
	id, err := a.accountID()
	if err != nil {
		return false, err
	}
	op := activesync.Op{Account: id, Kind: activesync.OpDraftChange, Item: w.id, Folder: w.home, ServerID: w.serverID, Name: r.Draft.Subject,
		NotBefore: now.Add(draftPause), Draft: &activesync.DraftOp{Key: r.Key}}
	return true, a.addOp(&op)
}

// fillDraft makes of an item what is written. Its attachments stay those of
// which the server has told.
func (a *account) fillDraft(w *row, r *draftRecord) error {
	m, err := a.message(w, true)
	if err != nil && !isCorrupt(err) {
		return err
	}
	d := &r.Draft
	m.To, m.Cc, m.Bcc, m.Subject, m.Importance, m.HasAttachments = d.To, d.Cc, d.Bcc, d.Subject, d.Importance, len(d.Attachments) > 0
	m.Draft, m.Read, m.Date = true, true, time.Now().UTC().Truncate(time.Millisecond)
	m.Preview = cutRunes(strings.Join(strings.Fields(d.Text), " "), previewRunes)
	text := []byte(strings.ReplaceAll(d.Text, "\n", "\r\n"))
	m.Body = activesync.Body{Type: activesync.BodyPlain, Data: text, Size: int64(len(text))}
	m.Size = m.Body.Size
	r.renumber(&m)
	return a.putMessage(w, &m)
}

// renumber finds the files of a draft that lie with the server alone: where some
// were taken off, the others have another number than when it was opened.
func (r *draftRecord) renumber(m *activesync.Message) {
	r.Draft.Attachments = slices.Clone(r.Draft.Attachments)
	for i := range r.Draft.Attachments {
		f := &r.Draft.Attachments[i]
		if f.Part <= 0 || f.Of != r.Item || f.Of == 0 {
			continue
		}
		if n := slices.IndexFunc(m.Attachments, func(at activesync.Attachment) bool { return at.Name == f.Name }); n >= 0 {
			f.Part = n + 1
		}
	}
}

func cutRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// draftPrint is what a draft is known by when its name is not: subject, those it
// goes to, and its text but for blanks.
func draftPrint(subject string, to, cc []activesync.Address, text string) []byte {
	var w writer
	w.text(strings.TrimSpace(subject))
	for _, l := range [][]activesync.Address{to, cc} {
		w.uint(uint64(len(l)))
		for _, p := range l {
			w.text(strings.ToLower(p.Address))
		}
	}
	w.text(letters(text))
	sum := sha256.Sum256(w.b)
	return sum[:16]
}

// letters are a text without its blanks: programs break lines as they like.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func (r *draftRecord) print() []byte {
	return draftPrint(r.Draft.Subject, r.Draft.To, r.Draft.Cc, r.Draft.Text)
}

// messagePrint is the draftPrint of a message, nil where its text is not here.
func messagePrint(m *activesync.Message) []byte {
	if m.Body.Type != activesync.BodyPlain || m.Body.Truncated {
		return nil
	}
	return draftPrint(m.Subject, m.To, m.Cc, string(m.Body.Data))
}

// sameDraft reports whether a message says what a draft does, as far as it is
// here.
func sameDraft(m *activesync.Message, r *draftRecord) bool {
	is, want := letters(string(m.Body.Data)), letters(r.Draft.Text)
	if m.Body.Truncated && strings.HasPrefix(want, is) {
		is = want
	}
	print := draftPrint(m.Subject, m.To, m.Cc, is)
	if m.Body.Type != activesync.BodyPlain || !bytes.Equal(print, r.print()) || m.Importance != r.Draft.Importance {
		return false
	}
	var names, had []string
	for i := range m.Attachments {
		names = append(names, m.Attachments[i].Name)
	}
	for i := range r.Draft.Attachments {
		if f := &r.Draft.Attachments[i]; slices.Contains(r.Files, f.Identity(r.Item)) {
			had = append(had, f.Name)
		}
	}
	slices.Sort(names)
	slices.Sort(had)
	return slices.Equal(names, had)
}

// eachDraft calls fn for the drafts of the account until it says that it found
// its own. Those that cannot be read are passed over.
func (a *account) eachDraft(fn func(*draftRecord) (found bool)) {
	b := a.in(inDrafts)
	if b == nil {
		return
	}
	c := b.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if r, err := a.draft(k); err == nil && fn(&r) {
			return
		}
	}
}

// draftOf finds the draft that an item is, nil where none is kept of it.
func (a *account) draftOf(id activesync.ItemID) (out *draftRecord) {
	a.eachDraft(func(r *draftRecord) bool {
		if r.Item == id {
			out = r
		}
		return out != nil
	})
	return out
}

// draftShown reports whether a draft still is one: not deleted or moved away.
func (a *account) draftShown(r *draftRecord) bool {
	if r.Item == 0 {
		return true
	}
	w, err := a.row(r.Item)
	return err != nil || w.shown == w.home
}

// isDraft reports whether what the server tells of is the draft that an item is.
func (a *account) isDraft(id activesync.ItemID, p *activesync.MessagePatch) bool {
	if p == nil || !p.Draft {
		return false
	}
	r := a.draftOf(id)
	print := messagePrint(&p.Message)
	return r != nil && print != nil && (bytes.Equal(print, r.print()) || bytes.Equal(print, r.Print))
}

// claimDraft finds the draft that the server tells of under a name that is not
// known: the answer to its making was lost, or the server gives each state of a
// draft another name. 0 is none.
func (ap *application) claimDraft(c *activesync.ItemChange) (activesync.ItemID, error) {
	a := ap.a
	print := messagePrint(&c.Message.Message)
	if print == nil || !c.Message.Draft {
		return 0, nil
	}
	ops, err := a.journal()
	if err != nil {
		return 0, err
	}
	for i := range ops {
		op := &ops[i]
		if op.Kind == activesync.OpDraftAdd && op.State == activesync.OpSending && op.To == ap.folder && bytes.Equal(op.Draft.Print, print) {
			item := op.Item
			return item, a.finish(op.ID, c.ServerID)
		}
	}
	var item activesync.ItemID
	a.eachDraft(func(r *draftRecord) bool {
		if why := a.waitsFor(r.Item); r.Item == 0 || why != waitDoomed && why != waitResync {
			return false
		}
		var sent bool
		if _, sent, err = a.draftOps(r.Item, print); sent || bytes.Equal(print, r.Print) || bytes.Equal(print, r.print()) {
			item = r.Item
		}
		return item != 0 || err != nil
	})
	if item == 0 || err != nil {
		return 0, err
	}
	w, err := a.row(item)
	if err != nil {
		return 0, err
	}
	if err := a.bind(w, ap.folder, c.ServerID); err != nil {
		return 0, err
	}
	return item, a.save(w, w.listed())
}

// draftChanged takes in what the server now has of a draft; r's content is that
// already. What was written here since stays, as a message of its own.
func (ap *application) draftChanged(w *row, p *activesync.MessagePatch) error {
	const content = activesync.HasSubject | activesync.HasTo | activesync.HasCc | activesync.HasBcc | activesync.HasBody | activesync.HasAttachments
	if p.Fields&content == 0 {
		return nil
	}
	a := ap.a
	r := a.draftOf(w.id)
	if r == nil {
		return nil
	}
	m, err := a.message(w, true)
	if err != nil {
		return err
	}
	op, told, err := a.draftOps(w.id, messagePrint(&m))
	if err != nil {
		return err
	}
	switch {
	case sameDraft(&m, r):
		r.Print = r.print()
		return a.putDraft(*r)
	case r.Op != 0: // what is being sent is not what the server has: that stays there
		r.detach()
		return a.putDraft(*r)
	case told:
		return nil // it is what was sent from here; only the answer to that is missing
	case op != nil && bytes.Equal(r.Print, messagePrint(&m)) && len(m.Attachments) == len(r.Files):
		return nil // it is being told what it had; what is newer here goes there
	case op != nil:
		ap.applied.Forked++
		return a.forkDraft(w, r)
	}
	if m.Body.Type != activesync.BodyPlain || !m.Body.Whole() {
		_, err := a.t.dropDraft(r.Key) // it is opened again as a message
		return err
	}
	r.takeOver(&m)
	return a.putDraft(*r)
}

// draftOps finds the last record that writes a draft, nil where none does, and
// whether one that may have been carried out sent the text with a print.
func (a *account) draftOps(id activesync.ItemID, print []byte) (last *activesync.Op, sent bool, err error) {
	ops, err := a.opsFor(id)
	for i := range ops {
		if op := &ops[i]; op.Kind.Drafts() {
			last = op
			sent = sent || op.State == activesync.OpSending && print != nil && bytes.Equal(op.Draft.Print, print)
		}
	}
	return last, sent, err
}

// forkDraft makes of what is written here another draft than the one of the
// server.
func (a *account) forkDraft(w *row, r *draftRecord) error {
	if _, err := a.dropOps(func(op *activesync.Op) bool { return op.Item == w.id && op.Kind.Drafts() }); err != nil {
		return err
	}
	r.detach()
	if _, err := a.writeDraft(r); err != nil {
		return err
	}
	return a.putDraft(*r)
}

// detach lets go of the item that a draft is; files that only that has are
// still to be had from it.
func (r *draftRecord) detach() { r.Item, r.Files, r.Print = 0, nil, nil }

// takeOver makes a draft what the server has of it. What the server does not
// carry stays.
func (r *draftRecord) takeOver(m *activesync.Message) {
	d := &r.Draft
	d.To, d.Cc, d.Bcc, d.Subject, d.Importance = m.To, m.Cc, m.Bcc, m.Subject, m.Importance
	d.Text = strings.ReplaceAll(string(m.Body.Data), "\r\n", "\n")
	had := d.Attachments
	d.Attachments, r.Files = nil, nil
	for i := range m.Attachments {
		at := &m.Attachments[i]
		f := activesync.DraftAttachment{Name: at.Name, ContentType: at.ContentType, Part: i + 1, Of: r.Item}
		if n := slices.IndexFunc(had, func(h activesync.DraftAttachment) bool { return h.Name == at.Name }); n >= 0 {
			f = had[n]
			had = slices.Delete(slices.Clone(had), n, n+1)
		}
		d.Attachments = append(d.Attachments, f)
		r.Files = append(r.Files, f.Identity(r.Item))
	}
	d.MarkElsewhere(strings.ToLower(rand.Text()[:12]))
	r.Print = r.print()
}

// draftGone takes in that the server no longer has a draft: it was sent or
// deleted elsewhere, and is forgotten here unless something was written since.
func (a *account) draftGone(w *row) error {
	r := a.draftOf(w.id)
	if r == nil {
		return nil
	}
	op, _, err := a.draftOps(w.id, nil)
	if err != nil {
		return err
	}
	if r.Op == 0 && op == nil {
		_, err := a.t.dropDraft(r.Key)
		return err
	}
	if r.Op == 0 {
		return a.forkDraft(w, r)
	}
	r.detach()
	return a.putDraft(*r)
}

// draftApart keeps the text of a draft whose item is dropped.
func (a *account) draftApart(id activesync.ItemID) error {
	r := a.draftOf(id)
	if r == nil {
		return nil
	}
	r.detach()
	return a.putDraft(*r)
}

// forgetDraft forgets what is kept of an item that leaves the drafts by the
// person's will; one that is being sent goes on.
func (a *account) forgetDraft(id activesync.ItemID) error {
	r := a.draftOf(id)
	switch {
	case r == nil:
		return nil
	case r.Op != 0:
		r.detach()
		return a.putDraft(*r)
	}
	_, err := a.t.dropDraft(r.Key)
	return err
}

// dropDraftOps takes back what is not on its way yet. A draft of which the
// server has nothing loses its item.
func (a *account) dropDraftOps(r *draftRecord) error {
	if r.Item == 0 {
		return nil
	}
	w, err := a.row(r.Item)
	if err != nil {
		r.detach()
		return nil //nolint:nilerr // there is nothing to take back
	}
	before := w.listed()
	idle := func(op *activesync.Op) bool {
		return op.Item == r.Item && op.Kind.Drafts() && op.State != activesync.OpSending
	}
	if _, err := a.dropOps(idle); err != nil {
		return err
	}
	op, _, err := a.draftOps(r.Item, nil)
	if err != nil {
		return err
	}
	if op == nil && a.waitsFor(r.Item) == waitMade {
		item := r.Item
		r.detach()
		_, err := a.drop(item)
		return err
	}
	return a.replayRow(w, before)
}

// discardDraft removes what the server has of a draft that is no longer kept:
// for good, or to Deleted Items.
func (a *account) discardDraft(r *draftRecord, purge bool) error {
	if a == nil || r.Item == 0 {
		return nil
	}
	if err := a.dropDraftOps(r); err != nil || r.Item == 0 {
		return err
	}
	_, err := a.t.queueItem(activesync.Op{Kind: activesync.OpDelete, Item: r.Item, Purge: purge})
	if errors.Is(err, ErrNoItem) {
		return nil
	}
	return err
}

// renameDraftOps lets records write another draft than the one they were made for.
func (a *account) renameDraftOps(from, to string) error {
	ops, err := a.journal()
	if err != nil {
		return err
	}
	for i := range ops {
		if op := &ops[i]; op.Kind.Drafts() && op.Draft.Key == from {
			op.Draft.Key = to
			if err := a.putOp(op); err != nil {
				return err
			}
		}
	}
	return nil
}

// finishDraft ends a record that wrote a draft: the server has it now.
func (a *account) finishDraft(w *row, op *activesync.Op, before listed, id activesync.ServerID) error {
	if op.Kind == activesync.OpDraftAdd && w.serverID == "" {
		if id == "" {
			if err := a.wait(w, waitMoved); err != nil { // the server will tell of it
				return err
			}
		} else {
			if err := a.unwait(w.id); err != nil {
				return err
			}
			if other := a.lookup(w.home, id); other != 0 && other != w.id {
				if _, err := a.drop(other); err != nil { // it was told of already
					return err
				}
			}
			if err := a.bind(w, w.home, id); err != nil {
				return err
			}
		}
	}
	if r := a.draftOf(w.id); r != nil {
		r.Files, r.Print = op.Draft.Files, op.Draft.Print
		if r.Op == 0 && r.Draft.Stamp != op.Draft.Stamp { // somebody wrote on meanwhile
			if _, err := a.queueDraft(r, w); err != nil {
				return err
			}
		}
		if r.Op == 0 {
			if err := a.fillDraft(w, r); err != nil {
				return err
			}
		}
		if err := a.putDraft(*r); err != nil {
			return err
		}
	}
	return a.replayRow(w, before)
}

// DraftChange is what a record is to write to the server, and the identities of
// the attachments that this has of it. Where the draft is gone since, found is
// false and so is the record.
func (s *Store) DraftChange(ctx context.Context, id activesync.OpID) (d activesync.Draft, had []string, found bool, err error) {
	err = s.changeOp(ctx, id, func(a *account, op *activesync.Op) error {
		if op.Draft == nil {
			return ErrNoOp
		}
		r, have, err := a.t.findDraft(op.Draft.Key)
		switch {
		case err != nil && !isCorrupt(err):
			return err
		case err == nil && have && r.Item == op.Item:
			d, had, found = r.Draft, r.Files, true
			return errNothing
		case op.Kind == activesync.OpDraftAdd:
			_, err := a.drop(op.Item)
			return err
		}
		item := op.Item
		if err := a.deleteOp(id); err != nil {
			return err
		}
		return a.replay(item)
	})
	if err != nil {
		return d, nil, false, fmt.Errorf("read the draft of record %s: %w", id, err)
	}
	return d, had, found, nil
}

// NoteDraft notes what a record is about to write, before it is sent.
func (s *Store) NoteDraft(ctx context.Context, id activesync.OpID, d activesync.Draft, files []string) error {
	err := s.changeOp(ctx, id, func(a *account, op *activesync.Op) error {
		if op.Draft == nil {
			return ErrNoOp
		}
		sent := *op.Draft
		sent.Stamp, sent.Print, sent.Files = d.Stamp, (&draftRecord{Draft: d}).print(), files
		op.Draft = &sent
		return a.putOp(op)
	})
	if err != nil {
		return fmt.Errorf("note the draft of record %s: %w", id, err)
	}
	return nil
}

// DraftOf is what is kept of a message in Drafts; found is false where nothing
// is. One that is being sent is ErrUnderWay.
func (s *Store) DraftOf(ctx context.Context, item activesync.ItemID) (d activesync.Draft, found bool, err error) {
	err = s.view(ctx, func(t *txn) error {
		a, _, err := t.findItem(item)
		if err != nil {
			return err
		}
		if r := a.draftOf(item); r != nil {
			d, found = r.Draft, true
			d.Key = r.Key
			if r.Op != 0 {
				return ErrUnderWay
			}
		}
		return nil
	})
	if err != nil {
		return d, false, fmt.Errorf("read the draft %s: %w", item, err)
	}
	return d, found, nil
}

// OpenDraft keeps what another program wrote into Drafts, so that it can be gone
// on with; d is made of the message. Where one is kept of it already, that is
// given.
func (s *Store) OpenDraft(ctx context.Context, item activesync.ItemID, d activesync.Draft) (activesync.Draft, error) {
	err := s.update(ctx, func(t *txn) error {
		a, w, err := t.findItem(item)
		if err != nil {
			return err
		}
		if r := a.draftOf(item); r != nil {
			d, d.Key = r.Draft, r.Key
			if r.Op != 0 {
				return ErrUnderWay
			}
			return errNothing
		}
		if !w.header.Draft || w.shown == 0 {
			return ErrClass
		}
		r := draftRecord{Key: strings.ToLower(rand.Text()), Item: item}
		for i := range d.Attachments {
			r.Files = append(r.Files, d.Attachments[i].Identity(item))
		}
		d.MarkElsewhere(strings.ToLower(rand.Text()[:12]))
		d.Key, r.Draft = r.Key, d
		r.Print = r.print()
		return a.putDraft(r)
	})
	if err != nil {
		return d, fmt.Errorf("open the draft %s: %w", item, err)
	}
	return d, nil
}

// WriteDrafts has those drafts written to the server that it does not have yet:
// it carries them only since now.
func (s *Store) WriteDrafts(ctx context.Context, id activesync.AccountID) error {
	err := s.update(ctx, func(t *txn) error {
		a := t.account(id)
		if a == nil {
			return errNothing
		}
		if folder, err := a.draftsFolder(); err != nil || folder == 0 {
			return errOr(err, errNothing)
		}
		var waiting []draftRecord
		a.eachDraft(func(r *draftRecord) bool {
			if r.Item == 0 && r.Op == 0 {
				waiting = append(waiting, *r)
			}
			return false
		})
		if len(waiting) == 0 {
			return errNothing
		}
		for i := range waiting {
			if _, err := a.writeDraft(&waiting[i]); err != nil {
				return err
			}
			if err := a.putDraft(waiting[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the drafts of account %s: %w", id, err)
	}
	return nil
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
