package calendar

import (
	"cmp"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// Expand lists what of the events touches the time from from to to, in order.
// Series are expanded by MS-ASCAL 2.2.2.37 in their own time zone, in loc where
// they have none; exceptions are left out, moved or changed. It takes time for
// what lies in the window and for the exceptions, not for the age of a series.
//
// Occurrences begin and end in loc; all-day ones at the midnights with which their
// dates begin and end there. OriginalStart is in UTC, for all-day series midnight
// UTC of the date.
//
// As Exchange does, a day that a month does not have is its last. Rules of
// calendars with other months than the Gregorian give the first occurrence only.
func Expand(events []activesync.Event, from, to time.Time, loc *time.Location) []activesync.Occurrence {
	if loc == nil {
		loc = time.UTC
	}
	var out []activesync.Occurrence
	for i := range events {
		s := seriesOf(&events[i], loc)
		out = s.expand(out, window{from, to, loc})
	}
	slices.SortStableFunc(out, func(a, b activesync.Occurrence) int {
		return cmp.Or(a.Start.Compare(b.Start), -compareBool(a.AllDay, b.AllDay), a.End.Compare(b.End),
			cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Event, b.Event), a.OriginalStart.Compare(b.OriginalStart))
	})
	return out
}

// ExceptionOf is what an occurrence has of its own, nil where it is as its
// series. original is its OriginalStart, and loc the one it was expanded in.
func ExceptionOf(e *activesync.Event, original time.Time, loc *time.Location) *activesync.Exception {
	if !e.Recurrence.Set || len(e.Exceptions) == 0 {
		return nil
	}
	s := seriesOf(e, loc)
	return s.special[s.original(original).Unix()]
}

// Instance is what names an occurrence, by the OriginalStart with which it was
// expanded in loc: the start that its exception is known by, where it has one.
func Instance(e *activesync.Event, original time.Time, loc *time.Location) time.Time {
	if x := ExceptionOf(e, original, loc); x != nil {
		return x.Start
	}
	return original.UTC()
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// window is the time that is asked for.
type window struct {
	from, to time.Time
	loc      *time.Location
}

// holds reports whether an occurrence touches the window. One without length
// does where it begins.
func (w window) holds(o activesync.Occurrence) bool {
	return o.Start.Before(w.to) && (o.End.After(w.from) || o.Start.Equal(w.from))
}

// longest is how far before the window the beginning of a repeated event that
// reaches into it is looked for.
const longest = 50 * 366 * day

// series is an event made ready for expansion.
type series struct {
	event  *activesync.Event
	zone   *time.Location // of the event; UTC where whole days are counted
	said   bool           // zone was in the event
	start  time.Time      // wall time in zone
	length time.Duration
	// elapsed says that length is by the stopwatch, not by the clock on the wall.
	elapsed bool
	pattern pattern
	repeats bool
	until   time.Time // last day, zero for none
	exact   time.Time // last start, zero for none
	count   int       // 0 for any
	special map[int64]*activesync.Exception
}

func seriesOf(e *activesync.Event, loc *time.Location) *series {
	s := timesOf(e, loc)
	if !e.Recurrence.Set {
		return s
	}
	s.special = make(map[int64]*activesync.Exception, len(e.Exceptions))
	for i := range e.Exceptions {
		s.special[s.original(e.Exceptions[i].Start).Unix()] = &e.Exceptions[i]
	}
	return s
}

// timesOf is a series without its exceptions.
func timesOf(e *activesync.Event, loc *time.Location) *series {
	s := &series{event: e, zone: loc}
	if !e.Recurrence.Set && !e.AllDay {
		s.start = wall(e.Start, loc)
		return s
	}
	if z, err := ParseTimeZone(e.TimeZone); err == nil {
		s.zone, s.said = z.Location(), true
	}
	if e.AllDay {
		s.start = s.date(e.Start)
		s.length = max(s.date(e.End).Sub(s.start), day)
	} else {
		s.start = wall(e.Start, s.zone)
		if s.length = wall(e.End, s.zone).Sub(s.start); s.length <= 0 {
			s.length, s.elapsed = max(e.End.Sub(e.Start), 0), true
		}
	}
	if !e.Recurrence.Set {
		return s
	}
	s.pattern, s.repeats = patternOf(e.Recurrence, midnight(s.start))
	if e.Recurrence.Occurrences > 0 {
		s.count = e.Recurrence.Occurrences
	} else if !e.Recurrence.Until.IsZero() {
		s.end(e.Recurrence.Until)
	}
	return s
}

// date is the day of a time of an all-day event.
func (s *series) date(t time.Time) time.Time {
	if s.said {
		return dateOf(t, s.zone)
	}
	return dateOf(t, nil)
}

// day is the day that t lies in, of a series that has times, or with up the
// next one unless t begins a day. A bare date stands for itself.
func (s *series) day(t time.Time, up bool) time.Time {
	t = t.UTC()
	if t.Equal(midnight(t)) {
		return t
	}
	w := wall(t, s.zone)
	if up && !w.Equal(midnight(w)) {
		w = w.Add(day)
	}
	return midnight(w)
}

// end takes Until, which is the start of the last occurrence. Many write the
// bare date instead, as midnight in UTC or in the zone of the event: then it is
// the last day.
func (s *series) end(until time.Time) {
	if s.event.AllDay {
		s.until = s.date(until)
		return
	}
	until = until.UTC()
	clock := s.start.Sub(midnight(s.start))
	if w := wall(until, s.zone); w.Sub(midnight(w)) != clock {
		switch {
		case until.Equal(midnight(until)):
			s.until = until
			return
		case w.Equal(midnight(w)):
			s.until = w
			return
		}
	}
	s.exact = until
}

// original is the day on which the series has the occurrence that an exception
// names by its start. It is the nearest one, as some get the hour wrong when the
// clocks have changed; a bare date stands for itself.
func (s *series) original(start time.Time) time.Time {
	if s.event.AllDay {
		return s.date(start)
	}
	clock := s.start.Sub(midnight(s.start))
	w := wall(start, s.zone)
	if w.Sub(midnight(w)) != clock && start.Equal(midnight(start.UTC())) {
		return start.UTC()
	}
	return midnight(w.Add(-clock + day/2))
}

func (s *series) expand(out []activesync.Occurrence, w window) []activesync.Occurrence {
	add := func(o activesync.Occurrence) {
		if o.AllDay {
			o.Start, o.End = instant(o.Start, w.loc).In(w.loc), instant(o.End, w.loc).In(w.loc)
		}
		if w.holds(o) {
			out = append(out, o)
		}
	}
	if !s.repeats {
		// A rule that cannot be followed still has its first occurrence.
		o := s.at(midnight(s.start), w.loc)
		if x := s.special[midnight(s.start).Unix()]; x == nil {
			add(o)
		}
	} else {
		// Two days are more than any two zones are apart.
		first := midnight(w.from.UTC()).Add(-2*day - min(s.length, longest))
		final := midnight(w.to.UTC()).Add(2 * day)
		if !s.until.IsZero() && s.until.Before(final) {
			final = s.until
		}
		for n, d := range s.pattern.days(first, final) {
			if s.count > 0 && n > s.count {
				break
			}
			if s.special[d.Unix()] != nil {
				continue
			}
			o := s.at(d, w.loc)
			if !s.exact.IsZero() && o.Start.After(s.exact) {
				break
			}
			add(o)
		}
	}
	for d, x := range s.special {
		if !x.Deleted {
			add(s.changed(s.at(time.Unix(d, 0).UTC(), w.loc), x, w.loc))
		}
	}
	return out
}

// at is the occurrence of a day.
func (s *series) at(d time.Time, loc *time.Location) activesync.Occurrence {
	e := s.event
	o := activesync.Occurrence{
		Event: e.ID, Folder: e.Folder, Subject: e.Subject, Location: e.Location, AllDay: e.AllDay, Series: e.Recurrence.Set,
		BusyStatus: e.BusyStatus, Cancelled: e.MeetingStatus&4 != 0, ResponseType: e.ResponseType,
	}
	switch {
	case e.AllDay:
		o.Start, o.End = d, d.Add(s.length)
		o.OriginalStart = o.Start
		return o
	case d.Equal(midnight(s.start)):
		o.Start = e.Start
		o.End = e.Start.Add(max(e.End.Sub(e.Start), 0))
	default:
		w := d.Add(s.start.Sub(midnight(s.start)))
		o.Start = instant(w, s.zone)
		if o.End = o.Start.Add(s.length); !s.elapsed {
			o.End = instant(w.Add(s.length), s.zone)
		}
		if o.End.Before(o.Start) {
			o.End = o.Start
		}
	}
	o.OriginalStart = o.Start.UTC()
	o.Start, o.End = o.Start.In(loc), o.End.In(loc)
	return o
}

// changed is an occurrence with what its exception says.
func (s *series) changed(o activesync.Occurrence, x *activesync.Exception, loc *time.Location) activesync.Occurrence {
	length, wasAllDay := o.End.Sub(o.Start), o.AllDay
	if x.AllDay != nil {
		o.AllDay = *x.AllDay
	}
	if x.NewStart != nil {
		o.Start = *x.NewStart
		o.End = o.Start.Add(length)
	}
	if x.NewEnd != nil {
		o.End = *x.NewEnd
	}
	switch {
	case o.AllDay && wasAllDay:
		o.Start, o.End = s.date(o.Start), s.date(o.End)
	case o.AllDay:
		o.Start, o.End = s.day(o.Start, false), s.day(o.End, true)
	}
	if o.AllDay && !o.End.After(o.Start) {
		o.End = o.Start.Add(day)
	}
	if o.End.Before(o.Start) {
		o.End = o.Start
	}
	if !o.AllDay {
		o.Start, o.End = o.Start.In(loc), o.End.In(loc)
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
	return o
}
