package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
)

// SyncState is where the synchronisation of a folder stands.
func (s *Store) SyncState(ctx context.Context, id activesync.FolderID) (activesync.SyncState, error) {
	var st activesync.SyncState
	err := s.view(ctx, func(t *txn) error {
		a, err := t.folderAccount(id)
		if err != nil {
			return err
		}
		st, err = a.syncState(id)
		st.Awaits = !st.Resync && a.awaits(id)
		return err
	})
	if err != nil {
		return activesync.SyncState{}, fmt.Errorf("read sync state of folder %s: %w", id, err)
	}
	return st, nil
}

// SetRequest remembers a request under way, so that it can be repeated byte for
// byte, with the journal records that it carries, which are OpSending from now
// on. nil forgets it. The folder must still be at key, else ErrStaleKey.
func (s *Store) SetRequest(ctx context.Context, id activesync.FolderID, key activesync.SyncKey, request []byte, ops []activesync.OpID) error {
	err := s.changeSync(ctx, id, func(a *account, st *activesync.SyncState) error {
		if st.Key != orNone(key) {
			return ErrStaleKey
		}
		if len(request) == 0 && len(st.Request) == 0 && len(ops) == 0 && len(st.RequestOps) == 0 {
			return errNothing
		}
		st.Request, st.RequestOps = request, ops
		for _, id := range ops {
			op, err := a.op(id)
			if err != nil {
				return fmt.Errorf("record %s: %w", id, err)
			}
			op.State = activesync.OpSending
			if err := a.putOp(op); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember request of folder %s: %w", id, err)
	}
	return nil
}

// SetFilter notes the FilterType that the folder is at.
func (s *Store) SetFilter(ctx context.Context, id activesync.FolderID, filter int) error {
	err := s.changeSync(ctx, id, func(_ *account, st *activesync.SyncState) error {
		if st.Filter == filter {
			return errNothing
		}
		st.Filter = filter
		return nil
	})
	if err != nil {
		return fmt.Errorf("note filter of folder %s: %w", id, err)
	}
	return nil
}

func (s *Store) changeSync(ctx context.Context, id activesync.FolderID, fn func(*account, *activesync.SyncState) error) error {
	return s.update(ctx, func(t *txn) error {
		a, err := t.folderAccount(id)
		if err != nil {
			return err
		}
		st, err := a.syncState(id)
		if err != nil {
			return err
		}
		if err := fn(a, &st); err != nil {
			return err
		}
		return a.putSync(id, st)
	})
}

// folderAccount finds the account of a folder.
func (t *txn) folderAccount(id activesync.FolderID) (a *account, err error) {
	if a = t.holder(inFolders, idKey(uint64(id))); a == nil {
		return nil, ErrNoFolder
	}
	return a, nil
}

func (a *account) syncState(id activesync.FolderID) (st activesync.SyncState, err error) {
	_, err = a.getJSON(inSync, idKey(uint64(id)), &st)
	st.Key = orNone(st.Key)
	return st, err
}

func (a *account) putSync(id activesync.FolderID, st activesync.SyncState) error {
	return a.putJSON(inSync, idKey(uint64(id)), st)
}

// Reset starts the synchronisation of a folder anew, from KeyNone. Its items
// stay in the list and wait to be told of again; those that were not by the
// time the folder is in step are gone. Journal records and bodies stay. Items
// that cannot be read are dropped, so that the server gives them again.
func (s *Store) Reset(ctx context.Context, id activesync.FolderID) error {
	err := s.update(ctx, func(t *txn) error {
		a, err := t.folderAccount(id)
		if err != nil {
			return err
		}
		return a.reset(id)
	})
	if err != nil {
		return fmt.Errorf("start folder %s anew: %w", id, err)
	}
	return nil
}

func (a *account) reset(id activesync.FolderID) error {
	items := a.itemsOf(id)
	items = append(items, a.unreadable(id, items)...)
	left := false
	for _, item := range items {
		r, err := a.row(item)
		if why := a.waitsFor(item); err == nil && (why == waitKept || why == waitMade) {
			continue // the server does not have it
		}
		if err == nil {
			if err = a.wait(r, waitResync); err == nil {
				left = true
				continue
			}
		}
		if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNoItem) {
			return err
		}
		if _, err := a.drop(item); err != nil {
			return err
		}
	}
	st, err := a.syncState(id)
	if errors.Is(err, ErrCorrupt) {
		st, err = activesync.SyncState{}, nil
	}
	if err != nil {
		return err
	}
	return a.putSync(id, activesync.SyncState{Key: activesync.KeyNone, Filter: st.Filter, Had: st.Had, Resync: left})
}

// unreadable are the items in the list of a folder, other than those given,
// that cannot be read.
func (a *account) unreadable(f activesync.FolderID, known []activesync.ItemID) []activesync.ItemID {
	seen := make(map[activesync.ItemID]bool, len(known))
	for _, id := range known {
		seen[id] = true
	}
	var out []activesync.ItemID
	prefix := idKey(uint64(f))
	c := a.in(inList).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		_, id := splitListKey(k)
		if seen[id] {
			continue
		}
		if _, err := a.row(id); err != nil {
			out = append(out, id)
		}
	}
	return out
}
