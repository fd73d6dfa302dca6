package activesync

import (
	"bytes"
	"slices"
)

// EventChange is an event before and after a record of the journal.
type EventChange struct{ Before, After Event }

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
	set(EventAttendees, !slices.Equal(before.Attendees, after.Attendees))
	set(EventRecurrence, !before.Recurrence.Equal(after.Recurrence))
	return p
}
