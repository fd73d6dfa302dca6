package store

import (
	"errors"

	"eas.example/securemail/activesync"
)

// finish ends a record that was carried out. See FinishOp and, for fresh, FinishMove.
func (a *account) finish(id activesync.OpID, newID activesync.ServerID, fresh bool) error {
	if a.in(inJournal).Get(idKey(uint64(id))) == nil {
		return ErrNoOp
	}
	p, err := a.op(id)
	if err != nil {
		return err
	}
	op := *p
	if op.Kind == activesync.OpRespond && op.Respond.Mail && !op.Respond.Done {
		return a.mailDue(p)
	}
	var made change
	if op.Item != 0 && carries(&op, kindContact) {
		if made, err = a.change(id); err != nil {
			return err
		}
	}
	if op.Kind == activesync.OpSend {
		if err := a.dropSentDraft(id, true); err != nil {
			return err
		}
	}
	if err := a.deleteOp(id); err != nil {
		return err
	}
	if op.Item == 0 {
		return nil
	}
	r, err := a.row(op.Item)
	if err != nil {
		return err
	}
	before := r.listed()
	if carries(&op, r.kind) {
		return a.finishEntry(&op, made, r, before, newID)
	}
	if a.waitsFor(r.id) == waitKept && (op.Kind == activesync.OpMove || op.Kind == activesync.OpDelete) {
		return a.finishKept(r, &op, before)
	}
	if op.Kind.Drafts() {
		return a.finishDraft(r, &op, before, newID)
	}
	if r.header.Draft && (op.Kind == activesync.OpMove || op.Kind == activesync.OpDelete) {
		if err := a.forgetDraft(r.id); err != nil {
			return err
		}
	}
	return a.finishItem(r, &op, before, newID, fresh)
}

// finishItem makes what a record did to an item what the server has.
func (a *account) finishItem(r *row, op *activesync.Op, before listed, newID activesync.ServerID, fresh bool) error {
	switch op.Kind {
	case activesync.OpRead:
		r.header.Read = op.Read
	case activesync.OpFlag:
		r.header.Flag = op.Flag
	case activesync.OpRespond:
		if err := a.keepAnswer(r, op.Respond); err != nil {
			return err
		}
	case activesync.OpMove:
		if a.in(inFolders).Get(idKey(uint64(op.To))) == nil {
			_, err := a.drop(r.id)
			return err
		}
		if r.home == op.To && newID == "" {
			break // another record was taken back: it leads nowhere, and the item keeps its name
		}
		if err := a.rehome(r, op.To, newID, op.Newest, fresh); err != nil {
			return err
		}
	case activesync.OpDelete:
		bin, err := a.bin()
		if err != nil {
			return err
		}
		if bin == 0 || r.home == bin || op.Purge {
			_, err := a.drop(r.id)
			return err
		}
		r.hidden = true
		if err := a.rehome(r, bin, newID, op.Newest, fresh); err != nil {
			return err
		}
	}
	return a.replayRow(r, before)
}

// finishKept carries out a move or deletion of an item that is only here.
func (a *account) finishKept(r *row, op *activesync.Op, before listed) error {
	if op.Kind == activesync.OpDelete || a.in(inFolders).Get(idKey(uint64(op.To))) == nil {
		_, err := a.drop(r.id)
		return err
	}
	if err := a.unwait(r.id); err != nil {
		return err
	}
	if err := a.bind(r, op.To, ""); err != nil {
		return err
	}
	if err := a.wait(r, waitKept); err != nil {
		return err
	}
	return a.replayRow(r, before)
}

// bin is the account's Deleted Items, 0 where there is none or it was never
// synced. One that starts anew will tell of what comes into it.
func (a *account) bin() (activesync.FolderID, error) {
	folders, err := a.folders()
	if err != nil {
		return 0, err
	}
	for id, f := range folders {
		if f.Type != activesync.FolderDeleted {
			continue
		}
		st, err := a.syncState(id)
		if err != nil || st.Key == activesync.KeyNone && !st.Resync && f.LastSync.IsZero() {
			return 0, err
		}
		return id, nil
	}
	return 0, nil
}

// rehome notes that the server now has an item in another folder, where it will
// tell of it. If it has done so already, the one that was taken for new and r
// are the same: r stays, with what came. It cannot have told of it where the move
// is fresh, nor as an item that is not newer than the record of the move.
func (a *account) rehome(r *row, to activesync.FolderID, newID activesync.ServerID, newest activesync.ItemID, fresh bool) error {
	if err := a.unwait(r.id); err != nil {
		return err
	}
	r.leaving = false
	var same activesync.ItemID
	switch {
	case newID != "":
		other := a.lookup(to, newID)
		if other == 0 || other == r.id {
			break
		}
		if is, err := a.isMoved(other, r, fresh); err != nil {
			return err
		} else if is {
			same = other
			break
		}
		// The server has numbered the folder anew, and has not been asked since.
		if err := a.reset(to); err != nil {
			return err
		}
		if err := a.unname(other); err != nil {
			return err
		}
	case !fresh:
		var err error
		if same, err = a.twin(to, r, newest); err != nil {
			return err
		}
	}
	if same != 0 && same != r.id {
		return a.absorb(r, to, same)
	}
	if err := a.bind(r, to, newID); err != nil {
		return err
	}
	return a.wait(r, waitMoved)
}

// isMoved reports whether an item that was told of under the name which the server
// gives r in its new folder may be r. It is another one where the name is out of date.
func (a *account) isMoved(id activesync.ItemID, r *row, fresh bool) (bool, error) {
	if fresh || a.waitsFor(id) == waitResync {
		return false, nil
	}
	o, err := a.row(id)
	if err != nil {
		return false, err
	}
	mine, size, err := a.fingerprint(r)
	if err != nil {
		return false, err
	}
	theirs, have, err := a.fingerprint(o)
	if err != nil || mine != theirs || !sameSize(size, have) {
		return false, err
	}
	if r.kind != kindMessage {
		return true, nil
	}
	m, err := a.message(o, true)
	return err != nil || a.sameText(r, &m.Body), nil
}

// absorb makes r take the place of another item, which is forgotten.
func (a *account) absorb(r *row, to activesync.FolderID, other activesync.ItemID) error {
	o, err := a.row(other)
	if err != nil {
		return err
	}
	if o.whole && !r.whole {
		b, err := a.content(other)
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
		if err == nil {
			if err := a.putPacked(inContents, idKey(uint64(r.id)), b); err != nil {
				return err
			}
			r.whole = true
		}
	}
	ops, err := a.opsOf(o)
	if err != nil {
		return err
	}
	for _, op := range ops {
		mine, err := a.op(op.ID)
		if err != nil {
			return err
		}
		mine.Item = r.id
		if err := a.putOp(mine); err != nil {
			return err
		}
	}
	o.pending = 0 // they are r's now
	id, why := o.serverID, a.waitsFor(other)
	if err := a.save(o, o.listed()); err != nil {
		return err
	}
	if _, err := a.drop(other); err != nil {
		return err
	}
	r.header, r.hidden = o.header, false
	r.header.ID = r.id
	if err := a.bind(r, to, id); err != nil || why == 0 {
		return err
	}
	return a.wait(r, why)
}
