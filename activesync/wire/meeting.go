package wire

import (
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// MeetingResponseRequest answers invitations (MS-ASCMD 2.2.1.11), 100 at most.
type MeetingResponseRequest struct {
	_        wbxml.Root      `wbxml:"MeetingResponse:MeetingResponse"`
	Requests []MeetingAnswer `wbxml:"MeetingResponse:Request"`
}

// The answers to an invitation (MS-ASCMD 2.2.3.184).
const (
	MeetingAccept    = 1
	MeetingTentative = 2
	MeetingDecline   = 3
)

// MeetingAnswer answers one invitation: a message in its folder, from 14.1 on
// also the event. Without SendResponse no mail goes to the organizer; up to
// 14.1 none ever does and there is no such element.
type MeetingAnswer struct {
	UserResponse int                 `wbxml:"MeetingResponse:UserResponse"`
	CollectionID activesync.ServerID `wbxml:"MeetingResponse:CollectionId,omitempty"`
	RequestID    activesync.ServerID `wbxml:"MeetingResponse:RequestId,omitempty"`
	LongID       string              `wbxml:"Search:LongId,omitempty"`
	// InstanceID is an occurrence of a series, by its start; dashed here.
	InstanceID   *Stamp        `wbxml:"MeetingResponse:InstanceId"`
	SendResponse *SendResponse `wbxml:"MeetingResponse:SendResponse"`
}

// SendResponse has the server write to the organizer (16.0 on). Both times are
// there or neither is (16.1).
type SendResponse struct {
	Body              *Body  `wbxml:"AirSyncBase:Body"`
	ProposedStartTime *Stamp `wbxml:"MeetingResponse:ProposedStartTime"`
	ProposedEndTime   *Stamp `wbxml:"MeetingResponse:ProposedEndTime"`
}

// NewMeetingAnswer answers the invitation that is a message in a folder, in the
// form of version v. note goes to the organizer; up to 14.1 the answer itself
// has to be mailed by the client. instance is zero for the whole series.
func NewMeetingAnswer(v activesync.Version, folder, item activesync.ServerID, answer int, note string, instance time.Time) *MeetingResponseRequest {
	a := MeetingAnswer{UserResponse: answer, CollectionID: folder, RequestID: item}
	if v >= activesync.V141 {
		a.InstanceID = stamp(Dashed, instance)
	}
	if v >= activesync.V160 {
		a.SendResponse = &SendResponse{}
		if note != "" {
			a.SendResponse.Body = &Body{Type: uint8(activesync.BodyPlain), Data: []byte(note)}
		}
	}
	return &MeetingResponseRequest{Requests: []MeetingAnswer{a}}
}

// MeetingResponseResponse answers a MeetingResponseRequest.
type MeetingResponseResponse struct {
	_       wbxml.Root      `wbxml:"MeetingResponse:MeetingResponse"`
	Results []MeetingResult `wbxml:"MeetingResponse:Result"`
}

// MeetingResult tells of one answer. CalendarID is the event that came of it,
// empty where none did.
type MeetingResult struct {
	RequestID  activesync.ServerID `wbxml:"MeetingResponse:RequestId,omitempty"`
	Status     int                 `wbxml:"MeetingResponse:Status"`
	CalendarID activesync.ServerID `wbxml:"MeetingResponse:CalendarId,omitempty"`
	InstanceID *Stamp              `wbxml:"MeetingResponse:InstanceId"`
}
