package calendar

import (
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Invite is a message of the organiser to those who are invited: the invitation,
// a newer one, or the word that nothing comes of it (RFC 5546 3.2.2, 3.2.5).
type Invite struct {
	To        []activesync.Address
	Event     activesync.Event
	Cancelled bool
	// Sequence counts the versions; RecurrenceID is the occurrence that alone it is
	// about, zero for all.
	Sequence     int
	RecurrenceID time.Time
}

// Invites are the messages that the organiser owes those who are invited to an
// event once it is after instead of before: nil before it is made, and after it is
// deleted. at is the occurrence of a series that alone is changed, zero for all.
// Where nothing of it concerns them there are none.
func Invites(before, after *activesync.Event, at, now time.Time) []Invite {
	was, is := oneOf(before, at), oneOf(after, at)
	var had, have []activesync.Attendee
	if was != nil {
		had = was.Attendees
	}
	if is != nil {
		have = is.Attendees
	}
	var out []Invite
	sequence := 0
	if before != nil { // no count is kept; the minutes since 2020 rise as well
		sequence = int(now.Sub(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)) / time.Minute)
	}
	to := have
	if was != nil && is != nil && activesync.DiffEvent(was, is).Fields&toBeTold == 0 {
		to = without(have, had)
	}
	if len(to) > 0 {
		out = append(out, Invite{To: addresses(to), Event: *is, Sequence: sequence, RecurrenceID: at})
	}
	if gone := without(had, have); len(gone) > 0 {
		out = append(out, Invite{To: addresses(gone), Event: *was, Cancelled: true, Sequence: sequence, RecurrenceID: at})
	}
	return out
}

// toBeTold are the fields of which those who are invited are told.
const toBeTold = activesync.EventSubject | activesync.EventLocation | activesync.EventAllDay | activesync.EventStart | activesync.EventEnd |
	activesync.EventBody | activesync.EventRecurrence

// oneOf is a meeting of the person's own, or its occurrence at a time; nil where it
// is none, or cancelled.
func oneOf(e *activesync.Event, at time.Time) *activesync.Event {
	if e == nil || e.MeetingStatus&2 != 0 || len(e.Attendees) == 0 {
		return nil
	}
	one, there := *e, true
	if !at.IsZero() {
		one, there = e.Occurrence(at)
	}
	if !there {
		return nil
	}
	return &one
}

// without are those of a list who are not in another one.
func without(list, others []activesync.Attendee) []activesync.Attendee {
	return slices.DeleteFunc(slices.Clone(list), func(a activesync.Attendee) bool {
		return slices.ContainsFunc(others, func(o activesync.Attendee) bool { return strings.EqualFold(a.Address.Address, o.Address.Address) })
	})
}

func addresses(list []activesync.Attendee) (out []activesync.Address) {
	for _, a := range list {
		out = append(out, a.Address)
	}
	return out
}

// ICS is the iCalendar of the message, and its method. What is the organiser's
// alone is not in it.
func (i Invite) ICS(from activesync.Address, now time.Time) (ics []byte, method string) {
	e := i.Event
	e.Reminder, e.Categories, e.DTStamp, e.Organizer = nil, nil, now, from
	method = "REQUEST"
	if e.ResponseRequested = !i.Cancelled; i.Cancelled {
		method, e.MeetingStatus = "CANCEL", e.MeetingStatus|4
	}
	return WriteICS(&File{Method: method, Items: []Item{{Event: e, Sequence: i.Sequence, RecurrenceID: i.RecurrenceID}}}), method
}

// Subject is that of the message, as Outlook writes it.
func (i Invite) Subject() string {
	if i.Cancelled {
		return "Cancelled: " + i.Event.Subject
	}
	return i.Event.Subject
}

// Text is the message for those whose program knows no invitations, with the
// times by the clock of loc and the text of the event.
func (i Invite) Text(loc *time.Location, notes string) string {
	e := i.Event
	from, to := e.Start.In(loc), e.End.In(loc)
	until := "15:04 MST"
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		until = "Monday 2 January 2006, " + until
	}
	when := from.Format("Monday 2 January 2006, 15:04") + " to " + to.Format(until)
	if e.AllDay {
		when = e.Start.UTC().Format("Monday 2 January 2006")
		if last := e.End.UTC().AddDate(0, 0, -1); last.After(e.Start) {
			when += " to " + last.Format("Monday 2 January 2006")
		}
	}
	lines := []string{when}
	if e.Location != "" {
		lines = append(lines, e.Location)
	}
	if notes = strings.TrimSpace(notes); notes != "" && !i.Cancelled {
		lines = append(lines, "", notes)
	}
	return strings.Join(lines, "\n") + "\n"
}
