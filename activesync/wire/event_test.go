package wire

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
)

func eventSeenBy(e activesync.Event, v activesync.Version) activesync.Event {
	if v < activesync.V140 {
		e.ResponseRequested, e.ResponseType = false, 0
		e.Exceptions = append([]activesync.Exception(nil), e.Exceptions...)
		for i := range e.Exceptions {
			e.Exceptions[i].Attendees = nil
		}
	}
	if v < activesync.V141 {
		e.OnlineMeeting = ""
	}
	return e
}

func TestEventSurvivesTheWire(t *testing.T) {
	series := sampleEvent()
	single := activesync.Event{Subject: "Lunch", Start: at("20260908T100000Z"), End: at("20260908T110000Z"), UID: "u", BusyStatus: 2}
	allDay := activesync.Event{Subject: "Fair", AllDay: true, Start: at("2026-09-08"), End: at("2026-09-10"), UID: "u",
		Recurrence: activesync.Recurrence{Set: true, Type: 5, Interval: 1, DayOfMonth: 8, MonthOfYear: 9},
		Exceptions: []activesync.Exception{{Start: at("2027-09-08"), Deleted: true}}}
	for name, e := range map[string]activesync.Event{"series": series, "single": single, "all day": allDay} {
		for _, v := range activesync.Versions() {
			t.Run(name+" "+v.String(), func(t *testing.T) {
				change := syncItem(t, activesync.ClassCalendar, EncodeEvent(&e, v))
				var got activesync.Event
				change.Event.Apply(&got)
				if diff := cmp.Diff(eventSeenBy(e, v), got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// Some servers write the digits of the date, others local midnight in UTC.
func TestAllDay(t *testing.T) {
	berlin := encodeZone(zoneBerlin())
	for _, c := range []struct{ zone, start, end, wantStart, wantEnd string }{
		{"", "20260908T000000Z", "20260909T000000Z", "2026-09-08", "2026-09-09"},
		{encodeZone(nil), "20260908T000000Z", "20260909T000000Z", "2026-09-08", "2026-09-09"},
		{berlin, "20260907T220000Z", "20260908T220000Z", "2026-09-08", "2026-09-09"}, // summer
		{berlin, "20260114T230000Z", "20260115T230000Z", "2026-01-15", "2026-01-16"}, // winter
		{berlin, "20260328T230000Z", "20260329T220000Z", "2026-03-29", "2026-03-30"}, // across
		{"", "20260907T220000Z", "20260908T220000Z", "2026-09-08", "2026-09-09"},     // Berlin, not said
		{"", "20260908T040000Z", "20260909T040000Z", "2026-09-08", "2026-09-09"},     // New York, not said
		{"", "20260907T110000Z", "20260908T110000Z", "2026-09-08", "2026-09-09"},     // Auckland, not said
		{"", "20260907T183000Z", "20260908T183000Z", "2026-09-08", "2026-09-09"},     // Kolkata, not said
	} {
		p := syncItem(t, activesync.ClassCalendar, &Calendar{
			Timezone: ptr(c.zone), AllDayEvent: ptr(MakeSwitch(true)), StartTime: ptr(Stamp(c.start)), EndTime: ptr(Stamp(c.end)),
		}).Event
		if !p.Start.Equal(at(c.wantStart)) || !p.End.Equal(at(c.wantEnd)) {
			t.Errorf("%s to %s: got %v to %v", c.start, c.end, p.Start, p.End)
		}
	}
}

// One of a series of whole days may have hours.
func TestAnHourAmongWholeDays(t *testing.T) {
	p := syncItem(t, activesync.ClassCalendar, &Calendar{
		AllDayEvent: ptr(MakeSwitch(true)), StartTime: ptr(Stamp("20260908T000000Z")), EndTime: ptr(Stamp("20260909T000000Z")),
		Recurrence: &Recurrence{Type: ptr(MakeNumber(0)), Interval: ptr(MakeNumber(1))},
		Exceptions: &Exceptions{Exceptions: []Exception{{ExceptionStartTime: ptr(Stamp("20260910T000000Z")), AllDayEvent: ptr(MakeSwitch(false)),
			StartTime: ptr(Stamp("20260910T143000Z")), EndTime: ptr(Stamp("20260910T150000Z"))}}},
	}).Event
	x := p.Exceptions[0]
	if !x.Start.Equal(at("2026-09-10")) || !x.NewStart.Equal(at("20260910T143000Z")) || !x.NewEnd.Equal(at("20260910T150000Z")) {
		t.Errorf("%v: %v to %v", x.Start, x.NewStart, x.NewEnd)
	}
}

// And one of a series with hours may be a whole day, whose date servers write as they
// do those of events.
func TestAWholeDayAmongHours(t *testing.T) {
	p := syncItem(t, activesync.ClassCalendar, &Calendar{
		Timezone: ptr(encodeZone(zoneBerlin())), StartTime: ptr(Stamp("20260908T070000Z")), EndTime: ptr(Stamp("20260908T080000Z")),
		Recurrence: &Recurrence{Type: ptr(MakeNumber(0)), Interval: ptr(MakeNumber(1))},
		Exceptions: &Exceptions{Exceptions: []Exception{{ExceptionStartTime: ptr(Stamp("20260910T070000Z")), AllDayEvent: ptr(MakeSwitch(true)),
			StartTime: ptr(Stamp("20260909T220000Z")), EndTime: ptr(Stamp("20260910T220000Z"))}}},
	}).Event
	x := p.Exceptions[0]
	if !x.Start.Equal(at("20260910T070000Z")) || !x.NewStart.Equal(at("2026-09-10")) || !x.NewEnd.Equal(at("2026-09-11")) {
		t.Errorf("%v: %v to %v", x.Start, x.NewStart, x.NewEnd)
	}
}

func TestChangeOfOneOccurrence(t *testing.T) {
	series := sampleEvent()
	first := series.Exceptions[1]
	p := syncItem(t, activesync.ClassCalendar, &Calendar{
		InstanceID: ptr(Compact(first.Start)), Subject: ptr("Moved again"), Location: &Location{}, UID: ptr("other"),
	}).Event
	if p.Fields != activesync.EventExceptions || !p.Partial {
		t.Fatalf("got %+v", p)
	}
	p.Apply(&series)
	want := sampleEvent()
	want.Exceptions[1].Subject = ptr("Moved again")
	if diff := cmp.Diff(want, series); diff != "" {
		t.Error(diff)
	}
	// An occurrence that was as the series had it until now.
	p.Exceptions[0].Start = at("20290925T090000Z")
	p.Apply(&series)
	if n := len(series.Exceptions); n != 3 || *series.Exceptions[2].Subject != "Moved again" || series.Exceptions[2].NewStart != nil {
		t.Errorf("got %+v", series.Exceptions)
	}
}

func TestOccurrenceGone(t *testing.T) {
	c := SyncCollectionResponse{Commands: &SyncItems{Deletes: []SyncGone{{ServerID: "1", InstanceID: "20280926T090000Z"}}}}
	items, _ := c.Changes(activesync.ClassCalendar)
	if len(items) != 1 || items[0].Kind != activesync.Updated {
		t.Fatalf("the series itself must stay: %+v", items)
	}
	e := sampleEvent()
	items[0].Event.Apply(&e)
	if len(e.Exceptions) != 2 || !e.Exceptions[1].Deleted {
		t.Errorf("got %+v", e.Exceptions)
	}
}

func TestClearingPartsOfAnEvent(t *testing.T) {
	p := syncItem(t, activesync.ClassCalendar, &Calendar{
		Reminder: ptr(Number("")), PlainLocation: ptr(""), Recurrence: &Recurrence{}, Attendees: &Attendees{}, Timezone: ptr(""),
	}).Event
	e := sampleEvent()
	p.Apply(&e)
	if e.Reminder != nil || e.Location != "" || e.Recurrence.Set || len(e.Attendees) != 0 || e.TimeZone != nil {
		t.Errorf("got %+v", e)
	}
	if e.Subject == "" || e.Start.IsZero() || len(e.Exceptions) != 2 {
		t.Errorf("what was not named must stay: %+v", e)
	}
}

func TestPlaceWithoutAName(t *testing.T) {
	l := &Location{Street: "Kai 1", PostalCode: "20457", City: "Hamburg"}
	if got := place(l, ptr("plain")); got != "Kai 1, 20457, Hamburg" {
		t.Errorf("got %q", got)
	}
	if got := place(nil, ptr("plain")); got != "plain" {
		t.Errorf("got %q", got)
	}
}

func TestRecurrenceDefaults(t *testing.T) {
	r := decodeRecurrence(&Recurrence{Type: ptr(Number("1")), DayOfWeek: ptr(Number("62")), Until: ptr(Stamp("2026-10-01T00:00:00.000Z"))})
	want := activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: 62, Until: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if w := encodeRecurrence(&activesync.Recurrence{Set: true, Type: 1, DayOfWeek: 2, DayOfMonth: 5, Occurrences: 3, Until: want.Until}, activesync.V161); w.DayOfMonth != nil || w.Until != nil {
		t.Errorf("qualifiers that do not belong to the type: %+v", w)
	}
}
