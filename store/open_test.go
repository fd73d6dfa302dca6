package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
	"go.etcd.io/bbolt"
)

func options() store.Options { return store.Options{Key: storetest.Key()} }

// closed makes a store with mail in it and closes it.
func closed(t *testing.T) (path string) {
	t.Helper()
	m := newMailbox(t)
	m.sync(m.inbox, true, added("1:1", 1), added("1:2", 2))
	storetest.Close(t, m.Store)
	return m.Path()
}

// refused opens a store that must not be opened, and must not be changed by that.
func refused(t *testing.T, path string, o store.Options, want error) {
	t.Helper()
	before, err := os.ReadFile(path)
	ok(t, err)
	s, err := store.Open(path, o)
	if s != nil {
		s.Close()
	}
	if !errors.Is(err, want) {
		t.Errorf("open gives %v, want %v", err, want)
	}
	if err != nil && !strings.Contains(err.Error(), path) {
		t.Errorf("%v does not name the file", err)
	}
	after, err := os.ReadFile(path)
	ok(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
}

func TestOpenKeepsTheDevice(t *testing.T) {
	s := storetest.Open(t)
	id := s.DeviceID()
	if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("the device is called %q", id)
	}
	storetest.Close(t, s)
	if again := storetest.OpenAt(t, s.Path()); again.DeviceID() != id {
		t.Errorf("the device was %q and is %q", id, again.DeviceID())
	}
	if other := storetest.Open(t); other.DeviceID() == id {
		t.Error("two stores have one device")
	}
}

func TestOpenMakesFilesForTheOwnerOnly(t *testing.T) {
	s := storetest.OpenAt(t, filepath.Join(t.TempDir(), "new", "mail.db"))
	ok(t, os.Chmod(s.Path(), 0o644))
	storetest.Close(t, s)
	storetest.OpenAt(t, s.Path())
	err := filepath.WalkDir(filepath.Dir(s.Path()), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	ok(t, err)
}

func TestOpenNewerSchema(t *testing.T) {
	path := closed(t)
	s, err := store.Open(path, options())
	ok(t, err)
	ok(t, s.Edit(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte{0, 0, 0, 0, 0, 0, 0, 99})
	}))
	ok(t, s.Close())
	refused(t, path, options(), store.ErrNewerSchema)
}

func TestOpenWrongKey(t *testing.T) {
	path := closed(t)
	refused(t, path, store.Options{Key: bytes.Repeat([]byte{8}, 32)}, store.ErrKey)
	if _, err := store.Open(path, store.Options{Key: []byte("short")}); err == nil {
		t.Error("a key of 5 bytes is taken")
	}
}

func TestOpenForeignFile(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"text": strings.Repeat("Dear diary, \n", 1000), "short": "x", "mbox": "From ana@example.test\r\n\r\n", "zeros": strings.Repeat("\x00", 1<<16)} {
		path := filepath.Join(dir, name)
		ok(t, os.WriteFile(path, []byte(content), 0o600))
		refused(t, path, options(), store.ErrDamaged)
	}
	path := filepath.Join(dir, "other.db")
	db, err := bbolt.Open(path, 0o600, nil)
	ok(t, err)
	ok(t, db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("meta")); return err }))
	ok(t, db.Close())
	refused(t, path, options(), store.ErrDamaged)
	if _, err := store.Open(dir, options()); err == nil {
		t.Error("a directory is taken for a store")
	}
}

// Whatever was cut off, or overwritten, a store must say so or work; it must
// not crash, and Check must not pass what is not whole.
func TestOpenDamagedFile(t *testing.T) {
	path := closed(t)
	s, err := store.Open(path, options())
	ok(t, err)
	var used int64 // behind it lies room for what is to come
	ok(t, s.Edit(func(tx *bbolt.Tx) error { used = tx.Size(); return nil }))
	ok(t, s.Close())
	whole, err := os.ReadFile(path)
	ok(t, err)
	whole = whole[:used]
	ok(t, os.WriteFile(path, whole[:used-4096], 0o600))
	refused(t, path, options(), store.ErrDamaged)

	const seed = 20260302
	rnd := rand.New(rand.NewPCG(seed, 0))
	for i := range 300 {
		b := bytes.Clone(whole)
		switch at := rnd.IntN(len(b)); i % 3 {
		case 0:
			for n := range min(64, len(b)-at) {
				b[at+n] = byte(rnd.Uint32())
			}
		case 1:
			page := at / 4096 * 4096
			clear(b[page:min(page+4096, len(b))])
		case 2:
			b = b[:at]
		}
		ok(t, os.WriteFile(path, b, 0o600))
		s, err := store.Open(path, options())
		if err != nil {
			continue
		}
		err = useAll(t, s)
		if check := s.Check(t.Context()); err != nil && check == nil {
			t.Errorf("seed %d, damage %d: Check passes, and yet: %v", seed, i, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("seed %d, damage %d: close: %v", seed, i, err)
		}
	}
}

// useAll reads all that is there and writes something.
func useAll(t *testing.T, s *store.Store) error {
	folders, err := s.Folders(t.Context(), alice)
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		return errors.New("there are no folders")
	}
	for _, f := range folders {
		if f.Class != activesync.ClassEmail {
			continue
		}
		w, err := s.Window(t.Context(), f.ID, activesync.WindowQuery{Count: 100})
		if err != nil {
			return err
		}
		for _, h := range w.Rows {
			if _, err := s.Message(t.Context(), h.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestOpenLocked(t *testing.T) {
	s := storetest.Open(t)
	_, err := store.Open(s.Path(), options())
	locked, is := errors.AsType[*store.LockedError](err)
	if !errors.Is(err, store.ErrLocked) || !is || locked.PID != os.Getpid() {
		t.Errorf("the second open gives %v, want that process %d holds it", err, os.Getpid())
	}
	storetest.Close(t, s)
	if _, err := os.Stat(s.Path() + ".pid"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the note of the holder is left: %v", err)
	}
	// What a crash left names a process that is no more.
	dead := exec.Command("true")
	ok(t, dead.Run())
	ok(t, os.WriteFile(s.Path()+".pid", fmt.Appendf(nil, "%d\n", dead.Process.Pid), 0o600))
	storetest.OpenAt(t, s.Path())
}

func TestOpenRemovesWhatACrashLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	stray := path + ".123.new"
	ok(t, os.WriteFile(stray, []byte("half"), 0o600))
	other := filepath.Join(filepath.Dir(path), "letter.new")
	ok(t, os.WriteFile(other, []byte("mine"), 0o600))
	storetest.OpenAt(t, path)
	if _, err := os.Stat(stray); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a store in the making is left: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("a file of someone else is gone: %v", err)
	}
}

func TestOpenWithoutRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	s, err := store.Open(path, store.WithRoom(options(), 256<<10))
	ok(t, err)
	t.Cleanup(func() { storetest.Close(t, s) })
	m := fill(t, s, alice)
	var last activesync.SyncKey = "0"
	for n := 1; ; n++ {
		p := mail(n)
		p.Body.Data = make([]byte, 20<<10)
		random(p.Body.Data, uint64(n))
		next := activesync.SyncKey(fmt.Sprint(n))
		_, err := s.Apply(t.Context(), activesync.Batch{Folder: m.inbox, From: last, To: next,
			Items: []activesync.ItemChange{{Kind: activesync.Added, ServerID: activesync.ServerID(fmt.Sprint("1:", n)), Message: p}}})
		if err == nil {
			last = next
			continue
		}
		if !errors.Is(err, store.ErrFull) || n < 3 {
			t.Fatalf("message %d: %v, want that there is no room", n, err)
		}
		if st, err := s.SyncState(t.Context(), m.inbox); err != nil || st.Key != last || len(m.rows(m.inbox)) != n-1 {
			t.Errorf("after the failure the folder is at %q with %d messages, want %q and %d; %v", st.Key, len(m.rows(m.inbox)), last, n-1, err)
		}
		return
	}
}

// random fills b with what cannot be compressed.
func random(b []byte, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}

func TestOpenReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	path := closed(t)
	ok(t, os.Chmod(path, 0o400))
	refused(t, path, options(), store.ErrReadOnly)
	dir := filepath.Join(t.TempDir(), "fixed")
	ok(t, os.Mkdir(dir, 0o500))
	if _, err := store.Open(filepath.Join(dir, "mail.db"), options()); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("open in a read-only directory gives %v", err)
	}
}

func TestClosedStoreSaysSo(t *testing.T) {
	m := newMailbox(t)
	ok(t, m.Close())
	ok(t, m.Close())
	if _, err := m.Folders(t.Context(), alice); !errors.Is(err, store.ErrClosed) {
		t.Errorf("reading gives %v", err)
	}
	if err := m.Reset(t.Context(), m.inbox); !errors.Is(err, store.ErrClosed) {
		t.Errorf("writing gives %v", err)
	}
}
