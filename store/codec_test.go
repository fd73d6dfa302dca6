package store

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"pgregory.net/rapid"
)

func addresses(t *rapid.T, label string) []activesync.Address {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) activesync.Address {
		return activesync.Address{Name: rapid.String().Draw(t, "name"), Address: rapid.String().Draw(t, "address")}
	}), -1, 4).Draw(t, label)
}

// none makes empty lists nil, as they are read.
func none[T any](v []T) []T {
	if len(v) == 0 {
		return nil
	}
	return v
}

func anyRow(t *rapid.T) *row {
	r := &row{id: 5, kind: rapid.SampledFrom([]kind{kindMessage, kindContact, kindEvent}).Draw(t, "kind"),
		home: activesync.FolderID(rapid.Uint64().Draw(t, "home")), serverID: activesync.ServerID(rapid.String().Draw(t, "serverID")),
		hidden: rapid.Bool().Draw(t, "hidden"), leaving: rapid.Bool().Draw(t, "leaving"), whole: rapid.Bool().Draw(t, "whole"),
		pending: rapid.IntRange(0, 1<<30).Draw(t, "pending"), shown: activesync.FolderID(rapid.Uint64().Draw(t, "shown"))}
	texts := func(label string) []string { return none(rapid.SliceOfN(rapid.String(), -1, 4).Draw(t, label)) }
	text := func(label string) string { return rapid.String().Draw(t, label) }
	switch r.kind {
	case kindMessage:
		r.showRead, r.showFlag = rapid.Bool().Draw(t, "read"), activesync.FlagStatus(rapid.Byte().Draw(t, "flag"))
		r.header = activesync.Header{ID: 5, From: activesync.Address{Name: text("name"), Address: text("address")}, To: none(addresses(t, "to")), Cc: none(addresses(t, "cc")),
			Subject: text("subject"), Date: time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "date"), int64(rapid.IntRange(0, 999999999).Draw(t, "ns"))).UTC(),
			Read: rapid.Bool().Draw(t, "read"), Flag: activesync.FlagStatus(rapid.Byte().Draw(t, "flag")), Importance: activesync.Importance(rapid.Byte().Draw(t, "importance")),
			Verb: activesync.Verb(rapid.Byte().Draw(t, "verb")), HasAttachments: rapid.Bool().Draw(t, "attachments"), Draft: rapid.Bool().Draw(t, "draft"),
			MessageClass: text("class"), Preview: text("preview"), Conversation: none(rapid.SliceOf(rapid.Byte()).Draw(t, "conversation")), Categories: texts("categories"),
			Size: rapid.Int64().Draw(t, "size")}
		r.messageID, r.root = text("message id"), text("root")
	case kindContact:
		r.pending = 0
		r.contact = activesync.ContactRow{ID: 5, Name: text("name"), Company: text("company"), Phone: text("phone"), Emails: texts("emails")}
	case kindEvent:
		r.first, r.last, r.series = rapid.Int64().Draw(t, "first"), rapid.Int64().Draw(t, "last"), rapid.Bool().Draw(t, "series")
	}
	return r
}

func TestRowIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRow(t)
		got, err := decodeRow(5, r.append(nil))
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("row %+v is read as %+v, %v", r, got, err)
		}
		b := r.append(nil)
		if n := rapid.IntRange(0, len(b)-1).Draw(t, "cut"); n < len(b) {
			if got, err := decodeRow(5, b[:n]); err == nil {
				t.Fatalf("%d of %d bytes are read as %+v", n, len(b), got)
			}
		}
	})
}

func TestContentIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := activesync.Message{Sender: activesync.Address{Name: rapid.String().Draw(t, "name")}, ReplyTo: none(addresses(t, "replyTo")), Bcc: none(addresses(t, "bcc")),
			Body: activesync.Body{Type: activesync.BodyType(rapid.Byte().Draw(t, "type")), Data: none(rapid.SliceOf(rapid.Byte()).Draw(t, "data")),
				Size: rapid.Int64().Draw(t, "size"), Truncated: rapid.Bool().Draw(t, "truncated")}, Note: rapid.String().Draw(t, "note")}
		for range rapid.IntRange(0, 3).Draw(t, "attachments") {
			m.Attachments = append(m.Attachments, activesync.Attachment{Name: rapid.String().Draw(t, "name"), ContentType: rapid.String().Draw(t, "type"),
				Size: rapid.Int64().Draw(t, "size"), FileReference: rapid.String().Draw(t, "reference"), ContentID: rapid.String().Draw(t, "id"),
				Inline: rapid.Bool().Draw(t, "inline"), Method: rapid.Byte().Draw(t, "method")})
		}
		if rapid.Bool().Draw(t, "meeting") {
			m.Meeting = &activesync.MeetingRequest{UID: "uid", Start: time.Unix(1000, 0).UTC(), End: time.Unix(2000, 0).UTC()}
		}
		b, err := appendContent(nil, &m)
		if err != nil {
			t.Fatal(err)
		}
		var got activesync.Message
		if err := readContent(b, &got); err != nil || !reflect.DeepEqual(got, m) {
			t.Fatalf("content %+v is read as %+v, %v", m, got, err)
		}
	})
}

func FuzzRow(f *testing.F) {
	at := time.Unix(1772452800, 5).UTC()
	f.Add((&row{kind: kindMessage, home: 1, serverID: "1:1", shown: 1, header: activesync.Header{Subject: "Budget", Date: at,
		To: []activesync.Address{{Name: "Ana", Address: "ana@example.test"}}, Categories: []string{"red"}, Conversation: []byte{1}}}).append(nil))
	f.Add((&row{kind: kindContact, contact: activesync.ContactRow{Name: "Ana", Emails: []string{"ana@example.test"}}}).append(nil))
	f.Add((&row{kind: kindEvent, first: 1, last: 2, series: true}).append(nil))
	f.Add([]byte{rowVersion, byte(kindMessage), 0, 0, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRow(7, b)
		if err != nil {
			return
		}
		again, err := decodeRow(7, r.append(nil))
		if err != nil || !reflect.DeepEqual(r, again) {
			t.Errorf("%x is read as %+v, and that as %+v, %v", b, r, again, err)
		}
	})
}

func FuzzContent(f *testing.F) {
	for _, m := range []activesync.Message{{}, {Body: activesync.Body{Type: activesync.BodyPlain, Data: []byte("text")}},
		{Attachments: []activesync.Attachment{{Name: "a.txt", Size: 4}}, Meeting: &activesync.MeetingRequest{UID: "u"}, Note: "cut", ReplyTo: []activesync.Address{{Name: "x"}}}} {
		b, err := appendContent(nil, &m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m activesync.Message
		if readContent(b, &m) != nil {
			return
		}
		out, err := appendContent(nil, &m)
		if err != nil {
			return // a year that JSON cannot write
		}
		var again activesync.Message
		if err := readContent(out, &again); err != nil || !bytes.Equal(m.Body.Data, again.Body.Data) || len(m.Attachments) != len(again.Attachments) {
			t.Errorf("%x is read as %+v, and that as %+v, %v", b, m, again, err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	s, err := newSealer(bytes.Repeat([]byte{7}, keySize))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.close)
	for _, text := range []string{"", "short", string(bytes.Repeat([]byte("long and the same "), 100))} {
		f.Add(s.pack(nil, []byte(text)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		content, err := s.unpack(b)
		if err != nil {
			return
		}
		if again, err := s.unpack(s.pack(nil, content)); err != nil || !bytes.Equal(again, content) {
			t.Errorf("%d bytes come back as %d, %v", len(content), len(again), err)
		}
	})
}
