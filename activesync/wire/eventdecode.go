package wire

import (
	"fmt"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// DecodeEvent reads the ApplicationData of an event. Fields of the patch says
// what it names. Data about one occurrence (InstanceId, 16.0 on) becomes a
// patch with that exception alone.
func DecodeEvent(raw wbxml.Raw) (*activesync.EventPatch, error) {
	var c Calendar
	if err := raw.Unmarshal(&c); err != nil {
		return nil, fmt.Errorf("read an event: %w", err)
	}
	if at, ok := c.InstanceID.Time(); ok {
		return c.occurrence(at), nil
	}
	p := &activesync.EventPatch{}
	c.times(p)
	c.details(p)
	c.meeting(p)
	if c.Recurrence != nil {
		p.Recurrence, p.Fields = decodeRecurrence(c.Recurrence), p.Fields|activesync.EventRecurrence
	}
	if c.Exceptions != nil {
		p.Fields |= activesync.EventExceptions
		for _, x := range c.Exceptions.Exceptions {
			if e, ok := decodeException(&x, p.AllDay, p.TimeZone); ok {
				p.Exceptions = append(p.Exceptions, e)
			}
		}
	}
	return p, nil
}

func (c *Calendar) times(p *activesync.EventPatch) {
	if c.Timezone != nil {
		p.TimeZone, p.Fields = decodeZone(*c.Timezone), p.Fields|activesync.EventTimeZone
	}
	if c.AllDayEvent != nil {
		p.AllDay, p.Fields = c.AllDayEvent.Bool(), p.Fields|activesync.EventAllDay
	}
	at := func(s *Stamp, f activesync.EventFields, to *time.Time) {
		t, ok := s.Time()
		if !ok {
			return
		}
		if p.AllDay && f != activesync.EventDTStamp {
			t = allDayDate(t, p.TimeZone)
		}
		*to, p.Fields = t, p.Fields|f
	}
	at(c.StartTime, activesync.EventStart, &p.Start)
	at(c.EndTime, activesync.EventEnd, &p.End)
	at(c.DtStamp, activesync.EventDTStamp, &p.DTStamp)
}

func (c *Calendar) details(p *activesync.EventPatch) {
	set := func(present bool, f activesync.EventFields, do func()) {
		if present {
			do()
			p.Fields |= f
		}
	}
	set(c.UID != nil, activesync.EventUID, func() { p.UID = *c.UID })
	set(c.Subject != nil, activesync.EventSubject, func() { p.Subject = *c.Subject })
	set(c.Location != nil || c.PlainLocation != nil, activesync.EventLocation, func() { p.Location = place(c.Location, c.PlainLocation) })
	set(c.Body != nil, activesync.EventBody, func() { p.Body = decodeBody(c.Body, nil) })
	set(c.Categories != nil, activesync.EventCategories, func() { p.Categories = c.Categories.Names })
	set(c.Reminder != nil, activesync.EventReminder, func() {
		if n := c.Reminder.Int(-1); n >= 0 {
			p.Reminder = &n
		}
	})
	set(c.Sensitivity != nil, activesync.EventSensitivity, func() { p.Sensitivity = c.Sensitivity.Byte() })
	set(c.BusyStatus != nil, activesync.EventBusyStatus, func() { p.BusyStatus = busy(*c.BusyStatus) })
	set(c.OnlineMeetingExternalLink != nil || c.OnlineMeetingConfLink != nil, activesync.EventOnlineMeeting, func() {
		if p.OnlineMeeting = value(c.OnlineMeetingExternalLink); p.OnlineMeeting == "" {
			p.OnlineMeeting = value(c.OnlineMeetingConfLink)
		}
	})
}

// busy reads a BusyStatus; what is not known counts as busy.
func busy(n Number) uint8 {
	if v := n.Int(2); v >= 0 && v <= 4 {
		return uint8(v)
	}
	return 2
}

func (c *Calendar) meeting(p *activesync.EventPatch) {
	if c.OrganizerName != nil || c.OrganizerEmail != nil {
		p.Organizer = activesync.Address{Name: tidy(value(c.OrganizerName)), Address: activesync.ParseAddress(value(c.OrganizerEmail)).Address}
		p.Fields |= activesync.EventOrganizer
	}
	if c.Attendees != nil {
		p.Attendees, p.Fields = decodeAttendees(c.Attendees), p.Fields|activesync.EventAttendees
	}
	if c.MeetingStatus != nil {
		p.MeetingStatus, p.Fields = c.MeetingStatus.Byte()&7, p.Fields|activesync.EventMeetingStatus
	}
	if c.ResponseRequested != nil {
		p.ResponseRequested, p.Fields = c.ResponseRequested.Bool(), p.Fields|activesync.EventResponseRequested
	}
	if c.ResponseType != nil {
		p.ResponseType, p.Fields = c.ResponseType.Byte(), p.Fields|activesync.EventResponseType
	}
}

func decodeAttendees(a *Attendees) []activesync.Attendee {
	var out []activesync.Attendee
	for _, w := range a.Attendees {
		to := contactAddress(w.Email)
		if name := tidy(w.Name); name != "" {
			to.Name = name
		}
		out = append(out, activesync.Attendee{Address: to, Status: value(w.Status).Byte(), Type: value(w.Type).Byte()})
	}
	return out
}

func decodeRecurrence(r *Recurrence) activesync.Recurrence {
	if r.Type == nil && r.Interval == nil && r.DayOfWeek == nil && r.DayOfMonth == nil && r.Until == nil && r.Occurrences == nil {
		return activesync.Recurrence{} // an empty element makes a single event of it
	}
	out := activesync.Recurrence{
		Set: true, Type: value(r.Type).Byte(), Interval: max(value(r.Interval).Int(1), 1),
		Occurrences: max(value(r.Occurrences).Int(0), 0), DayOfWeek: value(r.DayOfWeek).Int(0) & 127,
		DayOfMonth: value(r.DayOfMonth).Int(0), WeekOfMonth: value(r.WeekOfMonth).Int(0), MonthOfYear: value(r.MonthOfYear).Int(0),
		FirstDayOfWeek: value(r.FirstDayOfWeek).Int(0), CalendarType: value(r.CalendarType).Int(0), LeapMonth: value(r.IsLeapMonth).Bool(),
	}
	out.Until, _ = r.Until.Time()
	return out
}

// decodeException reads one exception; it is not one without its first start.
func decodeException(x *Exception, allDay bool, zone []byte) (activesync.Exception, bool) {
	at, ok := x.ExceptionStartTime.Time()
	if !ok {
		at, ok = x.InstanceID.Time()
	}
	if !ok {
		return activesync.Exception{}, false
	}
	date := func(t time.Time, whole bool) time.Time {
		if whole {
			return allDayDate(t, zone)
		}
		return t
	}
	whole := allDay
	if x.AllDayEvent != nil {
		whole = x.AllDayEvent.Bool() // also where its series is otherwise
	}
	e := activesync.Exception{Start: date(at, allDay), Deleted: value(x.Deleted).Bool(), Subject: x.Subject}
	if t, ok := x.StartTime.Time(); ok {
		e.NewStart = ptr(date(t, whole))
	}
	if t, ok := x.EndTime.Time(); ok {
		e.NewEnd = ptr(date(t, whole))
	}
	if x.AllDayEvent != nil {
		e.AllDay = ptr(x.AllDayEvent.Bool())
	}
	if x.Location != nil || x.PlainLocation != nil {
		e.Location = ptr(place(x.Location, x.PlainLocation))
	}
	if x.Body != nil {
		e.Body = ptr(decodeBody(x.Body, nil))
	}
	if x.Reminder != nil {
		e.Reminder = ptr(max(x.Reminder.Int(-1), -1))
	}
	if x.BusyStatus != nil {
		e.BusyStatus = ptr(busy(*x.BusyStatus))
	}
	if x.Attendees != nil {
		e.Attendees = ptr(decodeAttendees(x.Attendees))
	}
	return e, true
}

// occurrence is a patch of the series with the one occurrence that the data is
// about.
func (c *Calendar) occurrence(at time.Time) *activesync.EventPatch {
	x := Exception{
		InstanceID: ptr(Compact(at)), Subject: c.Subject, StartTime: c.StartTime, EndTime: c.EndTime, Body: c.Body,
		PlainLocation: c.PlainLocation, Location: c.Location, BusyStatus: c.BusyStatus, AllDayEvent: c.AllDayEvent,
		Reminder: c.Reminder, Attendees: c.Attendees,
	}
	p := &activesync.EventPatch{Fields: activesync.EventExceptions, Partial: true}
	if e, ok := decodeException(&x, value(c.AllDayEvent).Bool(), decodeZone(value(c.Timezone))); ok {
		p.Exceptions = []activesync.Exception{e}
	}
	return p
}

// occurrenceGone is the change of a series by which one occurrence goes.
func occurrenceGone(g SyncGone) activesync.ItemChange {
	p := &activesync.EventPatch{Partial: true}
	if at, err := ParseTime(g.InstanceID); err == nil {
		p.Fields = activesync.EventExceptions
		p.Exceptions = []activesync.Exception{{Start: at, Deleted: true}}
	}
	return activesync.ItemChange{Kind: activesync.Updated, ServerID: g.ServerID, Event: p}
}
