package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

// contactChange is what a record makes of a contact: Before as it was shown,
// Contact as it is to be. It is kept beside the record, because pictures are
// large and the journal is read often.
type contactChange struct {
	Before  *activesync.Contact `json:"before,omitempty"`
	Contact *activesync.Contact `json:"contact,omitempty"`
	// EventBefore and Event are the same of an event.
	EventBefore *activesync.Event `json:"eventBefore,omitempty"`
	Event       *activesync.Event `json:"event,omitempty"`
}

// carries reports whether a record has a contactChange beside it.
func carries(op *activesync.Op, k kind) bool {
	switch op.Kind {
	case activesync.OpContactAdd, activesync.OpContactChange, activesync.OpEventAdd, activesync.OpEventChange:
		return true
	case activesync.OpDelete:
		return k == kindContact || k == kindEvent
	}
	return false
}

// QueueContacts is Queue for contacts that are made, changed and deleted: all
// are recorded or none. It gives the records as they are kept; one that would
// change nothing has no id. A contact that is made gets its item here. Of a
// change whose ContactBefore is set, only the fields in which the two differ
// are the person's.
func (s *Store) QueueContacts(ctx context.Context, ops []activesync.Op) ([]activesync.Op, error) {
	var out []activesync.Op
	err := s.update(ctx, func(t *txn) error {
		out = slices.Clone(ops)
		wrote := false
		for i := range out {
			if err := t.queueContact(&out[i]); err != nil {
				return err
			}
			wrote = wrote || out[i].ID != 0
		}
		if !wrote {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("queue %d changes of contacts: %w", len(ops), err)
	}
	return out, nil
}

func (t *txn) queueContact(op *activesync.Op) error {
	if op.Kind == activesync.OpContactAdd {
		return t.queueNewContact(op)
	}
	a, r, err := t.findItem(op.Item)
	if err != nil {
		return err
	}
	if r.kind != kindContact {
		return ErrClass
	}
	op.ID = 0
	if r.shown == 0 {
		if op.Kind == activesync.OpDelete {
			return nil
		}
		return ErrNoItem
	}
	if err := a.mayChange(r.home); err != nil {
		return err
	}
	ops, err := a.opsOf(r)
	if err != nil {
		return err
	}
	before, err := a.shownContact(r, ops)
	if err != nil {
		return err
	}
	change := contactChange{Before: bare(before)}
	switch op.Kind {
	case activesync.OpDelete:
	case activesync.OpContactChange:
		if op.Contact == nil {
			return fmt.Errorf("the change of contact %s holds none", op.Item)
		}
		from := op.ContactBefore
		if from == nil {
			from = &before
		}
		after := before
		activesync.DiffContact(from, op.Contact).Apply(&after)
		if change.Contact = bare(after); len(activesync.DiffContact(change.Before, change.Contact).Fields) == 0 {
			return nil
		}
	default:
		return fmt.Errorf("unknown kind of change %q", op.Kind)
	}
	if op.Account, err = a.accountID(); err != nil {
		return err
	}
	op.Before, op.Send = nil, nil
	op.Folder, op.ServerID, op.Name = r.home, r.serverID, before.Name()
	if err := a.addContactOp(op, change); err != nil {
		return err
	}
	return a.replay(op.Item)
}

// queueNewContact records that a contact is made. It waits for its name.
func (t *txn) queueNewContact(op *activesync.Op) error {
	if op.Contact == nil {
		return errors.New("there is no contact to be made")
	}
	a, err := t.folderAccount(op.To)
	if err != nil {
		return err
	}
	if err := a.mayChange(op.To); err != nil {
		return err
	}
	if op.Account, err = a.accountID(); err != nil {
		return err
	}
	c := bare(*op.Contact)
	c.Alias, c.WeightedRank = "", 0 // of the recipient information cache
	r := &row{id: activesync.ItemID(t.next(keyLastItem)), kind: kindContact, home: op.To}
	if err := a.putContent(r, c); err != nil {
		return err
	}
	op.Item, op.Folder, op.ServerID, op.Before, op.Send, op.Name = r.id, op.To, "", nil, nil, c.Name()
	if op.ClientID == "" {
		op.ClientID = strings.ToLower(rand.Text())
	}
	if err := a.addContactOp(op, contactChange{Contact: c}); err != nil {
		return err
	}
	if err := a.wait(r, waitMade); err != nil {
		return err
	}
	r.show([]activesync.Op{*op}, a)
	r.contact = contactRow(c)
	return a.save(r, listed{})
}

// mayChange tells whether contacts of a folder can be made and changed: those
// of the recipient information cache cannot.
func (a *account) mayChange(id activesync.FolderID) error {
	var f folderRecord
	found, err := a.getJSON(inFolders, idKey(uint64(id)), &f)
	switch {
	case err != nil:
		return err
	case !found:
		return ErrNoFolder
	case f.Type.Class() != activesync.ClassContacts || f.Type == activesync.FolderRecipientCache:
		return ErrClass
	}
	return nil
}

// bare is a contact without what says where it is here.
func bare(c activesync.Contact) *activesync.Contact {
	c.ID, c.Folder = 0, 0
	return &c
}

// addContactOp files a record, and beside it what it makes of the contact.
func (a *account) addContactOp(op *activesync.Op, change contactChange) error {
	op.Contact, op.ContactBefore = nil, nil
	if err := a.addOp(op); err != nil {
		return err
	}
	op.Contact, op.ContactBefore = change.Contact, change.Before
	return a.putChange(op.ID, change)
}

func (a *account) putChange(id activesync.OpID, change contactChange) error {
	b, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("encode a change: %w", err)
	}
	return a.putPacked(inMIME, idKey(uint64(id)), b)
}

// change reads the contactChange of a record.
func (a *account) change(id activesync.OpID) (out contactChange, err error) {
	key := idKey(uint64(id))
	b, err := a.unpacked(inMIME, key)
	if err != nil || b == nil {
		return out, err
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return contactChange{}, a.corrupt(inMIME, key, err)
	}
	return out, nil
}

// shownContact is what the server has of a contact with the records played
// over it.
func (a *account) shownContact(r *row, ops []activesync.Op) (activesync.Contact, error) {
	c, err := a.contact(r)
	if err != nil {
		return c, err
	}
	for i := range ops {
		if err := a.play(&ops[i], &c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// play carries a record out on a contact.
func (a *account) play(op *activesync.Op, c *activesync.Contact) error {
	if op.Aside || op.Kind != activesync.OpContactAdd && op.Kind != activesync.OpContactChange {
		return nil
	}
	change, err := a.change(op.ID)
	if err != nil {
		return err
	}
	full := activesync.Op{Kind: op.Kind, Contact: change.Contact, ContactBefore: change.Before}
	full.ChangeContact(c)
	return nil
}

// overlay works out what the list shows of a contact.
func (a *account) overlay(r *row, ops []activesync.Op) error {
	if r.kind == kindEvent {
		e, err := a.shownEvent(r, ops)
		if err != nil {
			return err
		}
		r.first, r.last, r.series = eventSpan(&e)
		return nil
	}
	if r.kind != kindContact {
		return nil
	}
	c, err := a.shownContact(r, ops)
	if err != nil {
		return err
	}
	r.contact = contactRow(&c)
	return nil
}

// finishContact ends a record of a contact that the server carried out.
func (a *account) finishContact(op *activesync.Op, change contactChange, r *row, before listed, newID activesync.ServerID) error {
	switch op.Kind {
	case activesync.OpDelete:
		_, err := a.drop(r.id)
		return err
	case activesync.OpContactAdd:
		if err := a.named(r, newID); err != nil {
			return err
		}
	case activesync.OpContactChange:
		c, err := a.contact(r)
		if err != nil {
			return err
		}
		full := activesync.Op{Kind: op.Kind, Contact: change.Contact, ContactBefore: change.Before}
		full.ChangeContact(&c)
		if err := a.putContent(r, bare(c)); err != nil {
			return err
		}
	}
	return a.replayRow(r, before)
}

// named notes what the server calls a contact that was made here. If it has
// told of it already, what came is kept in the place of the one made here.
func (a *account) named(r *row, id activesync.ServerID) error {
	if r.serverID != "" {
		return nil // it was found among what the server told
	}
	if id == "" {
		return a.wait(r, waitMoved) // the server will tell of it
	}
	if err := a.unwait(r.id); err != nil {
		return err
	}
	if other := a.lookup(r.home, id); other != 0 && other != r.id {
		b, err := a.content(other)
		if err != nil {
			return err
		}
		if _, err := a.drop(other); err != nil {
			return err
		}
		if err := a.putPacked(inContents, idKey(uint64(r.id)), b); err != nil {
			return err
		}
	}
	return a.bind(r, r.home, id)
}

// claimMade finds the contact that was made here and that the server tells of
// without having said so: the answer to its making was lost. 0 is none.
func (a *account) claimMade(f activesync.FolderID, c *activesync.Contact) (activesync.OpID, activesync.ItemID, error) {
	ops, err := a.journal()
	if err != nil {
		return 0, 0, err
	}
	for i := range ops {
		op := &ops[i]
		if op.Kind != activesync.OpContactAdd || op.State != activesync.OpSending || op.To != f {
			continue
		}
		change, err := a.change(op.ID)
		if err != nil {
			return 0, 0, err
		}
		if change.Contact != nil && alike(change.Contact, c) {
			return op.ID, op.Item, nil
		}
	}
	return 0, 0, nil
}

// alike reports whether two contacts are the same person by what all servers
// keep as it is.
func alike(a, b *activesync.Contact) bool { return contactFingerprint(a) == contactFingerprint(b) }

// ContactChanges are what records make of contacts, from what the server has
// now. Of one that makes a contact there is no Before; records of other things
// are left out.
func (s *Store) ContactChanges(ctx context.Context, account activesync.AccountID, ids ...activesync.OpID) (map[activesync.OpID]activesync.ContactChange, error) {
	out := map[activesync.OpID]activesync.ContactChange{}
	err := s.view(ctx, func(t *txn) error {
		a := t.account(account)
		if a == nil {
			return nil
		}
		for _, id := range ids {
			op, err := a.op(id)
			if err != nil {
				return fmt.Errorf("record %s: %w", id, err)
			}
			change, err := a.change(id)
			if err != nil {
				return err
			}
			switch {
			case op.Kind == activesync.OpContactAdd && change.Contact != nil:
				out[id] = activesync.ContactChange{After: *change.Contact}
			case op.Kind == activesync.OpContactChange && change.Contact != nil && change.Before != nil:
				r, err := a.row(op.Item)
				if err != nil {
					return err
				}
				c := activesync.ContactChange{}
				if c.Before, err = a.contact(r); err != nil {
					return err
				}
				c.After = c.Before
				activesync.DiffContact(change.Before, change.Contact).Apply(&c.After)
				out[id] = c
			case op.Kind == activesync.OpDelete && change.Before != nil:
				out[id] = activesync.ContactChange{Before: *change.Before}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read changes of contacts: %w", err)
	}
	return out, nil
}
