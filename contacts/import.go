package contacts

import (
	"cmp"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

// Kind is what an import would do with a card.
type Kind string

// The kinds.
const (
	New    Kind = "new"
	Same   Kind = "same"   // all that the card says is known
	Update Kind = "update" // the person is known, and the card says more or other things
	Twice  Kind = "twice"  // the file has the person before, and there all that this card says
)

// Import is one card of a file, and what would be done with it.
type Import struct {
	Kind    Kind               `json:"kind"`
	Contact activesync.Contact `json:"-"` // as it would be
	Name    string             `json:"name"`
	Emails  []string           `json:"emails"`
	ID      activesync.ItemID  `json:"id,omitempty"`      // of the known contact
	Changes []Difference       `json:"changes,omitempty"` // of an update
	Note    string             `json:"note,omitempty"`    // what cannot be kept
}

// Preview says what importing people would do where known are there already.
// A person is known by name and an address, or by one of them where the other is
// missing on either side. Of an update, fields that the card does not have stay.
func Preview(people, known []activesync.Contact) []Import {
	index, seen := newIndex(), newIndex()
	for i := range known {
		index.add(known[i])
	}
	out := make([]Import, 0, len(people))
	for _, c := range people {
		c.ID, c.Folder, c.Alias, c.WeightedRank = 0, 0, "", 0
		in := Import{Kind: New, Name: c.Name(), Emails: addressesOf(c)}
		if fit, ok := FitPicture(c.Picture); !ok {
			c.Picture, in.Note = nil, "the picture is too large, and of a kind that cannot be made smaller"
		} else if len(fit) != len(c.Picture) {
			c.Picture, in.Note = fit, "the picture is made smaller"
		}
		in.Contact = c
		if i, ok := seen.find(c); ok {
			first := &out[i]
			first.Contact = merged(first.Contact, c)
			seen.set(i, first.Contact)
			in.Kind, in.ID = Twice, first.ID
			if first.Kind == Same {
				first.Kind = Update
			}
		} else if i, ok := index.find(c); ok {
			in.Kind, in.ID, in.Contact = Update, known[i].ID, merged(known[i], c)
		}
		if in.Kind != Twice {
			seen.add(in.Contact)
		} else {
			seen.marks = append(seen.marks, mark{}) // nobody finds it
		}
		out = append(out, in)
	}
	byID := map[activesync.ItemID]*activesync.Contact{}
	for i := range known {
		byID[known[i].ID] = &known[i]
	}
	for i := range out {
		if in := &out[i]; in.Kind == Update {
			old := byID[in.ID]
			if in.Changes = Differences(*old, in.Contact); len(activesync.DiffContact(old, &in.Contact).Fields) == 0 {
				in.Kind = Same
			}
		}
	}
	return out
}

// merged is old with all that the card has.
func merged(old, card activesync.Contact) activesync.Contact {
	patch := activesync.DiffContact(&activesync.Contact{}, &card)
	out := old
	// The addresses of both are kept as far as there is room.
	for _, e := range emails(&out) {
		delete(patch.Fields, "Contacts:"+e.name+"Address")
	}
	addAddresses(&out, card)
	// What a card says less well than Exchange does not count.
	if old.FileAs != "" {
		delete(patch.Fields, "Contacts:FileAs")
	}
	for _, c := range old.Categories {
		if !slices.Contains(patch.Categories, c) {
			patch.Categories = append(slices.Clone(patch.Categories), c)
			patch.Fields["Contacts:Categories"] = true
		}
	}
	patch.Apply(&out)
	if slices.Equal(sorted(out.Categories), sorted(old.Categories)) {
		out.Categories = old.Categories
	}
	out.ID, out.Folder = old.ID, old.Folder
	return out
}

// addAddresses puts the addresses of a card that a contact has not where it has none.
func addAddresses(c *activesync.Contact, card activesync.Contact) {
	for _, a := range card.Emails() {
		if slices.ContainsFunc(c.Emails(), func(b activesync.Address) bool { return strings.EqualFold(a.Address, b.Address) }) {
			continue
		}
		for _, e := range emails(c) {
			if e.value.Address == "" {
				*e.value = a
				break
			}
		}
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func addressesOf(c activesync.Contact) []string {
	out := []string{}
	for _, a := range c.Emails() {
		out = append(out, a.Address)
	}
	return out
}

// index finds people by address and by name; what it gives is a number, counted in
// the order in which they were added.
type index struct {
	mails, names map[string][]int
	marks        []mark
}

// mark is what one person is compared by, made once: files can have very many who
// share an address or a name.
type mark struct {
	name  string
	mails bool
}

func markOf(c activesync.Contact) mark { return mark{nameKey(c), len(c.Emails()) > 0} }

func newIndex() *index { return &index{mails: map[string][]int{}, names: map[string][]int{}} }

func nameKey(c activesync.Contact) string {
	return searchable(strings.Join(strings.Fields(cmp.Or(strings.TrimSpace(c.FirstName+" "+c.LastName), c.FileAs, c.CompanyName)), " "))
}

func (x *index) add(c activesync.Contact) {
	x.marks = append(x.marks, mark{})
	x.set(len(x.marks)-1, c)
}

// set has number n found as c from now on.
func (x *index) set(n int, c activesync.Contact) {
	m := markOf(c)
	x.marks[n] = m
	note := func(in map[string][]int, key string) {
		if list := in[key]; key != "" && (len(list) == 0 || list[len(list)-1] != n) {
			in[key] = append(list, n)
		}
	}
	for _, a := range c.Emails() {
		note(x.mails, strings.ToLower(a.Address))
	}
	note(x.names, m.name)
}

// find finds the same person.
func (x *index) find(c activesync.Contact) (int, bool) {
	m := markOf(c)
	for _, a := range c.Emails() {
		for _, n := range x.mails[strings.ToLower(a.Address)] {
			if other := x.marks[n].name; other == m.name || other == "" || m.name == "" {
				return n, true
			}
		}
	}
	for _, n := range x.names[m.name] {
		if !x.marks[n].mails || !m.mails {
			return n, true
		}
	}
	return 0, false
}
