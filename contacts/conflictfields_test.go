package contacts

import (
	"regexp"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

// A card that was changed by hand when the policy let out less holds less: chosen
// under one that lets out more, it takes nothing from the contact.
func TestACardOfANarrowPolicyWipesNothing(t *testing.T) {
	for name, known := range map[string]bool{"what it was written with is known": true, "it is not": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.rules.Fields = NameAndPhone
			id := w.add(person(1))
			w.on()
			w.pass()
			file, card := w.only()
			w.write(file, strings.ReplaceAll(card, "First1", "Hand"))
			if !known {
				w.forgetFields(id)
			}
			w.rules.Fields = AllFields
			if r := w.pass(); r.Conflicts != 1 {
				t.Fatalf("%+v", r)
			}
			list, err := w.book.Conflicts(t.Context())
			if err != nil || len(list) != 1 {
				t.Fatalf("%+v, %v", list, err)
			}
			for _, d := range list[0].Left {
				if d.File == "" {
					t.Errorf("%s is said to have been removed", d.Label)
				}
			}
			if err := w.book.Resolve(t.Context(), id, File, w); err != nil {
				t.Fatal(err)
			}
			if c := w.all[id]; c.FirstName != "Hand" || c.Email1.Address == "" || c.Note != "a note" {
				t.Errorf("the contact is %+v", c)
			}
			w.pass()
			if _, card := w.only(); !strings.Contains(card, "EMAIL") || !strings.Contains(card, "Hand") {
				t.Errorf("the card is %s", card)
			}
		})
	}
}

// What a person adds to a card that holds less goes beside what they did not see.
func TestWhatIsAddedToANarrowCardReplacesNothing(t *testing.T) {
	w := newWorld(t)
	w.rules.Fields = NameAndPhone
	id := w.add(person(1))
	w.on()
	w.pass()
	file, card := w.only()
	w.write(file, strings.Replace(card, "END:VCARD", "EMAIL:hand@example.test\r\nNOTE:by hand\r\nEND:VCARD", 1))
	w.pass()
	if err := w.book.Resolve(t.Context(), id, File, w); err != nil {
		t.Fatal(err)
	}
	if c := w.all[id]; c.Email1.Address != "p1@example.test" || c.Email2.Address != "hand@example.test" || c.Note != "a note" {
		t.Errorf("the contact is %+v", c)
	}
}

// What a person took out of a card that held everything is taken from the contact,
// also where that leaves no more than another policy lets out.
func TestWhatWasTakenOutByHandIsTakenOut(t *testing.T) {
	w := newWorld(t)
	c := person(1)
	c.Note = ""
	id := w.add(c)
	w.on()
	w.pass()
	file, card := w.only()
	w.write(file, regexp.MustCompile(`(?m)^EMAIL.*\n`).ReplaceAllString(card, ""))
	if r := w.pass(); r.Conflicts != 1 {
		t.Fatalf("%+v", r)
	}
	if err := w.book.Resolve(t.Context(), id, File, w); err != nil {
		t.Fatal(err)
	}
	if c := w.all[id]; c.Email1.Address != "" || c.FirstName != "First1" {
		t.Errorf("the contact is %+v", c)
	}
}

// forgetFields leaves the ledger as it was before it said what a card was written
// with.
func (w *world) forgetFields(id activesync.ItemID) {
	w.t.Helper()
	if err := w.book.locked(func(l *ledger) error {
		l.Cards[id].Fields = ""
		return w.book.save(l)
	}); err != nil {
		w.t.Fatal(err)
	}
}
