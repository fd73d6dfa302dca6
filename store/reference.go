package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"eas.example/securemail/activesync"
)

// noRoot is the root of a message whose header tells nothing of a conversation.
const noRoot = "?"

// headsAhead is of how many of the newest messages of a folder the header is
// wanted.
const headsAhead = 1000

// MissingHeads are messages in a folder's list of which neither the server nor
// their header has said what they belong to, the newest first, at most limit. A
// server says it of all messages or of none (before 14.0).
func (s *Store) MissingHeads(ctx context.Context, f activesync.FolderID, limit int) ([]activesync.ItemID, error) {
	var out []activesync.ItemID
	err := s.view(ctx, func(t *txn) error {
		a, err := t.folderAccount(f)
		if err != nil {
			return err
		}
		prefix := idKey(uint64(f))
		c, looked := a.in(inList).Cursor(), 0
		for k, _ := c.Seek(prefix); len(out) < limit && looked < headsAhead && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			_, id := splitListKey(k)
			r, err := a.row(id)
			if isCorrupt(err) {
				continue
			}
			if err != nil {
				return err
			}
			if len(r.header.Conversation) > 0 {
				return nil
			}
			if looked++; r.kind == kindMessage && r.root == "" && a.nameNow(r) != "" && !r.header.Draft {
				out = append(out, id)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find missing headers of folder %s: %w", f, err)
	}
	return out, nil
}

// PutHeads keeps what the headers of messages say of their conversations. Those
// that are no longer here are left out.
func (s *Store) PutHeads(ctx context.Context, heads map[activesync.ItemID]activesync.Head) error {
	err := s.update(ctx, func(t *txn) error {
		for id, h := range heads {
			a, r, err := t.findItem(id)
			if err != nil || r.kind != kindMessage {
				continue
			}
			if err := a.putHead(r, h); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep what %d headers refer to: %w", len(heads), err)
	}
	return nil
}

func (a *account) putHead(r *row, h activesync.Head) error {
	if _, err := a.in(inAccount).CreateBucketIfNotExists([]byte(inLinks.String())); err != nil {
		return err
	}
	before := r.listed()
	if err := a.unlink(r); err != nil {
		return err
	}
	root, err := a.rootOf(h, r.header.Subject)
	if err != nil {
		return err
	}
	if r.root, r.messageID = root, h.MessageID; h.MessageID != "" {
		if err := a.in(inLinks).Put(a.linkKey(h.MessageID), idKey(uint64(r.id))); err != nil {
			return err
		}
	}
	if err := a.save(r, before); err != nil || h.MessageID == "" || root == h.MessageID {
		return err
	}
	return a.reroot(h.MessageID, root)
}

// rootOf is the first message of the conversation of one with a header: that of
// a message it refers to and that is here, else the first it refers to, else
// itself. An answer that refers to nothing goes by its topic.
func (a *account) rootOf(h activesync.Head, subject string) (string, error) {
	for _, id := range h.References {
		item := activesync.ItemID(readID(a.in(inLinks).Get(a.linkKey(id))))
		if item == 0 {
			continue
		}
		r, err := a.row(item)
		if err != nil && !isCorrupt(err) {
			return "", err
		}
		if err == nil && r.root != noRoot {
			return r.root, nil
		}
	}
	switch {
	case len(h.References) > 0:
		return h.References[0], nil
	case h.MessageID == "" || activesync.IsAnswer(subject):
		return noRoot, nil
	}
	return h.MessageID, nil
}

// reroot puts the messages of a conversation that was known by one of its
// messages to that of which it is a part.
func (a *account) reroot(from, to string) error {
	folders, err := a.folders()
	if err != nil {
		return err
	}
	n := a.thread(rootTalk(from))
	for f := range folders {
		var ids []activesync.ItemID
		prefix := threadKey(f, n, 0, 0)[:24]
		c := a.in(inThreads).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			_, id := splitThreadKey(k)
			ids = append(ids, id)
		}
		for _, id := range ids {
			r, err := a.row(id)
			if isCorrupt(err) {
				continue // it is found out when it is looked at
			}
			if err != nil {
				return err
			}
			before := r.listed()
			r.root = to
			if err := a.save(r, before); err != nil {
				return err
			}
		}
	}
	return nil
}

func rootTalk(root string) string { return "ref " + root }

func (a *account) linkKey(messageID string) []byte {
	n := a.t.s.sealer.name("link", messageID)
	return n[:]
}

// unlink forgets where the message with an id is, if it is that one.
func (a *account) unlink(r *row) error {
	if r.messageID == "" || a.in(inLinks) == nil {
		return nil
	}
	key := a.linkKey(r.messageID)
	if activesync.ItemID(readID(a.in(inLinks).Get(key))) != r.id {
		return nil
	}
	return a.in(inLinks).Delete(key)
}

// purgeLink is unlink for an item whose row cannot be read.
func (a *account) purgeLink(id activesync.ItemID) error {
	if a.in(inLinks) == nil {
		return nil
	}
	c := a.in(inLinks).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if activesync.ItemID(readID(v)) == id {
			return c.Delete()
		}
	}
	return nil
}

func (k *checker) checkLinks() {
	if k.a.in(inLinks) == nil {
		return
	}
	k.each(inLinks, 16, func(key, v []byte) {
		if len(v) != 8 {
			k.fault("a Message-ID is nobody's")
			return
		}
		id := activesync.ItemID(binary.BigEndian.Uint64(v))
		if r := k.rows[id]; r == nil || !bytes.Equal(k.a.linkKey(r.messageID), key) {
			k.fault("item %d has not the Message-ID under which it is filed", id)
		}
	})
}
