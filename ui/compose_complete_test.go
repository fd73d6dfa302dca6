package ui

import (
	"strings"
	"testing"

	"eas.example/securemail/activesync"
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
						s.app.write.suggest()
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
		s.shows("▌" + cutTo(last.Name, 20, s.app.theme))
		s.keys("enter")
		if !strings.Contains(s.to(), last.Address) {
			t.Errorf("To is %q, want %s", s.to(), last.Address)
		}
	})
}

func TestGatherPeople(t *testing.T) {
	got := gatherPeople([]activesync.ContactRow{{Name: "Ana", Emails: []string{"ana@x.test", "nonsense", `"Ana S" <ana@y.test>`}}},
		[]activesync.Address{{Name: "Other", Address: "ANA@x.test"}, {Address: "new@x.test"}, {Name: "No one"}})
	var out []string
	for _, p := range got {
		out = append(out, personText(p.Address))
	}
	if s := strings.Join(out, "; "); s != "Ana <ana@x.test>; Ana <ana@y.test>; new@x.test" {
		t.Errorf("got %s", s)
	}
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
