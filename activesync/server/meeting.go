package server

import (
	"bytes"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

// meeting is the invitation that a message carries, nil where it carries none.
func meeting(p *message.Mail) *activesync.MeetingRequest {
	method, item := scheduled(p)
	if item == nil || method != "REQUEST" && method != "CANCEL" {
		return nil
	}
	e := item.Event
	out := &activesync.MeetingRequest{UID: e.UID, AllDay: e.AllDay, Start: e.Start, End: e.End, Location: e.Location, Organizer: e.Organizer,
		ResponseRequested: method == "REQUEST", BusyStatus: 2, Recurrence: e.Recurrence, TimeZone: e.TimeZone, RecurrenceID: item.RecurrenceID}
	switch {
	case method == "CANCEL":
	case item.Sequence > 0:
		out.MessageType = 2
	default:
		out.MessageType = 1
	}
	switch {
	case e.Recurrence.Set:
		out.InstanceType = 1
	case !item.RecurrenceID.IsZero():
		out.InstanceType = 2
	}
	return out
}

// scheduled is the event that a message is about, and what it says of it.
func scheduled(p *message.Mail) (method string, item *calendar.Item) {
	if p.Calendar == nil {
		return "", nil
	}
	file, err := calendar.ReadICS(p.Calendar, time.UTC)
	if err != nil || len(file.Items) == 0 {
		return "", nil
	}
	return file.Method, &file.Items[0]
}

// book does to the calendar what a message about an event says, as Exchange does
// when one arrives: an invitation stands there until it is answered.
func (m *Mailbox) book(mime []byte) {
	if !bytes.Contains(mime, []byte("text/calendar")) {
		return
	}
	p := message.ParseBytes(mime)
	method, in := scheduled(p)
	f := m.kind(activesync.FolderCalendar)
	if in == nil || f == nil || in.Event.UID == "" || !in.RecurrenceID.IsZero() {
		return
	}
	it := f.event(in.Event.UID)
	switch method {
	case "REQUEST":
		if strings.EqualFold(in.Event.Organizer.Address, m.email) {
			return
		}
		e := in.Event
		e.MeetingStatus, e.ResponseType, e.BusyStatus, e.ResponseRequested = 3, 5, 1, true
		if it == nil {
			m.put(f, &item{event: &e, date: e.Start})
			return
		}
		if in.Sequence == 0 {
			return // it is there already
		}
		m.renew(it, e)
	case "CANCEL":
		if it != nil {
			e := *it.event
			e.MeetingStatus, e.BusyStatus = e.MeetingStatus|4, 0
			m.renew(it, e)
		}
	case "REPLY":
		if it != nil && len(in.Event.Attendees) > 0 {
			from := in.Event.Attendees[0]
			e := *it.event
			e.Attendees = answered(e.Attendees, from.Address, activesync.Answer(from.Status))
			m.renew(it, e)
		}
	}
}

// event finds an event by its UID.
func (f *folder) event(uid string) *item {
	for _, it := range f.items {
		if it != nil && it.event != nil && it.event.UID == uid && uid != "" {
			return it
		}
	}
	return nil
}

// renew puts an event in place of what an item was.
func (m *Mailbox) renew(it *item, e activesync.Event) {
	it.event, it.date = &e, e.Start
	it.changed = m.touch()
	it.whole = it.changed
}

// answered are the attendees with the answer of one of them.
func answered(list []activesync.Attendee, who activesync.Address, a activesync.Answer) []activesync.Attendee {
	out := append([]activesync.Attendee(nil), list...)
	for i := range out {
		if strings.EqualFold(out[i].Address.Address, who.Address) {
			out[i].Status = uint8(a)
		}
	}
	return out
}
