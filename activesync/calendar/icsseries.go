package calendar

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// repeat reads what makes a series of the event.
func (r *reader) repeat() {
	if len(r.c.all("RDATE")) > 0 {
		r.note("Dates that no rule gives are left out.")
	}
	if len(r.c.all("EXRULE")) > 0 {
		r.note("A rule of exceptions is left out.")
	}
	rules := r.c.all("RRULE")
	if len(rules) == 0 || r.start.wall.IsZero() {
		return
	}
	if !r.recurrenceID.wall.IsZero() { // one occurrence is no series
		return
	}
	if len(rules) > 1 {
		r.note("The event has %d rules and is kept as a single one.", len(rules))
		return
	}
	ru, err := parseRule(rules[0].Value, r.start.wall)
	if err != nil {
		r.note("The rule %q cannot be read; the event is kept as a single one.", rules[0].Value)
		return
	}
	rec, ok := ru.recurrence(r.start.wall)
	if !ok {
		r.note("The rule %q has no equal in Exchange; the event is kept as a single one.", rules[0].Value)
		return
	}
	if d := rec.DayOfMonth; d > 28 && (rec.Type == activesync.Monthly || d > daysIn(2001, time.Month(rec.MonthOfYear))) && len(ru.setPos) == 0 {
		r.note("In months without a day %d Exchange takes their last.", d)
	}
	p, ok := patternOf(rec, midnight(r.start.wall))
	if !ok || !r.begin(&p, &ru, &rec) || !r.finish(&p, &ru, &rec) {
		return
	}
	r.item.Event.Recurrence = rec
	r.ruleOfTheFuture(&p)
	r.exclude()
}

// begin moves a start that is no day of its own rule to the first one: what
// iCalendar counts as the first occurrence, the protocol does not know.
func (r *reader) begin(p *pattern, ru *rule, rec *activesync.Recurrence) bool {
	far := p.start.AddDate(p.interval+8, 0, 0)
	for _, d := range p.days(p.start, far) {
		if d.Equal(p.start) {
			return true
		}
		if ru.count == 1 {
			return false
		}
		ru.count = max(ru.count-1, 0)
		shift := d.Sub(p.start)
		r.note("The first date, %s, is none of the series, which begins on %s.", p.start.Format("2 January 2006"), d.Format("2 January 2006"))
		r.start.wall, r.end.wall = r.start.wall.Add(shift), r.end.wall.Add(shift)
		e := &r.item.Event
		e.Start, e.End = r.start.instant(), r.end.instant()
		if e.AllDay {
			e.Start, e.End = midnight(e.Start), midnight(e.End)
			if !e.End.After(e.Start) {
				e.End = e.Start.Add(day)
			}
		}
		if e.End.Before(e.Start) {
			e.End = e.Start
		}
		*p, _ = patternOf(*rec, d)
		return true
	}
	return false
}

// finish turns COUNT and UNTIL into the protocol's; Until becomes the start of
// the last occurrence. It reports false where only the first is left.
func (r *reader) finish(p *pattern, ru *rule, rec *activesync.Recurrence) bool {
	if ru.count > 0 {
		rec.Occurrences = ru.count
		return true
	}
	limit, ok := r.z.moment(property{}, ru.until)
	if !ok {
		if ru.until != "" {
			r.note("The end of the series, %q, cannot be read.", ru.until)
		}
		return true
	}
	clock := r.start.wall.Sub(midnight(r.start.wall))
	within := func(d time.Time) bool {
		switch {
		case r.start.date:
			return !d.After(midnight(limit.wall))
		case limit.date:
			return !d.After(limit.wall)
		case strings.HasSuffix(ru.until, "Z"):
			return !instant(d.Add(clock), r.start.loc).After(limit.instant())
		}
		return !d.Add(clock).After(limit.wall) // the clock of the event
	}
	if !within(p.start) {
		return false
	}
	final := p.start
	from := midnight(limit.wall).AddDate(-p.interval-1, 0, -2)
	if p.kind == activesync.Daily || p.kind == activesync.Weekly {
		from = midnight(limit.wall).AddDate(0, 0, -7*p.interval-9)
	}
	for _, d := range p.days(from, midnight(limit.wall).AddDate(0, 0, 2)) {
		if within(d) {
			final = d
		}
	}
	rec.Until = final
	if !r.start.date {
		rec.Until = instant(final.Add(clock), r.start.loc)
	}
	return true
}

// ruleOfTheFuture gives a long series the clocks of the years to come where the
// place has changed its ways since the start, unless that would move the start.
func (r *reader) ruleOfTheFuture(p *pattern) {
	e := &r.item.Event
	if e.AllDay {
		return
	}
	year := p.start.Year() + 30
	if until := e.Recurrence.Until; !until.IsZero() {
		year = until.Year()
	} else if n := e.Recurrence.Occurrences; n > 0 {
		year = min(year, p.start.Year()+n*p.interval/p.perYear())
	}
	late := EncodeTimeZone(r.start.loc, min(year, 2037))
	if bytes.Equal(late, e.TimeZone) {
		return
	}
	if z, err := ParseTimeZone(late); err == nil && wall(e.Start, z.Location()).Equal(wall(e.Start, r.start.loc)) {
		e.TimeZone = late
	}
}

// perYear is how many periods of the pattern, were its interval 1, make a year.
func (p *pattern) perYear() int {
	switch p.kind {
	case activesync.Daily:
		return 365
	case activesync.Weekly:
		return 52
	case activesync.Monthly, activesync.MonthlyNth:
		return 12
	}
	return 1
}

// exclude reads the dates on which the series does not take place.
func (r *reader) exclude() {
	e := &r.item.Event
	s, known := timesOf(e, time.UTC), map[int64]bool{}
	for _, p := range r.c.all("EXDATE") {
		for v := range strings.FieldsFuncSeq(p.Value, func(c rune) bool { return c == ',' || c == ';' }) {
			m, ok := r.z.moment(p, v)
			if !ok || len(e.Exceptions) >= maxExceptions {
				r.note("The exception %q is left out.", v)
				continue
			}
			if start := s.named(m); !known[start.Unix()] {
				known[start.Unix()] = true
				e.Exceptions = append(e.Exceptions, activesync.Exception{Start: start, Deleted: true})
			}
		}
	}
}

// named is when the series has the occurrence that a moment names.
func (s *series) named(m moment) time.Time {
	switch {
	case s.event.AllDay:
		return midnight(m.wall)
	case m.date:
		return s.at(m.wall, time.UTC).OriginalStart
	}
	return m.instant()
}

// change adds a changed occurrence to its series.
func (it *Item) change(r *reader) {
	e, c := &it.Event, &r.item.Event
	it.Notes = append(it.Notes, r.item.Notes...)
	if len(e.Exceptions) >= maxExceptions {
		return
	}
	s := timesOf(e, time.UTC)
	x := activesync.Exception{Start: s.named(r.recurrenceID)}
	was := s.at(s.original(x.Start), time.UTC)
	if r.start.wall.IsZero() {
		c.Start, c.End, c.AllDay = was.Start, was.End, was.AllDay
	}
	switch {
	case c.MeetingStatus&4 != 0 && e.MeetingStatus&4 == 0:
		x.Deleted = true
	default:
		differ(&x, e, c, was)
	}
	e.Exceptions = slices.DeleteFunc(e.Exceptions, func(o activesync.Exception) bool { return o.Start.Equal(x.Start) })
	e.Exceptions = append(e.Exceptions, x)
}

// differ fills x with what c has otherwise than the occurrence of the series.
func differ(x *activesync.Exception, e, c *activesync.Event, was activesync.Occurrence) {
	if c.AllDay != e.AllDay {
		x.AllDay = &c.AllDay
	}
	if !c.Start.Equal(was.Start) {
		x.NewStart = &c.Start
	}
	if !c.End.Equal(was.End) || x.NewStart != nil {
		x.NewEnd = &c.End
	}
	if c.Subject != e.Subject {
		x.Subject = &c.Subject
	}
	if c.Location != e.Location {
		x.Location = &c.Location
	}
	if c.Body.Type != e.Body.Type || !bytes.Equal(c.Body.Data, e.Body.Data) {
		x.Body = &c.Body
	}
	switch {
	case c.Reminder == nil && e.Reminder != nil:
		none := -1
		x.Reminder = &none
	case c.Reminder != nil && (e.Reminder == nil || *c.Reminder != *e.Reminder):
		x.Reminder = c.Reminder
	}
	if c.BusyStatus != e.BusyStatus {
		x.BusyStatus = &c.BusyStatus
	}
	if !slices.Equal(c.Attendees, e.Attendees) {
		x.Attendees = &c.Attendees
	}
}
