package store

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

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
		ClientID: activesync.NewClientID(), NotBefore: time.Now().Add(draftPause).UTC(), Draft: &activesync.DraftOp{Key: r.Key}}
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

// discarding is the record that removes an item as the draft that is no longer
// kept, nil where none does.
func (a *account) discarding(id activesync.ItemID) (*activesync.Op, error) {
	ops, err := a.opsFor(id)
	for i := range ops {
		if op := &ops[i]; op.Discards() {
			return op, err
		}
	}
	return nil, err
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
	_, err := a.t.queueItem(activesync.Op{Kind: activesync.OpDelete, Item: r.Item, Purge: purge, Draft: &activesync.DraftOp{Key: r.Key, Print: r.Print}})
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

// yield has what is called id make room for a draft that is. It was the same draft
// if the server had told of it already, and another if the name is out of date.
func (a *account) yield(w *row, id activesync.ServerID) error {
	other := a.lookup(w.home, id)
	if other == 0 || other == w.id {
		return nil
	}
	if a.waitsFor(other) == waitResync {
		return a.unname(other)
	}
	_, err := a.drop(other)
	return err
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
			if err := a.yield(w, id); err != nil {
				return err
			}
			if err := a.bind(w, w.home, id); err != nil {
				return err
			}
		}
	}
	if r := a.draftOf(w.id); r != nil {
		r.Files, r.Print = op.Draft.Files, op.Draft.Print
		r.Unseen = op.Kind == activesync.OpDraftChange
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
