package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
	"go.etcd.io/bbolt"
)

// mark returns a migration that leaves a trace.
func mark(trace string) store.Step {
	return func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		return meta.Put([]byte("trace"), append(slices.Clone(meta.Get([]byte("trace"))), trace...))
	}
}

func trace(t *testing.T, s *store.Store) (out string) {
	t.Helper()
	ok(t, s.Read(func(tx *bbolt.Tx) { out = string(tx.Bucket([]byte("meta")).Get([]byte("trace"))) }))
	return out
}

func TestMigrateInPlace(t *testing.T) {
	path := closed(t)
	s, err := store.Open(path, store.WithSteps(options(), mark("a"), mark("b")))
	ok(t, err)
	if got := trace(t, s); got != "ab" {
		t.Errorf("steps done are %q, want a and b", got)
	}
	storetest.Close(t, s)
	s, err = store.Open(path, store.WithSteps(options(), mark("a"), mark("b"), mark("c")))
	ok(t, err)
	if got := trace(t, s); got != "abc" {
		t.Errorf("steps done are %q: each is done once, in order", got)
	}
	m := resume(t, s)
	if rows := m.rows(m.inbox); len(rows) != 2 {
		t.Errorf("after the migrations the list has %d messages, want 2", len(rows))
	}
	storetest.Close(t, s)
	refused(t, path, store.WithSteps(options(), mark("a")), store.ErrNewerSchema)
}

// A step that fails leaves what the steps before it did, and nothing of its
// own; the next program goes on from there.
func TestMigrateGoesOnWhereItFailed(t *testing.T) {
	path := closed(t)
	broken := errors.New("out of luck")
	fails := func(tx *bbolt.Tx) error { return errors.Join(mark("half")(tx), broken) }
	_, err := store.Open(path, store.WithSteps(options(), mark("a"), fails, mark("c")))
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "step 2") {
		t.Errorf("open gives %v, want the failure with the name of the step", err)
	}
	s, err := store.Open(path, store.WithSteps(options(), mark("a"), mark("b"), mark("c")))
	ok(t, err)
	if got := trace(t, s); got != "abc" {
		t.Errorf("steps done are %q, want each once", got)
	}
	storetest.Close(t, s)
}

// An up-to-date file is opened without a commit.
func TestMigrateWritesNothingWhenUpToDate(t *testing.T) {
	s := storetest.Open(t)
	before := image(t, s)
	storetest.Close(t, s)
	again := storetest.OpenAt(t, s.Path())
	if string(image(t, again)) != string(before) {
		t.Error("opening changed the file")
	}
}
