package activesync

import (
	"fmt"
	"time"
)

// Answer is what a person says to an invitation; the values are those of
// ResponseType (MS-ASCAL 2.2.2.40).
type Answer uint8

// The answers to an invitation.
const (
	AnswerNone      Answer = 0
	AnswerTentative Answer = 2
	AnswerAccept    Answer = 3
	AnswerDecline   Answer = 4
)

// ParseAnswer reads accept, tentative or decline.
func ParseAnswer(s string) (Answer, error) {
	switch s {
	case "accept":
		return AnswerAccept, nil
	case "tentative":
		return AnswerTentative, nil
	case "decline":
		return AnswerDecline, nil
	}
	return AnswerNone, fmt.Errorf("%q is no answer: say accept, tentative or decline", s)
}

// String is the answer as a state.
func (a Answer) String() string {
	switch a {
	case AnswerTentative:
		return "tentative"
	case AnswerAccept:
		return "accepted"
	case AnswerDecline:
		return "declined"
	}
	return ""
}

// BusyStatus is how an event is shown after the answer (MS-ASCAL 2.2.2.6).
func (a Answer) BusyStatus() uint8 {
	switch a {
	case AnswerTentative:
		return 1
	case AnswerAccept:
		return 2
	}
	return 0
}

// Response is an answer on its way to the organiser, with what of the invitation
// has to be repeated to them.
type Response struct {
	Answer Answer `json:"answer"`
	// Comment goes to the organiser with the answer.
	Comment string `json:"comment,omitempty"`
	// Silent has nothing sent to the organiser.
	Silent bool `json:"silent,omitempty"`
	// Wait is how long the answer can be taken back before anybody is told.
	Wait time.Duration `json:"wait,omitempty"`
	// Instance is the occurrence of a series that is answered, by when the series
	// has it; zero is the whole.
	Instance time.Time `json:"instance,omitzero"`

	// UID names the event, in whatever folder it is. The store fills in this and
	// what follows from what it has of the item.
	UID       string    `json:"uid,omitempty"`
	Subject   string    `json:"subject,omitempty"`
	Location  string    `json:"location,omitempty"`
	Organizer Address   `json:"organizer,omitzero"`
	Start     time.Time `json:"start,omitzero"`
	End       time.Time `json:"end,omitzero"`
	AllDay    bool      `json:"allDay,omitempty"`
	TimeZone  []byte    `json:"timeZone,omitempty"`
	// Sequence counts the versions of the invitation (RFC 5545 3.8.7.4).
	Sequence int `json:"sequence,omitempty"`
	// Before is the answer before this one.
	Before Answer `json:"before,omitempty"`

	// Mail says that this program has to write to the organiser; from 16.0 on the
	// server does.
	Mail bool `json:"mail,omitempty"`
	// Aside says that the server sees no invitation in the item: the answer is
	// mailed, and that is all.
	Aside bool `json:"aside,omitempty"`
	// Done says that the server has the answer, and that the mail is missing.
	Done bool `json:"done,omitempty"`
}

// OfMessage takes over what the invitation in a message says. Where the server
// sees none in it, what is there already stays.
func (r *Response) OfMessage(m *Message) {
	r.Aside = m.Meeting == nil
	if r.Aside {
		return
	}
	i := m.Meeting
	r.UID, r.Subject, r.Location, r.Organizer = i.UID, m.Subject, i.Location, i.Organizer
	r.Start, r.End, r.AllDay, r.TimeZone, r.Before = i.Start, i.End, i.AllDay, i.TimeZone, i.Answer
	if r.Organizer.Address == "" {
		r.Organizer = m.From
	}
	if r.Instance.IsZero() {
		r.Instance = i.RecurrenceID
	}
}

// OfEvent takes over what an event says of itself.
func (r *Response) OfEvent(e *Event) {
	r.Aside = false
	r.UID, r.Subject, r.Location, r.Organizer = e.UID, e.Subject, e.Location, e.Organizer
	r.Start, r.End, r.AllDay, r.TimeZone = e.Start, e.End, e.AllDay, e.TimeZone
	if r.Before = Answer(e.ResponseType); r.Before > AnswerDecline || r.Before < AnswerTentative {
		r.Before = AnswerNone
	}
}

// Apply shows the answer in the event it is about.
func (r *Response) Apply(e *Event) {
	if !r.Instance.IsZero() && e.Recurrence.Set {
		busy := r.Answer.BusyStatus()
		for i := range e.Exceptions {
			if e.Exceptions[i].Start.Equal(r.Instance) {
				e.Exceptions[i].BusyStatus = &busy
				return
			}
		}
		e.Exceptions = append(e.Exceptions, Exception{Start: r.Instance, BusyStatus: &busy})
		return
	}
	e.ResponseType, e.BusyStatus = uint8(r.Answer), r.Answer.BusyStatus()
}
