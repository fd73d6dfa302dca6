package server

import (
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

// invite writes to those who are invited to an event that the device makes,
// changes or deletes, or to the occurrence of it at a time. Up to 14.1 that is the
// device's business.
func (x *exchange) invite(before, after *activesync.Event, at time.Time) {
	if x.Version < activesync.V160 {
		return
	}
	now := time.Now().UTC().Truncate(time.Second)
	from := activesync.Address{Address: x.m.email}
	for _, i := range calendar.Invites(before, after, at, now) {
		ics, method := i.ICS(from, now)
		d := &activesync.Draft{To: i.To, Subject: i.Subject(), Text: i.Text(time.UTC, message.PlainText(i.Event.Body))}
		mime, err := message.ComposeSchedule(d, ics, method, message.ComposeOptions{From: from, Date: now, MessageID: message.NewMessageID("example.test")})
		if err == nil {
			x.dispatch(mime, i.To, true)
		}
	}
}
