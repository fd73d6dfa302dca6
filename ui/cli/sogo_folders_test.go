package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// mailboxes are the folders that a user has over IMAP.
func (c *imapConn) mailboxes() string {
	var b strings.Builder
	for _, r := range c.do(`LIST "" "*"`) {
		b.WriteString(r.Line + "\n")
	}
	return b.String()
}

func TestSOGoFoldersAreMadeRenamedAndDeleted(t *testing.T) {
	s := newSOGo(t)
	im := s.imap("alice")
	s.add("alice")
	s.run("", "sync")
	name := "Harbour " + time.Now().Format("150405")
	s.run("", "folders", "create", name)
	s.run("", "folders", "create", name+"/Quay 4")
	if got := im.mailboxes(); !strings.Contains(got, name) || !strings.Contains(got, "Quay 4") {
		t.Fatalf("made: %s", got)
	}
	s.run("", "folders", "rename", name+"/Quay 4", "Quay 5")
	if got := im.mailboxes(); strings.Contains(got, name+"/Quay 4") || !strings.Contains(got, "Quay 5") {
		t.Errorf("renamed: %s", got)
	}
	var folders []folderRow
	s.json(&folders, "folders")
	if !slices.ContainsFunc(folders, func(f folderRow) bool { return f.Path == name+"/Quay 5" }) {
		t.Errorf("here: %+v", folders)
	}
	s.run("", "folders", "delete", "--for-good", name+"/Quay 5")
	s.run("", "folders", "delete", "--for-good", name)
	if got := im.mailboxes(); strings.Contains(got, name) {
		t.Errorf("deleted: %s", got)
	}
	s.json(&folders, "folders")
	if slices.ContainsFunc(folders, func(f folderRow) bool { return strings.HasPrefix(f.Path, name) }) {
		t.Errorf("here after deleting: %+v", folders)
	}
}

func TestSOGoSearch(t *testing.T) {
	s := newSOGo(t)
	im := s.imap("alice")
	im.empty("INBOX")
	for _, subject := range []string{"Dredger report", "Crane report", "Lunch"} {
		im.appendMail("INBOX", "()", plainMail(subject))
	}
	s.add("alice")
	s.run("", "sync")
	var here, there []foundRow
	s.json(&here, "search", "report")
	if len(here) != 2 || here[0].ID == 0 || here[0].Path == "" {
		t.Errorf("here: %+v", here)
	}
	s.json(&there, "search", "--server", "--folder", "inbox", "dredger")
	if len(there) != 1 || there[0].Subject != "Dredger report" {
		t.Errorf("on the server: %+v", there)
	}
}

// What is sent on takes the files of the original along.
func TestSOGoForwardTakesFilesAlong(t *testing.T) {
	s := newSOGo(t)
	s.afresh()
	file := allBytes()
	original, err := message.Compose(&activesync.Draft{To: []activesync.Address{{Address: "alice@sogo.test"}}, Subject: "Plans", Text: "See there.\n",
		Attachments: []activesync.DraftAttachment{{Name: "plan.bin", ContentType: "application/octet-stream", Data: file}}},
		message.ComposeOptions{From: activesync.Address{Address: "bob@sogo.test"}, Date: time.Now(), MessageID: message.NewMessageID("sogo.test")})
	if err != nil {
		t.Fatal(err)
	}
	s.imap("alice").appendMail("INBOX", "()", original)
	s.add("alice")
	s.run("", "sync", "--all")
	h, account := s.house()
	source := s.first(h, account, "Plans")
	var got bytes.Buffer
	if err := h.agent.Attachment(t.Context(), source, 0, &got); err != nil {
		t.Fatal(err)
	}
	d := activesync.Draft{Account: account, To: []activesync.Address{{Address: "bob@sogo.test"}}, Subject: "FW: Plans", Text: "For you.\n", Source: source, Verb: activesync.VerbForward,
		Attachments: []activesync.DraftAttachment{{Name: "plan.bin", ContentType: "application/octet-stream", Data: got.Bytes(), Part: 1}}}
	if _, err := h.agent.Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := h.agent.Push(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	m, ok := s.imap("bob").messages("INBOX")["FW: Plans"]
	if !ok {
		t.Fatal("it did not arrive")
	}
	arrived := message.ParseBytes(m.Raw)
	if len(arrived.Attachments) != 1 || !bytes.Equal(arrived.Attachments[0].Content, file) || strings.TrimSpace(arrived.PlainText()) != "For you." {
		t.Errorf("arrived with %d files, text %q", len(arrived.Attachments), arrived.PlainText())
	}
}
