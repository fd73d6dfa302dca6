package agent

import (
	"context"
	"errors"
	"fmt"
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
	before, err := l.Store.Folder(ctx, id)
	if err != nil {
		return err
	}
	if err := l.Store.SetFolderOptions(ctx, id, o); err != nil {
		return err
	}
	if before.Period != o.Period { // what the server was asked for is no longer all, or too much
		m.engine.Stale(id)
	} else {
		m.engine.Wake()
	}
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

// Discard drops a journal record, its local effect included.
func (l *Local) Discard(ctx context.Context, id activesync.OpID) error { return l.undo(ctx, id) }

// Retry has a parked record carried out once more. One that is under way, or may
// have been carried out, is found out about first.
func (l *Local) Retry(ctx context.Context, id activesync.OpID) error {
	op, m, err := l.pending(ctx, id)
	if err != nil {
		return err
	}
	if err := l.Store.RetryOp(ctx, id); err != nil {
		return err
	}
	m.engine.Resume()
	if op.Aside {
		l.changed(m.account.ID, op)
	}
	l.publish(activesync.Notice{Kind: activesync.NoticeOp, Account: m.account.ID, Op: id, Time: time.Now().UTC()})
	return nil
}
