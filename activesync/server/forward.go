package server

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
)

// forwardee is somebody that a meeting is sent on to.
type forwardee struct {
	Email string `wbxml:"ComposeMail:Email"`
	Name  string `wbxml:"ComposeMail:Name,omitempty"`
}

// forwardMeeting sends a meeting on, in the words of the server: from 16.0 on a
// SmartForward may name people in place of a message (MS-ASCMD 2.2.3.80).
func (x *exchange) forwardMeeting(req sendRequest) *reply {
	if len(req.MIME) > 0 || req.Replace || req.Save {
		return x.failure(178, http.StatusBadRequest)
	}
	src := x.sourceOf(req)
	if src == nil {
		return x.failure(150, http.StatusNotFound)
	}
	event := src.meeting()
	if event == nil {
		return x.failure(179, http.StatusBadRequest)
	}
	var rcpts []activesync.Address
	for _, f := range req.Forwardees {
		if !strings.Contains(f.Email, "@") {
			return x.failure(116, http.StatusBadRequest)
		}
		rcpts = append(rcpts, activesync.Address{Name: f.Name, Address: f.Email})
	}
	x.d.sent[req.ClientID] = true
	x.dispatch(invitation(x.m.email, rcpts, event, "REQUEST", "FW: "+event.Subject, string(req.Note)), rcpts, false)
	return plain(http.StatusOK)
}

// meeting is the event of an item, or of the invitation that it is; nil where
// it has none.
func (it *item) meeting() *activesync.Event {
	if it.event != nil {
		return it.event
	}
	if it.source == nil {
		return nil
	}
	p := message.ParseBytes(it.source())
	if p.Calendar == nil {
		return nil
	}
	file, err := calendar.ReadICS(p.Calendar, time.UTC)
	if err != nil || len(file.Items) == 0 {
		return nil
	}
	return &file.Items[0].Event
}

// invitation is a message with an event in it (RFC 6047).
func invitation(from string, to []activesync.Address, e *activesync.Event, method, subject, text string) []byte {
	var b bytes.Buffer
	var names []string
	for _, a := range to {
		names = append(names, (&mail.Address{Name: a.Name, Address: a.Address}).String())
	}
	domain := from[strings.LastIndexByte(from, '@')+1:]
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\n", (&mail.Address{Address: from}).String(),
		strings.Join(names, ", "), mime.QEncoding.Encode("utf-8", subject), time.Now().UTC().Format(time.RFC1123Z), message.NewMessageID(domain))
	const boundary = "=_meeting"
	fmt.Fprintf(&b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary)
	part := func(ctype, text string) {
		fmt.Fprintf(&b, "--%s\r\n", boundary)
		writeQuoted(&b, ctype+"; charset=utf-8", text)
	}
	part("text/plain", crlf(text))
	part("text/calendar; method="+method, string(calendar.WriteICS(&calendar.File{Method: method, Items: []calendar.Item{{Event: *e}}})))
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.Bytes()
}
