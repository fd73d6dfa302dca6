package wire

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// sync sends an item through a whole Sync answer and back.
func syncItem(t testing.TB, class activesync.Class, item any) activesync.ItemChange {
	t.Helper()
	raw, err := Pack(item)
	if err != nil {
		t.Fatal(err)
	}
	b, err := wbxml.Marshal(&SyncResponse{Collections: []SyncCollectionResponse{{
		SyncKey: "2", CollectionID: "5", Status: 1,
		Commands: &SyncItems{Adds: []SyncItem{{ServerID: "5:1", ApplicationData: raw}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	var r SyncResponse
	if err := wbxml.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	c, ok := r.Collection("5")
	if !ok {
		t.Fatal("the folder is not in the answer")
	}
	items, bad := c.Changes(class)
	if len(bad) > 0 || len(items) != 1 || items[0].Kind != activesync.Added || items[0].ServerID != "5:1" {
		t.Fatalf("got %+v, bad %v", items, bad)
	}
	return items[0]
}

func at(s string) time.Time {
	t, err := ParseTime(s)
	if err != nil {
		panic(err)
	}
	return t
}

// zoneBerlin is the TimeZone structure of Central Europe, by MS-ASDTYPE 2.7.6.
func zoneBerlin() []byte {
	b := make([]byte, zoneSize)
	put := func(i int, v int32) {
		for n := range 4 {
			b[i+n] = byte(v >> (8 * n))
		}
	}
	put(0, -60)
	put(168, -60)
	// The last Sunday of October at 3:00, the last Sunday of March at 2:00.
	b[70], b[74], b[76] = 10, 5, 3
	b[154], b[158], b[160] = 3, 5, 2
	return b
}

func sampleMessage() activesync.Message {
	return activesync.Message{
		Header: activesync.Header{
			From:    activesync.Address{Name: "Souza, Ana", Address: "ana@example.test"},
			To:      []activesync.Address{{Name: `Jörg "Joe" Müller`, Address: "joe@example.test"}, {Address: "finance@example.test"}},
			Cc:      []activesync.Address{{Name: "東京 オフィス", Address: "tokyo@example.test"}},
			Subject: "Re: Budget, second table 📎", Date: at("2026-03-29T01:30:00.000Z"), Read: true, Flag: activesync.FlagActive,
			Importance: activesync.ImportanceHigh, Verb: activesync.VerbReplyAll, HasAttachments: true, MessageClass: "IPM.Note",
			Preview: "Thanks, the new figures", Conversation: []byte{1, 0, 2, 0xFF, 3}, Categories: []string{"Blue", "Harbour"}, Size: 4000,
		},
		Sender: activesync.Address{Name: "Desk", Address: "desk@example.test"}, ReplyTo: []activesync.Address{{Name: "A; B", Address: "ab@example.test"}, {Address: "c@example.test"}},
		Bcc:  []activesync.Address{{Address: "hidden@example.test"}},
		Body: activesync.Body{Type: activesync.BodyHTML, Data: []byte("<p>Grüße</p>\r\n"), Size: 4000, Truncated: true},
		Attachments: []activesync.Attachment{
			{Name: "budget.xlsx", Size: 84000, FileReference: "5:1:0", Method: 1},
			{Name: "logo.png", Size: 900, FileReference: "5:1:1", ContentID: "logo@1", Inline: true, Method: 1},
		},
	}
}

func sampleMeeting() *activesync.MeetingRequest {
	return &activesync.MeetingRequest{
		UID: "{81412D3C-2A24-4E9D-B20E-11F7BBE92799}", Start: at("20260908T090000Z"), End: at("20260908T100000Z"), Location: "Room 4",
		Organizer: activesync.Address{Name: "Harbour Office", Address: "harbour@example.test"}, ResponseRequested: true, MessageType: 1,
		InstanceType: 1, BusyStatus: 1, TimeZone: zoneBerlin(),
		Recurrence: activesync.Recurrence{Set: true, Type: 1, Interval: 2, DayOfWeek: 4, Occurrences: 10, FirstDayOfWeek: 1},
	}
}

func sampleContact() activesync.Contact {
	c := activesync.Contact{
		Email1: activesync.Address{Name: "Ana Souza", Address: "ana@example.test"}, Email2: activesync.Address{Address: "ana2@example.test"},
		Email3:      activesync.Address{Name: "Room, 4", Address: "room@example.test"},
		Anniversary: at("2001-09-08"), Birthday: at("1969-02-28"), Children: []string{"Bea", "Çağla"}, Categories: []string{"Friends"},
		Picture: []byte{0xFF, 0xD8, 0, 1, 2}, Note: "first line\nsecond line", WeightedRank: 3,
	}
	for _, f := range c.TextFields() {
		*f.Value = "text of " + f.Name + " ü"
	}
	return c
}

func sampleEvent() activesync.Event {
	newStart, newEnd := at("20260915T110000Z"), at("20260915T120000Z")
	return activesync.Event{
		UID: "uid-1@example.test", Subject: "Audit kick-off", Location: "Room 4", Start: at("20260908T090000Z"), End: at("20260908T100000Z"),
		TimeZone: zoneBerlin(), Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("Agenda:\r\n1. …"), Size: 15},
		Categories: []string{"Green"}, Reminder: ptr(15), Sensitivity: 2, BusyStatus: 3, DTStamp: at("20260901T080000Z"),
		Organizer: activesync.Address{Name: "Harbour Office", Address: "harbour@example.test"},
		Attendees: []activesync.Attendee{
			{Address: activesync.Address{Name: "Ana Souza", Address: "ana@example.test"}, Status: 3, Type: 1},
			{Address: activesync.Address{Name: "Room 4", Address: "room@example.test"}, Status: 0, Type: 3},
		},
		MeetingStatus: 3, ResponseRequested: true, ResponseType: 5, OnlineMeeting: "https://meet.example.test/1",
		Recurrence: activesync.Recurrence{Set: true, Type: 6, Interval: 1, DayOfWeek: 4, WeekOfMonth: 5, MonthOfYear: 9, Until: at("20300930T000000Z")},
		Exceptions: []activesync.Exception{
			{Start: at("20270928T090000Z"), Deleted: true},
			{Start: at("20280926T090000Z"), NewStart: &newStart, NewEnd: &newEnd, Subject: ptr("Moved"), Location: ptr(""), Reminder: ptr(-1),
				BusyStatus: ptr(uint8(0)), AllDay: ptr(false), Body: &activesync.Body{Type: activesync.BodyPlain, Data: []byte("new"), Size: 3},
				Attendees: &[]activesync.Attendee{{Address: activesync.Address{Name: "Bea", Address: "bea@example.test"}, Status: 2, Type: 2}}},
		},
	}
}
