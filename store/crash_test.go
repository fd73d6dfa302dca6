package store_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
	"go.etcd.io/bbolt"
)

const pageSize = 4096

// image is the file as it is now, without the room for what is to come.
func image(t *testing.T, s *store.Store) []byte {
	t.Helper()
	var used int64
	ok(t, s.Read(func(tx *bbolt.Tx) { used = tx.Size() }))
	b, err := os.ReadFile(s.Path())
	ok(t, err)
	return b[:used]
}

// told is all that a store tells of an account.
func told(t *testing.T, s *store.Store) string {
	t.Helper()
	ctx := t.Context()
	folders, err := s.Folders(ctx, alice)
	ok(t, err)
	all := []any{folders}
	for _, f := range folders {
		st, err := s.SyncState(ctx, f.ID)
		ok(t, err)
		all = append(all, st)
		if f.Class != activesync.ClassEmail {
			continue
		}
		w, err := s.Window(ctx, f.ID, activesync.WindowQuery{Count: 1000})
		ok(t, err)
		for _, h := range w.Rows {
			m, err := s.Message(ctx, h.ID)
			ok(t, err)
			all = append(all, m)
		}
	}
	ops, err := s.Pending(ctx, alice)
	ok(t, err)
	b, err := json.Marshal(append(all, ops))
	ok(t, err)
	return string(b)
}

// A commit writes pages and, when they are on the disk, one page that makes
// them valid. If the machine stops anywhere in between, some of the pages are
// written and others not, or the last one is written in part: then all is as
// before the commit.
func TestCrashInTheMiddleOfACommit(t *testing.T) {
	const seed = 20260303
	rnd := rand.New(rand.NewPCG(seed, 0))
	m := newMailbox(t)
	m.sync(m.archive, true)
	m.sync(m.bin, true)
	first := func(f activesync.FolderID) activesync.ItemID { return m.rows(f)[0].ID }
	var moved activesync.OpID
	for n, step := range []func(){
		func() { m.sync(m.inbox, false, added("1:1", 1), added("1:2", 2), added("1:3", 3)) },
		func() { m.sync(m.inbox, true, added("1:4", 4), readMark("1:1", true), removed("1:2")) },
		func() {
			m.queue(activesync.Op{Kind: activesync.OpFlag, Item: first(m.inbox), Flag: activesync.FlagActive})
		},
		func() { moved = m.queue(activesync.Op{Kind: activesync.OpMove, Item: first(m.inbox), To: m.archive}) },
		func() { m.tried(moved) },
		func() { ok(t, m.FinishOp(t.Context(), moved, "")) },
		func() { m.sync(m.archive, true, added("2:1", 4)) },
		func() { m.queue(activesync.Op{Kind: activesync.OpDelete, Item: first(m.inbox)}) },
		func() { ok(t, m.Reset(t.Context(), m.inbox)) },
		func() { m.sync(m.inbox, true, added("1:9", 3)) },
		func() {
			_, err := m.Queue(t.Context(), activesync.Op{Account: alice, Kind: activesync.OpSend, Send: &activesync.Outgoing{ClientID: "c"}}, bytes.Repeat([]byte("mail"), 5000))
			ok(t, err)
		},
		func() { ok(t, m.RevertOp(t.Context(), m.pending()[0].ID)) },
		func() {
			ok(t, m.ApplyFolders(t.Context(), alice, "h1", "h2", []activesync.FolderChange{{Kind: activesync.Removed, ServerID: "f2"}}))
		},
	} {
		before, toldBefore := image(t, m.Store), told(t, m.Store)
		step()
		after, toldAfter := image(t, m.Store), told(t, m.Store)
		if toldBefore == toldAfter && n != 4 {
			t.Fatalf("step %d changes nothing", n)
		}
		for range 4 {
			some := torn(before, after, func() bool { return rnd.IntN(2) == 0 })
			crashed(t, some, toldBefore, fmt.Sprintf("seed %d, step %d: some pages", seed, n))
		}
		all := torn(before, after, func() bool { return true })
		crashed(t, all, toldBefore, fmt.Sprintf("step %d: all pages but the last", n))
		for page := range 2 {
			if at := page * pageSize; !bytes.Equal(all[at:at+pageSize], after[at:at+pageSize]) {
				copy(all[at:at+40], after[at:]) // half of what makes it valid
			}
		}
		crashed(t, all, toldBefore, fmt.Sprintf("step %d: the last page in part", n))
		crashed(t, after, toldAfter, fmt.Sprintf("step %d: the whole commit", n))
	}
}

// torn is before with those pages of after, other than the first two, that
// take says.
func torn(before, after []byte, take func() bool) []byte {
	out := make([]byte, max(len(before), len(after)))
	copy(out, before)
	for at := 2 * pageSize; at < len(after); at += pageSize {
		if !bytes.Equal(out[at:at+pageSize], after[at:at+pageSize]) && take() {
			copy(out[at:at+pageSize], after[at:])
		}
	}
	return out
}

// crashed opens an image and holds it against what it must tell.
func crashed(t *testing.T, file []byte, want, where string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mail.db")
	ok(t, os.WriteFile(path, file, 0o600))
	s, err := store.Open(path, options())
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	defer storetest.Close(t, s)
	if got := told(t, s); got != want {
		t.Errorf("%s: the store tells\n%s\nwant\n%s", where, got, want)
	}
}

// crashPath names the store in which TestCrashChild works until it is killed.
const crashPath = "SECUREMAIL_TEST_CRASH"

// perBatch is how many messages each batch of the child brings.
const perBatch = 20

// TestCrashChild is the process that TestCrashByKill kills. Each round brings
// a batch, marks its first message and finishes the mark of the round before.
func TestCrashChild(t *testing.T) {
	path := os.Getenv(crashPath)
	if path == "" {
		t.Skip("it is run by TestCrashByKill")
	}
	s, err := store.Open(path, options())
	ok(t, err)
	m := resume(t, s)
	for {
		round := m.round()
		items := make([]activesync.ItemChange, perBatch)
		for i := range items {
			n := round*perBatch + i
			items[i] = added(activesync.ServerID(fmt.Sprint("1:", n)), n)
		}
		_, err := s.Apply(t.Context(), activesync.Batch{Folder: m.inbox, From: key(round), To: key(round + 1), Items: items})
		ok(t, err)
		fmt.Println(round + 1)
		for _, op := range m.pending() {
			ok(t, s.FinishOp(t.Context(), op.ID, ""))
		}
		m.queue(activesync.Op{Kind: activesync.OpRead, Item: m.rows(m.inbox)[0].ID, Read: true})
	}
}

// key of the Inbox after so many rounds.
func key(round int) activesync.SyncKey { return activesync.SyncKey(strconv.Itoa(round)) }

// round is how many batches the Inbox has.
func (m *mailbox) round() int {
	m.t.Helper()
	st, err := m.SyncState(m.t.Context(), m.inbox)
	ok(m.t, err)
	n, err := strconv.Atoi(string(st.Key))
	ok(m.t, err)
	return n
}

// resume is fill for a store that may have its folders already.
func resume(t *testing.T, s *store.Store) *mailbox {
	t.Helper()
	if folders, err := s.Folders(t.Context(), alice); err == nil && len(folders) > 0 {
		return &mailbox{Store: s, t: t, inbox: folders[0].ID}
	}
	return fill(t, s, alice)
}

// TestCrashByKill ends a process in the middle of its writing, again and again.
// What it said it had committed is there, whole, and nothing is there in part.
func TestCrashByKill(t *testing.T) {
	const seed = 20260304
	rnd := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "mail.db")
	for n := range 15 {
		said := runUntilKilled(t, path, rnd.IntN(12))
		s, err := store.Open(path, options())
		if err != nil {
			t.Fatalf("seed %d, kill %d: %v", seed, n, err)
		}
		m := resume(t, s)
		round := m.round()
		if round != said && round != said+1 && said >= 0 {
			t.Errorf("seed %d, kill %d: %d batches were said to be there, %d are", seed, n, said, round)
		}
		w, err := s.Window(t.Context(), m.inbox, activesync.WindowQuery{Count: 1 << 20})
		ok(t, err)
		if w.Total != round*perBatch || len(w.Rows) != w.Total {
			t.Errorf("seed %d, kill %d: %d messages in %d batches", seed, n, w.Total, round)
		}
		if ops := m.pending(); len(ops) > 1 {
			t.Errorf("seed %d, kill %d: the journal holds %d records", seed, n, len(ops))
		}
		storetest.Close(t, s)
	}
}

// runUntilKilled lets the child do so many rounds, kills it, and returns the
// last round that it told of, -1 for none.
func runUntilKilled(t *testing.T, path string, rounds int) (said int) {
	t.Helper()
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCrashChild$")
	child.Env = append(os.Environ(), crashPath+"="+path)
	out, err := child.StdoutPipe()
	ok(t, err)
	ok(t, child.Start())
	said = -1
	lines := bufio.NewScanner(out)
	for n := 0; n <= rounds && lines.Scan(); n++ {
		if said, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatalf("the child says %q", lines.Text())
		}
	}
	kill()
	for lines.Scan() { // what it said before it died
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			said = n
		}
	}
	err = child.Wait()
	if exit, is := errors.AsType[*exec.ExitError](err); !is || !strings.Contains(exit.String(), "killed") {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return said
}
