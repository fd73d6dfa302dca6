package ui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/style"
)

func TestCompose_keysMakeTheDraft(t *testing.T) {
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.compose()
		s.write("bob@x.test; \"Doe, Jane\" <jane@x.test>")
		s.keys("tab")
		s.write("carol@x.test\ndave@x.test")
		s.keys("tab")
		s.write("Grüße: 日本\n")
		s.write("Hello: Jane,\n\n👨‍👩‍👧 e\u0301 日本語x")
		s.keys("backspace")
		s.write("\n\tend")
		s.keys("ctrl+s")
		want := activesync.Draft{Account: "a1", To: []activesync.Address{{Address: "bob@x.test"}, {Name: "Doe, Jane", Address: "jane@x.test"}},
			Cc: []activesync.Address{{Address: "carol@x.test"}}, Bcc: []activesync.Address{{Address: "dave@x.test"}},
			Subject: "Grüße: 日本", Text: "Hello: Jane,\n\n👨‍👩‍👧 e\u0301 日本語\n\tend"}
		if len(b.sent) != 1 {
			t.Fatalf("%d messages were sent\n%s", len(b.sent), s.view())
		}
		if d := gocmp.Diff(want, b.sent[0], cmpopts.IgnoreFields(activesync.Draft{}, "Key", "Stamp", "Hold")); d != "" {
			t.Errorf("draft (-want +got):\n%s", d)
		}
		if s.app.write != nil {
			t.Error("the screen is still open")
		}
		s.shows("Sent: Grüße: 日本")
	})
}

func TestCompose_lettersOfOtherKeysAreWritten(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{}, "text"))
		s.write(":q . , ? C 1 jk")
		if got := s.app.write.text().Text(); got != ":q . , ? C 1 jk" {
			t.Errorf("the text is %q", got)
		}
	})
}

// What can be done to a message is found without knowing a key: More and the
// keys stand below the text, by the keys that work there.
func TestCompose_moreAndKeysAreShown(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{}, "text"))
		foot := s.app.footer()
		for _, want := range []string{"f1 keys", "More alt+."} {
			if !strings.Contains(ansi.Strip(foot), want) {
				t.Errorf("%q is not in %q", want, ansi.Strip(foot))
			}
		}
		for keys, want := range map[string]string{"alt+.": "Check spelling", "f1": "Put this message aside"} {
			if s.keys(keys); !strings.Contains(s.view(), want) {
				t.Errorf("%s does not show %q:\n%s", keys, want, s.view())
			}
			s.keys("esc")
		}
		if s.app.write == nil {
			t.Error("the message was closed")
		}
	})
}

func TestCompose_editing(t *testing.T) {
	for _, c := range []struct{ name, keys, want string }{
		{"word back", "ctrl+w", "one two\nthree "},
		{"to the start", "ctrl+u", "one two\n"},
		{"undo", "ctrl+w ctrl+_", "one two\nthree four"},
		{"redo", "ctrl+w ctrl+_ ctrl+y", "one two\nthree "},
		{"undo by alt", "ctrl+w alt+u alt+e", "one two\nthree "},
		{"home", "home x", "one two\nxthree four"},
		{"up and end", "up end x", "one twox\nthree four"},
		{"page", "pgup home x", "xone two\nthree four"},
		{"top", "ctrl+home x ctrl+end y", "xone two\nthree foury"},
		{"word left", "alt+left x ctrl+left ctrl+left y", "one two\nythree xfour"},
		{"delete to the end", "up home alt+k", "\nthree four"},
		{"delete", "home delete", "one two\nhree four"},
		{"tab", "tab", "one two\nthree four\t"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
				s.do(s.app.openCompose(activesync.Draft{Text: "one two\nthree four"}, "text"))
				s.keys("ctrl+end")
				s.keys(c.keys)
				if got := s.app.write.text().Text(); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestCompose_fields(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.compose()
		at := func(want int) {
			t.Helper()
			if s.app.write.focus != want {
				t.Errorf("the focus is on part %d, want %d", s.app.write.focus, want)
			}
		}
		s.shows("Cc, Bcc")
		at(toPart)
		s.keys("up")
		at(toPart) // there is one account only
		s.keys("tab")
		at(ccPart)
		s.hides("Cc, Bcc")
		s.shows(" Bcc ")
		s.keys("down enter")
		at(subjectPart)
		s.shows("Cc, Bcc")
		s.keys("down")
		at(textPart)
		s.write("x")
		s.keys("up")
		at(textPart)
		s.keys("up")
		at(subjectPart)
		s.keys("pgdown shift+tab shift+tab")
		at(bccPart)
	})
}

func TestCompose_pasteIsText(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.compose()
		s.paste("ana@x.test,\nbob@x.test\r\n")
		s.keys("tab tab tab")
		s.paste("a\nsubject\tin lines")
		s.keys("tab")
		s.paste("q\x1b[31m\r\nline \u202etwo\tx\n")
		w := s.app.write
		if got := w.field[toPart].Text(); got != "ana@x.test, bob@x.test" {
			t.Errorf("To is %q", got)
		}
		if got := w.field[subjectPart].Text(); got != "a subject in lines" {
			t.Errorf("the subject is %q", got)
		}
		if got := w.text().Text(); got != "q[31m\nline \u202etwo\tx\n" {
			t.Errorf("the text is %q", got)
		}
		s.keys("ctrl+_")
		if got := w.text().Text(); got != "" {
			t.Errorf("undone, the text is %q", got)
		}
	})
}

func TestCompose_recipientsAreChecked(t *testing.T) {
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{Subject: "x", Text: "y"}, "text"))
		s.keys("ctrl+s")
		s.shows("no recipient")
		if s.app.write.focus != toPart {
			t.Error("the focus is not where the recipient is missing")
		}
		s.write("ana@x.test, bob, zed@")
		s.keys("tab")
		s.shows("▲ 2 are no e-mail addresses: bob, zed@")
		s.keys("tab tab ctrl+s")
		if len(b.sent) != 0 || s.app.write == nil || s.app.write.focus != toPart {
			t.Fatalf("sent %v", b.sent)
		}
		s.keys("backspace")
		s.hides("▲ 2 are no e-mail addresses") // not while it is being mended
		s.keys("ctrl+u")
		s.write("ana@x.test,")
		s.keys("ctrl+s")
		if len(b.sent) != 1 {
			t.Errorf("not sent:\n%s", s.view())
		}
	})
}

func TestCompose_asksBeforeSending(t *testing.T) {
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{To: []activesync.Address{{Address: "ana@x.test"}}, Text: "Anbei die Zahlen."}, "text"))
		s.keys("ctrl+s")
		s.shows("The subject is empty", "Go back")
		s.keys("enter")
		if len(b.sent) != 0 || s.app.write == nil {
			t.Fatal("Go back is not what enter means")
		}
		s.keys("ctrl+s y")
		s.shows("“Anbei”", "nothing is attached")
		s.keys("y")
		if len(b.sent) != 1 {
			t.Errorf("not sent:\n%s", s.view())
		}
	})
}

func TestPromise(t *testing.T) {
	for _, s := range []string{"See the attached sheet", "Attachment: a", "im Anhang findest du", "ci-joint le rapport", "en pièce jointe", "adjunto el archivo",
		"segue anexo", "in allegato", "in de bijlage", "se vedlagt fil", "bifogar filen", "w załączeniu", "во вложении", "添付します", "请看附件", "첨부합니다", "mellékelem a táblát", "csatolom", "atașez fișierul", "у вкладенні", "приложения файл",
		"הקובץ מצורף", "המסמכים המצורפים", "تجدون المرفقات", "xem tệp đính kèm", "berkas terlampir", "फ़ाइल संलग्न है", "ไฟล์แนบ", "ekte gönderiyorum, ekteki dosya", "στο συνημμένο"} {
		if promise(s) == "" {
			t.Errorf("%q announces nothing", s)
		}
	}
	for _, s := range []string{"", "I am unattached", "detach it", "genau beieinander", "annexed"} {
		if p := promise(s); p != "" {
			t.Errorf("%q announces %q", s, p)
		}
	}
	if p := promise(ownWords("yes\n> see the attachment\n-------- Forwarded message --------\nattached\n")); p != "" {
		t.Errorf("a quote announces %q", p)
	}
}

func TestCompose_textStaysWhenSendingFails(t *testing.T) {
	b := newComposeBackend()
	b.refuse = activesync.ErrQuota
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{To: []activesync.Address{{Address: "ana@x.test"}}, Subject: "x", Text: "my words"}, "text"))
		s.keys("ctrl+s")
		s.shows("my words", "The mailbox is full")
		b.refuse = nil
		s.keys("ctrl+s")
		if len(b.sent) != 1 || s.app.write != nil {
			t.Error("the second try did not send it")
		}
	})
}

func TestCompose_fromAnotherAccount(t *testing.T) {
	b := newComposeBackend()
	b.accounts = append(b.accounts, activesync.Account{ID: "a2", Name: "Club", Email: "chair@club.test"})
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.compose()
		s.shows("From     alice@example.test")
		s.keys("up enter")
		s.shows("chair@club.test")
		s.keys("down enter")
		s.shows("From     chair@club.test")
		s.keys("down")
		s.write("ana@x.test")
		s.keys("tab tab tab x ctrl+s")
		if len(b.sent) != 1 || b.sent[0].Account != "a2" {
			t.Errorf("sent %v", b.sent)
		}
	})
}

func TestCompose_mouse(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{Subject: "a subject", Text: strings.Repeat("line\n", 100)}, "to"))
		w := s.app.write
		click := func(x, y int) {
			s.do(w.click(s.app, 0, x, y, false))
			s.view()
		}
		click(labelWidth+2, 3)
		if w.focus != subjectPart {
			t.Fatalf("part %d has the focus", w.focus)
		}
		s.write("X")
		if got := w.field[subjectPart].Text(); got != "a Xsubject" {
			t.Errorf("the subject is %q", got)
		}
		click(3, 6)
		s.write("X")
		if got := w.text().Line(1); w.focus != textPart || got != "liXne" {
			t.Errorf("line 2 is %q", got)
		}
		click(0, 2)
		if w.focus != ccPart {
			t.Errorf("a click on Cc leads to part %d", w.focus)
		}
		s.do(w.wheel(s.app, 0, 30))
		s.app.frame = ""
		if rows, _, _ := w.text().View(); rows[0].Line != 30 {
			t.Errorf("line %d is on top", rows[0].Line)
		}
		click(labelWidth, 1)
		s.write("an")
		click(labelWidth+3, 3) // the second one offered
		if got := w.field[toPart].Text(); got != "Ana Souza <ana.souza@home.test>, " {
			t.Errorf("To is %q", got)
		}
	})
}

// The cursor is where the next letter appears, whatever stands before it.
func TestCompose_cursor(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}, {40, 10}} {
		onComposeScreen(t, newComposeBackend(), size[0], size[1], func(s *composeScreen) {
			s.do(s.app.openCompose(activesync.Draft{Text: "日本 e\u0301\u202e\tx\n" + strings.Repeat("wide words and ", 40)}, "text"))
			for _, keys := range []string{"", "right right", "right right right right", "end", "down down", "ctrl+end", "ctrl+home up", "up", "shift+tab shift+tab"} {
				s.keys(keys)
				x, y, on := s.app.write.cursor()
				if !on {
					t.Fatalf("after %q the cursor is not shown", keys)
				}
				s.write("§")
				line := strings.Split(s.view(), "\n")[y]
				if left, _ := style.Cut(line, x, ""); !strings.HasPrefix(strings.TrimPrefix(line, left), "§") && y < s.app.height-3 {
					t.Errorf("%v after %q: the letter is not at %d,%d:\n%s", size, keys, x, y, s.view())
				}
				s.keys("backspace")
			}
		})
	}
}

// Nothing is wider or higher than the screen, at any size.
func TestCompose_sizes(t *testing.T) {
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		d := activesync.Draft{Subject: strings.Repeat("主題 ", 60), Text: strings.Repeat("👨‍👩‍👧 and words ", 300)}
		for range 30 {
			d.To = append(d.To, activesync.Address{Name: "Somebody", Address: "some.body@example.test"})
			d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: "a file with a long name.xlsx", Data: []byte("x")})
		}
		s.do(s.app.openCompose(d, "text"))
		s.app.write.wrong[toPart] = "wrong"
		for _, size := range [][2]int{{1, 1}, {2, 3}, {7, 5}, {20, 6}, {40, 10}, {79, 13}, {120, 40}, {300, 90}} {
			s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			s.app.write.enter(s.app, textPart)
			s.keys("shift+tab shift+tab x shift+tab x shift+tab a n")
			if size[0] >= 20 && size[1] >= 6 {
				if _, _, on := s.app.write.cursor(); !on {
					t.Errorf("at %v the field with the focus is not on screen", size)
				}
			}
		}
	})
}

// A long list of recipients shows its start when it is left, and its end when
// one goes on with it.
func TestCompose_manyRecipients(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		d := activesync.Draft{To: []activesync.Address{{Address: "first@x.test"}}}
		for range 30 {
			d.To = append(d.To, activesync.Address{Address: "some.body@example.test"})
		}
		d.To = append(d.To, activesync.Address{Address: "last@x.test"})
		s.do(s.app.openCompose(d, "to"))
		s.shows("last@x.test")
		s.hides("first@x.test")
		s.keys("tab")
		s.shows("first@x.test")
		s.keys("shift+tab")
		s.shows("last@x.test")
		s.do(s.app.openCompose(d, "text"))
		s.shows("first@x.test")
	})
}

func TestCompose_looks(t *testing.T) {
	want := map[[2]int]string{
		{80, 24}: `
 From     alice@example.test
 To       Ana Souza <ana@example.test>
 Cc, Bcc
 Subject  Budget
 Files    a.txt 1 B
 ──────────────────────────────────────────────────────────────────────────────
 Hello`,
		{40, 10}: `
 To       Ana Souza <ana@example.test>
 Subject  Budget
 Files    a.txt 1 B
 Hello`,
		{90, 40}: `
 From     alice@example.test
 To       Ana Souza <ana@example.test>
 Cc
 Bcc
 Subject  Budget
 Files    a.txt 1 B
 ────────────────────────────────────────────────────────────────────────────────────────
 Hello`,
	}
	for size, want := range want {
		onComposeScreen(t, newComposeBackend(), size[0], size[1], func(s *composeScreen) {
			s.do(s.app.openCompose(activesync.Draft{To: []activesync.Address{{Name: "Ana Souza", Address: "ana@example.test"}}, Subject: "Budget", Text: "Hello\n",
				Attachments: []activesync.DraftAttachment{{Name: "a.txt", Data: []byte("x")}}}, "text"))
			var got []string
			for _, l := range strings.Split(s.view(), "\n")[2:] {
				got = append(got, strings.TrimRight(l, " "))
			}
			if g := "\n" + strings.Join(got, "\n"); !strings.HasPrefix(g, want+"\n") {
				t.Errorf("at %v:%s", size, g)
			}
		})
	}
}

func TestCompose_asciiAndLight(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.compose()
		s.app.settings.Symbols, s.app.settings.Theme = "ascii", "light"
		s.app.restyle()
		s.app.frame = ""
		for _, r := range s.view() {
			if r > 0x7f && r != '‖' {
				t.Errorf("%q is not ASCII:\n%s", r, s.view())
				break
			}
		}
	})
}

func TestCompose_writesOnWhileTheListChanges(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.compose()
		s.write("x@y.test")
		s.do(s.app.readAccounts())
		s.pass(2 * time.Minute)
		if got := s.app.write.field[toPart].Text(); got != "x@y.test" {
			t.Errorf("To is %q", got)
		}
	})
}

func BenchmarkComposeTyping(b *testing.B) {
	a := New(Deps{Backend: newComposeBackend(), Getenv: func(string) string { return "" }, Location: time.UTC})
	a.accounts = []*account{{Account: activesync.Account{ID: "a1", Email: "alice@example.test"}}}
	a.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	a.openCompose(activesync.Draft{Text: strings.Repeat("A line of a long text, as people write it now and then.\n", 10_000)}, "text")
	for range 5000 {
		a.write.text().Right()
		a.write.text().Down(1)
	}
	b.ReportAllocs()
	for b.Loop() {
		a.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{'x'}})
		a.View()
	}
}
