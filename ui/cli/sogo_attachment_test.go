package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync/message"
)

// A file of 20 MB through a real server, both ways, equal by hash.
func TestSOGoLargeAttachment(t *testing.T) {
	s := newSOGo(t)
	s.afresh()
	received, file := largeMail("bob@sogo.test", "alice@sogo.test", "received", 20<<20)
	want := sha256.Sum256(file)
	s.imap("alice").appendMail("INBOX", "()", received)
	s.add("alice")
	s.run("", "sync")
	var rows []struct{ ID, Subject string }
	if err := json.Unmarshal([]byte(s.run("", "--json", "list")), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%v, %+v", err, rows)
	}
	dir := t.TempDir()
	s.run("", "attachment", "save", rows[0].ID, "1", dir)
	got, err := os.ReadFile(filepath.Join(dir, "plan.bin"))
	if err != nil || sha256.Sum256(got) != want {
		t.Errorf("received: %d bytes, %v; not the file of %d", len(got), err, len(file))
	}
	sent, _ := largeMail("alice@sogo.test", "bob@sogo.test", "sent", 20<<20)
	s.run(string(sent), "send")
	for _, at := range []struct{ user, folder string }{{"bob", "INBOX"}, {"alice", "Sent"}} {
		m, ok := s.imap(at.user).messages(at.folder)["sent"]
		if !ok {
			t.Errorf("it does not lie in %s of %s", at.folder, at.user)
			continue
		}
		files := message.ParseBytes(m.Raw).Attachments
		if len(files) != 1 || sha256.Sum256(files[0].Content) != want {
			t.Errorf("in %s of %s: %d files, not the one that was sent", at.folder, at.user, len(files))
		}
	}
}

// An invitation that came by mail is answered; the organiser hears once.
func TestSOGoInvitation(t *testing.T) {
	s := newSOGo(t)
	s.afresh()
	day := time.Now().AddDate(0, 0, 3).Format("20060102")
	uid := fmt.Sprintf("audit-%d@sogo.test", time.Now().UnixNano())
	s.imap("alice").appendMail("INBOX", "()", []byte(strings.ReplaceAll("From: bob@sogo.test\nTo: alice@sogo.test\nSubject: Audit\nMessage-ID: <"+uid+">\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nPlease come.\n--b\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\n\n"+
		"BEGIN:VCALENDAR\nPRODID:test\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:"+uid+"\nDTSTAMP:20260302T100000Z\nDTSTART:"+day+"T090000Z\nDTEND:"+day+"T100000Z\nSUMMARY:Audit\n"+
		"ORGANIZER;CN=Bob:mailto:bob@sogo.test\nATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@sogo.test\nEND:VEVENT\nEND:VCALENDAR\n--b--\n", "\n", "\r\n")))
	s.add("alice")
	s.run("", "sync", "--all")
	var rows []struct{ ID, Subject string }
	if err := json.Unmarshal([]byte(s.run("", "--json", "list")), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%v, %+v", err, rows)
	}
	s.run("", "calendar", "respond", rows[0].ID, "accept")
	s.run("", "sync", "--all")
	answers := 0
	for subject, m := range s.imap("bob").messages("INBOX") {
		if bytes.Contains(message.ParseBytes(m.Raw).Calendar, []byte("METHOD:REPLY")) {
			answers++
		} else {
			t.Logf("the organiser also got %q", subject)
		}
	}
	if answers != 1 {
		t.Errorf("the organiser got %d answers", answers)
	}
	if list := s.run("", "calendar", "list"); !strings.Contains(list, "Audit") {
		t.Errorf("the agenda has\n%s", list)
	}
}
