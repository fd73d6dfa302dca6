package store

import (
	"context"
	"fmt"
)

// schemaVersion is the structure of the file as doc.go draws it. A change that
// an older program would misread raises it and adds a migration.
const schemaVersion = 3

// migration brings the structure from the version of its index plus one to the
// next one.
type migration struct {
	name string
	run  func(*txn) error
}

// migrations are the steps from the first structure to this one, in order.
func migrations() []migration {
	return []migration{
		{"conversations", makeThreads},
		{"rows with references", func(*txn) error { return nil }}, // such are only unknown to older programs
	}
}

// migrate runs the steps that are still to be done, each in a transaction of
// its own that also counts the version up. An up-to-date file is not written.
func (s *Store) migrate(ctx context.Context, steps []migration) error {
	for {
		done := true
		var name string
		err := s.update(ctx, func(t *txn) error {
			have := readID(t.tx.Bucket(bucketMeta).Get(keySchema))
			if have == 0 || have > uint64(len(steps)) {
				return errNothing
			}
			step := steps[have-1]
			done, name = false, step.name
			if err := step.run(t); err != nil {
				return err
			}
			return t.tx.Bucket(bucketMeta).Put(keySchema, idKey(have+1))
		})
		if err != nil {
			return fmt.Errorf("bring the store up to date (%s): %w", name, err)
		}
		if done {
			return nil
		}
	}
}
