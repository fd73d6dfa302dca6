// Package storetest opens stores for tests of this and other packages.
//
// A store that was opened here is checked for all invariants when the test
// ends. It owns no state; its functions may be called from tests that run at
// the same time.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"eas.example/securemail/store"
)

// Key is the data key of the stores that Open makes.
func Key() []byte { return bytes.Repeat([]byte{7}, 32) }

// Open opens a new store in a directory of the test. When the test ends, the
// store is checked and closed.
func Open(t testing.TB) *store.Store {
	t.Helper()
	return OpenAt(t, filepath.Join(t.TempDir(), "mail.db"))
}

// OpenQuick is Open for tests that make thousands of commits: where the machine
// has a file system in memory, the store lies there.
func OpenQuick(t testing.TB) *store.Store {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "securemail")
	if err != nil {
		return Open(t)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return OpenAt(t, filepath.Join(dir, "mail.db"))
}

// OpenAt is Open for the store at path. A test may close it before it ends.
func OpenAt(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path, store.Options{Key: Key()})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() { Close(t, s) })
	return s
}

// Close checks a store and closes it. A store that is closed already is left.
func Close(t testing.TB, s *store.Store) {
	t.Helper()
	if err := s.Check(context.Background()); err != nil && !errors.Is(err, store.ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("%v", err)
	}
}
