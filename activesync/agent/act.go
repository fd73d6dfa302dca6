package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
)

// SetAutoRefresh is Settings › Auto Refresh of an account.
func (l *Local) SetAutoRefresh(ctx context.Context, id activesync.AccountID, on bool) error {
	m, err := l.member(id)
	if err != nil {
		return err
	}
	err = l.Store.UpdateState(ctx, id, func(s *activesync.AccountState) error {
		s.AutoRefreshOff = !on
		s.AutoRefreshChosen = s.AutoRefreshChosen || on
		return nil
	})
	if err != nil {
		return err
	}
	m.engine.Wake()
	l.publish(activesync.Notice{Kind: activesync.NoticeFolders, Account: id, Time: time.Now().UTC()})
	return nil
}

// SetFolderOptions are the Sync options of a mailbox.
func (l *Local) SetFolderOptions(ctx context.Context, id activesync.FolderID, o activesync.FolderOptions) error {
	m, err := l.of(ctx, id)
	if err != nil {
		return err
	}
	if err := l.Store.SetFolderOptions(ctx, id, o); err != nil {
		return err
	}
	m.engine.Wake()
	l.publish(activesync.Notice{Kind: activesync.NoticeFolders, Account: m.account.ID, Folder: id, Time: time.Now().UTC()})
	return nil
}

// SyncNow has folders looked at, all that have a check frequency when none is
// named. It returns at once; notices tell.
func (l *Local) SyncNow(_ context.Context, id activesync.AccountID, folders ...activesync.FolderID) error {
	m, err := l.member(id)
	if err != nil {
		return err
	}
	m.engine.CheckNow(folders...)
	return nil
}

// Sync brings folders in step and waits for it; see engine.Sync.
func (l *Local) Sync(ctx context.Context, id activesync.AccountID, folders []activesync.FolderID, every bool,
	progress func(activesync.Status)) (engine.Summary, error) {
	m, err := l.member(id)
	if err != nil {
		return engine.Summary{}, err
	}
	return m.engine.Sync(ctx, folders, every, progress)
}

// Push carries out what waits in the journal now and waits for it.
func (l *Local) Push(ctx context.Context, id activesync.AccountID) error {
	m, err := l.member(id)
	if err != nil {
		return err
	}
	return m.engine.Push(ctx)
}

// Check signs in and reads the list of folders.
func (l *Local) Check(ctx context.Context, id activesync.AccountID) error {
	m, err := l.member(id)
	if err != nil {
		return err
	}
	return m.engine.Check(ctx)
}

// Do writes changes to the journal with their local effect.
func (l *Local) Do(ctx context.Context, ops ...activesync.Op) ([]activesync.OpID, error) {
	var ids []activesync.OpID
	for _, op := range ops {
		if op.Kind == activesync.OpContactAdd && op.Contact != nil {
			op.Contact.Folder = op.To
			_, id, err := l.AddContact(ctx, op.Account, *op.Contact)
			if err != nil {
				return ids, err
			}
			ids = append(ids, id)
			continue
		}
		m, err := l.ofItem(ctx, op.Item)
		if err != nil {
			return ids, err
		}
		before, err := l.Store.Header(ctx, op.Item)
		if err != nil {
			if _, cerr := l.Store.Contact(ctx, op.Item); cerr != nil {
				return ids, err
			}
			done, err := l.doEntries(ctx, []activesync.Op{op})
			if err != nil {
				return ids, err
			}
			ids = append(ids, done[0].ID)
			continue
		}
		op.Account, op.Created, op.State = m.account.ID, time.Now().UTC(), activesync.OpPending
		id, err := l.Store.Queue(ctx, op, nil)
		if err != nil {
			return ids, err
		}
		op.ID, op.Folder, op.Before = id, before.Folder, &before
		l.remember(op)
		ids = append(ids, id)
		l.changed(m.account.ID, op)
		m.engine.Wake()
	}
	return ids, nil
}

func (l *Local) changed(account activesync.AccountID, op activesync.Op) {
	now := time.Now().UTC()
	if op.Folder != 0 {
		l.publish(activesync.Notice{Kind: activesync.NoticeFolder, Account: account, Folder: op.Folder, Item: op.Item, Time: now})
	}
	if op.To != 0 {
		l.publish(activesync.Notice{Kind: activesync.NoticeFolder, Account: account, Folder: op.To, Item: op.Item, Time: now})
	}
	l.publish(activesync.Notice{Kind: activesync.NoticeFolders, Account: account, Time: now})
}

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

// pending finds a journal record of any account.
func (l *Local) pending(ctx context.Context, id activesync.OpID) (activesync.Op, *member, error) {
	for _, m := range l.members() {
		ops, err := l.Store.Pending(ctx, m.account.ID)
		if err != nil {
			return activesync.Op{}, nil, err
		}
		for _, op := range ops {
			if op.ID == id {
				return op, m, nil
			}
		}
	}
	return activesync.Op{}, nil, fmt.Errorf("%w: it was carried out already", ErrDone)
}

// ErrDone: the journal record is no longer there to be changed.
var ErrDone = errors.New("too late to take back")

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

// undoable is how many changes that the server has already can be taken back.
const undoable = 1000

// remember keeps a change, so that it can be done the other way round.
func (l *Local) remember(op activesync.Op) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = append(l.done, op)
	if len(l.done) > undoable {
		l.done = slices.Delete(l.done, 0, len(l.done)-undoable)
	}
}

// reverse does a change that the server has already the other way round.
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

// Discard drops a journal record, its local effect included.
func (l *Local) Discard(ctx context.Context, id activesync.OpID) error { return l.undo(ctx, id) }

// Retry has a parked record carried out once more.
func (l *Local) Retry(ctx context.Context, id activesync.OpID) error {
	op, m, err := l.pending(ctx, id)
	if err != nil {
		return err
	}
	op.State, op.Reason, op.NotBefore = activesync.OpPending, "", time.Time{}
	if err := l.Store.SetOp(ctx, op); err != nil {
		return err
	}
	m.engine.Resume()
	if op.Aside {
		l.changed(m.account.ID, op)
	}
	l.publish(activesync.Notice{Kind: activesync.NoticeOp, Account: m.account.ID, Op: id, Time: time.Now().UTC()})
	return nil
}
