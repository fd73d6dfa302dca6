package ui

import (
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// What a message about a meeting is.
const (
	isInvitation = iota
	isUpdate
	isCancellation
	isAnswer
	isEntry // an event that nobody is asked to
)

// entryClass is the class of an event of a calendar.
const entryClass = "IPM.APPOINTMENT"

// about tells what a message says of its meeting.
func about(m activesync.Message) int {
	class := strings.ToUpper(m.MessageClass)
	switch {
	case strings.HasPrefix(class, "IPM.SCHEDULE.MEETING.CANCELED"):
		return isCancellation
	case strings.HasPrefix(class, "IPM.SCHEDULE.MEETING.RESP"):
		return isAnswer
	case class == entryClass:
		return isEntry
	case m.Meeting != nil && (m.Meeting.MessageType == 2 || m.Meeting.MessageType == 3):
		return isUpdate
	}
	return isInvitation
}

// answerable reports whether a message is an invitation that the person can
// answer.
func answerable(m activesync.Message) bool {
	if m.Meeting == nil {
		return false
	}
	kind := about(m)
	return (kind == isInvitation || kind == isUpdate) && m.Meeting.MessageType < 4
}

// joinOf is the link by which one joins the meeting that a message is about.
func joinOf(m activesync.Message) string {
	if m.Meeting == nil || about(m) == isCancellation {
		return ""
	}
	return calendar.JoinLink(m.Meeting.Location, string(m.Body.Data))
}

// invitation is the card of a message about a meeting: when and where, who, what
// else there is, and the answer.
func (k look) invitation(s *sheet, m activesync.Message) {
	class, kind := strings.ToUpper(m.MessageClass), about(m)
	if m.Meeting == nil && kind != isCancellation && kind != isAnswer {
		return
	}
	s.blank()
	l := s.line().Put(style.Accent, k.theme.Left).Skip(1)
	role, title := style.Strong, [...]string{"Invitation", "The invitation was changed", k.theme.Warning + " This meeting was cancelled", "", "An event for your calendar"}[kind]
	if kind == isAnswer {
		title = clean(m.From.Label()) + " " + answeredWords(class)
	}
	if kind == isCancellation {
		role = style.Warn
	}
	l.Put(role, cutTo(title, l.Room(), k.theme))
	s.add(l)
	if m.Meeting != nil {
		k.meetingLines(s, m, kind)
	}
	s.blank()
}

// answeredWords say what somebody answered, by the class of their message.
func answeredWords(class string) string {
	switch {
	case strings.HasSuffix(class, "RESP.POS"):
		return "accepted"
	case strings.HasSuffix(class, "RESP.TENT"):
		return "accepted as tentative"
	case strings.HasSuffix(class, "RESP.NEG"):
		return "declined"
	}
	return "answered"
}

// barred writes lines of the card.
func (k look) barred(s *sheet, role style.Role, text string) {
	if text == "" {
		return
	}
	for _, w := range wrap(text, s.room()-2) {
		s.add(s.line().Put(style.Accent, k.theme.Left).Skip(1).Put(role, w))
	}
}

func (k look) meetingLines(s *sheet, m activesync.Message, kind int) {
	i := m.Meeting
	o := planned{Occurrence: activesync.Occurrence{Start: i.Start, End: i.End, AllDay: i.AllDay}}
	o.first, o.last = dayOf(i.Start, k.loc), dayOf(i.End.Add(-time.Second), k.loc)
	if i.AllDay {
		o.first, o.last = dayOf(i.Start, time.UTC), dayOf(i.End.Add(-time.Second), time.UTC)
	}
	o.last = max(o.last, o.first)
	was := k.was(i)
	k.barred(s, style.Text, k.spanWords(o, k.loc))
	k.barred(s, style.Warn, was.when)
	if z := otherZone(i.TimeZone, o, k.loc); z != nil && !i.AllDay {
		name := z.IANA(i.Start.Year())
		if name == "" {
			name = z.Location().String()
		}
		k.barred(s, style.Dim, k.spanWords(o, z.Location())+" in "+strings.ReplaceAll(clean(name), "_", " "))
	}
	if i.Recurrence.Set {
		k.barred(s, style.Dim, k.theme.Series+" "+k.repeat(activesync.Event{Start: i.Start, AllDay: i.AllDay, TimeZone: i.TimeZone, Recurrence: i.Recurrence}))
	}
	k.barred(s, style.Warn, was.repeats)
	k.barred(s, style.Text, clean(i.Location))
	k.barred(s, style.Warn, was.where)
	if who := clean(i.Organizer.Label()); who != "" {
		k.barred(s, style.Dim, "organised by "+who)
	}
	k.guests(s, m)
	if kind == isCancellation {
		k.entryLine(s)
		return
	}
	if join := joinOf(m); join != "" {
		l := s.line().Put(style.Accent, k.theme.Left).Skip(1)
		at := s.width - l.Room()
		l.PutLink(style.Link, cutTo("Join: "+clean(join), l.Room()-1, k.theme), clean(join))
		s.spots = append(s.spots, spotAt{line: len(s.out), from: at, to: s.width - l.Room(), url: join})
		s.add(l)
	}
	if kind != isAnswer {
		k.conflicts(s, i.Recurrence.Set)
		k.answerLine(s, m)
		k.entryLine(s)
	}
}

// changedMeeting says what an invitation said before, where it says something else now.
type changedMeeting struct{ when, where, repeats string }

func (k look) was(now *activesync.MeetingRequest) (out changedMeeting) {
	if k.invited == nil || k.invited.before == nil {
		return out
	}
	was := k.invited.before
	if !was.Start.Equal(now.Start) || !was.End.Equal(now.End) || was.AllDay != now.AllDay {
		out.when = "before: " + k.spanWords(plan(activesync.Occurrence{Start: was.Start, End: was.End, AllDay: was.AllDay}, "", k.loc), k.loc)
	}
	if was.Location != now.Location {
		out.where = "before: " + orElse(clean(was.Location), "no place")
	}
	if !was.Recurrence.Equal(now.Recurrence) {
		out.repeats = "before: once"
		if was.Recurrence.Set {
			out.repeats = "before: " + k.repeat(activesync.Event{Start: was.Start, AllDay: was.AllDay, TimeZone: was.TimeZone, Recurrence: was.Recurrence})
		}
	}
	return out
}

// orElse is s, or other words where it is blank.
func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

// guests names those who are invited: as the calendar has them with their answers,
// else as the calendar file of the message, else those whom the message went to.
func (k look) guests(s *sheet, m activesync.Message) {
	var list []activesync.Attendee
	switch {
	case k.invited != nil && k.invited.event != nil && len(k.invited.event.Attendees) > 0:
		list = k.invited.event.Attendees
	case k.parcel != nil && k.parcel.event != nil:
		list = k.parcel.event.Attendees
	}
	if to := slices.Concat(m.To, m.Cc); len(list) == 0 && len(to) > 1 && about(m) != isAnswer {
		for _, p := range to {
			list = append(list, activesync.Attendee{Address: p})
		}
	}
	var names []string
	for _, p := range list {
		name := clean(p.Label())
		for _, self := range k.self {
			if strings.EqualFold(self, p.Address.Address) {
				name = "you"
			}
		}
		if w := answerWords(p.Status); w != "" && p.Status != 5 && name != "you" {
			name += " (" + w + ")"
		}
		names = append(names, name)
	}
	if len(names) > 0 {
		k.barred(s, style.Dim, "with "+strings.Join(names, ", "))
	}
}

// conflicts says what else there is at that time.
func (k look) conflicts(s *sheet, repeats bool) {
	if k.invited == nil {
		return
	}
	if len(k.invited.conflicts) == 0 {
		k.barred(s, style.Dim, "Nothing else at that time.")
		return
	}
	for _, o := range k.invited.conflicts {
		when := o.Start.In(k.loc).Format("15:04") + k.theme.Dash + o.End.In(k.loc).Format("15:04")
		if o.AllDay {
			when = "all day"
		}
		if day := dayOf(o.Start, k.loc); repeats {
			when = fullDay(day, dayOf(k.now, k.loc)) + ", " + when
		}
		k.barred(s, style.Warn, k.theme.Warning+" At the same time: "+orElse(clean(o.Subject), noSubject)+", "+when)
	}
	if n := k.invited.more; n > 0 {
		k.barred(s, style.Warn, k.theme.Warning+" "+plural(n, "and one more", "and %d more")+" in the next half year")
	}
}

// answerLine is the person's answer, or how to give one.
func (k look) answerLine(s *sheet, m activesync.Message) {
	given := m.Meeting.Answer
	if given == activesync.AnswerNone && k.invited != nil && k.invited.event != nil {
		given = activesync.Answer(k.invited.event.ResponseType)
	}
	if w := given.String(); w != "" {
		words := k.theme.Done + " You " + map[activesync.Answer]string{activesync.AnswerAccept: "accepted.", activesync.AnswerTentative: "accepted as tentative.",
			activesync.AnswerDecline: "declined."}[given]
		if m.Pending {
			words += " It is not sent yet."
		}
		k.barred(s, style.Strong, words)
		return
	}
	if !answerable(m) || k.keys[0] == "" {
		return
	}
	k.answers(s, s.line().Put(style.Accent, k.theme.Left).Skip(1))
}

// answers writes a line of the answers that can be given.
func (k look) answers(s *sheet, l *style.Line) {
	for i, word := range []string{"accept", "tentative", "decline", "comment"} {
		s.button(l, k.keys[i], word, [...]action.ID{action.Accept, action.Tentative, action.Decline, action.Comment}[i])
		l.Skip(1)
	}
	s.add(l)
}

// entryLine offers to put the event into the calendar, or to take a cancelled
// one out.
func (k look) entryLine(s *sheet) {
	if k.toCalendar == noEntry || k.entryKey == "" {
		return
	}
	l := s.line().Put(style.Accent, k.theme.Left)
	s.button(l.Skip(1), k.entryKey, k.toCalendar.words(), action.Entry)
	s.add(l)
}

// button writes a key and what it does, which a click does as well.
func (s *sheet) button(l *style.Line, key, word string, do action.ID) {
	if key == "" {
		return
	}
	at := s.width - l.Room()
	l.Put(style.Title, key).Skip(1).Put(style.Text, word)
	s.spots = append(s.spots, spotAt{line: len(s.out), from: at, to: s.width - l.Room(), do: do})
	l.Skip(1)
}

// answerKeys are those that answer an invitation.
func (a *App) answerKeys() [4]string {
	return [4]string{a.keys.Key(action.Accept), a.keys.Key(action.Tentative), a.keys.Key(action.Decline), a.keys.Key(action.Comment)}
}
