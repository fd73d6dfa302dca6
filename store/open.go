package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// mapAtOnce is how much of the address space is taken from the start, so that
// a growing file does not make writers wait for readers. It costs no memory.
const mapAtOnce = 1 << 30

// newSuffix ends the name of a store that is being made.
const newSuffix = ".new"

// Open opens the store at path and makes it where there is none, with its
// directory. Errors are ErrLocked, ErrNewerSchema, ErrDamaged, ErrKey, ErrFull,
// ErrReadOnly or those of the file system; a file that is there is never
// replaced.
func Open(path string, o Options) (*Store, error) {
	sealer, err := newSealer(o.Key)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s, err := open(path, o, sealer)
	if err != nil {
		sealer.close()
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return s, nil
}

func open(path string, o Options, sealer *sealer) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, classify(err)
	}
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		if err := create(path, o, sealer); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, classify(err)
	} else if info.Mode().IsRegular() && info.Size() == 0 { // bbolt would begin a file of its own in it
		return nil, fmt.Errorf("%w: the file is empty", ErrDamaged)
	} else if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			return nil, classify(err)
		}
	}
	db, err := openFile(path, o)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, sealer: sealer, path: path, mostFiles: mostFiles}
	if err := s.begin(o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	noteHolder(path)
	removeStray(path)
	// They only cost room, and a store that is damaged is opened to be looked at.
	_ = s.sweepSpools(context.Background())
	_ = s.scrub(context.Background())
	return s, nil
}

// begin looks whether this program can use the file, brings an older
// structure up to date and reads what is needed for as long as it is open.
func (s *Store) begin(o Options) error {
	steps := o.steps
	if steps == nil {
		steps = migrations()
	}
	ctx := context.Background()
	err := s.view(ctx, func(t *txn) error {
		if info, err := os.Stat(s.path); err != nil {
			return err
		} else if t.tx.Size() > info.Size() {
			return fmt.Errorf("%w: the file was cut off", ErrDamaged)
		}
		return t.checkHead(len(steps) + 1)
	})
	if err != nil {
		return err
	}
	if err := s.migrate(ctx, steps); err != nil {
		return err
	}
	return s.view(ctx, func(t *txn) error {
		b, err := t.open(nil, "meta", name{}, keyDevice, t.tx.Bucket(bucketMeta).Get(keyDevice))
		if err != nil {
			return &CorruptError{Bucket: "meta", Err: err}
		}
		s.device = string(b)
		return nil
	})
}

// checkHead tells whether the file is a store, of a structure that this program
// knows, sealed under this key.
func (t *txn) checkHead(schema int) error {
	meta := t.tx.Bucket(bucketMeta)
	if meta == nil || len(meta.Get(keySchema)) != 8 || t.tx.Bucket(bucketAccounts) == nil {
		return fmt.Errorf("%w: it holds something else", ErrDamaged)
	}
	if have := readID(meta.Get(keySchema)); have > uint64(schema) {
		return fmt.Errorf("%w (structure %d, this program knows %d)", ErrNewerSchema, have, schema)
	}
	if _, err := t.open(nil, "meta", name{}, keyCheck, meta.Get(keyCheck)); err != nil {
		return ErrKey
	}
	return nil
}

// create makes a store beside path and gives it its name when it is whole, so
// that a half-made one is never met under that name.
func create(path string, o Options, sealer *sealer) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+newSuffix)
	if err != nil {
		return classify(err)
	}
	temp := f.Name()
	defer os.Remove(temp)
	if err := f.Close(); err != nil {
		return classify(err)
	}
	db, err := openFile(temp, o)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error { return writeHead(&txn{s: &Store{sealer: sealer}, tx: tx}) })
	if err := errors.Join(err, db.Close()); err != nil {
		return classify(err)
	}
	// Link, unlike rename, does not replace what another process made meanwhile.
	err = os.Link(temp, path)
	if err != nil && !errors.Is(err, os.ErrExist) {
		if _, serr := os.Stat(path); errors.Is(serr, os.ErrNotExist) {
			err = os.Rename(temp, path) // a file system without hard links
		} else if errors.Is(err, os.ErrNotExist) {
			err = nil // another process was quicker and has removed ours as stray
		}
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		return classify(err)
	}
	return syncDir(filepath.Dir(path))
}

func writeHead(t *txn) error {
	meta, err := t.tx.CreateBucket(bucketMeta)
	if err != nil {
		return err
	}
	if _, err := t.tx.CreateBucket(bucketAccounts); err != nil {
		return err
	}
	var id [16]byte
	rand.Read(id[:])
	device := hex.EncodeToString(id[:])
	for _, v := range []struct{ key, value []byte }{
		{keySchema, idKey(schemaVersion)},
		{keyCheck, t.seal("meta", name{}, keyCheck, []byte(checkWord))},
		{keyDevice, t.seal("meta", name{}, keyDevice, []byte(device))},
		{keyLastFolder, idKey(0)}, {keyLastItem, idKey(0)}, {keyLastOp, idKey(0)},
	} {
		if err := meta.Put(v.key, v.value); err != nil {
			return err
		}
	}
	return nil
}

// openFile opens the bbolt file. A fault or panic over its pages is damage.
func openFile(path string, o Options) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			db, err = nil, damage(r)
		}
	}()
	options := bbolt.Options{
		Timeout:      max(o.Timeout, time.Millisecond), // 0 would wait for ever
		FreelistType: bbolt.FreelistMapType,
		MaxSize:      o.maxSize,
	}
	if math.MaxInt > math.MaxInt32 && o.maxSize == 0 {
		options.InitialMmapSize = mapAtOnce
	}
	db, err = bbolt.Open(path, 0o600, &options)
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, &LockedError{Path: path, PID: holder(path)}
	}
	return db, classify(err)
}

// removeStray removes what a crash left of stores in the making. The caller
// holds the lock of the store, so whoever still makes one has lost.
func removeStray(path string) {
	stray, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"+newSuffix))
	if err != nil {
		return
	}
	for _, p := range stray {
		if strings.HasPrefix(filepath.Base(p), filepath.Base(path)+".") {
			_ = removeFile(p) // it costs a few pages of disk, no more
		}
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return classify(err)
	}
	defer d.Close()
	// Some file systems cannot sync a directory; the file itself is on disk.
	_ = d.Sync()
	return nil
}
