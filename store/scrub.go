package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// scrubPages is how many pages one transaction of Scrub writes over.
const scrubPages = 2000

// bucketScrub is there as long as the free pages are to be written over.
var bucketScrub = []byte("scrub")

// scrub writes noise over the pages of the file that are free, if that is due:
// what was deleted lies there, sealed, until something else takes its place.
func (s *Store) scrub(ctx context.Context) error {
	due := false
	if err := s.view(ctx, func(t *txn) error { due = t.tx.Bucket(bucketScrub) != nil; return nil }); err != nil || !due {
		return err
	}
	// What a transaction freed is free for the next one but one.
	if err := s.update(ctx, func(t *txn) error { return t.tx.Bucket(bucketScrub).Put([]byte("begun"), nil) }); err != nil {
		return fmt.Errorf("write over what was deleted: %w", err)
	}
	left := s.db.Stats().FreePageN + s.db.Stats().PendingPageN
	for n := 0; left > 0; left -= scrubPages {
		err := s.update(ctx, func(t *txn) error {
			b := t.tx.Bucket(bucketScrub)
			for range min(left, scrubPages) {
				n++
				if err := b.Put(binary.BigEndian.AppendUint64(nil, uint64(n)), noise(s.db)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("write over what was deleted: %w", err)
		}
	}
	if err := s.update(ctx, func(t *txn) error { return t.tx.DeleteBucket(bucketScrub) }); err != nil {
		return fmt.Errorf("write over what was deleted: %w", err)
	}
	return nil
}

// noise fills a page, but for its head and that of its one element.
func noise(db *bbolt.DB) []byte {
	b := make([]byte, db.Info().PageSize-64)
	_, _ = rand.Read(b) // never fails
	return b
}
