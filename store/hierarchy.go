package store

import (
	"context"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
)

// ApplyFolders commits one answer to FolderSync: the changes and the new key,
// if the hierarchy still is at from (else ErrStaleKey).
//
// From KeyNone the changes are the whole list (MS-ASCMD 2.2.1.5): a folder that
// is not in it vanishes with its items, unless the list is empty. A folder is
// known again by its ServerId, else by its path and type; an automatic mailbox,
// of which there is one, by its type. One that came back under another ServerId
// starts its synchronisation anew and keeps its items meanwhile. What is in a folder
// that vanishes is known again in the new one, where there is one alone.
func (s *Store) ApplyFolders(ctx context.Context, id activesync.AccountID, from, to activesync.SyncKey, changes []activesync.FolderChange) error {
	err := s.update(ctx, func(t *txn) error {
		a, err := t.makeAccount(id)
		if err != nil {
			return err
		}
		have, err := a.hierarchyKey()
		if err != nil {
			return err
		}
		if have != orNone(from) && orNone(from) != activesync.KeyNone {
			return ErrStaleKey
		}
		h, err := a.hierarchy()
		if err != nil {
			return err
		}
		if orNone(from) == activesync.KeyNone {
			err = h.whole(changes)
		} else {
			err = h.change(changes)
		}
		if err != nil {
			return err
		}
		if err := h.save(); err != nil {
			return err
		}
		return a.put(inAccount, keyHierarchy, []byte(to))
	})
	if err != nil {
		return fmt.Errorf("apply folders of account %s: %w", id, err)
	}
	return nil
}

// hierarchy is the tree of folders while it changes.
type hierarchy struct {
	a       *account
	all     map[activesync.FolderID]*folderRecord
	by      map[activesync.ServerID]activesync.FolderID
	removed map[activesync.ServerID]bool
}

func (a *account) hierarchy() (*hierarchy, error) {
	all, err := a.folders()
	if err != nil {
		return nil, err
	}
	h := &hierarchy{a: a, all: all, by: map[activesync.ServerID]activesync.FolderID{}, removed: map[activesync.ServerID]bool{}}
	for id, r := range all {
		h.by[r.ServerID] = id
	}
	return h, nil
}

// change applies single changes to the tree.
func (h *hierarchy) change(changes []activesync.FolderChange) error {
	for _, c := range changes {
		id := h.by[c.ServerID]
		switch {
		case c.Kind == activesync.Added && id == 0:
			h.add(c)
		case c.Kind == activesync.Added, c.Kind == activesync.Updated && id != 0:
			if err := h.set(id, c); err != nil {
				return err
			}
		case (c.Kind == activesync.Removed || c.Kind == activesync.SoftRemoved) && id != 0:
			h.removed[c.ServerID] = true
			if err := h.remove(id); err != nil {
				return err
			}
		}
	}
	// With a folder go those that are still below it when all is told.
	for found := true; found; {
		found = false
		for id, r := range h.all {
			if !h.removed[r.ServerID] && h.removed[r.Above] {
				h.removed[r.ServerID], found = true, true
				if err := h.remove(id); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// whole makes the tree equal to the list.
func (h *hierarchy) whole(list []activesync.FolderChange) error {
	if len(list) == 0 {
		return nil
	}
	list = lastWords(list)
	found, used := h.match(list)
	for i, c := range list {
		if c.Kind != activesync.Added && c.Kind != activesync.Updated {
			continue
		}
		if found[i] == 0 {
			h.add(c)
			continue
		}
		if err := h.set(found[i], c); err != nil {
			return err
		}
	}
	for id := range h.all {
		if used[id] || h.isNew(id) {
			continue
		}
		if heir := h.heir(id); heir != 0 {
			if err := h.a.handOver(id, heir); err != nil {
				return err
			}
		}
		if err := h.remove(id); err != nil {
			return err
		}
	}
	return nil
}

// isNew reports whether the folder was added by this answer.
func (h *hierarchy) isNew(id activesync.FolderID) bool {
	return h.a.in(inFolders).Get(idKey(uint64(id))) == nil
}

func (h *hierarchy) add(c activesync.FolderChange) {
	id := activesync.FolderID(h.a.t.next(keyLastFolder))
	options := activesync.DefaultFolderOptions(c.Type)
	if c.Period != "" {
		options.Period = c.Period
	}
	h.all[id] = &folderRecord{ServerID: c.ServerID, Above: c.Parent, Name: c.Name, Type: c.Type, Options: options}
	h.by[c.ServerID] = id
	delete(h.removed, c.ServerID)
}

// set brings a known folder up to date.
func (h *hierarchy) set(id activesync.FolderID, c activesync.FolderChange) error {
	r := h.all[id]
	renamed := r.ServerID != c.ServerID
	if renamed && h.by[r.ServerID] == id {
		delete(h.by, r.ServerID)
	}
	r.ServerID, r.Above, r.Name = c.ServerID, c.Parent, c.Name
	if c.Type != 0 {
		r.Type = c.Type
	}
	h.by[c.ServerID] = id
	if renamed {
		return h.a.reset(id)
	}
	return nil
}

func (h *hierarchy) remove(id activesync.FolderID) error {
	if r := h.all[id]; h.by[r.ServerID] == id {
		delete(h.by, r.ServerID)
	}
	class := h.all[id].Type.Class()
	delete(h.all, id)
	return h.a.removeFolder(id, h.refuge(class))
}

// refuge is the folder that the server makes itself for contacts or for events,
// 0 where it is not kept, and for every other class.
func (h *hierarchy) refuge(class activesync.Class) activesync.FolderID {
	for id, r := range h.all {
		own := r.Type == activesync.FolderContacts || r.Type == activesync.FolderCalendar
		if own && r.Type.Class() == class && h.a.in(inFolders).Get(idKey(uint64(id))) != nil {
			return id
		}
	}
	return 0
}

// save writes the tree with each folder's parent.
func (h *hierarchy) save() error {
	for id, r := range h.all {
		r.Parent = 0
		if up := h.by[r.Above]; up != id && !h.above(id, up) {
			r.Parent = up
		}
		if err := h.a.putJSON(inFolders, idKey(uint64(id)), r); err != nil {
			return err
		}
	}
	return nil
}

// above reports whether id is on the way from folder to the top, which would
// make a ring.
func (h *hierarchy) above(id, folder activesync.FolderID) bool {
	for n := 0; folder != 0 && n < maxDepth; n++ {
		if folder == id {
			return true
		}
		r := h.all[folder]
		if r == nil {
			return false
		}
		folder = h.by[r.Above]
	}
	return folder != 0
}

// handOver has the messages of a folder that is gone wait in another, which may be
// the same. They are not shown until the server tells of them there; those that it
// does not tell of go.
func (a *account) handOver(from, to activesync.FolderID) error {
	for _, id := range a.itemsOf(from) {
		r, err := a.row(id)
		if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNoItem) {
			continue
		}
		if err != nil {
			return err
		}
		switch why := a.waitsFor(id); {
		case r.kind != kindMessage, r.header.Draft:
			continue
		case why == waitDoomed, why == waitWithheld, why == waitKept: // the server has it no more
			continue
		}
		before := r.listed()
		r.hidden = true
		if err := a.rehome(r, to, "", 0, true); err != nil {
			return err
		}
		if err := a.replayRow(r, before); err != nil {
			return err
		}
	}
	return nil
}

// removeFolder forgets a folder and its items. A record that was to move an
// item into it is left to the person, and what they made or changed of a contact
// or an event in it, as one to be made in refuge.
func (a *account) removeFolder(id, refuge activesync.FolderID) error {
	items := a.itemsOf(id)
	ops, err := a.journal()
	if err != nil {
		return err
	}
	var back []activesync.ItemID
	for _, item := range items {
		if r, err := a.row(item); err == nil && refuge != 0 && r.kind.entry() && r.pending > 0 {
			if err := a.outlived(r, refuge, "the folder that it was in is gone; it would be made in the usual one"); err != nil {
				return err
			}
		}
	}
	for i := range ops {
		if op := &ops[i]; op.Kind == activesync.OpMove && op.To == id {
			op.State, op.Reason = activesync.OpParked, "the folder to move it to is gone"
			if err := a.putOp(op); err != nil {
				return err
			}
			back = append(back, op.Item)
		}
	}
	key := idKey(uint64(id))
	for _, p := range []place{inFolders, inSync} {
		if err := a.in(p).Delete(key); err != nil {
			return err
		}
	}
	for _, item := range items {
		if _, err := a.drop(item); err != nil {
			return err
		}
	}
	for _, item := range back {
		if err := a.replay(item); err != nil && !errors.Is(err, ErrNoItem) { // it may have gone with its home
			return err
		}
	}
	delete(a.counts, id)
	return a.in(inCounts).Delete(key)
}
