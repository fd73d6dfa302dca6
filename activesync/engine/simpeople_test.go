package engine_test

import (
	"bytes"
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

// peopleAndEvents lets another device of the person, or the person, change
// contacts or events.
func (s *sim) peopleAndEvents() {
	path := []string{"Contacts", "Calendar"}[s.r.IntN(2)]
	items, err := s.box.Items(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.r.IntN(2) == 0 {
		if s.r.IntN(3) == 0 {
			s.badLine()
		}
		for range 1 + s.r.IntN(2) {
			s.edit(path, "")
			s.moment()
		}
		return
	}
	what := s.r.IntN(3)
	if len(items) < 3 {
		what = 0
	}
	s.last++
	s.say("another device: %d in %s, %d", what, path, s.last)
	switch what {
	case 0:
		for range 1 + s.r.IntN(3) {
			s.addPersonOrEvent(path)
			s.moment()
		}
	case 1:
		it := items[s.r.IntN(len(items))]
		name := personOrEvent(it)
		delete(s.mine, name)
		delete(s.weeks, name)
		delete(s.people, name)
		delete(s.theirs, name)
		if err := s.box.Delete(it.ID); err != nil {
			s.t.Fatal(err)
		}
	default:
		s.changeElsewhere(items[s.r.IntN(len(items))], []string{"", "Harbour"}[s.r.IntN(2)])
	}
}

// edit lets the person edit the contact or event of that name; any, or a new
// one, where there is none.
func (s *sim) edit(path, name string) {
	if path == "Contacts" {
		s.editPeople(name)
	} else {
		s.editEvents(name)
	}
}

// bothEdit has another device and the person edit one contact or event. One that
// the other device deleted is kept for the person as they left it.
func (s *sim) bothEdit() {
	path := []string{"Contacts", "Calendar"}[s.r.IntN(2)]
	items, err := s.box.Items(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(items) == 0 {
		return
	}
	it := items[s.r.IntN(len(items))]
	s.last++
	s.say("another device: %d in %s, as the person", s.last, path)
	name := personOrEvent(it)
	if s.r.IntN(4) > 0 {
		left := s.changeElsewhere(it, fmt.Sprintf("Dock %d", s.last))
		s.edit(path, name)
		if _, both := s.mine[name]; both && left != "" {
			s.mine[name] = left // the server wins, and the person's is set aside
		}
		return
	}
	if err := s.box.Delete(it.ID); err != nil {
		s.t.Fatal(err)
	}
	delete(s.people, name)
	delete(s.theirs, name)
	delete(s.mine, name)
	delete(s.weeks, name)
	s.edit(path, name)
	if _, changed := s.mine[name]; changed {
		s.people[name], s.outlived[name] = true, true
	}
}

// changeElsewhere lets another device change a contact, its department among others,
// or an event. It gives what it made of a field that the person changes too.
func (s *sim) changeElsewhere(it server.Stored, department string) (same string) {
	var err error
	name := personOrEvent(it)
	delete(s.mine, name)
	if it.Contact != nil {
		c := *it.Contact
		c.MobilePhone, c.Department = fmt.Sprintf("+44 %d", s.last), department
		s.theirs[name], same = c.MobilePhone, department
		err = s.box.SetContact(it.ID, c)
	} else {
		e := *it.Event
		switch {
		case !e.Recurrence.Set:
			e.Location, e.Start = fmt.Sprintf("Room %d", s.last), e.Start.Add(time.Hour)
			e.End = e.Start.Add(time.Hour)
			same = e.Location
		default:
			e = s.cancelNext(e)
		}
		minutes := s.last
		e.Reminder = &minutes
		s.theirs[name] = fmt.Sprint(minutes)
		err = s.box.SetEvent(it.ID, e)
	}
	if s.watcher.busy() {
		delete(s.theirs, name) // what is under way may arrive after it, on a server that takes all
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return same
}

func personOrEvent(it server.Stored) string {
	if it.Contact != nil {
		return it.Contact.LastName
	}
	return it.Event.Subject
}

func (s *sim) addPersonOrEvent(path string) {
	s.last++
	var err error
	if path == "Contacts" {
		_, err = s.box.AddContact(path, activesync.Contact{FirstName: "Ana", LastName: fmt.Sprintf("p%d", s.last), Department: "Quay"})
	} else {
		e := s.newEvent()
		s.weeks[e.Subject] = weeksOf(&e)
		_, err = s.box.AddEvent(path, e)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// newEvent is an event, at times a series with occurrences that differ.
func (s *sim) newEvent() activesync.Event {
	start := time.Now().UTC().Truncate(time.Minute).Add(time.Duration(s.last) * time.Hour)
	reminder := 15
	e := activesync.Event{UID: fmt.Sprintf("uid-%d", s.last), Subject: fmt.Sprintf("e%d", s.last), Location: "Quay", Start: start, End: start.Add(time.Hour),
		Reminder: &reminder, BusyStatus: 2, Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("Bring the charts.")}}
	if s.r.IntN(3) == 0 {
		e.Recurrence = activesync.Recurrence{Set: true, Type: 1, Interval: 1, Occurrences: weeks, DayOfWeek: 1 << start.Weekday()}
		other := "another subject"
		e.Exceptions = []activesync.Exception{{Start: start.AddDate(0, 0, 7), Deleted: true}, {Start: start.AddDate(0, 0, 14), Subject: &other}}
	}
	return e
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
	all, err := s.store.Events(s.ctx, s.account.ID, time.Time{}, time.Now().Add(10*365*24*time.Hour))
	if err != nil {
		s.fail("events: %v", err)
	}
	for _, e := range all {
		if !held[e.Subject] {
			events = append(events, eventLine(&e))
		}
	}
	s.peopleStand(held)
	s.samePeople("Contacts", contacts, func(it server.Stored) string { return personLine(it.Contact) })
	s.samePeople("Calendar", events, func(it server.Stored) string { return eventLine(it.Event) })
}

func personLine(c *activesync.Contact) string {
	return fmt.Sprintf("%s %s mobile=%s department=%s", c.FirstName, c.LastName, c.MobilePhone, c.Department)
}

func eventLine(e *activesync.Event) string {
	line := fmt.Sprintf("%s at %s, %s to %s, %v every %d, %q", e.Subject, e.Location, e.Start.UTC().Format(time.RFC3339), e.End.UTC().Format(time.RFC3339),
		e.Recurrence.Set, e.Recurrence.Occurrences, bytes.TrimSpace(e.Body.Data))
	if e.Reminder != nil {
		line += fmt.Sprintf(" reminder=%d", *e.Reminder)
	}
	if e.Recurrence.Set {
		line += fmt.Sprintf(" but %v", weeksOf(e))
	}
	return line
}

// peopleStand looks on the server for each contact and event that the person
// made and nobody deleted, for what the person made of one that nobody else
// had a hand in, and for what another device did that the person did not touch.
func (s *sim) peopleStand(held map[string]bool) {
	there := map[string]bool{}
	for _, path := range []string{"Contacts", "Calendar"} {
		items, err := s.box.Items(path)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, it := range items {
			name := personOrEvent(it)
			if there[name] {
				s.fail("%s is on the server twice", name)
			}
			there[name] = true
			theirs, mine := "", ""
			if it.Contact != nil {
				theirs, mine = it.Contact.MobilePhone, it.Contact.Department
			} else if mine = it.Event.Location; it.Event.Reminder != nil {
				theirs = fmt.Sprint(*it.Event.Reminder)
			}
			if want, ok := s.theirs[name]; ok && theirs != want {
				s.fail("another device made %q of %s, and it is %q", want, name, theirs)
			}
			if it.Event != nil && !held[name] {
				s.weeksStand(it.Event)
			}
			if want, ok := s.mine[name]; ok && mine != want && !held[name] {
				s.fail("the person made %q of %s, and it is %q", want, name, mine)
			}
		}
	}
	for name := range s.people {
		if !there[name] && !held[name] {
			s.fail("%s, which the person made, is gone", name)
		}
	}
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
		if held[personOrEvent(it)] {
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
