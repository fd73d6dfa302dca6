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

	"pgregory.net/rapid"

	"eas.example/securemail/activesync"
)

// shelf is an address book under random events, and what must be true of it.
type shelf struct {
	*world
	t       *rapid.T
	foreign map[string]string // files of others
	hand    map[string]string // our files as a person left them: file → content
	away    bool              // the directory is not there
	n       int
}

// dying is a context that ends after so many questions: the program is killed
// there, with whatever is on the disk by then.
type dying struct {
	context.Context
	left int
}

func (d *dying) Err() error {
	if d.left--; d.left < 0 {
		return context.Canceled
	}
	return nil
}

// someone is one of a few people, so that names and addresses meet.
func (s *shelf) someone() activesync.Contact {
	c := person(rapid.IntRange(1, 6).Draw(s.t, "person"))
	c.Note = fmt.Sprint(rapid.IntRange(1, 3).Draw(s.t, "note"))
	return c
}

func (s *shelf) contact() (activesync.ItemID, bool) {
	if len(s.all) == 0 {
		return 0, false
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(s.all))).Draw(s.t, "contact"), true
}

// ours are the files that this program wrote and nobody changed.
func (s *shelf) ours() []string {
	var out []string
	for name := range s.cards() {
		if _, ok := s.foreign[name]; !ok && s.hand[name] == "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (s *shelf) serverAdds(*rapid.T) { s.add(s.someone()) }

func (s *shelf) serverChanges(*rapid.T) {
	if id, ok := s.contact(); ok {
		c := s.someone()
		c.ID, c.Folder = id, testFolder
		s.all[id] = c
	}
}

func (s *shelf) serverDeletes(*rapid.T) {
	if id, ok := s.contact(); ok {
		delete(s.all, id)
	}
}

func (s *shelf) storeIsMadeAnew(*rapid.T) {
	old := s.all
	s.all = map[activesync.ItemID]activesync.Contact{}
	for _, id := range slices.Sorted(maps.Keys(old)) {
		s.add(old[id])
	}
}

func (s *shelf) editsByHand(*rapid.T) {
	if ours := s.ours(); len(ours) > 0 && !s.away {
		name := rapid.SampledFrom(ours).Draw(s.t, "file")
		s.n++
		s.hand[name] = strings.Replace(s.cards()[name], "END:VCARD", fmt.Sprintf("X-HAND:%d\r\nEND:VCARD", s.n), 1)
		s.write(name, s.hand[name])
	}
}

func (s *shelf) foldsOtherwise(*rapid.T) {
	if ours := s.ours(); len(ours) > 0 && !s.away {
		name := rapid.SampledFrom(ours).Draw(s.t, "file")
		s.write(name, strings.ReplaceAll(s.cards()[name], "\r\n", "\n"))
	}
}

func (s *shelf) renames(*rapid.T) {
	if ours := s.ours(); len(ours) > 0 && !s.away {
		name := rapid.SampledFrom(ours).Draw(s.t, "file")
		s.n++
		if err := os.Rename(filepath.Join(s.dir, name), filepath.Join(s.dir, fmt.Sprintf("renamed%d.vcf", s.n))); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *shelf) loses(*rapid.T) {
	if ours := s.ours(); len(ours) > 0 && !s.away {
		if err := os.Remove(filepath.Join(s.dir, rapid.SampledFrom(ours).Draw(s.t, "file"))); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *shelf) othersWrite(*rapid.T) {
	if s.away {
		return
	}
	s.n++
	name, content := fmt.Sprintf("theirs%d.vcf", s.n), "no card at all"
	if rapid.Bool().Draw(s.t, "card") {
		content = fmt.Sprintf("BEGIN:VCARD\nVERSION:3.0\nFN:x\nEMAIL:%s\nUID:their-%d\nEND:VCARD\n", s.someone().Email1.Address, s.n)
	}
	s.foreign[name] = content
	s.write(name, content)
}

func (s *shelf) othersRemove(*rapid.T) {
	if len(s.foreign) > 0 && !s.away {
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(s.foreign))).Draw(s.t, "file")
		delete(s.foreign, name)
		if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *shelf) directoryComesAndGoes(*rapid.T) {
	from, to := s.dir, s.dir+".away"
	if s.away {
		from, to = to, from
		if err := os.Remove(s.dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.t.Fatal(err)
		}
	}
	if err := os.Rename(from, to); err != nil {
		s.t.Fatal(err)
	}
	s.away = !s.away
	if s.away && rapid.Bool().Draw(s.t, "empty place") {
		if err := os.Mkdir(s.dir, 0o700); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *shelf) crashes(*rapid.T) {
	ctx := &dying{context.Background(), rapid.IntRange(0, 12).Draw(s.t, "steps")}
	_, err := s.book.Pass(ctx)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrDirectory) {
		s.t.Fatal(err)
	}
}

func (s *shelf) resolves(*rapid.T) {
	list, err := s.book.Conflicts(context.Background())
	if err != nil || len(list) == 0 || s.away {
		return
	}
	x := rapid.SampledFrom(list).Draw(s.t, "conflict")
	side := rapid.SampledFrom([]Side{Exchange, File}).Draw(s.t, "side")
	if err := s.book.Resolve(context.Background(), x.ID, side, s.world); err != nil {
		s.t.Fatal(err)
	}
	delete(s.hand, filepath.Base(x.File))
}

// settles is a pass that comes through; after it everything must be in place.
func (s *shelf) settles(*rapid.T) {
	_, err := s.book.Pass(context.Background())
	if s.away {
		if !errors.Is(err, ErrDirectory) || len(s.cards()) != 0 {
			s.t.Fatalf("without its directory: %v, %d cards", err, len(s.cards()))
		}
		return
	}
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := s.book.load()
	if err != nil {
		s.t.Fatal(err)
	}
	cards := s.cards()
	mine := map[string]activesync.ItemID{}
	for id, e := range l.Cards {
		if other, twice := mine[e.File]; twice {
			s.t.Fatalf("%s is the card of %v and of %v", e.File, id, other)
		}
		mine[e.File] = id
		s.checkCard(id, e, cards)
	}
	for name := range cards {
		if _, ok := s.foreign[name]; !ok && mine[name] == 0 {
			s.t.Fatalf("%s is nobody's", name)
		}
	}
	for name, want := range s.foreign {
		if cards[name] != want {
			s.t.Fatalf("%s of another program is %q, was %q", name, cards[name], want)
		}
	}
	for id, c := range s.all {
		if l.Cards[id] == nil && !s.held(c) {
			s.t.Fatalf("contact %v is lost", id)
		}
	}
	if r, err := s.book.Pass(context.Background()); err != nil || r.changed || r.Opened != 0 {
		s.t.Fatalf("another pass finds something to do: %+v, %v", r, err)
	}
}

func (s *shelf) checkCard(id activesync.ItemID, e *entry, cards map[string]string) {
	card, there := cards[e.File]
	if !there {
		s.t.Fatalf("the card %s of contact %v is missing", e.File, id)
	}
	if e.Conflict != nil {
		aside, err := os.ReadFile(e.Conflict.Aside)
		if err != nil || string(aside) != card || s.hand[e.File] != card {
			s.t.Fatalf("%s: a change by hand is lost: %v", e.File, err)
		}
		return
	}
	if s.hand[e.File] != "" {
		s.t.Fatalf("%s: the change by hand is not a conflict", e.File)
	}
	want, err := Encode(s.all[id], cardVersion, e.UID)
	if err != nil || sense(want) != sense([]byte(card)) {
		s.t.Fatalf("card %s says\n%s\nand not\n%s", e.File, card, want)
	}
}

// held reports whether a card of another program has the person.
func (s *shelf) held(c activesync.Contact) bool {
	for _, f := range s.foreign {
		if strings.Contains(f, "EMAIL:"+c.Email1.Address+"\n") {
			return true
		}
	}
	return false
}

func TestNoContactIsLostAndNothingDoubled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &shelf{world: newShelfWorld(t), t: t, foreign: map[string]string{}, hand: map[string]string{}}
		defer os.RemoveAll(filepath.Dir(s.dir))
		s.on()
		t.Repeat(map[string]func(*rapid.T){
			"server adds": s.serverAdds, "server adds another": s.serverAdds, "server changes": s.serverChanges, "server deletes": s.serverDeletes,
			"store made anew": s.storeIsMadeAnew, "hand": s.editsByHand, "fold": s.foldsOtherwise, "rename": s.renames, "lose": s.loses,
			"others write": s.othersWrite, "others remove": s.othersRemove, "directory": s.directoryComesAndGoes, "crash": s.crashes,
			"crash again": s.crashes, "resolve": s.resolves, "settle": s.settles,
		})
		if s.away {
			s.directoryComesAndGoes(t)
		}
		s.settles(t)
	})
}

// newShelfWorld is newWorld for a test that makes many.
func newShelfWorld(t *rapid.T) *world {
	root, err := os.MkdirTemp("", "securemail-test-")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, all: map[activesync.ItemID]activesync.Contact{}, rules: Rules{Fields: AllFields, Override: true}, dir: filepath.Join(root, "vdir")}
	w.book = NewBook(testAccount, filepath.Join(root, "a.json"), w, func() Rules { return w.rules }, func(string) ([]Native, error) { return nil, nil })
	return w
}
