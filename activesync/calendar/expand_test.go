package calendar

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Skip("no time zone database")
	}
	return loc
}

func TestTimeZoneRoundTrip(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC", "Pacific/Auckland", "America/Sao_Paulo"} {
		loc := zone(t, name)
		z, err := ParseTimeZone(EncodeTimeZone(loc, 2026))
		if err != nil {
			t.Fatal(err)
		}
		for h := range 366 * 24 {
			at := time.Date(2026, 1, 1, h, 30, 0, 0, time.UTC)
			if at.Year() != 2026 {
				break
			}
			want := at.In(loc)
			if got := z.Local(at); got.Format("01-02 15:04") != want.Format("01-02 15:04") {
				t.Fatalf("%s: %v is %v, want %v", name, at, got, want)
			}
			if back := z.UTC(z.Local(at)); !back.Equal(at) {
				// Only the hour that the change of clocks repeats is told in two ways.
				if d := back.Sub(at).Abs(); d != time.Hour {
					t.Fatalf("%s: %v comes back as %v", name, at, back)
				}
			}
		}
	}
}

func TestGarbageInAZoneWithoutChangesIsPassedOver(t *testing.T) {
	b := make([]byte, zoneSize)
	for i := 68; i < 84; i++ {
		b[i] = 0xA5
	}
	z, err := ParseTimeZone(b)
	if err != nil || !z.fixed() {
		t.Errorf("zone = %+v, %v", z, err)
	}
	if _, err := ParseTimeZone(b[:10]); err == nil {
		t.Error("a short structure is taken")
	}
}

// naive goes through every day and asks whether the rule holds.
func naive(e activesync.Event, loc *time.Location, from, to time.Time) []time.Time {
	first := e.Start.In(loc)
	r := e.Recurrence
	iv := max(r.Interval, 1)
	var out []time.Time
	n := 0
	for d := 0; d < 4000; d++ {
		at := time.Date(first.Year(), first.Month(), first.Day()+d, first.Hour(), first.Minute(), 0, 0, loc)
		months := (at.Year()-first.Year())*12 + int(at.Month()) - int(first.Month())
		last := time.Date(at.Year(), at.Month()+1, 0, 0, 0, 0, 0, loc).Day()
		isNth := func() bool {
			if r.DayOfWeek&(1<<int(at.Weekday())) == 0 {
				return false
			}
			before, after := 0, 0
			for k := 1; k <= last; k++ {
				if wd := time.Date(at.Year(), at.Month(), k, 0, 0, 0, 0, loc).Weekday(); r.DayOfWeek&(1<<int(wd)) != 0 {
					if k < at.Day() {
						before++
					} else if k > at.Day() {
						after++
					}
				}
			}
			if r.WeekOfMonth == 5 {
				return after == 0
			}
			return before == r.WeekOfMonth-1
		}
		hit := false
		switch r.Type {
		case 0:
			hit = d%iv == 0 && (r.DayOfWeek == 0 || r.DayOfWeek&(1<<int(at.Weekday())) != 0)
		case 1:
			back := (int(first.Weekday()) - r.FirstDayOfWeek + 7) % 7
			hit = ((d+back)/7)%iv == 0 && r.DayOfWeek&(1<<int(at.Weekday())) != 0
		case 2:
			hit = months%iv == 0 && at.Day() == min(r.DayOfMonth, last)
		case 3:
			hit = months%iv == 0 && isNth()
		case 5:
			hit = (at.Year()-first.Year())%iv == 0 && int(at.Month()) == r.MonthOfYear && at.Day() == min(r.DayOfMonth, last)
		case 6:
			hit = (at.Year()-first.Year())%iv == 0 && int(at.Month()) == r.MonthOfYear && isNth()
		}
		if !hit || !r.Until.IsZero() && at.After(r.Until) {
			continue
		}
		if n++; r.Occurrences > 0 && n > r.Occurrences {
			break
		}
		if !at.Before(from) && at.Before(to) {
			out = append(out, at.UTC())
		}
	}
	return out
}

func TestExpandAgainstDayByDay(t *testing.T) {
	loc := zone(t, "Europe/Berlin")
	start := time.Date(2024, 1, 31, 9, 30, 0, 0, loc)
	rules := []activesync.Recurrence{
		{Type: 0}, {Type: 0, Interval: 3}, {Type: 0, DayOfWeek: 62}, {Type: 0, Occurrences: 20},
		{Type: 1, DayOfWeek: 8}, {Type: 1, DayOfWeek: 42, Interval: 2, FirstDayOfWeek: 1}, {Type: 1, DayOfWeek: 65, Interval: 3}, {Type: 1, DayOfWeek: 62, Occurrences: 100},
		{Type: 2, DayOfMonth: 31}, {Type: 2, DayOfMonth: 15, Interval: 2}, {Type: 2, DayOfMonth: 29, Until: start.AddDate(1, 0, 0)},
		{Type: 3, DayOfWeek: 4, WeekOfMonth: 2}, {Type: 3, DayOfWeek: 62, WeekOfMonth: 5}, {Type: 3, DayOfWeek: 127, WeekOfMonth: 5}, {Type: 3, DayOfWeek: 65, WeekOfMonth: 1, Interval: 3},
		{Type: 5, DayOfMonth: 29, MonthOfYear: 2}, {Type: 5, DayOfMonth: 1, MonthOfYear: 6, Interval: 2},
		{Type: 6, DayOfWeek: 1, WeekOfMonth: 5, MonthOfYear: 10},
	}
	for _, r := range rules {
		r.Set = true
		e := activesync.Event{Start: start.UTC(), End: start.Add(time.Hour).UTC(), TimeZone: EncodeTimeZone(loc, 2026), Recurrence: r}
		for _, from := range []time.Time{start.AddDate(0, 0, -3), start.AddDate(0, 5, 0), start.AddDate(2, 2, 0), start.AddDate(6, 0, 0)} {
			to := from.AddDate(0, 14, 0)
			var got []time.Time
			for _, o := range Expand([]activesync.Event{e}, from, to, loc) {
				if !o.Start.Before(from) {
					got = append(got, o.Start)
				}
			}
			want := naive(e, loc, from, to)
			if len(got) != len(want) {
				t.Errorf("%+v from %v: %d occurrences, want %d", r, from, len(got), len(want))
				continue
			}
			for i := range want {
				if !got[i].Equal(want[i]) {
					t.Errorf("%+v: occurrence %d at %v, want %v", r, i, got[i], want[i])
					break
				}
			}
		}
	}
}

func TestSeriesKeepsItsTimeOfDayInItsOwnZone(t *testing.T) {
	ny, berlin := zone(t, "America/New_York"), zone(t, "Europe/Berlin")
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, ny)
	e := activesync.Event{Start: start.UTC(), End: start.Add(time.Hour).UTC(), TimeZone: EncodeTimeZone(ny, 2026),
		Recurrence: activesync.Recurrence{Set: true, Type: 1, DayOfWeek: 2}}
	for _, o := range Expand([]activesync.Event{e}, start, start.AddDate(0, 2, 0), berlin) {
		if h := o.Start.In(ny).Hour(); h != 9 {
			t.Errorf("%v is at %d o'clock in New York, want 9", o.Start, h)
		}
	}
}

func TestExceptions(t *testing.T) {
	start := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	moved, subject := start.AddDate(0, 0, 30), "Moved"
	e := activesync.Event{Subject: "Daily", Start: start, End: start.Add(time.Hour), TimeZone: EncodeTimeZone(time.UTC, 2026),
		Recurrence: activesync.Recurrence{Set: true, Type: 0, Occurrences: 5},
		Exceptions: []activesync.Exception{{Start: start.AddDate(0, 0, 1), Deleted: true}, {Start: start.AddDate(0, 0, 2), NewStart: &moved, Subject: &subject}}}
	got := Expand([]activesync.Event{e}, start, start.AddDate(0, 0, 10), time.UTC)
	if len(got) != 3 {
		t.Errorf("%d occurrences in the first days, want 3: %+v", len(got), got)
	}
	late := Expand([]activesync.Event{e}, moved, moved.AddDate(0, 0, 1), time.UTC)
	if len(late) != 1 || late[0].Subject != subject || !late[0].OriginalStart.Equal(start.AddDate(0, 0, 2)) {
		t.Errorf("the moved one = %+v", late)
	}
}

func TestAllDayIsADayWhereThePersonIs(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	digits := activesync.Event{AllDay: true, Start: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)}
	local := activesync.Event{AllDay: true, Start: time.Date(2026, 11, 24, 0, 0, 0, 0, berlin).UTC(), End: time.Date(2026, 11, 25, 0, 0, 0, 0, berlin).UTC(), TimeZone: EncodeTimeZone(berlin, 2026)}
	for name, e := range map[string]activesync.Event{"digits": digits, "midnight of the zone": local} {
		for _, loc := range []*time.Location{berlin, zone(t, "America/New_York"), zone(t, "Asia/Tokyo")} {
			got := Expand([]activesync.Event{e}, time.Date(2026, 11, 20, 0, 0, 0, 0, loc), time.Date(2026, 11, 30, 0, 0, 0, 0, loc), loc)
			if len(got) != 1 || got[0].Start.Format("2006-01-02 15:04") != "2026-11-24 00:00" || got[0].End.Sub(got[0].Start) != 24*time.Hour {
				t.Errorf("%s in %v: %+v", name, loc, got)
			}
		}
	}
}

func FuzzExpand(f *testing.F) {
	f.Add(uint8(3), 2, 0, 62, 31, 5, 2, 1, []byte{})
	f.Fuzz(func(t *testing.T, typ uint8, interval, occurrences, dow, dom, wom, moy, fdow int, zone []byte) {
		start := time.Date(2020, 2, 29, 9, 0, 0, 0, time.UTC)
		e := activesync.Event{Start: start, End: start.Add(time.Hour), TimeZone: zone, Recurrence: activesync.Recurrence{Set: true, Type: typ,
			Interval: interval, Occurrences: occurrences, DayOfWeek: dow, DayOfMonth: dom, WeekOfMonth: wom, MonthOfYear: moy, FirstDayOfWeek: fdow}}
		from := start.AddDate(6, 0, 0)
		for _, o := range Expand([]activesync.Event{e}, from, from.AddDate(0, 1, 0), time.UTC) {
			if !o.Start.Before(from.AddDate(0, 1, 0)) {
				t.Fatalf("outside the window: %v", o.Start)
			}
		}
	})
}
