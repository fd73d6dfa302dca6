package wire

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// seenBy is what a client of version v can know of m.
func seenBy(m activesync.Message, v activesync.Version) activesync.Message {
	if v < activesync.V140 {
		m.Conversation, m.Categories, m.Preview, m.Verb, m.Sender = nil, nil, "", 0, activesync.Address{}
	}
	if v < activesync.V160 {
		m.Bcc, m.Draft = nil, false
	}
	if m.Meeting != nil {
		meeting := *m.Meeting
		if v < activesync.V141 {
			meeting.MessageType, meeting.Recurrence.FirstDayOfWeek = 0, 0
		}
		m.Meeting = &meeting
	}
	return m
}

func TestMessageSurvivesTheWire(t *testing.T) {
	plain := sampleMessage()
	invitation := sampleMessage()
	invitation.Meeting, invitation.MessageClass = sampleMeeting(), "IPM.Schedule.Meeting.Request"
	draft := sampleMessage()
	draft.Draft, draft.Flag, draft.Importance, draft.Read = true, activesync.FlagComplete, activesync.ImportanceLow, false
	mime := sampleMessage()
	mime.Body = activesync.Body{Type: activesync.BodyMIME, Data: []byte("Subject: \x1b$BF|\x1b(B\r\n\r\n\x00\xff"), Size: 4000}
	bare := activesync.Message{Header: activesync.Header{MessageClass: "IPM.Note", Date: at("2026-01-01")}}
	for name, m := range map[string]activesync.Message{"mail": plain, "invitation": invitation, "draft": draft, "mime": mime, "bare": bare} {
		for _, v := range activesync.Versions() {
			t.Run(name+" "+v.String(), func(t *testing.T) {
				change := syncItem(t, activesync.ClassEmail, EncodeEmail(&m, v))
				var got activesync.Message
				change.Message.Apply(&got)
				if diff := cmp.Diff(seenBy(m, v), got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestChangeOfAMarkLeavesTheRest(t *testing.T) {
	var c SyncCollection
	c.ChangeRead("1", false)
	c.ChangeFlag("2", activesync.FlagNone)
	c.ChangeFlag("3", activesync.FlagComplete)
	for i, want := range []struct {
		fields activesync.MessageFields
		flag   activesync.FlagStatus
		read   bool
	}{{activesync.HasRead, activesync.FlagActive, false}, {activesync.HasFlag, activesync.FlagNone, true}, {activesync.HasFlag, activesync.FlagComplete, true}} {
		p, err := DecodeEmail(c.Commands.Changes[i].ApplicationData)
		if err != nil {
			t.Fatal(err)
		}
		if p.Fields != want.fields {
			t.Errorf("change %d names fields %b, want %b", i, p.Fields, want.fields)
		}
		m := sampleMessage()
		p.Apply(&m)
		expect := sampleMessage()
		expect.Flag, expect.Read = want.flag, want.read
		if diff := cmp.Diff(expect, m); diff != "" {
			t.Errorf("change %d: %s", i, diff)
		}
	}
}

func TestActiveFlagHasAType(t *testing.T) {
	var c SyncCollection
	c.ChangeFlag("1", activesync.FlagActive)
	n, err := c.Commands.Changes[0].ApplicationData.Node()
	if err != nil {
		t.Fatal(err)
	}
	flag := n.Child(wbxml.MustTag("Email:Flag"))
	if flag == nil || string(flag.Child(wbxml.MustTag("Email:Status")).Text) != "2" || len(flag.Child(wbxml.MustTag("Email:FlagType")).Text) == 0 {
		t.Errorf("got %+v", flag)
	}
}

// A server that fills elements with nonsense must not hide the message.
func TestNonsenseInAMessage(t *testing.T) {
	var e Email
	e.Subject, e.Read, e.DateReceived = ptr("kept"), ptr(Switch("")), ptr(Stamp("yesterday"))
	e.Importance, e.LastVerbExecuted = ptr(Number("")), ptr(Number("-7"))
	e.Attachments = &Attachments{Attachments: []Attachment{{FileReference: "x", EstimatedDataSize: "(null)", Method: "9999"}}}
	e.Meeting = &MeetingRequest{GlobalObjID: ptr("!!"), TimeZone: ptr("AAAA"), StartTime: ptr(Stamp("")), Recurrences: &Recurrences{}}
	p := syncItem(t, activesync.ClassEmail, &e).Message
	if p.Subject != "kept" || p.Note == "" || p.Fields&activesync.HasDate != 0 || p.Importance != activesync.ImportanceNormal || p.Verb != 0 || p.Read {
		t.Errorf("got %+v", p)
	}
	if len(p.Attachments) != 1 || p.Attachments[0].Size != 0 || p.Meeting == nil || p.Meeting.Recurrence.Set {
		t.Errorf("got %+v", p)
	}
}

func TestItemThatCannotBeRead(t *testing.T) {
	type wrong struct {
		Body struct {
			Type string `wbxml:"AirSyncBase:Type"`
		} `wbxml:"AirSyncBase:Body"`
	}
	var w wrong
	w.Body.Type = "ten"
	raw, err := Pack(&w)
	if err != nil {
		t.Fatal(err)
	}
	good, _ := Pack(&Email{Subject: ptr("good")})
	c := SyncCollectionResponse{Commands: &SyncItems{
		Adds:    []SyncItem{{ServerID: "1", ApplicationData: raw}, {ServerID: "2", ApplicationData: good}},
		Changes: []SyncItem{{ServerID: "3", ApplicationData: raw}},
	}}
	items, bad := c.Changes(activesync.ClassEmail)
	if len(items) != 2 || items[0].ServerID != "1" || items[0].Message.Note == "" || items[1].Message.Subject != "good" {
		t.Errorf("items %+v", items)
	}
	if len(bad) != 2 || bad["1"] == nil || bad["3"] == nil {
		t.Errorf("bad %v", bad)
	}
}

func TestRemovedAndAddedInOneAnswer(t *testing.T) {
	raw, _ := Pack(&Email{Subject: ptr("again")})
	c := SyncCollectionResponse{Commands: &SyncItems{
		Adds:        []SyncItem{{ServerID: "1", ApplicationData: raw}},
		Deletes:     []SyncGone{{ServerID: "1"}, {ServerID: "2"}},
		SoftDeletes: []SyncGone{{ServerID: "3"}},
	}}
	items, _ := c.Changes(activesync.ClassEmail)
	var got []string
	for _, i := range items {
		got = append(got, string(i.ServerID)+":"+string(rune('0'+i.Kind)))
	}
	if diff := cmp.Diff([]string{"2:3", "3:4", "1:1"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBodyInAPartOfTheAnswer(t *testing.T) {
	raw, err := Pack(&Email{Body: &Body{Type: 4, EstimatedDataSize: "5", Part: Int(1)}})
	if err != nil {
		t.Fatal(err)
	}
	r := ItemOperationsResponse{Status: 1, Response: &ItemOperationsDone{Fetches: []FetchResponse{{Status: 1, Properties: &raw}}}}
	r.Parts = [][]byte{nil, []byte("whole")}
	p, err := r.Fetches()[0].Email()
	if err != nil || string(p.Body.Data) != "whole" || p.Body.Truncated {
		t.Errorf("got %+v, %v", p, err)
	}
	r.Parts = nil
	if p, err = r.Fetches()[0].Email(); err != nil || !p.Body.Truncated {
		t.Errorf("without its part the body is not here: %+v, %v", p, err)
	}
}

func FuzzDecodeItem(f *testing.F) {
	m, c, e := sampleMessage(), sampleContact(), sampleEvent()
	m.Meeting = sampleMeeting()
	for _, v := range activesync.Versions() {
		for _, item := range []any{EncodeEmail(&m, v), EncodeContact(&c, v), EncodeEvent(&e, v)} {
			b, err := wbxml.Marshal(&packed{Item: item})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var u unpacked
		if wbxml.Unmarshal(b, &u) != nil {
			return
		}
		// What was read once is read the same after a server wrote it anew.
		if p, err := DecodeEmail(u.Item); err == nil {
			if p.Body.Type == activesync.BodyMIME && !bytes.Equal(syncItem(t, activesync.ClassEmail, EncodeEmail(&p.Message, activesync.V161)).Message.Body.Data, p.Body.Data) {
				t.Error("MIME changed on its way")
			}
		}
		if p, err := DecodeContact(u.Item); err == nil {
			_ = syncItem(t, activesync.ClassContacts, EncodeContact(&p.Contact, activesync.V161))
		}
		if p, err := DecodeEvent(u.Item); err == nil {
			_ = syncItem(t, activesync.ClassCalendar, EncodeEvent(&p.Event, activesync.V141))
		}
	})
}

// TestHeadersOutliveTheAnswer: what is kept of a message in lists does not hold
// the answer that it came with.
func TestHeadersOutliveTheAnswer(t *testing.T) {
	type add struct {
		ServerID string `wbxml:"AirSync:ServerId"`
		Data     any    `wbxml:"AirSync:ApplicationData"`
	}
	doc, err := wbxml.Marshal(&struct {
		_    wbxml.Root `wbxml:"AirSync:Sync"`
		Adds []add      `wbxml:"AirSync:Collections>AirSync:Collection>AirSync:Commands>AirSync:Add"`
	}{Adds: []add{{"1:1", &Email{Subject: ptr("Quay walls"), ConversationID: []byte("0123456789abcdef")}}}})
	if err != nil {
		t.Fatal(err)
	}
	var res SyncResponse
	if err := wbxml.UnmarshalShared(doc, &res); err != nil {
		t.Fatal(err)
	}
	items, bad := res.Collections[0].Changes(activesync.ClassEmail)
	if len(bad) > 0 || len(items) != 1 {
		t.Fatal(items, bad)
	}
	clear(doc)
	if h := items[0].Message.Header; h.Subject != "Quay walls" || string(h.Conversation) != "0123456789abcdef" {
		t.Errorf("after the answer went: %+v", h)
	}
}
