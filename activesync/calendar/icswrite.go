package calendar

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/contentline"
)

// WriteICS writes a file as iCalendar 2.0 (RFC 5545): series with their rules and
// exceptions, and the time zones they go by. Lines end in CRLF and are folded.
// Reading it gives the same occurrences; a rule that no RRULE equals is left
// out.
func WriteICS(f *File) []byte {
	w := &icsWriter{}
	w.line("BEGIN", "VCALENDAR")
	w.line("PRODID", "-//securemail//EN")
	w.line("VERSION", "2.0")
	if f.Method != "" {
		w.line("METHOD", f.Method)
	}
	zones := map[string]clock{}
	for i := range f.Items {
		if id, c, ok := zoneFor(&f.Items[i].Event, zones); ok {
			if _, there := zones[id]; !there {
				zones[id] = c
				c.formatZone(w, id)
			}
		}
	}
	for i := range f.Items {
		w.item(&f.Items[i], zones)
	}
	w.line("END", "VCALENDAR")
	return w.b.Bytes()
}

// zoneFor is the TZID for an event with times: the IANA's where its clocks go
// alike, else the name in the event, numbered where another zone has it.
func zoneFor(e *activesync.Event, taken map[string]clock) (string, clock, bool) {
	z, err := ParseTimeZone(e.TimeZone)
	if err != nil || e.AllDay || z.clock == (clock{}) {
		return "", clock{}, false // UTC
	}
	if name := z.IANA(e.Start.Year()); name != "" && z.agrees(name, e.Start.Year()) {
		if c, ok := taken[name]; !ok || c == z.clock {
			return name, z.clock, true
		}
	}
	base := z.loc.String()
	if _, err := LoadZone(base); err == nil {
		base = "Custom " + base // must not be taken for the zone of that name
	}
	name := base
	for n := 2; ; n++ {
		if c, ok := taken[name]; !ok || c == z.clock {
			return name, z.clock, true
		}
		name = fmt.Sprintf("%s %d", base, n)
	}
}

// icsWriter writes content lines.
type icsWriter struct{ b bytes.Buffer }

// line writes a property whose value needs no escaping, folded to 75 octets
// without cutting a character (RFC 5545 3.1).
func (w *icsWriter) line(name, value string) {
	contentline.Fold(&w.b, name+":"+strings.Map(printable, value))
}

// printable drops what may not stand in a content line (RFC 5545 3.1).
func printable(r rune) rune {
	if r < ' ' && r != '\t' || r == 0x7F {
		return -1
	}
	return r
}

// text writes a property that is text.
func (w *icsWriter) text(name, value string) { w.line(name, contentline.Escape(value)) }

// some writes a property that is text unless it is empty.
func (w *icsWriter) some(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

const utcLayout = "20060102T150405Z"

// eventTimes writes the times of one event.
type eventTimes struct {
	w      *icsWriter
	allDay bool
	id     string
	loc    *time.Location
}

func (t eventTimes) line(name string, at time.Time) {
	switch {
	case t.allDay:
		t.w.line(name+";VALUE=DATE", at.UTC().Format("20060102"))
	case t.id == "":
		t.w.line(name, at.UTC().Format(utcLayout))
	default:
		t.w.line(name+";TZID="+contentline.QuoteParam(t.id), wall(at, t.loc).Format("20060102T150405"))
	}
}

func (w *icsWriter) item(it *Item, zones map[string]clock) {
	e := &it.Event
	t := eventTimes{w: w, allDay: e.AllDay}
	if id, _, ok := zoneFor(e, zones); ok {
		if z, err := ParseTimeZone(e.TimeZone); err == nil {
			t.id, t.loc = id, z.Location()
		}
	}
	w.line("BEGIN", "VEVENT")
	w.head(it)
	if !it.RecurrenceID.IsZero() {
		t.line("RECURRENCE-ID", it.RecurrenceID)
	}
	if !e.Start.IsZero() {
		t.line("DTSTART", e.Start)
		t.line("DTEND", e.End)
	}
	s := seriesOf(e, time.UTC)
	if s.repeats {
		w.rule(s)
		for i := range e.Exceptions {
			if x := &e.Exceptions[i]; x.Deleted {
				t.line("EXDATE", s.at(s.original(x.Start), time.UTC).OriginalStart)
			}
		}
	}
	w.details(e)
	w.some("COMMENT", it.Comment)
	w.line("END", "VEVENT")
	if !s.repeats {
		return
	}
	for i := range e.Exceptions {
		if x := &e.Exceptions[i]; !x.Deleted && s.special[s.original(x.Start).Unix()] == x {
			w.exception(it, s, x, t)
		}
	}
}

// head writes what names an event.
func (w *icsWriter) head(it *Item) {
	w.some("UID", it.Event.UID)
	stamp := it.Event.DTStamp
	if stamp.IsZero() {
		stamp = it.Event.Start // required, and a file must not depend on the hour it is written
	}
	w.line("DTSTAMP", stamp.UTC().Format(utcLayout))
	if it.Sequence > 0 {
		w.line("SEQUENCE", fmt.Sprint(it.Sequence))
	}
}

func (w *icsWriter) rule(s *series) {
	rule := s.pattern.formatRule()
	clock := s.start.Sub(midnight(s.start))
	switch {
	case s.count > 0:
		rule += fmt.Sprintf(";COUNT=%d", s.count)
	case s.event.AllDay && !s.until.IsZero():
		rule += ";UNTIL=" + s.until.Format("20060102")
	case !s.until.IsZero():
		rule += ";UNTIL=" + instant(s.until.Add(clock), s.zone).Format(utcLayout)
	case !s.exact.IsZero():
		rule += ";UNTIL=" + s.exact.UTC().Format(utcLayout)
	}
	w.line("RRULE", rule)
}

// exception writes a changed occurrence as an event of its own.
func (w *icsWriter) exception(it *Item, s *series, x *activesync.Exception, t eventTimes) {
	c := it.Event
	was := s.at(s.original(x.Start), time.UTC)
	now := s.changed(was, x, time.UTC)
	c.Start, c.End, c.AllDay, c.Subject, c.Location, c.BusyStatus = now.Start, now.End, now.AllDay, now.Subject, now.Location, now.BusyStatus
	if x.Body != nil {
		c.Body = *x.Body
	}
	if x.Attendees != nil {
		c.Attendees = *x.Attendees
	}
	if x.Reminder != nil {
		if c.Reminder = x.Reminder; *x.Reminder < 0 {
			c.Reminder = nil
		}
	}
	w.line("BEGIN", "VEVENT")
	w.head(it)
	t.line("RECURRENCE-ID", was.OriginalStart)
	t.allDay = c.AllDay
	t.line("DTSTART", c.Start)
	t.line("DTEND", c.End)
	w.details(&c)
	w.line("END", "VEVENT")
}

func (w *icsWriter) details(e *activesync.Event) {
	w.some("SUMMARY", e.Subject)
	w.some("LOCATION", e.Location)
	switch e.Body.Type {
	case activesync.BodyPlain:
		w.some("DESCRIPTION", string(e.Body.Data))
	case activesync.BodyHTML:
		w.some("X-ALT-DESC;FMTTYPE=text/html", string(e.Body.Data))
	}
	if len(e.Categories) > 0 {
		escaped := make([]string, len(e.Categories))
		for i, c := range e.Categories {
			escaped[i] = contentline.Escape(c)
		}
		w.line("CATEGORIES", strings.Join(escaped, ","))
	}
	if e.Sensitivity >= 1 && e.Sensitivity <= 3 {
		w.line("CLASS", []string{"X-PERSONAL", "PRIVATE", "CONFIDENTIAL"}[e.Sensitivity-1])
	}
	if e.BusyStatus == 0 {
		w.line("TRANSP", "TRANSPARENT")
	}
	if int(e.BusyStatus) < len(busyNames) {
		w.line("X-MICROSOFT-CDO-BUSYSTATUS", busyNames[e.BusyStatus])
	}
	if e.MeetingStatus&4 != 0 {
		w.line("STATUS", "CANCELLED")
	}
	if e.OnlineMeeting != "" {
		w.line("CONFERENCE;VALUE=URI", e.OnlineMeeting)
	}
	w.people(e)
	if e.Reminder != nil && *e.Reminder >= 0 {
		w.line("BEGIN", "VALARM")
		w.line("ACTION", "DISPLAY")
		w.text("DESCRIPTION", e.Subject)
		w.line("TRIGGER", fmt.Sprintf("-PT%dM", *e.Reminder))
		w.line("END", "VALARM")
	}
}

func (w *icsWriter) people(e *activesync.Event) {
	if e.Organizer != (activesync.Address{}) {
		w.line("ORGANIZER"+nameParam(e.Organizer.Name), mailto(e.Organizer))
	}
	for _, a := range e.Attendees {
		params := nameParam(a.Name)
		switch a.Type {
		case 2:
			params += ";ROLE=OPT-PARTICIPANT"
		case 3:
			params += ";CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT"
		default:
			params += ";ROLE=REQ-PARTICIPANT"
		}
		if s, ok := map[uint8]string{2: "TENTATIVE", 3: "ACCEPTED", 4: "DECLINED", 5: "NEEDS-ACTION"}[a.Status]; ok {
			params += ";PARTSTAT=" + s
		}
		if e.ResponseRequested {
			params += ";RSVP=TRUE"
		}
		w.line("ATTENDEE"+params, mailto(a.Address))
	}
}

// mailto is CAL-ADDRESS; a name without an address is written as Apple does.
func mailto(a activesync.Address) string {
	if a.Address == "" {
		return "invalid:nomail"
	}
	return "mailto:" + a.Address
}

func nameParam(name string) string {
	if name == "" {
		return ""
	}
	return ";CN=" + contentline.QuoteParam(name)
}
