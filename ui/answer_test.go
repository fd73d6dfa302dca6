package ui

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
)

func TestReply(t *testing.T) {
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.answer(activesync.VerbReply))
		s.shows("Reply", "Harbour Office <harbour@example.test>", "Re: Budget")
		s.write("Thanks.")
		s.keys("ctrl+s")
		if len(b.sent) != 1 {
			t.Fatalf("not sent:\n%s", s.view())
		}
		d := b.sent[0]
		if !strings.HasPrefix(d.Text, "Thanks.\n\nOn Mon, 2 Mar 2026") || !strings.Contains(d.Text, "> The figures are attached.\n>> an older line\n") {
			t.Errorf("the text is %q", d.Text)
		}
		if d.Source != 11 || d.Verb != activesync.VerbReply || d.Account != "a1" || addressText(d.To) != "Harbour Office <harbour@example.test>" || len(d.Cc) != 0 {
			t.Errorf("draft %+v", d)
		}
	})
}

func TestReplyAll(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.answer(activesync.VerbReplyAll))
		w := s.app.write
		if got := s.to(); got != "Harbour Office <harbour@example.test>, Finance <finance@example.test>" {
			t.Errorf("To is %q", got)
		}
		if got := w.field[ccPart].Text(); got != "carol@example.test" || w.focus != textPart {
			t.Errorf("Cc is %q, the focus on part %d", got, w.focus)
		}
	})
}

func TestReply_wholeBodyFirst(t *testing.T) {
	b := newComposeBackend()
	whole := b.message
	whole.Body.Data = []byte("The figures, all of them.")
	b.whole = &whole
	b.message.Body.Truncated = true
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.answer(activesync.VerbReply))
		s.shows("> The figures, all of them.")
	})
}

func TestReply_offline(t *testing.T) {
	b := newComposeBackend()
	b.message.Body.Truncated = true
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.answer(activesync.VerbReply))
		s.shows("> The figures are attached.", "Only the part of the message that is here is quoted.")
	})
}

// What is passed on stays with the server until the message goes: it is named,
// and nothing of it is fetched.
func TestForward(t *testing.T) {
	b := newComposeBackend()
	b.message.Attachments = []activesync.Attachment{{Name: "budget.xlsx", ContentType: "application/x-sheet", Size: 4}, {Name: "logo.png", Inline: true}, {Name: "empty.txt"}}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.answer(activesync.VerbForward))
		s.shows("Forward", "budget.xlsx 4 B   logo.png", "empty.txt", "Fwd: Budget", "-------- Forwarded message --------")
		s.write("bob@x.test")
		s.keys("ctrl+s")
		if len(b.sent) != 1 {
			t.Fatalf("not sent:\n%s", s.view())
		}
		want := []activesync.DraftAttachment{{Name: "budget.xlsx", ContentType: "application/x-sheet", Part: 1, Size: 4},
			{Name: "logo.png", Part: 2}, {Name: "empty.txt", Part: 3}}
		if d := gocmp.Diff(want, b.sent[0].Attachments); d != "" {
			t.Errorf("attachments (-want +got):\n%s", d)
		}
	})
}

func TestAnswerWaitsForTheMessageBeingWritten(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		cmd := s.app.answer(activesync.VerbReply)
		s.compose()
		s.write("x@y.test")
		s.do(cmd)
		if s.to() != "x@y.test" || len(s.app.aside) != 1 {
			t.Errorf("the answer took the screen: %s", s.view())
		}
		s.shows("The answer is ready")
	})
}
