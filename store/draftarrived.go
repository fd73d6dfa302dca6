package store

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

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
			return item, a.finish(op.ID, c.ServerID, false)
		}
	}
	var item activesync.ItemID
	for i := range ops {
		op := &ops[i]
		if !op.Discards() || !a.mayReturn(op.Item) {
			continue
		}
		_, sent, err := a.draftOps(op.Item, print)
		if err != nil {
			return 0, err
		}
		if sent || bytes.Equal(op.Draft.Print, print) {
			item = op.Item
		}
	}
	a.eachDraft(func(r *draftRecord) bool {
		if item != 0 || !a.mayReturn(r.Item) {
			return item != 0
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

// mayReturn reports whether an item may be told of again under another name.
func (a *account) mayReturn(id activesync.ItemID) bool {
	why := a.waitsFor(id)
	return id != 0 && (why == waitDoomed || why == waitResync)
}

// draftChanged takes in what the server now has of a draft; r's content is that
// already. What was written here since stays, as a message of its own.
func (ap *application) draftChanged(w *row, p *activesync.MessagePatch) error {
	const content = activesync.HasSubject | activesync.HasTo | activesync.HasCc | activesync.HasBcc | activesync.HasBody | activesync.HasAttachments
	if p.Fields&content == 0 {
		return nil
	}
	a := ap.a
	m, err := a.message(w, true)
	if err != nil {
		return err
	}
	r := a.draftOf(w.id)
	if r == nil {
		return a.discardedChanged(w, messagePrint(&m))
	}
	op, told, err := a.draftOps(w.id, messagePrint(&m))
	if err != nil {
		return err
	}
	switch {
	case sameDraft(&m, r):
		r.Print = r.print()
		return a.putDraft(*r)
	case (r.Op != 0 || op != nil) && bytes.Equal(r.Print, messagePrint(&m)) && len(m.Attachments) == len(r.Files):
		return nil // it is being told what it had; what is newer here goes there, or is being sent
	case r.Op != 0: // what is being sent is not what the server has: that stays there
		r.detach()
		return a.putDraft(*r)
	case told:
		return nil // it is what was sent from here; only the answer to that is missing
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

// discardedChanged takes in what the server has of a draft that was sent or given
// up: where somebody else has written on it since, it is not removed.
func (a *account) discardedChanged(w *row, print []byte) error {
	op, err := a.discarding(w.id)
	if err != nil || op == nil || op.Draft.Print == nil || bytes.Equal(op.Draft.Print, print) {
		return err
	}
	if _, sent, err := a.draftOps(w.id, print); sent || err != nil {
		return err
	}
	_, err = a.dropOps(func(o *activesync.Op) bool { return o.ID == op.ID })
	return err
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
func (r *draftRecord) detach() { r.Item, r.Files, r.Print, r.Unseen = 0, nil, nil, false }

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
// deleted elsewhere, and is forgotten here unless something was written since. It
// may have been gone when the server took the last of what was written.
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
		if r.Unseen && !a.hasPrint(w, r.Print) {
			return a.forkDraft(w, r)
		}
		_, err := a.t.dropDraft(r.Key)
		return err
	}
	if r.Op == 0 {
		return a.forkDraft(w, r)
	}
	r.detach()
	return a.putDraft(*r)
}

// hasPrint reports whether another message in the folder of a draft has a print:
// some servers give each state of a draft another name.
func (a *account) hasPrint(w *row, print []byte) bool {
	prefix := listKey(w.home, w.at(), 0)[:8]
	c := a.in(inList).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		_, id := splitListKey(k)
		other, err := a.row(id)
		if err != nil || id == w.id || other.serverID == "" {
			continue
		}
		if m, err := a.message(other, true); err == nil && bytes.Equal(messagePrint(&m), print) {
			return true
		}
	}
	return false
}

// draftsSeen notes that a folder is in step: what was written to drafts that are
// still in it is there.
func (a *account) draftsSeen(f activesync.FolderID) error {
	var seen []draftRecord
	a.eachDraft(func(r *draftRecord) bool {
		if r.Unseen {
			seen = append(seen, *r)
		}
		return false
	})
	for _, r := range seen {
		w, err := a.row(r.Item)
		if err != nil || w.home != f {
			continue
		}
		r.Unseen = false
		if err := a.putDraft(r); err != nil {
			return err
		}
	}
	return nil
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
