package ui_test

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui"
)

// withEvents shows the calendar of an account at a size.
func withEvents(t *testing.T, width, height int, deps ui.Deps, events []activesync.Event, test func(*testing.T, *driver)) {
	t.Helper()
	withScreen(t, width, height, deps, "3", func(d *driver) error {
		for _, e := range events {
			if _, err := d.box.AddEvent("Calendar", e); err != nil {
				return err
			}
		}
		return nil
	}, test)
}

// events are those that the server has, by subject.
func (d *driver) events() map[string]activesync.Event {
	d.t.Helper()
	all, err := d.box.Items("Calendar")
	if err != nil {
		d.t.Fatal(err)
	}
	out := map[string]activesync.Event{}
	for _, s := range all {
		out[s.Event.Subject] = *s.Event
	}
	return out
}

// Of the day of an event that was just made nothing is scrolled away.
func TestTheDayOfANewEventIsShownFromItsBeginning(t *testing.T) {
	withEvents(t, 80, 24, ui.Deps{}, nil, func(t *testing.T, d *driver) {
		day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		put := func(title string, begin time.Time) {
			t.Helper()
			d.press("n")
			d.write(title)
			d.click("Begins")
			d.press("ctrl+u")
			d.write(begin.Format("2006-01-02 15:04"))
			d.press("ctrl+s")
			d.want("Made: " + title)
			d.pass(5 * time.Second)
		}
		put("Dredger", day)
		put("Lunch", day.Add(12*time.Hour))
		for i := range 14 {
			put("Another day", day.AddDate(0, 0, 2*i-9))
		}
		d.press("t", "j")
		d.want("Dredger", "▌ 12:00–13:00  Lunch")
		put("Dentist", day.Add(10*time.Hour))
		d.want("Dredger", "▌ 10:00–11:00  Dentist", "Lunch")
	})
}

func TestAnEventIsMadeChangedAndDeleted(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		// Bubbles begin on Saturday 1 January 2000.
		withEvents(t, size[0], size[1], ui.Deps{Location: berlin}, nil, func(t *testing.T, d *driver) {
			d.press("n")
			d.want("New event", "Title", "Sat 2000-01-01 02:00", "2000-01-01 03:00", "15 minutes before", "busy")
			d.press("ctrl+s")
			d.want("An event needs a title.")
			d.write("Tide table")
			d.press("tab")
			d.write("Quay 7")
			// The end follows the begin, and both are written in full.
			d.click("Begins")
			d.press("ctrl+u")
			d.write("tuesday 14:30")
			d.press("tab")
			d.want("Tue 2000-01-04 14:30", "Tue 2000-01-04 15:30")
			d.press("ctrl+u")
			d.write("90 min")
			d.press("tab")
			d.want("2000-01-04 16:00")
			d.press("enter")
			d.want("every week on Tuesday", "every month on the first Tuesday")
			d.press("4")
			d.want("every week on Tuesday")
			d.press("tab")
			d.write("5 times")
			d.press("ctrl+s")
			d.want("Made: Tide table", "Undo")
			d.pass(5 * time.Second)
			e := d.events()["Tide table"]
			want := activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: 4, Occurrences: 5}
			if e.Location != "Quay 7" || !e.Start.Equal(time.Date(2000, 1, 4, 13, 30, 0, 0, time.UTC)) || e.End.Sub(e.Start) != 90*time.Minute || e.Recurrence != want || e.Reminder == nil || *e.Reminder != 15 || e.BusyStatus != 2 || len(e.TimeZone) == 0 {
				t.Fatalf("made is %+v", e)
			}
			// The cursor is on it. A series that moves to another day goes by that.
			d.press("e")
			d.want("1  This one, Tuesday 4 January", "2  All of the series")
			d.press("2")
			d.want("Tide table, all of the series", "5 times")
			d.click("Begins")
			d.press("ctrl+u")
			d.write("2000-01-05 14:30")
			d.press("tab", "tab", "tab", "tab", "tab", "enter")
			d.want("out of office")
			d.press("4")
			d.press("ctrl+s")
			d.want("Kept: Tide table")
			d.pass(5 * time.Second)
			e = d.events()["Tide table"]
			if want.DayOfWeek = 8; e.Recurrence != want || e.Start.Day() != 5 || e.End.Sub(e.Start) != 90*time.Minute || e.BusyStatus != 3 {
				t.Errorf("changed is %+v", e)
			}
			d.press("z")
			d.pass(5 * time.Second)
			if e = d.events()["Tide table"]; e.Recurrence.DayOfWeek != 4 || e.BusyStatus != 2 || e.Start.Day() != 4 {
				t.Errorf("taken back is %+v", e)
			}
			d.press("d")
			d.want("Delete", "2  All of the series")
			d.press("2")
			d.want("Deleted: Tide table", "Undo")
			d.pass(5 * time.Second)
			if got := d.events(); len(got) != 0 {
				t.Errorf("the server still has %v", got)
			}
			d.press("z")
			d.pass(5 * time.Second)
			if e = d.events()["Tide table"]; e.Recurrence.DayOfWeek != 4 || e.Location != "Quay 7" {
				t.Errorf("brought back is %+v", e)
			}
		})
	}
}

// One occurrence of a series is changed and deleted, and both are taken back.
func TestOneOfASeriesIsChangedAndDeleted(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		start := time.Date(2000, 1, 3, 9, 0, 0, 0, time.UTC)
		series := activesync.Event{UID: "round@x", Subject: "Harbour round", Location: "Quay 4", Start: start, End: start.Add(time.Hour), BusyStatus: 2,
			Recurrence: activesync.Recurrence{Set: true, Type: activesync.Weekly, Interval: 1, DayOfWeek: 2, Occurrences: 6}}
		withEvents(t, size[0], size[1], ui.Deps{}, []activesync.Event{series}, func(t *testing.T, d *driver) {
			one := func(n int) (activesync.Event, bool) {
				e := d.events()["Harbour round"]
				return e.Occurrence(start.AddDate(0, 0, 7*n))
			}
			d.press("j", "j", "e")
			d.want("1  This one, Monday 10 January", "2  All of the series")
			d.click("This one")
			d.want("Harbour round, only Monday 10 January", "Mon 2000-01-10 09:00")
			d.lacks("Until", "Categories", "Whole days")
			d.press("tab")
			d.write(" and lock")
			d.press("tab", "ctrl+u")
			d.write("2000-01-11 11:00")
			d.press("ctrl+s")
			d.want("Kept: Harbour round", "Undo")
			d.pass(5 * time.Second)
			e, _ := one(1)
			if e.Location != "Quay 4 and lock" || !e.Start.Equal(start.AddDate(0, 0, 8).Add(2*time.Hour)) || e.End.Sub(e.Start) != time.Hour {
				t.Errorf("changed is %+v", e)
			}
			if e, _ := one(2); e.Location != "Quay 4" || d.events()["Harbour round"].Location != "Quay 4" {
				t.Errorf("another one is %+v", e)
			}
			if size[0] > 80 {
				d.want("this one was changed")
			}
			d.press("z")
			d.pass(5 * time.Second)
			if e, _ := one(1); e.Location != "Quay 4" || !e.Start.Equal(start.AddDate(0, 0, 7)) {
				t.Errorf("taken back is %+v", e)
			}

			// As long as it can be taken back the server is not told.
			d.press("d", "1")
			d.want("Deleted: Harbour round", "Undo")
			d.pass(2 * time.Second)
			d.press("z")
			d.pass(30 * time.Second)
			if n := len(d.events()); n != 1 {
				t.Errorf("the server has %d events", n)
			}
			if _, there := one(1); !there {
				t.Error("it is gone")
			}
			d.press("g", "g", "j", "j", "d")
			d.want("This one, Monday 10 January")
			d.press("1")
			d.pass(30 * time.Second)
			if _, there := one(1); there {
				t.Error("it is there")
			}
			if _, there := one(2); !there {
				t.Error("another one is gone")
			}
			// Then it comes back as an event of its own.
			d.press("z")
			d.pass(30 * time.Second)
			d.want("Monday 10 January")
		})
	}
}

func TestWholeDaysInTheForm(t *testing.T) {
	withEvents(t, 80, 24, ui.Deps{}, []activesync.Event{{UID: "fair@x", Subject: "Trade fair", AllDay: true, Start: time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC), End: time.Date(2000, 1, 6, 0, 0, 0, 0, time.UTC)}}, func(t *testing.T, d *driver) {
		d.press("j", "e")
		d.want("Mon 2000-01-03", "Wed 2000-01-05", "Whole days")
		d.lacks("2000-01-03 00:00")
		d.click("Begins")
		d.press("ctrl+u")
		d.write("2000-01-04")
		d.press("ctrl+s")
		d.pass(5 * time.Second)
		if e := d.events()["Trade fair"]; !e.AllDay || e.Start.Day() != 4 || e.End.Day() != 7 || e.Recurrence.Set {
			t.Errorf("moved is %+v", e)
		}
		// Of whole days times, and of times whole days.
		d.press("e")
		d.click("Whole days")
		d.press("1")
		d.want("2000-01-04 08:00", "2000-01-04 09:00")
		d.press("ctrl+s")
		d.pass(5 * time.Second)
		if e := d.events()["Trade fair"]; e.AllDay || e.Start.Hour() != 8 || e.End.Hour() != 9 || len(e.TimeZone) == 0 {
			t.Errorf("with times it is %+v", e)
		}
		d.press("e")
		d.click("Whole days")
		d.press("2")
		d.press("ctrl+s")
		d.pass(5 * time.Second)
		if e := d.events()["Trade fair"]; !e.AllDay || e.Start != time.Date(2000, 1, 4, 0, 0, 0, 0, time.UTC) || e.End.Sub(e.Start) != 24*time.Hour {
			t.Errorf("of whole days it is %+v", e)
		}
	})
}

// What the form does not show, and what was not touched, stays as it is.
func TestTheFormOfAnEventLeavesTheRest(t *testing.T) {
	odd := activesync.Event{UID: "odd@x", Subject: "Odd", Start: time.Date(2000, 1, 3, 9, 0, 0, 0, time.UTC), End: time.Date(2000, 1, 3, 9, 45, 0, 0, time.UTC), Sensitivity: 2, Categories: []string{"Red", "Blue"},
		Body:       activesync.Body{Type: activesync.BodyHTML, Data: []byte("<p>Bring the <b>keys</b></p>")},
		Recurrence: activesync.Recurrence{Set: true, Type: 1, Interval: 3, DayOfWeek: 42, Until: time.Date(2000, 6, 2, 9, 0, 0, 0, time.UTC)}}
	foreign := activesync.Event{UID: "f@x", Subject: "Theirs", Start: time.Date(2000, 1, 2, 9, 0, 0, 0, time.UTC), End: time.Date(2000, 1, 2, 10, 0, 0, 0, time.UTC), MeetingStatus: 3, ResponseType: 5,
		Organizer: activesync.Address{Address: "ben@example.test"}, Attendees: []activesync.Attendee{{Address: activesync.Address{Address: "alice@example.test"}}}}
	withEvents(t, 200, 50, ui.Deps{}, []activesync.Event{odd, foreign}, func(t *testing.T, d *driver) {
		d.press("g", "g", "j", "e")
		d.want("Only the organiser can change this meeting.")
		d.press("j", "e", "2")
		d.want("every 3 weeks on Monday, Wednesday and Friday", "2000-06-02", "private", "Red, Blue", "Bring the keys", "none")
		d.press("ctrl+s")
		d.want("Nothing of it was changed.")
		before := d.events()["Odd"]
		d.press("e", "2")
		d.click("Where  ")
		d.write("Quay")
		d.press("ctrl+s")
		d.pass(5 * time.Second)
		after := d.events()["Odd"]
		if after.Location != "Quay" || after.Recurrence != before.Recurrence || string(after.Body.Data) != string(before.Body.Data) || after.Sensitivity != 2 || len(after.Categories) != 2 || !after.Start.Equal(before.Start) {
			t.Errorf("changed is %+v, was %+v", after, before)
		}
		// What cannot be is said, and nothing that was written is lost unasked.
		d.press("e", "2")
		d.click("Ends")
		d.press("ctrl+u")
		d.write("never")
		d.press("ctrl+s")
		d.want("This is no time.")
		d.press("ctrl+u")
		d.write("2000-01-02 10:00")
		d.press("ctrl+s")
		d.want("The event ends before it begins.")
		d.press("esc")
		d.want("Keep the event?")
	})
}
