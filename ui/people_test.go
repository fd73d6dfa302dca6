package ui

import (
	"os"
	"regexp"
	"testing"
	"time"
	"unicode"

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

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip()
	}
	for _, sz := range [][2]int{{80, 24}, {200, 50}, {100, 30}, {40, 10}} {
		for _, th := range []string{"dark", "light"} {
			n := dir + "/" + th + "-" + itoa(sz[0])
			onStage(t, fullBook(), "2026-11-25 14:02", sz[0], sz[1], Deps{Settings: Settings{Theme: th}}, func(s *stage) {
				s.press("2")
				os.WriteFile(n+"-people.ans", []byte(s.app.View()), 0o600)
				s.press("j", "j")
				s.press("k", "enter")
				os.WriteFile(n+"-card.ans", []byte(s.app.View()), 0o600)
				s.press("/")
				s.typed("o")
				os.WriteFile(n+"-search.ans", []byte(s.app.View()), 0o600)
			})
		}
	}
}

func itoa(n int) string { return number(n) }
