package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"eas.example/securemail/activesync"
)

// draftRecord is a message that is being written.
type draftRecord struct {
	Key   string           `json:"key"`
	Draft activesync.Draft `json:"draft"`
	// Op is the journal record that sends it, 0 while it is being written.
	Op activesync.OpID `json:"op,omitempty"`
	// Item is the message in the Drafts of the server that it is, 0 where it is
	// only here; Files and Print are what the server has of it, see DraftOp.
	Item  activesync.ItemID `json:"item,omitempty"`
	Files []string          `json:"files,omitempty"`
	Print []byte            `json:"print,omitempty"`
	// Unseen: since the server took a change of it, its folder was not in step. A
	// server that trusts ids takes one of a draft that is gone already.
	Unseen bool `json:"unseen,omitempty"`
}

// KeepDraft keeps a message that is being written, in place of what was kept
// under this key before, and has it written to the server's Drafts where that
// carries them: due reports that a new record does so. Where what was kept is not
// what d was made from, as its Base says, or is being sent, nothing is changed and
// the error is activesync.ErrDraftChanged: two screens write the same message.
func (s *Store) KeepDraft(ctx context.Context, key string, d activesync.Draft) (due bool, err error) {
	err = s.update(ctx, func(t *txn) error {
		if key == "" {
			return errors.New("it has no key")
		}
		a, err := t.makeAccount(d.Account)
		if err != nil {
			return err
		}
		r := draftRecord{Key: key, Draft: d}
		have, found, err := t.mayReplace(key, d)
		if err != nil {
			return err
		}
		if found {
			if have.Draft.Account == d.Account {
				r.Item, r.Files, r.Print = have.Item, have.Files, have.Print
			} else if err := t.account(have.Draft.Account).discardDraft(&have, false); err != nil {
				return err
			}
		}
		// It may have been another account's before.
		if _, err := t.dropDraft(key); err != nil {
			return err
		}
		if due, err = a.writeDraft(&r); err != nil {
			return err
		}
		return a.putDraft(r)
	})
	if err != nil {
		return false, fmt.Errorf("keep draft: %w", err)
	}
	return due, nil
}

// mayReplace is what is kept under a key; the error says that d must not take
// its place. A draft that cannot be read is no loss.
func (t *txn) mayReplace(key string, d activesync.Draft) (have draftRecord, found bool, err error) {
	have, found, err = t.findDraft(key)
	switch {
	case !found || isCorrupt(err):
		return draftRecord{}, false, nil
	case err != nil:
		return have, found, err
	case have.Op != 0, !follows(d, have.Draft):
		return have, found, activesync.ErrDraftChanged
	}
	return have, found, nil
}

// follows reports whether a draft was made from another one, or was written on
// the same screen: what comes before the point of a stamp names that.
func follows(d, from activesync.Draft) bool {
	screen, _, _ := strings.Cut(d.Stamp, ".")
	other, _, _ := strings.Cut(from.Stamp, ".")
	return from.Stamp == d.Base || screen == other && screen != ""
}

// findDraft finds a draft in whatever account it is.
func (t *txn) findDraft(key string) (r draftRecord, found bool, err error) {
	n := t.s.sealer.name("draft", key)
	a := t.holder(inDrafts, n[:])
	if a == nil {
		return r, false, nil
	}
	r, err = a.draft(n[:])
	return r, true, err
}

// putDraft files a draft record under its name.
func (a *account) putDraft(r draftRecord) error {
	if _, err := a.in(inAccount).CreateBucketIfNotExists([]byte(inDrafts.String())); err != nil {
		return err
	}
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	n := a.t.s.sealer.name("draft", r.Key)
	return a.putPacked(inDrafts, n[:], b)
}

// Drafts are the messages that are being written, of all accounts, by their
// keys, without those that are being sent. Where some cannot be read, the others come with an error.
func (s *Store) Drafts(ctx context.Context) (map[string]activesync.Draft, error) {
	drafts := map[string]activesync.Draft{}
	err := s.view(ctx, func(t *txn) error {
		var problem error
		t.each(func(a *account) bool {
			problem = errors.Join(problem, a.drafts(func(key []byte) error {
				r, err := a.draft(key)
				if err == nil && r.Op == 0 && a.draftShown(&r) {
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

// DropDraft forgets a message that was being written, as it stood at a stamp;
// another state of it, or one that is being sent, stays. "" is any state. What
// the server has of it goes to Deleted Items. One that is not kept is no error.
func (s *Store) DropDraft(ctx context.Context, key, stamp string) error {
	err := s.update(ctx, func(t *txn) error {
		have, _, err := t.findDraft(key)
		if err == nil && (have.Op != 0 || stamp != "" && have.Draft.Stamp != stamp) {
			return errNothing
		}
		found, derr := t.dropDraft(key)
		switch {
		case derr != nil:
			return derr
		case !found:
			return errNothing
		case err != nil:
			return nil // it could not be read; what the server has of it stays there
		}
		return t.account(have.Draft.Account).discardDraft(&have, false)
	})
	if err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	return nil
}

func (t *txn) dropDraft(key string) (found bool, err error) {
	n := t.s.sealer.name("draft", key)
	a := t.holder(inDrafts, n[:])
	if a == nil {
		return false, nil
	}
	return true, a.in(inDrafts).Delete(n[:])
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
		if r.Item != 0 && k.rows[r.Item] == nil {
			return fmt.Errorf("a draft is item %d, which is missing", r.Item)
		}
		if r.Op != 0 {
			if op, err := k.a.op(r.Op); err != nil || op.Send == nil || op.Send.Draft != r.Key {
				return fmt.Errorf("a draft belongs to record %s, which does not send it", r.Op)
			}
		}
		return nil
	})
	if err != nil {
		k.fault("%w", err)
	}
}
