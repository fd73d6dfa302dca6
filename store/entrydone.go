package store

import (
	"context"
	"fmt"

	"eas.example/securemail/activesync"
)

// finishEntry ends a record of an entry that the server carried out.
func (a *account) finishEntry(op *activesync.Op, c change, r *row, before listed, newID activesync.ServerID) error {
	switch {
	case op.Kind == activesync.OpDelete:
		_, err := a.drop(r.id)
		return err
	case op.Kind.Makes():
		if err := a.named(r, newID); err != nil {
			return err
		}
	default:
		e, err := a.entry(r)
		if err != nil {
			return err
		}
		if err := a.putEntry(r, c.apply(e).bare()); err != nil {
			return err
		}
	}
	return a.replayRow(r, before)
}

// named notes what the server calls an entry that was made here. If it has told
// of it already, what came is kept in the place of the one made here.
func (a *account) named(r *row, id activesync.ServerID) error {
	if r.serverID != "" {
		return nil // it was found among what the server told
	}
	if id == "" {
		return a.wait(r, waitMoved) // the server will tell of it
	}
	if err := a.unwait(r.id); err != nil {
		return err
	}
	switch other := a.lookup(r.home, id); {
	case other == 0 || other == r.id:
	case a.waitsFor(other) == waitResync: // so it was called before the folder started anew
		if err := a.unname(other); err != nil {
			return err
		}
	default:
		b, err := a.content(other)
		if err != nil {
			return err
		}
		if _, err := a.drop(other); err != nil {
			return err
		}
		if err := a.putPacked(inContents, idKey(uint64(r.id)), b); err != nil {
			return err
		}
	}
	return a.bind(r, r.home, id)
}

// claimMade finds the entry that was made here and that the server tells of under
// a name that is not known, because the answer to its making was lost: the record
// ends. 0 is none.
func (a *account) claimMade(f activesync.FolderID, told entry, id activesync.ServerID) (activesync.ItemID, error) {
	ops, err := a.journal()
	if err != nil {
		return 0, err
	}
	for i := range ops {
		op := &ops[i]
		if !op.Kind.Makes() || entryKind(op.Kind) != told.kind() || op.State != activesync.OpSending || op.To != f {
			continue
		}
		c, err := a.change(op.ID)
		if err != nil {
			return 0, err
		}
		if c.after.alike(told) {
			item := op.Item
			return item, a.finish(op.ID, id, false)
		}
	}
	return 0, nil
}

// opposeEntry takes back a record of an entry that may have been carried out: a
// change is turned into its opposite, and what was made is deleted after it was.
func (a *account) opposeEntry(op *activesync.Op) error {
	switch {
	case op.Kind == activesync.OpDelete:
		return ErrUnderWay
	case op.Kind.Makes():
		return a.t.queueEntry(&activesync.Op{Kind: activesync.OpDelete, Item: op.Item})
	}
	c, err := a.change(op.ID)
	if err != nil {
		return err
	}
	if c.cancels() {
		return ErrUnderWay // no command brings an occurrence back
	}
	if err := a.putChange(op.ID, change{before: c.after, after: c.before, instance: c.instance}); err != nil {
		return err
	}
	return a.replay(op.Item)
}

// ContactChanges are what records make of contacts, from what the server has
// now. Of one that makes a contact there is no Before, of a deletion no After;
// records of other things are left out.
func (s *Store) ContactChanges(ctx context.Context, account activesync.AccountID, ids ...activesync.OpID) (map[activesync.OpID]activesync.ContactChange, error) {
	changes, err := s.changes(ctx, account, kindContact, ids)
	if err != nil {
		return nil, fmt.Errorf("read changes of contacts: %w", err)
	}
	out := map[activesync.OpID]activesync.ContactChange{}
	for id, c := range changes {
		out[id] = activesync.ContactChange{Before: orEmpty(c.before.contact), After: orEmpty(c.after.contact)}
	}
	return out, nil
}

// EventChanges is ContactChanges for events.
func (s *Store) EventChanges(ctx context.Context, account activesync.AccountID, ids ...activesync.OpID) (map[activesync.OpID]activesync.EventChange, error) {
	changes, err := s.changes(ctx, account, kindEvent, ids)
	if err != nil {
		return nil, fmt.Errorf("read changes of events: %w", err)
	}
	out := map[activesync.OpID]activesync.EventChange{}
	for id, c := range changes {
		out[id] = activesync.EventChange{Before: orEmpty(c.before.event), After: orEmpty(c.after.event)}
	}
	return out, nil
}

// changes are those of the records that are about entries of a kind.
func (s *Store) changes(ctx context.Context, account activesync.AccountID, k kind, ids []activesync.OpID) (map[activesync.OpID]change, error) {
	out := map[activesync.OpID]change{}
	err := s.view(ctx, func(t *txn) error {
		a := t.account(account)
		if a == nil {
			return nil
		}
		for _, id := range ids {
			op, err := a.op(id)
			if err != nil {
				return fmt.Errorf("record %s: %w", id, err)
			}
			c, err := a.change(id)
			if err != nil {
				return err
			}
			if max(c.before.kind(), c.after.kind()) != k {
				continue
			}
			if !c.before.none() && !c.after.none() {
				r, err := a.row(op.Item)
				if err != nil {
					return err
				}
				has, err := a.entry(r)
				if err != nil {
					return err
				}
				after := c.apply(has)
				// What an occurrence was before a change that is under way: no server tells the
				// device of its own change, which may have been taken back.
				if op.State == activesync.OpSending && !c.instance.IsZero() {
					has = change{before: c.after, after: c.before, instance: c.instance}.apply(has)
				}
				c = change{before: has, after: after, instance: c.instance}
			}
			out[id] = c
		}
		return nil
	})
	return out, err
}

func orEmpty[T any](v *T) (out T) {
	if v != nil {
		out = *v
	}
	return out
}
