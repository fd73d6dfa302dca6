package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// greetings are words of twenty languages, some from right to left, some
// without blanks, some with signs that are put together.
var greetings = []string{
	"English: Good morning, the harbour is open.", "Deutsch: Grüße aus Köln, süß und schön.", "Français: Ça va ? Où êtes-vous ?", "Español: ¿Mañana o el año próximo?",
	"Português: A reunião é amanhã, às três.", "Italiano: Perché no? È già così.", "Polski: Zażółć gęślą jaźń.", "Čeština: Příliš žluťoučký kůň.", "Magyar: Árvíztűrő tükörfúrógép.",
	"Türkçe: İstanbul'da ılık bir güz.", "Ελληνικά: Καλημέρα στο λιμάνι.", "Русский: Съешь ещё этих булок.", "Українська: Їжак і ґанок.", "עברית: שלום לכולם.", "العربية: صباح الخير من الميناء.",
	"हिन्दी: नमस्ते दुनिया.", "ไทย: สวัสดีตอนเช้า", "中文：港口今天开放。", "日本語：港は今日開いています。", "한국어: 항구가 열려 있습니다.",
}

// A reply with the attachments and a forward, from the screens' drafts through
// a real server to another person: every word, every byte and the thread arrive.
func TestSOGoRoundTripOfWordsAndFiles(t *testing.T) {
	s := newSOGo(t)
	s.afresh()
	rnd := rand.New(rand.NewPCG(1, 2))
	files := map[string][]byte{"Übersicht 日本.bin": nil, "plain.txt": []byte("line\r\nline\n\x00end"), "empty.dat": {}}
	big := make([]byte, 300_000)
	for i := range big {
		big[i] = byte(rnd.Uint32())
	}
	files["Übersicht 日本.bin"] = big
	text := strings.Join(greetings, "\n") + "\n"
	original := &activesync.Draft{To: []activesync.Address{{Name: "Alice", Address: "alice@sogo.test"}}, Subject: "Grüße 日本 שלום", Text: text}
	for name, data := range files {
		original.Attachments = append(original.Attachments, activesync.DraftAttachment{Name: name, Data: data})
	}
	mime, err := message.Compose(original, message.ComposeOptions{From: activesync.Address{Name: "Bob Ünal", Address: "bob@sogo.test"}, Date: time.Now().Add(-time.Hour), MessageID: "original@sogo.test"})
	if err != nil {
		t.Fatal(err)
	}
	s.imap("alice").appendMail("INBOX", "()", mime)
	s.add("alice")
	s.run("", "sync", "--all")
	h, account := s.house()
	source, err := h.agent.FetchBody(t.Context(), s.first(h, account, original.Subject))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []activesync.Verb{activesync.VerbReply, activesync.VerbForward} {
		for _, markdown := range []bool{false, true} {
			d := message.ReplyDraft(&source, verb, activesync.Address{Address: "alice@sogo.test"})
			d.Account, d.Markdown, d.To = account, markdown, []activesync.Address{{Name: "Bob Ünal", Address: "bob@sogo.test"}}
			d.Subject = fmt.Sprintf("%s %d %t", d.Subject, verb, markdown)
			d.Text = text + d.Text
			want := maps.Clone(files)
			for i, f := range source.Attachments {
				d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: f.Name, Part: i + 1})
			}
			if verb == activesync.VerbForward {
				want["own.bin"] = []byte("mine")
				d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: "own.bin", Data: want["own.bin"]})
			}
			if _, err := h.agent.Send(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			before, err := h.agent.Traffic(t.Context(), account)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.agent.Push(t.Context(), account); err != nil {
				t.Fatal(err)
			}
			after, err := h.agent.Traffic(t.Context(), account)
			// The copy of the first one is looked at, which SOGo gives only whole.
			known := verb == activesync.VerbForward && markdown
			if n := after.Sub(before).Bytes; err != nil || known && n > 100_000 {
				t.Errorf("a forward of what the server has took %d bytes, %v", n, err)
			}
			s.arrived(d, text, want, verb)
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
	s.sameConversation(h, account, source)
}

// arrived holds what came to Bob, and what lies in Alice's Sent, against what was
// written.
func (s *sogo) arrived(d activesync.Draft, text string, files map[string][]byte, verb activesync.Verb) {
	s.t.Helper()
	for _, at := range []struct{ user, folder string }{{"bob", "INBOX"}, {"alice", "Sent"}} {
		m, ok := s.imap(at.user).messages(at.folder)[d.Subject]
		if !ok {
			s.t.Errorf("%q does not lie in %s of %s", d.Subject, at.folder, at.user)
			continue
		}
		got := message.ParseBytes(m.Raw)
		for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
			if n := strings.Count(got.PlainText(), line); n != 2 { // of a forward SOGo makes HTML alone
				s.t.Errorf("%s of %s: %q stands %d times in the text, want it written and quoted", at.folder, at.user, line, n)
			}
			if d.Markdown && strings.Count(got.HTML, strings.ReplaceAll(line, "'", "&#39;"))+strings.Count(got.HTML, line) < 1 {
				s.t.Errorf("%s of %s: %q is not in the HTML", at.folder, at.user, line)
			}
		}
		if len(got.Attachments) != len(files) {
			s.t.Errorf("%s of %s: %d attachments, want %d", at.folder, at.user, len(got.Attachments), len(files))
		}
		for _, f := range got.Attachments {
			if want, ok := files[f.Name]; !ok || sha256.Sum256(want) != sha256.Sum256(f.Content) {
				s.t.Errorf("%s of %s: %q has %d bytes %s…, want %d", at.folder, at.user, f.Name, len(f.Content), base64.StdEncoding.EncodeToString(f.Content[:min(12, len(f.Content))]), len(want))
			}
		}
		if verb == activesync.VerbReply && (got.InReplyTo != "original@sogo.test" || strings.Join(got.References, " ") != "original@sogo.test") {
			s.t.Errorf("%s of %s: the reply is to %q, references %q", at.folder, at.user, got.InReplyTo, got.References)
		}
		if at.user == "bob" && got.Header.Has("Bcc") {
			s.t.Errorf("Bob sees the field Bcc")
		}
		if !strings.HasSuffix(got.MessageID, "@sogo.test") {
			s.t.Errorf("the Message-ID is %q", got.MessageID)
		}
	}
}

// sameConversation holds the ConversationId of what lies in Sent against that of
// the message that was answered, where the server gives any.
func (s *sogo) sameConversation(h *house, account activesync.AccountID, source activesync.Message) {
	s.t.Helper()
	folders, err := h.agent.Folders(s.t.Context(), account)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range folders {
		if f.Type != activesync.FolderSent {
			continue
		}
		if _, err := h.agent.Sync(s.t.Context(), account, []activesync.FolderID{f.ID}, false, nil); err != nil {
			s.t.Fatal(err)
		}
		w, err := h.agent.Window(s.t.Context(), f.ID, activesync.WindowQuery{Count: 50})
		if err != nil {
			s.t.Fatal(err)
		}
		same := 0
		for _, r := range w.Rows {
			if bytes.Equal(r.Conversation, source.Conversation) {
				same++
			}
		}
		s.t.Logf("conversation %x of the original; %d of %d messages in Sent are in it", source.Conversation, same, len(w.Rows))
		if len(source.Conversation) > 0 && same == 0 {
			s.t.Error("no answer is in the conversation of the original")
		}
	}
}
