package ui

import (
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/ui/style"
)

// eventText is an event as lines.
type eventText struct {
	lines  []string
	links  []link
	online map[int]link
	spots  []spotAt
}

// event draws an event on one of its occurrences.
func (k look) event(o planned, e activesync.Event, whose string) eventText {
	x := calendar.ExceptionOf(&e, o.OriginalStart, k.loc)
	if x != nil {
		e = merged(e, x)
	}
	s := newSheet(k.theme, k.width)
	s.blank()
	for i, w := range wrap(o.Subject, s.room()) {
		if i == 4 {
			break
		}
		s.add(s.line().Put(style.Strong, w))
	}
	s.blank()
	if o.Cancelled {
		s.words(style.Warn, k.theme.Warning+" This event was cancelled.")
	}
	k.whenAndHow(s, o, e, x != nil)
	const column = 13
	s.paragraphs("Where", o.Location, column, style.Text)
	out := eventText{online: map[int]link{}}
	meeting := clean(strings.TrimSpace(e.OnlineMeeting))
	at := len(s.out)
	s.paragraphs("Online", meeting, column, style.Link)
	for i := at; i < len(s.out) && openable(meeting); i++ {
		out.online[i] = link{url: meeting}
	}
	s.paragraphs("Organiser", k.organiser(e), column, style.Text)
	s.paragraphs("Your answer", answerWords(o.ResponseType), column, style.Text)
	if e.MeetingStatus&2 != 0 && !o.Cancelled && k.keys[0] != "" {
		k.answers(s, s.line().Cell(style.Dim, "Answer with", column-1).Skip(1))
	}
	s.paragraphs("Shown as", busyWords(o.BusyStatus), column, style.Text)
	s.paragraphs("Reminder", reminderWords(e.Reminder), column, style.Text)
	s.paragraphs("Marked as", sensitivityWord(e.Sensitivity), column, style.Text)
	s.paragraphs("Categories", strings.Join(e.Categories, ", "), column, style.Text)
	s.paragraphs("Calendar", whose, column, style.Text)
	k.attendees(s, e.Attendees)
	if e.Body.Type != activesync.BodyNone && len(strings.TrimSpace(string(e.Body.Data))) > 0 {
		s.blank()
		s.rule()
		s.blank()
		out.links = k.text(s, e.Body)
		if e.Body.Truncated {
			s.blank()
			s.words(style.Dim, "The rest of the text is on the server only.")
		}
	}
	if meeting != "" {
		out.links = append(out.links, link{url: meeting})
	}
	out.lines, out.spots = s.out, s.spots
	return out
}

func sensitivityWord(n uint8) string {
	return [...]string{"", "personal", "private", "confidential"}[min(n, 3)]
}

// merged is an event with what one occurrence has of its own.
func merged(e activesync.Event, x *activesync.Exception) activesync.Event {
	if x.Body != nil {
		e.Body = *x.Body
	}
	if x.Attendees != nil {
		e.Attendees = *x.Attendees
	}
	if x.Reminder != nil {
		e.Reminder = x.Reminder
	}
	return e
}

// whenAndHow says when an event is, in the person's time and in that of the event
// where it is another one, and how it repeats.
func (k look) whenAndHow(s *sheet, o planned, e activesync.Event, changed bool) {
	const column = 13
	here, there := k.spanWords(o, k.loc), ""
	if z := otherZone(e.TimeZone, o, k.loc); z != nil && !o.AllDay {
		name := clean(z.IANA(o.Start.Year()))
		if name == "" {
			name = clean(z.Location().String())
		}
		here += " " + o.Start.In(k.loc).Format("MST")
		there = k.spanWords(o, z.Location())
		if day := fullDay(o.first, dayOf(k.now, k.loc)) + ", "; strings.Count(there, day) == 1 && strings.Count(here, day) == 1 {
			there = strings.Replace(there, day, "", 1)
		}
		there += " in " + strings.ReplaceAll(name, "_", " ")
	}
	s.paragraphs("When", here, column, style.Text)
	s.paragraphs("", there, column, style.Dim)
	if !e.Recurrence.Set {
		return
	}
	words := k.theme.Series + " " + k.repeat(e)
	if changed {
		words += "; this one was changed"
	}
	s.paragraphs("Repeats", words, column, style.Text)
}

// spanWords are the days and times of an occurrence by the clock of loc.
func (k look) spanWords(o planned, loc *time.Location) string {
	today, dash := dayOf(k.now, k.loc), k.theme.Dash
	if o.AllDay {
		if o.first == o.last {
			return fullDay(o.first, today) + ", all day"
		}
		return fullDay(o.first, today) + " " + dash + " " + k.lastDay(o.last) + ", " + strconv.Itoa(o.last-o.first+1) + " days"
	}
	from, to := o.Start.In(loc), o.End.In(loc)
	first, last := dayOf(from, loc), dayOf(to, loc)
	words := fullDay(first, today) + ", " + from.Format("15:04")
	switch {
	case !to.After(from):
		return words
	case first == last:
		return words + dash + to.Format("15:04")
	case last == first+1 && to.Hour() == 0 && to.Minute() == 0:
		return words + dash + "24:00"
	}
	return words + " " + dash + " " + k.lastDay(last) + ", " + to.Format("15:04")
}

// lastDay names the day on which something ends.
func (k look) lastDay(day int) string {
	if dateOf(day).Year() != k.now.In(k.loc).Year() {
		return dateOf(day).Format("Monday 2 January 2006")
	}
	return dateOf(day).Format("Monday 2 January")
}

// otherZone is the zone of an event whose clock shows another time than the
// person's, nil where there is none. UTC is what programs write that know no
// better.
func otherZone(b []byte, o planned, loc *time.Location) *calendar.Zone {
	z, err := calendar.ParseTimeZone(b)
	if err != nil {
		return nil
	}
	offset := func(t time.Time, loc *time.Location) int { _, n := t.In(loc).Zone(); return n }
	if !z.Daylight() && offset(o.Start, z.Location()) == 0 {
		return nil
	}
	if offset(o.Start, z.Location()) == offset(o.Start, loc) && offset(o.End, z.Location()) == offset(o.End, loc) {
		return nil
	}
	return z
}

// repeat puts the rule of a series into words, by the days of its own zone.
func (k look) repeat(e activesync.Event) string {
	zone := seriesZone(e, k.loc)
	return repeatWords(e.Recurrence, seriesDay(&e, e.Start, zone), seriesDay(&e, e.Recurrence.Until, zone), k.now.In(k.loc).Year())
}

func (k look) organiser(e activesync.Event) string {
	p := cleanAddress(e.Organizer)
	for _, self := range k.self {
		if p.Address != "" && strings.EqualFold(self, p.Address) {
			return "you"
		}
	}
	if p.Name != "" && p.Address != "" && p.Name != p.Address {
		return p.Name + " <" + p.Address + ">"
	}
	return p.Label()
}

// answerWords are the person's own answer to an invitation.
func answerWords(r uint8) string {
	switch r {
	case 2:
		return "tentative"
	case 3:
		return "accepted"
	case 4:
		return "declined"
	case 5:
		return "none yet"
	}
	return ""
}

// reminderWords say how long before an event one is reminded.
func reminderWords(minutes *int) string {
	if minutes == nil || *minutes < 0 {
		return ""
	}
	switch n := *minutes; {
	case n == 0:
		return "when it begins"
	case n%(7*24*60) == 0:
		return plural(n/(7*24*60), "1 week before", "%d weeks before")
	case n%(24*60) == 0:
		return plural(n/(24*60), "1 day before", "%d days before")
	case n%60 == 0:
		return plural(n/60, "1 hour before", "%d hours before")
	default:
		return plural(n, "1 minute before", "%d minutes before")
	}
}

// attendees lists who is invited, with what they answered in words.
func (k look) attendees(s *sheet, list []activesync.Attendee) {
	if len(list) == 0 {
		return
	}
	s.blank()
	s.words(style.Heading, plural(len(list), "1 person is invited", "%d people are invited"))
	for _, p := range list {
		who := cleanAddress(p.Address)
		sign, role, answer := " ", style.Dim, "no answer"
		switch p.Status {
		case 2:
			sign, answer = "?", "tentative"
		case 3:
			sign, role, answer = k.theme.Done, style.Accent, "accepted"
		case 4:
			sign, answer = "x", "declined"
		}
		switch p.Type {
		case 2:
			answer += ", optional"
		case 3:
			answer = "room or equipment, " + answer
		}
		l := s.line().Put(role, sign).Skip(1)
		aw := min(style.Width(answer), l.Room()/2)
		name := who.Label()
		nw := min(style.Width(name), max(l.Room()-aw-3, 1))
		l.Cell(style.Text, name, nw)
		if left := l.Room() - aw - 4; who.Name != "" && who.Address != "" && who.Name != who.Address && left > 8 {
			l.Skip(1).Put(style.Dim, cutTo("<"+who.Address+">", left, k.theme))
		}
		s.add(l.Skip(2).Put(style.Dim, answer))
	}
}
