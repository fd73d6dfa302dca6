package activesync

import "time"

// Occurrence is the one that a series has at a time, as an event of its own:
// what its exception says, and for the rest what the series does. there is false
// where it was deleted.
func (e *Event) Occurrence(at time.Time) (one Event, there bool) {
	one = *e
	one.Recurrence, one.Exceptions = Recurrence{}, nil
	one.Start, one.End = at, at.Add(e.End.Sub(e.Start))
	for i := range e.Exceptions {
		if x := &e.Exceptions[i]; x.Start.Equal(at) {
			x.change(&one)
			return one, !x.Deleted
		}
	}
	return one, true
}

// change writes into an occurrence what is particular of it.
func (x *Exception) change(one *Event) {
	length := one.End.Sub(one.Start)
	if x.NewStart != nil {
		one.Start, one.End = *x.NewStart, x.NewStart.Add(length)
	}
	put(&one.End, x.NewEnd)
	put(&one.AllDay, x.AllDay)
	put(&one.Subject, x.Subject)
	put(&one.Location, x.Location)
	put(&one.Body, x.Body)
	put(&one.BusyStatus, x.BusyStatus)
	put(&one.Attendees, x.Attendees)
	if x.Reminder != nil {
		if one.Reminder = x.Reminder; *x.Reminder < 0 {
			one.Reminder = nil
		}
	}
}

func put[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// WithOccurrence is a series of which the occurrence at a time is as one.
func (e Event) WithOccurrence(at time.Time, one Event) Event {
	now, _ := e.Occurrence(at)
	return e.withException(DiffEvent(&now, &one).Exception(at))
}

// WithoutOccurrence is a series without the occurrence at a time.
func (e Event) WithoutOccurrence(at time.Time) Event {
	return e.withException(Exception{Start: at, Deleted: true})
}

func (e Event) withException(x Exception) Event {
	e.Exceptions = mergeExceptions(e.Exceptions, []Exception{x}, true)
	return e
}

// DiffOccurrence is the patch that makes of the occurrence at a time of the
// series before what it is in after. Where one deleted it, the other cannot
// bring it back: no Sync command does.
func DiffOccurrence(before, after *Event, at time.Time) *EventPatch {
	was, had := before.Occurrence(at)
	is, there := after.Occurrence(at)
	p := &EventPatch{Partial: true}
	x := Exception{Start: at, Deleted: true}
	if there {
		d := DiffEvent(&was, &is)
		if d.Fields&(EventStart|EventEnd) != 0 {
			d.Fields |= EventStart | EventEnd // an end without a begin is refused
		}
		x = d.Exception(at)
		had = had && d.Fields&occurrenceFields != 0
	}
	if had {
		p.Exceptions, p.Fields = []Exception{x}, EventExceptions
	}
	return p
}

// occurrenceFields are what an occurrence can have of its own here.
const occurrenceFields = EventStart | EventEnd | EventAllDay | EventSubject | EventLocation | EventBody | EventReminder | EventBusyStatus | EventAttendees

// Exception is what p says, of the occurrence at a time.
func (p *EventPatch) Exception(at time.Time) Exception {
	x := Exception{Start: at}
	pick(p, EventStart, &x.NewStart, p.Start)
	pick(p, EventEnd, &x.NewEnd, p.End)
	pick(p, EventAllDay, &x.AllDay, p.AllDay)
	pick(p, EventSubject, &x.Subject, p.Subject)
	pick(p, EventLocation, &x.Location, p.Location)
	pick(p, EventBody, &x.Body, p.Body)
	pick(p, EventBusyStatus, &x.BusyStatus, p.BusyStatus)
	pick(p, EventAttendees, &x.Attendees, p.Attendees)
	minutes := -1
	if p.Reminder != nil {
		minutes = *p.Reminder
	}
	pick(p, EventReminder, &x.Reminder, minutes)
	return x
}

func pick[T any](p *EventPatch, f EventFields, to **T, from T) {
	if p.Fields&f != 0 {
		*to = &from
	}
}
