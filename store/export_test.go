package store

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"
)

// NoSync lets commits return before they are on the disk, for tests that make
// thousands of them and end no process.
func (s *Store) NoSync() { s.db.NoSync = true }

// Step is a migration of a test.
type Step func(tx *bbolt.Tx) error

// WithSteps makes options under which the program knows these migrations more.
func WithSteps(o Options, steps ...Step) Options {
	o.steps = migrations()
	for i, step := range steps {
		o.steps = append(o.steps, migration{name: fmt.Sprint("step ", i+1), run: func(t *txn) error { return step(t.tx) }})
	}
	return o
}

// WithRoom bounds the size of the file.
func WithRoom(o Options, bytes int) Options {
	o.maxSize = bytes
	return o
}

// Edit changes the file behind the store's back.
func (s *Store) Edit(fn func(tx *bbolt.Tx) error) error { return s.db.Update(fn) }

// Read looks at the file behind the store's back.
func (s *Store) Read(fn func(tx *bbolt.Tx)) error {
	return s.db.View(func(tx *bbolt.Tx) error { fn(tx); return nil })
}

// Remake puts all messages into their conversations anew.
func (s *Store) Remake() error {
	return s.update(context.Background(), func(t *txn) error {
		t.each(func(a *account) bool {
			folders, _ := a.folders()
			for f := range folders {
				n := a.count(f)
				n.threads, n.unreadThreads = 0, 0
			}
			return false
		})
		return makeThreads(t)
	})
}
