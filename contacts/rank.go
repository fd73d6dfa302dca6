package contacts

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"eas.example/securemail/activesync"
)

// Source is where a suggestion for To, Cc and Bcc comes from.
type Source uint8

// The sources, the one that counts most first.
const (
	Own    Source = iota // the person's contacts
	Recent               // whom the person wrote to (the recipient information cache), and who wrote
	Listed               // the organisation's address list
)

// Match is one suggestion.
type Match struct {
	Address activesync.Address `json:"address"`
	Item    activesync.ItemID  `json:"id,omitempty"` // of an own contact
	Source  Source             `json:"source"`
	Rank    int                `json:"rank,omitempty"` // how often the person writes there, 0 for never
	quality int
	place   int // among the addresses of the contact
}

// Rank finds those whom words mean, the best first: each address once, with
// the best that any source says of it. Who is written to often comes before
// who is only known, and a name that begins with the words before one in which
// they stand further back.
func Rank(words string, own []activesync.ContactRow, recent []activesync.Contact, listed []activesync.Person) []Match {
	terms := strings.Fields(searchable(words))
	if len(terms) == 0 {
		return nil
	}
	best := map[string]*Match{}
	add := func(m Match, also ...string) {
		key := strings.ToLower(strings.TrimSpace(m.Address.Address))
		m.quality = quality(terms, append([]string{m.Address.Name, m.Address.Address}, also...))
		old := best[key]
		switch {
		case key == "":
		case old == nil && m.quality > 0:
			best[key] = &m
		case old != nil:
			old.quality, old.Rank = max(old.quality, m.quality), max(old.Rank, m.Rank)
			if old.Address.Name == "" {
				old.Address.Name = m.Address.Name
			}
		}
	}
	for _, r := range own {
		for i, e := range r.Emails {
			add(Match{Address: activesync.Address{Name: r.Name, Address: e}, Item: r.ID, Source: Own, place: i}, r.Company)
		}
	}
	// The cache may know how often somebody is written to whom words do not mean
	// by the name that it has.
	for _, c := range recent {
		name := c.FileAs
		if c.Email1.Name != "" && !strings.EqualFold(c.Email1.Name, c.Email1.Address) {
			name = c.Email1.Name
		}
		add(Match{Address: activesync.Address{Name: name, Address: c.Email1.Address}, Source: Recent, Rank: c.WeightedRank}, c.Alias)
	}
	for _, p := range listed {
		add(Match{Address: activesync.Address{Name: p.Name, Address: p.Email}, Source: Listed}, p.FirstName, p.LastName, p.Alias)
	}
	out := make([]Match, 0, len(best))
	for _, m := range best {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.quality, a.quality), cmp.Compare(b.Rank, a.Rank), cmp.Compare(a.Source, b.Source),
			strings.Compare(searchable(a.Address.Name), searchable(b.Address.Name)), cmp.Compare(a.place, b.place), strings.Compare(a.Address.Address, b.Address.Address))
	})
	return out
}

// Search finds the contacts in whose name, company, addresses or number all
// words stand, the best first.
func Search(words string, own []activesync.ContactRow) []activesync.ContactRow {
	terms := strings.Fields(searchable(words))
	fit := make(map[activesync.ItemID]int, len(own))
	out := []activesync.ContactRow{}
	for _, r := range own {
		number := strings.NewReplacer(" ", "", "-", "", "/", "", "(", "", ")", "").Replace(r.Phone)
		if q := quality(terms, append([]string{r.Name, r.Company, r.Phone, number}, r.Emails...)); q > 0 {
			fit[r.ID] = q
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b activesync.ContactRow) int { return cmp.Compare(fit[b.ID], fit[a.ID]) })
	return out
}

// quality is how well the terms fit, 0 where one of them fits nowhere: 3 where
// a text begins with the first, 2 where words of them do, 1 where they stand
// inside.
func quality(terms, texts []string) int {
	worst := 3
	for i, term := range terms {
		fit := 0
		for _, t := range texts {
			fit = max(fit, standing(searchable(t), term))
		}
		if i > 0 && fit == 2 {
			fit = 3 // a further word need not come first
		}
		if worst = min(worst, fit); worst == 0 {
			break
		}
	}
	return worst
}

// standing is where a term stands in a text: 3 at its beginning, 2 at that of a
// word, 1 within one, 0 nowhere.
func standing(t, term string) int {
	best := 0
	for at := 0; ; {
		i := strings.Index(t[at:], term)
		if i < 0 {
			return best
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(t[:at])
		switch {
		case at == 0:
			return 3
		case !unicode.IsLetter(before) && !unicode.IsDigit(before):
			return 2
		}
		best = 1
		at += len(term)
	}
}

// searchable makes texts comparable: lower case, and the letters that people type
// without their marks.
func searchable(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if plain, ok := marks[r]; ok {
			b.WriteString(plain)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

var marks = marksOf("a:àáâãåāă", "ae:æä", "c:çćč", "d:ďđ", "e:èéêëēęě", "g:ğ", "i:ìíîïīı", "l:ł", "n:ñńň", "o:òóôõōő", "oe:öøœ", "r:ř", "s:śšş", "ss:ß", "t:ť", "u:ùúûūůű", "ue:ü", "y:ýÿ", "z:źżž")

func marksOf(rows ...string) map[rune]string {
	out := map[rune]string{}
	for _, row := range rows {
		plain, marked, _ := strings.Cut(row, ":")
		for _, r := range marked {
			out[r] = plain
		}
	}
	return out
}
