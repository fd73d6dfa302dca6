package store

import (
	"context"
	"fmt"

	"eas.example/securemail/activesync"
)

// Queue writes a change that a person makes to the journal, together with its
// local effect: a mark or flag shows in the row, a deleted item leaves its list,
// a moved one stands in its new folder at once. mime is the message of a record
// that sends one, nil otherwise.
//
// It fills in the record's id, account, time, place on the server and
// before-image. A change that would change nothing is not recorded and gives 0.
func (s *Store) Queue(ctx context.Context, op activesync.Op, mime []byte) (activesync.OpID, error) {
	ids, err := s.queue(ctx, []activesync.Op{op}, mime)
	if err != nil {
		return 0, fmt.Errorf("queue %q: %w", op.Kind, err)
	}
	return ids[0], nil
}

// QueueAll is Queue for many changes of items at once: all are recorded or
// none. It gives one id for each.
func (s *Store) QueueAll(ctx context.Context, ops []activesync.Op) ([]activesync.OpID, error) {
	ids, err := s.queue(ctx, ops, nil)
	if err != nil {
		return nil, fmt.Errorf("queue %d changes: %w", len(ops), err)
	}
	return ids, nil
}

func (s *Store) queue(ctx context.Context, ops []activesync.Op, mime []byte) ([]activesync.OpID, error) {
	var ids []activesync.OpID
	err := s.update(ctx, func(t *txn) error {
		wrote := false
		ids = make([]activesync.OpID, len(ops))
		for i, op := range ops {
			var err error
			switch op.Kind {
			case activesync.OpSend:
				ids[i], err = t.queueSend(op, smallSpool(mime))
			case activesync.OpRespond:
				ids[i], err = t.queueRespond(op)
			default:
				ids[i], err = t.queueItem(op)
			}
			if err != nil {
				return err
			}
			wrote = wrote || ids[i] != 0
		}
		if !wrote {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

func (t *txn) queueSend(op activesync.Op, p *spool) (activesync.OpID, error) {
	if op.Send == nil {
		return 0, errNoMail
	}
	a, err := t.makeAccount(op.Account)
	if err != nil {
		return 0, err
	}
	op.Item, op.Before = 0, nil
	if err := a.addOp(&op); err != nil {
		return 0, err
	}
	return op.ID, a.putMail(&op, p)
}

func (t *txn) queueItem(op activesync.Op) (activesync.OpID, error) {
	a, r, err := t.findItem(op.Item)
	if err != nil {
		return 0, err
	}
	if r.kind.entry() && op.Kind == activesync.OpDelete {
		err := t.queueEntry(&op)
		return op.ID, err
	}
	if r.kind != kindMessage {
		return 0, ErrClass
	}
	switch op.Kind {
	case activesync.OpRead:
		if r.showRead == op.Read {
			return 0, nil
		}
	case activesync.OpFlag:
		if r.showFlag == op.Flag {
			return 0, nil
		}
	case activesync.OpMove:
		if err := a.mayHold(op.To, kindMessage); err != nil {
			return 0, err
		}
		if r.shown == op.To {
			return 0, nil
		}
	case activesync.OpDelete:
		if r.shown == 0 {
			return 0, nil
		}
	default:
		return 0, fmt.Errorf("unknown kind of change %q", op.Kind)
	}
	if op.Kind != activesync.OpRead && op.Kind != activesync.OpFlag && !op.Discards() {
		if d := a.draftOf(op.Item); d != nil && d.Op != 0 {
			return 0, activesync.ErrOutgoing // it would be sent all the same
		}
	}
	if op.Account, err = a.accountID(); err != nil {
		return 0, err
	}
	before := r.seen()
	op.Before, op.Send = &before, nil
	op.Folder, op.ServerID = r.home, r.serverID
	if err := a.addOp(&op); err != nil {
		return 0, err
	}
	return op.ID, a.replay(op.Item)
}

// mayHold tells whether items of a kind can be put into a folder of the account, and
// changed in it: nothing can in the recipient information cache.
func (a *account) mayHold(id activesync.FolderID, k kind) error {
	var f folderRecord
	found, err := a.getJSON(inFolders, idKey(uint64(id)), &f)
	if err != nil {
		return err
	}
	if !found {
		return ErrNoFolder
	}
	if f.Type.Class() != k.class() || f.Type == activesync.FolderRecipientCache {
		return ErrClass
	}
	return nil
}
