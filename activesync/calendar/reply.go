package calendar

import (
	"time"

	"eas.example/securemail/activesync"
)

// Reply is the answer of one attendee to an invitation (RFC 5546 3.2.3).
type Reply struct {
	// Invitation is what is answered. Of its event only what names it is repeated.
	Invitation Item
	From       activesync.Address
	Answer     activesync.Answer
	Comment    string
	Time       time.Time
}

// WriteReply writes the answer as iCalendar with METHOD:REPLY.
func WriteReply(r Reply) []byte {
	e := r.Invitation.Event
	return WriteICS(&File{Method: "REPLY", Items: []Item{{
		Event: activesync.Event{UID: e.UID, Subject: e.Subject, Location: e.Location, AllDay: e.AllDay, Start: e.Start, End: e.End, TimeZone: e.TimeZone,
			DTStamp: r.Time, BusyStatus: 2, Organizer: e.Organizer,
			Attendees: []activesync.Attendee{{Address: r.From, Status: uint8(r.Answer), Type: 1}}},
		Sequence: r.Invitation.Sequence, RecurrenceID: r.Invitation.RecurrenceID, Comment: r.Comment,
	}}})
}

// Subject is that of the message that carries the answer, as Outlook writes it.
func (r Reply) Subject() string {
	word := map[activesync.Answer]string{activesync.AnswerAccept: "Accepted", activesync.AnswerTentative: "Tentative", activesync.AnswerDecline: "Declined"}[r.Answer]
	return word + ": " + r.Invitation.Event.Subject
}
