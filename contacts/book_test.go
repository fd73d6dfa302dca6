package contacts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

const (
	testAccount = activesync.AccountID("a")
	testFolder  = activesync.FolderID(1)
	subfolder   = activesync.FolderID(2)
)

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// world is the contacts of an account, and an address book of them.
type world struct {
	t      tester
	all    map[activesync.ItemID]activesync.Contact
	lastID activesync.ItemID
	fresh  bool // contacts were never in step
	rules  Rules
	others []Native
	dir    string
	book   *Book
}

func newWorld(t testing.TB) *world {
	root := t.TempDir()
	w := &world{t: t, all: map[activesync.ItemID]activesync.Contact{}, rules: Rules{Fields: AllFields, Override: true}, dir: filepath.Join(root, "vdir")}
	w.book = NewBook(testAccount, filepath.Join(root, "state", "a.json"), w, func() Rules { return w.rules },
		func(string) ([]Native, error) { return w.others, nil })
	return w
}

func (w *world) Folders(context.Context, activesync.AccountID) ([]activesync.Folder, error) {
	f := activesync.Folder{ID: testFolder, Type: activesync.FolderContacts, Class: activesync.ClassContacts, LastSync: time.Now()}
	if w.fresh {
		f.LastSync = time.Time{}
	}
	return []activesync.Folder{f, {ID: subfolder, Parent: testFolder, Type: activesync.FolderUserContacts, Class: activesync.ClassContacts}}, nil
}

func (w *world) Contacts(context.Context, activesync.AccountID) ([]activesync.ContactRow, error) {
	var rows []activesync.ContactRow
	for _, id := range slices.Sorted(maps.Keys(w.all)) {
		rows = append(rows, activesync.ContactRow{ID: id, Folder: w.all[id].Folder, Name: w.all[id].Name()})
	}
	return rows, nil
}

func (w *world) Contact(_ context.Context, id activesync.ItemID) (activesync.Contact, error) {
	c, ok := w.all[id]
	if !ok {
		return c, activesync.ErrNoItem
	}
	return c, nil
}

func (w *world) AddContact(_ context.Context, _ activesync.AccountID, c activesync.Contact) (activesync.ItemID, error) {
	return w.add(c), nil
}

func (w *world) ChangeContact(_ context.Context, c activesync.Contact) error {
	w.all[c.ID] = c
	return nil
}

func (w *world) add(c activesync.Contact) activesync.ItemID {
	w.lastID++
	c.ID = w.lastID
	if c.Folder == 0 {
		c.Folder = testFolder
	}
	w.all[c.ID] = c
	return c.ID
}

func (w *world) on() {
	w.t.Helper()
	if err := w.book.On(w.dir, "Test"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) pass() Report {
	w.t.Helper()
	r, err := w.book.Pass(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// cards are the files of the directory by name.
func (w *world) cards() map[string]string {
	w.t.Helper()
	paths, err := filepath.Glob(filepath.Join(w.dir, "*.vcf"))
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			w.t.Fatal(err)
		}
		out[filepath.Base(p)] = string(b)
	}
	return out
}

// only is the one card there is.
func (w *world) only() (name, card string) {
	w.t.Helper()
	all := w.cards()
	if len(all) != 1 {
		w.t.Fatalf("%d cards", len(all))
	}
	for name, card := range all {
		return name, card
	}
	return "", ""
}

func (w *world) write(name, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func person(n int) activesync.Contact {
	return activesync.Contact{FirstName: fmt.Sprintf("First%d", n), LastName: "Last", MobilePhone: fmt.Sprintf("+49 %d", n),
		Email1: activesync.Address{Address: fmt.Sprintf("p%d@example.test", n)}, CompanyName: "Harbour", Note: "a note"}
}

func TestContactsGoToTheDirectory(t *testing.T) {
	w := newWorld(t)
	id := w.add(person(1))
	w.add(activesync.Contact{FirstName: "Sub", Folder: subfolder})
	w.on()
	if r := w.pass(); r.Written != 1 || r.Removed != 0 {
		t.Fatalf("first pass: %+v", r)
	}
	name, card := w.only()
	if !strings.Contains(card, "FN:First1 Last") || !strings.Contains(card, "VERSION:3.0") {
		t.Errorf("card:\n%s", card)
	}
	c := w.all[id]
	c.LastName = "Changed"
	w.all[id] = c
	if r := w.pass(); r.Written != 1 {
		t.Fatalf("after a change: %+v", r)
	}
	again, card := w.only()
	if again != name || !strings.Contains(card, "FN:First1 Changed") {
		t.Errorf("%s became %s:\n%s", name, again, card)
	}
	if r := w.pass(); r.Written != 0 || r.Opened != 0 || r.Same != 1 {
		t.Errorf("nothing changed: %+v", r)
	}
	delete(w.all, id)
	if r := w.pass(); r.Removed != 1 || len(w.cards()) != 0 {
		t.Errorf("after the contact had gone: %+v", r)
	}
	for file, want := range map[string]string{"displayname": "Test\n", "color": colour + "\n"} {
		if b, err := os.ReadFile(filepath.Join(w.dir, file)); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", file, b, err)
		}
	}
}

func TestChangeByHandIsKeptAside(t *testing.T) {
	for _, side := range []Side{Exchange, File} {
		t.Run(string(side), func(t *testing.T) {
			w := newWorld(t)
			id := w.add(person(1))
			w.on()
			w.pass()
			name, card := w.only()
			edited := strings.Replace(card, "First1", "Hand", 2)
			w.write(name, edited)
			c := w.all[id]
			c.CompanyName = "Elsewhere"
			w.all[id] = c
			if r := w.pass(); r.Conflicts != 1 || r.Written != 0 {
				t.Fatalf("%+v", r)
			}
			if _, now := w.only(); now != edited {
				t.Fatal("the change was written over")
			}
			list, err := w.book.Conflicts(t.Context())
			if err != nil || len(list) != 1 || list[0].ID != id || len(list[0].Left) != 2 {
				t.Fatalf("conflicts %+v, %v", list, err)
			}
			if err := w.book.Resolve(t.Context(), id, side, w); err != nil {
				t.Fatal(err)
			}
			w.pass()
			_, now := w.only()
			if got := strings.Contains(now, "Hand"); got != (side == File) {
				t.Errorf("the card:\n%s", now)
			}
			if got := w.all[id]; (got.FirstName == "Hand") != (side == File) || got.MobilePhone == "" {
				t.Errorf("the contact: %+v", got)
			}
			if s, err := w.book.Status(); err != nil || s.Conflicts != 0 || !s.On || s.Cards != 1 {
				t.Errorf("status %+v, %v", s, err)
			}
		})
	}
}

// TestContactGoneSinceTheLastPass: what a person has to decide is told all the
// same, and the file can still be chosen.
func TestContactGoneSinceTheLastPass(t *testing.T) {
	w := newWorld(t)
	id := w.add(person(1))
	w.on()
	w.pass()
	name, card := w.only()
	w.write(name, strings.Replace(card, "First1", "Hand", 2))
	w.pass()
	delete(w.all, id)
	list, err := w.book.Conflicts(t.Context())
	if err != nil || len(list) != 1 || !list[0].Gone || list[0].Card == nil {
		t.Fatalf("conflicts %+v, %v", list, err)
	}
	if err := w.book.Resolve(t.Context(), id, File, w); err != nil {
		t.Fatal(err)
	}
	if got := w.all[w.lastID]; got.FirstName != "Hand" {
		t.Errorf("the contact: %+v", got)
	}
}

// TestConflictThatEndsByItself leaves no copy behind.
func TestConflictThatEndsByItself(t *testing.T) {
	w := newWorld(t)
	id := w.add(person(1))
	w.on()
	w.pass()
	name, card := w.only()
	w.write(name, strings.Replace(card, "First1", "Hand", 2))
	w.pass()
	list, err := w.book.Conflicts(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("conflicts %+v, %v", list, err)
	}
	l, err := w.book.load()
	if err != nil {
		t.Fatal(err)
	}
	aside := l.Cards[id].Conflict.Aside
	c := *list[0].Card
	c.ID, c.Folder = id, testFolder
	w.all[id] = c
	if r := w.pass(); r.Conflicts != 0 {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(aside); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the copy: %v", err)
	}
}

// With some fields only in the file, its side must not wipe the others.
func TestFileSideLeavesFieldsThatAreNotExported(t *testing.T) {
	w := newWorld(t)
	w.rules.Fields = NameAndPhone
	id := w.add(person(1))
	w.on()
	w.pass()
	name, card := w.only()
	if strings.Contains(card, "\nEMAIL") || strings.Contains(card, "NOTE") {
		t.Fatalf("too much left the house:\n%s", card)
	}
	w.write(name, strings.Replace(card, "+49 1", "+49 99", 1))
	w.pass()
	if err := w.book.Resolve(t.Context(), id, File, w); err != nil {
		t.Fatal(err)
	}
	want := person(1)
	want.ID, want.Folder, want.MobilePhone = id, testFolder, "+49 99"
	if got := w.all[id]; got.MobilePhone != want.MobilePhone || got.Note != want.Note || got.Email1 != want.Email1 {
		t.Errorf("got %+v", got)
	}
}

// Another picture is a difference that the person has to know of.
func TestAnotherPictureIsADifference(t *testing.T) {
	a, b := person(1), person(1)
	a.Picture, b.Picture = []byte("\xFF\xD8\xFF1"), []byte("\xFF\xD8\xFF2")
	if got := Differences(a, b); len(got) != 1 || got[0].Label != "Picture" || got[0].Exchange == got[0].File {
		t.Errorf("%+v", got)
	}
	b.Picture = nil
	if got := Differences(a, b); len(got) != 1 || got[0].File != "" {
		t.Errorf("%+v", got)
	}
}

func TestForeignFilesAreNotTouched(t *testing.T) {
	w := newWorld(t)
	w.add(person(1))
	w.add(person(2))
	w.on()
	theirs := "BEGIN:VCARD\nVERSION:3.0\nFN:Somebody\nN:;Somebody;;;\nEMAIL:P1@Example.test\nUID:x\nEND:VCARD\n"
	w.write("theirs.vcf", theirs)
	w.write("broken.vcf", "not a card")
	r := w.pass()
	if r.Written != 1 || r.Held != 1 || len(w.cards()) != 3 {
		t.Errorf("%+v, %d cards", r, len(w.cards()))
	}
	if _, err := w.book.Off(true); err != nil {
		t.Fatal(err)
	}
	if got := w.cards(); len(got) != 2 || got["theirs.vcf"] != theirs || got["broken.vcf"] != "not a card" {
		t.Errorf("left: %v", got)
	}
}

func TestRenamedFileIsRecognised(t *testing.T) {
	w := newWorld(t)
	id := w.add(person(1))
	w.on()
	w.pass()
	name, _ := w.only()
	if err := os.Rename(filepath.Join(w.dir, name), filepath.Join(w.dir, "ana.vcf")); err != nil {
		t.Fatal(err)
	}
	if r := w.pass(); r.Renamed != 1 || r.Written != 0 {
		t.Errorf("%+v", r)
	}
	c := w.all[id]
	c.Note = "other"
	w.all[id] = c
	w.pass()
	if name, card := w.only(); name != "ana.vcf" || !strings.Contains(card, "NOTE:other") {
		t.Errorf("%s:\n%s", name, card)
	}
}

func TestLostDirectoryIsNotAllDeleted(t *testing.T) {
	w := newWorld(t)
	w.add(person(1))
	w.on()
	w.pass()
	aside := w.dir + ".away"
	if err := os.Rename(w.dir, aside); err != nil {
		t.Fatal(err)
	}
	if _, err := w.book.Pass(t.Context()); !errors.Is(err, ErrDirectory) {
		t.Errorf("gone: %v", err)
	}
	if err := os.Mkdir(w.dir, 0o700); err != nil { // the empty place of a disk
		t.Fatal(err)
	}
	if _, err := w.book.Pass(t.Context()); !errors.Is(err, ErrDirectory) || len(w.cards()) != 0 {
		t.Errorf("not mounted: %v", err)
	}
	if s, err := w.book.Status(); err != nil || s.Problem == "" || s.Cards != 1 {
		t.Errorf("status %+v, %v", s, err)
	}
	if err := os.Remove(w.dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(aside, w.dir); err != nil {
		t.Fatal(err)
	}
	if r := w.pass(); r.Written != 0 || r.Same != 1 {
		t.Errorf("back again: %+v", r)
	}
	if s, _ := w.book.Status(); s.Problem != "" {
		t.Errorf("still %q", s.Problem)
	}
}

func TestOffKeepsOrRemoves(t *testing.T) {
	for _, remove := range []bool{false, true} {
		w := newWorld(t)
		w.add(person(1))
		w.add(person(2))
		w.on()
		w.pass()
		name := slices.Sorted(maps.Keys(w.cards()))[0]
		w.write(name, strings.Replace(w.cards()[name], "Last", "Hand", -1))
		kept, err := w.book.Off(remove)
		if err != nil {
			t.Fatal(err)
		}
		want := 2
		if remove {
			want = 1
			if len(kept) != 1 || kept[0] != name {
				t.Errorf("kept %v", kept)
			}
		}
		if len(w.cards()) != want {
			t.Errorf("remove %t leaves %d", remove, len(w.cards()))
		}
		if _, err := w.book.Pass(t.Context()); !errors.Is(err, ErrOff) {
			t.Errorf("a pass when off: %v", err)
		}
		// On again: what this program wrote is known again, what was changed stays.
		w.on()
		r := w.pass()
		if len(w.cards()) != 2 || r.Conflicts != 1 || !strings.Contains(w.cards()[name], "Hand") {
			t.Errorf("on again after remove %t: %+v, %d cards", remove, r, len(w.cards()))
		}
	}
	w := newWorld(t)
	w.add(person(1))
	w.on()
	w.pass()
	if _, err := w.book.Off(true); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(w.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory stays: %v", err)
	}
}

func TestRulesOfTheOrganisation(t *testing.T) {
	w := newWorld(t)
	w.add(person(1))
	w.others = []Native{{Program: "Evolution", Account: "ana@corp.test", Place: "/x/y.source"}}
	w.rules.Override = false
	err := w.book.On(w.dir, "Test")
	if !errors.Is(err, ErrNative) || !errors.Is(err, activesync.ErrPolicy) || !strings.Contains(err.Error(), "ana@corp.test") || !strings.Contains(err.Error(), "/x/y.source") {
		t.Errorf("refused with %v", err)
	}
	w.rules.Override = true
	w.on()
	if r := w.pass(); r.Written != 1 || len(r.Others) != 1 {
		t.Errorf("%+v", r)
	}
	w.rules.Override = false
	w.add(person(2))
	if _, err := w.book.Pass(t.Context()); !errors.Is(err, ErrNative) || len(w.cards()) != 1 {
		t.Errorf("while it is on: %v", err)
	}
	w.rules = Rules{Forbidden: "Export contacts is off"}
	if _, err := w.book.Pass(t.Context()); !errors.Is(err, activesync.ErrPolicy) || len(w.cards()) != 1 {
		t.Errorf("forbidden: %v", err)
	}
}

func TestContactsNotFetchedYet(t *testing.T) {
	w := newWorld(t)
	w.add(person(1))
	w.on()
	w.pass()
	w.fresh, w.all = true, map[activesync.ItemID]activesync.Contact{}
	if _, err := w.book.Pass(t.Context()); !errors.Is(err, ErrNotYet) || len(w.cards()) != 1 {
		t.Errorf("%v, %d cards", err, len(w.cards()))
	}
}

func TestSamePersonUnderANewID(t *testing.T) {
	w := newWorld(t)
	id := w.add(person(1))
	w.on()
	w.pass()
	name, _ := w.only()
	delete(w.all, id)
	w.add(person(1))
	if r := w.pass(); r.Written != 0 || r.Removed != 0 {
		t.Errorf("%+v", r)
	}
	if again, _ := w.only(); again != name {
		t.Errorf("%s became %s", name, again)
	}
}

// With its account an address book ends: the cards stay, and no copy of one that
// was changed by hand is kept beside them.
func TestAForgottenBookKeepsNoCopies(t *testing.T) {
	for name, broken := range map[string]bool{"on": false, "with a ledger that cannot be read": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(activesync.Contact{FirstName: "Ana", LastName: "Souza"})
			w.on()
			w.pass()
			file, card := w.only()
			if err := os.WriteFile(filepath.Join(w.dir, file), []byte(strings.ReplaceAll(card, "Souza", "Silva")), 0o600); err != nil {
				t.Fatal(err)
			}
			if r := w.pass(); r.Conflicts != 1 {
				t.Fatalf("%+v", r)
			}
			if broken {
				if err := os.WriteFile(w.book.path, []byte("{"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.book.Forget(); err != nil {
				t.Fatal(err)
			}
			left, err := filepath.Glob(filepath.Join(filepath.Dir(w.book.path), "*"))
			if err != nil || len(left) != 0 {
				t.Errorf("%q are left, %v", left, err)
			}
			if _, card := w.only(); !strings.Contains(card, "Silva") {
				t.Errorf("the card is %s", card)
			}
			if _, err := w.book.Pass(t.Context()); !errors.Is(err, ErrOff) {
				t.Errorf("a pass says %v", err)
			}
		})
	}
}
