package store

import (
	"context"
	"encoding/json"
	"fmt"

	"eas.example/securemail/activesync"
)

// State is what is kept of an account. Of one that is not known yet it is the
// zero value.
func (s *Store) State(ctx context.Context, id activesync.AccountID) (activesync.AccountState, error) {
	var st activesync.AccountState
	err := s.view(ctx, func(t *txn) (err error) {
		if a := t.account(id); a != nil {
			st, err = a.state()
		}
		return err
	})
	if err != nil {
		return activesync.AccountState{}, fmt.Errorf("read state of account %s: %w", id, err)
	}
	return st, nil
}

// UpdateState changes what is kept of an account. fn must not use the store;
// when it fails nothing is changed.
func (s *Store) UpdateState(ctx context.Context, id activesync.AccountID, fn func(*activesync.AccountState) error) error {
	err := s.update(ctx, func(t *txn) error {
		a, err := t.makeAccount(id)
		if err != nil {
			return err
		}
		st, err := a.state()
		if err != nil {
			return err
		}
		if err := fn(&st); err != nil {
			return err
		}
		return a.putJSON(inAccount, keyState, st)
	})
	if err != nil {
		return fmt.Errorf("change state of account %s: %w", id, err)
	}
	return nil
}

func (a *account) state() (st activesync.AccountState, err error) {
	_, err = a.getJSON(inAccount, keyState, &st)
	return st, err
}

// RemoveAccount forgets an account with all that is kept of it. An account that
// is not known is no error.
func (s *Store) RemoveAccount(ctx context.Context, id activesync.AccountID) error {
	return s.removeAccount(ctx, id, nil)
}

// EraseAccount is RemoveAccount that leaves nothing readable behind, even to who
// has the key: the room that the account took in the file is written over, after a
// crash when the store is opened the next time. Of one that is erased by an order
// that order stays, and what stands on the desktop, until RemoveAccount: a crash
// may come before everything else of the account is gone.
func (s *Store) EraseAccount(ctx context.Context, id activesync.AccountID) error {
	was, err := s.State(ctx, id)
	if err != nil {
		was = activesync.AccountState{} // what cannot be read is erased all the same
	}
	err = s.removeAccount(ctx, id, func(t *txn) error {
		if _, err := t.tx.CreateBucketIfNotExists(bucketScrub); err != nil || !was.Erase {
			return err
		}
		a, err := t.makeAccount(id)
		if err != nil {
			return err
		}
		return a.putJSON(inAccount, keyState, activesync.AccountState{Erase: true, Told: activesync.Told{Shown: was.Told.Shown}})
	})
	if err != nil {
		return err
	}
	return s.scrub(ctx)
}

// removeAccount removes an account, and does what is to be done with it in the
// same transaction.
func (s *Store) removeAccount(ctx context.Context, id activesync.AccountID, with func(*txn) error) error {
	err := s.update(ctx, func(t *txn) error {
		n := t.s.sealer.name("account", string(id))
		accounts := t.tx.Bucket(bucketAccounts)
		switch {
		case accounts.Bucket(n[:]) != nil:
			if err := accounts.DeleteBucket(n[:]); err != nil {
				return err
			}
		case with == nil:
			return errNothing
		}
		if with == nil {
			return nil
		}
		return with(t)
	})
	if err != nil {
		return fmt.Errorf("remove account %s: %w", id, err)
	}
	if err := s.dropFiles(s.sealer.name("account", string(id))); err != nil {
		return fmt.Errorf("remove account %s: %w", id, err)
	}
	return nil
}

// FolderSyncKey is the key of the folder hierarchy, KeyNone before the first one.
func (s *Store) FolderSyncKey(ctx context.Context, id activesync.AccountID) (activesync.SyncKey, error) {
	key := activesync.KeyNone
	err := s.view(ctx, func(t *txn) (err error) {
		if a := t.account(id); a != nil {
			key, err = a.hierarchyKey()
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read hierarchy key of account %s: %w", id, err)
	}
	return key, nil
}

func (a *account) hierarchyKey() (activesync.SyncKey, error) {
	b, err := a.get(inAccount, keyHierarchy)
	if err != nil {
		return "", err
	}
	return orNone(activesync.SyncKey(b)), nil
}

// orNone gives a key that was never set its name.
func orNone(k activesync.SyncKey) activesync.SyncKey {
	if k == "" {
		return activesync.KeyNone
	}
	return k
}

func (a *account) putJSON(p place, key []byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s: %w", p, err)
	}
	return a.put(p, key, b)
}

// getJSON reports whether there is a value.
func (a *account) getJSON(p place, key []byte, v any) (bool, error) {
	b, err := a.get(p, key)
	if b == nil || err != nil {
		return false, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, a.corrupt(p, key, err)
	}
	return true, nil
}
