package ui

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
	"pgregory.net/rapid"

	"eas.example/securemail/activesync"
)

// ownSequence is what the screens themselves send: SGR, and links that the
// terminal can open.
var ownSequence = regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b]8;;[^\x00-\x1f\x7f]*\x1b\\\\")

func isBidi(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

func fullBook() *bookBackend {
	loc, _ := time.LoadLocation("Europe/Berlin")
	b := newBook(loc)
	b.person("a", activesync.Contact{FirstName: "Ana", LastName: "Souza", CompanyName: "Harbour Office", JobTitle: "Head of Finance", Department: "Finance", Email1: activesync.Address{Address: "ana@example.test"}, Email2: activesync.Address{Address: "ana.souza@home.example"}, MobilePhone: "+49 170 1234567", BusinessPhone: "+49 30 555 01", Business: activesync.PostalAddress{Street: "Kai 4", PostalCode: "20457", City: "Hamburg", Country: "Germany"}, Birthday: time.Date(1984, 3, 3, 0, 0, 0, 0, time.UTC), Note: "Prefers calls in the morning.\nSpeaks Portuguese and German.", Picture: append([]byte("\xff\xd8\xff"), make([]byte, 24000)...), WebPage: "https://harbour.example"})
	b.person("a", activesync.Contact{FirstName: "Zoë", LastName: "Straßer", CompanyName: "Ölmühle GmbH", Email1: activesync.Address{Address: "zoe@example.test"}, MobilePhone: "0171/99 88 77"})
	b.person("a", activesync.Contact{FirstName: "Øyvind", LastName: "Ås", Email1: activesync.Address{Address: "oyvind@example.test"}})
	b.person("a", activesync.Contact{FirstName: "Olga", LastName: "Petrova", CompanyName: "Tender & Co.", Email1: activesync.Address{Address: "olga@tender.example"}})
	b.person("a", activesync.Contact{FirstName: "明", LastName: "田中", CompanyName: "東京商事", Email1: activesync.Address{Address: "tanaka@example.test"}})
	b.person("a", activesync.Contact{CompanyName: "24/7 Support", BusinessPhone: "110"})
	for _, n := range []string{"Amir Khan", "Bea Lind", "Bruno Costa", "Carla Meier", "Chen Wei", "Dora Novak", "Emil Berg", "Fatima Zahra", "Greta Holm", "Hugo Martin", "Ines Pereira", "Jan Kowalski", "Kaja Nowak", "Liam Byrne", "Mona Haddad", "Nils Dahl", "Pia Rossi", "Quentin Roy", "Rosa Vidal", "Sven Lund", "Tara Singh", "Uma Patel", "Viktor Orlov", "Wanda Zielinska", "Xenia Papadopoulou", "Yara Silva"} {
		b.person("a", activesync.Contact{FirstName: n, CompanyName: "Example Ltd", Email1: activesync.Address{Address: n[:1] + "@example.test"}})
	}
	return b
}

func TestPeopleOfOneColumn(t *testing.T) {
	onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2")
		s.sound(80, 24)
		want := []string{
			"─ People  32 ───────────────────────────────────────────────────────────────────",
			"  / search name, company, address, number                                       ",
			"▌A  Amir Khan                     Example Ltd       A@example.test              ",
			"    Ana Souza                     Harbour Office    ana@example.test            ",
			" B  Bea Lind                      Example Ltd       B@example.test              ",
		}
		if got := s.lines()[1:6]; !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		// Letters with accents stand under those without, and who begins with no
		// letter at the end.
		s.wantLine(" O ", "Olga Petrova", "Tender & Co.", "olga@tender.example")
		s.wantLine("    Øyvind Ås", "oyvind@example.test")
		s.press("G")
		s.wantLine("▌#", "24/7 Support")
		s.wantLine("漢", "明 田中", "東京商事")
		// The first row on screen says which letter it is.
		if l := s.lines()[3]; !strings.HasPrefix(l, " K ") {
			t.Errorf("the first row is %q", l)
		}
		s.sound(80, 24)
	})
}

func TestCardFollowsOnAWideScreen(t *testing.T) {
	onStage(t, fullBook(), "2026-11-25 14:02", 200, 50, Deps{}, func(s *stage) {
		s.press("2")
		s.wantLine("─ People  32 ", "┬─ Amir Khan ")
		s.press("j")
		s.wantLine("▌   Ana Souza", "│", "Head of Finance")
		s.wantLine("│   AS    Head of Finance")
		s.wantLine("│         Harbour Office")
		s.wantLine("│ E-mail          ana@example.test")
		s.wantLine("│ E-mail          ana.souza@home.example")
		s.wantLine("│ Mobile          +49 170 1234567")
		s.wantLine("│ Work address    Kai 4")
		s.wantLine("│                 20457 Hamburg")
		s.wantLine("│ Birthday        3 March 1984")
		s.wantLine("│ Note            Prefers calls in the morning.")
		s.wantLine("│                 Speaks Portuguese and German.")
		s.wantLine("│ Picture         JPEG, 24 KB")
		s.sound(200, 50)
		s.press("G", "k")
		s.wantLine("│", "東京商事")
		s.sound(200, 50)
	})
}

func TestCardAlone(t *testing.T) {
	onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2", "j", "enter")
		s.want("People › Ana Souza", "Head of Finance", "20457 Hamburg")
		s.lacks("Bea Lind", "JPEG")
		s.press("G")
		s.want("JPEG, 24 KB", "100%")
		s.press("q") // closes the card, not the screens
		s.wantLine("▌   Ana Souza")
	})
}

func TestSearchAsOneTypes(t *testing.T) {
	for _, c := range []struct{ typed, found, count string }{
		{"strasser", "Zoë Straßer", "1 of 32"},
		{"ZOE olmuhle", "Zoë Straßer", "1 of 32"},
		{"ølmu", "Zoë Straßer", "1 of 32"},
		{"oyvind as", "Øyvind Ås", "1 of 32"},
		{"0171/9988", "Zoë Straßer", "1 of 32"},
		{"99-88-77", "Zoë Straßer", "1 of 32"},
		{"+49 170", "Ana Souza", "1 of 32"},
		{"harbour", "Ana Souza", "1 of 32"},
		{"tender.example", "Olga Petrova", "1 of 32"},
		{"東京", "田中", "1 of 32"},
		{"24/7", "24/7 Support", "1 of 32"},
	} {
		onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
			s.press("2", "/")
			s.typed(c.typed)
			s.want(c.count, c.typed)
			s.wantLine("▌", c.found)
			s.sound(80, 24)
		})
	}
}

func TestLeavingASearch(t *testing.T) {
	onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2", "/")
		s.typed("qzcv2") // letters are no keys now
		s.want("None of your contacts matches “qzcv2”", "0 of 32")
		s.press("ctrl+u")
		s.typed("o")
		s.press("down")
		s.wantLine("▌", "Bruno Costa")
		s.typed("s") // the cursor stays on its person
		s.wantLine("▌", "Bruno Costa")
		s.press("enter")
		s.want("People › Bruno Costa")
		s.press("esc") // back to what was found
		s.want("of 32")
		s.press("esc")
		s.lacks("of 32")
		s.wantLine("▌", "Bruno Costa")
		s.press("/")
		s.typed("zoe")
		s.press("esc")
		s.want("People  32")
		// Now they are keys again.
		s.press("3")
		s.want("Today, Wednesday 25 November")
	})
}

// The search looks into the organisation's directory too, without waiting for
// it; who is found there can be written to and added, and nothing else.
func TestSearchFindsTheDirectoryToo(t *testing.T) {
	b := fullBook()
	b.listed = []activesync.Person{
		{Name: "Olga Petrova", Email: "OLGA@tender.example"}, // a contact
		{Name: "Olaf\x1b[2J Dahl", FirstName: "Olaf", LastName: "Dahl", Email: "olaf@example.test", Title: "Pilot", Phone: "110 11"},
	}
	onStage(t, b, "2026-11-25 14:02", 200, 50, Deps{}, func(s *stage) {
		s.press("2", "/")
		s.typed("ol")
		s.want("Asking the directory…", "3 of 32") // Olga, Greta Holm, and Zoë of the Ölmühle
		s.pass(time.Second)
		s.want("1 more is in the directory.", "3 of 32")
		s.wantLine(" @", "Olaf", "Dahl", "olaf@example.test", "directory")
		s.press("down", "down", "down", "enter")
		s.want("Pilot", "110 11", "the directory of the organisation")
		s.sound(200, 50)
		for key, why := range map[string]string{"e": "added to the contacts first", "d": "added to the contacts first", "v": "added to the contacts first"} {
			s.press(key)
			s.want(why)
		}
		s.press("+")
		s.want("New contact", "First name      Olaf")
		s.press("esc", "right", "right", "enter")
		s.lacks("New contact")
		s.press("c")
		if s.app.write == nil {
			t.Fatal("no message was begun")
		}
		s.want("olaf@example.test")
	})
	b.offline = "no network"
	onStage(t, b, "2026-11-25 14:02", 200, 50, Deps{}, func(s *stage) {
		s.press("2", "/")
		s.typed("olaf")
		s.pass(time.Second)
		s.want("The directory cannot be asked: no network. 1 more is in", "directory as of")
		s.typed("z")
		s.pass(time.Second)
		s.want("The directory cannot be asked")
		s.lacks("as of", "Olaf")
		s.press("esc")
		s.lacks("directory")
	})
}

// Who is kept in a subfolder of the contacts is among the others, and the row
// and the card say where.
func TestPeopleOfSubfolders(t *testing.T) {
	b := fullBook()
	b.folders = append(b.folders, activesync.Folder{ID: 50, Account: "a", Parent: 2, Name: "Suppliers", Type: activesync.FolderUserContacts, Class: activesync.ClassContacts})
	b.person("a", activesync.Contact{Folder: 50, FirstName: "Aaron", Email1: activesync.Address{Address: "aaron@example.test"}})
	onStage(t, b, "2026-11-25 14:02", 200, 50, Deps{}, func(s *stage) {
		s.press("2")
		s.wantLine("▌A", "Aaron", "Suppliers")
		s.wantLine("Kept in", "Suppliers")
		s.press("j")
		s.lacks("Kept in")
		s.sound(200, 50)
	})
}

func TestPastedSearchActsNotAsKeys(t *testing.T) {
	onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2", "/")
		s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("olga\n"), Paste: true})
		s.want("1 of 32")
		s.wantLine("▌", "Olga Petrova")
	})
}

func TestWritingToAPerson(t *testing.T) {
	onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2", "j", "c")
		if s.app.write == nil {
			t.Fatal("no message was begun")
		}
		s.want("Ana Souza", "ana@example.test")
	})
	onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2", "G", "c")
		if s.app.write != nil {
			t.Fatal("a message to no address was begun")
		}
		s.want("24/7 Support has no e-mail address.")
	})
}

func TestShareAsVCard(t *testing.T) {
	b := fullBook()
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2", "j")
		s.want("share as vCard")
		s.press("v")
		if s.app.write == nil {
			t.Fatal("no message was begun")
		}
		s.want("Contact: Ana Souza", "Ana Souza.vcf")
	})
	d, err := b.ShareDraft(t.Context(), b.people["a"][0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if d.Account != "a" || d.Subject != "Contact: Ana Souza" || len(d.Attachments) != 1 || d.Attachments[0].ContentType != "text/vcard" {
		t.Errorf("the draft is %+v", d)
	}
	card := string(d.Attachments[0].Data)
	for _, want := range []string{"BEGIN:VCARD\r\nVERSION:3.0\r\n", "FN:Ana Souza", "ana.souza@home.example", "PHOTO;"} {
		if !strings.Contains(card, want) {
			t.Errorf("%q is not in the card:\n%s", want, card)
		}
	}
}

// Export Contacts off takes Share as vCard from the keys, the menu, the palette
// and the foot.
func TestPolicyHidesSharing(t *testing.T) {
	forbidden := ""
	d := Deps{Forbidden: func(policy string) string {
		if policy == "export_contacts" {
			return forbidden
		}
		return ""
	}}
	onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, d, func(s *stage) {
		s.press("2", ".")
		s.want("Share as vCard")
		s.press("esc")
		forbidden = "Your organisation does not allow it."
		for _, place := range []string{"j", "enter"} {
			s.press(place)
			s.lacks("vCard")
			s.press("v")
			if s.app.write != nil {
				t.Fatal("it was shared")
			}
			s.press(".")
			s.lacks("vCard")
			s.press("esc", "ctrl+k")
			s.typed("vcard")
			s.lacks("Share as vCard")
			s.press("esc")
		}
	})
}

func TestWhyThereIsNoOne(t *testing.T) {
	folder := func(b *bookBackend, edit func(*activesync.Folder)) {
		for i := range b.folders {
			if b.folders[i].Type == activesync.FolderContacts {
				edit(&b.folders[i])
			}
		}
	}
	for _, c := range []struct {
		change func(*bookBackend)
		want   string
	}{
		{func(*bookBackend) {}, "There are no contacts in this account."},
		{func(b *bookBackend) { b.folders = b.folders[:1] }, "This account does not have a contacts folder."},
		{func(b *bookBackend) { b.folders = nil }, "The mailboxes come from the server"},
		{func(b *bookBackend) { folder(b, func(f *activesync.Folder) { f.LastSync = time.Time{} }) }, "The contacts come from the server"},
		{func(b *bookBackend) {
			b.phase = activesync.PhaseOffline
			folder(b, func(f *activesync.Folder) { f.LastSync = time.Time{} })
		}, "The contacts have not come yet: the server is not reached."},
		{func(b *bookBackend) {
			folder(b, func(f *activesync.Folder) { f.LastSync, f.Check = time.Time{}, activesync.CheckManual })
		}, "Contacts is checked by hand only and was not checked yet. ctrl+r checks it now."},
		{func(b *bookBackend) {
			folder(b, func(f *activesync.Folder) { f.Problem = "status 7: the item was refused" })
		}, "Contacts: Status 7: the item was refused."},
		{func(b *bookBackend) { b.err = activesync.ErrNotFound }, "It is no longer on the server."},
	} {
		b := newBook(time.UTC)
		c.change(b)
		for _, size := range [][2]int{{80, 24}, {200, 50}} {
			onStage(t, b, "2026-11-25 14:02", size[0], size[1], Deps{}, func(s *stage) {
				s.press("2")
				s.sound(size[0], size[1])
				if got := strings.Join(strings.Fields(strings.ReplaceAll(s.String(), "│", " ")), " "); !strings.Contains(got, c.want) {
					t.Errorf("%q is not on the screen:\n%s", c.want, s)
				}
			})
		}
	}
}

func TestPeopleOfSeveralAccounts(t *testing.T) {
	b := newBook(time.UTC)
	b.person("a", activesync.Contact{FirstName: "Ben", Email1: activesync.Address{Address: "ben@example.test"}, Folder: 2})
	b.account("b", "Verein", 11)
	b.person("b", activesync.Contact{FirstName: "Anna", Email1: activesync.Address{Address: "anna@example.test"}, Folder: 12})
	b.account("c", "Shop", 21)
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2")
		s.wantLine("▌A", "Anna", "anna@example.test", "Verein")
		s.wantLine(" B", "Ben", "ben@example.test", "Alice")
		s.want("Shop: There are no contacts in this account.", "People  2")
		s.press("enter")
		s.wantLine("Kept in", "Verein")
		s.sound(80, 24)
	})
}

func TestMouseAmongPeople(t *testing.T) {
	onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2")
		s.click("Dora Novak")
		s.wantLine("▌D", "Dora Novak")
		time.Sleep(time.Second)
		s.click("Olga Petrova")
		s.wantLine("▌O", "Olga Petrova")
		s.click("Olga Petrova")
		s.want("People › Olga Petrova")
		s.click("olga@tender.example")
		if s.app.write == nil {
			t.Fatal("no message was begun")
		}
	})
	onStage(t, fullBook(), "2026-11-25 14:02", 200, 50, Deps{}, func(s *stage) {
		s.press("2")
		s.click("Ana Souza")
		s.want("Head of Finance")
		time.Sleep(time.Second)
		s.click("ana.souza@home.example")
		s.want("ana.souza@home.example")
		if s.app.write == nil {
			t.Fatal("no message was begun")
		}
	})
	onStage(t, fullBook(), "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.press("2")
		s.click("search name")
		s.typed("zoe")
		s.want("1 of 32")
		s.send(tea.MouseMsg{X: 5, Y: 10, Action: tea.MouseActionPress, Button: tea.MouseButtonWheelDown})
		s.sound(80, 24)
	})
}

// A change on the server shows at once, and the cursor stays on its person.
func TestPeopleChangeUnderTheCursor(t *testing.T) {
	b := fullBook()
	onStage(t, b, "2026-11-25 14:02", 200, 50, Deps{}, func(s *stage) {
		s.press("2", "j")
		b.people["a"][0].JobTitle = "Chief of Finance"
		b.person("a", activesync.Contact{FirstName: "Aaron"})
		b.notices <- activesync.Notice{Kind: activesync.NoticeFolder, Account: "a", Folder: 2}
		s.settle()
		s.want("People  33", "Chief of Finance")
		s.wantLine("▌   Ana Souza")
		b.people["a"] = slices.DeleteFunc(b.people["a"], func(c activesync.Contact) bool { return c.FirstName == "Ana" })
		b.notices <- activesync.Notice{Kind: activesync.NoticeFolder, Account: "a", Folder: 2}
		s.settle()
		s.want("People  32")
		s.lacks("Chief of Finance")
	})
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Straße": "strasse", "ZOË": "zoe", "Łódź": "lodz", "Æsir": "aesir", "İstanbul": "istanbul", "ΣΊΣΥΦΟΣ": "σισυφοσ", "Σίσυφος": "σισυφοσ",
		"ＡＢＣ": "abc", "Йод": "иод", "e\u0301": "e", "plain": "plain",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) is %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"Émile": "E", "øre": "O", "Яна": "Я", "王": "漢", "ひな": "あ", "김": "한", "4711": "#", "": "#", "“quoted”": "Q", "…": "#"} {
		if got := initial(fold(in)); got != want {
			t.Errorf("%q stands under %q, want %q", in, got, want)
		}
	}
}

// Whatever a contact holds, the screen keeps its shape and no control character
// but those of our own sequences reaches the terminal.
func TestNoContactBreaksTheScreen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := wildText()
		a := New(Deps{Backend: newBook(time.UTC), Location: time.UTC, Getenv: func(string) string { return "" }})
		defer a.Close()
		a.screen = peopleScreen
		c := activesync.Contact{ID: 1, FirstName: text.Draw(t, "first"), LastName: text.Draw(t, "last"), CompanyName: text.Draw(t, "company"), JobTitle: text.Draw(t, "title"),
			Email1: activesync.Address{Address: text.Draw(t, "email")}, MobilePhone: text.Draw(t, "phone"), Note: text.Draw(t, "note"), Categories: []string{text.Draw(t, "category")},
			Home: activesync.PostalAddress{Street: text.Draw(t, "street")}, Picture: []byte(text.Draw(t, "picture")), WebPage: text.Draw(t, "web")}
		r := activesync.ContactRow{ID: 1, Name: c.Name(), Company: c.CompanyName, Phone: c.MobilePhone}
		for _, e := range c.Emails() {
			r.Emails = append(r.Emails, e.Address)
		}
		w, h := rapid.SampledFrom([]int{1, 12, 40, 80, 100, 200}).Draw(t, "w"), rapid.SampledFrom([]int{1, 5, 10, 24, 50}).Draw(t, "h")
		a.Update(tea.WindowSizeMsg{Width: w, Height: h})
		a.people.have(a, []person{makePerson(r, "a")}, nil)
		a.people.card.row, a.people.card.contact, a.people.card.have = a.people.all[0], c, true
		for _, onCard := range []bool{false, true} {
			a.people.turn(a, onCard)
			a.frame = ""
			if err := soundScreen(a.View(), w, h); err != nil {
				t.Fatal(err)
			}
		}
		// The form of it as well, wherever the keys are.
		a.editContact("a", c, c)
		f := a.top().(*form[activesync.Contact])
		for _, at := range []int{0, len(f.fields) / 2, len(f.fields) - 1} {
			f.at, f.failed = at, explain(errors.New(text.Draw(t, "failure")))
			a.frame = ""
			if err := soundScreen(a.View(), w, h); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// wildText is text as networks bring it: control characters, escape sequences,
// bidi overrides, wide and joined signs, broken UTF-8.
func wildText() *rapid.Generator[string] {
	bits := rapid.SampledFrom([]string{"", "a", "Ana ", "\x1b[31m", "\x1b]0;t\x07", "\x1b]8;;http://x\x1b\\", "\n", "\r\n", "\t", "\x00", "\x7f", "\u009b2J", "\u202e", "\u2066", "\u200d",
		"漢字", "👩‍👩‍👧", "🇩🇪", "e\u0301", "\xff\xfe", "\u2028", "ﷺ", "x@y.example", "long-word-without-any-place-to-break-it-in-two-parts-at-all", "<b>&amp;</b>", "\u00ad", "\ufeff"})
	return rapid.Map(rapid.SliceOfN(bits, 0, 8), func(parts []string) string { return strings.Join(parts, "") })
}

// Who stops the agent elsewhere is told so on the screens that are open, instead
// of a connection that is no more.
func TestAStoppedAgentIsNotCalledLive(t *testing.T) {
	b := fullBook()
	onStage(t, b, "2026-11-25 14:02", 80, 24, Deps{}, func(s *stage) {
		s.lacks("stopped")
		b.notices <- activesync.Notice{Kind: activesync.NoticeStopped}
		s.settle()
		s.want("‖ stopped", "The background process was stopped; ctrl+r starts it again.")
		b.notices <- activesync.Notice{Kind: activesync.NoticeOverflow}
		s.settle()
		s.want("The background process runs again.")
		s.lacks("‖ stopped")
	})
}
