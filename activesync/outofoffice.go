package activesync

import "time"

// OofState says when the out-of-office message is sent (MS-ASCMD 2.2.3.123).
type OofState string

// The states of the out-of-office message.
const (
	OofOff   OofState = "off"
	OofOn    OofState = "on"
	OofTimed OofState = "timed" // from From to To
)

// OutOfOffice is what the server answers for the person. Inside goes to people
// of the organisation, Outside to all others; an empty text is none, or one
// that the server does not show.
type OutOfOffice struct {
	State   OofState  `json:"state"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
	Inside  string    `json:"inside"`
	Outside string    `json:"outside"`
}
