package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// tide is a calendar of one event, that begins at an hour of 4 January 2000.
func tide(method string, hour, sequence int, place string, more ...string) string {
	return strings.Join(append([]string{"BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:" + method, "BEGIN:VEVENT", "UID:tide", "DTSTAMP:20000101T000000Z", fmt.Sprintf("SEQUENCE:%d", sequence),
		fmt.Sprintf("DTSTART:20000104T%02d0000Z", hour), fmt.Sprintf("DTEND:20000104T%02d0000Z", hour+1), "SUMMARY:Tide table", "LOCATION:" + place}, append(more, "END:VEVENT", "END:VCALENDAR", "")...), "\r\n")
}

const (
	byBob   = "ORGANIZER;CN=Bob Stone:mailto:bob@example.test"
	toAlice = "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@example.test"
)

// carrying is a message with a calendar: as a part, in which the server sees an
// invitation, or as a file, in which it sees none.
func carrying(ics, id string, part bool) []byte {
	head := "Content-Type: application/octet-stream; name=tide.ics\r\nContent-Disposition: attachment; filename=tide.ics\r\n\r\n"
	if part {
		_, method, _ := strings.Cut(ics, "METHOD:")
		method, _, _ = strings.Cut(method, "\r\n")
		head = "Content-Type: text/calendar; method=" + method + "\r\n\r\n"
	}
	return []byte("From: Bob Stone <bob@example.test>\r\nTo: alice@example.test\r\nSubject: Tide table\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\nMessage-ID: <" + id + "@example.test>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\n" + head + ics + "--b--\r\n")
}

// withPost shows an Inbox with messages, the newest of them opened.
func withPost(t *testing.T, cfg server.Config, events []activesync.Event, mails [][]byte, test func(*testing.T, *driver, *server.Mailbox)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, cfg)
		bob := d.srv.AddUser("bob", "pw", "bob@example.test")
		for _, e := range events {
			if _, err := d.box.AddEvent("Calendar", e); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range mails {
			d.srv.Receive("alice@example.test", m)
			time.Sleep(time.Minute)
		}
		d.open(140, 40, ui.Deps{})
		defer d.close()
		d.press("enter")
		d.pass(2 * time.Second)
		test(t, d, bob)
	})
}

// A calendar file in which the server sees no invitation is answered by mail to
// the organiser, and stands in the calendar afterwards.
func TestACalendarFileIsAnswered(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V121, activesync.V141, activesync.V161} {
		withPost(t, server.Config{Versions: []activesync.Version{v}}, nil, [][]byte{carrying(tide("REQUEST", 10, 0, "Quay 7", byBob, toAlice), "a", false)}, func(t *testing.T, d *driver, bob *server.Mailbox) {
			d.want("Invitation", "10:00–11:00", "Quay 7", "organised by Bob Stone", "A accept", "+ add to calendar")
			d.click("accept")
			d.pass(time.Second)
			d.want("Accepted: Tide table", "Undo")
			d.press("z")
			d.pass(time.Minute)
			if got, _ := bob.Items("Inbox"); len(got) != 0 || len(d.events()) != 0 {
				t.Fatalf("%v: %d messages and events %v of what was taken back", v, len(got), d.events())
			}
			d.click("accept")
			d.pass(time.Minute)
			e, there := d.events()["Tide table"]
			if !there || e.Location != "Quay 7" || len(e.Attendees) != 0 || e.BusyStatus != 2 {
				t.Errorf("%v: in the calendar is %+v", v, e)
			}
			got, _ := bob.Items("Inbox")
			if len(got) != 1 || !strings.Contains(string(message.ParseBytes(got[0].MIME).Calendar), "PARTSTAT=ACCEPTED") {
				t.Errorf("%v: the organiser got %d messages", v, len(got))
			}
			d.lacks("add to calendar")
		})
	}
}

// An event that nobody is asked to is put into the calendar, once.
func TestACalendarFileIsEntered(t *testing.T) {
	for _, v := range []activesync.Version{activesync.V141, activesync.V161} {
		withPost(t, server.Config{Versions: []activesync.Version{v}}, nil, [][]byte{carrying(tide("PUBLISH", 10, 0, "Quay 7", byBob, "ATTENDEE:mailto:bob@example.test", "RRULE:FREQ=WEEKLY;COUNT=3"), "a", false)}, func(t *testing.T, d *driver, bob *server.Mailbox) {
			d.want("An event for your calendar", "every week on Tuesday, 3 times", "+ add to calendar")
			d.lacks("A accept")
			d.click("add to calendar")
			d.pass(time.Minute)
			d.lacks("add to calendar")
			e, there := d.events()["Tide table"]
			if !there || e.Recurrence.Occurrences != 3 || len(e.Attendees) != 0 {
				t.Errorf("%v: in the calendar is %+v", v, e)
			}
			d.press("+")
			d.want("has no event to be put into the calendar")
			if got, _ := bob.Items("Inbox"); len(got) != 0 {
				t.Errorf("%v: %d messages were sent", v, len(got))
			}
		})
	}
}

// The card of an invitation that came before says what is new, that of a
// cancellation takes the event out of the calendar.
func TestWhatChangedOfAMeeting(t *testing.T) {
	first, second := tide("REQUEST", 10, 0, "Quay 7", byBob, toAlice), tide("REQUEST", 14, 1, "Quay 8", byBob, toAlice, "RRULE:FREQ=DAILY")
	withPost(t, server.Config{}, nil, [][]byte{carrying(first, "a", true), carrying(second, "b", true)}, func(t *testing.T, d *driver, _ *server.Mailbox) {
		d.want("The invitation was changed", "14:00–15:00", "before: Tuesday 4 January, 10:00–11:00", "Quay 8", "before: Quay 7", "every day", "before: once")
		d.press("J") // the first one says nothing of the kind
		d.pass(2 * time.Second)
		d.want("Invitation")
		d.lacks("before:")
	})
	kept := activesync.Event{UID: "tide", Subject: "Tide table", Start: time.Date(2000, 1, 4, 10, 0, 0, 0, time.UTC), End: time.Date(2000, 1, 4, 11, 0, 0, 0, time.UTC), MeetingStatus: 3}
	for _, part := range []bool{true, false} {
		withPost(t, server.Config{}, []activesync.Event{kept}, [][]byte{carrying(tide("CANCEL", 10, 2, "Quay 7", byBob, toAlice), "c", part)}, func(t *testing.T, d *driver, _ *server.Mailbox) {
			d.want("This meeting was cancelled", "+ remove from calendar")
			d.lacks("A accept")
			d.press("+")
			d.pass(time.Minute)
			if got := d.events(); len(got) != 0 {
				t.Errorf("in the calendar is still %v", got)
			}
			d.press("z")
			d.pass(time.Minute)
			if got := d.events(); len(got) != 1 {
				t.Errorf("brought back is %v", got)
			}
		})
	}
}

// What stands against a series is looked for in all of it, not on its first day
// alone.
func TestConflictsOfASeries(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2000, 1, day, hour, 30, 0, 0, time.UTC) }
	audit := activesync.Event{UID: "audit", Subject: "Audit", Start: at(18, 10), End: at(18, 11), BusyStatus: 2}
	choir := activesync.Event{UID: "choir", Subject: "Choir", Start: at(3, 9), End: at(3, 11), BusyStatus: 2, Recurrence: activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: 6}}
	withPost(t, server.Config{}, []activesync.Event{audit, choir}, [][]byte{carrying(tide("REQUEST", 10, 0, "Quay 7", byBob, toAlice, "RRULE:FREQ=WEEKLY;COUNT=6"), "a", true)}, func(t *testing.T, d *driver, _ *server.Mailbox) {
		d.want("At the same time: Choir, Tuesday 4 January, 09:30–11:30", "Audit, Tuesday 18 January, 10:30–11:30", "and 3 more in the next half year")
	})
}

// One occurrence of a series is answered by itself.
func TestOneOccurrenceIsAnswered(t *testing.T) {
	series := activesync.Event{UID: "standup", Subject: "Stand-up", Start: time.Date(2000, 1, 3, 9, 0, 0, 0, time.UTC), End: time.Date(2000, 1, 3, 9, 15, 0, 0, time.UTC), BusyStatus: 1, MeetingStatus: 3, ResponseType: 5,
		Organizer: activesync.Address{Address: "bob@example.test"}, Attendees: []activesync.Attendee{{Address: activesync.Address{Address: "alice@example.test"}}},
		Recurrence: activesync.Recurrence{Set: true, Type: 0, Interval: 1, Occurrences: 5}}
	for _, v := range []activesync.Version{activesync.V121, activesync.V141, activesync.V161} {
		withPost(t, server.Config{Versions: []activesync.Version{v}}, []activesync.Event{series}, nil, func(t *testing.T, d *driver, bob *server.Mailbox) {
			d.press("3")
			d.pass(time.Second)
			d.press("g", "g", "j", "j")
			d.click("decline")
			d.want("This one, Tuesday 4 January", "All of the series")
			d.press("1")
			if v == activesync.V121 {
				d.pass(time.Second)
				d.want("This server takes an answer to the whole series only")
				return
			}
			d.pass(time.Minute)
			e := d.events()["Stand-up"]
			if len(e.Exceptions) != 1 || !e.Exceptions[0].Start.Equal(time.Date(2000, 1, 4, 9, 0, 0, 0, time.UTC)) || e.ResponseType != 5 {
				t.Errorf("%v: the event is %+v", v, e)
			}
			got, _ := bob.Items("Inbox")
			if len(got) != 1 {
				t.Fatalf("%v: the organiser got %d messages", v, len(got))
			}
			if ics := string(message.ParseBytes(got[0].MIME).Calendar); !strings.Contains(ics, "RECURRENCE-ID") || !strings.Contains(ics, "PARTSTAT=DECLINED") {
				t.Errorf("%v: the organiser got\n%s", v, ics)
			}
		})
	}
}
