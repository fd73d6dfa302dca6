package engine_test

import (
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
)

// editPeople lets the person make, change and delete contacts.
func (s *sim) editPeople() {
	rows, err := s.store.Contacts(s.ctx, s.account.ID)
	if err != nil {
		s.fail("contacts: %v", err)
	}
	var folder activesync.FolderID
	for _, f := range s.folders() {
		if f.Type == activesync.FolderContacts {
			folder = f.ID
		}
	}
	if folder == 0 {
		return // not known yet
	}
	what := s.r.IntN(3)
	if len(rows) < 3 {
		what = 0
	}
	s.last++
	op := activesync.Op{Kind: activesync.OpContactAdd, To: folder,
		Contact: &activesync.Contact{FirstName: "Ana", LastName: fmt.Sprintf("p%d", s.last), Department: "Quay"}}
	name := op.Contact.LastName
	if what > 0 {
		row := rows[s.r.IntN(len(rows))]
		c, err := s.store.Contact(s.ctx, row.ID)
		if err != nil {
			s.fail("contact %v: %v", row.ID, err)
		}
		name = c.LastName
		op = activesync.Op{Kind: activesync.OpDelete, Item: row.ID}
		if what == 1 {
			c.Department = []string{"", "Harbour", fmt.Sprintf("Office %d", s.last)}[s.r.IntN(3)]
			op = activesync.Op{Kind: activesync.OpContactChange, Item: row.ID, Contact: &c}
		}
	}
	s.say("the person: %q of %s", op.Kind, name)
	switch _, err := s.store.QueueContacts(s.ctx, []activesync.Op{op}); {
	case errors.Is(err, store.ErrNoItem), errors.Is(err, store.ErrNoFolder):
		return
	case err != nil:
		s.fail("%q of %s: %v", op.Kind, name, err)
	}
	switch op.Kind {
	case activesync.OpContactAdd:
		s.people[name] = true
	case activesync.OpDelete:
		delete(s.people, name)
	}
	s.engine.Wake()
}

// heldPeople are the contacts of whom a record is set aside, by last name.
func (s *sim) heldPeople() map[string]bool {
	held, _ := s.parked()
	out := map[string]bool{}
	for id := range held {
		if c, err := s.store.Contact(s.ctx, id); err == nil {
			out[c.LastName] = true
		}
	}
	return out
}

// peopleLive looks for each contact that the person made and nobody deleted.
func (s *sim) peopleLive() {
	items, err := s.box.Items("Contacts")
	if err != nil {
		s.t.Fatal(err)
	}
	there := map[string]bool{}
	for _, it := range items {
		there[it.Contact.LastName] = true
	}
	held := s.heldPeople()
	for name := range s.people {
		if !there[name] && !held[name] {
			s.fail("the contact %s is gone", name)
		}
	}
}
