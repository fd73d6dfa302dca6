package calendar

import (
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// maxSteps bounds how many periods of a series are looked at, so that a rule
// that never matches ends.
const maxSteps = 200_000

// Expand gives all occurrences that touch the time from from to to, by start.
// loc is where the person is: all-day events are days there.
func Expand(events []activesync.Event, from, to time.Time, loc *time.Location) []activesync.Occurrence {
	var out []activesync.Occurrence
	for i := range events {
		out = append(out, expand(&events[i], from, to, loc)...)
	}
	slices.SortStableFunc(out, func(a, b activesync.Occurrence) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		if a.AllDay != b.AllDay {
			if a.AllDay {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Subject, b.Subject)
	})
	return out
}

func expand(e *activesync.Event, from, to time.Time, loc *time.Location) []activesync.Occurrence {
	s := series{e: e, loc: loc, length: max(e.End.Sub(e.Start), 0)}
	s.zone, s.zoned = zoneOf(e, loc)
	var out []activesync.Occurrence
	take := func(o activesync.Occurrence) {
		if o.Start.Before(to) && (o.End.After(from) || o.Start.Equal(o.End) && !o.Start.Before(from)) {
			out = append(out, o)
		}
	}
	if !e.Recurrence.Set {
		take(s.occurrence(e.Start, nil))
		return out
	}
	exceptions := map[int64]*activesync.Exception{}
	for i := range e.Exceptions {
		exceptions[s.key(e.Exceptions[i].Start)] = &e.Exceptions[i]
	}
	seen := map[int64]bool{}
	s.each(from.Add(-s.length-48*time.Hour), to.Add(48*time.Hour), func(start time.Time) {
		k := s.key(start)
		seen[k] = true
		x := exceptions[k]
		if x != nil && x.Deleted {
			return
		}
		take(s.occurrence(start, x))
	})
	// An occurrence that was moved into the window from outside of it.
	for k, x := range exceptions {
		if !seen[k] && !x.Deleted && x.NewStart != nil {
			take(s.occurrence(x.Start, x))
		}
	}
	return out
}

// series is an event on its way to occurrences.
type series struct {
	e      *activesync.Event
	loc    *time.Location
	zone   Zone
	zoned  bool // the event names its zone; else loc is taken
	length time.Duration
}

// zoneOf is the zone in which a series keeps its time of day.
func zoneOf(e *activesync.Event, loc *time.Location) (Zone, bool) {
	if len(e.TimeZone) == 0 {
		return Zone{}, false
	}
	z, err := ParseTimeZone(e.TimeZone)
	if err != nil {
		return Zone{}, false
	}
	return z, true
}

// key names an occurrence by when the series has it; of all-day events only
// the date counts, whatever zone it was written in.
func (s *series) key(t time.Time) int64 {
	if s.e.AllDay {
		return s.date(t).Unix()
	}
	return t.Unix()
}

// date is the day of an all-day time. Both forms are met: the digits of the
// date as UTC midnight, and midnight of the zone.
func (s *series) date(t time.Time) time.Time {
	u := t.UTC()
	if u.Hour() != 0 || u.Minute() != 0 {
		u = s.local(t)
		if u.Hour() >= 12 { // midnight of a zone to the east that is not known here
			u = u.Add(12 * time.Hour)
		}
	}
	return time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, time.UTC)
}

// local is the time of day of the series, written as if it were UTC.
func (s *series) local(t time.Time) time.Time {
	if s.zoned {
		return s.zone.Local(t)
	}
	l := t.In(s.loc)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
}

func (s *series) utc(local time.Time) time.Time {
	if s.e.AllDay {
		return local
	}
	if s.zoned {
		return s.zone.UTC(local)
	}
	return time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, s.loc).UTC()
}

// days puts an all-day time at midnight where the person is.
func (s *series) days(t time.Time) time.Time {
	d := s.date(t)
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, s.loc)
}

func (s *series) occurrence(start time.Time, x *activesync.Exception) activesync.Occurrence {
	e := s.e
	o := activesync.Occurrence{Event: e.ID, Folder: e.Folder, Subject: e.Subject, Location: e.Location, AllDay: e.AllDay,
		Start: start, End: start.Add(s.length), OriginalStart: start, Series: e.Recurrence.Set, BusyStatus: e.BusyStatus,
		Cancelled: e.MeetingStatus&4 != 0, ResponseType: e.ResponseType}
	if x != nil {
		override(&o, x, s.length)
	}
	if o.AllDay {
		first, last := s.days(o.Start), s.days(o.End)
		if !last.After(first) {
			last = first.AddDate(0, 0, 1)
		}
		o.Start, o.End = first, last
	}
	return o
}

func override(o *activesync.Occurrence, x *activesync.Exception, length time.Duration) {
	if x.NewStart != nil {
		o.Start, o.End = *x.NewStart, x.NewStart.Add(length)
	}
	if x.NewEnd != nil {
		o.End = *x.NewEnd
	}
	if x.AllDay != nil {
		o.AllDay = *x.AllDay
	}
	if x.Subject != nil {
		o.Subject = *x.Subject
	}
	if x.Location != nil {
		o.Location = *x.Location
	}
	if x.BusyStatus != nil {
		o.BusyStatus = *x.BusyStatus
	}
}
