package server

import (
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

// meeting is the invitation that a message carries, nil where it carries none.
func meeting(p *message.Mail) *activesync.MeetingRequest {
	if p.Calendar == nil {
		return nil
	}
	file, err := calendar.ReadICS(p.Calendar, time.UTC)
	if err != nil || len(file.Items) == 0 || file.Method != "REQUEST" && file.Method != "CANCEL" {
		return nil
	}
	e := file.Items[0].Event
	out := &activesync.MeetingRequest{UID: e.UID, AllDay: e.AllDay, Start: e.Start, End: e.End, Location: e.Location, Organizer: e.Organizer,
		ResponseRequested: file.Method == "REQUEST", MessageType: 1, BusyStatus: 2, Recurrence: e.Recurrence, TimeZone: e.TimeZone}
	if e.Recurrence.Set {
		out.InstanceType = 1
	}
	return out
}
