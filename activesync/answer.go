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

// Response is an answer on its way to the organiser.
type Response struct {
	Answer Answer `json:"answer"`
	// UID names the event, in whatever folder it is.
	UID string `json:"uid,omitempty"`
	// Comment goes to the organiser with the answer.
	Comment string `json:"comment,omitempty"`
	// Silent has nothing sent to the organiser.
	Silent bool `json:"silent,omitempty"`
	// Instance is the occurrence of a series that is answered, by when the series
	// has it; zero is the whole.
	Instance time.Time `json:"instance,omitzero"`
	// Before is the answer before this one.
	Before Answer `json:"before,omitempty"`
}
