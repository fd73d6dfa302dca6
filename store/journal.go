package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// Pending are the records of an account in the order of the person's actions,
// parked ones too, each with where the server has its item now. An empty
// ServerID says that the server has to name the item first.
func (s *Store) Pending(ctx context.Context, id activesync.AccountID) ([]activesync.Op, error) {
	var out []activesync.Op
	err := s.view(ctx, func(t *txn) error {
		a := t.account(id)
		if a == nil {
			return nil
		}
		ops, err := a.journal()
		if err != nil {
			return err
		}
		out = slices.Clone(ops)
		for i := range out {
			if out[i].Item == 0 {
				continue
			}
			r, err := a.row(out[i].Item)
			if err != nil {
				return err
			}
			out[i].Folder, out[i].ServerID = r.home, a.nameNow(r)
			switch a.waitsFor(out[i].Item) {
			case waitKept:
				out[i].Local = true
			case waitWithheld:
				out[i].Reason = waitsForDecision
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read journal of account %s: %w", id, err)
	}
	return out, nil
}

// waitsForDecision is said of a change of what is withheld.
const waitsForDecision = "the server removed this with many others; the change waits until you decide what becomes of them"

// SetOp notes where records stand: State, Unsure, Attempts, NotBefore and Reason, and of
// an answer the Sequence of what is answered. Nothing else of them changes. One
// that was set aside and is pending again takes effect from now on.
func (s *Store) SetOp(ctx context.Context, ops ...activesync.Op) error {
	err := s.update(ctx, func(t *txn) error {
		for _, op := range ops {
			a, have, err := t.findOp(op.ID)
			if err == nil {
				have.State, have.Unsure, have.Attempts, have.NotBefore, have.Reason = op.State, op.Unsure, op.Attempts, op.NotBefore, op.Reason
				if have.Respond != nil && op.Respond != nil {
					have.Respond.Sequence = op.Respond.Sequence
				}
				err = a.putState(have)
			}
			if err != nil {
				return fmt.Errorf("record %s: %w", op.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note state of records: %w", err)
	}
	return nil
}

// putState writes a record whose state was changed.
func (a *account) putState(op *activesync.Op) error {
	again := op.Aside && op.State == activesync.OpPending
	op.Aside = op.Aside && !again
	if err := a.putOp(op); err != nil || !again {
		return err
	}
	return a.replay(op.Item)
}

// RetryOp has a record that was set aside, or waits, carried out now. One that may
// have been carried out already keeps the mark of that, however its state came
// to be between the person's look and this.
func (s *Store) RetryOp(ctx context.Context, id activesync.OpID) error {
	err := s.changeOp(ctx, id, func(a *account, op *activesync.Op) error {
		op.NotBefore = time.Time{}
		if op.State != activesync.OpSending {
			op.State, op.Reason = activesync.OpPending, ""
		}
		return a.putState(op)
	})
	if err != nil {
		return fmt.Errorf("try record %s again: %w", id, err)
	}
	return nil
}

// FinishOp ends a record that the server carried out: what it changed is now
// what the server has. For a move, or a deletion that was one, newID is what
// the server calls the item in its new folder, "" where it did not say; then
// the item is found by its fingerprint when the folder is synced.
func (s *Store) FinishOp(ctx context.Context, id activesync.OpID, newID activesync.ServerID) error {
	return s.finishOp(ctx, id, newID, false)
}

// FinishMove is FinishOp for a move that was carried out at its first try: none of
// what the server has told of in the new folder is the item, however alike.
func (s *Store) FinishMove(ctx context.Context, id activesync.OpID, newID activesync.ServerID) error {
	return s.finishOp(ctx, id, newID, true)
}

func (s *Store) finishOp(ctx context.Context, id activesync.OpID, newID activesync.ServerID, fresh bool) error {
	err := s.changeOp(ctx, id, func(a *account, _ *activesync.Op) error { return a.finish(id, newID, fresh) })
	if err != nil {
		return fmt.Errorf("finish record %s: %w", id, err)
	}
	return nil
}

// changeOp finds a record and changes it.
func (s *Store) changeOp(ctx context.Context, id activesync.OpID, fn func(*account, *activesync.Op) error) error {
	return s.update(ctx, func(t *txn) error {
		a, op, err := t.findOp(id)
		if err != nil {
			return err
		}
		return fn(a, op)
	})
}

// findOp finds a record in whatever account's journal it is; it points into
// the journal of this transaction.
func (t *txn) findOp(id activesync.OpID) (a *account, op *activesync.Op, err error) {
	if a = t.holder(inJournal, idKey(uint64(id))); a == nil {
		return nil, nil, ErrNoOp
	}
	op, err = a.op(id)
	return a, op, err
}

// journal are the account's records in order. They are read once a transaction.
func (a *account) journal() ([]activesync.Op, error) {
	if a.loaded {
		return a.ops, nil
	}
	c := a.in(inJournal).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		var op activesync.Op
		if _, err := a.getJSON(inJournal, k, &op); err != nil {
			return nil, err
		}
		a.ops = append(a.ops, op)
	}
	a.loaded = true
	return a.ops, nil
}

// op is one record; where the journal was read it points into it.
func (a *account) op(id activesync.OpID) (*activesync.Op, error) {
	if !a.loaded {
		op := new(activesync.Op)
		found, err := a.getJSON(inJournal, idKey(uint64(id)), op)
		if err == nil && !found {
			err = ErrNoOp
		}
		return op, err
	}
	for i := range a.ops {
		if a.ops[i].ID == id {
			return &a.ops[i], nil
		}
	}
	return nil, ErrNoOp
}

// addOp appends a record and gives it its id.
func (a *account) addOp(op *activesync.Op) error {
	op.ID = activesync.OpID(a.t.next(keyLastOp))
	if op.Created.IsZero() {
		op.Created = time.Now()
	}
	op.Created = op.Created.UTC()
	if op.Kind == activesync.OpMove || op.Kind == activesync.OpDelete {
		op.Newest = activesync.ItemID(a.t.given(keyLastItem))
	}
	if op.State == "" {
		op.State = activesync.OpPending
	}
	if a.loaded {
		a.ops = append(a.ops, *op)
	}
	return a.putOp(op)
}

func (a *account) putOp(op *activesync.Op) error {
	for i := len(a.ops) - 1; i >= 0; i-- {
		if a.ops[i].ID == op.ID {
			a.ops[i] = *op
			break
		}
	}
	return a.putJSON(inJournal, idKey(uint64(op.ID)), op)
}

func (a *account) deleteOp(id activesync.OpID) error {
	key := idKey(uint64(id))
	if err := a.dropSentDraft(id, false); err != nil {
		return err
	}
	if op, err := a.op(id); err == nil {
		if err := a.dropMail(op); err != nil {
			return err
		}
	} else if err := a.in(inMIME).Delete(key); err != nil { // its record cannot be read
		return err
	}
	if a.loaded {
		a.ops = slices.DeleteFunc(a.ops, func(op activesync.Op) bool { return op.ID == id })
	}
	return a.in(inJournal).Delete(key)
}

// dropOps removes the records that match and returns them.
func (a *account) dropOps(match func(*activesync.Op) bool) ([]activesync.OpID, error) {
	ops, err := a.journal()
	if err != nil {
		return nil, err
	}
	var out []activesync.OpID
	for i := range ops {
		if match(&ops[i]) {
			out = append(out, ops[i].ID)
		}
	}
	for _, id := range out {
		if err := a.deleteOp(id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// changes reports whether a record changes an item.
func changes(op *activesync.Op, id activesync.ItemID) bool { return op.Item == id }

// opsOf are the records that change an item.
func (a *account) opsOf(r *row) ([]activesync.Op, error) {
	if r.pending == 0 {
		return nil, nil
	}
	return a.opsFor(r.id)
}

func (a *account) opsFor(id activesync.ItemID) ([]activesync.Op, error) {
	ops, err := a.journal()
	if err != nil {
		return nil, err
	}
	var out []activesync.Op
	for i := range ops {
		if changes(&ops[i], id) {
			out = append(out, ops[i])
		}
	}
	return out, nil
}

// failOp leaves a record that the server refused to the person.
func (a *account) failOp(id activesync.OpID, reason string) error {
	if a.in(inJournal).Get(idKey(uint64(id))) == nil {
		return ErrNoOp
	}
	op, err := a.op(id)
	if err != nil {
		return err
	}
	op.State, op.Reason = activesync.OpParked, reason
	return a.putOp(op)
}

// parkOf leaves the records of an item to the person.
func (a *account) parkOf(r *row, reason string) error {
	ops, err := a.opsOf(r)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.State == activesync.OpParked {
			continue
		}
		op.GiveUp(reason)
		if err := a.putOp(&op); err != nil {
			return err
		}
	}
	return nil
}
