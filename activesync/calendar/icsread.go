package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// ErrNotICS says that the data holds no calendar.
var ErrNotICS = errors.New("this is not a calendar file")

// File is what an iCalendar file says of events.
type File struct {
	// Method is REQUEST, REPLY, CANCEL, COUNTER, PUBLISH, … (RFC 5546), "" where
	// none is given.
	Method string
	Items  []Item
}

// Item is an event or a series, or one occurrence that came without its series.
type Item struct {
	Event    activesync.Event
	Sequence int
	// RecurrenceID is set for an occurrence that came by itself: when its series
	// has it.
	RecurrenceID time.Time
	// Comment is what the one who answers says beside it.
	Comment string
	// Notes tell in words what of the file could not be kept.
	Notes []string
}

// maxExceptions bounds the exceptions of one series.
const maxExceptions = 10000

// ReadICS reads iCalendar 2.0 (RFC 5545) and what vCalendar 1.0 has in common
// with it, as programs write it. Times without a zone are in loc. Rules that
// the protocol has no terms for leave a single event with a note; changed
// occurrences become exceptions of their series.
//
// It fails with ErrNotICS where there is neither a calendar nor an event; what
// is wrong inside one is noted or passed over.
func ReadICS(data []byte, loc *time.Location) (*File, error) {
	if loc == nil {
		loc = time.UTC
	}
	root := parseComponents(data)
	var f File
	found := false
	calendars := []*component{root} // an event may stand by itself
	for _, c := range root.children {
		if c.name == "VCALENDAR" {
			calendars, found = append(calendars, c), true
		}
		found = found || c.name == "VEVENT"
	}
	if !found {
		return nil, ErrNotICS
	}
	masters := map[string]int{} // index of items by UID
	var changed []*reader
	for _, c := range calendars {
		if f.Method == "" {
			f.Method = strings.ToUpper(strings.TrimSpace(c.text("METHOD")))
		}
		changed = append(changed, f.readCalendar(c, loc, masters)...)
	}
	for _, r := range changed {
		if i, ok := masters[r.item.Event.UID]; ok && f.Items[i].Event.Recurrence.Set {
			f.Items[i].change(r)
			continue
		}
		r.item.RecurrenceID = r.recurrenceID.instant()
		f.Items = append(f.Items, r.item)
	}
	for i := range f.Items {
		slices.SortFunc(f.Items[i].Event.Exceptions, func(a, b activesync.Exception) int { return a.Start.Compare(b.Start) })
	}
	return &f, nil
}

// readCalendar reads the events of a calendar and returns those that are one
// occurrence of another.
func (f *File) readCalendar(cal *component, loc *time.Location, masters map[string]int) []*reader {
	z := newZones(cal, loc)
	var changed []*reader
	for _, c := range cal.children {
		if c.name != "VEVENT" {
			continue
		}
		r := &reader{c: c, z: z, method: f.Method}
		r.read()
		if !r.recurrenceID.wall.IsZero() {
			changed = append(changed, r)
			continue
		}
		if _, ok := masters[r.item.Event.UID]; !ok {
			masters[r.item.Event.UID] = len(f.Items)
		}
		f.Items = append(f.Items, r.item)
	}
	return changed
}

// reader makes an item of a VEVENT.
type reader struct {
	c            *component
	z            *zones
	method       string
	item         Item
	start, end   moment
	recurrenceID moment
}

func (r *reader) note(format string, args ...any) {
	r.item.Notes = append(r.item.Notes, fmt.Sprintf(format, args...))
}

func (r *reader) read() {
	e := &r.item.Event
	unknown := len(r.z.unknown)
	e.UID = strings.TrimSpace(strings.Map(printable, r.c.text("UID")))
	e.Subject, e.Location = r.c.text("SUMMARY"), r.c.text("LOCATION")
	r.item.Sequence = max(atoi(strings.TrimSpace(r.c.text("SEQUENCE"))), 0)
	r.item.Comment = r.c.text("COMMENT")
	r.times()
	r.details()
	r.people()
	if p, ok := r.c.get("RECURRENCE-ID"); ok {
		if m, ok := r.z.moment(p, p.Value); ok {
			r.recurrenceID = m
		} else {
			r.note("%q does not say which occurrence is meant.", p.Value)
		}
		if strings.EqualFold(p.Param("RANGE"), "THISANDFUTURE") {
			r.note("The change is meant for all later occurrences too, and is made to this one only.")
		}
	}
	r.repeat()
	for _, id := range r.z.unknown[unknown:] {
		r.note("The time zone %q is not known; times are read as those of %s.", id, r.z.floating)
	}
}

// times reads start, end and zone.
func (r *reader) times() {
	e := &r.item.Event
	p, _ := r.c.get("DTSTART")
	var ok bool
	if r.start, ok = r.z.moment(p, p.Value); !ok {
		r.note("The event does not say when it begins.")
		r.start, r.end = moment{loc: time.UTC}, moment{loc: time.UTC}
		return
	}
	r.end = r.start
	if p, ok := r.c.get("DTEND"); ok {
		if m, ok := r.z.moment(p, p.Value); ok {
			r.end = m
		}
	} else if d, ok := parseDuration(r.c.text("DURATION")); ok {
		r.end = moment{wall: wall(d.after(r.start), r.start.loc), loc: r.start.loc, date: r.start.date}
	}
	atMidnight := r.start.wall.Equal(midnight(r.start.wall)) && r.end.wall.Equal(midnight(r.end.wall))
	if strings.EqualFold(r.c.text("X-MICROSOFT-CDO-ALLDAYEVENT"), "TRUE") && atMidnight {
		r.start.date, r.end.date = true, true
	}
	if r.start.date {
		e.AllDay, e.Start, e.End = true, midnight(r.start.wall), midnight(r.end.wall)
		if !e.End.After(e.Start) {
			e.End = e.Start.Add(day)
		}
		return
	}
	e.Start, e.End = r.start.instant(), r.end.instant()
	if e.End.Before(e.Start) {
		r.note("The event ends before it begins.")
		e.End = e.Start
	}
	e.TimeZone = EncodeTimeZone(r.start.loc, r.start.wall.Year())
}

func (r *reader) details() {
	e := &r.item.Event
	if p, ok := r.c.get("DESCRIPTION"); ok && p.Value != "" {
		e.Body = activesync.Body{Type: activesync.BodyPlain, Data: []byte(p.text())}
	} else if p, ok := r.c.get("X-ALT-DESC"); ok && strings.EqualFold(p.Param("FMTTYPE"), "text/html") {
		e.Body = activesync.Body{Type: activesync.BodyHTML, Data: []byte(p.text())}
	}
	e.Body.Size = int64(len(e.Body.Data))
	for _, p := range r.c.all("CATEGORIES") {
		e.Categories = append(e.Categories, p.list()...)
	}
	if p, ok := r.c.get("DTSTAMP"); ok {
		if m, ok := r.z.moment(p, p.Value); ok {
			e.DTStamp = m.instant()
		}
	}
	switch strings.ToUpper(strings.TrimSpace(r.c.text("CLASS"))) {
	case "X-PERSONAL":
		e.Sensitivity = 1
	case "PRIVATE":
		e.Sensitivity = 2
	case "CONFIDENTIAL":
		e.Sensitivity = 3
	}
	e.BusyStatus = r.busy()
	for _, name := range []string{"CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK"} {
		if s := strings.TrimSpace(r.c.text(name)); s != "" && e.OnlineMeeting == "" {
			e.OnlineMeeting = s
		}
	}
	for _, c := range r.c.children {
		if c.name == "VALARM" && e.Reminder == nil {
			e.Reminder = r.reminder(c)
		}
	}
}

func (r *reader) busy() uint8 {
	for _, name := range []string{"X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS"} {
		if i := slices.Index(busyNames[:], strings.ToUpper(strings.TrimSpace(r.c.text(name)))); i >= 0 {
			return uint8(i)
		}
	}
	switch {
	case strings.EqualFold(strings.TrimSpace(r.c.text("TRANSP")), "TRANSPARENT"):
		return 0
	case strings.EqualFold(strings.TrimSpace(r.c.text("STATUS")), "TENTATIVE"):
		return 1
	}
	return 2
}

var busyNames = [...]string{"FREE", "TENTATIVE", "BUSY", "OOF", "WORKINGELSEWHERE"}

// reminder is how many minutes before the start an alarm goes off, nil for one
// that does not or later. Apple sets an alarm in 1976 to say that there is none.
func (r *reader) reminder(alarm *component) *int {
	if strings.EqualFold(strings.TrimSpace(alarm.text("ACTION")), "NONE") {
		return nil
	}
	p, ok := alarm.get("TRIGGER")
	if !ok || r.start.wall.IsZero() {
		return nil
	}
	begin := r.start
	if strings.EqualFold(p.Param("RELATED"), "END") {
		begin = r.end
	}
	var at time.Time
	if d, ok := parseDuration(p.Value); ok {
		at = d.after(begin)
	} else if m, ok := r.z.moment(p, p.Value); ok {
		at = m.instant()
	} else {
		return nil
	}
	before := r.item.Event.Start.Sub(at)
	if before < 0 || before > 400*day {
		return nil
	}
	minutes := int(before / time.Minute)
	return &minutes
}

// people reads organizer and attendees and what they make of the event.
func (r *reader) people() {
	e := &r.item.Event
	if p, ok := r.c.get("ORGANIZER"); ok {
		e.Organizer = calAddress(p)
	}
	for _, p := range r.c.all("ATTENDEE") {
		a := activesync.Attendee{Address: calAddress(p), Type: 1}
		if a.Address == (activesync.Address{}) {
			continue
		}
		switch strings.ToUpper(p.Param("PARTSTAT")) {
		case "TENTATIVE":
			a.Status = 2
		case "ACCEPTED":
			a.Status = 3
		case "DECLINED":
			a.Status = 4
		case "NEEDS-ACTION":
			a.Status = 5
		}
		switch strings.ToUpper(p.Param("ROLE")) {
		case "OPT-PARTICIPANT", "NON-PARTICIPANT":
			a.Type = 2
		}
		switch strings.ToUpper(p.Param("CUTYPE")) {
		case "RESOURCE", "ROOM":
			a.Type = 3
		}
		e.ResponseRequested = e.ResponseRequested || strings.EqualFold(p.Param("RSVP"), "TRUE")
		e.Attendees = append(e.Attendees, a)
	}
	if len(e.Attendees) > 0 {
		e.MeetingStatus = 1
		if r.method == "REQUEST" || r.method == "CANCEL" {
			e.MeetingStatus |= 2
		}
	}
	if r.method == "CANCEL" || strings.EqualFold(strings.TrimSpace(r.c.text("STATUS")), "CANCELLED") {
		e.MeetingStatus |= 4
	}
}

// calAddress reads CAL-ADDRESS (RFC 5545 3.3.3). Only mail addresses count.
func calAddress(p property) activesync.Address {
	a := activesync.Address{Name: strings.TrimSpace(p.Param("CN"))}
	v := strings.TrimSpace(p.Value)
	if len(v) > 7 && strings.EqualFold(v[:7], "mailto:") {
		v = v[7:]
	} else if i := strings.IndexByte(v, ':'); i >= 0 {
		v = p.Param("EMAIL")
	}
	if v = strings.TrimSpace(v); strings.Contains(v, "@") {
		a.Address = v
	}
	if strings.EqualFold(a.Name, a.Address) {
		a.Name = ""
	}
	return a
}
