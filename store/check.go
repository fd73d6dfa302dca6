package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"slices"

	"eas.example/securemail/activesync"
	"go.etcd.io/bbolt"
)

// Check looks whether all that must hold of the store does, and returns every
// fault it finds:
//
//   - the pages of the file are sound;
//   - every row is in the list of the folder where it is shown and nowhere
//     else, with the right time and flags;
//   - the counts of a folder equal its list;
//   - every message in a list is in its conversation, and every conversation in
//     the list of those, with the right counts;
//   - every name leads to the item that has it, and every item that the server
//     named is found by it; an item without a name waits;
//   - whatever waits exists, and waits in its home;
//   - contents belong to rows and can be read;
//   - every record's item exists, knows of it, and shows what the server has
//     with its records played over it;
//   - the messages of records are there;
//   - drafts can be read and are filed under their names;
//   - what the person is to be told of, and was, can be read;
//   - folders' parents exist and make no ring; every list, count and state
//     belongs to a folder;
//   - no id is in use that was not given out.
func (s *Store) Check(ctx context.Context) error {
	var spools []activesync.OpID
	// bbolt compares the pages with its list of free ones, which only a transaction
	// that writes has for itself. Nothing is written.
	err := s.update(ctx, func(t *txn) error {
		k := &checker{t: t, items: map[activesync.ItemID]bool{}}
		// bbolt looks on a goroutine of its own, where a fault in the mapped file
		// ends the program. What can be walked through here makes no faults there.
		if err := walk(t.tx.Cursor(), t.tx.Bucket, maxNested); err != nil {
			return err
		}
		for err := range t.tx.Check() {
			k.fault("file: %w", err)
		}
		t.each(func(a *account) bool {
			k.account(a)
			return false
		})
		spools = k.spools
		return cmp.Or(errors.Join(k.faults...), errNothing)
	})
	err = errors.Join(err, s.unspooled(ctx, spools))
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	return nil
}

// maxNested is how deep buckets may lie in each other; a whole file has three.
const maxNested = 8

// walk reads every key and value below a cursor.
func walk(c *bbolt.Cursor, bucket func([]byte) *bbolt.Bucket, depth int) error {
	if depth == 0 {
		return fmt.Errorf("%w: buckets lie in each other without end", ErrDamaged)
	}
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if v == nil {
			b := bucket(k)
			if b == nil {
				return fmt.Errorf("%w: a bucket cannot be opened", ErrDamaged)
			}
			if err := walk(b.Cursor(), b.Bucket, depth-1); err != nil {
				return err
			}
		}
		crc32.ChecksumIEEE(k) // a fault shows here
		crc32.ChecksumIEEE(v)
	}
	return nil
}

// checker gathers faults.
type checker struct {
	t       *txn
	faults  []error
	items   map[activesync.ItemID]bool // of all accounts
	a       *account
	folders map[activesync.FolderID]*folderRecord
	rows    map[activesync.ItemID]*row
	ops     map[activesync.ItemID][]activesync.Op
	spools  []activesync.OpID // records of which the message is a file
}

func (k *checker) fault(format string, args ...any) {
	k.faults = append(k.faults, fmt.Errorf(format, args...))
}

func (k *checker) account(a *account) {
	k.a, k.folders, k.rows, k.ops = a, map[activesync.FolderID]*folderRecord{}, map[activesync.ItemID]*row{}, map[activesync.ItemID][]activesync.Op{}
	if id, err := a.accountID(); err != nil || k.t.s.sealer.name("account", string(id)) != a.name {
		k.fault("account is filed under another name (%v)", err)
	}
	if _, err := a.state(); err != nil {
		k.fault("%w", err)
	}
	if _, err := a.hierarchyKey(); err != nil {
		k.fault("%w", err)
	}
	for p := inAccount + 1; p < inDrafts; p++ {
		if a.in(p) == nil {
			k.fault("bucket %s is missing", p)
			return
		}
	}
	k.checkFolders()
	k.readRows()
	k.checkJournal()
	k.checkRows()
	k.checkList()
	k.checkThreads()
	k.checkNames()
	k.checkWaiting()
	k.checkContents()
	k.checkDrafts()
	k.checkTold()
	k.checkLinks()
	k.checkFound()
}

func (k *checker) checkFolders() {
	last := k.last(keyLastFolder)
	byServer := map[activesync.ServerID]activesync.FolderID{}
	k.each(inFolders, 8, func(key, _ []byte) {
		id, r := activesync.FolderID(readID(key)), new(folderRecord)
		if _, err := k.a.getJSON(inFolders, key, r); err != nil {
			k.fault("%w", err)
			return
		}
		if uint64(id) > last || id == 0 {
			k.fault("folder %d was never given out", id)
		}
		if other, ok := byServer[r.ServerID]; ok {
			k.fault("folders %d and %d have the same ServerId", other, id)
		}
		byServer[r.ServerID] = id
		k.folders[id] = r
	})
	for id, r := range k.folders {
		up, n := r.Parent, 0
		for ; up != 0 && n <= len(k.folders); n++ {
			parent := k.folders[up]
			if parent == nil {
				k.fault("folder %d: parent %d is missing", id, up)
				break
			}
			up = parent.Parent
		}
		if n > len(k.folders) {
			k.fault("folder %d is its own parent", id)
		}
	}
	for _, p := range []place{inSync, inCounts} {
		k.each(p, 8, func(key, _ []byte) {
			if id := activesync.FolderID(readID(key)); k.folders[id] == nil {
				k.fault("bucket %s: folder %d is missing", p, id)
			}
		})
	}
	for id := range k.folders {
		if _, err := k.a.syncState(id); err != nil {
			k.fault("%w", err)
		}
	}
}

// each goes through a bucket whose keys have one size.
func (k *checker) each(p place, size int, fn func(key, value []byte)) {
	c := k.a.in(p).Cursor()
	for key, v := c.First(); key != nil; key, v = c.Next() {
		if len(key) != size || v == nil {
			k.fault("bucket %s: %x is no key of it", p, key)
			continue
		}
		fn(key, v)
	}
}

func (k *checker) last(counter []byte) uint64 {
	return readID(k.t.tx.Bucket(bucketMeta).Get(counter))
}

func (k *checker) readRows() {
	last := k.last(keyLastItem)
	k.each(inRows, 8, func(key, _ []byte) {
		id := activesync.ItemID(readID(key))
		r, err := k.a.row(id)
		if err != nil {
			k.fault("%w", err)
			return
		}
		if uint64(id) > last || id == 0 {
			k.fault("item %d was never given out", id)
		}
		if k.items[id] {
			k.fault("item %d is in two accounts", id)
		}
		k.items[id], k.rows[id] = true, r
	})
}

func (k *checker) checkJournal() {
	last := k.last(keyLastOp)
	id, err := k.a.accountID()
	if err != nil {
		return // told before
	}
	k.each(inJournal, 8, func(key, _ []byte) {
		var op activesync.Op
		if _, err := k.a.getJSON(inJournal, key, &op); err != nil {
			k.fault("%w", err)
			return
		}
		if uint64(op.ID) != readID(key) || uint64(op.ID) > last {
			k.fault("record %d is filed as %d, or was never given out", op.ID, readID(key))
		}
		if op.Account != id {
			k.fault("record %d is another account's", op.ID)
		}
		kind := kindMessage
		if r := k.rows[op.Item]; r != nil {
			kind = r.kind
		}
		content := k.a.in(inMIME).Get(key) != nil
		if op.Send != nil && op.Send.Spool != "" {
			content = !content // it must not lie in the bucket too
			k.spools = append(k.spools, op.ID)
		}
		if (op.Kind == activesync.OpSend || carries(&op, kind)) != content {
			k.fault("record %d: a %q record with message: %t", op.ID, op.Kind, content)
		}
		if op.Kind == activesync.OpSend || op.Kind == activesync.OpRespond && op.Respond.Done {
			return
		}
		if k.rows[op.Item] == nil {
			k.fault("record %d: item %d is missing", op.ID, op.Item)
		}
		k.ops[op.Item] = append(k.ops[op.Item], op)
	})
	k.each(inMIME, 8, func(key, _ []byte) {
		if k.a.in(inJournal).Get(key) == nil {
			k.fault("message of record %d, which is missing", readID(key))
		}
		if _, err := k.a.unpacked(inMIME, key); err != nil {
			k.fault("%w", err)
		}
	})
}

func (k *checker) checkRows() {
	for id, r := range k.rows {
		want := *r
		want.show(k.ops[id], k.a)
		if want.shown != r.shown || want.showRead != r.showRead || want.showFlag != r.showFlag || want.pending != r.pending {
			k.fault("item %d shows folder %d, read %t, flag %d, %d records; should be %d, %t, %d, %d", id,
				r.shown, r.showRead, r.showFlag, r.pending, want.shown, want.showRead, want.showFlag, want.pending)
		}
		if r.kind == kindContact {
			if err := k.a.overlay(&want, k.ops[id]); err != nil {
				k.fault("%w", err)
			} else if want.contact.ID = id; !reflect.DeepEqual(want.contact, r.contact) {
				k.fault("item %d shows the contact %+v; should be %+v", id, r.contact, want.contact)
			}
		}
		if k.folders[r.home] == nil {
			k.fault("item %d: its home, folder %d, is missing", id, r.home)
		}
		if r.shown != 0 {
			if v := k.a.in(inList).Get(listKey(r.shown, r.at(), id)); !bytes.Equal(v, r.line()) {
				k.fault("item %d is not in the list of folder %d as it should be", id, r.shown)
			}
		}
		if r.serverID != "" && k.a.lookup(r.home, r.serverID) != id {
			k.fault("item %d is not found by its name", id)
		}
		if r.serverID == "" && k.a.in(inPrints).Get(idKey(uint64(id))) == nil {
			k.fault("item %d has no name and does not wait for one", id)
		}
		if r.leaving && r.pending == 0 {
			k.fault("item %d should have left", id)
		}
	}
}

func (k *checker) checkList() {
	have := map[activesync.FolderID]count{}
	seen := map[activesync.ItemID]bool{}
	k.each(inList, listKeySize, func(key, v []byte) {
		f := activesync.FolderID(binary.BigEndian.Uint64(key))
		_, id := splitListKey(key)
		r := k.rows[id]
		if r == nil || r.shown != f || seen[id] {
			k.fault("the list of folder %d has item %d, which is missing or elsewhere", f, id)
		}
		seen[id] = true
		n := have[f]
		n.total++
		if r != nil && r.unread() {
			n.unread++
		}
		have[f] = n
	})
	for id := range k.folders {
		n := k.a.count(id)
		if n.total != have[id].total || n.unread != have[id].unread {
			k.fault("folder %d counts %d items, %d unread; its list has %d, %d", id, n.total, n.unread, have[id].total, have[id].unread)
		}
		delete(have, id)
	}
	for id := range have {
		k.fault("there is a list of folder %d, which is missing", id)
	}
}

func (k *checker) checkNames() {
	k.each(inNames, namesKeySize, func(key, v []byte) {
		id := activesync.ItemID(readID(v))
		r := k.rows[id]
		if r == nil {
			k.fault("a name leads to item %d, which is missing", id)
		} else if !bytes.Equal(key, k.a.namesKey(r.home, r.serverID)) {
			k.fault("a name leads to item %d, which has another", id)
		}
	})
}

func (k *checker) checkWaiting() {
	k.each(inPrints, 8, func(key, v []byte) {
		id := activesync.ItemID(readID(key))
		r := k.rows[id]
		if r == nil || len(v) != 24 || activesync.FolderID(binary.BigEndian.Uint64(v)) != r.home {
			k.fault("item %d waits, but is missing or at home elsewhere", id)
			return
		}
		if k.a.in(inWaiting).Get(append(bytes.Clone(v), key...)) == nil {
			k.fault("item %d does not wait where it should", id)
		}
	})
	k.each(inWaiting, waitingKeySize, func(key, v []byte) {
		if at := k.a.in(inPrints).Get(key[24:]); !bytes.Equal(at, key[:24]) {
			k.fault("item %d waits where it should not", readID(key[24:]))
		}
		if len(v) < 2 || !slices.Contains([]byte{waitResync, waitMoved, waitMoved2, waitDoomed, waitWithheld, waitKept, waitMade}, v[0]) {
			k.fault("item %d waits for nothing known", readID(key[24:]))
		}
	})
}

func (k *checker) checkContents() {
	k.each(inContents, 8, func(key, _ []byte) {
		r := k.rows[activesync.ItemID(readID(key))]
		if r == nil {
			k.fault("content of item %d, which is missing", readID(key))
			return
		}
		var err error
		switch r.kind {
		case kindMessage:
			var m activesync.Message
			if m, err = k.a.message(r, true); err == nil && m.Body.Whole() != r.whole {
				k.fault("item %d: body whole %t, its row says %t", r.id, m.Body.Whole(), r.whole)
			}
		case kindContact, kindEvent:
			_, err = k.a.entry(r)
		}
		if err != nil {
			k.fault("%w", err)
		}
	})
	for id, r := range k.rows {
		if k.a.in(inContents).Get(idKey(uint64(id))) == nil && (r.kind != kindMessage || r.whole) {
			k.fault("item %d: its content is missing", id)
		}
	}
}
