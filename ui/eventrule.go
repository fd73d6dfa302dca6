package ui

import (
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
)

// ruleKinds are the rules that the form offers; another one is kept as it is.
var ruleKinds = [...]string{"day", "weekday", "week", "fortnight", "month", "nth", "year"}

// otherRule stands for a rule that the form does not offer.
const otherRule = "other"

// ruleOf is a rule that the form offers, of a series that begins on a day.
func ruleOf(kind string, day time.Time) activesync.Recurrence {
	r := activesync.Recurrence{Set: true, Interval: 1}
	switch kind {
	case "day":
		r.Type = activesync.Daily
	case "weekday":
		r.Type, r.DayOfWeek = activesync.Weekly, workdays
	case "week", "fortnight":
		if r.Type, r.DayOfWeek = activesync.Weekly, 1<<day.Weekday(); kind == "fortnight" {
			r.Interval = 2
		}
	case "month":
		r.Type, r.DayOfMonth = activesync.Monthly, day.Day()
	case "nth":
		r.Type, r.DayOfWeek, r.WeekOfMonth = activesync.MonthlyNth, 1<<day.Weekday(), min((day.Day()-1)/7+1, 5)
	case "year":
		r.Type, r.DayOfMonth, r.MonthOfYear = activesync.Yearly, day.Day(), int(day.Month())
	default:
		return activesync.Recurrence{}
	}
	return r
}

// kindOf tells which of the rules that the form offers a series has.
func kindOf(r activesync.Recurrence, day time.Time) string {
	if !r.Set {
		return ""
	}
	r.Interval, r.Occurrences, r.Until, r.FirstDayOfWeek = max(r.Interval, 1), 0, time.Time{}, 0
	if r.Type == activesync.Daily && r.DayOfWeek == activesync.AnyDay {
		r.DayOfWeek = 0
	}
	for _, kind := range ruleKinds {
		if ruleOf(kind, day) == r {
			return kind
		}
	}
	return otherRule
}

// endedAs gives a rule the end that another one has.
func endedAs(r, end activesync.Recurrence) activesync.Recurrence {
	if r.Set {
		r.Occurrences, r.Until, r.FirstDayOfWeek = end.Occurrences, end.Until, end.FirstDayOfWeek
	}
	return r
}

// repeating are the fields for the rule of a series and for its end.
func (t *eventTimes) repeating() (repeat, until *eventField) {
	var other activesync.Recurrence // as the series has it
	show := func(kind string, start time.Time) string {
		switch kind {
		case "":
			return "no"
		case otherRule:
			return repeatWords(other, start, time.Time{}, t.now.Year())
		}
		return repeatWords(ruleOf(kind, start), start, time.Time{}, t.now.Year())
	}
	start := func() time.Time {
		at, wrong := t.read(t.begin.field.Text(), t.now, false)
		if wrong != "" {
			at = t.begun
		}
		if t.days() {
			return at
		}
		return at.In(t.zone)
	}
	repeat = &eventField{label: "Repeats",
		get: func(e *activesync.Event) string {
			other = e.Recurrence
			return kindOf(e.Recurrence, seriesDay(e, e.Start, t.zone))
		},
		set: func(e *activesync.Event, kind string) string {
			if kind != otherRule {
				e.Recurrence = endedAs(ruleOf(kind, start()), e.Recurrence)
			}
			return ""
		},
		show: func(kind string) string { return show(kind, start()) }}
	repeat.open = func(a *App, set func(string)) tea.Cmd {
		choices := [][2]string{{"", "no"}}
		for _, kind := range ruleKinds {
			choices = append(choices, [2]string{kind, show(kind, start())})
		}
		if repeat.was == otherRule {
			choices = append(choices, [2]string{otherRule, show(otherRule, start())})
		}
		return a.choice("Repeats", choices, repeat.long, set)
	}
	until = &eventField{label: "Until",
		get: func(e *activesync.Event) string {
			switch r := e.Recurrence; {
			case r.Occurrences > 0:
				return strconv.Itoa(r.Occurrences) + " times"
			case !r.Until.IsZero():
				return seriesDay(e, r.Until, t.zone).Format(time.DateOnly)
			}
			return ""
		},
		set: func(e *activesync.Event, s string) string { return t.ends(e, s) }}
	return repeat, until
}

// ends reads where a series ends: a day, or how many times it takes place.
func (t *eventTimes) ends(e *activesync.Event, s string) string {
	r := &e.Recurrence
	if s != "" && !r.Set {
		return "It does not repeat, so it has no end of that."
	}
	r.Occurrences, r.Until = 0, time.Time{}
	if s == "" {
		return ""
	}
	if n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(s, "times"), "time"))); err == nil && n > 0 && n < 1000 {
		r.Occurrences = n
		return ""
	}
	last, ok := parseDay(strings.ToLower(s), t.now)
	if !ok {
		return "This is no end. One is written 2027-03-31, or 10 times; nothing is for ever."
	}
	first := e.Start.In(t.zone)
	if e.AllDay {
		first = e.Start.UTC()
	}
	h, m, _ := first.Clock()
	if r.Until = time.Date(last.Year(), last.Month(), last.Day(), h, m, 0, 0, first.Location()).UTC(); r.Until.Before(e.Start) {
		return "It would end before it begins."
	}
	return ""
}

// endsAgain has a series end on the day that is written where its times became
// others: the last occurrence begins by the new ones.
func (t *eventTimes) endsAgain(before, after *activesync.Event) (wrong string) {
	if after.Recurrence.Until.IsZero() || t.until.changed() || after.AllDay == before.AllDay && after.Start.Equal(before.Start) {
		return ""
	}
	return t.ends(after, t.until.was)
}

// follows has the rule of a series go with its begin where that moved to
// another day.
func (t *eventTimes) follows(before activesync.Event, after *activesync.Event) {
	kind := t.repeat.long
	if kind == "" || kind == otherRule || after.Start.Equal(before.Start) {
		return
	}
	zone := t.zone
	if after.AllDay {
		zone = time.UTC
	}
	after.Recurrence = endedAs(ruleOf(kind, after.Start.In(zone)), after.Recurrence)
}

// seriesDay is the day of a time of a series, by the days of its zone. Many servers
// write the end of one as a bare date, which is midnight in UTC.
func seriesDay(e *activesync.Event, t time.Time, zone *time.Location) time.Time {
	clock := func(t time.Time) string { return t.In(zone).Format("15:04") }
	switch u := t.UTC(); {
	case t.IsZero():
		return t
	case e.AllDay, u.Equal(u.Truncate(24*time.Hour)) && clock(t) != clock(e.Start):
		return u
	}
	return dateOf(dayOf(t, zone))
}

// seriesZone is the zone by whose days a series goes.
func seriesZone(e activesync.Event, loc *time.Location) *time.Location {
	if z, err := calendar.ParseTimeZone(e.TimeZone); err == nil {
		return z.Location()
	}
	return loc
}
