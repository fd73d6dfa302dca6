package store_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/sealfile"
	"eas.example/securemail/store/storetest"
)

// spools are the files in which messages to be sent lie.
func spools(t *testing.T, path string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(strings.TrimSuffix(path, ".db")+".outbox", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if !errors.Is(err, fs.ErrNotExist) {
		ok(t, err)
	}
	return files
}

var longMail = strings.Repeat("Subject: the harbour plan\r\n", 20_000)

func TestALargeMessageIsAFileAsLongAsItsRecord(t *testing.T) {
	m := fill(t, storetest.Open(t), alice)
	ctx := t.Context()
	id, err := m.queueMail(outgoing(time.Time{}), longMail, stamped("one", "", "a.1", "text"))
	ok(t, err)
	files := spools(t, m.Path())
	if len(files) != 1 {
		t.Fatalf("files %q", files)
	}
	if b, err := os.ReadFile(files[0]); err != nil || bytes.Contains(b, []byte("harbour")) {
		t.Errorf("it can be read on the disk, %v", err)
	}
	if m.mime(id) != longMail {
		t.Error("another message comes back")
	}
	ops, err := m.Pending(ctx, alice)
	ok(t, err)
	if ops[0].Send.Size != int64(len(longMail)) {
		t.Errorf("size %d", ops[0].Send.Size)
	}
	ok(t, m.Check(ctx))
	ok(t, m.ReplaceMIME(ctx, ops[0], func(w io.Writer) error { _, err := io.WriteString(w, longMail+"more"); return err }))
	if now := spools(t, m.Path()); len(now) != 1 || now[0] == files[0] || m.mime(id) != longMail+"more" {
		t.Errorf("written anew it lies in %q", now)
	}
	ok(t, m.Check(ctx))
	r, err := m.OpMIME(ctx, id)
	ok(t, err)
	ok(t, m.FinishOp(ctx, id, ""))
	if _, err := r.ReadAt(make([]byte, 10), 300_000); err != nil {
		t.Errorf("who reads it is cut off: %v", err)
	}
	ok(t, r.Close())
	if left := spools(t, m.Path()); len(left) != 0 {
		t.Errorf("after it was sent there is still %q", left)
	}
}

func TestMessagesLeaveNothingBehind(t *testing.T) {
	ends := map[string]func(m *mailbox, id activesync.OpID) error{
		"discarded":       func(m *mailbox, id activesync.OpID) error { return m.RevertOp(m.t.Context(), id) },
		"account removed": func(m *mailbox, _ activesync.OpID) error { return m.RemoveAccount(m.t.Context(), alice) },
		"written on": func(m *mailbox, id activesync.OpID) error {
			_, err := m.TakeDraft(m.t.Context(), id)
			return err
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			m := fill(t, storetest.Open(t), alice)
			id, err := m.queueMail(outgoing(time.Time{}), longMail, stamped("one", "", "a.1", "text"))
			ok(t, err)
			ok(t, end(m, id))
			if left := spools(t, m.Path()); len(left) != 0 {
				t.Errorf("%q is left", left)
			}
		})
	}
	t.Run("never whole", func(t *testing.T) {
		m := fill(t, storetest.Open(t), alice)
		cut := errors.New("cut off")
		_, err := m.QueueMail(t.Context(), outgoing(time.Time{}), activesync.Draft{}, func(w io.Writer) error {
			if _, err := io.WriteString(w, longMail); err != nil {
				return err
			}
			return cut
		})
		if left := spools(t, m.Path()); !errors.Is(err, cut) || len(left) != 0 {
			t.Errorf("%v; %q is left", err, left)
		}
		if ops, err := m.Pending(t.Context(), alice); err != nil || len(ops) != 0 {
			t.Errorf("the journal holds %v, %v", ops, err)
		}
	})
}

// What a crash left of a message that never became a record is removed, and
// nothing else.
func TestAMessageThatACrashLeftIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	s := storetest.OpenAt(t, path)
	m := fill(t, s, alice)
	id, err := m.queueMail(outgoing(time.Time{}), longMail, activesync.Draft{})
	ok(t, err)
	kept := spools(t, path)
	for _, name := range []string{"0011", "0022" + sealfile.PartSuffix} {
		ok(t, os.WriteFile(filepath.Join(filepath.Dir(kept[0]), name), []byte("half"), 0o600))
	}
	storetest.Close(t, s)
	again := storetest.OpenAt(t, path)
	if now := spools(t, path); len(now) != 1 || now[0] != kept[0] {
		t.Errorf("there are %q, want %q", now, kept)
	}
	m = &mailbox{Store: again, t: t}
	if m.mime(id) != longMail {
		t.Error("another message comes back")
	}
	ok(t, os.Remove(kept[0]))
	if err := again.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "message is missing") {
		t.Errorf("a lost message is not noticed: %v", err)
	}
	ok(t, again.RevertOp(t.Context(), id))
}

func TestMemoryIsBoundedHoweverLargeAMessage(t *testing.T) {
	m := fill(t, storetest.Open(t), alice)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	piece := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	id, err := m.QueueMail(t.Context(), outgoing(time.Time{}), activesync.Draft{}, func(w io.Writer) error {
		for range 24 {
			if _, err := w.Write(piece); err != nil {
				return err
			}
		}
		return nil
	})
	ok(t, err)
	r, err := m.OpMIME(t.Context(), id)
	ok(t, err)
	n, err := io.Copy(io.Discard, io.NewSectionReader(r, 0, r.Size()))
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; err != nil || n != 24<<20 || used > 4<<20 {
		t.Errorf("%d bytes, %v: %d KiB were allocated", n, err, used>>10)
	}
	ok(t, r.Close())
}
