package server

import (
	"net/http"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wire"
)

// maxAnswers is how many invitations one MeetingResponse request may answer.
const maxAnswers = 100

// Statuses of a Result (MS-ASCMD 2.2.3.177.8, and the common ones).
const (
	answerDone    = 1
	answerInvalid = 2   // no invitation, or not one that may be answered
	badInstance   = 104 // InstanceId is not in the form of this command
	noSeries      = 146
)

// meetingResponse answers invitations (MS-ASCMD 2.2.1.11): messages of the
// Inbox, from 14.1 on also events of the calendar.
func (x *exchange) meetingResponse() *reply {
	var req wire.MeetingResponseRequest
	if x.decode(&req) != nil || len(req.Requests) == 0 || len(req.Requests) > maxAnswers {
		return x.failure(103, http.StatusBadRequest)
	}
	out := &wire.MeetingResponseResponse{}
	for _, a := range req.Requests {
		r := wire.MeetingResult{RequestID: a.RequestID, InstanceID: a.InstanceID}
		r.Status, r.CalendarID = x.answerOne(a)
		out.Results = append(out.Results, r)
	}
	return document(out)
}

// invited is what is answered.
type invited struct {
	folder *folder
	item   *item
	event  activesync.Event
	seq    int
	one    time.Time // the occurrence that the invitation is to, zero for all
}

func (x *exchange) answerOne(a wire.MeetingAnswer) (status int, event activesync.ServerID) {
	answer, ok := map[int]activesync.Answer{wire.MeetingAccept: activesync.AnswerAccept, wire.MeetingTentative: activesync.AnswerTentative,
		wire.MeetingDecline: activesync.AnswerDecline}[a.UserResponse]
	if !ok || (a.CollectionID == "") != (a.RequestID == "") {
		return answerInvalid, ""
	}
	in, status := x.invited(a)
	if in == nil {
		return status, ""
	}
	if s := a.SendResponse; s != nil && (s.ProposedStartTime == nil) != (s.ProposedEndTime == nil) {
		return answerInvalid, ""
	}
	event = x.keepAnswer(in, answer)
	if in.item.source != nil {
		if bin := x.m.kind(activesync.FolderDeleted); bin != nil {
			x.m.move(in.folder, bin, in.item)
		} else {
			x.m.remove(in.folder, in.item)
		}
	}
	switch {
	case a.SendResponse != nil:
		x.mailAnswer(in, answer, a.SendResponse)
	case x.personality().MailsAnswers:
		x.mailAnswer(in, answer, &wire.SendResponse{})
	}
	return answerDone, event
}

// invited finds what a request answers, or says why it may not be answered.
func (x *exchange) invited(a wire.MeetingAnswer) (*invited, int) {
	f := x.folderNamed(a.CollectionID)
	if f == nil {
		return nil, answerInvalid
	}
	it := x.itemNamed(f, a.RequestID)
	if it == nil {
		return nil, answerInvalid
	}
	in := &invited{folder: f, item: it}
	switch {
	case it.source != nil && f.kind == activesync.FolderInbox:
		p := message.ParseBytes(it.source())
		method, item := scheduled(p)
		if item == nil || method != "REQUEST" {
			return nil, answerInvalid
		}
		in.event, in.seq, in.one = item.Event, item.Sequence, item.RecurrenceID
	case it.event != nil && x.Version >= activesync.V141:
		if it.event.MeetingStatus&2 == 0 || it.event.MeetingStatus&4 != 0 {
			return nil, answerInvalid // the user's own, or cancelled
		}
		in.event = *it.event
	default:
		return nil, answerInvalid
	}
	if a.InstanceID != nil {
		t, err := time.Parse("2006-01-02T15:04:05.000Z", string(*a.InstanceID))
		switch {
		case err != nil:
			return nil, badInstance
		case !in.event.Recurrence.Set:
			return nil, noSeries
		}
		in.one = t
	}
	return in, 0
}

// keepAnswer notes the answer in the calendar, and returns the event where
// there still is one.
func (x *exchange) keepAnswer(in *invited, answer activesync.Answer) activesync.ServerID {
	f := x.m.kind(activesync.FolderCalendar)
	if f == nil {
		return ""
	}
	it := f.event(in.event.UID)
	if in.item.event != nil {
		f, it = in.folder, in.item
	}
	switch {
	case !in.one.IsZero() && it != nil:
		x.m.renew(it, withOccurrence(*it.event, in.one, answer))
	case !in.one.IsZero():
		return "" // one occurrence of a series that is not there
	case answer == activesync.AnswerDecline:
		if it != nil {
			x.m.remove(f, it)
		}
		return ""
	case it == nil:
		e := in.event
		e.MeetingStatus, e.ResponseType, e.BusyStatus = 3, uint8(answer), answer.BusyStatus()
		e.Attendees = answered(e.Attendees, activesync.Address{Address: x.m.email}, answer)
		it = x.m.put(f, &item{event: &e, date: e.Start})
	default:
		e := *it.event
		e.ResponseType, e.BusyStatus = uint8(answer), answer.BusyStatus()
		e.Attendees = answered(e.Attendees, activesync.Address{Address: x.m.email}, answer)
		x.m.renew(it, e)
	}
	return x.itemName(f, it.number)
}

// withOccurrence is a series with the answer to one of its occurrences.
func withOccurrence(e activesync.Event, at time.Time, answer activesync.Answer) activesync.Event {
	busy := answer.BusyStatus()
	x := activesync.Exception{Start: at, BusyStatus: &busy, Deleted: answer == activesync.AnswerDecline}
	e.Exceptions = append([]activesync.Exception(nil), e.Exceptions...)
	for i := range e.Exceptions {
		if e.Exceptions[i].Start.Equal(at) {
			e.Exceptions[i].BusyStatus, e.Exceptions[i].Deleted = x.BusyStatus, x.Deleted
			return e
		}
	}
	e.Exceptions = append(e.Exceptions, x)
	return e
}

// mailAnswer writes to the organiser.
func (x *exchange) mailAnswer(in *invited, answer activesync.Answer, s *wire.SendResponse) {
	if in.event.Organizer.Address == "" {
		return
	}
	now := time.Now().UTC().Truncate(time.Second)
	comment := ""
	if s.Body != nil {
		comment = string(s.Body.Data)
	}
	r := calendar.Reply{Invitation: calendar.Item{Event: in.event, Sequence: in.seq, RecurrenceID: in.one}, From: activesync.Address{Address: x.m.email},
		Answer: answer, Comment: comment, Time: now}
	d := &activesync.Draft{To: []activesync.Address{in.event.Organizer}, Subject: r.Subject(), Text: comment}
	mime, err := message.ComposeSchedule(d, calendar.WriteReply(r), "REPLY", message.ComposeOptions{From: r.From, Date: now,
		MessageID: message.NewMessageID("example.test")})
	if err != nil {
		return
	}
	x.dispatch(mime, d.To, true)
}
