package server

import (
	"strings"
	"testing"

	"eas.example/securemail/activesync/message"
)

// TestOriginalWithALikeMessageInIt: what is sent on may hold a message that was
// put together here too.
func TestOriginalWithALikeMessageInIt(t *testing.T) {
	const file = "\r\n--x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nfile\r\n--x--\r\n"
	const sent = "Subject: Fwd\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n"
	once := withSource([]byte(sent), []byte("Subject: first\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nfirst\r\n"+file[2:]), true, true)
	outer := "Subject: second\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\nContent-Type: text/plain\r\n\r\nsecond\r\n" +
		"--y\r\nContent-Type: message/rfc822\r\n\r\n" + string(once) + "\r\n--y--\r\n"
	m := message.ParseBytes(withSource([]byte(sent), []byte(outer), true, true))
	if len(m.Attachments) != 1 || m.Attachments[0].ContentType != "message/rfc822" {
		t.Fatalf("%d files: %+v", len(m.Attachments), m.Attachments)
	}
	inner := message.ParseBytes(m.Attachments[0].Content)
	if len(inner.Attachments) != 1 || !strings.Contains(inner.Text, "first") {
		t.Errorf("the message in it says %q and has %d files", inner.Text, len(inner.Attachments))
	}
}
