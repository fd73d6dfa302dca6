package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"pgregory.net/rapid"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
)

func fullAgenda(zone string) *bookBackend {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	kolkata, _ := time.LoadLocation("Asia/Kolkata")
	b := newBook(loc)
	tz := calendar.EncodeTimeZone(loc, 2026)
	fifteen := 15
	b.event("2026-11-19 09:30", 45, activesync.Event{Subject: "Budget, first table", Location: "Room 4"})
	b.event("2026-11-24 16:00", 60, activesync.Event{Subject: "Harbour Office: survey", Location: "Quay 7"})
	b.event("2026-09-01 09:00", 15, activesync.Event{Subject: "Stand-up", TimeZone: tz, Recurrence: activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: 62, Until: time.Date(2027, 3, 3, 8, 0, 0, 0, time.UTC)}})
	b.event("2026-11-25 13:30", 60, activesync.Event{Subject: "Tender: questions of the bidders", Location: "Room 4, second floor", Reminder: &fifteen,
		MeetingStatus: 3, ResponseType: 3, Organizer: activesync.Address{Name: "Ana Souza", Address: "ana@example.test"}, TimeZone: calendar.EncodeTimeZone(kolkata, 2026), OnlineMeeting: "https://meet.example.test/j/4711",
		Attendees: []activesync.Attendee{{Address: activesync.Address{Name: "Alice", Address: "a@example.test"}, Status: 3, Type: 1}, {Address: activesync.Address{Name: "Ben Okoro", Address: "ben@example.test"}, Status: 2, Type: 1}, {Address: activesync.Address{Name: "Clara Díaz", Address: "clara@example.test"}, Status: 4, Type: 2}, {Address: activesync.Address{Name: "Room 4"}, Status: 0, Type: 3}},
		Body:      activesync.Body{Type: activesync.BodyHTML, Data: []byte("<p>Dear all,</p><p>please bring the <b>answers to lots 2 and 3</b>.</p><ul><li>Lot 2: cranes</li><li>Lot 3: lights</li></ul>")}})
	b.event("2026-11-25 15:00", 60, activesync.Event{Subject: "Call with the auditors", BusyStatus: 1, ResponseType: 5, MeetingStatus: 3})
	b.event("2026-11-25 22:00", 240, activesync.Event{Subject: "Server move", Location: "Data centre", BusyStatus: 3})
	b.days("2026-11-25", 1, activesync.Event{Subject: "Clara's birthday", BusyStatus: 0, Recurrence: activesync.Recurrence{Set: true, Type: 5, DayOfMonth: 25, MonthOfYear: 11}})
	b.days("2026-11-24", 3, activesync.Event{Subject: "Trade fair", Location: "Hall B"})
	b.event("2026-11-26 10:00", 60, activesync.Event{Subject: "Canceled: Board", MeetingStatus: 7, Location: "Room 1"})
	b.event("2026-11-30 11:00", 30, activesync.Event{Subject: "Dentist", Location: "Dr. Weiß, Lange Straße 12, 20457 Hamburg"})
	b.event("2026-12-08 14:00", 120, activesync.Event{Subject: "Steering committee", Recurrence: activesync.Recurrence{Set: true, Type: 3, Interval: 1, DayOfWeek: 4, WeekOfMonth: 2}, TimeZone: tz})
	b.days("2026-12-24", 3, activesync.Event{Subject: "Office closed"})
	return b
}

func TestAgendaOfOneColumn(t *testing.T) {
	onStage(t, fullAgenda("Europe/Berlin"), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3")
		s.sound(80, 24)
		want := []string{
			"─ Calendar  November 2026, week 48 ─────────────────────────────────────────────",
			" Today, Wednesday 25 November                                                   ",
			"  all day      Trade fair  day 2 of 3                Hall B                     ",
			"  all day      Clara's birthday                                               ↻ ",
			"  09:00–09:15  Stand-up                                                       ↻ ",
			"▌ 13:30–14:30  Tender: questions of the bidders      Room 4, second floor       ",
			"  14:02 now ─────────────────────────────────────────────────────────────────── ",
			"  15:00–16:00  Call with the auditors  not answered, tentative                  ",
			"  from 22:00   Server move  day 1 of 2, out of office  Data centre              ",
			" Tomorrow, Thursday 26 November                                                 ",
			"  all day      Trade fair  day 3 of 3                Hall B                     ",
			"  until 02:00  Server move  day 2 of 2, out of office  Data centre              ",
			"  09:00–09:15  Stand-up                                                       ↻ ",
			"  10:00–11:00  Canceled: Board  cancelled            Room 1                     ",
			" Friday 27 November                                                             ",
		}
		if got := s.lines()[1 : len(want)+1]; !sameCells(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// sameCells compares lines without regard to how many blanks stand between words.
func sameCells(a, b []string) bool {
	return slices.EqualFunc(a, b, func(x, y string) bool {
		return strings.Join(strings.Fields(x), " ") == strings.Join(strings.Fields(y), " ")
	})
}

// Places stand below each other, of a series too, which has a sign after its place.
func TestPlacesOfTheAgendaAreAColumn(t *testing.T) {
	b := newBook(time.UTC)
	b.event("2026-11-25 09:00", 15, activesync.Event{Subject: "Round", Location: "Tower", Recurrence: activesync.Recurrence{Set: true, Interval: 1, Occurrences: 2}})
	b.event("2026-11-25 10:00", 15, activesync.Event{Subject: "Drawings", Location: "Room 9"})
	for width := 80; width < 84; width++ {
		onStage(t, b, "2026-11-25 08:00", width, 24, Deps{}, func(s *stage) {
			s.press("3")
			series, _ := s.find("Tower")
			if once, _ := s.find("Room 9"); once != series {
				t.Errorf("the place of a series stands in column %d, that of an event in %d:\n%s", series, once, s)
			}
		})
	}
}

func TestAgendaOnAWideScreen(t *testing.T) {
	onStage(t, fullAgenda("Europe/Berlin"), "2026-11-25 14:02", 200, 50, Deps{}, func(s *stage) {
		s.press("3")
		s.sound(200, 50)
		s.wantLine("─ Calendar  November 2026, week 48 ", "┬─ Tender: questions of the bidders ")
		s.wantLine("▌ 13:30–14:30  Tender")
		s.wantLine("│ When         Today, Wednesday 25 November, 13:30–14:30 CET")
		for _, w := range [][]string{
			{"│              18:00–19:00 in Asia/Calcutta"},
			{"│ Where        Room 4, second floor"},
			{"│ Online       https://meet.example.test/j/4711"},
			{"│ Organiser    Ana Souza <ana@example.test>"},
			{"│ Your answer  accepted"},
			{"│ Reminder     15 minutes before"},
			{"│ 4 people are invited"},
			{"│ ✓ Alice <a@example.test>  accepted"},
			{"│ ? Ben Okoro <ben@example.test>  tentative"},
			{"│ x Clara Díaz <clara@example.test>  declined, optional"},
			{"│   Room 4  room or equipment, no answer"},
			{"│ please bring the answers to lots 2 and 3."},
			{"│ • Lot 2: cranes"},
		} {
			s.wantLine(w...)
		}
		// The card follows the cursor, over the mark of the present time.
		s.press("j")
		s.wantLine("▌ 15:00–16:00", "Call with the auditors")
		s.wantLine("│ Your answer  none yet")
		s.wantLine("│ Shown as     tentative")
		s.press("j", "k", "k")
		s.wantLine("▌ 13:30–14:30")
		s.sound(200, 50)
	})
}

func TestCardOfASeries(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	b := newBook(berlin)
	late, text, none := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC), activesync.Body{Type: activesync.BodyPlain, Data: []byte("Only this time in the cellar.")}, -1
	subject := "Review, moved"
	day, guests := 24*60, []activesync.Attendee{{Address: activesync.Address{Address: "guest@example.test"}}}
	b.event("2026-11-17 09:00", 60, activesync.Event{Subject: "Review", TimeZone: calendar.EncodeTimeZone(berlin, 2026), Reminder: &day, Organizer: activesync.Address{Address: "A@example.test"}, Sensitivity: 2,
		Body:       activesync.Body{Type: activesync.BodyPlain, Data: []byte("The usual."), Truncated: true},
		Recurrence: activesync.Recurrence{Set: true, Type: 1, Interval: 2, DayOfWeek: 4, Until: time.Date(2027, 3, 3, 0, 0, 0, 0, time.UTC)},
		Exceptions: []activesync.Exception{{Start: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC), NewStart: &late, Subject: &subject, Body: &text, Reminder: &none, Attendees: &guests}}})
	onStage(t, b, "2026-11-17 08:30", 80, 24, Deps{}, func(s *stage) {
		s.press("3", "enter")
		s.want("Today, Tuesday 17 November, 09:00–10:00", "↻ every 2 weeks on Tuesday until 3 March 2027", "1 day before", "private", "The usual.", "The rest of the text is on the server only.")
		s.wantLine("Organiser", "you")
		s.lacks("CET", "changed", "guest@")
		s.press("J")
		s.want("Review, moved", "Tuesday 1 December, 11:00–12:00", "this one was", "Only this time in the cellar.", "guest@example.test  no answer")
		s.lacks("The usual.", "Reminder")
	})
}

func TestMouseInTheCalendar(t *testing.T) {
	var opened []string
	d := Deps{Open: func(url string) error { opened = append(opened, url); return nil }}
	onStage(t, fullAgenda("Europe/Berlin"), "2026-11-25 14:02", 80, 24, d, func(s *stage) {
		s.press("3")
		s.click("Dentist")
		s.wantLine("▌ 11:00–11:30  Dentist")
		s.click("Dentist")
		s.want("Calendar › Dentist")
		s.press("esc")
		time.Sleep(time.Second)
		s.click("Tender")
		s.click("Tender")
		s.want("Calendar › Tender")
		s.click("https://meet.example.test")
		s.press("L", "enter")
		if want := []string{"https://meet.example.test/j/4711", "https://meet.example.test/j/4711"}; !slices.Equal(opened, want) {
			t.Errorf("opened %q", opened)
		}
	})
	onStage(t, fullAgenda("Europe/Berlin"), "2026-11-25 14:02", 200, 50, Deps{}, func(s *stage) {
		s.press("3")
		s.click("Canceled: Board")
		s.wantLine("▌ 10:00–11:00", "Canceled: Board")
		s.wantLine("▲ This event was cancelled.")
		s.send(tea.MouseMsg{X: 5, Y: 10, Action: tea.MouseActionPress, Button: tea.MouseButtonWheelDown})
		s.sound(200, 50)
		s.click("now ─")
		s.want("No event is selected.")
	})
}

func TestCalendarsOfSeveralAccounts(t *testing.T) {
	b := newBook(time.UTC)
	b.event("2026-11-25 15:00", 30, activesync.Event{Subject: "Mine"})
	b.account("b", "Verein", 11)
	e := b.events["a"][0]
	e.ID, e.Subject, e.Folder = 7000, "Theirs", 14
	e.Start, e.End = e.Start.Add(-10*time.Minute), e.End.Add(-10*time.Minute)
	b.events["b"] = []activesync.Event{e}
	b.folders = append(b.folders, activesync.Folder{ID: 14, Account: "b", Name: "Matches", Type: activesync.FolderUserCalendar, Class: activesync.ClassCalendar})
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3")
		s.wantLine("▌ 14:50–15:20  Theirs", "Verein")
		s.wantLine("  15:00–15:30  Mine", "Alice")
		s.press("enter")
		s.wantLine("Calendar", "Matches (Verein)")
	})
	onStage(t, b, "2026-11-25 14:02", 100, 30, Deps{}, func(s *stage) {
		s.press("3")
		s.wantLine("▌ 14:50–15:20  Theirs")
		s.wantLine("▌              Verein")
		s.sound(100, 30)
	})
}

func TestSmallAndOddSizes(t *testing.T) {
	for _, size := range [][2]int{{40, 10}, {89, 24}, {90, 24}, {120, 40}, {30, 9}, {20, 5}, {10, 3}, {5, 2}, {1, 1}} {
		onStage(t, fullAgenda("Europe/Berlin"), "2026-11-25 14:02", size[0], size[1], Deps{Settings: Settings{Symbols: "ascii", Theme: "plain"}}, func(s *stage) {
			s.press("3")
			for _, k := range []string{"", "j", "J", "enter", "j", "G", "t", "G", "esc"} {
				if k != "" {
					s.press(k)
				}
				s.sound(size[0], size[1])
			}
		})
		onStage(t, fullBook(), "2026-11-25 14:02", size[0], size[1], Deps{Settings: Settings{Symbols: "ascii", Theme: "plain"}}, func(s *stage) {
			s.press("2")
			for _, k := range []string{"", "j", "enter", "j", "G", "esc", "/", "z", "esc", "esc"} {
				if k != "" {
					s.press(k)
				}
				s.sound(size[0], size[1])
			}
		})
	}
}

// The size may change at any time, and so may the theme.
func TestResizingOverAnOpenCard(t *testing.T) {
	onStage(t, fullAgenda("Europe/Berlin"), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		for _, screen := range []string{"3", "2"} {
			s.press(screen, "enter")
			for _, size := range [][2]int{{200, 50}, {100, 30}, {40, 10}, {80, 24}} {
				s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				s.sound(size[0], size[1])
			}
			dark := s.app.View()
			s.app.settings.Theme = "light"
			pump(s.app.redress(), s.msgs)
			s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
			if s.app.View() == dark {
				t.Error("the theme did not change")
			}
			s.app.settings.Theme = "dark"
			pump(s.app.redress(), s.msgs)
		}
	})
}

func TestRepeatWords(t *testing.T) {
	start := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC) // a Tuesday
	for _, c := range []struct {
		r     activesync.Recurrence
		until string
		want  string
	}{
		{activesync.Recurrence{}, "", "every day"},
		{activesync.Recurrence{Interval: 3, Occurrences: 5}, "", "every 3 days, 5 times"},
		{activesync.Recurrence{DayOfWeek: 62}, "", "every day, only on weekdays"},
		{activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 4}, "2026-12-31", "every week on Tuesday until 31 December"},
		{activesync.Recurrence{Type: 1}, "2027-03-03", "every week on Tuesday until 3 March 2027"},
		{activesync.Recurrence{Type: 1, Interval: 2, DayOfWeek: 1 | 8, FirstDayOfWeek: 1}, "", "every 2 weeks on Wednesday and Sunday"},
		{activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 1 | 8 | 16}, "", "every week on Sunday, Wednesday and Thursday"},
		{activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 62}, "", "every weekday"},
		{activesync.Recurrence{Type: 1, Interval: 1, DayOfWeek: 127}, "", "every day"},
		{activesync.Recurrence{Type: 1, Interval: 3, DayOfWeek: 65}, "", "every 3 weeks on weekends"},
		{activesync.Recurrence{Type: 2, Interval: 1, DayOfMonth: 1}, "", "every month on the 1st"},
		{activesync.Recurrence{Type: 2, Interval: 3, DayOfMonth: 31}, "", "every 3 months on the 31st, or the last day"},
		{activesync.Recurrence{Type: 2, DayOfMonth: 12}, "", "every month on the 12th"},
		{activesync.Recurrence{Type: 2}, "", "every month on the 24th"},
		{activesync.Recurrence{Type: 3, DayOfWeek: 4, WeekOfMonth: 2}, "", "every month on the second Tuesday"},
		{activesync.Recurrence{Type: 3, DayOfWeek: 127, WeekOfMonth: 5}, "", "every month on the last day"},
		{activesync.Recurrence{Type: 3, DayOfWeek: 62, WeekOfMonth: 1}, "", "every month on the first weekday"},
		{activesync.Recurrence{Type: 3}, "", "every month on the fourth Tuesday"},
		{activesync.Recurrence{Type: 5, DayOfMonth: 29, MonthOfYear: 2}, "", "every year on 29 February"},
		{activesync.Recurrence{Type: 6, DayOfWeek: 2, WeekOfMonth: 5, MonthOfYear: 5, Interval: 2}, "", "every 2 years on the last Monday of May"},
		{activesync.Recurrence{Type: 9}, "", "in a way that is not known here"},
		{activesync.Recurrence{Interval: 1, Occurrences: 1}, "", "every day, once"},
	} {
		var until time.Time
		if c.until != "" {
			until, _ = time.Parse("2006-01-02", c.until)
		}
		c.r.Set = true
		if got := repeatWords(c.r, start, until, 2026); got != c.want {
			t.Errorf("%+v is %q, want %q", c.r, got, c.want)
		}
	}
}

// Whatever an event holds, the screen keeps its shape and no control character
// but those of our own sequences reaches the terminal.
func TestNoEventBreaksTheScreen(t *testing.T) {
	zones := []*time.Location{time.UTC, time.FixedZone("far", 14*3600), time.FixedZone("west", -11*3600)}
	rapid.Check(t, func(t *rapid.T) {
		text, byte8 := wildText(), rapid.Uint8()
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		a := New(Deps{Backend: newBook(loc), Location: loc, Getenv: func(string) string { return "" }})
		defer a.Close()
		a.screen = calendarScreen
		now := time.Now()
		start := now.Add(time.Duration(rapid.IntRange(-5*1440, 5*1440).Draw(t, "start")) * time.Minute)
		minutes := rapid.IntRange(-100, 9*1440).Draw(t, "length")
		reminder := rapid.IntRange(-2, 1<<20).Draw(t, "reminder")
		e := activesync.Event{ID: 1, Folder: 3, Subject: text.Draw(t, "subject"), Location: text.Draw(t, "location"), Start: start, End: start.Add(time.Duration(minutes) * time.Minute),
			AllDay: rapid.Bool().Draw(t, "all day"), BusyStatus: byte8.Draw(t, "busy"), ResponseType: byte8.Draw(t, "response"), MeetingStatus: byte8.Draw(t, "status"), Sensitivity: byte8.Draw(t, "sensitivity"),
			TimeZone: []byte(text.Draw(t, "tz")), Reminder: &reminder, OnlineMeeting: text.Draw(t, "online"), Categories: []string{text.Draw(t, "category")},
			Organizer: activesync.Address{Name: text.Draw(t, "organizer"), Address: text.Draw(t, "address")},
			Attendees: []activesync.Attendee{{Address: activesync.Address{Name: text.Draw(t, "guest"), Address: text.Draw(t, "guest address")}, Status: byte8.Draw(t, "answer"), Type: byte8.Draw(t, "type")}},
			Body:      activesync.Body{Type: activesync.BodyType(rapid.IntRange(0, 4).Draw(t, "body type")), Data: []byte(text.Draw(t, "body"))},
			Recurrence: activesync.Recurrence{Set: rapid.Bool().Draw(t, "series"), Type: byte8.Draw(t, "kind") % 8, Interval: rapid.IntRange(-1, 3).Draw(t, "interval"), DayOfWeek: rapid.IntRange(-1, 300).Draw(t, "days"),
				WeekOfMonth: rapid.IntRange(-1, 9).Draw(t, "week"), DayOfMonth: rapid.IntRange(-1, 40).Draw(t, "day"), MonthOfYear: rapid.IntRange(-1, 14).Draw(t, "month"), FirstDayOfWeek: rapid.IntRange(-9, 9).Draw(t, "first")}}
		w, h := rapid.SampledFrom([]int{1, 12, 40, 80, 100, 200}).Draw(t, "w"), rapid.SampledFrom([]int{1, 5, 10, 24, 50}).Draw(t, "h")
		a.Update(tea.WindowSizeMsg{Width: w, Height: h})
		days := span{dayOf(now, loc) - 14, dayOf(now, loc) + 60}
		var all []planned
		for _, o := range calendar.Expand([]activesync.Event{e}, dateOf(days.from), dateOf(days.to), loc) {
			all = append(all, plan(o, "a", loc))
		}
		g := &a.agenda
		g.from, g.to = days.from, days.to
		g.got(a, days, all, nil)
		for i := range min(g.list.Len(), 5) {
			g.list.To(i)
			r, _ := g.list.Current()
			g.card.clear()
			g.card.occ, g.card.event, g.card.have = r.occ, e, !r.now
			for _, onCard := range []bool{false, !r.now} {
				g.onCard, g.stale = onCard, true
				a.arrange()
				a.frame = ""
				if err := soundScreen(a.View(), w, h); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// The end of a series is its last start, or only a date as midnight UTC.
func TestEndOfASeries(t *testing.T) {
	york, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time { x, _ := time.ParseInLocation("2006-01-02 15:04", s, york); return x.UTC() }
	for _, c := range []struct {
		start  string
		allDay bool
		until  time.Time
		want   string
	}{
		{"2026-12-01 09:00", false, time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), "every day until 31 December"},
		{"2026-12-01 09:00", false, at("2026-12-30 09:00"), "every day until 30 December"},
		{"2026-12-01 19:00", false, at("2026-12-30 19:00"), "every day until 30 December"}, // which is midnight UTC
		{"2026-12-01 00:00", true, time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), "every day until 31 December"},
	} {
		e := activesync.Event{Start: at(c.start), AllDay: c.allDay, TimeZone: calendar.EncodeTimeZone(york, 2026), Recurrence: activesync.Recurrence{Set: true, Until: c.until}}
		k := look{loc: york, now: at("2026-11-25 12:00")}
		if got := k.repeat(e); got != c.want {
			t.Errorf("from %s to %v is %q, want %q", c.start, c.until, got, c.want)
		}
	}
}
