package ui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// invited is what the calendar on this machine says of an invitation. It does
// not change once made.
type invited struct {
	uid       string
	event     *activesync.Event // the event itself, where it is here already
	conflicts []activesync.Occurrence
}

// mostConflicts is how many events at the same time are named.
const mostConflicts = 4

// askCalendar finds out what else there is at the time of an invitation, and
// draws it.
func (r *reader) askCalendar(a *App) tea.Cmd {
	m := r.msg.Meeting
	if m == nil || m.Start.IsZero() || r.invited != nil && r.invited.uid == m.UID {
		return nil
	}
	_, acct := a.folder(r.msg.Folder)
	if acct == nil {
		acct = a.current()
	}
	if acct == nil {
		return nil
	}
	b, id, gen, loc, meeting := a.backend, acct.ID, r.lane.gen, a.loc, *m
	return a.call(quick, func(ctx context.Context) answer {
		found := lookUp(ctx, b, id, meeting, loc)
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			if gen != r.lane.gen || r.msg.Meeting == nil || r.msg.Meeting.UID != found.uid {
				return nil
			}
			r.invited = found
			r.edition++
			return r.render(a)
		}
	})
}

// askAgain is askCalendar where the calendar has changed.
func (r *reader) askAgain(a *App) tea.Cmd {
	if !r.have || r.msg.Meeting == nil {
		return nil
	}
	r.invited = nil
	return r.askCalendar(a)
}

func lookUp(ctx context.Context, b Backend, account activesync.AccountID, m activesync.MeetingRequest, loc *time.Location) *invited {
	out := &invited{uid: m.UID}
	from, to := m.Start.In(loc), m.End.In(loc)
	if m.AllDay {
		from = time.Date(m.Start.Year(), m.Start.Month(), m.Start.Day(), 0, 0, 0, 0, loc)
		to = time.Date(m.End.Year(), m.End.Month(), m.End.Day(), 0, 0, 0, 0, loc)
	}
	if !to.After(from) {
		to = from.Add(time.Minute)
	}
	list, err := b.Agenda(ctx, account, from, to)
	if err != nil {
		return out
	}
	for _, o := range list {
		e, err := b.Event(ctx, o.Event)
		if err != nil {
			continue
		}
		if e.UID == m.UID && m.UID != "" {
			out.event = &e
			continue
		}
		free := o.BusyStatus == 0 || o.Cancelled || o.ResponseType == 4
		if !free && o.Start.Before(to) && o.End.After(from) && len(out.conflicts) < mostConflicts {
			out.conflicts = append(out.conflicts, o)
		}
	}
	return out
}

// What a message about a meeting is.
const (
	isInvitation = iota
	isUpdate
	isCancellation
	isAnswer
)

// about tells what a message says of its meeting.
func about(m activesync.Message) int {
	class := strings.ToUpper(m.MessageClass)
	switch {
	case strings.HasPrefix(class, "IPM.SCHEDULE.MEETING.CANCELED"):
		return isCancellation
	case strings.HasPrefix(class, "IPM.SCHEDULE.MEETING.RESP"):
		return isAnswer
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
	return kind != isCancellation && kind != isAnswer && m.Meeting.MessageType < 4
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
	role, title := style.Strong, [...]string{"Invitation", "The invitation was changed", k.theme.Warning + " This meeting was cancelled", ""}[kind]
	if kind == isAnswer {
		title = clean(m.From.Label()) + " " + answeredWords(class)
	}
	if kind == isCancellation {
		role = style.Warn
	}
	l.Put(role, cutTo(title, l.Room(), k.theme))
	if m.Meeting != nil && m.Meeting.Recurrence.Set {
		l.Skip(1).Put(style.Dim, k.theme.Series+" repeats")
	}
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
	k.barred(s, style.Text, k.spanWords(o, k.loc))
	if z := otherZone(i.TimeZone, o, k.loc); z != nil && !i.AllDay {
		name := z.IANA(i.Start.Year())
		if name == "" {
			name = z.Location().String()
		}
		k.barred(s, style.Dim, k.spanWords(o, z.Location())+" in "+strings.ReplaceAll(clean(name), "_", " "))
	}
	if where := clean(i.Location); where != "" {
		k.barred(s, style.Text, where)
	}
	if who := clean(i.Organizer.Label()); who != "" {
		k.barred(s, style.Dim, "organised by "+who)
	}
	k.guests(s)
	if kind == isCancellation {
		return
	}
	if join := joinOf(m); join != "" {
		l := s.line().Put(style.Accent, k.theme.Left).Skip(1)
		l.PutLink(style.Link, cutTo("Join: "+clean(join), l.Room()-1, k.theme), clean(join))
		s.add(l)
	}
	if kind != isAnswer {
		k.conflicts(s)
		k.answerLine(s, m)
	}
}

// guests names those who are invited, as far as the calendar knows.
func (k look) guests(s *sheet) {
	if k.invited == nil || k.invited.event == nil || len(k.invited.event.Attendees) == 0 {
		return
	}
	var names []string
	for _, p := range k.invited.event.Attendees {
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
	k.barred(s, style.Dim, "with "+strings.Join(names, ", "))
}

// conflicts says what else there is at that time.
func (k look) conflicts(s *sheet) {
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
		subject := clean(o.Subject)
		if subject == "" {
			subject = noSubject
		}
		k.barred(s, style.Warn, k.theme.Warning+" At the same time: "+subject+", "+when)
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
	l := s.line().Put(style.Accent, k.theme.Left)
	for i, word := range []string{"accept", "tentative", "decline"} {
		l.Skip(1).Put(style.Title, k.keys[i]).Skip(1).Put(style.Text, word).Skip(1)
	}
	s.add(l)
}

// answerKeys are those that answer an invitation.
func (a *App) answerKeys() [3]string {
	return [3]string{a.keys.Key(action.Accept), a.keys.Key(action.Tentative), a.keys.Key(action.Decline)}
}

// sequenceOf is the version of the invitation in a message taken apart.
func sequenceOf(source []byte) int {
	file, err := calendar.ReadICS(scheduleIn(message.ParseBytes(source)), time.UTC)
	if err != nil || len(file.Items) == 0 {
		return 0
	}
	return file.Items[0].Sequence
}
