package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"go.etcd.io/bbolt"
)

// The tests of this file reach into the file of a store, so they belong to the
// package itself.

func openSample(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "mail.db"), Options{Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.NoSync()
	return s
}

// sample holds one of everything: items 1 to 3 are messages of the Inbox, the
// first without a body, the third read; 4 is one that waits in Archive, 5 a
// contact, 6 an event. Record 1 flags item 2, record 2 sends a message.
func sample(t *testing.T) *Store {
	t.Helper()
	s := openSample(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	var folders []activesync.FolderChange
	for i, kind := range []activesync.FolderType{activesync.FolderInbox, activesync.FolderUserMail, activesync.FolderContacts, activesync.FolderCalendar} {
		folders = append(folders, activesync.FolderChange{Kind: activesync.Added, ServerID: activesync.ServerID(fmt.Sprint("f", i+1)), Parent: "0",
			Name: fmt.Sprint("Folder ", i+1), Type: kind})
	}
	must(s.ApplyFolders(ctx, "alice", "0", "h1", folders))
	message := func(n int, body bool) *activesync.MessagePatch {
		p := &activesync.MessagePatch{Fields: activesync.HasSubject | activesync.HasDate | activesync.HasRead | activesync.HasBody}
		p.Subject, p.Date, p.Read = fmt.Sprint("Subject ", n), time.Unix(int64(n)*1000, 0).UTC(), n == 3
		if body {
			p.Body = activesync.Body{Type: activesync.BodyPlain, Data: []byte("text")}
		} else {
			p.Fields &^= activesync.HasBody
		}
		return p
	}
	add := func(f activesync.FolderID, items ...activesync.ItemChange) {
		t.Helper()
		_, err := s.Apply(ctx, activesync.Batch{Folder: f, From: "0", To: "1", Items: items, InStep: true})
		must(err)
	}
	folder := map[activesync.FolderType]activesync.FolderID{}
	all, err := s.Folders(ctx, "alice")
	must(err)
	for _, f := range all {
		folder[f.Type] = f.ID
	}
	inbox, archive := folder[activesync.FolderInbox], folder[activesync.FolderUserMail]
	if inbox != 1 || archive != 2 {
		t.Fatalf("folders are %v", folder)
	}
	add(inbox, activesync.ItemChange{Kind: activesync.Added, ServerID: "1:1", Message: message(1, false)},
		activesync.ItemChange{Kind: activesync.Added, ServerID: "1:2", Message: message(2, true)},
		activesync.ItemChange{Kind: activesync.Added, ServerID: "1:3", Message: message(3, true)})
	add(archive, activesync.ItemChange{Kind: activesync.Added, ServerID: "2:1", Message: message(4, true)})
	must(s.Reset(ctx, archive))
	contact := &activesync.ContactPatch{Whole: true}
	contact.FirstName = "Ana"
	add(folder[activesync.FolderContacts], activesync.ItemChange{Kind: activesync.Added, ServerID: "3:1", Contact: contact})
	event := &activesync.EventPatch{Fields: activesync.EventSubject | activesync.EventStart | activesync.EventEnd}
	event.Subject, event.Start, event.End = "Audit", time.Unix(5000, 0).UTC(), time.Unix(6000, 0).UTC()
	add(folder[activesync.FolderCalendar], activesync.ItemChange{Kind: activesync.Added, ServerID: "4:1", Event: event})
	_, err = s.Queue(ctx, activesync.Op{Kind: activesync.OpFlag, Item: 2, Flag: activesync.FlagActive}, nil)
	must(err)
	_, err = s.Queue(ctx, activesync.Op{Kind: activesync.OpSend, Account: "alice", Send: &activesync.Outgoing{ClientID: "c"}}, []byte("mail"))
	must(err)
	must(s.Check(ctx))
	return s
}

// key of the only entry of a bucket that belongs to an item.
func (a *account) keyOf(p place, id activesync.ItemID) []byte {
	c := a.in(p).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if bytes.HasSuffix(k, idKey(uint64(id))) || bytes.Equal(v, idKey(uint64(id))) {
			return bytes.Clone(k)
		}
	}
	return nil
}

// changeRow writes a row with one thing changed and nothing else.
func changeRow(a *account, id activesync.ItemID, fn func(*row)) error {
	r, err := a.row(id)
	if err != nil {
		return err
	}
	fn(r)
	return a.put(inRows, idKey(uint64(id)), r.append(nil))
}

func flip(b *bbolt.Bucket, key []byte) error {
	v := bytes.Clone(b.Get(key))
	v[len(v)-1] ^= 1
	return b.Put(key, v)
}

func TestCheckFindsEachKindOfDamage(t *testing.T) {
	one, two := idKey(1), idKey(2)
	for _, c := range []struct {
		name, fault string
		damage      func(*account) error
	}{
		{"account under another name", "account is filed", func(a *account) error { return a.put(inAccount, keyAccount, []byte("bob")) }},
		{"state unreadable", "bucket account", func(a *account) error {
			return a.in(inAccount).Put(keyState, []byte("junk of some length, sealed by nobody"))
		}},
		{"hierarchy key unreadable", "bucket account", func(a *account) error { return flip(a.in(inAccount), keyHierarchy) }},
		{"bucket gone", "bucket mime is missing", func(a *account) error { return a.in(inAccount).DeleteBucket([]byte("mime")) }},
		{"folder unreadable", "bucket folders, id 2", func(a *account) error { return flip(a.in(inFolders), two) }},
		{"folder never given out", "folder 99 was never", func(a *account) error { return a.putJSON(inFolders, idKey(99), &folderRecord{ServerID: "f99"}) }},
		{"two folders of one name", "have the same ServerId", func(a *account) error {
			return a.putJSON(inFolders, two, &folderRecord{ServerID: "f1", Type: activesync.FolderUserMail})
		}},
		{"parent missing", "parent 77 is missing", func(a *account) error {
			return a.putJSON(inFolders, two, &folderRecord{ServerID: "f2", Parent: 77, Type: activesync.FolderUserMail})
		}},
		{"ring of parents", "is its own parent", func(a *account) error {
			return a.putJSON(inFolders, two, &folderRecord{ServerID: "f2", Parent: 2, Type: activesync.FolderUserMail})
		}},
		{"state of no folder", "bucket sync: folder 9 is missing", func(a *account) error { return a.putSync(9, activesync.SyncState{Key: "1"}) }},
		{"counts of no folder", "bucket counts: folder 9 is missing", func(a *account) error { return a.in(inCounts).Put(idKey(9), make([]byte, 16)) }},
		{"state of a folder unreadable", "bucket sync, id 1", func(a *account) error { return flip(a.in(inSync), one) }},
		{"total wrong", "folder 1 counts 4 items", func(a *account) error {
			return a.in(inCounts).Put(one, append(idKey(4), idKey(2)...))
		}},
		{"unread wrong", "folder 1 counts 3 items, 3 unread", func(a *account) error {
			return a.in(inCounts).Put(one, append(idKey(3), idKey(3)...))
		}},
		{"row unreadable", "bucket rows, id 2", func(a *account) error { return flip(a.in(inRows), two) }},
		{"row of another item", "bucket rows, id 3", func(a *account) error { return a.in(inRows).Put(idKey(3), bytes.Clone(a.in(inRows).Get(two))) }},
		{"row of an unknown form", "unknown form 200", func(a *account) error { return a.put(inRows, two, []byte{200, 1}) }},
		{"row too long", "bytes too many", func(a *account) error {
			r, err := a.row(2)
			if err != nil {
				return err
			}
			return a.put(inRows, two, append(r.append(nil), 0))
		}},
		{"item never given out", "item 99 was never", func(a *account) error {
			return a.put(inRows, idKey(99), (&row{kind: kindMessage, home: 1, whole: false}).append(nil))
		}},
		{"shown elsewhere", "item 3 shows folder 2", func(a *account) error { return changeRow(a, 3, func(r *row) { r.shown = 2 }) }},
		{"read mark against the journal", "item 3 shows folder 1, read false", func(a *account) error { return changeRow(a, 3, func(r *row) { r.showRead = false }) }},
		{"flag against the journal", "item 2 shows folder 1", func(a *account) error { return changeRow(a, 2, func(r *row) { r.showFlag = 0 }) }},
		{"records counted wrong", "item 3 shows folder 1, read true, flag 0, 1 records", func(a *account) error { return changeRow(a, 3, func(r *row) { r.pending = 1 }) }},
		{"home missing", "its home, folder 55", func(a *account) error { return changeRow(a, 3, func(r *row) { r.home = 55 }) }},
		{"left but here", "item 3 should have left", func(a *account) error { return changeRow(a, 3, func(r *row) { r.leaving = true }) }},
		{"name lost", "item 3 is not found by its name", func(a *account) error { return a.in(inNames).Delete(a.keyOf(inNames, 3)) }},
		{"nameless and not waiting", "item 3 has no name", func(a *account) error {
			if err := a.in(inNames).Delete(a.keyOf(inNames, 3)); err != nil {
				return err
			}
			return changeRow(a, 3, func(r *row) { r.serverID = "" })
		}},
		{"name of no item", "item 44, which is missing", func(a *account) error { return a.in(inNames).Put(a.namesKey(1, "x"), idKey(44)) }},
		{"second name", "item 3, which has another", func(a *account) error { return a.in(inNames).Put(a.namesKey(1, "x"), idKey(3)) }},
		{"not listed", "item 3 is not in the list", func(a *account) error { return a.in(inList).Delete(a.keyOf(inList, 3)) }},
		{"listed with other flags", "item 3 is not in the list of folder 1 as it should", func(a *account) error {
			return a.in(inList).Put(a.keyOf(inList, 3), []byte{listUnread})
		}},
		{"listed twice", "has item 3, which is missing or elsewhere", func(a *account) error {
			return a.in(inList).Put(listKey(1, 5, 3), []byte{0})
		}},
		{"list of no folder", "list of folder 8, which is missing", func(a *account) error { return a.in(inList).Put(listKey(8, 5, 3), []byte{0}) }},
		{"key of a wrong length", "is no key of it", func(a *account) error { return a.in(inList).Put([]byte("short"), []byte{0}) }},
		{"not in its conversation", "item 3 is not in its conversation", func(a *account) error { return a.in(inThreads).Delete(a.keyOf(inThreads, 3)) }},
		{"twice in conversations", "messages in conversations, should be", func(a *account) error {
			return a.in(inThreads).Put(threadKey(1, name{1}, 5, 3), []byte{0})
		}},
		{"conversation with wrong counts", "is listed with 9 messages", func(a *account) error {
			k, _ := a.in(inHeads).Cursor().First()
			return a.in(inHeads).Put(bytes.Clone(k), head{9, 9, 9}.append(nil))
		}},
		{"conversation not listed", "is not listed", func(a *account) error {
			k, _ := a.in(inHeads).Cursor().First()
			return a.in(inHeads).Delete(bytes.Clone(k))
		}},
		{"conversations miscounted", "counts 77 conversations", func(a *account) error {
			v := bytes.Clone(a.in(inCounts).Get(one))
			v[23] = 77
			return a.in(inCounts).Put(one, v)
		}},
		{"waits and is missing", "item 44 waits, but", func(a *account) error { return a.in(inPrints).Put(idKey(44), make([]byte, 24)) }},
		{"waits nowhere", "item 4 does not wait where it should", func(a *account) error { return a.in(inWaiting).Delete(a.keyOf(inWaiting, 4)) }},
		{"waits unknown to itself", "item 4 waits where it should not", func(a *account) error { return a.in(inPrints).Delete(idKey(4)) }},
		{"waits for nothing", "item 4 waits for nothing known", func(a *account) error { return a.in(inWaiting).Put(a.keyOf(inWaiting, 4), []byte{99, 0}) }},
		{"content unreadable", "bucket contents, id 2", func(a *account) error { return flip(a.in(inContents), two) }},
		{"content of an unknown packing", "unknown packing 9", func(a *account) error { return a.put(inContents, two, []byte{9, 1}) }},
		{"content of no row", "content of item 44", func(a *account) error { return a.putPacked(inContents, idKey(44), []byte("x")) }},
		{"content missing", "item 2: its content is missing", func(a *account) error { return a.in(inContents).Delete(two) }},
		{"contact missing", "item 5: its content is missing", func(a *account) error { return a.in(inContents).Delete(idKey(5)) }},
		{"contact unreadable", "bucket contents, id 5", func(a *account) error { return a.putPacked(inContents, idKey(5), []byte("no JSON")) }},
		{"body whole only in its row", "body whole false, its row says true", func(a *account) error {
			b, err := appendContent(nil, &activesync.Message{Body: activesync.Body{Type: activesync.BodyPlain, Truncated: true}})
			if err != nil {
				return err
			}
			return a.putPacked(inContents, two, b)
		}},
		{"record unreadable", "bucket journal, id 1", func(a *account) error { return flip(a.in(inJournal), one) }},
		{"record lost", "item 2 shows", func(a *account) error { return a.in(inJournal).Delete(one) }},
		{"record under another number", "record 1 is filed as 2", func(a *account) error {
			return a.putJSON(inJournal, two, activesync.Op{ID: 1, Account: "alice", Kind: activesync.OpSend})
		}},
		{"record of another account", "record 2 is another account's", func(a *account) error {
			return a.putJSON(inJournal, two, activesync.Op{ID: 2, Account: "bob", Kind: activesync.OpSend})
		}},
		{"record of no item", "record 2: item 44 is missing", func(a *account) error {
			if err := a.in(inMIME).Delete(two); err != nil {
				return err
			}
			return a.putJSON(inJournal, two, activesync.Op{ID: 2, Account: "alice", Kind: activesync.OpRead, Item: 44})
		}},
		{"message to send lost", `a "send" record with message: false`, func(a *account) error { return a.in(inMIME).Delete(two) }},
		{"message to send unreadable", "bucket mime, id 2", func(a *account) error { return flip(a.in(inMIME), two) }},
		{"message of no record", "message of record 9", func(a *account) error { return a.putPacked(inMIME, idKey(9), []byte("x")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sample(t)
			err := s.db.Update(func(tx *bbolt.Tx) error {
				x := &txn{s: s, tx: tx}
				return c.damage(x.account("alice"))
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("Check says %v, want %q", err, c.fault)
			}
		})
	}
}

func TestCheckFindsAnItemOfTwoAccounts(t *testing.T) {
	s := sample(t)
	err := s.update(t.Context(), func(x *txn) error {
		a, err := x.makeAccount("bob")
		if err != nil {
			return err
		}
		return a.put(inRows, idKey(2), (&row{kind: kindMessage, home: 1}).append(nil))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "item 2 is in two accounts") {
		t.Errorf("Check says %v", err)
	}
}

func TestCheckTellsAllFaultsAtOnce(t *testing.T) {
	s := sample(t)
	err := s.db.Update(func(tx *bbolt.Tx) error {
		a := (&txn{s: s, tx: tx}).account("alice")
		wrong := binary.BigEndian.AppendUint64(idKey(7), 7)
		if err := a.in(inCounts).Put(idKey(1), wrong); err != nil {
			return err
		}
		return a.in(inMIME).Delete(idKey(2))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Check(t.Context())
	for _, want := range []string{"folder 1 counts 7 items", `a "send" record with message: false`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check says %v, want %q", err, want)
		}
	}
}

// Looking while somebody writes finds no faults that are not there: doctor once
// told of pages that were just being given back.
func TestCheckBesideAWriter(t *testing.T) {
	s := sample(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		for n := 0; ctx.Err() == nil; n++ {
			key := fmt.Sprint("k", n%7)
			text := strings.Repeat(fmt.Sprintf("%016x", uint64(n+1)*2654435761), 2000)
			if _, err := s.KeepDraft(ctx, key, activesync.Draft{Account: "alice", Key: key, Text: text}); err != nil && ctx.Err() == nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range 60 {
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
			break
		}
	}
	stop()
	if err := <-done; err != nil && !errors.Is(err, activesync.ErrDraftChanged) {
		t.Error(err)
	}
}
