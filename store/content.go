package store

import (
	"encoding/json"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
)

// contentVersion is the first byte of a message's content.
const contentVersion = 1

// appendContent writes what of a message is not in its row: the length of the
// fields, the fields, and to the end of the value the body's data.
func appendContent(dst []byte, m *activesync.Message) ([]byte, error) {
	head, err := contentHead(m)
	if err != nil {
		return nil, err
	}
	w := writer{dst}
	w.byte(contentVersion)
	w.bytes(head)
	return append(w.b, m.Body.Data...), nil
}

func contentHead(m *activesync.Message) ([]byte, error) {
	w := writer{make([]byte, 0, 128)}
	w.byte(byte(m.Body.Type))
	truncated := byte(0)
	flag(&truncated, m.Body.Truncated, 1)
	w.byte(truncated)
	w.int(m.Body.Size)
	w.address(m.Sender)
	w.addresses(m.ReplyTo)
	w.addresses(m.Bcc)
	w.text(m.Note)
	w.uint(uint64(len(m.Attachments)))
	for _, a := range m.Attachments {
		w.text(a.Name)
		w.text(a.ContentType)
		w.int(a.Size)
		w.text(a.FileReference)
		w.text(a.ContentID)
		inline := byte(0)
		flag(&inline, a.Inline, 1)
		w.byte(inline)
		w.byte(a.Method)
	}
	var meeting []byte
	if m.Meeting != nil {
		var err error
		if meeting, err = json.Marshal(m.Meeting); err != nil {
			return nil, fmt.Errorf("encode invitation: %w", err)
		}
	}
	w.bytes(meeting)
	return w.b, nil
}

// readContent reads into m what appendContent wrote. The body's data is a part
// of b, all else is copied.
func readContent(b []byte, m *activesync.Message) error {
	outer := reader{b: b}
	if v := outer.byte(); outer.err == nil && v != contentVersion {
		return fmt.Errorf("unknown form %d", v)
	}
	n := outer.length(1)
	if outer.err != nil {
		return outer.err
	}
	head, data := b[outer.used:outer.used+n], b[outer.used+n:]
	rd := newReader(head)
	m.Body.Type = activesync.BodyType(rd.byte())
	m.Body.Truncated = rd.byte()&1 != 0
	m.Body.Size = rd.int()
	m.Sender = rd.address()
	m.ReplyTo = rd.addresses()
	m.Bcc = rd.addresses()
	m.Note = rd.text()
	m.Attachments = readAttachments(rd)
	if meeting := rd.bytes(); len(meeting) > 0 {
		m.Meeting = new(activesync.MeetingRequest)
		if err := json.Unmarshal(meeting, m.Meeting); err != nil {
			return errors.New("the invitation cannot be read")
		}
	}
	if len(data) > 0 {
		m.Body.Data = data
	}
	return rd.end()
}

func readAttachments(rd *reader) []activesync.Attachment {
	const smallest = 7 // bytes that one takes
	n := rd.length(smallest)
	if n == 0 {
		return nil
	}
	out := make([]activesync.Attachment, n)
	for i := range out {
		out[i] = activesync.Attachment{Name: rd.text(), ContentType: rd.text(), Size: rd.int(),
			FileReference: rd.text(), ContentID: rd.text(), Inline: rd.byte()&1 != 0, Method: rd.byte()}
	}
	return out
}
