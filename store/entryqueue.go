package store

import (
	"context"
	"fmt"
	"slices"

	"eas.example/securemail/activesync"
)

// QueueEntries is Queue for contacts and events that are made, changed and
// deleted: all are recorded or none. It gives the records as they are kept; one
// that would change nothing has no id. What is made gets its item here. Of a
// change that says what was before, only the fields in which the two differ are
// the person's. letters go out with them, unless a change is set aside at once
// because the server's is not seen yet: then they are left to the person too.
func (s *Store) QueueEntries(ctx context.Context, ops []activesync.Op, letters ...activesync.Letter) ([]activesync.Op, error) {
	var out []activesync.Op
	err := s.update(ctx, func(t *txn) error {
		out = slices.Clone(ops)
		wrote, aside := false, false
		for i := range out {
			if err := t.queueEntry(&out[i]); err != nil {
				return err
			}
			wrote, aside = wrote || out[i].ID != 0, aside || out[i].Aside
		}
		if !wrote {
			return errNothing
		}
		for _, l := range letters {
			if aside {
				l.Op.State, l.Op.Reason = activesync.OpParked, "it tells of a change that waits for you to decide"
			}
			var err error
			if l.Op.ID, err = t.queueSend(l.Op, smallSpool(l.MIME)); err != nil {
				return err
			}
			out = append(out, l.Op)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("queue %d changes of contacts or events: %w", len(ops), err)
	}
	return out, nil
}

func (t *txn) queueEntry(op *activesync.Op) error {
	if k := entryKind(op.Kind); k != 0 && op.Kind.Makes() {
		return t.queueNewEntry(op, k)
	}
	a, r, err := t.findItem(op.Item)
	if err != nil {
		return err
	}
	if k := entryKind(op.Kind); !r.kind.entry() || k != 0 && k != r.kind {
		return ErrClass
	}
	op.ID = 0
	if r.shown == 0 {
		if op.Kind == activesync.OpDelete {
			return nil
		}
		return ErrNoItem
	}
	if err := a.mayHold(r.home, r.kind); err != nil {
		return err
	}
	ops, err := a.opsOf(r)
	if err != nil {
		return err
	}
	before, err := a.shownEntry(r, ops)
	if err != nil {
		return err
	}
	c, asked := change{before: before.bare(), instance: op.Instance}, changeIn(op)
	switch {
	case op.Kind == activesync.OpDelete:
	case entryKind(op.Kind) == 0:
		return fmt.Errorf("unknown kind of change %q", op.Kind)
	case asked.after.kind() != r.kind:
		return fmt.Errorf("the change of item %s does not say to what", op.Item)
	case !op.Instance.IsZero() && !before.event.Recurrence.Set:
		return fmt.Errorf("%w: the event does not repeat", activesync.ErrRejected)
	default:
		if asked.before.none() {
			asked.before = before
		}
		if c.after = asked.apply(before).bare(); c.empty() {
			return nil
		}
	}
	if op.Account, err = a.accountID(); err != nil {
		return err
	}
	op.Before, op.Send = nil, nil
	op.Folder, op.ServerID, op.Name = r.home, r.serverID, before.name()
	if err := a.addChange(op, c); err != nil {
		return err
	}
	if err := a.makeRoomForUnseen(op, c, asked.before, before, ops); err != nil {
		return err
	}
	kept, err := a.op(op.ID)
	if err != nil {
		return err
	}
	op.Aside, op.State, op.Reason = kept.Aside, kept.State, kept.Reason
	return a.replay(op.Item)
}

// queueNewEntry records that an entry is made. It waits for its name.
func (t *txn) queueNewEntry(op *activesync.Op, k kind) error {
	made := changeIn(op).after
	if made.kind() != k {
		return fmt.Errorf("the record %q does not say what is to be made", op.Kind)
	}
	a, err := t.folderAccount(op.To)
	if err != nil {
		return err
	}
	if err := a.mayHold(op.To, k); err != nil {
		return err
	}
	if op.Account, err = a.accountID(); err != nil {
		return err
	}
	made = made.bare()
	if made.contact != nil {
		made.contact.Alias, made.contact.WeightedRank = "", 0 // of the recipient information cache
	}
	r := &row{id: activesync.ItemID(t.next(keyLastItem)), kind: k, home: op.To}
	if err := a.putEntry(r, made); err != nil {
		return err
	}
	op.Item, op.Folder, op.ServerID, op.Before, op.Send, op.Name = r.id, op.To, "", nil, nil, made.name()
	if op.ClientID == "" {
		op.ClientID = activesync.NewClientID()
	}
	if err := a.addChange(op, change{after: made}); err != nil {
		return err
	}
	if err := a.wait(r, waitMade); err != nil {
		return err
	}
	r.show([]activesync.Op{*op}, a)
	made.show(r)
	return a.save(r, listed{})
}

// addChange files a record, and beside it what it makes of an entry.
func (a *account) addChange(op *activesync.Op, c change) error {
	op.Contact, op.ContactBefore, op.Event, op.EventBefore = nil, nil, nil, nil
	if err := a.addOp(op); err != nil {
		return err
	}
	op.Contact, op.ContactBefore, op.Event, op.EventBefore = c.after.contact, c.before.contact, c.after.event, c.before.event
	return a.putChange(op.ID, c)
}
