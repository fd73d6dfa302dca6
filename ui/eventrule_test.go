package ui

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/ui/edit"
)

// change opens the form of an event, lets a person change lines of it by their
// labels, and gives what is written.
func change(t *testing.T, s *composeScreen, e activesync.Event, lines ...string) activesync.Event {
	t.Helper()
	s.do(s.app.editEvent("a1", e, e))
	f := s.app.top().(*form[activesync.Event])
	for i := 0; i+1 < len(lines); i += 2 {
		for _, x := range f.fields {
			switch {
			case x.label != lines[i]:
			case x.boxed():
				x.long = lines[i+1]
			default:
				x.field = edit.NewField(lines[i+1])
			}
		}
		f.tidy()
	}
	after, ok := f.written()
	if !ok {
		t.Fatalf("%q cannot be: %s", lines, f.fields[f.at].wrong)
	}
	s.app.drop(f)
	return after
}

// days are the days of the occurrences of an event.
func days(e activesync.Event, loc *time.Location) (out []string) {
	for _, o := range calendar.Expand([]activesync.Event{e}, e.Start.AddDate(0, 0, -2), e.Start.AddDate(1, 0, 0), loc) {
		out = append(out, o.Start.In(loc).Format("Mon 2"))
	}
	return out
}

// A series that takes place later in the day still ends on the day that the form
// shows, and so does one that becomes one of whole days, or is none any more.
func TestASeriesEndsOnItsDayAtOtherTimes(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
			s.app.loc = loc
			at := time.Date(2026, 9, 7, 9, 0, 0, 0, loc) // a Monday
			e := activesync.Event{ID: 1, Subject: "x", Start: at.UTC(), End: at.Add(time.Hour).UTC(), TimeZone: calendar.EncodeTimeZone(loc, 2026),
				Recurrence: activesync.Recurrence{Set: true, Type: activesync.Weekly, Interval: 1, DayOfWeek: 2, Until: at.AddDate(0, 0, 14).UTC()}}
			later := change(t, s, e, "Begins", "2026-09-07 15:00")
			whole := change(t, s, e, "Whole days", "yes")
			back := change(t, s, whole, "Whole days", "")
			early := change(t, s, whole, "Whole days", "", "Begins", "2026-09-07 00:30")
			for i, x := range []activesync.Event{e, later, whole, back, early} {
				if got := days(x, loc); len(got) != 3 || got[0] != "Mon 7" || got[2] != "Mon 21" {
					t.Errorf("%s, %d: %v, %+v", name, i, got, x.Recurrence)
				}
			}
		})
	}
}

// The end of a series that a server writes as a bare date is that day everywhere.
func TestTheEndOfASeriesAsABareDate(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	e := activesync.Event{Start: time.Date(2026, 9, 7, 13, 0, 0, 0, time.UTC), End: time.Date(2026, 9, 7, 14, 0, 0, 0, time.UTC), TimeZone: calendar.EncodeTimeZone(loc, 2026),
		Recurrence: activesync.Recurrence{Set: true, Interval: 1, Until: time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC)}}
	times := newEventTimes(e, loc, e.Start)
	if got := times.until.get(&e); got != "2026-09-21" {
		t.Errorf("the form says that it ends on %s", got)
	}
}
