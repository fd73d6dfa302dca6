package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

// QueueEvents is QueueContacts for events. Of a change whose EventBefore is set,
// only the fields in which the two differ are the person's.
func (s *Store) QueueEvents(ctx context.Context, ops []activesync.Op) ([]activesync.Op, error) {
	var out []activesync.Op
	err := s.update(ctx, func(t *txn) error {
		out = slices.Clone(ops)
		wrote := false
		for i := range out {
			if err := t.queueEvent(&out[i]); err != nil {
				return err
			}
			wrote = wrote || out[i].ID != 0
		}
		if !wrote {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("queue %d changes of events: %w", len(ops), err)
	}
	return out, nil
}

func (t *txn) queueEvent(op *activesync.Op) error {
	if op.Kind == activesync.OpEventAdd {
		return t.queueNewEvent(op)
	}
	a, r, err := t.findItem(op.Item)
	if err != nil {
		return err
	}
	if r.kind != kindEvent {
		return ErrClass
	}
	op.ID = 0
	if r.shown == 0 {
		if op.Kind == activesync.OpDelete {
			return nil
		}
		return ErrNoItem
	}
	ops, err := a.opsOf(r)
	if err != nil {
		return err
	}
	before, err := a.shownEvent(r, ops)
	if err != nil {
		return err
	}
	change := contactChange{EventBefore: bareEvent(before)}
	switch op.Kind {
	case activesync.OpDelete:
	case activesync.OpEventChange:
		if op.Event == nil {
			return fmt.Errorf("the change of event %s holds none", op.Item)
		}
		from := op.EventBefore
		if from == nil {
			from = &before
		}
		after := before
		activesync.DiffEvent(from, op.Event).Apply(&after)
		if change.Event = bareEvent(after); activesync.DiffEvent(change.EventBefore, change.Event).Fields == 0 {
			return nil
		}
	default:
		return fmt.Errorf("unknown kind of change %q", op.Kind)
	}
	if op.Account, err = a.accountID(); err != nil {
		return err
	}
	op.Before, op.Send = nil, nil
	op.Folder, op.ServerID, op.Name = r.home, r.serverID, before.Subject
	if err := a.addEventOp(op, change); err != nil {
		return err
	}
	return a.replay(op.Item)
}

// queueNewEvent records that an event is made. It waits for its name.
func (t *txn) queueNewEvent(op *activesync.Op) error {
	if op.Event == nil {
		return errors.New("there is no event to be made")
	}
	a, err := t.folderAccount(op.To)
	if err != nil {
		return err
	}
	var f folderRecord
	switch found, err := a.getJSON(inFolders, idKey(uint64(op.To)), &f); {
	case err != nil:
		return err
	case !found:
		return ErrNoFolder
	case f.Type.Class() != activesync.ClassCalendar:
		return ErrClass
	}
	if op.Account, err = a.accountID(); err != nil {
		return err
	}
	e := bareEvent(*op.Event)
	r := &row{id: activesync.ItemID(t.next(keyLastItem)), kind: kindEvent, home: op.To}
	if err := a.putContent(r, e); err != nil {
		return err
	}
	op.Item, op.Folder, op.ServerID, op.Before, op.Send, op.Name = r.id, op.To, "", nil, nil, e.Subject
	if op.ClientID == "" {
		op.ClientID = strings.ToLower(rand.Text())
	}
	if err := a.addEventOp(op, contactChange{Event: e}); err != nil {
		return err
	}
	if err := a.wait(r, waitMade); err != nil {
		return err
	}
	r.show([]activesync.Op{*op}, a)
	r.first, r.last, r.series = eventSpan(e)
	return a.save(r, listed{})
}

// bareEvent is an event without what says where it is here.
func bareEvent(e activesync.Event) *activesync.Event {
	e.ID, e.Folder = 0, 0
	return &e
}

func (a *account) addEventOp(op *activesync.Op, change contactChange) error {
	op.Event, op.EventBefore = nil, nil
	if err := a.addOp(op); err != nil {
		return err
	}
	return a.putChange(op.ID, change)
}

// shownEvent is what the server has of an event with the records played over
// it.
func (a *account) shownEvent(r *row, ops []activesync.Op) (activesync.Event, error) {
	e, err := a.event(r)
	if err != nil {
		return e, err
	}
	for i := range ops {
		op := &ops[i]
		if op.Aside || op.Kind != activesync.OpEventAdd && op.Kind != activesync.OpEventChange {
			continue
		}
		change, err := a.change(op.ID)
		if err != nil {
			return e, err
		}
		change.playEvent(&e)
	}
	return e, nil
}

// playEvent carries a change out on an event.
func (c contactChange) playEvent(e *activesync.Event) {
	switch {
	case c.Event == nil:
	case c.EventBefore == nil:
		id, folder := e.ID, e.Folder
		*e = *c.Event
		e.ID, e.Folder = id, folder
	default:
		activesync.DiffEvent(c.EventBefore, c.Event).Apply(e)
	}
}

// finishEvent ends a record of an event that the server carried out.
func (a *account) finishEvent(op *activesync.Op, change contactChange, r *row, before listed, newID activesync.ServerID) error {
	switch op.Kind {
	case activesync.OpDelete:
		_, err := a.drop(r.id)
		return err
	case activesync.OpEventAdd:
		if err := a.named(r, newID); err != nil {
			return err
		}
	case activesync.OpEventChange:
		e, err := a.event(r)
		if err != nil {
			return err
		}
		change.playEvent(&e)
		if err := a.putContent(r, bareEvent(e)); err != nil {
			return err
		}
	}
	return a.replayRow(r, before)
}

// claimMadeEvent is claimMade for an event: known by its UID, or where the
// server gives that by subject and time.
func (a *account) claimMadeEvent(f activesync.FolderID, e *activesync.Event) (activesync.OpID, activesync.ItemID, error) {
	ops, err := a.journal()
	if err != nil {
		return 0, 0, err
	}
	for i := range ops {
		op := &ops[i]
		if op.Kind != activesync.OpEventAdd || op.State != activesync.OpSending || op.To != f {
			continue
		}
		change, err := a.change(op.ID)
		if err != nil {
			return 0, 0, err
		}
		if mine := change.Event; mine != nil && (mine.UID != "" && mine.UID == e.UID || mine.Subject == e.Subject && mine.Start.Equal(e.Start) && mine.End.Equal(e.End)) {
			return op.ID, op.Item, nil
		}
	}
	return 0, 0, nil
}

// makeRoomForEvent lets the server's side of an event stand where it and the
// person changed the same fields: the person's record is set aside, for them
// to decide.
func (a *account) makeRoomForEvent(r *row, was *activesync.Event) error {
	is, err := a.event(r)
	if err != nil {
		return err
	}
	theirs := activesync.DiffEvent(was, &is).Fields
	ops, err := a.opsOf(r)
	if err != nil || theirs == 0 {
		return err
	}
	for _, op := range ops {
		if op.Kind != activesync.OpEventChange || op.Aside {
			continue
		}
		change, err := a.change(op.ID)
		if err != nil {
			return err
		}
		if change.Event == nil || change.EventBefore == nil {
			continue
		}
		mine := activesync.DiffEvent(change.EventBefore, change.Event).Fields
		if mine&theirs&activesync.DiffEvent(&is, change.Event).Fields == 0 {
			continue
		}
		mineOp, err := a.op(op.ID)
		if err != nil {
			return err
		}
		mineOp.Aside, mineOp.State, mineOp.Reason = true, activesync.OpParked, "the event was changed on Exchange too, which stays"
		if err := a.putOp(mineOp); err != nil {
			return err
		}
	}
	return nil
}

// outlivedEvent keeps what the person changed of an event that the server
// removed: as one that is made anew if the person wants that.
func (a *account) outlivedEvent(r *row) error {
	ops, err := a.opsOf(r)
	if err != nil || r.shown == 0 {
		return err
	}
	if !slices.ContainsFunc(ops, func(op activesync.Op) bool { return op.Kind == activesync.OpEventChange }) {
		return nil
	}
	for i := range ops {
		ops[i].Aside = false
	}
	e, err := a.shownEvent(r, ops)
	if err != nil {
		return err
	}
	return a.t.queueNewEvent(&activesync.Op{Kind: activesync.OpEventAdd, To: r.home, Event: &e, State: activesync.OpParked,
		Reason: "it was deleted on Exchange while you changed it"})
}

// opposeEvent takes back a change of an event that may have been carried out.
func (a *account) opposeEvent(op *activesync.Op) error {
	switch op.Kind {
	case activesync.OpEventChange:
		change, err := a.change(op.ID)
		if err != nil {
			return err
		}
		change.EventBefore, change.Event = change.Event, change.EventBefore
		if err := a.putChange(op.ID, change); err != nil {
			return err
		}
		return a.replay(op.Item)
	case activesync.OpEventAdd:
		return a.t.queueEvent(&activesync.Op{Kind: activesync.OpDelete, Item: op.Item})
	}
	return ErrUnderWay
}

// EventChanges are what records make of events, from what the server has now.
// Of one that makes an event there is no Before; records of other things are
// left out.
func (s *Store) EventChanges(ctx context.Context, account activesync.AccountID, ids ...activesync.OpID) (map[activesync.OpID]activesync.EventChange, error) {
	out := map[activesync.OpID]activesync.EventChange{}
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
			change, err := a.change(id)
			if err != nil {
				return err
			}
			switch {
			case op.Kind == activesync.OpEventAdd && change.Event != nil:
				out[id] = activesync.EventChange{After: *change.Event}
			case op.Kind == activesync.OpEventChange && change.Event != nil:
				r, err := a.row(op.Item)
				if err != nil {
					return err
				}
				c := activesync.EventChange{}
				if c.Before, err = a.event(r); err != nil {
					return err
				}
				c.After = c.Before
				change.playEvent(&c.After)
				out[id] = c
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read changes of events: %w", err)
	}
	return out, nil
}
