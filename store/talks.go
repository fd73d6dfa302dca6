package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"

	"eas.example/securemail/activesync"
)

// The bounds of what is told of one conversation.
const (
	mostInRow    = 500 // messages named in a row
	mostPeople   = 8   // messages looked at for who wrote them
	mostInThread = 500 // messages of Thread
)

// talks reads the conversations of a folder that are on screen.
func (a *account) talks(f activesync.FolderID, q activesync.WindowQuery) (activesync.Window, error) {
	n := a.count(f)
	w := activesync.Window{Total: int(n.threads), Anchored: -1, Conversations: []activesync.Conversation{}}
	if q.Unread {
		w.Total = int(n.unreadThreads)
	}
	order := &talkOrder{a: a, folder: f, unread: q.Unread}
	start, anchor := max(q.Offset, 0), -1
	if q.Anchor != 0 {
		var err error
		if anchor, err = order.find(q.Anchor); err != nil {
			return w, err
		}
		if anchor >= 0 {
			start = max(anchor-max(q.Before, 0), 0)
		}
	}
	w.Offset = min(start, w.Total)
	names := order.slice(w.Offset, max(q.Count, 0))
	w.Rows = make([]activesync.Header, 0, len(names))
	for i, n := range names {
		h, c, err := a.talk(f, n)
		if err != nil {
			return w, err
		}
		if w.Offset+i == anchor {
			w.Anchored = i
		}
		w.Rows, w.Conversations = append(w.Rows, h), append(w.Conversations, c)
	}
	return w, nil
}

// talk is one conversation in a folder: its newest message, as a row that
// stands for all of them, and who is in it.
func (a *account) talk(f activesync.FolderID, n name) (h activesync.Header, c activesync.Conversation, err error) {
	prefix := threadKey(f, n, 0, 0)[:24]
	cur := a.in(inThreads).Cursor()
	for k, v := cur.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = cur.Next() {
		_, id := splitThreadKey(k)
		if v[0]&listUnread != 0 {
			if c.Unread == 0 {
				c.Show = id
			}
			c.Unread++
		}
		if len(c.Items) < mostInRow {
			c.Items = append(c.Items, id)
		}
	}
	flagged := false
	if at, ok := a.newest(f, n); ok {
		flagged = readHead(a.in(inHeads).Get(headKey(f, at, n))).flagged > 0
	}
	for i, id := range c.Items[:min(len(c.Items), mostPeople)] {
		r, err := a.row(id)
		if err != nil {
			return h, c, err
		}
		if r.kind != kindMessage {
			return h, c, ErrClass
		}
		if seen := r.seen(); i == 0 {
			h = seen
		} else {
			h.HasAttachments = h.HasAttachments || seen.HasAttachments
			h.Pending = h.Pending || seen.Pending
		}
		if who := r.header.From.Label(); who != "" && !slices.Contains(c.People, who) {
			c.People = append(c.People, who)
		}
	}
	slices.Reverse(c.People)
	if h.Read = c.Unread == 0; h.Read {
		c.Show = h.ID
	}
	if flagged {
		h.Flag = activesync.FlagActive
	}
	return h, c, nil
}

// talkOrder answers questions about the order of the conversations of a
// folder: about the first ones by a cursor, else from a copy in memory.
type talkOrder struct {
	a      *account
	folder activesync.FolderID
	unread bool
	copied *talkCopy
}

// find is the index of the conversation that an item of the folder is in, -1
// when it is in none of the list.
func (l *talkOrder) find(id activesync.ItemID) (int, error) {
	if l.a.in(inRows).Get(idKey(uint64(id))) == nil {
		return -1, nil
	}
	r, err := l.a.row(id)
	if err != nil {
		return -1, err
	}
	if r.shown != l.folder || r.kind != kindMessage {
		return -1, nil
	}
	n := l.a.threadOf(r)
	at, ok := l.a.newest(l.folder, n)
	if !ok || l.unread && readHead(l.a.in(inHeads).Get(headKey(l.folder, at, n))).unread == 0 {
		return -1, nil
	}
	if l.have() == nil {
		i := 0
		for _, got := range l.near(nearEnough) {
			if got == n {
				return i, nil
			}
			i++
		}
	}
	return l.copy().find(at, n, l.unread), nil
}

// near are the first conversations, at most n.
func (l *talkOrder) near(n int) []name {
	var out []name
	prefix := idKey(uint64(l.folder))
	c := l.a.in(inHeads).Cursor()
	for k, v := c.Seek(prefix); len(out) < n && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if l.unread && readHead(v).unread == 0 {
			continue
		}
		_, thread := splitHeadKey(k)
		out = append(out, thread)
	}
	return out
}

// slice are the conversations from index start on, at most n.
func (l *talkOrder) slice(start, n int) []name {
	if l.have() == nil && start+n <= nearEnough && !l.unread {
		near := l.near(start + n)
		return near[min(start, len(near)):]
	}
	return l.copy().slice(start, n, l.unread)
}

func (l *talkOrder) have() *talkCopy {
	if l.copied == nil {
		l.copied = l.a.t.s.talks.get(l.folder, uint64(l.a.t.tx.ID()))
	}
	return l.copied
}

func (l *talkOrder) copy() *talkCopy {
	if c := l.have(); c != nil {
		return c
	}
	c := &talkCopy{lines: make([]talkLine, 0, l.a.count(l.folder).threads)}
	prefix := idKey(uint64(l.folder))
	cur := l.a.in(inHeads).Cursor()
	for k, v := cur.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = cur.Next() {
		at, n := splitHeadKey(k)
		c.lines = append(c.lines, talkLine{at, n, readHead(v).unread > 0})
	}
	l.a.t.s.talks.keep(l.folder, uint64(l.a.t.tx.ID()), c)
	l.copied = c
	return c
}

// talkCopy is the order of the conversations of a folder, as one transaction
// saw it. It is not changed once it is made.
type talkCopy struct{ lines []talkLine }

type talkLine struct {
	at     uint64
	thread name
	unread bool
}

func (c *talkCopy) find(at uint64, n name, unread bool) int {
	i := sort.Search(len(c.lines), func(i int) bool {
		l := c.lines[i]
		return l.at > at || l.at == at && bytes.Compare(l.thread[:], n[:]) >= 0
	})
	if i == len(c.lines) || c.lines[i].thread != n {
		return -1
	}
	if !unread {
		return i
	}
	at0 := 0
	for _, l := range c.lines[:i] {
		if l.unread {
			at0++
		}
	}
	return at0
}

func (c *talkCopy) slice(start, n int, unread bool) []name {
	var out []name
	seen := 0
	for i := 0; i < len(c.lines) && len(out) < n; i++ {
		if !unread && i < start {
			i, seen = start, start
			if i >= len(c.lines) {
				break
			}
		}
		if unread && !c.lines[i].unread {
			continue
		}
		if seen >= start {
			out = append(out, c.lines[i].thread)
		}
		seen++
	}
	return out
}

// Thread are the messages of the conversation that an item is in, oldest first,
// those of other folders among them: of Sent Items what the person answered, but
// not what was deleted, is junk or a draft. There are at most the 500 newest.
func (s *Store) Thread(ctx context.Context, id activesync.ItemID) ([]activesync.Header, error) {
	var out []activesync.Header
	err := s.viewItem(ctx, id, kindMessage, func(a *account, r *row) error {
		folders, err := a.folders()
		if err != nil {
			return err
		}
		n := a.threadOf(r)
		var ids []talkItem
		for f, record := range folders {
			if f != r.shown && (record.Type.Class() != activesync.ClassEmail || aside(record.Type)) {
				continue
			}
			prefix := threadKey(f, n, 0, 0)[:24]
			c := a.in(inThreads).Cursor()
			for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
				at, item := splitThreadKey(k)
				ids = append(ids, talkItem{at, item})
			}
		}
		slices.SortFunc(ids, func(x, y talkItem) int { return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(y.item, x.item)) })
		for _, i := range ids[:min(len(ids), mostInThread)] {
			row, err := a.row(i.item)
			if err != nil {
				return err
			}
			out = append(out, row.seen())
		}
		slices.Reverse(out)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read conversation of item %s: %w", id, err)
	}
	return out, nil
}

type talkItem struct {
	at   uint64
	item activesync.ItemID
}

// aside reports whether the messages of a folder do not show in conversations
// seen from other folders.
func aside(t activesync.FolderType) bool {
	return t == activesync.FolderDeleted || t == activesync.FolderDrafts || t == activesync.FolderOutbox
}

// checkThreads looks whether the conversations are what the rows make of them.
func (k *checker) checkThreads() {
	type place struct {
		f activesync.FolderID
		n name
	}
	heads, newest := map[place]head{}, map[place]uint64{}
	members := 0
	for id, r := range k.rows {
		if r.shown == 0 || r.kind != kindMessage {
			continue
		}
		members++
		l := r.listed()
		at := place{l.folder, k.a.threadOf(r)}
		if v := k.a.in(inThreads).Get(threadKey(l.folder, at.n, l.at, id)); !bytes.Equal(v, l.line) {
			k.fault("item %d is not in its conversation as it should be", id)
		}
		h := heads[at]
		h.count(l.line[0], 1)
		heads[at] = h
		if first, ok := newest[at]; !ok || l.at < first {
			newest[at] = l.at
		}
	}
	n := 0
	k.each(inThreads, threadKeySize, func(_, _ []byte) { n++ })
	if n != members {
		k.fault("there are %d messages in conversations, should be %d", n, members)
	}
	have := map[activesync.FolderID]count{}
	k.each(inHeads, headKeySize, func(key, v []byte) {
		f := activesync.FolderID(binary.BigEndian.Uint64(key))
		at, n := splitHeadKey(key)
		p := place{f, n}
		if h := readHead(v); h.total == 0 || h != heads[p] || at != newest[p] {
			k.fault("a conversation of folder %d is listed with %d messages, %d unread, %d flagged; should be %d, %d, %d, or elsewhere", f,
				h.total, h.unread, h.flagged, heads[p].total, heads[p].unread, heads[p].flagged)
		}
		c := have[f]
		c.talk(readHead(v), 1)
		have[f] = c
		delete(heads, p)
	})
	for p := range heads {
		k.fault("a conversation of folder %d is not listed", p.f)
	}
	for id := range k.folders {
		if c := k.a.count(id); c.threads != have[id].threads || c.unreadThreads != have[id].unreadThreads {
			k.fault("folder %d counts %d conversations, %d unread; there are %d, %d", id, c.threads, c.unreadThreads, have[id].threads, have[id].unreadThreads)
		}
	}
}
