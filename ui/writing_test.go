package ui

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	gocmp "github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

func TestFieldsOf(t *testing.T) {
	got := fieldsOf("{name}, about {Project}: {} {a{b} {x\ny} {Project} {end")
	if want := []string{"name", "Project", "b"}; !slices.Equal(got, want) {
		t.Errorf("fields %q, want %q", got, want)
	}
	now := time.Date(2026, 11, 26, 9, 5, 0, 0, time.UTC)
	for who, want := range map[activesync.Address]string{
		{Name: "Ana Souza", Address: "ana@x.test"}:  "Ana/Ana Souza/ana@x.test/Budget/26 November 2026/Thursday/09:05",
		{Name: "Souza, Ana", Address: "ana@x.test"}: "Ana/Ana Souza/ana@x.test/Budget/26 November 2026/Thursday/09:05",
		{Address: "bo@x.test"}:                      "bo/bo/bo@x.test/Budget/26 November 2026/Thursday/09:05",
		{}:                                          "///Budget/26 November 2026/Thursday/09:05",
	} {
		if got := fillIn("{first}/{name}/{address}/{subject}/{date}/{day}/{time}", knownFields(who, activesync.Address{}, "Budget", now)); got != want {
			t.Errorf("%v: %q", who, got)
		}
	}
	// What was filled in is not looked into again.
	if got := fillIn("{subject}", []templateField{{"subject", "{name}"}, {"name", "x"}}); got != "{name}" {
		t.Errorf("filled in twice: %q", got)
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("To: a@b\nSubject: {x}\n\n{name} {", "value {x}")
	f.Fuzz(func(t *testing.T, text, value string) {
		_, _, rest := templateParts(text)
		if !strings.HasSuffix(text, rest) {
			t.Errorf("%q is no end of %q", rest, text)
		}
		var values []templateField
		for _, n := range fieldsOf(rest) {
			values = append(values, templateField{n, "v"})
		}
		if left := fieldsOf(fillIn(rest, values)); len(values) > 0 && slices.Contains(left, values[0].name) && values[0].name != "v" {
			t.Errorf("%q still has %q", rest, left)
		}
	})
}

func TestTemplate(t *testing.T) {
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.app.settings.Templates = map[string]string{"Status": "To: ana@x.test\nSubject: {Project}: status\n\nDear {first},\n{Project} is {State}.\n"}
		s.app.settings.Signatures = map[activesync.AccountID]string{"a1": "Alice\nHarbour Office"}
		s.do(s.app.writeNew())
		s.shows("-- ", "Harbour Office")
		s.keys("alt+t enter")
		s.shows("Project?")
		s.write("Quay\n")
		s.shows("State?")
		s.write("done\n")
		if s.to() != "ana@x.test" || s.app.write.field[subjectPart].Text() != "Quay: status" {
			t.Errorf("to %q, subject %q", s.to(), s.app.write.field[subjectPart].Text())
		}
		if got, want := s.app.write.text().Text(), "Dear ,\nQuay is done.\n\n\n-- \nAlice\nHarbour Office\n"; got != want {
			t.Errorf("text %q, want %q", got, want)
		}
	})
}

func TestAnswersStandWhereTheyAreWished(t *testing.T) {
	for _, c := range []struct {
		quote, want string
		line        int
	}{
		{"", "\n\n-- \nAlice\n\nOn Mon, 2 Mar 2026 at 12:00, Harbour Office wrote:\n> The figures are attached.\n>> an older line\n", 0},
		{quoteAbove, "On Mon, 2 Mar 2026 at 12:00, Harbour Office wrote:\n> The figures are attached.\n>> an older line\n\n\n\n-- \nAlice\n", 4},
	} {
		t.Run(c.quote, func(t *testing.T) {
			onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
				s.app.settings.ReplySignatures = map[activesync.AccountID]string{"a1": "Alice"}
				s.app.settings.Quote = c.quote
				s.do(s.app.answer(activesync.VerbReply))
				if got := s.app.write.text(); got.Text() != c.want || got.At().Line != c.line {
					t.Errorf("line %d of %q, want line %d of %q", got.At().Line, got.Text(), c.line, c.want)
				}
			})
		})
	}
}

func TestFromAnAlias(t *testing.T) {
	b := newKeepingBackend()
	b.message.To = []activesync.Address{{Address: "Sales@example.test"}}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.app.settings.Aliases = map[activesync.AccountID][]string{"a1": {"Alice Archer <alice@example.test>", "Sales Desk <sales@example.test>", "nonsense"}}
		s.do(s.app.answer(activesync.VerbReply))
		s.shows("From     Sales Desk <sales@example.test>") // the one it was written to
		s.keys("alt+o 1")
		s.shows("From     Alice Archer <alice@example.test>")
		s.keys("ctrl+s")
		if got := b.sent[0].From; got != (activesync.Address{Name: "Alice Archer", Address: "alice@example.test"}) {
			t.Errorf("from %v", got)
		}
	})
}

func TestWishes(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 100, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(toAna("*x*"), "text"))
		s.keys("alt+m alt+i 1 alt+r 4")
		s.shows("Markdown  important  receipt asked for")
		s.pass(keepPause)
		kept := b.only(t)
		s.keys("ctrl+s")
		for _, d := range []activesync.Draft{kept, b.sent[0]} {
			if !d.Markdown || d.Importance != activesync.ImportanceHigh || !d.ReadReceipt || !d.DeliveryReceipt {
				t.Errorf("%+v", d)
			}
		}
	})
}

func TestOutsideTheOrganisation(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.app.deps.External = func(address string) bool { return !strings.HasSuffix(address, "@example.test") }
		d := toAna("x")
		d.Bcc = []activesync.Address{{Address: "bo@example.test"}}
		s.do(s.app.openCompose(d, "text"))
		s.shows("ana@x.test  ▲ outside")
		s.hides("bo@example.test  ▲")
		s.keys("ctrl+s")
		s.shows("Outside the organisation", "not of your organisation:", "ana@x.test. Send it there?")
		s.keys("enter")
		if len(b.sent) != 0 || s.app.write == nil {
			t.Fatal("sent without an answer")
		}
		s.keys("ctrl+s y")
		if len(b.sent) != 1 {
			t.Error("not sent")
		}
	})
}

func TestReplyWithAttachments(t *testing.T) {
	b := newComposeBackend()
	b.message.Attachments = []activesync.Attachment{{Name: "budget.xlsx", Size: 4}, {Name: "logo.png", Inline: true}}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.perform(action.ReplyFiles))
		s.shows("budget.xlsx 4 B")
		s.hides("logo.png")
		s.keys("ctrl+s")
		want := []activesync.DraftAttachment{{Name: "budget.xlsx", Part: 1, Size: 4}}
		if d := gocmp.Diff(want, b.sent[0].Attachments); d != "" || b.sent[0].Verb != activesync.VerbReply {
			t.Errorf("attachments (-want +got):\n%s", d)
		}
	})
}

func TestForwardAsAttachment(t *testing.T) {
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.perform(action.ForwardMail))
		s.shows("Fwd: Budget", "Budget.eml")
		s.write("bo@x.test")
		s.keys("ctrl+s")
		want := []activesync.DraftAttachment{{Name: "Budget.eml", ContentType: "message/rfc822", Part: activesync.WholeMessage}}
		if d := gocmp.Diff(want, b.sent[0].Attachments); d != "" || b.sent[0].Verb != activesync.VerbForward || b.sent[0].Source != 11 {
			t.Errorf("attachments (-want +got):\n%s", d)
		}
	})
}

func TestEditAsNew(t *testing.T) {
	b := newComposeBackend()
	b.message.Attachments = []activesync.Attachment{{Name: "budget.xlsx", Size: 4}}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.perform(action.Resend))
		s.shows("Only a message that you sent can be sent again")
		s.do(s.app.perform(action.EditAsNew))
		s.shows("New message", "The figures are attached.", "budget.xlsx 4 B")
		s.keys("ctrl+s")
		d := b.sent[0]
		if d.Source != 0 || d.Verb != activesync.VerbNone || d.Subject != "Budget" || len(d.To) != 2 || len(d.Cc) != 1 || d.Attachments[0].Of != 11 {
			t.Errorf("%+v", d)
		}
	})
}

func TestAttachFromAMessage(t *testing.T) {
	b := newComposeBackend()
	b.message.HasAttachments = true
	b.message.Attachments = []activesync.Attachment{{Name: "budget.xlsx", Size: 4}}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(toAna("x"), "text"))
		s.keys("alt+a enter 2")
		s.shows("budget.xlsx 4 B")
		s.keys("alt+a enter 1")
		s.shows("Budget.eml")
		s.keys("alt+a enter 2")
		s.shows("It is attached already.")
		s.keys("ctrl+s")
		if f := b.sent[0].Attachments; len(f) != 2 || f[0].Of != 11 || f[0].Part != 1 || f[1].Part != activesync.WholeMessage {
			t.Errorf("%+v", f)
		}
	})
}

func TestSeveralMessages(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(toAna("one"), "text"))
		s.write("1")
		s.keys("alt+n 1")
		s.shows("New message")
		s.keys("pgdown")
		s.write("two")
		s.keys("alt+n")
		s.shows("Messages you are writing", "Harbour")
		s.keys("1")
		s.shows("1one")
		if len(s.app.aside) != 1 || len(b.drafts) != 2 {
			t.Errorf("%d aside, %d kept", len(s.app.aside), len(b.drafts))
		}
	})
}

// speller writes a program that answers as hunspell does.
func speller(t *testing.T, answers string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "speller")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncat > \"$0.asked\"\ncat <<'END'\n"+answers+"\nEND\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{path, "-a"}
}

func TestSpelling(t *testing.T) {
	program := speller(t, "@(#) International Ispell Version 3.2.06\n& teh 3 5: the, tech, heh\n# qwx 9\n\n\n& teh 1 1: the\n")
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.app.deps.Speller = program
		s.do(s.app.openCompose(toAna("ünï teh qwx teh\n> teh quoted\nteh"), "text"))
		s.keys("alt+c")
		s.shows("“teh” in line 1, 3 left", "the", "tech")
		s.keys("1")
		s.shows("“qwx” in line 1")
		s.keys("1") // leave it
		s.shows("“teh” in line 3, the last one")
		s.keys("1")
		s.shows("The spelling is checked.")
		if got := s.app.write.text().Text(); got != "ünï the qwx teh\n> teh quoted\nthe" {
			t.Errorf("text %q", got)
		}
		asked, err := os.ReadFile(program[0] + ".asked")
		if err != nil || string(asked) != "!\n^ünï teh qwx teh\n^\n^teh\n" {
			t.Errorf("asked %q, %v", asked, err)
		}
		s.app.deps.Speller = nil
		s.keys("alt+c")
		s.shows("Install hunspell or aspell")
	})
}

// The programs that are here answer as they are expected to.
func TestSpelling_realPrograms(t *testing.T) {
	lines := []string{"ünï: teh wörld is recieved", "", "> teh", "this is right", "teh end"}
	found := 0
	for _, program := range [][]string{{"hunspell", "-a", "-i", "utf-8", "-d", "en_US"}, {"aspell", "-a", "--encoding=utf-8", "-d", "en_US"}} {
		if _, err := exec.LookPath(program[0]); err != nil {
			continue
		}
		got, err := findMisspelt(t.Context(), program, lines)
		if err != nil {
			t.Logf("%s: %v", program[0], err) // it has no such dictionary
			continue
		}
		found++
		var words []string
		for _, m := range got {
			words = append(words, fmt.Sprintf("%d:%s", m.line, m.word))
		}
		if want := "0:ünï 0:teh 0:wörld 0:recieved 4:teh"; strings.Join(words, " ") != want {
			t.Errorf("%s finds %q, want %q", program[0], words, want)
		}
	}
	if found == 0 {
		t.Skip("neither hunspell nor aspell with an English dictionary is here")
	}
}

func FuzzSpelt(f *testing.F) {
	f.Add("@x\n& teh 1 0: the, a\n\n# q 1\n", "teh q\nq")
	f.Fuzz(func(t *testing.T, out, text string) {
		lines := strings.Split(text, "\n")
		for _, m := range spelt([]byte(out), lines) {
			if lines[m.line][m.at:m.at+len(m.word)] != m.word {
				t.Errorf("%+v is not in %q", m, lines)
			}
		}
	})
}

func TestSettingsOfWriting(t *testing.T) {
	synctest.Test(t, settingsOfWriting)
}

func settingsOfWriting(t *testing.T) {
	var saved Settings
	d := Deps{Backend: newPrefsBackend("alice@example.test"), Save: func(s Settings) error { saved = s; return nil }}
	s := openPrefs(t, d, 120, 40)
	s.send(answer(func(a *App) tea.Cmd { return a.prefs.show(a, writingSection) }))
	s.has("Undo send", "(●) 10 seconds", "Format of new messages", "Below new messages none")
	s.click("1 minute", 0)
	if saved.undoSend() != time.Minute {
		t.Errorf("saved %+v", saved)
	}
	s.click("Below new messages", 0)
	s.text("Alice")
	s.press("ctrl+s")
	if saved.Signatures["alice"] != "Alice" {
		t.Errorf("saved %+v", saved.Signatures)
	}
	s.has("Below new messages Alice")
	s.press("z")
	if len(saved.Signatures) != 0 {
		t.Errorf("not taken back: %+v", saved.Signatures)
	}
	s.click("Names and addresses you write from", 0)
	s.text("no address")
	s.clickAt(0, 38) // beside it
	s.has("What you changed is not kept yet.")
	s.press("esc", "ctrl+s")
	s.has("Not an e-mail address: no address. Nothing was changed.")
	if box, ok := s.app.top().(*textbox); !ok || box.text.Text() != "no address" {
		t.Errorf("what was typed is gone: %+v", s.app.top())
	}
	s.press("esc")
	s.click("New template", 0)
	s.text("Thanks")
	s.press("enter")
	s.text("Thank you, {first}.")
	s.press("ctrl+s")
	if saved.Templates["Thanks"] != "Thank you, {first}." {
		t.Errorf("saved %+v", saved.Templates)
	}
	s.has("Thanks Thank you, {first}.")
}
