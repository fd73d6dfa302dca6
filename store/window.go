package store

import (
	"bytes"
	"context"
	"fmt"
	"sort"
	"sync"

	"eas.example/securemail/activesync"
)

// Window reads the rows of a message list that are on screen. An Offset beyond
// the end gives no rows.
func (s *Store) Window(ctx context.Context, f activesync.FolderID, q activesync.WindowQuery) (activesync.Window, error) {
	var w activesync.Window
	err := s.view(ctx, func(t *txn) (err error) {
		a, err := t.folderAccount(f)
		if err != nil {
			return err
		}
		w, err = a.window(f, q)
		return err
	})
	if err != nil {
		if c, ok := asCorrupt(err); ok {
			c.Folder = uint64(f)
		}
		return activesync.Window{}, fmt.Errorf("read list of folder %s: %w", f, err)
	}
	return w, nil
}

func (a *account) window(f activesync.FolderID, q activesync.WindowQuery) (activesync.Window, error) {
	if q.Conversations {
		return a.talks(f, q)
	}
	n := a.count(f)
	w := activesync.Window{Total: int(n.total), Anchored: -1}
	if q.Unread {
		w.Total = int(n.unread)
	}
	list := &lister{a: a, folder: f, unread: q.Unread}
	start := max(q.Offset, 0)
	anchor := -1
	if q.Anchor != 0 {
		var err error
		if anchor, err = list.find(q.Anchor); err != nil {
			return w, err
		}
		if anchor >= 0 {
			start = max(anchor-max(q.Before, 0), 0)
		}
	}
	start = min(start, w.Total)
	w.Offset = start
	ids := list.slice(start, max(q.Count, 0))
	w.Rows = make([]activesync.Header, 0, len(ids))
	for _, id := range ids {
		r, err := a.row(id)
		if err != nil {
			return w, err
		}
		if r.kind != kindMessage {
			return w, ErrClass
		}
		if id == q.Anchor {
			w.Anchored = len(w.Rows)
		}
		w.Rows = append(w.Rows, r.seen())
	}
	return w, nil
}

// lister answers questions about the order of one list. Those about its first
// lines are answered by a cursor, the others from a copy in memory.
type lister struct {
	a      *account
	folder activesync.FolderID
	unread bool
	copied *listCopy
}

// nearEnough is how many lines a cursor passes before a copy is worth making.
const nearEnough = 512

// find is the index of an item in the list, -1 when it is not in it.
func (l *lister) find(id activesync.ItemID) (int, error) {
	key := idKey(uint64(id))
	if l.a.in(inRows).Get(key) == nil {
		return -1, nil
	}
	r, err := l.a.row(id)
	if err != nil {
		return -1, err
	}
	if r.shown != l.folder || l.unread && !r.unread() {
		return -1, nil
	}
	if c := l.have(); c == nil {
		if i := l.near(func(k []byte) bool { return bytes.Equal(k[16:], key) }); i >= 0 {
			return i, nil
		}
	}
	return l.copy().find(r.at(), id, l.unread), nil
}

// near looks for a line among the first ones.
func (l *lister) near(is func(key []byte) bool) int {
	prefix := idKey(uint64(l.folder))
	c := l.a.in(inList).Cursor()
	i := 0
	for k, v := c.Seek(prefix); i < nearEnough && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if l.unread && v[0]&listUnread == 0 {
			continue
		}
		if is(k) {
			return i
		}
		i++
	}
	return -1
}

// slice are the items from index start on, at most n.
func (l *lister) slice(start, n int) []activesync.ItemID {
	if start+n > nearEnough || l.unread || l.have() != nil {
		return l.copy().slice(start, n, l.unread)
	}
	out := make([]activesync.ItemID, 0, n)
	prefix := idKey(uint64(l.folder))
	c := l.a.in(inList).Cursor()
	i := 0
	for k, _ := c.Seek(prefix); len(out) < n && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		if i >= start {
			_, id := splitListKey(k)
			out = append(out, id)
		}
		i++
	}
	return out
}

// have is the copy if one is at hand.
func (l *lister) have() *listCopy {
	if l.copied == nil {
		l.copied = l.a.t.s.lists.get(l.folder, uint64(l.a.t.tx.ID()))
	}
	return l.copied
}

func (l *lister) copy() *listCopy {
	if c := l.have(); c != nil {
		return c
	}
	n := l.a.count(l.folder)
	c := &listCopy{lines: make([]listLine, 0, n.total)}
	prefix := idKey(uint64(l.folder))
	cur := l.a.in(inList).Cursor()
	for k, v := cur.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = cur.Next() {
		at, id := splitListKey(k)
		c.lines = append(c.lines, listLine{at: at, id: id, flags: v[0]})
	}
	l.a.t.s.lists.keep(l.folder, uint64(l.a.t.tx.ID()), c)
	l.copied = c
	return c
}

// listLine is one line of a list.
type listLine struct {
	at    uint64
	id    activesync.ItemID
	flags byte
}

// listCopy is the order of one list, as one transaction saw it. It is not
// changed once it is made.
type listCopy struct{ lines []listLine }

func (c *listCopy) find(at uint64, id activesync.ItemID, unread bool) int {
	i := sort.Search(len(c.lines), func(i int) bool {
		l := c.lines[i]
		return l.at > at || l.at == at && l.id >= id
	})
	if i == len(c.lines) || c.lines[i].id != id {
		return -1
	}
	if !unread {
		return i
	}
	n := 0
	for _, l := range c.lines[:i] {
		if l.flags&listUnread != 0 {
			n++
		}
	}
	return n
}

func (c *listCopy) slice(start, n int, unread bool) []activesync.ItemID {
	out := make([]activesync.ItemID, 0, min(n, len(c.lines)))
	if !unread {
		for i := start; i < len(c.lines) && len(out) < n; i++ {
			out = append(out, c.lines[i].id)
		}
		return out
	}
	seen := 0
	for _, l := range c.lines {
		if len(out) == n {
			break
		}
		if l.flags&listUnread == 0 {
			continue
		}
		if seen >= start {
			out = append(out, l.id)
		}
		seen++
	}
	return out
}

// copiesKept is how many lists are kept in memory.
const copiesKept = 2

// orderCache keeps copies of the lists that are looked at. A copy serves a
// transaction if the list has not changed between the two.
type orderCache[C any] struct {
	mu      sync.Mutex
	touched map[activesync.FolderID]uint64 // the last transaction that changed a list
	copies  []keptOrder[C]                 // the one used last is the last
}

// keptOrder is the copy of a list, as a transaction saw it.
type keptOrder[C any] struct {
	folder activesync.FolderID
	tx     uint64
	order  *C
}

// touch notes that a transaction changes a list. It is called before the commit,
// so no reader can see the change and take an old copy for good.
func (c *orderCache[C]) touch(f activesync.FolderID, tx uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.touched == nil {
		c.touched = map[activesync.FolderID]uint64{}
	}
	c.touched[f] = max(c.touched[f], tx)
}

func (c *orderCache[C]) get(f activesync.FolderID, tx uint64) *C {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, l := range c.copies {
		if l.folder == f && c.touched[f] <= min(l.tx, tx) {
			c.copies = append(append(c.copies[:i], c.copies[i+1:]...), l)
			return l.order
		}
	}
	return nil
}

func (c *orderCache[C]) keep(f activesync.FolderID, tx uint64, order *C) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, old := range c.copies {
		if old.folder == f {
			c.copies = append(c.copies[:i], c.copies[i+1:]...)
			break
		}
	}
	if len(c.copies) == copiesKept {
		c.copies = c.copies[1:]
	}
	c.copies = append(c.copies, keptOrder[C]{f, tx, order})
}
