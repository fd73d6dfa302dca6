package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"eas.example/securemail/activesync"
)

// head is what is kept of the messages of a conversation that are in one
// folder.
type head struct {
	total, unread, flagged uint32
}

const (
	threadKeySize = 40
	headKeySize   = 32
	headSize      = 12
)

// talk tells the conversation of a message from others: what the server calls
// it, where it does not the message with which it began, as far as headers are
// known, else the topic. A message without either is one of its
// own. It is "" for what is no message.
func (r *row) talk() string {
	if r.kind != kindMessage {
		return ""
	}
	if len(r.header.Conversation) > 0 {
		return "id " + string(r.header.Conversation)
	}
	if r.root != "" && r.root != noRoot {
		return rootTalk(r.root)
	}
	if topic := activesync.Topic(r.header.Subject); topic != "" {
		return "topic " + topic
	}
	return "item " + string(idKey(uint64(r.id)))
}

// threadOf names the conversation of a message.
func (a *account) threadOf(r *row) name { return a.thread(r.talk()) }

func (a *account) thread(talk string) name { return a.t.s.sealer.name("thread", talk) }

func threadKey(f activesync.FolderID, n name, at uint64, item activesync.ItemID) []byte {
	k := append(binary.BigEndian.AppendUint64(make([]byte, 0, threadKeySize), uint64(f)), n[:]...)
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(k, at), uint64(item))
}

// splitThreadKey reads the time and the item of a key of the threads.
func splitThreadKey(k []byte) (at uint64, item activesync.ItemID) {
	return binary.BigEndian.Uint64(k[24:32]), activesync.ItemID(binary.BigEndian.Uint64(k[32:40]))
}

func headKey(f activesync.FolderID, at uint64, n name) []byte {
	k := binary.BigEndian.AppendUint64(make([]byte, 0, headKeySize), uint64(f))
	return append(binary.BigEndian.AppendUint64(k, at), n[:]...)
}

// splitHeadKey reads the time of the newest message and the name of a key of
// the heads.
func splitHeadKey(k []byte) (at uint64, n name) {
	return binary.BigEndian.Uint64(k[8:16]), name(k[16:32])
}

func (h head) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, h.total)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, h.unread), h.flagged)
}

func readHead(b []byte) head {
	if len(b) != headSize {
		return head{}
	}
	return head{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])}
}

// count adds or takes away one message with the flags of its line.
func (h *head) count(flags byte, by int32) {
	h.total += uint32(by)
	if flags&listUnread != 0 {
		h.unread += uint32(by)
	}
	if flags&listFlagged != 0 {
		h.flagged += uint32(by)
	}
}

// rethread moves a message from where it stood among the conversations to
// where it stands now.
func (a *account) rethread(id activesync.ItemID, before, now listed) error {
	if before.folder == now.folder && before.talk == now.talk {
		if now.talk == "" || before.at == now.at && bytes.Equal(before.line, now.line) {
			return nil
		}
		n := a.thread(now.talk)
		return a.changeThread(now.folder, n, func(h *head) error {
			return errors.Join(a.unthread(h, id, n, before), a.enthread(h, id, n, now))
		})
	}
	if before.talk != "" {
		n := a.thread(before.talk)
		if err := a.changeThread(before.folder, n, func(h *head) error { return a.unthread(h, id, n, before) }); err != nil {
			return err
		}
	}
	if now.talk == "" {
		return nil
	}
	n := a.thread(now.talk)
	return a.changeThread(now.folder, n, func(h *head) error { return a.enthread(h, id, n, now) })
}

func (a *account) enthread(h *head, id activesync.ItemID, n name, l listed) error {
	h.count(l.line[0], 1)
	return a.in(inThreads).Put(threadKey(l.folder, n, l.at, id), l.line)
}

func (a *account) unthread(h *head, id activesync.ItemID, n name, l listed) error {
	h.count(l.line[0], -1)
	return a.in(inThreads).Delete(threadKey(l.folder, n, l.at, id))
}

// changeThread changes who is in a conversation, and with it where it stands in
// the list of conversations and how many there are.
func (a *account) changeThread(f activesync.FolderID, n name, change func(*head) error) error {
	heads := a.in(inHeads)
	old, had := a.newest(f, n)
	var h head
	if had {
		h = readHead(heads.Get(headKey(f, old, n)))
	}
	was := h
	if err := change(&h); err != nil {
		return err
	}
	at, has := a.newest(f, n)
	if had && (!has || at != old) {
		if err := heads.Delete(headKey(f, old, n)); err != nil {
			return err
		}
	}
	count := a.count(f)
	count.talk(was, -1)
	if !has {
		return nil
	}
	count.talk(h, 1)
	return heads.Put(headKey(f, at, n), h.append(nil))
}

// talk counts a conversation, if there is one.
func (n *count) talk(h head, by int64) {
	if h.total == 0 {
		return
	}
	n.threads += by
	if h.unread > 0 {
		n.unreadThreads += by
	}
	n.changed = true
}

// newest is when the newest message of a conversation is from.
func (a *account) newest(f activesync.FolderID, n name) (at uint64, ok bool) {
	prefix := threadKey(f, n, 0, 0)[:24]
	k, _ := a.in(inThreads).Cursor().Seek(prefix)
	if !bytes.HasPrefix(k, prefix) {
		return 0, false
	}
	at, _ = splitThreadKey(k)
	return at, true
}

// purgeThread takes a message whose row cannot be read out of its conversation.
func (a *account) purgeThread(id activesync.ItemID) error {
	c := a.in(inThreads).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if at, item := splitThreadKey(k); item == id {
			l, n := listed{folder: activesync.FolderID(binary.BigEndian.Uint64(k)), at: at, line: bytes.Clone(v)}, name(k[8:24])
			return a.changeThread(l.folder, n, func(h *head) error { return a.unthread(h, id, n, l) })
		}
	}
	return nil
}

// makeThreads puts the messages of a file that knows no conversations together.
func makeThreads(t *txn) error {
	var failed error
	t.each(func(a *account) bool {
		failed = a.makeThreads()
		return failed != nil
	})
	return failed
}

// makeThreads writes the keys in order: a bucket takes those out of order in
// time by the square of their number, until it is committed.
func (a *account) makeThreads() error {
	for _, p := range []place{inThreads, inHeads} {
		if _, err := a.in(inAccount).CreateBucketIfNotExists([]byte(p.String())); err != nil {
			return err
		}
		a.in(p).FillPercent = 0.9
	}
	members, err := a.threadKeys()
	if err != nil {
		return err
	}
	type led struct {
		key [headKeySize]byte
		head
	}
	var heads []led
	for i, m := range members {
		if err := a.in(inThreads).Put(m.key[:], []byte{m.flags}); err != nil {
			return err
		}
		if i == 0 || !bytes.Equal(members[i-1].key[:24], m.key[:24]) {
			at, _ := splitThreadKey(m.key[:])
			f := activesync.FolderID(binary.BigEndian.Uint64(m.key[:]))
			heads = append(heads, led{key: [headKeySize]byte(headKey(f, at, name(m.key[8:24])))})
		}
		heads[len(heads)-1].count(m.flags, 1)
	}
	slices.SortFunc(heads, func(x, y led) int { return bytes.Compare(x.key[:], y.key[:]) })
	for _, h := range heads {
		if err := a.in(inHeads).Put(h.key[:], h.append(nil)); err != nil {
			return err
		}
		a.count(activesync.FolderID(binary.BigEndian.Uint64(h.key[:]))).talk(h.head, 1)
	}
	return nil
}

// threadMember is a message among those of its conversation.
type threadMember struct {
	key   [threadKeySize]byte
	flags byte
}

// threadKeys are the keys of all messages in lists, in order.
func (a *account) threadKeys() ([]threadMember, error) {
	var out []threadMember
	c := a.in(inList).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		_, id := splitListKey(k)
		r, err := a.row(id)
		if isCorrupt(err) || errors.Is(err, ErrNoItem) {
			continue // it is found out when it is looked at
		}
		if err != nil {
			return nil, err
		}
		if l := r.listed(); l.talk != "" && l.folder != 0 {
			out = append(out, threadMember{[threadKeySize]byte(threadKey(l.folder, a.thread(l.talk), l.at, id)), l.line[0]})
		}
	}
	slices.SortFunc(out, func(x, y threadMember) int { return bytes.Compare(x.key[:], y.key[:]) })
	return out, nil
}
