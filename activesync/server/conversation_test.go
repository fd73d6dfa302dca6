package server

import (
	"bytes"
	"testing"

	"eas.example/securemail/activesync/message"
)

// Messages without a Message-ID are not all one conversation.
func TestMessagesWithoutAMessageIDStandAlone(t *testing.T) {
	of := func(mime string) []byte { return conversation(message.ParseBytes([]byte(mime))) }
	if bytes.Equal(of("From: a@example.test\r\nSubject: One\r\n\r\n"), of("From: b@example.test\r\nSubject: Two\r\n\r\n")) {
		t.Error("two messages that have nothing in common are one conversation")
	}
	if !bytes.Equal(of("Message-ID: <1@x>\r\n\r\n"), of("Message-ID: <2@x>\r\nReferences: <1@x>\r\n\r\n")) {
		t.Error("an answer is not in the conversation of what it answers")
	}
}
