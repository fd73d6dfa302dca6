package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
)

const (
	// mostFound is how many answers of an address list are kept for an account,
	// foundKept for how long.
	mostFound = 100
	foundKept = 30 * 24 * time.Hour
)

// foundIndex tells in one value how old each answer is. No name is its key.
var foundIndex = make([]byte, len(name{}))

// foundAt is an entry of it, the oldest first.
type foundAt struct {
	Key  []byte    `json:"key"`
	Time time.Time `json:"time"`
}

// KeepFound keeps what the organisation's address list answered to words, in
// place of what it answered to them before. Answers that are old, or the oldest
// of too many, are dropped.
func (s *Store) KeepFound(ctx context.Context, id activesync.AccountID, words string, found activesync.People) error {
	err := s.update(ctx, func(t *txn) error {
		a, err := t.makeAccount(id)
		if err != nil {
			return err
		}
		b, err := a.in(inAccount).CreateBucketIfNotExists([]byte(inFound.String()))
		if err != nil {
			return err
		}
		index, err := a.foundIndex()
		if err != nil && !isCorrupt(err) {
			return err
		}
		n := s.sealer.name("found", words)
		kept := []foundAt{}
		for _, f := range index {
			if !bytes.Equal(f.Key, n[:]) {
				kept = append(kept, f)
			}
		}
		for len(kept) >= mostFound || len(kept) > 0 && time.Since(kept[0].Time) > foundKept {
			if err := b.Delete(kept[0].Key); err != nil {
				return err
			}
			kept = kept[1:]
		}
		if err := a.putJSON(inFound, foundIndex, append(kept, foundAt{n[:], found.At})); err != nil {
			return err
		}
		v, err := json.Marshal(found)
		if err != nil {
			return err
		}
		return a.putPacked(inFound, n[:], v)
	})
	if err != nil {
		return fmt.Errorf("keep what the address list answered: %w", err)
	}
	return nil
}

// Found is what the address list answered to words when it was asked last; At is
// zero where nothing is kept.
func (s *Store) Found(ctx context.Context, id activesync.AccountID, words string) (found activesync.People, err error) {
	err = s.view(ctx, func(t *txn) error {
		a := t.account(id)
		n := s.sealer.name("found", words)
		if a == nil || a.in(inFound) == nil || a.in(inFound).Get(n[:]) == nil {
			return nil
		}
		v, err := a.unpacked(inFound, n[:])
		if err != nil {
			return err
		}
		if err := json.Unmarshal(v, &found); err != nil {
			return a.corrupt(inFound, n[:], err)
		}
		if time.Since(found.At) > foundKept {
			found = activesync.People{}
		}
		return nil
	})
	if err != nil {
		return activesync.People{}, fmt.Errorf("read what the address list answered: %w", err)
	}
	return found, nil
}

func (a *account) foundIndex() (index []foundAt, err error) {
	_, err = a.getJSON(inFound, foundIndex, &index)
	return index, err
}

func (k *checker) checkFound() {
	b := k.a.in(inFound)
	if b == nil {
		return
	}
	index, err := k.a.foundIndex()
	if err != nil {
		k.fault("%w", err)
	}
	for _, f := range index {
		if _, err := k.a.unpacked(inFound, f.Key); err != nil {
			k.fault("%w", err)
		}
	}
	if n := b.Stats().KeyN; n != len(index)+1 {
		k.fault("%w", errors.New("an answer of the address list is not in their index"))
	}
}
