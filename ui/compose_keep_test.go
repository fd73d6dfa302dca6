package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

func (b *keepingBackend) only(t *testing.T) activesync.Draft {
	t.Helper()
	if len(b.drafts) != 1 {
		t.Errorf("%d drafts are kept, want 1", len(b.drafts))
	}
	for _, d := range b.drafts {
		return d
	}
	return activesync.Draft{}
}

func TestKept(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.compose()
		s.pass(5 * time.Second)
		if len(b.drafts) != 0 {
			t.Error("an empty message is kept")
		}
		s.write("ana, bo")
		s.keys("pgdown")
		s.write("my words")
		if b.kept != 0 {
			t.Errorf("kept %d times before a second was over", b.kept)
		}
		s.pass(keepPause)
		d := b.only(t)
		if d.Text != "my words" || d.Account != "a1" || addressText(d.To) != "ana, bo" {
			t.Errorf("kept %+v", d)
		}
		s.write(" and more")
		s.pass(keepPause)
		if b.kept != 2 {
			t.Errorf("kept %d times, want 2", b.kept)
		}
		s.shows("kept ")
		s.pass(time.Minute)
		if b.kept != 2 {
			t.Errorf("kept %d times without a change", b.kept)
		}
	})
}

// A person who never pauses loses no more than a second's words.
func TestKept_withoutAPause(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{}, "text"))
		for range 100 {
			s.write("x")
			s.pass(100 * time.Millisecond)
		}
		if n := len(b.only(t).Text); n < 89 {
			t.Errorf("%d of 100 letters are kept", n)
		}
	})
}

func TestKept_failing(t *testing.T) {
	b := newKeepingBackend()
	b.fail = errors.New("no room left on the disk")
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{}, "text"))
		s.write("x")
		s.pass(keepPause)
		s.shows("not kept", "No room left on the disk")
		if s.app.unkept() != 1 {
			t.Error("leaving would lose it, and does not say so")
		}
		s.do(s.app.leave())
		s.shows("Leave?", "is not kept and")
		s.keys("esc")
		if s.app.leaving {
			t.Error("it left without a word")
		}
		b.fail = nil
		s.write("y")
		s.pass(keepPause)
		s.hides("not kept")
		if b.only(t).Text != "xy" || s.app.unkept() != 0 {
			t.Errorf("kept %+v", b.drafts)
		}
		if s.do(s.app.leave()); !s.app.leaving {
			t.Error("nothing would be lost, and it does not leave")
		}
	})
}

// What was typed right before a message was sent in vain is kept too.
func TestKept_whenSendingFails(t *testing.T) {
	b := newKeepingBackend()
	b.refuse = activesync.ErrQuota
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{To: []activesync.Address{{Address: "ana@x.test"}}, Subject: "x"}, "text"))
		s.write("my words")
		s.keys("ctrl+s")
		s.shows("The mailbox is full")
		if got := b.only(t).Text; got != "my words" {
			t.Errorf("kept %q", got)
		}
	})
}

// What another screen writes while the editor has the text is not lost to what
// the editor brings back: two messages come of it.
func TestKept_whileTheEditorHasIt(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{Subject: "x"}, "text"))
		s.write("one")
		s.pass(keepPause)
		w := s.app.write
		f, err := newEditorFile(s.app.deps.Scratch, "one")
		if err != nil {
			t.Fatal(err)
		}
		w.editing = f
		other := b.only(t)
		other.Text, other.Stamp = "one by another", "other.1"
		b.drafts[w.id] = other
		s.do(s.app.draftsChanged())
		if _, err := f.take(); err != nil {
			t.Fatal(err)
		}
		s.do(w.edited(s.app, "one by the editor", nil, nil))
		s.pass(keepPause)
		var texts []string
		for _, d := range b.drafts {
			texts = append(texts, d.Text)
		}
		slices.Sort(texts)
		if want := []string{"one by another", "one by the editor"}; !slices.Equal(texts, want) {
			t.Errorf("kept %q", texts)
		}
	})
}

// openingBackend gives a draft that takes its time to come.
type openingBackend struct{ *keepingBackend }

func (openingBackend) OpenDraft(context.Context, activesync.ItemID) (activesync.Draft, error) {
	time.Sleep(time.Second)
	return activesync.Draft{Key: "old", Subject: "old", Text: "old words"}, nil
}

// A draft that comes while something else is being written does not take the keys.
func TestADraftThatComesLateWaitsAside(t *testing.T) {
	onComposeScreen(t, openingBackend{newKeepingBackend()}, 80, 24, func(s *composeScreen) {
		pump(s.app.openDraft(1), s.msgs)
		s.do(s.app.openCompose(activesync.Draft{Subject: "new"}, "text"))
		s.write("my ")
		s.pass(2 * time.Second)
		s.shows("The draft is ready")
		s.write("words")
		if w := s.app.write; w.text().Text() != "my words" || len(s.app.aside) != 1 || s.app.aside[0].text().Text() != "old words" {
			t.Errorf("%q is on screen, %d aside", w.text().Text(), len(s.app.aside))
		}
	})
}

func TestKept_untilSent(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{To: []activesync.Address{{Address: "ana@x.test"}}, Subject: "x"}, "text"))
		s.write("my words")
		s.pass(keepPause)
		b.only(t)
		s.write("!")
		s.keys("ctrl+s")
		s.pass(time.Minute)
		if len(b.sent) != 1 || len(b.drafts) != 0 {
			t.Errorf("sent %d, kept %v", len(b.sent), b.drafts)
		}
	})
}

func TestKept_whenTheScreensClose(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{}, "text"))
		s.write("the last words")
		s.app.Close()
		if got := b.only(t).Text; got != "the last words" {
			t.Errorf("kept %q", got)
		}
	})
}

func TestKept_comesBack(t *testing.T) {
	b := newKeepingBackend()
	dir := shelfOf(t, "a.txt")
	b.drafts["k1"] = activesync.Draft{Account: "a1", To: []activesync.Address{{Name: "bob"}}, Subject: "Numbers", Text: "half a sen", Source: 11, Verb: activesync.VerbForward,
		Attachments: []activesync.DraftAttachment{{Name: "a.txt", Path: dir + "/a.txt"}, {Name: "gone.txt", Path: dir + "/gone.txt"}, {Name: "p.pdf", Part: 2}}}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.shows("A message you were writing is kept: C goes on.")
		if len(s.app.aside) != 1 || s.app.write != nil {
			t.Fatal("it is not put aside")
		}
		s.do(s.app.resume())
		s.shows("half a sen", "Numbers", "a.txt 7 B", "gone.txt ▲ not here", "p.pdf")
		s.keys("esc enter") // asks, though nothing was changed
		s.keys("ctrl+end")
		s.write("tence")
		s.pass(keepPause)
		d := b.only(t)
		if d.Text != "half a sentence" || d.Attachments[2].Part != 2 {
			t.Errorf("kept %+v", d)
		}
		s.keys("esc right right enter")
		if len(b.drafts) != 0 || s.app.write != nil || len(s.app.aside) != 0 {
			t.Errorf("discarded, and still kept: %v", b.drafts)
		}
	})
}

func TestAside(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.compose()
		s.keys("esc")
		if s.app.write != nil || s.app.top() != nil {
			t.Fatal("an untouched message does not close at once")
		}
		s.compose()
		s.write("ana@x.test")
		s.keys("down down down")
		s.keys("esc")
		s.shows("Close the message?", "Go on", "Keep aside", "Discard")
		s.keys("enter")
		if s.app.write == nil {
			t.Fatal("Go on is not what enter means")
		}
		s.keys("esc y")
		s.shows("Draft", "C goes on with it")
		s.do(s.app.resume())
		if s.to() != "ana@x.test" || len(s.app.aside) != 0 {
			t.Errorf("To is %q", s.to())
		}
		// A second one puts the first aside.
		s.do(s.app.openCompose(activesync.Draft{}, "to"))
		s.write("bob@x.test")
		s.keys("esc y")
		if len(s.app.aside) != 2 || s.app.unkept() != 2 {
			t.Fatalf("%d are aside", len(s.app.aside))
		}
		s.do(s.app.resume())
		s.shows("Go on writing", "ana@x.test", "bob@x.test")
		s.keys("down enter")
		if s.to() != "ana@x.test" {
			t.Errorf("To is %q", s.to())
		}
		s.keys("esc right right enter")
		s.shows("Discarded.")
		if s.app.write != nil || len(s.app.aside) != 1 {
			t.Errorf("%d are aside", len(s.app.aside))
		}
	})
}

func TestAside_undoneIsUnchanged(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{Text: strings.Repeat("> quoted\n", 3)}, "text"))
		s.write("x")
		s.pass(keepPause)
		s.keys("backspace esc")
		if s.app.write != nil || len(b.drafts) != 0 {
			t.Errorf("open: %t, kept: %v", s.app.write != nil, b.drafts)
		}
	})
}
