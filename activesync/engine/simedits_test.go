package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store"
)

// folderOfType is the first folder here of a type, 0 where none is known yet.
func (s *sim) folderOfType(t activesync.FolderType) activesync.FolderID {
	for _, f := range s.folders() {
		if f.Type == t {
			return f.ID
		}
	}
	return 0
}

// everHere reports whether the folder of a type was in step once.
func (s *sim) everHere(t activesync.FolderType) bool {
	return slices.ContainsFunc(s.folders(), func(f activesync.Folder) bool { return f.Type == t && !f.LastSync.IsZero() })
}

// editPeople lets the person make, change or delete a contact, or change the one
// of that name.
func (s *sim) editPeople(change string) {
	rows, err := s.store.Contacts(s.ctx, s.account.ID)
	if err != nil {
		s.fail("contacts: %v", err)
	}
	folder := s.folderOfType(activesync.FolderContacts)
	if folder == 0 {
		return
	}
	what := s.r.IntN(3)
	if len(rows) < 3 {
		what = 0
	}
	s.last++
	op := activesync.Op{Kind: activesync.OpContactAdd, To: folder,
		Contact: &activesync.Contact{FirstName: "Ana", LastName: fmt.Sprintf("p%d", s.last), Department: "Quay"}}
	name := op.Contact.LastName
	named := slices.IndexFunc(rows, func(r activesync.ContactRow) bool { return strings.HasSuffix(r.Name, " "+change) })
	if named >= 0 {
		what = 1
	}
	if what > 0 {
		row := rows[max(named, 0)]
		if named < 0 {
			row = rows[s.r.IntN(len(rows))]
		}
		c, err := s.store.Contact(s.ctx, row.ID)
		if err != nil {
			s.fail("contact %v: %v", row.ID, err)
		}
		name = c.LastName
		op = activesync.Op{Kind: activesync.OpDelete, Item: row.ID}
		if what == 1 {
			c.Department = fmt.Sprintf("Office %d", s.last)
			if named < 0 {
				c.Department = []string{"", "Harbour", c.Department}[s.r.IntN(3)]
			}
			op = activesync.Op{Kind: activesync.OpContactChange, Item: row.ID, Contact: &c}
		}
	}
	s.say("the person: %q of %s", op.Kind, name)
	_, err = s.store.QueueEntries(s.ctx, []activesync.Op{op})
	if !s.edited(op.Kind, name, err) {
		return
	}
	if op.Contact != nil {
		s.mine[name] = op.Contact.Department
	}
	s.engine.Wake()
}

// editEvents lets the person make, change or delete an event, or change the one
// of that name.
func (s *sim) editEvents(change string) {
	all, err := s.store.Events(s.ctx, s.account.ID, time.Time{}, time.Now().Add(10*365*24*time.Hour))
	if err != nil {
		s.fail("events: %v", err)
	}
	folder := s.folderOfType(activesync.FolderCalendar)
	if folder == 0 {
		return
	}
	what := s.r.IntN(4)
	if len(all) < 3 {
		what = 0
	}
	s.last++
	made := s.newEvent()
	made.Exceptions = nil // such are of another command
	op := activesync.Op{Kind: activesync.OpEventAdd, To: folder, Event: &made}
	name := made.Subject
	named := slices.IndexFunc(all, func(e activesync.Event) bool { return e.Subject == change })
	if named >= 0 {
		what = 2
	}
	if what > 0 {
		e := all[max(named, 0)]
		if named < 0 {
			e = all[s.r.IntN(len(all))]
		}
		name = e.Subject
		op = activesync.Op{Kind: activesync.OpDelete, Item: e.ID}
		if what > 1 {
			e.Location = fmt.Sprintf("Chamber %d", s.last)
			if named < 0 {
				e.Location = []string{"", "Hall", e.Location}[s.r.IntN(3)]
			}
			op = activesync.Op{Kind: activesync.OpEventChange, Item: e.ID, Event: &e}
		}
	}
	s.say("the person: %q of %s", op.Kind, name)
	_, err = s.store.QueueEntries(s.ctx, []activesync.Op{op})
	if !s.edited(op.Kind, name, err) {
		return
	}
	if op.Event != nil {
		s.mine[name] = op.Event.Location
	}
	s.engine.Wake()
}

// edited notes what the person did to a contact or event, and reports whether
// it was recorded.
func (s *sim) edited(kind activesync.OpKind, name string, err error) bool {
	switch {
	case errors.Is(err, store.ErrNoItem), errors.Is(err, store.ErrNoFolder):
		return false
	case err != nil:
		s.fail("%q of %s: %v", kind, name, err)
	case kind.Makes():
		s.people[name] = true
	case kind == activesync.OpDelete:
		delete(s.people, name)
		delete(s.mine, name)
		delete(s.weeks, name)
	}
	return true
}

// eventHere is the subject of an event, "" where the item is none.
func (s *sim) eventHere(id activesync.ItemID) string {
	e, err := s.store.Event(s.ctx, id)
	if err != nil {
		return ""
	}
	return e.Subject
}

// heldPeople are the contacts and events of which a record is set aside, by
// name.
func (s *sim) heldPeople() map[string]bool {
	held, _ := s.parked()
	out := map[string]bool{}
	for id := range held {
		if c, err := s.store.Contact(s.ctx, id); err == nil {
			out[c.LastName] = true
		} else if name := s.eventHere(id); name != "" {
			out[name] = true
		}
	}
	return out
}
