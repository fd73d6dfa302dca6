package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// schedule delivers a message about a meeting: an invitation, or an update of it
// from sequence 1 on, or what method says.
func (f *flat) schedule(method string, sequence int) {
	f.t.Helper()
	f.letters++
	mail := fmt.Sprintf("From: Bob <bob@example.test>\nTo: alice@example.test\nSubject: Audit %d\nDate: %s\nMessage-ID: <audit%d@example.test>\nMIME-Version: 1.0\n"+
		"Content-Type: text/calendar; method=%s\n\nBEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:%s\nBEGIN:VEVENT\nUID:audit\nSEQUENCE:%d\nDTSTAMP:20260302T100000Z\n"+
		"DTSTART:%s\nDURATION:PT1H\nSUMMARY:Audit\nORGANIZER:mailto:bob@example.test\nATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@example.test\n"+
		"END:VEVENT\nEND:VCALENDAR\n", f.letters, time.Now().Add(time.Duration(f.letters)*time.Second).Format(time.RFC1123Z), f.letters, method, method, sequence,
		time.Now().Add(24*time.Hour).UTC().Format("20060102T150405Z"))
	if _, err := f.box.Deliver("Inbox", server.Mail([]byte(strings.ReplaceAll(mail, "\n", "\r\n"))), false); err != nil {
		f.t.Fatal(err)
	}
	time.Sleep(10 * time.Second)
}

// An invitation, a change of it and its end are told apart, each with what can be
// done about it.
func TestMeetingsAreToldApart(t *testing.T) {
	inFlat(t, func(f *flat) {
		f.schedule("REQUEST", 0)
		f.schedule("REQUEST", 1)
		f.schedule("CANCEL", 2)
		f.stands("Invitation: Bob: Audit 1", "Meeting changed: Bob: Audit 2", "Meeting cancelled: Bob: Audit 3")
		for i, want := range []struct {
			kind    activesync.NotifyKind
			answers bool
		}{{activesync.NotifyMeeting, true}, {activesync.NotifyUpdated, true}, {activesync.NotifyCancelled, false}} {
			n := f.desk.ever()[i]
			answers := false
			for _, a := range n.Actions {
				answers = answers || a.Label == "Accept"
			}
			if n.Kind != want.kind || answers != want.answers {
				t.Errorf("%s: kind %s, can be answered %v", n.Title, n.Kind, answers)
			}
		}
	})
}
