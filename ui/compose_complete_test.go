package ui

import (
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
)

func (s *composeScreen) to() string { return s.app.write.field[toPart].Text() }

func TestComplete(t *testing.T) {
	for _, c := range []struct{ name, typed, keys, want string }{
		{"first one by enter", "ana", "enter", "Ana Souza <ana@example.test>, "},
		{"first one by tab", "ana", "tab", "Ana Souza <ana@example.test>, "},
		{"another", "ana", "down enter", "Ana Souza <ana.souza@home.test>, "},
		{"round the list", "ana", "up up down down enter", "Ana Souza <ana@example.test>, "},
		{"name that needs quotes", "maria", "enter", `"Souza, Maria" <maria@example.test>, `},
		{"letters of two words", "a sou", "enter", "Ana Souza <ana@example.test>, "},
		{"wide letters", "李", "enter", "李小龍 <bruce@example.test>, "},
		{"by address", "bruce@", "enter", "李小龍 <bruce@example.test>, "},
		{"name is cleaned", "bob", "enter", "Bob[31m Banana <bob@example.test>, "},
		{"someone in the list", "harb", "enter", "Harbour Office <harbour@example.test>, "},
		{"second entry", "x@y.test, ana", "enter", "x@y.test, Ana Souza <ana@example.test>, "},
		{"after a name in quotes", `"a, b" <x@y.test>; bru`, "enter", `"a, b" <x@y.test>; 李小龍 <bruce@example.test>, `},
		{"before another entry", "x@y.test", "home a n a comma", "Ana Souza <ana@example.test>,x@y.test"},
		{"esc closes it", "ana", "esc enter", "ana"},
		{"and it stays closed", "ana", "esc s enter", "anas"},
		{"for that entry only", "ana", "esc , b r u enter", "ana,李小龍 <bruce@example.test>, "},
		{"no one", "zzz", "enter", "zzz"},
		{"whole address is left", "ana@example.te", "enter", "ana@example.te"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
				s.compose()
				s.write(c.typed)
				for _, k := range strings.Fields(c.keys) {
					if k == "comma" { // between what is typed and the next entry
						s.keys(", left")
						s.do(s.app.write.suggest(s.app))
						k = "enter"
					}
					s.keys(k)
				}
				if got := s.to(); got != c.want {
					t.Errorf("To is %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestComplete_leavesOutWhoIsThere(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{Cc: []activesync.Address{{Address: "Ana@example.test"}}}, "to"))
		s.write("ana")
		s.shows("ana.souza@home.test")
		s.hides(" ana@example.test")
	})
}

func TestComplete_isNotForTheSubject(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.compose()
		s.keys("tab tab tab")
		s.write("ana")
		s.hides("ana@example.test")
	})
}

func TestComplete_smallScreen(t *testing.T) {
	b := newComposeBackend()
	for i := range 9 {
		b.contacts = append(b.contacts, activesync.ContactRow{Name: "Anatol", Emails: []string{strings.Repeat("a", i) + "natol@example.test"}})
	}
	onComposeScreen(t, b, 40, 7, func(s *composeScreen) {
		s.compose()
		s.write("an")
		s.keys("down down down down")
		last := s.app.write.options.list[4]
		s.shows("▌" + cutTo(last.Address.Name, 20, s.app.theme))
		s.keys("enter")
		if !strings.Contains(s.to(), last.Address.Address) {
			t.Errorf("To is %q, want %s", s.to(), last.Address.Address)
		}
	})
}

// What the address list answers comes below what is there, and does not take
// the person's choice away.
func TestComplete_theDirectoryAnswersLater(t *testing.T) {
	b := newComposeBackend()
	b.listed = contacts.Asking
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.compose()
		s.write("ana")
		s.shows("Ana Souza  ana@example.test", "Asking the directory…")
		s.keys("down")
		b.found, b.listed = []activesync.Person{{Name: "Ana Abel", Email: "abel@example.test"}}, contacts.Answered
		b.notices <- activesync.Notice{Kind: activesync.NoticePeople, Account: "a1"}
		s.pass(time.Second)
		s.shows("Ana Abel  abel@example.test  directory", "The directory has answered.")
		s.keys("enter")
		if want := "Ana Souza <ana.souza@home.test>, "; s.to() != want {
			t.Errorf("To is %q, want %q", s.to(), want)
		}
		b.found, b.listed, b.why = nil, contacts.Unavailable, "offline"
		s.write("zzz")
		s.shows("The directory cannot be asked: offline")
		s.keys("esc")
		s.hides("The directory cannot be asked")
	})
}

// Who types fast and presses enter gets the person of what was typed, not of
// what stood there before.
func TestComplete_enterWaitsForThePeople(t *testing.T) {
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.compose()
		b.slow = 100 * time.Millisecond
		for _, k := range strings.Fields("a n a enter b r u enter") {
			_, cmd := s.app.Update(composeKey(t, k)) // no answer comes between them
			pump(cmd, s.msgs)
		}
		for range 20 {
			s.pass(b.slow)
		}
		if want := "Ana Souza <ana@example.test>, 李小龍 <bruce@example.test>, "; s.to() != want {
			t.Errorf("To is %q, want %q", s.to(), want)
		}
	})
}

// Who leaves while keys wait for people finds written what was typed, and can
// write on.
func TestComplete_leavingWhileKeysWait(t *testing.T) {
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.compose()
		b.slow = 100 * time.Millisecond
		for _, k := range strings.Fields("z z enter b") {
			_, cmd := s.app.Update(composeKey(t, k)) // no answer comes between them
			pump(cmd, s.msgs)
		}
		pump(s.app.putAside(), s.msgs)
		s.pass(time.Minute)
		s.do(s.app.resume())
		s.write("c")
		w := s.app.write
		if s.to() != "zz" || w.field[subjectPart].Text()+w.field[ccPart].Text() != "bc" {
			t.Errorf("To is %q, Cc %q, the subject %q", s.to(), w.field[ccPart].Text(), w.field[subjectPart].Text())
		}
	})
}

// No address that a server sends can make another one of what is written.
func TestComplete_takesNoFalseAddress(t *testing.T) {
	b := newComposeBackend()
	b.listed = contacts.Answered
	b.found = []activesync.Person{{Name: "Zoe", Email: "zoe@x.test, eve@y.test"}, {Name: "Zoe", Email: "zoe"}, {Name: "Zoe\x1b[2J\nBcc: eve", Email: "zoe@z.test"}}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.compose()
		s.write("zoe")
		s.hides("eve@y.test")
		s.keys("enter")
		if got := activesync.ParseAddresses(s.to()); len(got) != 1 || got[0].Address != "zoe@z.test" {
			t.Errorf("To is %q", s.to())
		}
	})
}

func FuzzEntry(f *testing.F) {
	f.Add(`"a, b" <x@y.test>, bob`, 22)
	f.Add(`a;b,"c\",d`, 5)
	f.Fuzz(func(t *testing.T, list string, at int) {
		if at < 0 || at > len(list) {
			return
		}
		from, to := entry(list, at)
		if from < 0 || from > at || to < at || to > len(list) {
			t.Fatalf("entry of %q at %d is %d to %d", list, at, from, to)
		}
	})
}

// What is written for an address is read as that address.
func FuzzPersonText(f *testing.F) {
	f.Add("Ana Souza", "ana@example.test")
	f.Add(`Doe, "Jane"`, "jane@example.test")
	f.Fuzz(func(t *testing.T, name, address string) {
		p := cleanAddress(activesync.Address{Name: strings.Join(strings.Fields(name), " "), Address: address})
		if len(notAddresses(address)) > 0 || activesync.ParseAddress(address).Address != address || strings.EqualFold(p.Name, p.Address) || strings.Contains(name, "=?") {
			return
		}
		got := activesync.ParseAddresses(addressText([]activesync.Address{p, {Address: "next@example.test"}}))
		if len(got) != 2 || got[0].Address != p.Address {
			t.Errorf("%q became %v", personText(p), got)
		}
	})
}
