package contacts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Side is one of the two versions of a card that was changed by hand.
type Side string

// The sides.
const (
	Exchange Side = "exchange" // as the contact is on Exchange; the change by hand goes
	File     Side = "file"     // as the file has it; the contact on Exchange is changed
)

// Conflict is a card that a person changed by hand, or a contact that was
// changed here and on Exchange. The person's side is kept until they have
// chosen.
type Conflict struct {
	ID activesync.ItemID `json:"id"`
	// Op, when not 0, is the record of the journal that holds the person's side:
	// the contact was changed on Exchange and in this program.
	Op    activesync.OpID     `json:"op,omitempty"`
	Name  string              `json:"name"`
	File  string              `json:"file,omitempty"`
	Since time.Time           `json:"since"`
	Gone  bool                `json:"gone,omitempty"` // the contact is no longer on Exchange
	Left  []Difference        `json:"differences"`
	Card  *activesync.Contact `json:"-"` // what the file says; nil where it is no card
}

// Difference is a field that the two sides have differently.
type Difference struct {
	Label    string `json:"label"`
	Exchange string `json:"exchange"`
	File     string `json:"file"`
}

// Editor carries out a person's changes of contacts.
type Editor interface {
	AddContact(ctx context.Context, account activesync.AccountID, c activesync.Contact) (activesync.ItemID, error)
	ChangeContact(ctx context.Context, c activesync.Contact) error
}

// ErrNoConflict: no card of that contact was changed by hand.
var ErrNoConflict = errors.New("the card of this contact was not changed by hand")

// Conflicts are the cards that were changed by hand, the oldest first.
func (b *Book) Conflicts(ctx context.Context) ([]Conflict, error) {
	l, err := b.load()
	if err != nil {
		return nil, err
	}
	out := []Conflict{}
	for id, e := range l.Cards {
		if e.Conflict == nil {
			continue
		}
		x := Conflict{ID: id, File: vdir(l.Dir).path(e.File), Since: e.Conflict.Since, Gone: e.Conflict.Gone}
		c := activesync.Contact{}
		if !x.Gone {
			c, err = b.people.Contact(ctx, id)
			if x.Gone = errors.Is(err, activesync.ErrNoItem); err != nil && !x.Gone {
				return nil, err
			}
		}
		x.Name = c.Name()
		if data, err := os.ReadFile(e.Conflict.Aside); err == nil {
			if people, err := FromVCard(data); err == nil && len(people) == 1 {
				x.Card = &people[0]
				if x.Name == "" {
					x.Name = x.Card.Name()
				}
				x.Left = Differences(e.held(*x.Card).Of(c), *x.Card)
			}
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Conflict) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(a.File, b.File)
	})
	return out, nil
}

// Differences are the fields in which two contacts are not alike: a is as
// Exchange has it, b as the person does.
func Differences(a, b activesync.Contact) []Difference {
	var out []Difference
	values := map[string]*Difference{}
	collect := func(c activesync.Contact, set func(*Difference, string)) {
		for _, f := range Fields(c) {
			d := values[f.Label]
			if d == nil {
				out = append(out, Difference{Label: f.Label})
				d = &Difference{Label: f.Label}
				values[f.Label] = d
			}
			set(d, f.Value)
		}
	}
	add := func(to *string, value string) { *to = strings.TrimPrefix(*to+", "+value, ", ") }
	collect(a, func(d *Difference, v string) { add(&d.Exchange, v) })
	collect(b, func(d *Difference, v string) { add(&d.File, v) })
	for i := range out {
		out[i] = *values[out[i].Label]
	}
	out = slices.DeleteFunc(out, func(d Difference) bool { return d.Exchange == d.File })
	if !bytes.Equal(a.Picture, b.Picture) {
		out = append(out, pictureDifference(len(a.Picture), len(b.Picture)))
	}
	return out
}

// pictureDifference tells of two pictures that are not the same, by their sizes.
func pictureDifference(exchange, file int) Difference {
	words := func(size int) string {
		if size == 0 {
			return ""
		}
		return fmt.Sprintf("a picture of %d bytes", size)
	}
	d := Difference{Label: "Picture", Exchange: words(exchange), File: words(file)}
	if exchange == file {
		d.File = "another of as many"
	}
	return d
}

// Resolve keeps one side of a card that was changed by hand. The file's side
// goes to Exchange as a change of the person's, with all fields that the file
// does not carry left as they are. The next pass writes the card.
func (b *Book) Resolve(ctx context.Context, id activesync.ItemID, keep Side, editor Editor) error {
	return b.locked(func(l *ledger) error {
		e := l.Cards[id]
		if e == nil || e.Conflict == nil {
			return ErrNoConflict
		}
		x := e.Conflict
		if keep == File {
			to, err := b.takeFile(ctx, id, e, editor)
			if err != nil {
				return err
			}
			delete(l.Cards, id)
			l.Cards[to] = e
		}
		// The file now counts as ours, and is written over or removed.
		e.Hash, e.Sense, e.From, e.Conflict = x.Hash, x.Sense, "", nil
		if err := b.save(l); err != nil {
			return err
		}
		if err := os.Remove(x.Aside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the copy of the changed card: %w", err)
		}
		return nil
	})
}

// held are the fields that a card could hold when a person changed it: those it was
// written with, whatever the policy lets out by now. Where that is not known, no more
// than are in it: what it lacks is not taken for removed.
func (e *entry) held(card activesync.Contact) Selection {
	if e.Fields != "" {
		return e.Fields
	}
	for _, s := range []Selection{NameAndPhone, NamePhoneAndEmail} {
		if only := s.Of(card); len(activesync.DiffContact(&card, &only).Fields) == 0 {
			return s
		}
	}
	return AllFields
}

// takeFile changes the contact to what the file says, or makes it anew.
func (b *Book) takeFile(ctx context.Context, id activesync.ItemID, e *entry, editor Editor) (activesync.ItemID, error) {
	x := e.Conflict
	data, err := os.ReadFile(x.Aside)
	if err != nil {
		return 0, fmt.Errorf("read the changed card: %w", err)
	}
	people, err := FromVCard(data)
	if err != nil {
		return 0, err
	}
	if len(people) != 1 {
		return 0, fmt.Errorf("%w: the file holds %d of them", ErrNoCard, len(people))
	}
	if x.Gone {
		return editor.AddContact(ctx, b.account, people[0])
	}
	c, err := b.people.Contact(ctx, id)
	switch {
	case errors.Is(err, activesync.ErrNoItem): // since the last pass
		return editor.AddContact(ctx, b.account, people[0])
	case err != nil:
		return 0, err
	}
	shown := e.held(people[0]).Of(c)
	patch := activesync.DiffContact(&shown, &people[0])
	for name := range activesync.DiffContact(&shown, &c).Fields {
		delete(patch.Fields, name) // what the person did not see is not theirs to replace
	}
	patch.Apply(&c)
	addAddresses(&c, people[0])
	return id, editor.ChangeContact(ctx, c)
}
