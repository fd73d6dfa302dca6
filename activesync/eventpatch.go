package activesync

import (
	"bytes"
	"slices"
	"strings"
)

// EventChange is an event before and after a record of the journal.
type EventChange struct{ Before, After Event }

// sameGuest leaves aside what they answered: that is not the organiser's to change.
func sameGuest(a, b Attendee) bool {
	a.Status, b.Status = 0, 0
	return a == b
}

// KeepAnswers puts into list what those in it answered by had.
func KeepAnswers(list, had []Attendee) []Attendee {
	list = slices.Clone(list)
	for i := range list {
		for _, h := range had {
			if strings.EqualFold(h.Address.Address, list[i].Address.Address) {
				list[i].Status = h.Status
			}
		}
	}
	return list
}

// DiffEvent is the patch that makes after of before: what is alike in both is
// not in it, so that applied to an event that was changed elsewhere it leaves
// those changes. Exceptions of a series are not compared.
func DiffEvent(before, after *Event) *EventPatch {
	p := &EventPatch{Event: *after}
	set := func(f EventFields, changed bool) {
		if changed {
			p.Fields |= f
		}
	}
	set(EventUID, before.UID != after.UID)
	set(EventSubject, before.Subject != after.Subject)
	set(EventLocation, before.Location != after.Location)
	set(EventAllDay, before.AllDay != after.AllDay)
	set(EventStart, !before.Start.Equal(after.Start))
	set(EventEnd, !before.End.Equal(after.End))
	set(EventTimeZone, !bytes.Equal(before.TimeZone, after.TimeZone))
	set(EventBody, !bytes.Equal(before.Body.Data, after.Body.Data))
	set(EventCategories, !slices.Equal(before.Categories, after.Categories))
	set(EventReminder, (before.Reminder == nil) != (after.Reminder == nil) || before.Reminder != nil && *before.Reminder != *after.Reminder)
	set(EventSensitivity, before.Sensitivity != after.Sensitivity)
	set(EventBusyStatus, before.BusyStatus != after.BusyStatus)
	set(EventOrganizer, before.Organizer != after.Organizer)
	set(EventAttendees, !slices.EqualFunc(before.Attendees, after.Attendees, sameGuest))
	set(EventMeetingStatus, before.MeetingStatus != after.MeetingStatus)
	set(EventResponseRequested, before.ResponseRequested != after.ResponseRequested)
	set(EventRecurrence, !before.Recurrence.Equal(after.Recurrence))
	return p
}
