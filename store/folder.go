package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// folderRecord is what is kept of a folder. Its counts are elsewhere, because
// they change with every message.
type folderRecord struct {
	ServerID activesync.ServerID      `json:"serverId"`
	Above    activesync.ServerID      `json:"above,omitempty"` // ServerId of the parent
	Parent   activesync.FolderID      `json:"parent,omitempty"`
	Name     string                   `json:"name"`
	Type     activesync.FolderType    `json:"type"`
	Options  activesync.FolderOptions `json:"options"`
	LastSync time.Time                `json:"lastSync,omitzero"`
	Problem  string                   `json:"problem,omitempty"`
}

// Folders are the folders of an account in the order of the tree: a parent
// before its children, the automatic mailboxes in their usual order, the others
// by name.
func (s *Store) Folders(ctx context.Context, id activesync.AccountID) ([]activesync.Folder, error) {
	var out []activesync.Folder
	err := s.view(ctx, func(t *txn) error {
		a := t.account(id)
		if a == nil {
			return nil
		}
		records, err := a.folders()
		if err != nil {
			return err
		}
		out = make([]activesync.Folder, 0, len(records))
		for id, r := range records {
			f, err := a.folder(id, r)
			if err != nil {
				return err
			}
			out = append(out, f)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list folders of account %s: %w", id, err)
	}
	return inTreeOrder(out), nil
}

// Folder is one folder. A folder that is not here is ErrNoFolder.
func (s *Store) Folder(ctx context.Context, id activesync.FolderID) (activesync.Folder, error) {
	var f activesync.Folder
	err := s.view(ctx, func(t *txn) error {
		a, r, err := t.findFolder(id)
		if err != nil {
			return err
		}
		f, err = a.folder(id, r)
		return err
	})
	if err != nil {
		return activesync.Folder{}, fmt.Errorf("read folder %s: %w", id, err)
	}
	return f, nil
}

// SetFolderOptions sets the Sync options of a folder.
func (s *Store) SetFolderOptions(ctx context.Context, id activesync.FolderID, o activesync.FolderOptions) error {
	err := s.changeFolder(ctx, id, func(r *folderRecord) { r.Options = o })
	if err != nil {
		return fmt.Errorf("set options of folder %s: %w", id, err)
	}
	return nil
}

// NoteFolder notes when a folder was last in step and what is wrong with it now,
// in words. A zero time leaves what is known; "" says nothing is wrong.
func (s *Store) NoteFolder(ctx context.Context, id activesync.FolderID, lastSync time.Time, problem string) error {
	err := s.changeFolder(ctx, id, func(r *folderRecord) {
		if !lastSync.IsZero() {
			r.LastSync = lastSync.UTC()
		}
		r.Problem = problem
	})
	if err != nil {
		return fmt.Errorf("note state of folder %s: %w", id, err)
	}
	return nil
}

// NoteInStep notes that folders are in step, with nothing new in them and nothing
// that waits to be found again, and nothing is wrong with them. One that is gone
// meanwhile is passed over.
func (s *Store) NoteInStep(ctx context.Context, at time.Time, folders ...activesync.FolderID) error {
	err := s.update(ctx, func(t *txn) error {
		for _, id := range folders {
			a, r, err := t.findFolder(id)
			if errors.Is(err, ErrNoFolder) {
				continue
			}
			if err != nil {
				return err
			}
			r.LastSync, r.Problem = at.UTC(), ""
			if err := a.putJSON(inFolders, idKey(uint64(id)), r); err != nil {
				return err
			}
			if r.Type == activesync.FolderDrafts {
				if err := a.draftsSeen(id); err != nil {
					return err
				}
			}
			st, err := a.syncState(id)
			if err != nil {
				return err
			}
			if total := int(a.count(id).total); st.Had != total {
				st.Had = total
				if err := a.putSync(id, st); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note that %d folders are in step: %w", len(folders), err)
	}
	return nil
}

func (s *Store) changeFolder(ctx context.Context, id activesync.FolderID, fn func(*folderRecord)) error {
	return s.update(ctx, func(t *txn) error {
		a, r, err := t.findFolder(id)
		if err != nil {
			return err
		}
		before := *r
		if fn(r); *r == before {
			return errNothing
		}
		return a.putJSON(inFolders, idKey(uint64(id)), r)
	})
}

// findFolder finds a folder in whatever account has it.
func (t *txn) findFolder(id activesync.FolderID) (a *account, r *folderRecord, err error) {
	key := idKey(uint64(id))
	if a = t.holder(inFolders, key); a == nil {
		return nil, nil, ErrNoFolder
	}
	r = new(folderRecord)
	if _, err := a.getJSON(inFolders, key, r); err != nil {
		return nil, nil, err
	}
	return a, r, nil
}

// folders are all records of the account. They are read once a transaction.
func (a *account) folders() (map[activesync.FolderID]*folderRecord, error) {
	if a.dirs != nil {
		return a.dirs, nil
	}
	dirs := map[activesync.FolderID]*folderRecord{}
	c := a.in(inFolders).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		r := new(folderRecord)
		if _, err := a.getJSON(inFolders, k, r); err != nil {
			return nil, err
		}
		dirs[activesync.FolderID(readID(k))] = r
	}
	a.dirs = dirs
	return dirs, nil
}

// folder is a record as the vocabulary has it.
func (a *account) folder(id activesync.FolderID, r *folderRecord) (activesync.Folder, error) {
	acct, err := a.accountID()
	if err != nil {
		return activesync.Folder{}, err
	}
	n := a.count(id)
	return activesync.Folder{
		ID: id, Account: acct, ServerID: r.ServerID, Parent: r.Parent, Name: r.Name, Type: r.Type, Class: r.Type.Class(),
		Unread: int(n.unread), Total: int(n.total), FolderOptions: r.Options, LastSync: r.LastSync, Problem: r.Problem,
	}, nil
}

// count is how many items are in the list of a folder.
type count struct {
	total, unread          int64
	threads, unreadThreads int64 // conversations
	changed                bool
}

func (a *account) count(id activesync.FolderID) *count {
	if n, ok := a.counts[id]; ok {
		return n
	}
	n := &count{}
	if b := a.in(inCounts).Get(idKey(uint64(id))); len(b) == 32 {
		n.total, n.unread = int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
		n.threads, n.unreadThreads = int64(binary.BigEndian.Uint64(b[16:])), int64(binary.BigEndian.Uint64(b[24:]))
	} else if len(b) == 16 { // before the migration to conversations
		n.total, n.unread = int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
	}
	if a.counts == nil {
		a.counts = map[activesync.FolderID]*count{}
	}
	a.counts[id] = n
	return n
}

func (a *account) flushCounts() error {
	for id, n := range a.counts {
		if !n.changed {
			continue
		}
		v := make([]byte, 0, 32)
		for _, c := range []int64{n.total, n.unread, n.threads, n.unreadThreads} {
			v = binary.BigEndian.AppendUint64(v, uint64(c))
		}
		if err := a.in(inCounts).Put(idKey(uint64(id)), v); err != nil {
			return err
		}
	}
	return nil
}

// rank is where a folder stands among those beside it.
func rank(f activesync.Folder) int {
	switch f.Type {
	case activesync.FolderInbox:
		return 0
	case activesync.FolderDrafts:
		return 1
	case activesync.FolderSent:
		return 2
	case activesync.FolderOutbox:
		return 5
	case activesync.FolderDeleted:
		return 6
	case activesync.FolderCalendar:
		return 7
	case activesync.FolderContacts:
		return 9
	case activesync.FolderRecipientCache:
		return 20
	}
	switch f.Class {
	case activesync.ClassEmail:
		if f.Parent == 0 && strings.EqualFold(f.Name, "archive") {
			return 3
		}
		return 4
	case activesync.ClassCalendar:
		return 8
	case activesync.ClassContacts:
		return 10
	case activesync.ClassTasks:
		return 11
	case activesync.ClassNotes:
		return 12
	}
	return 19
}

// inTreeOrder sorts folders for the screen.
func inTreeOrder(all []activesync.Folder) []activesync.Folder {
	slices.SortFunc(all, func(a, b activesync.Folder) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
			cmp.Compare(a.ID, b.ID))
	})
	known := map[activesync.FolderID]bool{}
	for _, f := range all {
		known[f.ID] = true
	}
	below := map[activesync.FolderID][]activesync.Folder{}
	for _, f := range all {
		parent := f.Parent
		if !known[parent] {
			parent = 0
		}
		below[parent] = append(below[parent], f)
	}
	out := make([]activesync.Folder, 0, len(all))
	var walk func(activesync.FolderID)
	walk = func(parent activesync.FolderID) {
		for _, f := range below[parent] {
			out = append(out, f)
			walk(f.ID)
		}
	}
	walk(0)
	return out
}
