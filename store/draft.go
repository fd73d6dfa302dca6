package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
)

// draftRecord is a message that is being written.
type draftRecord struct {
	Key   string           `json:"key"`
	Draft activesync.Draft `json:"draft"`
}

// KeepDraft keeps a message that is being written, in place of what was kept
// under this key before.
func (s *Store) KeepDraft(ctx context.Context, key string, d activesync.Draft) error {
	err := s.update(ctx, func(t *txn) error {
		if key == "" {
			return errors.New("it has no key")
		}
		a, err := t.makeAccount(d.Account)
		if err != nil {
			return err
		}
		if _, err := a.in(inAccount).CreateBucketIfNotExists([]byte(inDrafts.String())); err != nil {
			return err
		}
		b, err := json.Marshal(draftRecord{key, d})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		// It may have been another account's before.
		if _, err := t.dropDraft(key); err != nil {
			return err
		}
		n := t.s.sealer.name("draft", key)
		return a.putPacked(inDrafts, n[:], b)
	})
	if err != nil {
		return fmt.Errorf("keep draft: %w", err)
	}
	return nil
}

// Drafts are the messages that are being written, of all accounts, by their
// keys. Where some cannot be read, the others come with an error.
func (s *Store) Drafts(ctx context.Context) (map[string]activesync.Draft, error) {
	drafts := map[string]activesync.Draft{}
	err := s.view(ctx, func(t *txn) error {
		var problem error
		t.each(func(a *account) bool {
			problem = errors.Join(problem, a.drafts(func(key []byte) error {
				r, err := a.draft(key)
				if err == nil {
					drafts[r.Key] = r.Draft
				}
				return err
			}))
			return false
		})
		return problem
	})
	if err != nil {
		return drafts, fmt.Errorf("read drafts: %w", err)
	}
	return drafts, nil
}

// DropDraft forgets a message that was being written. One that is not kept is
// no error.
func (s *Store) DropDraft(ctx context.Context, key string) error {
	err := s.update(ctx, func(t *txn) error {
		found, err := t.dropDraft(key)
		if err == nil && !found {
			return errNothing
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	return nil
}

func (t *txn) dropDraft(key string) (found bool, err error) {
	n := t.s.sealer.name("draft", key)
	t.each(func(a *account) bool {
		b := a.in(inDrafts)
		if b == nil || b.Get(n[:]) == nil {
			return false
		}
		found, err = true, b.Delete(n[:])
		return true
	})
	return found, err
}

// drafts calls fn for the name of every draft and gathers what went wrong.
func (a *account) drafts(fn func(key []byte) error) (problem error) {
	b := a.in(inDrafts)
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		problem = errors.Join(problem, fn(k))
	}
	return problem
}

func (a *account) draft(key []byte) (draftRecord, error) {
	var r draftRecord
	b, err := a.unpacked(inDrafts, key)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, a.corrupt(inDrafts, key, err)
	}
	return r, nil
}

func (k *checker) checkDrafts() {
	err := k.a.drafts(func(key []byte) error {
		r, err := k.a.draft(key)
		if err != nil {
			return err
		}
		if n := k.t.s.sealer.name("draft", r.Key); string(n[:]) != string(key) {
			return fmt.Errorf("a draft is filed under another name")
		}
		if id, err := k.a.accountID(); err == nil && r.Draft.Account != id {
			return fmt.Errorf("a draft is another account's")
		}
		return nil
	})
	if err != nil {
		k.fault("%w", err)
	}
}
