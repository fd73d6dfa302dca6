package sample

import (
	"fmt"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
)

// Days of the week as a Recurrence counts them.
const (
	monday, tuesday, thursday = 2, 4, 16
	workdays                  = 62
)

// event is an appointment of Alice's own, in her zone.
func (s *sampler) event(name, subject, place string, start time.Time, length time.Duration) activesync.Event {
	return activesync.Event{UID: fmt.Sprintf("%s-%08x@example.test", name, mix(name, 7)), Subject: subject, Location: place, Start: start.UTC(), End: start.Add(length).UTC(),
		TimeZone: calendar.EncodeTimeZone(start.Location(), start.Year()), BusyStatus: 2, DTStamp: s.midnight(-20).UTC(), Reminder: minutes(15), ResponseType: 0}
}

// allDay is an event of whole days.
func (s *sampler) allDay(name, subject string, day, days int) activesync.Event {
	y, m, d := s.midnight(day).Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return activesync.Event{UID: name + "@example.test", Subject: subject, AllDay: true, Start: start, End: start.AddDate(0, 0, days), DTStamp: s.midnight(-40).UTC()}
}

func minutes(n int) *int { return &n }

// with makes a meeting of an event: its organizer, and the others with their
// answers: 0 none yet, 2 perhaps, 3 yes, 4 no.
func (s *sampler) with(e activesync.Event, organizer string, others map[string]uint8) activesync.Event {
	e.Organizer = s.people[organizer].address()
	e.MeetingStatus, e.ResponseType, e.ResponseRequested = 1, 1, true
	if organizer != self {
		e.MeetingStatus, e.ResponseType = 3, 3
	}
	for _, key := range s.order {
		if status, ok := others[key]; ok {
			e.Attendees = append(e.Attendees, activesync.Attendee{Address: s.people[key].address(), Status: status, Type: 1})
		}
	}
	return e
}

func text(s string) activesync.Body {
	b := crlf(s)
	return activesync.Body{Type: activesync.BodyPlain, Data: []byte(b), Size: int64(len(b))}
}

// next is how many days from today the next such weekday is, today included.
func (s *sampler) next(w time.Weekday) int { return (int(w) - int(s.now.Weekday()) + 7) % 7 }

// meeting is one that mail speaks of too.
func (s *sampler) meeting(name string) activesync.Event {
	if name == "openday" {
		e := s.event("openday", "Open day: who does what", "Room 1", s.on(s.next(time.Thursday)+7, 14, 0), time.Hour)
		e.Body = text("Hoses, trays, seals, crane (unplugged).\n\nPlease bring ideas and a list of who is on holiday.")
		return s.with(e, self, map[string]uint8{"ben": 3, "olga": 2, "priya": 4, "dan": 3, "margaret": 0, "joan": 3})
	}
	e := s.event("audit", "Audit kick-off", "Room 4", s.on(s.next(time.Tuesday)+7*b2i(s.now.Weekday() == time.Tuesday), 10, 0), time.Hour)
	e.Body = text("Five minutes each: what has your project cost so far, and what surprised you?")
	e = s.with(e, "margaret", map[string]uint8{"alice": 0, "ana": 3, "ben": 3, "samir": 0, "ruth": 3})
	e.BusyStatus, e.ResponseType = 1, 5
	return e
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// events are two weeks around today, and the series that run through them.
func (s *sampler) events() []activesync.Event {
	return append(append([]activesync.Event{s.meeting("audit"), s.meeting("openday")}, s.series()...), s.single()...)
}

// series are what comes again and again.
func (s *sampler) series() []activesync.Event {
	first := s.next(time.Monday) - 70 // a Monday ten weeks back
	standUp := s.with(s.event("standup", "Morning round", "Tower, top", s.on(first, 9, 0), 15*time.Minute), self, map[string]uint8{"ben": 3, "dan": 3, "olga": 3})
	standUp.Recurrence = activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: workdays, FirstDayOfWeek: 1}
	later, end, place := s.on(s.next(time.Wednesday), 9, 30).UTC(), s.on(s.next(time.Wednesday), 9, 45).UTC(), "Quay 4, bring boots"
	standUp.Exceptions = []activesync.Exception{
		{Start: s.on(s.next(time.Wednesday), 9, 0).UTC(), NewStart: &later, NewEnd: &end, Location: &place},
		{Start: s.on(s.next(time.Friday)+7, 9, 0).UTC(), Deleted: true},
	}
	choir := s.event("choir", "Choir 🎶", "Old customs hall", s.on(first+3, 19, 30), 2*time.Hour)
	choir.Recurrence = activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: thursday, FirstDayOfWeek: 1}
	choir.Categories, choir.BusyStatus, choir.Reminder = []string{"Choir"}, 3, minutes(60)
	earlier, over, subject := s.on(s.next(time.Thursday), 19, 0).UTC(), s.on(s.next(time.Thursday), 21, 0).UTC(), "Choir 🎶 begins at 19:00"
	choir.Exceptions = []activesync.Exception{{Start: s.on(s.next(time.Thursday), 19, 30).UTC(), NewStart: &earlier, NewEnd: &over, Subject: &subject}}
	harbour := s.with(s.event("harbour", "Harbour meeting", "Room 1", s.on(first, 9, 30), 90*time.Minute), "margaret",
		map[string]uint8{"alice": 3, "ana": 3, "ben": 3, "samir": 3, "olga": 3, "dan": 3, "naomi": 3, "joan": 3})
	harbour.Recurrence = activesync.Recurrence{Set: true, Type: 3, Interval: 1, WeekOfMonth: 1, DayOfWeek: monday}
	oneToOne := s.with(s.event("ana", "Alice and Ana", "Room 12", s.on(first+1, 15, 0), 30*time.Minute), "ana", map[string]uint8{"alice": 3})
	oneToOne.Recurrence = activesync.Recurrence{Set: true, Type: 1, Interval: 2, DayOfWeek: tuesday, FirstDayOfWeek: 1}
	oneToOne.Sensitivity = 2
	mum := s.allDay("mum", "🎂 Mum", 5-365, 1)
	mum.Recurrence = activesync.Recurrence{Set: true, Type: 5, Interval: 1, DayOfMonth: mum.Start.Day(), MonthOfYear: int(mum.Start.Month())}
	bins := s.allDay("bins", "Bins: paper", s.next(time.Friday)-14, 1)
	bins.Recurrence = activesync.Recurrence{Set: true, Type: 1, Interval: 2, DayOfWeek: 32, FirstDayOfWeek: 1, Until: bins.Start.AddDate(1, 0, 0)}
	return []activesync.Event{standUp, choir, harbour, oneToOne, mum, bins}
}

// single are what happens once.
func (s *sampler) single() []activesync.Event {
	zone := func(name string, day, hour, minute int) time.Time {
		loc, err := calendar.LoadZone(name)
		if err != nil {
			loc = time.UTC
		}
		y, m, d := s.midnight(day).Date()
		return time.Date(y, m, d, hour, minute, 0, 0, loc)
	}
	call := func(name, subject, place string, start time.Time, d time.Duration, key string) activesync.Event {
		e := s.with(s.event(name, subject, place, start, d), self, map[string]uint8{key: 3})
		e.OnlineMeeting = "https://meet.example.test/" + name
		return e
	}
	tokyo := call("minato", "視察の打ち合わせ (visit from Yokohama)", "by video", zone("Asia/Tokyo", s.ahead(2), 18, 0), 45*time.Minute, "yuki")
	cartagena := call("cartagena", "Twin ports: call with Cartagena", "by video", zone("America/Bogota", s.ahead(3), 11, 0), time.Hour, "sofia")
	mumbai := call("tug", "Tug: drawings with Asha", "by video", zone("Asia/Kolkata", s.ahead(1), 14, 30), time.Hour, "asha")
	gone := s.with(s.event("bristow", "Cancelled: terminal fair, Bristow", "Bristow, Hall 3", s.on(s.ahead(4), 9, 0), 8*time.Hour), "mike", map[string]uint8{"alice": 3})
	gone.MeetingStatus, gone.BusyStatus = 7, 0
	committee := s.with(s.event("committee", "Finance committee: Quay 4", "Town Hall, chamber", s.on(s.next(time.Friday), 16, 0), 90*time.Minute), "helen",
		map[string]uint8{"alice": 3, "margaret": 3, "ben": 3, "ana": 3})
	committee.Body = text("Ben: one page, one drawing.\nAlice: why now and not in spring.\nAna: where the money comes from.")
	dentist := s.event("dentist", "Dentist", "11 Market Hill", s.on(s.next(time.Wednesday)+7, 8, 0), 45*time.Minute)
	dentist.Sensitivity, dentist.BusyStatus = 2, 3
	walk := s.event("walk", "Walk round the headland with Jamie", "Lifeboat station", s.on(s.next(time.Saturday), 10, 0), 4*time.Hour)
	walk.BusyStatus, walk.Categories = 0, []string{"Friends"}
	dredger := s.allDay("dredger", "Dredger in the inner basin", -2, 9)
	y, m, _ := s.now.Date()
	visit := s.allDay("visit", "Delegation from Yokohama 🇯🇵", 0, 2)
	visit.Start = time.Date(y, m+1, 14, 0, 0, 0, 0, time.UTC)
	visit.End = visit.Start.AddDate(0, 0, 2)
	visit.Location, visit.BusyStatus = "Anchor Inn; tower; breakwater", 2
	lunch := s.with(s.event("lunch", "Lunch with Hugo (not about the tender)", "The Anchor", s.on(0, 12, 30), time.Hour), "hugo", map[string]uint8{"alice": 3})
	review := s.with(s.event("golive", "Website: go-live", "Room 17 and the kettle", s.on(s.next(time.Thursday), 6, 0), 2*time.Hour), "leo",
		map[string]uint8{"alice": 3, "priya": 3, "grace": 2})
	overlap := s.event("quiet", "Quiet hour: budget, row 12", "Room 21, door closed", s.on(0, 12, 0), time.Hour)
	overlap.BusyStatus = 1
	return []activesync.Event{
		tokyo, cartagena, mumbai, gone, committee, dentist, walk, dredger, visit, lunch, review, overlap,
		s.event("survey", "Survey of Quay 4: talk with the divers", "Quay 4", s.on(-s.workday(1), 14, 0), time.Hour),
		s.event("printer", "Posters to the printer", "", s.on(0, 16, 30), 30*time.Minute),
		s.event("eelgrass", "Eelgrass: order for the dredger", "Room 9", s.on(s.ahead(1), 10, 0), 30*time.Minute),
		s.with(s.event("crane", "Cranes: count the points", "Room 14", s.on(s.ahead(2), 11, 0), 2*time.Hour), "samir", map[string]uint8{"alice": 3, "ana": 3, "hugo": 2}),
		s.event("train", "Train to Bristow", "07:12, coach C, seat 41", s.on(-s.workday(4), 7, 12), 103*time.Minute),
		s.with(s.event("handover", "Handover: night shift", "Tower", s.on(-3, 21, 45), 30*time.Minute), "dan", map[string]uint8{"alice": 3, "naomi": 3}),
		s.allDay("holiday", "Bank holiday", -6, 1),
		s.event("night", "Spring tide: watch the Quay 4 marks", "Quay 4", s.on(6, 23, 30), 2*time.Hour),
		s.with(s.event("noise", "Noise walk with the councillor", "Beacon Street corner Quay 2", s.on(s.ahead(3), 17, 0), time.Hour), "helen", map[string]uint8{"alice": 3, "ben": 3, "margaret": 4}),
	}
}
