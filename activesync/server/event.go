package server

import (
	"crypto/rand"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// takesEvent reports whether a device may write an event like that: from 16.0
// on UID, stamp, organizer and answers are the server's business (MS-ASCAL
// 2.2.2), and an all-day event lies on midnights.
func (x *exchange) takesEvent(data wbxml.Raw) bool {
	var w wire.Calendar
	if data.Unmarshal(&w) != nil {
		return false
	}
	if x.Version < activesync.V160 {
		return w.ClientUID == nil && w.Location == nil
	}
	if w.UID != nil || w.DtStamp != nil || w.OrganizerName != nil || w.OrganizerEmail != nil || w.PlainLocation != nil {
		return false
	}
	if w.Attendees != nil {
		for _, a := range w.Attendees.Attendees {
			if a.Status != nil {
				return false
			}
		}
	}
	if w.AllDayEvent != nil && w.AllDayEvent.Bool() {
		start, end := w.StartTime, w.EndTime
		return w.Timezone == nil && (start == nil || strings.HasSuffix(string(*start), "T000000Z")) && (end == nil || strings.HasSuffix(string(*end), "T000000Z"))
	}
	return true
}

// sign gives an event that a device made what is missing of it.
func (x *exchange) sign(e *activesync.Event) {
	if e.UID == "" {
		e.UID = strings.ToUpper(rand.Text())
	}
	if x.Version >= activesync.V160 && e.Organizer == (activesync.Address{}) {
		e.Organizer = activesync.Address{Address: x.m.email}
	}
}

// clientUID is the name that a device gives an event until it has a UID.
func clientUID(data wbxml.Raw) string {
	var w wire.Calendar
	if data.Unmarshal(&w) != nil || w.ClientUID == nil {
		return ""
	}
	return *w.ClientUID
}

// madeBy is the event that an Add made before: a device repeats it with the
// same ClientUid (MS-ASCAL 2.2.2.10).
func (f *folder) madeBy(data wbxml.Raw) *item {
	uid := clientUID(data)
	for _, it := range f.items {
		if it != nil && uid != "" && it.clientUID == uid {
			return it
		}
	}
	return nil
}
