package calendar

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"eas.example/securemail/activesync"
)

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// at reads a time such as "2026-03-29 02:30" or "2026-03-29" in loc.
func at(t testing.TB, loc *time.Location, s string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04"
	tm, err := time.ParseInLocation(layout[:len(s)], s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return tm
}

// naive goes through the days one by one, from the start, and asks of each
// whether the rule holds. It shares no code with the package and trusts package
// time for the clocks.
func naive(r activesync.Recurrence, first time.Time, loc *time.Location, until time.Time) []time.Time {
	y0, m0, d0 := first.Date()
	noon := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 0, 0, 0, time.UTC) }
	day0 := noon(y0, m0, d0)
	bit := func(d time.Time) bool { return r.DayOfWeek&(1<<int(d.Weekday())) != 0 }
	isNth := func(d time.Time) bool {
		if !bit(d) {
			return false
		}
		var all []int
		for k := 1; k <= 31; k++ {
			if x := noon(d.Year(), d.Month(), k); x.Month() == d.Month() && bit(x) {
				all = append(all, k)
			}
		}
		if r.WeekOfMonth == 5 {
			return d.Day() == all[len(all)-1]
		}
		return d.Day() == all[r.WeekOfMonth-1]
	}
	isDay := func(d time.Time) bool {
		tomorrow := d.AddDate(0, 0, 1)
		return d.Day() == r.DayOfMonth || d.Day() < r.DayOfMonth && tomorrow.Month() != d.Month()
	}
	var out []time.Time
	for i := 0; ; i++ {
		d := day0.AddDate(0, 0, i)
		months := 12*(d.Year()-y0) + int(d.Month()) - int(m0)
		hit := false
		switch r.Type {
		case 0:
			hit = i%r.Interval == 0 && (r.DayOfWeek == 0 || bit(d))
		case 1:
			// Count how many times the week began anew since the first day.
			weeks := 0
			for k := 1; k <= i; k++ {
				if int(day0.AddDate(0, 0, k).Weekday()) == r.FirstDayOfWeek {
					weeks++
				}
			}
			hit = weeks%r.Interval == 0 && bit(d)
		case 2:
			hit = months%r.Interval == 0 && isDay(d)
		case 3:
			hit = months%r.Interval == 0 && isNth(d)
		case 5:
			hit = (d.Year()-y0)%r.Interval == 0 && int(d.Month()) == r.MonthOfYear && isDay(d)
		case 6:
			hit = (d.Year()-y0)%r.Interval == 0 && int(d.Month()) == r.MonthOfYear && isNth(d)
		}
		if d.After(until) {
			return out
		}
		if !hit {
			continue
		}
		start := onClock(d.Year(), d.Month(), d.Day(), first, loc)
		if i == 0 {
			start = first
		}
		if !r.Until.IsZero() && r.Occurrences == 0 && start.After(r.Until) {
			return out
		}
		out = append(out, start.UTC())
		if r.Occurrences > 0 && len(out) == r.Occurrences {
			return out
		}
	}
}

// onClock is the first moment at which clocks in loc show the day and the time
// of day of first; where they skip it, the moment at which they would have shown
// it without the skip.
func onClock(y int, m time.Month, d int, first time.Time, loc *time.Location) time.Time {
	want := time.Date(y, m, d, first.Hour(), first.Minute(), 0, 0, time.UTC)
	shown := func(t time.Time) time.Time {
		l := t.In(loc)
		return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
	}
	const step = 15 * time.Minute
	t := want.Add(-16 * time.Hour)
	for shown(t).Before(want) {
		t = t.Add(step)
	}
	if last := t.Add(-step); !shown(t).Equal(want) {
		return last.Add(want.Sub(shown(last)))
	}
	return t
}

var testZones = []string{"Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "Pacific/Auckland", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"}

func drawRecurrence(t *rapid.T, first time.Time) activesync.Recurrence {
	r := activesync.Recurrence{
		Set: true, Type: rapid.SampledFrom([]uint8{0, 0, 1, 1, 2, 3, 5, 6}).Draw(t, "type"), Interval: rapid.IntRange(1, 5).Draw(t, "interval"),
		FirstDayOfWeek: rapid.IntRange(0, 6).Draw(t, "first"),
	}
	mask := rapid.OneOf(rapid.SampledFrom([]int{62, 65, 127, 1, 64}), rapid.IntRange(1, 127)).Draw(t, "mask")
	switch r.Type {
	case 0:
		if rapid.Bool().Draw(t, "masked") {
			r.DayOfWeek = mask
		}
	case 1:
		r.DayOfWeek = mask
	case 2, 5:
		r.DayOfMonth = rapid.OneOf(rapid.IntRange(28, 31), rapid.IntRange(1, 31)).Draw(t, "day")
	case 3, 6:
		r.DayOfWeek, r.WeekOfMonth = mask, rapid.IntRange(1, 5).Draw(t, "week")
	}
	if r.Type >= 5 {
		r.MonthOfYear = rapid.OneOf(rapid.Just(2), rapid.IntRange(1, 12)).Draw(t, "month")
	}
	switch rapid.IntRange(0, 2).Draw(t, "end") {
	case 0:
		r.Occurrences = rapid.IntRange(1, 60).Draw(t, "count")
	case 1:
		r.Until = first.Add(time.Duration(rapid.IntRange(0, 1200).Draw(t, "days"))*24*time.Hour + time.Duration(rapid.SampledFrom([]int{0, -90, 90}).Draw(t, "off"))*time.Minute).UTC()
	}
	return r
}

// Until at a midnight stands for the whole day, which the oracle does not know.
func untilIsMidnight(r activesync.Recurrence, loc *time.Location) bool {
	for _, u := range []time.Time{r.Until.UTC(), r.Until.In(loc)} {
		if u.Hour() == 0 && u.Minute() == 0 {
			return true
		}
	}
	return false
}

func TestExpandAgainstDayByDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(testZones).Draw(t, "zone")
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		day := rapid.OneOf(rapid.IntRange(0, 900), rapid.SampledFrom([]int{59, 58, 30, 789, 88, 452})).Draw(t, "day")
		clock := rapid.SampledFrom([]int{0, 90, 120, 150, 165, 180, 570, 1410, 1425}).Draw(t, "minute")
		first := time.Date(2020, 1, 1+day, 0, clock, 0, 0, loc)
		r := drawRecurrence(t, first)
		if untilIsMidnight(r, loc) {
			r.Until = time.Time{}
		}
		length := 45 * time.Minute
		_, before := first.Zone()
		if _, after := first.Add(length).Zone(); before != after {
			length = 0 // by the stopwatch or by the clock is not the question here
		}
		e := activesync.Event{Start: first.UTC(), End: first.Add(length).UTC(), TimeZone: EncodeTimeZone(loc, 2026), Recurrence: r}
		from := first.Add(time.Duration(rapid.IntRange(-40, 1500).Draw(t, "from")) * 24 * time.Hour)
		to := from.Add(time.Duration(rapid.IntRange(1, 500).Draw(t, "length")) * 24 * time.Hour)
		var want []time.Time
		for _, s := range naive(r, first, loc, to.AddDate(0, 0, 2)) {
			if s.Before(to) && (s.Add(length).After(from) || s.Equal(from)) {
				want = append(want, s)
			}
		}
		viewer, err := time.LoadLocation(rapid.SampledFrom(testZones).Draw(t, "viewer"))
		if err != nil {
			t.Fatal(err)
		}
		var got []time.Time
		for _, o := range Expand([]activesync.Event{e}, from, to, viewer) {
			got = append(got, o.Start.UTC())
		}
		slices.SortFunc(want, time.Time.Compare)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s %+v: %s", name, r, diff)
		}
	})
}

// The day by day reckoning knew no skip of half an hour.
func TestSkippedTimeIsReckonedFromBefore(t *testing.T) {
	for _, c := range []struct{ zone, clock, day, want string }{
		{"Australia/Lord_Howe", "02:00", "2020-10-04", "2020-10-03 15:30"},
		{"Australia/Lord_Howe", "02:15", "2020-10-04", "2020-10-03 15:45"},
		{"Europe/Berlin", "02:30", "2020-03-29", "2020-03-29 01:30"},
		{"Europe/Berlin", "02:30", "2020-10-25", "2020-10-25 00:30"},
		{"Europe/Berlin", "03:00", "2020-03-29", "2020-03-29 01:00"},
	} {
		loc := place(t, c.zone)
		day := at(t, loc, c.day)
		first := at(t, loc, day.AddDate(0, 0, -3).Format(time.DateOnly)+" "+c.clock)
		if got := onClock(day.Year(), day.Month(), day.Day(), first, loc).UTC().Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s %s %s: reckoned %s, want %s", c.zone, c.day, c.clock, got, c.want)
		}
		e := activesync.Event{Start: first.UTC(), End: first.UTC(), TimeZone: EncodeTimeZone(loc, 2020), Recurrence: activesync.Recurrence{Set: true, Interval: 1}}
		got := Expand([]activesync.Event{e}, day, day.AddDate(0, 0, 1), time.UTC)
		if len(got) != 1 || got[0].Start.UTC().Format("2006-01-02 15:04") != c.want {
			t.Errorf("%s %s %s: expanded to %v, want %s", c.zone, c.day, c.clock, got, c.want)
		}
	}
}

func starts(list []activesync.Occurrence) []string {
	var out []string
	for _, o := range list {
		out = append(out, o.Start.Format("2006-01-02 15:04"))
	}
	return out
}

func TestSeries(t *testing.T) {
	berlin := place(t, "Europe/Berlin")
	tests := []struct {
		name  string
		start string
		rule  activesync.Recurrence
		from  string
		to    string
		want  []string
	}{
		{"every weekday", "2026-11-20 09:00", activesync.Recurrence{Type: 1, DayOfWeek: 62}, "2026-11-20", "2026-11-25",
			[]string{"2026-11-20 09:00", "2026-11-23 09:00", "2026-11-24 09:00"}},
		{"last day of the month", "2027-01-31 09:00", activesync.Recurrence{Type: 3, DayOfWeek: 127, WeekOfMonth: 5}, "2027-01-01", "2027-05-01",
			[]string{"2027-01-31 09:00", "2027-02-28 09:00", "2027-03-31 09:00", "2027-04-30 09:00"}},
		{"the 31st of short months", "2027-10-31 09:00", activesync.Recurrence{Type: 2, DayOfMonth: 31}, "2027-10-01", "2028-03-01",
			[]string{"2027-10-31 09:00", "2027-11-30 09:00", "2027-12-31 09:00", "2028-01-31 09:00", "2028-02-29 09:00"}},
		{"a leap day", "2024-02-29 09:00", activesync.Recurrence{Type: 5, DayOfMonth: 29, MonthOfYear: 2}, "2025-01-01", "2029-01-01",
			[]string{"2025-02-28 09:00", "2026-02-28 09:00", "2027-02-28 09:00", "2028-02-29 09:00"}},
		{"last weekday of March, every other year", "2026-03-31 09:00", activesync.Recurrence{Type: 6, DayOfWeek: 62, WeekOfMonth: 5, MonthOfYear: 3, Interval: 2}, "2026-01-01", "2031-01-01",
			[]string{"2026-03-31 09:00", "2028-03-31 09:00", "2030-03-29 09:00"}},
		{"every other week, which begins on Monday", "2026-11-01 09:00", activesync.Recurrence{Type: 1, DayOfWeek: 3, Interval: 2, FirstDayOfWeek: 1}, "2026-11-01", "2026-12-01",
			[]string{"2026-11-01 09:00", "2026-11-09 09:00", "2026-11-15 09:00", "2026-11-23 09:00", "2026-11-29 09:00"}},
		{"every other week, which begins on Sunday", "2026-11-01 09:00", activesync.Recurrence{Type: 1, DayOfWeek: 3, Interval: 2}, "2026-11-01", "2026-12-01",
			[]string{"2026-11-01 09:00", "2026-11-02 09:00", "2026-11-15 09:00", "2026-11-16 09:00", "2026-11-29 09:00", "2026-11-30 09:00"}},
		{"occurrences go before until", "2026-11-20 09:00", activesync.Recurrence{Type: 0, Occurrences: 3, Until: at(t, berlin, "2026-11-20 09:00")}, "2026-11-01", "2027-11-01",
			[]string{"2026-11-20 09:00", "2026-11-21 09:00", "2026-11-22 09:00"}},
		{"until is the last start", "2026-11-20 09:00", activesync.Recurrence{Type: 0, Until: at(t, berlin, "2026-11-21 09:00")}, "2026-11-01", "2027-11-01",
			[]string{"2026-11-20 09:00", "2026-11-21 09:00"}},
		{"until is a bare date", "2026-11-20 09:00", activesync.Recurrence{Type: 0, Until: at(t, time.UTC, "2026-11-21")}, "2026-11-01", "2027-11-01",
			[]string{"2026-11-20 09:00", "2026-11-21 09:00"}},
		{"until is a date of the zone", "2026-11-20 09:00", activesync.Recurrence{Type: 0, Until: at(t, berlin, "2026-11-21")}, "2026-11-01", "2027-11-01",
			[]string{"2026-11-20 09:00", "2026-11-21 09:00"}},
		{"an hour that is left out", "2026-03-28 02:30", activesync.Recurrence{Type: 0, Occurrences: 3}, "2026-03-01", "2026-05-01",
			[]string{"2026-03-28 02:30", "2026-03-29 03:30", "2026-03-30 02:30"}},
		{"no such type", "2026-11-20 09:00", activesync.Recurrence{Type: 4}, "2026-11-01", "2027-11-01", []string{"2026-11-20 09:00"}},
		{"Hebrew months", "2026-11-20 09:00", activesync.Recurrence{Type: 5, CalendarType: 8}, "2026-11-01", "2029-11-01", []string{"2026-11-20 09:00"}},
		{"no day of a week is ever met", "2026-11-20 09:00", activesync.Recurrence{Type: 0, Interval: 7, DayOfWeek: 1}, "2026-11-01", "2029-11-01", []string{"2026-11-20 09:00"}},
		{"what is not said comes from the start", "2026-11-20 09:00", activesync.Recurrence{Type: 6}, "2026-11-01", "2028-01-01", []string{"2026-11-20 09:00", "2027-11-19 09:00"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.rule.Set = true
			start := at(t, berlin, tt.start)
			e := activesync.Event{Start: start.UTC(), End: start.Add(time.Hour).UTC(), TimeZone: EncodeTimeZone(berlin, 2026), Recurrence: tt.rule}
			got := starts(Expand([]activesync.Event{e}, at(t, berlin, tt.from), at(t, berlin, tt.to), berlin))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A series keeps the time of the clock where it was made, and a night shift
// ends when the clock says so.
func TestSeriesGoesByItsOwnClock(t *testing.T) {
	ny, berlin := place(t, "America/New_York"), place(t, "Europe/Berlin")
	start := at(t, ny, "2026-03-01 22:00")
	e := activesync.Event{Start: start.UTC(), End: at(t, ny, "2026-03-02 06:00").UTC(), TimeZone: EncodeTimeZone(ny, 2026),
		Recurrence: activesync.Recurrence{Set: true, Type: 1, DayOfWeek: 1}}
	list := Expand([]activesync.Event{e}, start, start.AddDate(1, 0, 0), berlin)
	if len(list) != 53 {
		t.Errorf("%d occurrences, want 53", len(list))
	}
	for _, o := range list {
		if o.Start.In(ny).Format("15:04") != "22:00" || o.End.In(ny).Format("15:04") != "06:00" {
			t.Errorf("%v to %v in New York", o.Start.In(ny), o.End.In(ny))
		}
	}
}

// Without a zone of its own a series goes by the clock of the person.
func TestSeriesWithoutAZone(t *testing.T) {
	berlin := place(t, "Europe/Berlin")
	start := at(t, berlin, "2026-03-27 09:00")
	e := activesync.Event{Start: start.UTC(), End: start.Add(time.Hour).UTC(), Recurrence: activesync.Recurrence{Set: true}}
	for i, o := range Expand([]activesync.Event{e}, start, start.AddDate(0, 0, 5), berlin) {
		if got, want := o.Start.Format("02 15:04"), fmt.Sprintf("%d 09:00", 27+i); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestExceptions(t *testing.T) {
	berlin := place(t, "Europe/Berlin")
	start := at(t, berlin, "2026-03-23 09:00")
	nth := func(n int) time.Time { return time.Date(2026, 3, 23+n, 9, 0, 0, 0, berlin).UTC() }
	e := activesync.Event{ID: 7, Folder: 3, Subject: "Daily", Location: "Room 4", BusyStatus: 2, MeetingStatus: 5, ResponseType: 3,
		Start: start.UTC(), End: start.Add(time.Hour).UTC(), TimeZone: EncodeTimeZone(berlin, 2026),
		Recurrence: activesync.Recurrence{Set: true, Occurrences: 8},
		Exceptions: []activesync.Exception{
			{Start: nth(1), Deleted: true},
			{Start: nth(2), NewStart: ptr(nth(30)), Subject: ptr("Late"), Location: ptr("")},
			{Start: nth(3), NewEnd: ptr(nth(3).Add(3 * time.Hour)), BusyStatus: ptr(uint8(0))},
			{Start: nth(4), AllDay: ptr(true), NewStart: ptr(at(t, berlin, "2026-03-27").UTC()), NewEnd: ptr(at(t, berlin, "2026-03-28").UTC())},
			{Start: nth(6).Add(time.Hour), Deleted: true},               // an hour wrong, after the change of clocks
			{Start: at(t, time.UTC, "2026-03-30"), Subject: ptr("New")}, // by its date
		}}
	base := activesync.Occurrence{Event: 7, Folder: 3, Subject: "Daily", Location: "Room 4", BusyStatus: 2, Series: true, Cancelled: true, ResponseType: 3}
	with := func(n int, change func(*activesync.Occurrence)) activesync.Occurrence {
		o := base
		o.Start, o.End, o.OriginalStart = nth(n), nth(n).Add(time.Hour), nth(n)
		change(&o)
		return o
	}
	got := Expand([]activesync.Event{e}, at(t, berlin, "2026-03-20"), at(t, berlin, "2026-06-20"), berlin)
	want := []activesync.Occurrence{
		with(0, func(*activesync.Occurrence) {}),
		with(3, func(o *activesync.Occurrence) { o.End, o.BusyStatus = nth(3).Add(3*time.Hour), 0 }),
		with(4, func(o *activesync.Occurrence) {
			o.AllDay, o.Start, o.End = true, at(t, berlin, "2026-03-27"), at(t, berlin, "2026-03-28")
		}),
		with(5, func(*activesync.Occurrence) {}),
		with(7, func(o *activesync.Occurrence) { o.Subject = "New" }),
		with(30, func(o *activesync.Occurrence) { o.Subject, o.Location, o.OriginalStart = "Late", "", nth(2) }),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, o := range got {
		x := ExceptionOf(&e, o.OriginalStart, berlin)
		if changed := !o.Start.Equal(o.OriginalStart) || o.Subject != "Daily" || o.BusyStatus == 0; (x != nil) != changed {
			t.Errorf("the exception of %v is %+v", o.OriginalStart, x)
		}
	}
	// An occurrence that was moved out of the window does not show, one moved in does.
	if got := Expand([]activesync.Event{e}, nth(2), nth(3), berlin); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
	if got := Expand([]activesync.Event{e}, nth(30), nth(31), berlin); len(got) != 1 || got[0].Subject != "Late" {
		t.Errorf("got %+v", got)
	}
}

// An exception that is an hour off belongs to the nearest occurrence, not to
// the one of the day that it falls on.
func TestExceptionBesideMidnight(t *testing.T) {
	start := at(t, time.UTC, "2026-03-23 00:30")
	e := activesync.Event{Start: start, End: start, TimeZone: EncodeTimeZone(time.UTC, 2026), Recurrence: activesync.Recurrence{Set: true, Occurrences: 3},
		Exceptions: []activesync.Exception{{Start: start.Add(23 * time.Hour), Deleted: true}}}
	got := starts(Expand([]activesync.Event{e}, start, start.AddDate(0, 0, 9), time.UTC))
	if diff := cmp.Diff([]string{"2026-03-23 00:30", "2026-03-25 00:30"}, got); diff != "" {
		t.Error(diff)
	}
}

// Servers write the digits of the date, or midnight of some zone in UTC, and
// say the zone or don't. It is the same day for people everywhere.
func TestAllDay(t *testing.T) {
	berlin := place(t, "Europe/Berlin")
	zone := EncodeTimeZone(berlin, 2026)
	days := func(start, end time.Time, zone []byte) activesync.Event {
		return activesync.Event{AllDay: true, Start: start.UTC(), End: end.UTC(), TimeZone: zone}
	}
	ny, auckland := place(t, "America/New_York"), place(t, "Pacific/Auckland")
	for name, e := range map[string]activesync.Event{
		"digits":            days(at(t, time.UTC, "2026-11-24"), at(t, time.UTC, "2026-11-26"), nil),
		"digits and zone":   days(at(t, time.UTC, "2026-11-24"), at(t, time.UTC, "2026-11-26"), zone),
		"digits, zero zone": days(at(t, time.UTC, "2026-11-24"), at(t, time.UTC, "2026-11-26"), make([]byte, 172)),
		"midnight, zone":    days(at(t, berlin, "2026-11-24"), at(t, berlin, "2026-11-26"), zone),
		"midnight, none":    days(at(t, berlin, "2026-11-24"), at(t, berlin, "2026-11-26"), nil),
		"New York, none":    days(at(t, ny, "2026-11-24"), at(t, ny, "2026-11-26"), nil),
		"Auckland, none":    days(at(t, auckland, "2026-11-24"), at(t, auckland, "2026-11-26"), nil),
	} {
		for _, viewer := range testZones {
			loc := place(t, viewer)
			got := Expand([]activesync.Event{e}, at(t, loc, "2026-11-25"), at(t, loc, "2026-11-26"), loc)
			if len(got) != 1 || !got[0].Start.Equal(at(t, loc, "2026-11-24")) || !got[0].End.Equal(at(t, loc, "2026-11-26")) {
				t.Errorf("%s seen from %s: %+v", name, viewer, got)
				continue
			}
			if !got[0].OriginalStart.Equal(at(t, time.UTC, "2026-11-24")) {
				t.Errorf("%s: named by %v", name, got[0].OriginalStart)
			}
			before := Expand([]activesync.Event{e}, at(t, loc, "2026-11-23"), at(t, loc, "2026-11-24"), loc)
			after := Expand([]activesync.Event{e}, at(t, loc, "2026-11-26"), at(t, loc, "2026-11-27"), loc)
			if len(before)+len(after) > 0 {
				t.Errorf("%s seen from %s on other days: %+v %+v", name, viewer, before, after)
			}
		}
	}
}

func TestAllDaySeries(t *testing.T) {
	berlin, ny := place(t, "Europe/Berlin"), place(t, "America/New_York")
	e := activesync.Event{AllDay: true, Start: at(t, berlin, "2026-03-23").UTC(), End: at(t, berlin, "2026-03-24").UTC(), TimeZone: EncodeTimeZone(berlin, 2026),
		Recurrence: activesync.Recurrence{Set: true, Type: 1, DayOfWeek: 2, Until: at(t, berlin, "2026-04-13").UTC()},
		Exceptions: []activesync.Exception{{Start: at(t, berlin, "2026-03-30").UTC(), Deleted: true},
			{Start: at(t, time.UTC, "2026-04-06"), NewStart: ptr(at(t, berlin, "2026-04-08").UTC()), NewEnd: ptr(at(t, berlin, "2026-04-10").UTC())}}}
	for _, loc := range []*time.Location{berlin, ny} {
		var got []string
		for _, o := range Expand([]activesync.Event{e}, at(t, loc, "2026-03-01"), at(t, loc, "2027-03-01"), loc) {
			got = append(got, o.Start.Format("01-02 15:04")+" "+o.End.Format("01-02 15:04"))
		}
		want := []string{"03-23 00:00 03-24 00:00", "04-08 00:00 04-10 00:00", "04-13 00:00 04-14 00:00"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seen from %v: %s", loc, diff)
		}
	}
}

func TestOrder(t *testing.T) {
	noon := at(t, time.UTC, "2026-11-24 12:00")
	events := []activesync.Event{
		{ID: 4, Subject: "b", Start: noon, End: noon.Add(time.Hour)},
		{ID: 3, Subject: "a", Start: noon, End: noon.Add(time.Hour)},
		{ID: 2, Subject: "short", Start: noon, End: noon},
		{ID: 1, Subject: "night", Start: noon.Add(-12 * time.Hour), End: noon},
		{ID: 5, Subject: "day", AllDay: true, Start: noon.Add(-12 * time.Hour), End: noon.Add(12 * time.Hour)},
	}
	var got []activesync.ItemID
	for _, o := range Expand(events, noon.Add(-12*time.Hour), noon.Add(12*time.Hour), nil) {
		got = append(got, o.Event)
	}
	if diff := cmp.Diff([]activesync.ItemID{5, 1, 2, 3, 4}, got); diff != "" {
		t.Error(diff)
	}
}

// Old endless series must cost no more than young ones, counted ones neither.
func TestWorkIsBounded(t *testing.T) {
	for _, r := range []activesync.Recurrence{{}, {DayOfWeek: 1}, {Type: 1, DayOfWeek: 127}, {Type: 2}, {Type: 6}, {Occurrences: 1 << 30}, {Type: 1, DayOfWeek: 62, Occurrences: 1 << 30}} {
		r.Set = true
		p, ok := patternOf(r, at(t, time.UTC, "0001-01-01"))
		if !ok {
			t.Fatal("not taken", r)
		}
		n := 0
		for range p.days(at(t, time.UTC, "9000-01-01"), at(t, time.UTC, "9000-02-01")) {
			n++
		}
		e := activesync.Event{Start: at(t, time.UTC, "0001-01-01"), End: at(t, time.UTC, "0001-01-01"), TimeZone: EncodeTimeZone(time.UTC, 2026), Recurrence: r}
		per := testing.AllocsPerRun(3, func() {
			Expand([]activesync.Event{e}, at(t, time.UTC, "9000-01-01"), at(t, time.UTC, "9000-02-01"), time.UTC)
		})
		if per > 100 {
			t.Errorf("%+v: %v allocations for %d days", r, per, n)
		}
	}
}

func FuzzExpand(f *testing.F) {
	f.Add(uint8(3), 2, 0, 62, 31, 5, 2, 1, int64(0), int64(1e9), int64(1.7e9), []byte{})
	f.Add(uint8(1), 1, 900, 127, 31, 5, 2, 1, int64(-1e9), int64(0), int64(-1e9), EncodeTimeZone(time.UTC, 2026))
	f.Fuzz(func(t *testing.T, typ uint8, interval, occurrences, dow, dom, wom, moy, fdow int, start, length, until int64, zone []byte) {
		const limit = 1 << 37
		begin := time.Unix(start%limit, 0).UTC()
		e := activesync.Event{AllDay: interval%5 == 0, Start: begin, End: begin.Add(time.Duration(length)), TimeZone: zone, Recurrence: activesync.Recurrence{Set: true, Type: typ,
			Interval: interval, Occurrences: occurrences, DayOfWeek: dow, DayOfMonth: dom, WeekOfMonth: wom, MonthOfYear: moy, FirstDayOfWeek: fdow},
			Exceptions: []activesync.Exception{{Start: begin.AddDate(0, 0, 7), NewStart: &begin}}}
		if until != 0 {
			e.Recurrence.Until = time.Unix(until%limit, 0).UTC()
		}
		from := begin.AddDate(6, 0, 0)
		to := from.AddDate(0, 1, 0)
		for _, o := range Expand([]activesync.Event{e}, from, to, time.UTC) {
			if !o.Start.Before(to) || o.End.Before(from) || o.End.Before(o.Start) {
				t.Fatalf("outside the window: %v to %v", o.Start, o.End)
			}
		}
	})
}
