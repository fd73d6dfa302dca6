package store

import (
	"encoding/json"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
)

// entry is a contact or an event, whichever is set: what a person makes, and
// changes field by field. Both are kept in the same way.
type entry struct {
	contact *activesync.Contact
	event   *activesync.Event
}

// newEntry is an empty entry of a kind, none for messages.
func newEntry(k kind) entry {
	switch k {
	case kindContact:
		return entry{contact: new(activesync.Contact)}
	case kindEvent:
		return entry{event: new(activesync.Event)}
	}
	return entry{}
}

// entryIn is what the server tells of an entry, none where it tells of a message.
func entryIn(c *activesync.ItemChange) entry {
	switch {
	case c.Contact != nil:
		return entry{contact: &c.Contact.Contact}
	case c.Event != nil:
		return entry{event: &c.Event.Event}
	}
	return entry{}
}

func (e entry) none() bool { return e.contact == nil && e.event == nil }

func (e entry) kind() kind {
	switch {
	case e.contact != nil:
		return kindContact
	case e.event != nil:
		return kindEvent
	}
	return 0
}

// name is what lists of records call the entry.
func (e entry) name() string {
	if e.contact != nil {
		return e.contact.Name()
	}
	return e.event.Subject
}

// at is the entry as an item of a folder. It is a copy, as what bare and
// change.apply give is.
func (e entry) at(id activesync.ItemID, f activesync.FolderID) entry {
	switch {
	case e.contact != nil:
		c := *e.contact
		c.ID, c.Folder = id, f
		return entry{contact: &c}
	case e.event != nil:
		v := *e.event
		v.ID, v.Folder = id, f
		return entry{event: &v}
	}
	return e
}

// place is the item that the entry is, and the folder that shows it.
func (e entry) place() (activesync.ItemID, activesync.FolderID) {
	if e.contact != nil {
		return e.contact.ID, e.contact.Folder
	}
	return e.event.ID, e.event.Folder
}

// bare is the entry without what says where it is here.
func (e entry) bare() entry { return e.at(0, 0) }

// show puts into a row what lists show of the entry.
func (e entry) show(r *row) {
	if e.contact != nil {
		r.contact = contactRow(e.contact)
		return
	}
	r.first, r.last, r.series = eventSpan(e.event)
}

func (e entry) fingerprint() fingerprint {
	if e.contact != nil {
		return contactFingerprint(e.contact)
	}
	return eventFingerprint(e.event)
}

// alike reports whether two entries are the same by what all servers keep as it
// is: a person by the fingerprint, an event by its UID or, where the server gives
// that, by subject and time.
func (e entry) alike(o entry) bool {
	switch {
	case e.contact != nil && o.contact != nil:
		return e.fingerprint() == o.fingerprint()
	case e.event != nil && o.event != nil:
		a, b := e.event, o.event
		return a.UID != "" && a.UID == b.UID || a.Subject == b.Subject && a.Start.Equal(b.Start) && a.End.Equal(b.End)
	}
	return false
}

// change is what a record makes of an entry: before as it was shown, after as it
// is to be. A making has no before, a deletion no after.
type change struct {
	before, after entry
	// instance is the occurrence of a series that alone is changed; zero is the whole.
	instance time.Time
}

// changeIn is the change that a record asks for.
func changeIn(op *activesync.Op) change {
	return change{entry{op.ContactBefore, op.EventBefore}, entry{op.Contact, op.Event}, op.Instance}
}

// empty reports whether a change of an entry changes nothing.
func (c change) empty() bool {
	if c.after.contact != nil {
		return len(activesync.DiffContact(c.before.contact, c.after.contact).Fields) == 0
	}
	return c.ofEvent().Fields == 0
}

// ofEvent is what a change does to an event that is there.
func (c change) ofEvent() *activesync.EventPatch {
	if c.instance.IsZero() {
		return activesync.DiffEvent(c.before.event, c.after.event)
	}
	return activesync.DiffOccurrence(c.before.event, c.after.event, c.instance)
}

// apply is what becomes of an entry by the change: where it changes one, only the
// fields in which before and after differ are touched.
func (c change) apply(to entry) entry {
	switch id, folder := to.place(); {
	case c.after.none():
		return to
	case c.before.none():
		return c.after.at(id, folder)
	default:
		out := to.at(id, folder)
		if out.contact != nil {
			activesync.DiffContact(c.before.contact, c.after.contact).Apply(out.contact)
		} else {
			c.ofEvent().Apply(out.event)
			out.event.Attendees = activesync.KeepAnswers(out.event.Attendees, to.event.Attendees)
		}
		return out
	}
}

// entryKind is the kind of entry that records of a kind make or change, 0 for all
// others.
func entryKind(k activesync.OpKind) kind {
	switch k {
	case activesync.OpContactAdd, activesync.OpContactChange:
		return kindContact
	case activesync.OpEventAdd, activesync.OpEventChange:
		return kindEvent
	}
	return 0
}

// carries reports whether a record of an item of a kind has a change beside it.
func carries(op *activesync.Op, k kind) bool {
	return entryKind(op.Kind) != 0 || op.Kind == activesync.OpDelete && k.entry()
}

// storedChange is how a change is kept: beside its record, because pictures are
// large and the journal is read often.
type storedChange struct {
	Before      *activesync.Contact `json:"before,omitempty"`
	Contact     *activesync.Contact `json:"contact,omitempty"`
	EventBefore *activesync.Event   `json:"eventBefore,omitempty"`
	Event       *activesync.Event   `json:"event,omitempty"`
	Instance    time.Time           `json:"instance,omitzero"`
}

func (a *account) putChange(id activesync.OpID, c change) error {
	b, err := json.Marshal(storedChange{c.before.contact, c.after.contact, c.before.event, c.after.event, c.instance})
	if err != nil {
		return fmt.Errorf("encode a change: %w", err)
	}
	return a.putPacked(inMIME, idKey(uint64(id)), b)
}

// change reads what lies beside a record, none where nothing does.
func (a *account) change(id activesync.OpID) (change, error) {
	key := idKey(uint64(id))
	b, err := a.unpacked(inMIME, key)
	if err != nil || b == nil {
		return change{}, err
	}
	var c storedChange
	if err := json.Unmarshal(b, &c); err != nil {
		return change{}, a.corrupt(inMIME, key, err)
	}
	return change{entry{c.Before, c.EventBefore}, entry{c.Contact, c.Event}, c.Instance}, nil
}

// entry reads the contact or event of a row as the server has it. What cannot be
// read is an empty one, with the error.
func (a *account) entry(r *row) (entry, error) {
	var err error
	e := newEntry(r.kind)
	switch r.kind {
	case kindContact:
		*e.contact, err = a.contact(r)
	case kindEvent:
		*e.event, err = a.event(r)
	}
	return e, err
}

func (a *account) putEntry(r *row, e entry) error {
	if e.contact != nil {
		return a.putContent(r, e.contact)
	}
	return a.putContent(r, e.event)
}

// shownEntry is what the server has of an entry with the records played over it.
func (a *account) shownEntry(r *row, ops []activesync.Op) (entry, error) {
	e, err := a.entry(r)
	if err != nil {
		return e, err
	}
	for i := range ops {
		if op := &ops[i]; op.Aside || entryKind(op.Kind) == 0 {
			continue
		}
		c, err := a.change(ops[i].ID)
		if err != nil {
			return e, err
		}
		e = c.apply(e)
	}
	return e, nil
}

// overlay works out what lists show of an entry.
func (a *account) overlay(r *row, ops []activesync.Op) error {
	if !r.kind.entry() {
		return nil
	}
	e, err := a.shownEntry(r, ops)
	if err != nil {
		return err
	}
	e.show(r)
	return nil
}
