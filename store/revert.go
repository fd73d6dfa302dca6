package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
)

// RevertOp takes a record back: the item shows what the server has, with the
// records that are left.
//
// The server may have carried out already what is OpSending, and what was given up
// after such a try. Dropped, such a record would leave the server with what the
// person took back; so a mark is turned into the one that was before it, and a move
// or deletion stands and a move back follows it. What cannot be made good that way is ErrUnderWay: a
// message to be sent, an answer to an invitation, a deletion for good, and a move after which the item was
// moved again.
func (s *Store) RevertOp(ctx context.Context, id activesync.OpID) error {
	err := s.changeOp(ctx, id, func(a *account, op *activesync.Op) error {
		switch {
		case op.Discards():
			return ErrUnderWay // the text that it removes is not here any more
		case op.Aside || !op.MayBeDone():
		case op.State == activesync.OpParked:
			return a.opposeGivenUp(op)
		default:
			return a.oppose(op)
		}
		item := op.Item
		if op.Kind == activesync.OpRespond && op.Respond.Done {
			return ErrUnderWay
		}
		if err := a.deleteOp(id); err != nil || item == 0 {
			return err
		}
		return a.replay(item)
	})
	if err != nil {
		return fmt.Errorf("take back record %s: %w", id, err)
	}
	return nil
}

// opposeGivenUp takes back a record that was set aside, and may have been carried
// out. It goes once more, as its opposite or with that behind it; where there is
// none, or the item is no message, its folder tells anew what the server has.
func (a *account) opposeGivenUp(op *activesync.Op) error {
	r, err := a.row(op.Item)
	if err != nil {
		return err
	}
	if !carries(op, r.kind) {
		op.State, op.Attempts, op.NotBefore, op.Reason = activesync.OpPending, 0, time.Time{}, ""
		if err := a.putOp(op); err != nil {
			return err
		}
		if err := a.oppose(op); !errors.Is(err, ErrUnderWay) {
			return err
		}
	}
	if err := errors.Join(a.deleteOp(op.ID), a.replay(r.id)); err != nil {
		return err
	}
	return a.reset(r.home)
}

// oppose takes back a record that may have been carried out.
func (a *account) oppose(op *activesync.Op) error {
	if op.Item == 0 {
		return ErrUnderWay
	}
	r, err := a.row(op.Item)
	if err != nil {
		return err
	}
	ops, err := a.opsFor(op.Item)
	if err != nil {
		return err
	}
	before, n := *r, 0
	for ops[n].ID != op.ID {
		n++
	}
	before.show(ops[:n], a)
	if carries(op, r.kind) {
		return a.opposeEntry(op)
	}
	switch op.Kind {
	case activesync.OpRead:
		op.Read = before.showRead
	case activesync.OpFlag:
		op.Flag = before.showFlag
	case activesync.OpMove, activesync.OpDelete:
		return a.moveBack(r, op, before.shown, ops[n+1:])
	default:
		return ErrUnderWay
	}
	if err := a.putOp(op); err != nil {
		return err
	}
	return a.replay(op.Item)
}

// moveBack lets a move or deletion be followed by what leads back to where the
// item was.
func (a *account) moveBack(r *row, op *activesync.Op, to activesync.FolderID, later []activesync.Op) error {
	for _, l := range later {
		if l.Kind == activesync.OpMove || l.Kind == activesync.OpDelete {
			return ErrUnderWay
		}
	}
	if op.Kind == activesync.OpDelete {
		bin, err := a.bin()
		if err != nil {
			return err
		}
		if bin == 0 || bin == r.home {
			return ErrUnderWay
		}
	}
	back := activesync.Op{Kind: activesync.OpMove, Item: op.Item, To: to}
	if to == 0 {
		back.Kind = activesync.OpDelete
	}
	_, err := a.t.queueItem(back)
	return err
}
