package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"eas.example/securemail/activesync"
)

// calendarOf puts lines into a calendar.
func calendarOf(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

// eventOf puts lines into an event.
func eventOf(lines ...string) []byte {
	return calendarOf(slices.Concat([]string{"BEGIN:VEVENT", "UID:u@example.test"}, lines, []string{"END:VEVENT"})...)
}

func readOne(t *testing.T, data []byte) Item {
	t.Helper()
	f, err := ReadICS(data, time.UTC)
	if err != nil || len(f.Items) != 1 {
		t.Fatalf("%v, %+v", err, f)
	}
	return f.Items[0]
}

func TestInvitation(t *testing.T) {
	f, err := ReadICS([]byte("\xEF\xBB\xBF"+strings.Join([]string{
		"BEGIN:VCALENDAR", "METHOD:request", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0",
		"BEGIN:VTIMEZONE", "TZID:W. Europe Standard Time",
		"BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
		"BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT",
		"END:VTIMEZONE",
		"BEGIN:VEVENT", `ORGANIZER;CN="Souza, Ana":MAILTO:ana@example.test`,
		"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Alice ^'Al^':mailto:a", " lice@example.test",
		"ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:bob@example.test", "ATTENDEE;CUTYPE=ROOM;PARTSTAT=TENTATIVE;CN=Room 4:mailto:room4@example.test",
		"ATTENDEE:urn:uuid:1234",
		`DESCRIPTION;LANGUAGE=en-US:Agenda:\n1. figures\; tables\, texts\\n`, "UID:040000008200E00074C5B7101A82E008", "SUMMARY;LANGUAGE=en-US:Audit kick-off",
		"DTSTART;TZID=W. Europe Standard Time:20260908T100000", "DTEND;TZID=W. Europe Standard Time:20260908T110000",
		"CLASS:PRIVATE", "DTSTAMP:20260901T080000Z", "TRANSP:OPAQUE", "STATUS:CONFIRMED", "SEQUENCE:2", "LOCATION:Room 4", "CATEGORIES:Green,Big\\, important", "CATEGORIES:Blue",
		"X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", "X-MICROSOFT-SKYPETEAMSMEETINGURL:https://meet.example.test/1",
		"BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER;RELATED=START:-PT15M", "END:VALARM", "END:VEVENT", "END:VCALENDAR",
	}, "\r\n")), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	want := &File{Method: "REQUEST", Items: []Item{{Sequence: 2, Event: activesync.Event{
		UID: "040000008200E00074C5B7101A82E008", Subject: "Audit kick-off", Location: "Room 4", Start: at(t, time.UTC, "2026-09-08 08:00"), End: at(t, time.UTC, "2026-09-08 09:00"),
		TimeZone: berlinBlob(), Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("Agenda:\n1. figures; tables, texts\\n"), Size: 35},
		Categories: []string{"Green", "Big, important", "Blue"}, Reminder: ptr(15), Sensitivity: 2, BusyStatus: 1, DTStamp: at(t, time.UTC, "2026-09-01 08:00"),
		Organizer: activesync.Address{Name: "Souza, Ana", Address: "ana@example.test"}, MeetingStatus: 3, ResponseRequested: true, OnlineMeeting: "https://meet.example.test/1",
		Attendees: []activesync.Attendee{
			{Address: activesync.Address{Name: `Alice "Al"`, Address: "alice@example.test"}, Status: 5, Type: 1},
			{Address: activesync.Address{Address: "bob@example.test"}, Status: 3, Type: 2},
			{Address: activesync.Address{Name: "Room 4", Address: "room4@example.test"}, Status: 2, Type: 3},
		},
	}}}}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
	cancel := readOne(t, calendarOf("METHOD:CANCEL", "BEGIN:VEVENT", "DTSTART:20260908T100000Z", "ATTENDEE:mailto:a@example.test", "END:VEVENT"))
	if cancel.Event.MeetingStatus != 7 {
		t.Errorf("a cancellation has status %d", cancel.Event.MeetingStatus)
	}
	reply := readOne(t, calendarOf("METHOD:REPLY", "BEGIN:VEVENT", "DTSTART:20260908T100000Z", "ATTENDEE;PARTSTAT=DECLINED:mailto:a@example.test", "END:VEVENT"))
	if reply.Event.Attendees[0].Status != 4 || reply.Event.MeetingStatus != 1 {
		t.Errorf("a reply reads %+v", reply.Event)
	}
}

// Whoever reads the words alone has to know on which day it ends.
func TestInvitationOverSomeDaysSaysWhenItEnds(t *testing.T) {
	i := Invite{Event: activesync.Event{Start: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC), End: time.Date(2026, 9, 9, 17, 0, 0, 0, time.UTC)}}
	if got, want := i.Text(time.UTC, ""), "Monday 7 September 2026, 09:00 to Wednesday 9 September 2026, 17:00 UTC\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	i.Event.End = i.Event.Start.Add(time.Hour)
	if got, want := i.Text(time.UTC, ""), "Monday 7 September 2026, 09:00 to 10:00 UTC\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTimesOfFiles(t *testing.T) {
	kolkata := place(t, "Asia/Kolkata")
	custom := []string{"BEGIN:VTIMEZONE", "TZID:Customized Time Zone",
		"BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
		"BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE"}
	history := []string{"BEGIN:VTIMEZONE", "TZID:/example.test/Zone",
		"BEGIN:DAYLIGHT", "DTSTART:20000402T020000", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z", "END:DAYLIGHT",
		"BEGIN:DAYLIGHT", "DTSTART:20070311T020000", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU", "END:DAYLIGHT",
		"BEGIN:STANDARD", "DTSTART:20001029T020000", "TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z", "END:STANDARD",
		"BEGIN:STANDARD", "DTSTART:20071104T020000", "TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "END:STANDARD", "END:VTIMEZONE"}
	tests := []struct {
		name       string
		zone       []string
		lines      []string
		start, end string // UTC
		allDay     bool
	}{
		{"UTC", nil, []string{"DTSTART:20260908T100000Z", "DTEND:20260908T110000Z"}, "2026-09-08 10:00", "2026-09-08 11:00", false},
		{"floating", nil, []string{"DTSTART:20260908T100000", "DURATION:PT90M"}, "2026-09-08 04:30", "2026-09-08 06:00", false},
		{"no end", nil, []string{"DTSTART:20260908T100000Z"}, "2026-09-08 10:00", "2026-09-08 10:00", false},
		{"IANA", nil, []string{"DTSTART;TZID=America/New_York:20260908T100000", "DTEND;TZID=Europe/Berlin:20260908T170000"}, "2026-09-08 14:00", "2026-09-08 15:00", false},
		{"Windows", nil, []string{"DTSTART;TZID=Tokyo Standard Time:20260908T100000", "DURATION:P1D"}, "2026-09-08 01:00", "2026-09-09 01:00", false},
		{"offset and cities", nil, []string{`DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin, Bern, Rome":20260908T100000`}, "2026-09-08 08:00", "2026-09-08 08:00", false},
		{"offset only", nil, []string{`DTSTART;TZID="(UTC+01:00) Nowhere":20260908T100000`}, "2026-09-08 09:00", "2026-09-08 09:00", false},
		{"custom, summer", custom, []string{"DTSTART;TZID=Customized Time Zone:20260908T100000"}, "2026-09-08 08:00", "2026-09-08 08:00", false},
		{"custom, summer, long after", custom, []string{"DTSTART;TZID=Customized Time Zone:20910708T100000"}, "2091-07-08 08:00", "2091-07-08 08:00", false},
		{"history, old rule", history, []string{"DTSTART;TZID=/example.test/Zone:20050320T100000"}, "2005-03-20 15:00", "2005-03-20 15:00", false},
		{"history, new rule", history, []string{"DTSTART;TZID=/example.test/Zone:20260320T100000"}, "2026-03-20 14:00", "2026-03-20 14:00", false},
		{"a day", nil, []string{"DTSTART;VALUE=DATE:20260908"}, "2026-09-08 00:00", "2026-09-09 00:00", true},
		{"days", nil, []string{"DTSTART;VALUE=DATE:20260908", "DTEND;VALUE=DATE:20260911"}, "2026-09-08 00:00", "2026-09-11 00:00", true},
		{"a day without saying so", nil, []string{"DTSTART:20260908", "DURATION:P2D"}, "2026-09-08 00:00", "2026-09-10 00:00", true},
		{"quotes closed late", nil, []string{`DTSTART;TZID="Tokyo Standard Time:20260908T100000"`}, "2026-09-08 01:00", "2026-09-08 01:00", false},
		{"a day of Microsoft", nil, []string{"DTSTART;TZID=Europe/Berlin:20260908T000000", "DTEND;TZID=Europe/Berlin:20260909T000000", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"}, "2026-09-08 00:00", "2026-09-09 00:00", true},
		{"with dashes", nil, []string{"DTSTART:2026-09-08T10:00:00Z"}, "2026-09-08 10:00", "2026-09-08 10:00", false},
		{"ends before it begins", nil, []string{"DTSTART:20260908T100000Z", "DTEND:20260908T090000Z"}, "2026-09-08 10:00", "2026-09-08 10:00", false},
		{"the end of a day in UTC", nil, []string{"DTSTART:20260908T100000Z", "DTEND:20260908T240000Z"}, "2026-09-08 10:00", "2026-09-09 00:00", false},
		{"the end of a day", nil, []string{"DTSTART:20260908T100000", "DTEND:20260908T240000"}, "2026-09-08 04:30", "2026-09-08 18:30", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := slices.Concat(tt.zone, []string{"BEGIN:VEVENT"}, tt.lines, []string{"END:VEVENT"})
			f, err := ReadICS(calendarOf(lines...), kolkata)
			if err != nil || len(f.Items) != 1 {
				t.Fatal(err, f)
			}
			e := f.Items[0].Event
			if !e.Start.Equal(at(t, time.UTC, tt.start)) || !e.End.Equal(at(t, time.UTC, tt.end)) || e.AllDay != tt.allDay {
				t.Errorf("got %v to %v, %v", e.Start.UTC(), e.End.UTC(), e.AllDay)
			}
		})
	}
	it := readOne(t, eventOf("DTSTART;TZID=Middle Earth:20260908T100000"))
	if len(it.Notes) != 1 || !strings.Contains(it.Notes[0], "Middle Earth") {
		t.Errorf("an unknown zone is not told: %q", it.Notes)
	}
}

func TestRules(t *testing.T) {
	list := func(days ...string) []string { return days }
	tests := []struct {
		rule string
		want activesync.Recurrence // Set is understood
		days []string              // from 2026-11-01 on
		note string
	}{
		// The start is Friday, 20 November 2026, 10:00 in Berlin.
		{"FREQ=DAILY", activesync.Recurrence{Interval: 1}, list("11-20", "11-21", "11-22"), ""},
		{"FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR", activesync.Recurrence{Interval: 3, DayOfWeek: 62}, list("11-20", "11-23", "11-26"), ""},
		{"FREQ=DAILY;BYDAY=MO,FR", activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 34}, list("11-20", "11-23", "11-27"), ""},
		{"freq=weekly;wkst=su;interval=2;byday=su,fr", activesync.Recurrence{Type: 1, Interval: 2, DayOfWeek: 33}, list("11-20", "11-29", "12-04"), ""},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,FR", activesync.Recurrence{Type: 1, Interval: 2, DayOfWeek: 33, FirstDayOfWeek: 1}, list("11-20", "11-22", "12-04"), ""},
		{"FREQ=MONTHLY", activesync.Recurrence{Type: 2, Interval: 1, DayOfMonth: 20}, list("11-20", "12-20", "01-20"), ""},
		{"FREQ=MONTHLY;BYMONTHDAY=20;BYHOUR=10;BYMINUTE=0;BYSECOND=0", activesync.Recurrence{Type: 2, Interval: 1, DayOfMonth: 20}, list("11-20", "12-20", "01-20"), ""},
		{"FREQ=MONTHLY;BYDAY=3FR", activesync.Recurrence{Type: 3, Interval: 1, DayOfWeek: 32, WeekOfMonth: 3}, list("11-20", "12-18", "01-15"), ""},
		{"FREQ=MONTHLY;BYDAY=FR;BYSETPOS=3", activesync.Recurrence{Type: 3, Interval: 1, DayOfWeek: 32, WeekOfMonth: 3}, list("11-20", "12-18", "01-15"), ""},
		{"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=15,16,17,18,19,20,21", activesync.Recurrence{Type: 3, Interval: 1, DayOfWeek: 32, WeekOfMonth: 3}, list("11-20", "12-18", "01-15"), ""},
		{"FREQ=YEARLY", activesync.Recurrence{Type: 5, Interval: 1, DayOfMonth: 20, MonthOfYear: 11}, list("11-20", "11-20", "11-20"), ""},
		{"FREQ=YEARLY;BYMONTH=11;BYDAY=3FR", activesync.Recurrence{Type: 6, Interval: 1, DayOfWeek: 32, WeekOfMonth: 3, MonthOfYear: 11}, list("11-20", "11-19", "11-17"), ""},
		{"FREQ=MONTHLY;BYMONTH=11;BYDAY=3FR", activesync.Recurrence{Type: 6, Interval: 1, DayOfWeek: 32, WeekOfMonth: 3, MonthOfYear: 11}, list("11-20", "11-19", "11-17"), ""},
		{"FREQ=DAILY;COUNT=2", activesync.Recurrence{Interval: 1, Occurrences: 2}, list("11-20", "11-21"), ""},
		// UNTIL becomes the start of the last occurrence, whatever it is written like.
		{"FREQ=WEEKLY;UNTIL=20261205", activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 32, FirstDayOfWeek: 1, Until: at(t, time.UTC, "2026-12-04 09:00")}, list("11-20", "11-27", "12-04"), ""},
		{"FREQ=WEEKLY;UNTIL=20261204T090000Z", activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 32, FirstDayOfWeek: 1, Until: at(t, time.UTC, "2026-12-04 09:00")}, list("11-20", "11-27", "12-04"), ""},
		{"FREQ=WEEKLY;UNTIL=20261204T085959Z", activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 32, FirstDayOfWeek: 1, Until: at(t, time.UTC, "2026-11-27 09:00")}, list("11-20", "11-27"), ""},
		{"FREQ=WEEKLY;UNTIL=20261204T100000", activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 32, FirstDayOfWeek: 1, Until: at(t, time.UTC, "2026-12-04 09:00")}, list("11-20", "11-27", "12-04"), ""},
		{"FREQ=WEEKLY;UNTIL=20261203T230000Z", activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 32, FirstDayOfWeek: 1, Until: at(t, time.UTC, "2026-11-27 09:00")}, list("11-20", "11-27"), ""},
		{"FREQ=YEARLY;INTERVAL=2;UNTIL=20301119T090000Z", activesync.Recurrence{Type: 5, Interval: 2, DayOfMonth: 20, MonthOfYear: 11, Until: at(t, time.UTC, "2028-11-20 09:00")}, list("11-20", "11-20"), ""},
		{"FREQ=WEEKLY;UNTIL=20261101", activesync.Recurrence{}, list("11-20"), ""},
		// A start that is none of the days counts in iCalendar, not here.
		{"FREQ=WEEKLY;BYDAY=MO;COUNT=3", activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 2, FirstDayOfWeek: 1, Occurrences: 2}, list("11-23", "11-30"), "none of the series"},
		// What the protocol has no terms for.
		{"FREQ=HOURLY", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=MONTHLY;BYMONTHDAY=1,15", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=MONTHLY;BYDAY=5FR", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=MONTHLY;BYDAY=-2FR", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=WEEKLY;BYMONTH=11", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=YEARLY;BYDAY=20MO", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=YEARLY;BYMONTHDAY=20", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=YEARLY;BYWEEKNO=20", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"FREQ=DAILY;BYHOUR=9,17", activesync.Recurrence{}, list("11-20"), "no equal"},
		{"W2 TU TH", activesync.Recurrence{}, list("11-20"), "cannot be read"},
	}
	berlin := place(t, "Europe/Berlin")
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			it := readOne(t, eventOf("DTSTART;TZID=Europe/Berlin:20261120T100000", "DTEND;TZID=Europe/Berlin:20261120T110000", "RRULE:"+tt.rule))
			tt.want.Set = tt.want.Interval > 0
			if diff := cmp.Diff(tt.want, it.Event.Recurrence); diff != "" {
				t.Error(diff)
			}
			var days []string
			for _, o := range Expand([]activesync.Event{it.Event}, at(t, berlin, "2026-11-01"), at(t, berlin, "2036-11-01"), berlin) {
				if o.Start.Format("15:04") != "10:00" {
					t.Errorf("at %v", o.Start)
				}
				if len(days) < 3 {
					days = append(days, o.Start.Format("01-02"))
				}
			}
			if diff := cmp.Diff(tt.days, days); diff != "" {
				t.Error(diff)
			}
			if got := strings.Join(it.Notes, " "); (tt.note == "") != (got == "") || !strings.Contains(got, tt.note) {
				t.Errorf("notes %q, want %q", got, tt.note)
			}
		})
	}
}

// The last days of months, which the two count differently.
func TestMonthEnds(t *testing.T) {
	for _, tt := range []struct {
		start, rule string
		want        activesync.Recurrence
		notes       int
	}{
		{"20270131", "FREQ=MONTHLY;BYMONTHDAY=-1", activesync.Recurrence{Type: 3, WeekOfMonth: 5, DayOfWeek: 127}, 0},
		{"20270131", "FREQ=MONTHLY;BYMONTHDAY=31", activesync.Recurrence{Type: 2, DayOfMonth: 31}, 1},
		{"20270130", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", activesync.Recurrence{Type: 2, DayOfMonth: 30}, 0},
		{"20240229", "FREQ=YEARLY", activesync.Recurrence{Type: 5, DayOfMonth: 29, MonthOfYear: 2}, 1},
		{"20240229", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", activesync.Recurrence{Type: 6, WeekOfMonth: 5, DayOfWeek: 127, MonthOfYear: 2}, 0},
		{"20261031", "FREQ=YEARLY", activesync.Recurrence{Type: 5, DayOfMonth: 31, MonthOfYear: 10}, 0},
		{"20261030", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", activesync.Recurrence{Type: 3, WeekOfMonth: 5, DayOfWeek: 62}, 0},
	} {
		it := readOne(t, eventOf("DTSTART;VALUE=DATE:"+tt.start, "RRULE:"+tt.rule))
		tt.want.Set, tt.want.Interval = true, 1
		if diff := cmp.Diff(tt.want, it.Event.Recurrence); diff != "" || len(it.Notes) != tt.notes {
			t.Errorf("%s: %s, notes %q", tt.rule, diff, it.Notes)
		}
	}
}

func TestChangedOccurrences(t *testing.T) {
	f, err := ReadICS(calendarOf(
		"BEGIN:VEVENT", "UID:u", "RECURRENCE-ID;TZID=Europe/Berlin:20261127T100000", "DTSTART;TZID=Europe/Berlin:20261128T120000", "DTEND;TZID=Europe/Berlin:20261128T140000", "SUMMARY:Later", "END:VEVENT",
		"BEGIN:VEVENT", "UID:u", "DTSTART;TZID=Europe/Berlin:20261120T100000", "DTEND;TZID=Europe/Berlin:20261120T110000", "RRULE:FREQ=WEEKLY;COUNT=6", "SUMMARY:Weekly", "LOCATION:Room 4",
		"EXDATE;TZID=Europe/Berlin:20261204T100000,20261204T100000", "EXDATE;VALUE=DATE:20261225", "BEGIN:VALARM", "TRIGGER:-PT5M", "END:VALARM", "END:VEVENT",
		"BEGIN:VEVENT", "UID:u", "RECURRENCE-ID:20261211T090000Z", "DTSTART:20261211T090000Z", "DTEND:20261211T100000Z", "STATUS:CANCELLED", "SUMMARY:Weekly", "LOCATION:Room 4", "END:VEVENT",
		"BEGIN:VEVENT", "UID:alone", "RECURRENCE-ID:20261211T090000Z", "DTSTART:20261211T093000Z", "SUMMARY:Alone", "END:VEVENT",
	), time.UTC)
	if err != nil || len(f.Items) != 2 {
		t.Fatal(err, f)
	}
	want := []activesync.Exception{
		{Start: at(t, time.UTC, "2026-11-27 09:00"), NewStart: ptr(at(t, time.UTC, "2026-11-28 11:00")), NewEnd: ptr(at(t, time.UTC, "2026-11-28 13:00")),
			Subject: ptr("Later"), Location: ptr(""), Reminder: ptr(-1)},
		{Start: at(t, time.UTC, "2026-12-04 09:00"), Deleted: true},
		{Start: at(t, time.UTC, "2026-12-11 09:00"), Deleted: true},
		{Start: at(t, time.UTC, "2026-12-25 09:00"), Deleted: true},
	}
	if diff := cmp.Diff(want, f.Items[0].Event.Exceptions); diff != "" {
		t.Error(diff)
	}
	alone := f.Items[1]
	if alone.Event.UID != "alone" || !alone.RecurrenceID.Equal(at(t, time.UTC, "2026-12-11 09:00")) || alone.Event.Recurrence.Set {
		t.Errorf("got %+v", alone)
	}
}

// A series made before a place changed its clocks for good keeps the hour.
func TestRuleOfTheFuture(t *testing.T) {
	ny := place(t, "America/New_York")
	it := readOne(t, eventOf("DTSTART;TZID=America/New_York:20050103T090000", "DTEND;TZID=America/New_York:20050103T100000", "RRULE:FREQ=WEEKLY;BYDAY=MO"))
	for _, o := range Expand([]activesync.Event{it.Event}, at(t, ny, "2026-03-01"), at(t, ny, "2026-04-30"), ny) {
		if o.Start.Format("15:04") != "09:00" {
			t.Errorf("at %v", o.Start)
		}
	}
	spring := readOne(t, eventOf("DTSTART;TZID=America/New_York:20050321T090000", "RRULE:FREQ=WEEKLY;BYDAY=MO"))
	if first := Expand([]activesync.Event{spring.Event}, at(t, ny, "2005-03-01"), at(t, ny, "2005-04-15"), ny); len(first) != 4 || first[3].Start.Format("15:04") != "09:00" {
		t.Errorf("got %+v", first)
	}
}

func TestAlarms(t *testing.T) {
	for trigger, want := range map[string]*int{
		"TRIGGER:-PT15M": ptr(15), "TRIGGER:-P1D": ptr(1440), "TRIGGER;RELATED=END:-PT1H15M": ptr(15), "TRIGGER:PT0S": ptr(0), "TRIGGER:PT5M": nil,
		"TRIGGER;VALUE=DATE-TIME:20260908T093000Z": ptr(30), "TRIGGER;VALUE=DATE-TIME:19760401T005545Z": nil, "TRIGGER:soon": nil, "ACTION:NONE\r\nTRIGGER:-PT15M": nil, "X:1": nil,
	} {
		it := readOne(t, eventOf("DTSTART:20260908T100000Z", "DTEND:20260908T110000Z", "BEGIN:VALARM", trigger, "END:VALARM"))
		if diff := cmp.Diff(want, it.Event.Reminder); diff != "" {
			t.Errorf("%s: %s", trigger, diff)
		}
	}
}

func TestOldAndBrokenFiles(t *testing.T) {
	old := readOne(t, []byte("BEGIN:VCALENDAR\nVERSION:1.0\nTZ:+02\nBEGIN:VEVENT\nSUMMARY;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:B=FC=\nro=0D=0Aab\nDTSTART:20260908T100000\nDTEND:20260908T103000\nEND:VEVENT\nEND:VCALENDAR\n"))
	if old.Event.Subject != "Büro\nab" || !old.Event.Start.Equal(at(t, time.UTC, "2026-09-08 08:00")) {
		t.Errorf("got %q at %v", old.Event.Subject, old.Event.Start)
	}
	latin := readOne(t, []byte("BEGIN:VEVENT\nSUMMARY:B\xFCro\nDTSTART:20260908\nEND:VALARM\nLOCATION:here"))
	if latin.Event.Subject != "Büro" || latin.Event.Location != "here" {
		t.Errorf("got %+v", latin.Event)
	}
	utf16 := []byte{0xFF, 0xFE}
	for _, c := range "BEGIN:VEVENT\nSUMMARY:ж\n" {
		utf16 = append(utf16, byte(c), byte(c>>8))
	}
	if it := readOne(t, utf16); it.Event.Subject != "ж" || len(it.Notes) == 0 {
		t.Errorf("got %+v", it)
	}
	split := readOne(t, []byte("BEGIN:VEVENT\r\nSUMMARY:B\xC3\r\n \xBCro\r\n\tx\r\nDTSTART:20260908\r\nEND:VEVENT\r\n"))
	if split.Event.Subject != "Bürox" {
		t.Errorf("a character cut by a fold reads %q", split.Event.Subject)
	}
	for _, s := range []string{"", "hello", "BEGIN:VCARD\nEND:VCARD", "<html>"} {
		if f, err := ReadICS([]byte(s), nil); !errors.Is(err, ErrNotICS) || f != nil {
			t.Errorf("%q: %v, %v", s, f, err)
		}
	}
}

// drawEvent makes an event with all that a file can carry.
func drawEvent(t *rapid.T) activesync.Event {
	name := rapid.SampledFrom(testZones).Draw(t, "zone")
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	text := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[a-zäß漢😀,;:"\\^]{1,60}( [A-Z,;]{1,20}){0,6}`), rapid.Just("one\ntwo\n\nthree"))
	word := rapid.StringMatching(`[A-Za-zäß漢,;:"^' ]{0,15}[A-Za-zü]`)
	first := time.Date(2024, 1, 1+rapid.IntRange(0, 900).Draw(t, "day"), rapid.IntRange(4, 22).Draw(t, "hour"), rapid.SampledFrom([]int{0, 15, 30}).Draw(t, "minute"), 0, 0, loc)
	e := activesync.Event{
		UID: rapid.StringMatching(`[a-z0-9@-]{1,80}`).Draw(t, "uid"), Subject: text.Draw(t, "subject"), Location: text.Draw(t, "location"),
		Start: first.UTC(), End: first.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "length")) * 15 * time.Minute).UTC(), TimeZone: EncodeTimeZone(loc, 2026),
		BusyStatus: uint8(rapid.IntRange(0, 4).Draw(t, "busy")), Sensitivity: uint8(rapid.IntRange(0, 3).Draw(t, "sensitivity")), DTStamp: first.Add(-time.Hour).UTC(),
		Categories: rapid.SliceOfN(word, 0, 3).Draw(t, "categories"), Organizer: activesync.Address{Name: word.Draw(t, "name"), Address: "o@example.test"},
	}
	if len(e.Categories) == 0 {
		e.Categories = nil
	}
	for i := range e.Categories {
		e.Categories[i] = strings.TrimSpace(e.Categories[i])
	}
	if s := text.Draw(t, "body"); s != "" {
		e.Body = activesync.Body{Type: rapid.SampledFrom([]activesync.BodyType{activesync.BodyPlain, activesync.BodyHTML}).Draw(t, "type"), Data: []byte(s), Size: int64(len(s))}
	}
	if rapid.Bool().Draw(t, "reminder") {
		e.Reminder = ptr(rapid.IntRange(0, 3000).Draw(t, "minutes"))
	}
	for range rapid.IntRange(0, 3).Draw(t, "attendees") {
		e.Attendees = append(e.Attendees, activesync.Attendee{Address: activesync.Address{Name: strings.TrimSpace(word.Draw(t, "name")), Address: "a@example.test"},
			Status: rapid.SampledFrom([]uint8{0, 2, 3, 4, 5}).Draw(t, "status"), Type: uint8(rapid.IntRange(1, 3).Draw(t, "role"))})
		e.MeetingStatus = 1
	}
	e.Organizer.Name = strings.TrimSpace(e.Organizer.Name)
	if rapid.Bool().Draw(t, "allDay") {
		e.AllDay, e.TimeZone = true, nil
		e.Start = midnight(first)
		e.End = e.Start.AddDate(0, 0, rapid.IntRange(1, 3).Draw(t, "days"))
	}
	return e
}

func TestWritingAndReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t)
		f := &File{Method: rapid.SampledFrom([]string{"", "PUBLISH"}).Draw(t, "method"), Items: []Item{{Event: e, Sequence: rapid.IntRange(0, 9).Draw(t, "seq")}}}
		data := WriteICS(f)
		for line := range strings.SplitSeq(string(data), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("line %q", line)
			}
		}
		got, err := ReadICS(data, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		f.Items[0].Event.TimeZone, got.Items[0].Event.TimeZone = nil, nil // compared by the other test
		if diff := cmp.Diff(f, got); diff != "" {
			t.Fatalf("%s\n%s", diff, data)
		}
	})
}

// A series read back takes place at the same times, exceptions included.
func TestSeriesSurviveWriting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t)
		z := time.UTC
		if zone, err := ParseTimeZone(e.TimeZone); err == nil {
			z = zone.Location()
		}
		e.Recurrence = drawRecurrence(t, e.Start.In(z))
		all := func(e activesync.Event) []activesync.Occurrence {
			return Expand([]activesync.Event{e}, e.Start.AddDate(-1, 0, 0), e.Start.AddDate(9, 0, 0), time.UTC)
		}
		plain := all(e)
		if len(plain) == 0 || !plain[0].OriginalStart.Equal(e.Start) {
			return // a start that is no day of the series
		}
		for range rapid.IntRange(0, 3).Draw(t, "exceptions") {
			o := plain[rapid.IntRange(0, len(plain)-1).Draw(t, "which")]
			x := activesync.Exception{Start: o.OriginalStart, Deleted: rapid.Bool().Draw(t, "deleted")}
			if !x.Deleted {
				x.NewStart = ptr(o.Start.AddDate(0, 0, rapid.IntRange(-3, 3).Draw(t, "shift")).UTC())
				x.NewEnd = ptr(x.NewStart.Add(max(o.End.Sub(o.Start), 0)))
				x.Subject = ptr("Other")
			}
			e.Exceptions = append(e.Exceptions, x)
		}
		data := WriteICS(&File{Items: []Item{{Event: e}}})
		f, err := ReadICS(data, time.UTC)
		if err != nil || len(f.Items) != 1 || len(f.Items[0].Notes) > 0 {
			t.Fatalf("%v, %+v\n%s", err, f, data)
		}
		if diff := cmp.Diff(all(e), all(f.Items[0].Event)); diff != "" {
			t.Fatalf("%s\n%s", diff, data)
		}
	})
}

// A zone that nobody else has is written out.
func TestZoneOfItsOwn(t *testing.T) {
	c := clock{standard: -(3*3600 + 20*60), daylight: -3 * 3600, toDaylight: change{2, 2, time.Tuesday, 3600}, toStandard: change{9, 5, time.Friday, 86400}}
	names := []string{"", "Base", "Europe/Berlin", "Base"}
	var f File
	for i, name := range names {
		cc := c
		cc.standard -= i * 300
		f.Items = append(f.Items, Item{Event: activesync.Event{UID: name + "x", Start: at(t, time.UTC, "2026-03-01 12:00"), End: at(t, time.UTC, "2026-03-01 13:00"), TimeZone: cc.encode(name, "")}})
	}
	got, err := ReadICS(WriteICS(&f), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Items {
		was, err1 := ParseTimeZone(f.Items[i].Event.TimeZone)
		now, err2 := ParseTimeZone(got.Items[i].Event.TimeZone)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		was.clock.toStandard.at-- // 24:00 is 23:59:59 in a file
		if was.clock != now.clock || !got.Items[i].Event.Start.Equal(f.Items[i].Event.Start) {
			t.Errorf("%d: %+v became %+v", i, was.clock, now.clock)
		}
	}
}

func corpus(t testing.TB, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", kind, "*."+kind))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the corpus of real files is not present")
	}
	return files
}

// Every real calendar can be read, its series expanded, and what was read
// written and read again without change.
func TestCorpus(t *testing.T) {
	berlin := place(t, "Europe/Berlin")
	events, notes := 0, 0
	for _, name := range corpus(t, "ics") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ReadICS(data, berlin)
		if err != nil {
			if upper := bytes.ToUpper(data); bytes.Contains(upper, []byte("BEGIN:VEVENT")) || bytes.Contains(upper, []byte("BEGIN:VCALENDAR")) {
				t.Errorf("%s: %v", filepath.Base(name), err)
			}
			continue
		}
		got, err := ReadICS(WriteICS(f), berlin)
		if err != nil || len(got.Items) != len(f.Items) {
			t.Errorf("%s: %d events become %d: %v", filepath.Base(name), len(f.Items), len(got.Items), err)
			continue
		}
		for i := range f.Items {
			events++
			notes += len(f.Items[i].Notes)
			for _, n := range f.Items[i].Notes {
				if testing.Verbose() {
					t.Logf("%s: %s", filepath.Base(name), n)
				}
			}
			f.Items[i].Event.Subject = strings.ReplaceAll(f.Items[i].Event.Subject, "\x7f", "") // not written
			a, b := f.Items[i].Event, got.Items[i].Event
			window := func(e activesync.Event) []activesync.Occurrence {
				return Expand([]activesync.Event{e}, a.Start.AddDate(-1, 0, 0), a.Start.AddDate(3, 0, 0), berlin)
			}
			if diff := cmp.Diff(window(a), window(b)); diff != "" {
				t.Errorf("%s, event %d: %s", filepath.Base(name), i, diff)
			}
			a.TimeZone, b.TimeZone = nil, nil
			a.Recurrence, b.Recurrence, a.Exceptions, b.Exceptions = activesync.Recurrence{}, activesync.Recurrence{}, nil, nil
			b.MeetingStatus |= a.MeetingStatus & 2 // METHOD of a later calendar in the file
			if a.DTStamp.IsZero() {
				b.DTStamp = time.Time{}
			}
			if diff := cmp.Diff(a, b); diff != "" {
				t.Errorf("%s, event %d: %s", filepath.Base(name), i, diff)
			}
		}
	}
	t.Logf("%d events, %d notes", events, notes)
}

func FuzzReadICS(f *testing.F) {
	f.Add(eventOf("DTSTART;TZID=Europe/Berlin:20261120T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270101", "EXDATE:20261201", `ATTENDEE;CN="a,b":mailto:x@y`))
	f.Add(calendarOf("BEGIN:VTIMEZONE", "TZID:x", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE",
		"BEGIN:VEVENT", "UID:1", "DTSTART;TZID=x:20260101T000000", "RRULE:FREQ=DAILY", "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260102T000000", "DTSTART:20260102", "END:VEVENT"))
	f.Add([]byte("BEGIN:VEVENT\nSUMMARY;ENCODING=QUOTED-PRINTABLE:a=\n=C3=BC"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ReadICS(data, time.UTC)
		if err != nil {
			if file != nil {
				t.Fatal("an error and a file")
			}
			return
		}
		for _, it := range file.Items {
			from := it.Event.Start.AddDate(1, 0, 0)
			Expand([]activesync.Event{it.Event}, from, from.AddDate(0, 1, 0), time.UTC)
		}
		out := WriteICS(file)
		again, err := ReadICS(out, time.UTC)
		if err != nil || len(again.Items) != len(file.Items) {
			t.Fatalf("%d events become %v, %v\n%s", len(file.Items), again, err, out)
		}
	})
}

// Neither many exceptions, nor the name of a zone, nor its rules hold the reader
// up: each of these took minutes.
func TestNoCalendarHoldsTheReaderUp(t *testing.T) {
	const days = 20_000
	master := "BEGIN:VEVENT\nUID:a\nDTSTART:20260101T100000Z\nRRULE:FREQ=DAILY\n"
	var dates, changed, zones strings.Builder
	for i := range days {
		date := time.Date(2026, 1, 1+i, 10, 0, 0, 0, time.UTC).Format("20060102T150405Z")
		fmt.Fprintf(&dates, ",%s,%[1]s", date)
		fmt.Fprintf(&changed, "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:%s\nSUMMARY:x\nEND:VEVENT\n", date)
	}
	for i := range 2000 {
		fmt.Fprintf(&zones, "BEGIN:VTIMEZONE\nTZID:z%d\n", i)
		for j := range 5 {
			fmt.Fprintf(&zones, "BEGIN:STANDARD\nDTSTART:19700101T00%02d00\nTZOFFSETFROM:+0000\nTZOFFSETTO:+01%02d\nRRULE:FREQ=MONTHLY\nEND:STANDARD\n", j, j)
		}
		fmt.Fprintf(&zones, "END:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=z%d:20260101T100000\nEND:VEVENT\n", i)
	}
	for name, c := range map[string]struct {
		body              string
		items, exceptions int
	}{
		"dates left out":                {master + "EXDATE:" + dates.String() + "\nEND:VEVENT\n", 1, maxExceptions},
		"changed occurrences":           {master + "END:VEVENT\n" + changed.String(), 1, maxExceptions},
		"the name of a zone":            {"BEGIN:VEVENT\nDTSTART;TZID=" + strings.Repeat("a/", 200_000) + ":20260101T100000\nEND:VEVENT\n", 1, 0},
		"clocks that change each month": {zones.String(), 2000, 0},
	} {
		f, err := ReadICS([]byte("BEGIN:VCALENDAR\n"+c.body+"END:VCALENDAR\n"), time.UTC)
		if err != nil || len(f.Items) != c.items || len(f.Items[0].Event.Exceptions) != c.exceptions {
			t.Errorf("%s: %v", name, err)
		}
	}
}
