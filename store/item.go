package store

import (
	"bytes"
	"encoding/binary"
	"errors"

	"eas.example/securemail/activesync"
)

// listed is where a row stands in a list.
type listed struct {
	folder activesync.FolderID // 0 in none
	at     uint64
	unread bool
	line   []byte
	talk   string // its conversation, "" for what is no message
}

func (r *row) listed() listed {
	if r.shown == 0 {
		return listed{}
	}
	return listed{r.shown, r.at(), r.unread(), r.line(), r.talk()}
}

// row reads a row; an item that is not here is ErrNoItem.
func (a *account) row(id activesync.ItemID) (*row, error) {
	key := idKey(uint64(id))
	b, err := a.get(inRows, key)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, ErrNoItem
	}
	r, err := decodeRow(id, b)
	if err != nil {
		return nil, a.corrupt(inRows, key, err)
	}
	return r, nil
}

// findItem finds an item in whatever account has it.
func (t *txn) findItem(id activesync.ItemID) (a *account, r *row, err error) {
	if a = t.holder(inRows, idKey(uint64(id))); a == nil {
		return nil, nil, ErrNoItem
	}
	if r, err = a.row(id); err != nil {
		return nil, nil, err
	}
	return a, r, nil
}

// save writes a row and moves its line from where it stood before, with the
// counts. For a new row, before is the zero value.
func (a *account) save(r *row, before listed) error {
	now := r.listed()
	moved := before.folder != now.folder || before.at != now.at
	if before.folder != 0 && moved {
		if err := a.in(inList).Delete(listKey(before.folder, before.at, r.id)); err != nil {
			return err
		}
	}
	if now.folder != 0 && (moved || !bytes.Equal(before.line, now.line)) {
		if err := a.in(inList).Put(listKey(now.folder, now.at, r.id), now.line); err != nil {
			return err
		}
	}
	if err := a.rethread(r.id, before, now); err != nil {
		return err
	}
	a.recount(before, -1)
	a.recount(now, 1)
	key := idKey(uint64(r.id))
	a.t.plain = r.append(a.t.plain[:0])
	return a.put(inRows, key, a.t.plain)
}

func (a *account) recount(l listed, by int64) {
	if l.folder == 0 {
		return
	}
	n := a.count(l.folder)
	n.total += by
	if l.unread {
		n.unread += by
	}
	n.changed = true
	a.t.s.lists.touch(l.folder, uint64(a.t.tx.ID()))
	a.t.s.talks.touch(l.folder, uint64(a.t.tx.ID()))
}

// bind notes what the server calls an item and where it has it. An empty
// ServerId says that the server has to name it.
func (a *account) bind(r *row, home activesync.FolderID, id activesync.ServerID) error {
	if r.serverID != "" {
		if err := a.in(inNames).Delete(a.namesKey(r.home, r.serverID)); err != nil {
			return err
		}
	}
	r.home, r.serverID = home, id
	if id == "" {
		return nil
	}
	return a.in(inNames).Put(a.namesKey(home, id), idKey(uint64(r.id)))
}

// unname takes an item's name away; where it waits it goes on waiting.
func (a *account) unname(id activesync.ItemID) error {
	r, err := a.row(id)
	if err != nil {
		return err
	}
	if err := a.bind(r, r.home, ""); err != nil {
		return err
	}
	return a.save(r, r.listed())
}

func (a *account) namesKey(f activesync.FolderID, id activesync.ServerID) []byte {
	return namesKey(f, a.t.s.sealer.name("item", string(id)))
}

// nameNow is what the server is known to call an item now, "" while it has to name
// it: a name from before a folder started anew may mean another item by now.
func (a *account) nameNow(r *row) activesync.ServerID {
	if r.serverID != "" && a.waitsFor(r.id) == waitResync {
		return ""
	}
	return r.serverID
}

// lookup finds an item by what the server calls it, 0 when it is not here.
func (a *account) lookup(f activesync.FolderID, id activesync.ServerID) activesync.ItemID {
	return activesync.ItemID(readID(a.in(inNames).Get(a.namesKey(f, id))))
}

// drop forgets an item with all that is kept of it, and returns the journal
// records that fell away with it.
func (a *account) drop(id activesync.ItemID) ([]activesync.OpID, error) {
	r, err := a.row(id)
	if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNoItem) {
		return nil, a.purge(id)
	}
	if err != nil {
		return nil, err
	}
	if err := a.unwait(id); err != nil {
		return nil, err
	}
	if err := a.bind(r, r.home, ""); err != nil {
		return nil, err
	}
	if before := r.listed(); before.folder != 0 {
		if err := a.in(inList).Delete(listKey(before.folder, before.at, id)); err != nil {
			return nil, err
		}
		if err := a.rethread(id, before, listed{}); err != nil {
			return nil, err
		}
		a.recount(before, -1)
	}
	if err := a.unlink(r); err != nil {
		return nil, err
	}
	if r.header.Draft {
		if err := a.draftApart(id); err != nil {
			return nil, err
		}
	}
	var dropped []activesync.OpID
	if r.pending > 0 {
		if dropped, err = a.dropOps(func(op *activesync.Op) bool { return changes(op, id) }); err != nil {
			return nil, err
		}
	}
	return dropped, a.deleteItem(id)
}

func (a *account) deleteItem(id activesync.ItemID) error {
	key := idKey(uint64(id))
	if err := a.in(inContents).Delete(key); err != nil {
		return err
	}
	return a.in(inRows).Delete(key)
}

// purge forgets an item whose row cannot be read: all that points at it is
// looked for.
func (a *account) purge(id activesync.ItemID) error {
	if err := a.unwait(id); err != nil {
		return err
	}
	names := a.in(inNames).Cursor()
	for k, v := names.First(); k != nil; k, v = names.Next() {
		if activesync.ItemID(readID(v)) == id {
			if err := names.Delete(); err != nil {
				return err
			}
			break
		}
	}
	list := a.in(inList).Cursor()
	for k, v := list.First(); k != nil; k, v = list.Next() {
		if _, item := splitListKey(k); item != id {
			continue
		}
		f := activesync.FolderID(binary.BigEndian.Uint64(k))
		a.recount(listed{folder: f, unread: len(v) > 0 && v[0]&listUnread != 0}, -1)
		if err := list.Delete(); err != nil {
			return err
		}
		break
	}
	if err := errors.Join(a.purgeThread(id), a.purgeLink(id)); err != nil {
		return err
	}
	if _, err := a.dropOps(func(op *activesync.Op) bool { return changes(op, id) }); err != nil {
		return err
	}
	if err := a.draftApart(id); err != nil {
		return err
	}
	return a.deleteItem(id)
}

// itemsOf are the items whose home is a folder.
func (a *account) itemsOf(f activesync.FolderID) []activesync.ItemID {
	seen := map[activesync.ItemID]bool{}
	prefix := idKey(uint64(f))
	var out []activesync.ItemID
	add := func(id activesync.ItemID) {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	c := a.in(inNames).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		add(activesync.ItemID(readID(v)))
	}
	c = a.in(inWaiting).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		add(activesync.ItemID(readID(k[24:])))
	}
	return out
}

// message reads a message as the server has it, with its content if asked for.
func (a *account) message(r *row, whole bool) (activesync.Message, error) {
	m := activesync.Message{Header: r.header}
	if !whole {
		return m, nil
	}
	key := idKey(uint64(r.id))
	b, err := a.content(r.id)
	if err != nil || b == nil {
		return m, err
	}
	if err := readContent(b, &m); err != nil {
		return m, a.corrupt(inContents, key, err)
	}
	return m, nil
}

// content is what is kept of an item beside its row, nil for nothing. The
// bytes are the caller's.
func (a *account) content(id activesync.ItemID) ([]byte, error) {
	return a.unpacked(inContents, idKey(uint64(id)))
}

func (a *account) unpacked(p place, key []byte) ([]byte, error) {
	sealed := a.in(p).Get(key)
	if sealed == nil {
		return nil, nil
	}
	packed, err := a.t.open(nil, p.String(), a.name, key, sealed)
	if err == nil {
		var b []byte
		if b, err = a.t.s.sealer.unpack(packed); err == nil {
			return b, nil
		}
	}
	return nil, a.corrupt(p, key, err)
}

// putPacked files a value compressed.
func (a *account) putPacked(p place, key, content []byte) error {
	a.t.packed = a.t.s.sealer.pack(a.t.packed[:0], content)
	return a.put(p, key, a.t.packed)
}

// putMessage files what of a message is not in its row, and notes in the row
// whether the body is whole.
func (a *account) putMessage(r *row, m *activesync.Message) (err error) {
	r.header = m.Header
	r.whole = m.Body.Whole()
	key := idKey(uint64(r.id))
	if m.Body.Type == activesync.BodyNone && len(m.Body.Data) == 0 && m.Sender == (activesync.Address{}) && len(m.ReplyTo) == 0 &&
		len(m.Bcc) == 0 && len(m.Attachments) == 0 && m.Meeting == nil && m.Note == "" {
		return a.in(inContents).Delete(key)
	}
	if a.t.plain, err = appendContent(a.t.plain[:0], m); err != nil {
		return err
	}
	return a.putPacked(inContents, key, a.t.plain)
}
