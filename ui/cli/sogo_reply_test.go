package cli

import (
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// A reply and a forward through a real server: the thread is kept, the text is
// ours alone, and the answered message is marked.
func TestSOGoReplyAndForward(t *testing.T) {
	s := newSOGo(t)
	s.afresh()
	original := "From: Bob <bob@sogo.test>\r\nTo: alice@sogo.test\r\nSubject: Fahrplan\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\n" +
		"Message-ID: <fahrplan@sogo.test>\r\nReferences: <first@sogo.test>\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nWann fährt die Fähre?\r\n"
	s.imap("alice").appendMail("INBOX", "()", []byte(original))
	s.add("alice")
	s.run("", "sync", "--all")
	ctx := t.Context()
	h, account := s.house()
	source := s.first(h, account, "Fahrplan")
	for verb, subject := range map[activesync.Verb]string{activesync.VerbReply: "Re: Fahrplan", activesync.VerbForward: "FW: Fahrplan"} {
		d := activesync.Draft{Account: account, To: []activesync.Address{{Address: "bob@sogo.test"}}, Subject: subject, Text: "Um sieben.\n", Source: source, Verb: verb}
		if _, err := h.agent.Send(ctx, d); err != nil {
			t.Fatal(err)
		}
		if err := h.agent.Push(ctx, account); err != nil {
			t.Fatal(err)
		}
		for _, at := range []struct{ user, folder string }{{"bob", "INBOX"}, {"alice", "Sent"}} {
			m, ok := s.imap(at.user).messages(at.folder)[subject]
			if !ok {
				t.Errorf("%q does not lie in %s of %s", subject, at.folder, at.user)
				continue
			}
			got := message.ParseBytes(m.Raw)
			if strings.TrimSpace(got.PlainText()) != "Um sieben." {
				t.Errorf("%q in %s of %s has the text %q", subject, at.folder, at.user, got.PlainText())
			}
			if verb == activesync.VerbReply && (got.InReplyTo != "fahrplan@sogo.test" || strings.Join(got.References, " ") != "first@sogo.test fahrplan@sogo.test") {
				t.Errorf("the reply is to %q, references %q", got.InReplyTo, got.References)
			}
		}
	}
	im := s.imap("alice")
	im.do(`SELECT "INBOX"`)
	flags := ""
	for _, r := range im.do("UID FETCH 1:* (FLAGS)") {
		flags += r.Line
	}
	if !strings.Contains(flags, `\Answered`) {
		t.Errorf("the answered message has the flags %s", flags)
	}
}

// first is the message of the Inbox with a subject.
func (s *sogo) first(h *house, account activesync.AccountID, subject string) activesync.ItemID {
	s.t.Helper()
	folders, err := h.agent.Folders(s.t.Context(), account)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range folders {
		if f.Type != activesync.FolderInbox {
			continue
		}
		w, err := h.agent.Window(s.t.Context(), f.ID, activesync.WindowQuery{Count: 100})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, r := range w.Rows {
			if r.Subject == subject {
				return r.ID
			}
		}
	}
	s.t.Fatalf("%q is not in the Inbox", subject)
	return 0
}
