package wire

import (
	"time"

	"eas.example/securemail/activesync"
)

// OofSettings reads or writes the out-of-office message (MS-ASCMD 2.2.3.122).
type OofSettings struct {
	Get *OofAsking `wbxml:"Settings:Get"`
	Set *Oof       `wbxml:"Settings:Set"`
}

// OofAsking asks for the message as "Text" or "HTML".
type OofAsking struct {
	BodyType string `wbxml:"Settings:BodyType"`
}

// The states of the out-of-office message.
const (
	OofOff   = 0
	OofOn    = 1
	OofTimed = 2 // between two times
)

// Oof is the out-of-office message. Times are there together or not at all.
type Oof struct {
	State     int          `wbxml:"Settings:OofState"`
	StartTime *Stamp       `wbxml:"Settings:StartTime"`
	EndTime   *Stamp       `wbxml:"Settings:EndTime"`
	Messages  []OofMessage `wbxml:"Settings:OofMessage"`
}

// OofMessage is the text for one group of senders, named by an empty element.
type OofMessage struct {
	Internal     bool   `wbxml:"Settings:AppliesToInternal,empty"`
	Known        bool   `wbxml:"Settings:AppliesToExternalKnown,empty"`
	Unknown      bool   `wbxml:"Settings:AppliesToExternalUnknown,empty"`
	Enabled      int    `wbxml:"Settings:Enabled"`
	ReplyMessage string `wbxml:"Settings:ReplyMessage,omitempty"`
	BodyType     string `wbxml:"Settings:BodyType,omitempty"`
}

// OofAnswer is the answer on either.
type OofAnswer struct {
	Status int  `wbxml:"Settings:Status"`
	Get    *Oof `wbxml:"Settings:Get"`
}

// NewOofGet asks for the out-of-office message as plain text.
func NewOofGet() *SettingsRequest {
	return &SettingsRequest{Oof: &OofSettings{Get: &OofAsking{BodyType: "Text"}}}
}

// NewOofSet writes it. Exchange wants one text for all senders outside. An
// empty text is left out: the server may not have shown the one it has, and
// would forget it.
func NewOofSet(state int, from, to time.Time, internal, external string) *SettingsRequest {
	o := &Oof{State: state}
	if state == OofTimed {
		o.StartTime, o.EndTime = stamp(Dashed, from), stamp(Dashed, to)
	}
	if internal != "" {
		o.Messages = append(o.Messages, OofMessage{Internal: true, Enabled: 1, ReplyMessage: internal, BodyType: "Text"})
	}
	if external != "" {
		o.Messages = append(o.Messages,
			OofMessage{Known: true, Enabled: 1, ReplyMessage: external, BodyType: "Text"},
			OofMessage{Unknown: true, Enabled: 1, ReplyMessage: external, BodyType: "Text"})
	}
	return &SettingsRequest{Oof: &OofSettings{Set: o}}
}

// DevicePasswordSettings keeps the recovery password of the device on the
// server (MS-ASCMD 2.2.3.48), at most 255 characters.
type DevicePasswordSettings struct {
	Password string `wbxml:"Settings:Set>Settings:Password"`
}

// OutOfOffice is the message in words of package activesync. Of the two texts
// for people outside, which Exchange wants alike, the first that is sent counts:
// one that is not would be, once it is written back.
func (o *Oof) OutOfOffice() activesync.OutOfOffice {
	out := activesync.OutOfOffice{State: activesync.OofOff}
	switch o.State {
	case OofOn:
		out.State = activesync.OofOn
	case OofTimed:
		out.State = activesync.OofTimed
		out.From, _ = o.StartTime.Time()
		out.To, _ = o.EndTime.Time()
	}
	for _, m := range o.Messages {
		switch {
		case m.Internal:
			out.Inside = m.ReplyMessage
		case m.Enabled == 0 && o.State != OofOff: // they are not answered
		case out.Outside == "":
			out.Outside = m.ReplyMessage
		}
	}
	return out
}
