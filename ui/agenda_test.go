package ui

import (
	"time"

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
