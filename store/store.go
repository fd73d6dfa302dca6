package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"go.etcd.io/bbolt"
)

// Options of Open.
type Options struct {
	// Key is the data key, 32 bytes, under which everything is sealed.
	Key []byte
	// Timeout is how long to wait for another process to close the store; 0
	// means not at all.
	Timeout time.Duration

	// steps and schema replace the migrations of this program, in tests.
	steps   []migration
	maxSize int // of the file, in tests
}

// Store is one open store. See the package comment for what it promises.
type Store struct {
	db     *bbolt.DB
	sealer *sealer
	path   string
	device string
	lists  orderCache[listCopy]
	talks  orderCache[talkCopy]

	mostFiles int64 // how large the files beside the store may be in all

	closing sync.RWMutex // held for reading by every transaction
	closed  bool
}

// Close waits for transactions under way and gives the file free. It may be
// called more than once.
func (s *Store) Close() error {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	forgetHolder(s.path)
	err := s.db.Close()
	s.sealer.close()
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// DeviceID names this installation to servers: 32 letters and digits, made
// when the store was made (MS-ASHTTP 2.2.1.1.1.2.2).
func (s *Store) DeviceID() string { return s.device }

// Path is the file of the store.
func (s *Store) Path() string { return s.path }

// view runs fn in a read transaction.
func (s *Store) view(ctx context.Context, fn func(*txn) error) error {
	return s.guarded(ctx, func() error {
		return s.db.View(func(tx *bbolt.Tx) error { return fn(&txn{s: s, tx: tx}) })
	})
}

// update runs fn in a write transaction and commits it when fn returns nil.
func (s *Store) update(ctx context.Context, fn func(*txn) error) error {
	err := s.guarded(ctx, func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			t := &txn{s: s, tx: tx}
			if err := fn(t); err != nil {
				return err
			}
			return t.flush()
		})
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// guarded runs fn while the store cannot be closed. Pages that cannot be read,
// which is a fault of memory, become an error.
func (s *Store) guarded(ctx context.Context, fn func() error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return ErrClosed
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = damage(r)
		}
	}()
	return classify(fn())
}

// errNothing ends a write transaction that found nothing to write; update
// turns it into success without a commit.
var errNothing = errors.New("nothing to write")

// txn is one transaction and what it has looked up so far.
type txn struct {
	s        *Store
	tx       *bbolt.Tx
	aad      []byte
	plain    []byte
	packed   []byte
	accounts []*account
	last     map[string]uint64 // counters of meta that this transaction raised
}

// flush writes what was gathered while the transaction ran.
func (t *txn) flush() error {
	meta := t.tx.Bucket(bucketMeta)
	for key, n := range t.last {
		if err := meta.Put([]byte(key), idKey(n)); err != nil {
			return err
		}
	}
	for _, a := range t.accounts {
		if err := a.flushCounts(); err != nil {
			return err
		}
	}
	return nil
}

// next gives out the next id of a counter of meta.
func (t *txn) next(counter []byte) uint64 {
	n := t.given(counter) + 1
	if t.last == nil {
		t.last = map[string]uint64{}
	}
	t.last[string(counter)] = n
	return n
}

// given is the last number that next gave.
func (t *txn) given(counter []byte) uint64 {
	if n, ok := t.last[string(counter)]; ok {
		return n
	}
	return readID(t.tx.Bucket(bucketMeta).Get(counter))
}

// seal seals plain for a place of the file.
func (t *txn) seal(bucket string, account name, key, plain []byte) []byte {
	return t.s.sealer.seal(t.place(bucket, account, key), plain)
}

// open unseals into dst.
func (t *txn) open(dst []byte, bucket string, account name, key, sealed []byte) ([]byte, error) {
	return t.s.sealer.open(dst, t.place(bucket, account, key), sealed)
}

// place is what a sealed value is bound to.
func (t *txn) place(bucket string, account name, key []byte) []byte {
	t.aad = append(t.aad[:0], bucket...)
	t.aad = append(append(t.aad, 0), account[:]...)
	t.aad = append(t.aad, key...)
	return t.aad
}

// account is the part of the file that belongs to one account.
type account struct {
	t       *txn
	name    name
	buckets [places]*bbolt.Bucket
	id      activesync.AccountID
	counts  map[activesync.FolderID]*count
	ops     []activesync.Op // the journal in order, once loaded
	loaded  bool
	dirs    map[activesync.FolderID]*folderRecord // once loaded
}

// account finds an account, nil when nothing is kept of it.
func (t *txn) account(id activesync.AccountID) *account {
	return t.named(t.s.sealer.name("account", string(id)))
}

func (t *txn) named(n name) *account {
	for _, a := range t.accounts {
		if a.name == n {
			return a
		}
	}
	b := t.tx.Bucket(bucketAccounts).Bucket(n[:])
	if b == nil {
		return nil
	}
	a := &account{t: t, name: n}
	a.buckets[inAccount] = b
	t.accounts = append(t.accounts, a)
	return a
}

// makeAccount finds an account or makes room for it.
func (t *txn) makeAccount(id activesync.AccountID) (*account, error) {
	if a := t.account(id); a != nil {
		return a, nil
	}
	if id == "" {
		return nil, ErrNoAccount
	}
	n := t.s.sealer.name("account", string(id))
	b, err := t.tx.Bucket(bucketAccounts).CreateBucket(n[:])
	if err != nil {
		return nil, err
	}
	for p := inAccount + 1; p < inDrafts; p++ {
		if _, err := b.CreateBucket([]byte(p.String())); err != nil {
			return nil, err
		}
	}
	a := t.named(n)
	a.id = id
	return a, a.put(inAccount, keyAccount, []byte(id))
}

// each calls fn for every account until it returns true.
func (t *txn) each(fn func(*account) bool) {
	c := t.tx.Bucket(bucketAccounts).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if v == nil && fn(t.named(name(k))) {
			return
		}
	}
}

// holder is the account that has a key in a bucket, nil where none does.
func (t *txn) holder(p place, key []byte) (a *account) {
	t.each(func(b *account) bool {
		if in := b.in(p); in != nil && in.Get(key) != nil {
			a = b
		}
		return a != nil
	})
	return a
}

// in gives a bucket of the account.
func (a *account) in(p place) *bbolt.Bucket {
	if a.buckets[p] == nil {
		a.buckets[p] = a.buckets[inAccount].Bucket([]byte(p.String()))
	}
	return a.buckets[p]
}

// account id, as the vocabulary has it.
func (a *account) accountID() (activesync.AccountID, error) {
	if a.id == "" {
		b, err := a.get(inAccount, keyAccount)
		if err != nil {
			return "", err
		}
		a.id = activesync.AccountID(b)
	}
	return a.id, nil
}

// put seals a value and files it.
func (a *account) put(p place, key, plain []byte) error {
	return a.in(p).Put(key, a.t.seal(p.String(), a.name, key, plain))
}

// get opens a value, nil where there is none. The bytes are valid until the
// next get of this transaction.
func (a *account) get(p place, key []byte) ([]byte, error) {
	sealed := a.in(p).Get(key)
	if sealed == nil {
		return nil, nil
	}
	return a.unseal(p, key, sealed)
}

func (a *account) unseal(p place, key, sealed []byte) ([]byte, error) {
	plain, err := a.t.open(a.t.plain[:0], p.String(), a.name, key, sealed)
	if err != nil {
		return nil, a.corrupt(p, key, err)
	}
	a.t.plain = plain
	return plain, nil
}

func (a *account) corrupt(p place, key []byte, err error) error {
	return &CorruptError{Bucket: p.String(), ID: readID(key), Err: err}
}

// removeFile removes a file that may be gone already.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
