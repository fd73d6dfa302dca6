package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"eas.example/securemail/activesync"
)

// Undo takes changes back: those that are still in the journal are dropped,
// the others are done the other way round.
func (l *Local) Undo(ctx context.Context, ids ...activesync.OpID) error {
	for _, id := range slices.Backward(ids) {
		if err := l.undo(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (l *Local) undo(ctx context.Context, id activesync.OpID) error {
	op, m, err := l.pending(ctx, id)
	if errors.Is(err, ErrDone) {
		return l.reverse(ctx, id)
	}
	if err != nil {
		return err
	}
	done := false
	err = m.engine.TakeBack(ctx, func() error {
		now, _, err := l.pending(ctx, id)
		switch {
		case errors.Is(err, ErrDone):
			done = true // carried out in the meantime
			return nil
		case err != nil:
			return err
		case now.Kind == activesync.OpSend && now.State == activesync.OpSending:
			return fmt.Errorf("%w: it may be on its way already", ErrDone)
		}
		return l.Store.RevertOp(ctx, id)
	})
	if done {
		return l.reverse(ctx, id)
	}
	if err == nil {
		l.changed(m.account.ID, op)
		if op.Kind == activesync.OpRespond {
			l.answerChanged(ctx, m, op.Item)
		}
	}
	return err
}

const (
	// undoable is how many changes that the server has already can be taken back.
	undoable = 1000
	// undoableBytes is how large the pictures and texts may be in all that are kept
	// for it. The latest change can be taken back whatever its size.
	undoableBytes = 8 << 20
)

// remember keeps a change, so that it can be done the other way round.
func (l *Local) remember(op activesync.Op) {
	if op.Kind.Makes() { // the other way round it is deleted
		op.Contact, op.Event = nil, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = append(l.done, op)
	size, from := 0, len(l.done)
	for from > 0 && len(l.done)-from < undoable {
		size += weight(&l.done[from-1])
		if size > undoableBytes && from < len(l.done) {
			break
		}
		from--
	}
	l.done = slices.Delete(l.done, 0, from)
}

// weight is how many bytes of what may be large a record holds.
func weight(op *activesync.Op) (n int) {
	for _, c := range []*activesync.Contact{op.Contact, op.ContactBefore} {
		if c != nil {
			n += len(c.Picture) + len(c.Note)
		}
	}
	for _, e := range []*activesync.Event{op.Event, op.EventBefore} {
		if e != nil {
			n += len(e.Body.Data)
		}
	}
	return n
}

// reverse does a change that the server has already the other way round. Where
// that fails it can be tried again.
func (l *Local) reverse(ctx context.Context, id activesync.OpID) error {
	l.mu.Lock()
	i := slices.IndexFunc(l.done, func(op activesync.Op) bool { return op.ID == id })
	var op activesync.Op
	if i >= 0 {
		op = l.done[i]
		l.done = slices.Delete(l.done, i, i+1)
	}
	l.mu.Unlock()
	if i < 0 {
		return fmt.Errorf("%w: it was carried out already", ErrDone)
	}
	err := l.doBack(ctx, op)
	if err != nil {
		l.remember(op)
	}
	return err
}

func (l *Local) doBack(ctx context.Context, op activesync.Op) error {
	if back, ok := reverseEntry(op); ok {
		if back.Event != nil {
			_, err := l.ChangeEvents(ctx, back)
			return err
		}
		_, err := l.doEntries(ctx, []activesync.Op{back})
		return err
	}
	back := activesync.Op{Kind: op.Kind, Item: op.Item}
	switch op.Kind {
	case activesync.OpRead:
		back.Read = op.Before.Read
	case activesync.OpFlag:
		back.Flag = op.Before.Flag
	case activesync.OpMove, activesync.OpDelete:
		// What was deleted lies in Deleted Items, if it has been seen there.
		now, err := l.Store.Header(ctx, op.Item)
		if err != nil || now.Folder == op.Before.Folder {
			return fmt.Errorf("%w: look for it in Deleted Items", ErrDone)
		}
		back.Kind, back.To = activesync.OpMove, op.Before.Folder
	default:
		return fmt.Errorf("%w: it was carried out already", ErrDone)
	}
	_, err := l.Do(ctx, back)
	return err
}
