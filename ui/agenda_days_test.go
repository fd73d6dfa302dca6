package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
)

func TestNowMovesOn(t *testing.T) {
	b := newBook(time.UTC)
	b.event("2026-11-25 14:30", 30, activesync.Event{Subject: "Review"})
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3")
		s.wantLine("▌ 14:30–15:00  Review")
		_, now := s.find("14:02 now")
		if _, y := s.find("Review"); y != now+1 {
			t.Errorf("what comes is in line %d, now in %d", y, now)
		}
		time.Sleep(29 * time.Minute)
		s.settle()
		_, now = s.find("14:31 now")
		if _, y := s.find("Review"); y != now-1 {
			t.Errorf("what goes on is in line %d, now in %d", y, now)
		}
		s.wantLine("▌ 14:30–15:00  Review")
		time.Sleep(10 * time.Hour)
		s.settle()
		s.want("Today, Thursday 26 November", "00:31 now", "Yesterday, Wednesday 25 November")
		s.press("t")
		s.wantLine("▌ 00:31 now")
	})
}

func TestDaysAndBackToToday(t *testing.T) {
	onStage(t, fullAgenda("Europe/Berlin"), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3", "J")
		s.wantLine("▌ all day      Trade fair", "day 3 of 3")
		s.press("]")
		s.wantLine("▌ 09:00–09:15  Stand-up")
		s.press("J", "j")
		s.wantLine("▌ 11:00–11:30  Dentist")
		s.press("K")
		s.wantLine("▌ 09:00–09:15  Stand-up")
		s.press("[", "[", "[")
		s.want("Yesterday, Tuesday 24 November")
		s.wantLine("▌ all day      Trade fair", "day 1 of 3")
		s.press("t")
		s.wantLine("▌ 13:30–14:30  Tender")
		if l := s.lines()[2]; !strings.Contains(l, "Today, Wednesday 25 November") {
			t.Errorf("the first row is %q", l)
		}
		// On the card of an event too.
		s.press("enter", "J")
		s.want("Calendar › Trade fair", "Yesterday, Tuesday 24 November – Thursday 26 November, 3 days")
		s.press("t")
		s.wantLine("▌ 13:30–14:30  Tender")
	})
}

// Where the clocks change, a series keeps its time on the wall and a day is a day.
func TestDaysOfClockChanges(t *testing.T) {
	for _, c := range []struct{ now, before, change, after string }{
		{"2026-03-28 12:00", "2026-03-28", "2026-03-29", "2026-03-30"},
		{"2026-10-24 12:00", "2026-10-24", "2026-10-25", "2026-10-26"},
	} {
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		b := newBook(berlin)
		b.event(c.before+" 09:00", 60, activesync.Event{Subject: "Market", TimeZone: calendar.EncodeTimeZone(berlin, 2026), Recurrence: activesync.Recurrence{Set: true, Occurrences: 3}})
		b.days(c.before, 3, activesync.Event{Subject: "Fair"})
		b.event(c.change+" 00:30", 4*60, activesync.Event{Subject: "Night shift"})
		b.event(c.change+" 12:00", 24*60, activesync.Event{Subject: "Watch"})
		onStage(t, b, c.now, 80, 24, Deps{}, func(s *stage) {
			s.press("3")
			s.sound(80, 24)
			got := agendaRows(s)
			d := func(day string) string { x, _ := time.Parse("2006-01-02", day); return x.Format("2") }
			end := "03:30"
			if c.change == "2026-03-29" {
				end = "05:30" // an hour is left out
			}
			want := []string{
				d(c.before) + " all day Fair day 1 of 3", d(c.before) + " 09:00–10:00 Market",
				d(c.change) + " all day Fair day 2 of 3", d(c.change) + " 00:30–" + end + " Night shift", d(c.change) + " 09:00–10:00 Market", d(c.change) + " from 12:00 Watch day 1 of 2",
				d(c.after) + " all day Fair day 3 of 3", d(c.after) + " until 12:00 Watch day 2 of 2", d(c.after) + " 09:00–10:00 Market",
			}
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// agendaRows are the events on screen with the number of their day.
func agendaRows(s *stage) (out []string) {
	g := &s.app.agenda
	for i := range g.list.Len() {
		if r, _ := g.list.At(i); !r.now {
			words := append([]string{dateOf(r.day).Format("2"), r.times(s.app.loc, "–"), r.occ.Subject}, g.words(r)...)
			out = append(out, strings.Join(words, " "))
		}
	}
	return out
}

// The date of an all-day event is the same everywhere.
func TestAllDayIsNotMovedByZones(t *testing.T) {
	for _, zone := range []string{"Pacific/Honolulu", "America/New_York", "America/Sao_Paulo", "UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Kiritimati", "Africa/Cairo"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		b := newBook(loc)
		b.days("2026-11-25", 1, activesync.Event{Subject: "Holiday"})
		b.days("2026-11-27", 2, activesync.Event{Subject: "Fair"})
		b.days("2026-11-01", 1, activesync.Event{Subject: "Yearly", Recurrence: activesync.Recurrence{Set: true, Type: 2, DayOfMonth: 1, Interval: 1, Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}})
		for _, hour := range []string{"00:01", "12:00", "23:58"} {
			onStage(t, b, "2026-11-25 "+hour, 80, 24, Deps{}, func(s *stage) {
				s.press("3")
				got, want := agendaRows(s), []string{"25 all day Holiday", "27 all day Fair day 1 of 2", "28 all day Fair day 2 of 2", "1 all day Yearly", "1 all day Yearly"}
				if !slices.Equal(got, want) {
					t.Fatalf("in %s at %s: %q", zone, hour, got)
				}
				s.press("g", "g", "enter")
				s.want("Today, Wednesday 25 November, all day")
				s.press("esc", "J", "enter")
				s.want("Friday 27 November – Saturday 28 November, 2 days")
				s.press("esc", "G", "enter")
				s.want("Friday 1 January 2027, all day", "every month on the 1st until 1 January 2027")
			})
		}
	}
	// As it comes over a socket: by the clock of UTC, or of an offset.
	west := time.FixedZone("", -8*3600)
	day := dayOf(time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), time.UTC)
	for _, start := range []time.Time{time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 25, 0, 0, 0, 0, west), time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)} {
		p := plan(activesync.Occurrence{AllDay: true, Start: start, End: start.Add(48 * time.Hour)}, "a", west)
		if p.first != day || p.last != day+1 {
			t.Errorf("%v is on days %d to %d, want %d to %d", start, p.first, p.last, day, day+1)
		}
	}
}

func TestEndAtMidnight(t *testing.T) {
	b := newBook(time.UTC)
	b.event("2026-11-25 22:00", 120, activesync.Event{Subject: "Late"})
	b.event("2026-11-26 00:00", 0, activesync.Event{Subject: "Moment"})
	b.event("2026-11-26 20:00", 52*60, activesync.Event{Subject: "Long"})
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3")
		want := []string{"25 22:00–24:00 Late", "26 00:00 Moment", "26 from 20:00 Long day 1 of 3", "27 all day Long day 2 of 3", "28 all day Long day 3 of 3"} // to the end of that day
		if got := agendaRows(s); !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		s.press("enter")
		s.want("Today, Wednesday 25 November, 22:00–24:00")
	})
}

func TestMoreDaysNearTheEnds(t *testing.T) {
	b := newBook(time.UTC)
	b.event("2024-01-03 09:00", 30, activesync.Event{Subject: "Weekly", Recurrence: activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: 1 << 3}})
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3")
		today := dayOf(time.Now(), time.UTC)
		if b.asked[0] != (span{today - 14, today + 60}) {
			t.Errorf("asked for %+v at first", b.asked[0])
		}
		last := b.asked[len(b.asked)-1]
		if last.from != today-14 {
			t.Errorf("asked for the past, %+v, before one went there", last)
		}
		for range 40 {
			s.press("J")
		}
		s.wantLine("▌ 09:00–09:30  Weekly")
		s.want("September 2027")
		// The past comes without moving what is on screen.
		s.press("t")
		for range 3 {
			s.press("K")
		}
		s.want("Wednesday 4 November")
		for range 30 {
			s.press("k")
		}
		s.want("April 2026")
		s.sound(80, 24)
		row := s.selected()
		_, y := s.find("▌")
		s.app.agenda.from -= 100
		pump(s.app.agenda.load(s.app), s.msgs)
		s.settle()
		if _, now := s.find("▌"); now != y || s.selected() != row {
			t.Errorf("the cursor was in line %d and is in %d, on %q", y, now, s.selected())
		}
		for range 200 {
			s.press("pgup")
		}
		s.want("January 2024")
		for range 300 {
			s.press("pgdown")
		}
		s.want("November 2036")
		if n := len(b.asked); n > 30 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestWhatIsReadMeanwhileStays(t *testing.T) {
	b := fullAgenda("Europe/Berlin")
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3", "J", "J", "J", "j")
		_, y := s.find("▌")
		b.event("2026-11-25 08:00", 30, activesync.Event{ID: 9001, Subject: "Came in later"})
		b.event("2026-11-27 08:00", 30, activesync.Event{ID: 9002, Subject: "Came in too"})
		b.notices <- activesync.Notice{Kind: activesync.NoticeFolder, Account: "a", Folder: 3}
		s.settle()
		s.wantLine("▌ 11:00–11:30  Dentist")
		if _, now := s.find("▌"); now != y {
			t.Errorf("the cursor was in line %d and is in %d:\n%s", y, now, s)
		}
	})
}

func TestNothingPlanned(t *testing.T) {
	b := newBook(time.UTC)
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3")
		s.sound(80, 24)
		s.want("Today, Wednesday 25 November", "There are no events from 11 November 2026 to ")
		s.wantLine("▌ 14:02 now")
		s.press("enter", "j", "J", "k", "K") // nothing to open
		s.want("14:02 now")
		s.lacks("›")
	})
	for i := range b.folders {
		b.folders[i].LastSync = time.Time{}
	}
	onStage(t, b, "2026-11-25 14:02", 200, 50, Deps{}, func(s *stage) {
		s.press("3")
		s.sound(200, 50)
		s.want("The events come from the server", "No event is selected.")
	})
	b.folders = b.folders[:2]
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3")
		s.want("This account does not have a calendar.")
	})
	b.err = activesync.ErrBusy
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("3")
		s.want("The server is busy or faulty.")
		b.err = nil
		b.notices <- activesync.Notice{Kind: activesync.NoticeOverflow}
		s.settle()
		s.lacks("The server is busy or faulty.")
		s.want("14:02 now")
	})
}
