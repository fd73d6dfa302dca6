package message

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"strings"

	"eas.example/securemail/activesync"
)

// Schedule is the iCalendar in a message: its calendar part, else a file of that
// kind; nil where there is none.
func (m *Mail) Schedule() []byte {
	if m.Calendar != nil {
		return m.Calendar
	}
	for _, f := range m.Attachments {
		if f.ContentType == "text/calendar" || strings.HasSuffix(strings.ToLower(f.Name), ".ics") {
			return f.Content
		}
	}
	return nil
}

// ComposeSchedule writes a message about an event: its text, and beside it the
// iCalendar for programs (RFC 6047 2.4). method is that of the iCalendar.
func ComposeSchedule(d *activesync.Draft, ics []byte, method string, o ComposeOptions) ([]byte, error) {
	var b bytes.Buffer
	w := &mimeWriter{w: bufio.NewWriter(&b)}
	w.field("From", encodeAddresses([]activesync.Address{o.From}))
	w.field("To", encodeAddresses(d.To))
	w.field("Subject", encodeText(d.Subject))
	w.field("Date", o.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	w.field("Message-ID", "<"+token(o.MessageID)+">")
	w.field("MIME-Version", "1.0")
	boundary := "b" + strings.ToLower(rand.Text())
	w.field("Content-Type", `multipart/alternative; boundary="`+boundary+`"`)
	w.line("")
	w.line("--" + boundary)
	w.text("plain", d.Text)
	w.line("")
	w.line("--" + boundary)
	w.field("Content-Type", "text/calendar; charset=utf-8; method="+token(method))
	w.field("Content-Transfer-Encoding", "base64")
	w.line("")
	w.base64(bytes.NewReader(ics))
	w.line("")
	w.line("--" + boundary + "--")
	if w.err != nil {
		return nil, w.err
	}
	if err := w.w.Flush(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
