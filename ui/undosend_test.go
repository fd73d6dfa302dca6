package ui

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

func toAna(text string) activesync.Draft {
	return activesync.Draft{To: []activesync.Address{{Address: "ana@x.test"}}, Subject: "Harbour", Text: text}
}

func TestUndoSend(t *testing.T) {
	b := newKeepingBackend()
	b.holds = true
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(toAna("half a sen"), "text"))
		s.keys("ctrl+s")
		s.shows("Goes out in 10 s: Harbour", "Undo z")
		s.pass(9 * time.Second)
		s.shows("Undo z")
		s.keys("z")
		s.shows("half a sen", "Not sent. It is here again.")
		if len(b.outbox) != 0 {
			t.Error("it is still in the outbox")
		}
		s.keys("ctrl+end")
		s.write("tence")
		s.keys("ctrl+s")
		if len(b.sent) != 2 || b.sent[1].Text != "half a sentence" || b.sent[1].Key != b.sent[0].Key {
			t.Errorf("sent %+v", b.sent)
		}
	})
}

// What was sent cannot be taken back, and is not offered.
func TestUndoSend_over(t *testing.T) {
	b := newKeepingBackend()
	b.holds = true
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(toAna("x"), "text"))
		s.keys("ctrl+s")
		b.outbox = nil
		s.do(s.app.readAccounts())
		s.shows("Sent: Harbour")
		s.hides("Undo")
		s.keys("z")
		s.shows("There is nothing to take back.")
	})
}

// Another screen, begun after the one broke off that sent the message, offers
// to take it back.
func TestUndoSend_afterACrashOfTheScreen(t *testing.T) {
	b := newKeepingBackend()
	b.holds = true
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(toAna("half a sen"), "text"))
		s.keys("ctrl+s")
		s.pass(4 * time.Second)
		next := newComposeScreen(t, b, 80, 24)
		defer next.app.Close()
		next.shows("Goes out in 6 s: Harbour", "Undo z")
		next.keys("z")
		next.shows("half a sen", "Not sent.")
	})
}

func TestUndoSend_off(t *testing.T) {
	for words, want := range map[string]time.Duration{"off": 0, "30s": 30 * time.Second, "": 10 * time.Second, "-3s": 0} {
		if got := (Settings{UndoSend: words}).undoSend(); got != want {
			t.Errorf("%q is %v", words, got)
		}
	}
}

// A message that another screen wrote on meanwhile is not written over: both
// texts are kept.
func TestTwoScreensOnOneMessage(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(toAna("both have read this"), "text"))
		s.write("A")
		s.pass(keepPause)
		other := newComposeScreen(t, b, 80, 24)
		defer other.app.Close()
		other.do(other.app.resume())
		other.shows("Aboth have read this")
		s.write("A")
		s.pass(keepPause)
		other.write("B")
		other.pass(keepPause)
		other.shows("also written on another screen")
		var texts []string
		for _, d := range b.drafts {
			texts = append(texts, d.Text)
		}
		if len(texts) != 2 || texts[0] == texts[1] {
			t.Fatalf("kept %q", texts)
		}
		other.write("B")
		other.pass(keepPause)
		s.write("A")
		s.pass(keepPause)
		if len(b.drafts) != 2 {
			t.Errorf("kept %v", b.drafts)
		}
	})
}

// A message that lay aside here shows what another screen made of it.
func TestAsideCatchesUp(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(toAna("one"), "text"))
		s.write("A")
		s.keys("esc y")
		other := newComposeScreen(t, b, 80, 24)
		defer other.app.Close()
		other.do(other.app.resume())
		other.write("B")
		other.pass(keepPause)
		s.do(s.app.resume())
		s.shows("BAone", "Another screen wrote on")
		s.write("C")
		s.pass(keepPause)
		if d := b.only(t); d.Text != "CBAone" {
			t.Errorf("kept %q", d.Text)
		}
	})
}
