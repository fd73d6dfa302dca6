package wire

import (
	"time"

	"eas.example/securemail/activesync"
)

// EncodeEvent is the ApplicationData of a whole event as a server of version v
// gives it. All-day events are written by the digits of their date: from 16.0
// on without a time zone, before with one that is UTC (MS-ASCAL 2.2.2.1).
func EncodeEvent(e *activesync.Event, v activesync.Version) *Calendar {
	c := &Calendar{
		AllDayEvent: ptr(MakeSwitch(e.AllDay)), BusyStatus: ptr(MakeNumber(e.BusyStatus)), DtStamp: stamp(Compact, e.DTStamp),
		StartTime: stamp(Compact, e.Start), EndTime: stamp(Compact, e.End), Sensitivity: ptr(MakeNumber(e.Sensitivity)),
		Subject: ptr(e.Subject), MeetingStatus: ptr(MakeNumber(e.MeetingStatus)), Body: encodeBody(e.Body),
	}
	switch {
	case !e.AllDay && len(e.TimeZone) == zoneSize, e.AllDay && v < activesync.V160:
		zone := e.TimeZone
		if e.AllDay {
			zone = nil
		}
		c.Timezone = ptr(encodeZone(zone))
	}
	if e.UID != "" {
		c.UID = ptr(e.UID)
	}
	c.PlainLocation, c.Location = encodePlace(e.Location, v)
	if e.Reminder != nil {
		c.Reminder = ptr(MakeNumber(*e.Reminder))
	}
	if len(e.Categories) > 0 {
		c.Categories = &EventTags{Names: e.Categories}
	}
	if e.Body.Type != activesync.BodyNone {
		c.NativeBodyType = ptr(MakeNumber(e.Body.Type))
	}
	if e.Recurrence.Set {
		c.Recurrence = encodeRecurrence(&e.Recurrence, v)
	}
	if len(e.Exceptions) > 0 {
		c.Exceptions = encodeExceptions(e.Exceptions, v)
	}
	encodeInvited(c, e, v)
	return c
}

// EncodeEventAdd is the ApplicationData of an event that a client makes. From
// 16.0 on the server gives it its UID, and clientUID tells it that an Add comes
// again; organizer, stamp and answers are its business (MS-ASCAL 2.2.2.10).
func EncodeEventAdd(e *activesync.Event, clientUID string, v activesync.Version) *Calendar {
	w := EncodeEvent(e, v)
	w.NativeBodyType, w.ResponseType, w.OnlineMeetingExternalLink = nil, nil, nil
	if w.Body != nil {
		w.Body.EstimatedDataSize = ""
	}
	if len(e.Attendees) == 0 {
		w.ResponseRequested = nil
	}
	if v < activesync.V160 {
		return w
	}
	w.UID, w.DtStamp, w.OrganizerName, w.OrganizerEmail, w.ClientUID = nil, nil, nil, nil, ptr(clientUID)
	if w.Attendees != nil {
		for i := range w.Attendees.Attendees {
			w.Attendees.Attendees[i].Status = nil
		}
	}
	return w
}

// EncodeEventChange is the ApplicationData by which a client makes of an event
// what e is. It holds all of it but the exceptions, which stay; what is empty
// now and was not before stands there as an empty element.
func EncodeEventChange(e, before *activesync.Event, v activesync.Version) *Calendar {
	w := EncodeEventAdd(e, "", v)
	w.ClientUID, w.Exceptions = nil, nil
	if e.Location == "" && before.Location != "" {
		if v >= activesync.V160 {
			w.Location = &Location{}
		} else {
			w.PlainLocation = new(string)
		}
	}
	if e.Reminder == nil && before.Reminder != nil {
		w.Reminder = ptr(Number(""))
	}
	if len(e.Categories) == 0 && len(before.Categories) > 0 {
		w.Categories = &EventTags{}
	}
	if len(e.Body.Data) == 0 && len(before.Body.Data) > 0 {
		w.Body = &Body{Type: uint8(activesync.BodyPlain)}
	}
	if len(e.Attendees) == 0 && len(before.Attendees) > 0 {
		w.Attendees = &Attendees{}
	}
	if !e.Recurrence.Set && before.Recurrence.Set {
		w.Recurrence = &Recurrence{}
	}
	return w
}

func encodeInvited(c *Calendar, e *activesync.Event, v activesync.Version) {
	if e.Organizer != (activesync.Address{}) {
		c.OrganizerName, c.OrganizerEmail = ptr(e.Organizer.Name), ptr(e.Organizer.Address)
	}
	if len(e.Attendees) > 0 {
		c.Attendees = encodeAttendees(e.Attendees)
	}
	if v < activesync.V140 {
		return
	}
	c.ResponseRequested = ptr(MakeSwitch(e.ResponseRequested))
	c.ResponseType = ptr(MakeNumber(e.ResponseType))
	if v >= activesync.V141 && e.OnlineMeeting != "" {
		c.OnlineMeetingExternalLink = ptr(e.OnlineMeeting)
	}
}

func encodePlace(s string, v activesync.Version) (*string, *Location) {
	switch {
	case s == "":
		return nil, nil
	case v >= activesync.V160:
		return nil, &Location{DisplayName: s}
	}
	return ptr(s), nil
}

func encodeAttendees(list []activesync.Attendee) *Attendees {
	out := &Attendees{}
	for _, a := range list {
		w := Attendee{Email: a.Address.Address, Name: a.Name, Status: ptr(MakeNumber(a.Status))}
		if a.Type != 0 {
			w.Type = ptr(MakeNumber(a.Type))
		}
		out.Attendees = append(out.Attendees, w)
	}
	return out
}

func encodeRecurrence(r *activesync.Recurrence, v activesync.Version) *Recurrence {
	w := &Recurrence{Type: ptr(MakeNumber(r.Type)), Interval: ptr(MakeNumber(max(r.Interval, 1)))}
	number := func(use bool, n int, to **Number) {
		if use {
			*to = ptr(MakeNumber(n))
		}
	}
	number(r.Occurrences > 0, r.Occurrences, &w.Occurrences)
	// A qualifier that the type does not take is refused (MS-ASCAL 2.2.2.37).
	number(r.DayOfWeek > 0 && (r.Type == 0 || r.Type == 1 || r.Type == 3 || r.Type == 6), r.DayOfWeek, &w.DayOfWeek)
	number(r.DayOfMonth > 0 && (r.Type == 2 || r.Type == 5), r.DayOfMonth, &w.DayOfMonth)
	number(r.WeekOfMonth > 0 && (r.Type == 3 || r.Type == 6), r.WeekOfMonth, &w.WeekOfMonth)
	number(r.MonthOfYear > 0 && (r.Type == 5 || r.Type == 6), r.MonthOfYear, &w.MonthOfYear)
	number(v >= activesync.V140 && r.CalendarType > 0, r.CalendarType, &w.CalendarType)
	number(v >= activesync.V141 && r.Type == 1, r.FirstDayOfWeek, &w.FirstDayOfWeek)
	if v >= activesync.V140 && r.LeapMonth {
		w.IsLeapMonth = ptr(MakeSwitch(true))
	}
	if r.Occurrences == 0 {
		w.Until = stamp(Compact, r.Until)
	}
	return w
}

func encodeExceptions(list []activesync.Exception, v activesync.Version) *Exceptions {
	out := &Exceptions{}
	for i := range list {
		out.Exceptions = append(out.Exceptions, encodeException(&list[i], v))
	}
	return out
}

// encodeOccurrence is the ApplicationData by which a client changes one occurrence
// of a series, from 16.0 on. Of whole days only times say that they are.
func encodeOccurrence(e *activesync.Exception, allDay bool, v activesync.Version) *Calendar {
	x := encodeException(e, v)
	c := &Calendar{Subject: x.Subject, StartTime: x.StartTime, EndTime: x.EndTime, Location: x.Location, Body: x.Body, BusyStatus: x.BusyStatus,
		Reminder: x.Reminder, Attendees: x.Attendees}
	if allDay && c.StartTime != nil {
		c.AllDayEvent = ptr(MakeSwitch(true))
	}
	if c.Body != nil {
		c.Body.EstimatedDataSize = ""
	}
	if c.Attendees != nil {
		for i := range c.Attendees.Attendees {
			c.Attendees.Attendees[i].Status = nil
		}
	}
	return c
}

func encodeException(e *activesync.Exception, v activesync.Version) Exception {
	var x Exception
	if v >= activesync.V160 {
		x.InstanceID = ptr(Compact(e.Start))
	} else {
		x.ExceptionStartTime = ptr(Compact(e.Start))
	}
	if e.Deleted {
		x.Deleted = ptr(MakeSwitch(true))
		return x
	}
	at := func(t *time.Time) *Stamp {
		if t == nil {
			return nil
		}
		return stamp(Compact, *t)
	}
	x.StartTime, x.EndTime = at(e.NewStart), at(e.NewEnd)
	if e.Subject != nil {
		x.Subject = ptr(*e.Subject)
	}
	if e.AllDay != nil {
		x.AllDayEvent = ptr(MakeSwitch(*e.AllDay))
	}
	if e.Location != nil {
		if v >= activesync.V160 {
			x.Location = &Location{DisplayName: *e.Location}
		} else {
			x.PlainLocation = ptr(*e.Location)
		}
	}
	if e.Body != nil {
		x.Body = encodeBody(*e.Body)
	}
	if e.Reminder != nil {
		x.Reminder = ptr(Number(""))
		if *e.Reminder >= 0 {
			x.Reminder = ptr(MakeNumber(*e.Reminder))
		}
	}
	if e.BusyStatus != nil {
		x.BusyStatus = ptr(MakeNumber(*e.BusyStatus))
	}
	if e.Attendees != nil && v >= activesync.V140 {
		x.Attendees = encodeAttendees(*e.Attendees)
	}
	return x
}
