package engine_test

import (
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// inOneSecond is a folder in a second. Servers with second keys never tell of
// what another device adds in the second of a Sync; no client can know of it.
type inOneSecond struct {
	folder activesync.ServerID
	second int64
}

// peopleAndEvents lets another device of the person change contacts or events.
func (s *sim) peopleAndEvents() {
	path := []string{"Contacts", "Calendar"}[s.r.IntN(2)]
	items, err := s.box.Items(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if path == "Contacts" && s.r.IntN(2) == 0 {
		s.editPeople()
		return
	}
	what := s.r.IntN(3)
	if len(items) < 3 {
		what = 0
	}
	s.last++
	s.say("another device: %d in %s, %d", what, path, s.last)
	if what == 0 {
		for range 1 + s.r.IntN(3) {
			s.addPersonOrEvent(path)
		}
		return
	}
	it := items[s.r.IntN(len(items))]
	switch {
	case what == 1:
		if it.Contact != nil {
			delete(s.people, it.Contact.LastName)
		}
		err = s.box.Delete(it.ID)
	case it.Contact != nil:
		c := *it.Contact
		c.MobilePhone, c.Department = fmt.Sprintf("+44 %d", s.last), []string{"", "Harbour"}[s.r.IntN(2)]
		err = s.box.SetContact(it.ID, c)
	default:
		e := *it.Event
		e.Location, e.Start = fmt.Sprintf("Room %d", s.last), e.Start.Add(time.Hour)
		e.End = e.Start.Add(time.Hour)
		err = s.box.SetEvent(it.ID, e)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *sim) addPersonOrEvent(path string) {
	s.last++
	var err error
	if path == "Contacts" {
		_, err = s.box.AddContact(path, activesync.Contact{FirstName: "Ana", LastName: fmt.Sprintf("p%d", s.last), Department: "Quay"})
	} else {
		start := time.Now().UTC().Truncate(time.Minute).Add(time.Duration(s.last) * time.Hour)
		_, err = s.box.AddEvent(path, activesync.Event{UID: fmt.Sprintf("uid-%d", s.last), Subject: fmt.Sprintf("e%d", s.last), Location: "Quay", Start: start, End: start.Add(time.Hour)})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// equalPeople compares contacts and events.
func (s *sim) equalPeople() {
	var contacts, events []string
	held := s.heldPeople()
	rows, err := s.store.Contacts(s.ctx, s.account.ID)
	if err != nil {
		s.fail("contacts: %v", err)
	}
	for _, row := range rows {
		c, err := s.store.Contact(s.ctx, row.ID)
		if err != nil {
			s.fail("contact %v: %v", row.ID, err)
		}
		if !held[c.LastName] {
			contacts = append(contacts, personLine(&c))
		}
	}
	s.peopleLive()
	all, err := s.store.Events(s.ctx, s.account.ID, time.Time{}, time.Now().Add(10*365*24*time.Hour))
	if err != nil {
		s.fail("events: %v", err)
	}
	for _, e := range all {
		events = append(events, eventLine(&e))
	}
	s.samePeople("Contacts", contacts, func(it server.Stored) string { return personLine(it.Contact) })
	s.samePeople("Calendar", events, func(it server.Stored) string { return eventLine(it.Event) })
}

func personLine(c *activesync.Contact) string {
	return fmt.Sprintf("%s %s mobile=%s department=%s", c.FirstName, c.LastName, c.MobilePhone, c.Department)
}

func eventLine(e *activesync.Event) string {
	return fmt.Sprintf("%s at %s, %s to %s", e.Subject, e.Location, e.Start.UTC().Format(time.RFC3339), e.End.UTC().Format(time.RFC3339))
}

// samePeople compares what is here of a folder with what is there, but for what
// the server never told.
func (s *sim) samePeople(path string, here []string, line func(server.Stored) string) {
	items, err := s.box.Items(path)
	if err != nil {
		s.t.Fatal(err)
	}
	folder, err := s.box.FolderID(path)
	if err != nil {
		s.t.Fatal(err)
	}
	var there, overlooked []string
	held := s.heldPeople()
	for _, it := range items {
		if it.Contact != nil && held[it.Contact.LastName] {
			continue
		}
		l := line(it)
		there = append(there, l)
		if s.who.SecondKeys && s.synced[inOneSecond{folder, it.Came.Unix()}] {
			overlooked = append(overlooked, l)
		}
	}
	slices.Sort(here)
	slices.Sort(there)
	missing := difference(difference(there, here), overlooked)
	if extra := difference(here, there); len(extra)+len(missing) > 0 {
		s.fail("%s differs\n here %v\nthere %v", path, extra, missing)
	}
}
