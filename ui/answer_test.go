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

func TestForward(t *testing.T) {
	b := newComposeBackend()
	b.message.Attachments = []activesync.Attachment{{Name: "budget.xlsx", ContentType: "application/x-sheet", Size: 4}, {Name: "logo.png", Inline: true}, {Name: "empty.txt"}}
	b.parts = map[int]string{0: "data", 1: "png", 2: ""}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.answer(activesync.VerbForward))
		s.shows("Forward", "budget.xlsx 4 B", "logo.png 3 B", "empty.txt 0 B", "Fwd: Budget", "-------- Forwarded message --------")
		s.write("bob@x.test")
		s.keys("ctrl+s")
		if len(b.sent) != 1 {
			t.Fatalf("not sent:\n%s", s.view())
		}
		want := []activesync.DraftAttachment{{Name: "budget.xlsx", ContentType: "application/x-sheet", Data: []byte("data"), Part: 1},
			{Name: "logo.png", Data: []byte("png"), Part: 2}, {Name: "empty.txt", Data: []byte{}, Part: 3}}
		if d := gocmp.Diff(want, b.sent[0].Attachments); d != "" {
			t.Errorf("attachments (-want +got):\n%s", d)
		}
	})
}

func TestForward_keptWithWhatItCarries(t *testing.T) {
	for _, n := range []int{1000, 1<<20 + 1} {
		b := newKeepingBackend()
		b.message.Attachments = []activesync.Attachment{{Name: "budget.xlsx"}}
		b.parts[0] = strings.Repeat("x", n)
		onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
			s.do(s.app.answer(activesync.VerbForward))
			s.write("x")
			s.pass(keepPause)
			f := b.only(t).Attachments[0]
			if want := n * min(1<<20/n, 1); len(f.Data) != want || f.Part != 1 {
				t.Errorf("kept %d bytes of %d, part %d", len(f.Data), n, f.Part)
			}
			if len(s.app.write.files[0].Data) != n {
				t.Error("what is on screen lost its attachment")
			}
		})
	}
}

// An attachment that cannot be had is not left out in silence.
func TestForward_attachmentMissing(t *testing.T) {
	b := newComposeBackend()
	b.message.Attachments = []activesync.Attachment{{Name: "budget.xlsx"}, {Name: "notes.txt"}}
	b.parts[1] = "notes"
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.answer(activesync.VerbForward))
		s.shows("budget.xlsx ▲ not here", "notes.txt 5 B")
		s.write("bob@x.test")
		s.keys("ctrl+s")
		s.shows("These attachments are not here: budget.xlsx.", "Try again")
		s.keys("enter ctrl+s")
		b.parts[0] = "data"
		s.keys("right right enter") // try again
		s.shows("budget.xlsx 4 B")
		s.keys("ctrl+s")
		if len(b.sent) != 1 || len(b.sent[0].Attachments) != 2 {
			t.Errorf("sent %+v", b.sent)
		}
	})
}

func TestForward_without(t *testing.T) {
	b := newComposeBackend()
	b.message.Attachments = []activesync.Attachment{{Name: "budget.xlsx"}}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.answer(activesync.VerbForward))
		s.write("bob@x.test")
		s.keys("ctrl+s y")
		if len(b.sent) != 1 || len(b.sent[0].Attachments) != 0 {
			t.Errorf("sent %+v", b.sent)
		}
	})
}

func TestCrateIsBounded(t *testing.T) {
	c := &crate{room: 10}
	if _, err := c.Write(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte{1}); err == nil || c.Len() != 10 {
		t.Errorf("%d bytes, %v", c.Len(), err)
	}
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
