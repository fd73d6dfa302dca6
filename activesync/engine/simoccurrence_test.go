package engine_test

import (
	"eas.example/securemail/activesync"
	"fmt"
	"maps"
	"slices"
	"time"
)

// series of the simulation are weekly. Another device cancels the occurrences of
// the weeks before firstOfPerson, the person changes those from it on: of one that
// both have a hand in nobody could say what must become.
const (
	weeks         = 10
	firstOfPerson = 5
)

// cancelled stands for an occurrence that is not there.
const cancelled = "cancelled"

// editOccurrences lets the person change some occurrences, at times while another
// device cancels others of the same series.
func (s *sim) editOccurrences() {
	all, err := s.store.Events(s.ctx, s.account.ID, time.Time{}, time.Now().Add(10*365*24*time.Hour))
	if err != nil {
		s.fail("events: %v", err)
	}
	all = slices.DeleteFunc(all, func(e activesync.Event) bool { return !e.Recurrence.Set })
	if len(all) == 0 {
		return
	}
	id := all[s.r.IntN(len(all))].ID
	if s.r.IntN(3) == 0 {
		s.badLine()
	}
	for range 1 + s.r.IntN(3) {
		e, err := s.store.Event(s.ctx, id)
		if err != nil {
			return // another device deleted it
		}
		s.editOccurrence(e)
		s.moment()
		if s.r.IntN(3) == 0 {
			s.cancelElsewhere(e.Subject)
			s.moment()
		}
	}
}

// cancelElsewhere lets another device cancel an occurrence of a series.
func (s *sim) cancelElsewhere(subject string) {
	items, err := s.box.Items("Calendar")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, it := range items {
		if it.Event.Subject == subject {
			s.last++
			s.say("another device: %d, an occurrence of %s", s.last, subject)
			s.changeElsewhere(it, "")
		}
	}
}

// editOccurrence lets the person move one occurrence of a series elsewhere, or
// cancel it.
func (s *sim) editOccurrence(e activesync.Event) {
	n := firstOfPerson + s.r.IntN(weeks-firstOfPerson)
	at := e.Start.AddDate(0, 0, 7*n)
	one, there := e.Occurrence(at)
	if !there {
		return // no command brings it back
	}
	s.last++
	one.Location = fmt.Sprintf("Berth %d", s.last)
	after, left := e.WithOccurrence(at, one), one.Location
	if s.r.IntN(3) == 0 {
		after, left = e.WithoutOccurrence(at), cancelled
	}
	s.say("the person: week %d of %s: %s", n, e.Subject, left)
	_, err := s.store.QueueEntries(s.ctx, []activesync.Op{{Kind: activesync.OpEventChange, Item: e.ID, Instance: at, Event: &after}})
	if !s.edited(activesync.OpEventChange, e.Subject, err) {
		return
	}
	s.leftWeek(e.Subject, n, left)
	s.engine.Wake()
}

// leftWeek notes how somebody left an occurrence.
func (s *sim) leftWeek(subject string, n int, what string) {
	if s.weeks[subject] == nil {
		s.weeks[subject] = map[int]string{}
	}
	s.weeks[subject][n] = what
}

// cancelNext is a series of which another device cancels one occurrence more.
func (s *sim) cancelNext(e activesync.Event) activesync.Event {
	for n := 1; n < firstOfPerson; n++ {
		at := e.Start.AddDate(0, 0, 7*n)
		if _, there := e.Occurrence(at); there {
			if s.leftWeek(e.Subject, n, cancelled); s.watcher.busy() {
				delete(s.weeks[e.Subject], n) // what is under way may arrive after it, on a server that takes all
			}
			return e.WithoutOccurrence(at)
		}
	}
	return e
}

// weeksOf tells what is particular of the occurrences of a series, by week.
func weeksOf(e *activesync.Event) map[int]string {
	out := map[int]string{}
	for n := range weeks {
		at := e.Start.AddDate(0, 0, 7*n)
		switch one, there := e.Occurrence(at); {
		case !there:
			out[n] = cancelled
		case one.Subject != e.Subject:
			out[n] = one.Subject
		case one.Location != e.Location || !one.Start.Equal(at):
			out[n] = one.Location
		}
	}
	return out
}

// weeksStand compares how occurrences were left with what the server has of the
// series.
func (s *sim) weeksStand(e *activesync.Event) {
	have := weeksOf(e)
	for _, n := range slices.Sorted(maps.Keys(s.weeks[e.Subject])) {
		if want := s.weeks[e.Subject][n]; have[n] != want {
			s.fail("somebody left %q of week %d of %s, and it is %q", want, n, e.Subject, have[n])
		}
	}
}
