package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// toldKept is how long it is remembered that the person was told of a message.
// One that appears again later is most likely another.
const toldKept = 90 * 24 * time.Hour

// announce notes that the person is to be told of a message that has just
// arrived, unless they were told of it before: under another id, or in the
// folder from which it was moved elsewhere.
func (a *account) announce(r *row) error {
	for _, p := range []place{inUntold, inTold} {
		if _, err := a.in(inAccount).CreateBucketIfNotExists([]byte(p.String())); err != nil {
			return err
		}
	}
	print := a.hide(fingerprintOf(&r.header))
	if a.in(inTold).Get(print[:]) != nil {
		return nil
	}
	if err := a.in(inTold).Put(print[:], idKey(uint64(time.Now().Unix()))); err != nil {
		return err
	}
	return a.in(inUntold).Put(idKey(uint64(r.id)), print[:])
}

// TakeUntold hands out the messages that arrived since it was last called and
// are still unread, oldest first. Each is handed out once, whatever happens to
// the caller afterwards.
func (s *Store) TakeUntold(ctx context.Context, id activesync.AccountID) ([]activesync.Header, error) {
	waits := false
	err := s.view(ctx, func(t *txn) error {
		if a := t.account(id); a != nil && a.in(inUntold) != nil {
			k, _ := a.in(inUntold).Cursor().First()
			waits = k != nil
		}
		return nil
	})
	if err != nil || !waits {
		return nil, err
	}
	var out []activesync.Header
	err = s.update(ctx, func(t *txn) error {
		out = nil
		a := t.account(id)
		if a == nil {
			return errNothing
		}
		var items []activesync.ItemID
		c := a.in(inUntold).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			items = append(items, activesync.ItemID(readID(k)))
		}
		for _, item := range items {
			if err := a.in(inUntold).Delete(idKey(uint64(item))); err != nil {
				return err
			}
			// One that is gone or cannot be read is nothing to tell of.
			if r, err := a.row(item); err == nil && r.shown != 0 && r.unread() {
				out = append(out, r.seen())
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take what account %s was not told of: %w", id, err)
	}
	slices.SortStableFunc(out, func(x, y activesync.Header) int { return x.Date.Compare(y.Date) })
	return out, nil
}

// ForgetTold drops what was told so long ago that it does not matter any more.
func (s *Store) ForgetTold(ctx context.Context) error {
	err := s.update(ctx, func(t *txn) (err error) {
		before := uint64(time.Now().Add(-toldKept).Unix())
		found := false
		t.each(func(a *account) bool {
			if a.in(inTold) == nil {
				return false
			}
			var old [][]byte
			c := a.in(inTold).Cursor()
			for k, v := c.First(); k != nil; k, v = c.Next() {
				if readID(v) < before {
					old = append(old, bytes.Clone(k))
				}
			}
			for _, k := range old {
				found = true
				if err = a.in(inTold).Delete(k); err != nil {
					return true
				}
			}
			return false
		})
		if err == nil && !found {
			return errNothing
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("forget what was told long ago: %w", err)
	}
	return nil
}

func (k *checker) checkTold() {
	if k.a.in(inUntold) == nil {
		return
	}
	k.each(inTold, 16, func(_, v []byte) {
		if len(v) != 8 || binary.BigEndian.Uint64(v) == 0 {
			k.fault("what was told has no time")
		}
	})
	k.each(inUntold, 8, func(key, v []byte) {
		if len(v) != 16 {
			k.fault("item %d is to be told of, but not as what", readID(key))
		}
	})
}
