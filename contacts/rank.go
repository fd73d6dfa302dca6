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
}

// Index is what of people letters are compared with, prepared once for all the
// letters that a person types. It may be read by many at once.
type Index struct {
	people []indexed
	at     map[string]int // the place in people by address, folded
}

// indexed is all that is known of one address, in the order of the sources.
type indexed []known

// known is what one source says of an address.
type known struct {
	Match
	texts string // what words may stand in, searchable, each after a line feed
	name  string // searchable, to sort by
	place int    // among the addresses of the contact
}

// NewIndex prepares the person's contacts and those written to.
func NewIndex(own []activesync.ContactRow, recent []activesync.Contact) *Index {
	x := &Index{at: make(map[string]int, len(own)+len(recent))}
	for _, r := range own {
		for i, e := range r.Emails {
			k := makeKnown(Match{Address: activesync.Address{Name: r.Name, Address: e}, Item: r.ID, Source: Own}, r.Company)
			k.place = i
			x.add(k)
		}
	}
	// The cache may know how often somebody is written to whom words do not mean
	// by the name that it has.
	for _, c := range recent {
		name := c.FileAs
		if c.Email1.Name != "" && !strings.EqualFold(c.Email1.Name, c.Email1.Address) {
			name = c.Email1.Name
		}
		x.add(makeKnown(Match{Address: activesync.Address{Name: name, Address: c.Email1.Address}, Source: Recent, Rank: c.WeightedRank}, c.Alias))
	}
	return x
}

func makeKnown(m Match, also ...string) known {
	k := known{Match: m, texts: makeTexts(append([]string{m.Address.Name, m.Address.Address}, also...)...)}
	if strings.TrimSpace(m.Address.Name) != "" {
		k.name, _, _ = strings.Cut(k.texts[1:], "\n")
	}
	return k
}

// makeTexts joins texts so that standing tells where each begins.
func makeTexts(texts ...string) string {
	var b strings.Builder
	for _, t := range texts {
		if t = searchable(t); t != "" {
			b.WriteByte('\n')
			b.WriteString(strings.ReplaceAll(t, "\n", " "))
		}
	}
	return b.String()
}

func (k *known) key() string { return strings.ToLower(strings.TrimSpace(k.Address.Address)) }

func (x *Index) add(k known) {
	key := k.key()
	if key == "" {
		return
	}
	if i, ok := x.at[key]; ok {
		x.people[i] = append(x.people[i], k)
		return
	}
	x.at[key] = len(x.people)
	x.people = append(x.people, indexed{k})
}

// Rank finds the n whom words mean best, the best first, among the people of the
// index and those that the organisation listed: each address once, with the best
// that any source says of it. Who is written to often comes before who is only
// known, and a name that begins with the words before one in which they stand
// further back.
func (x *Index) Rank(words string, listed []activesync.Person, n int) []Match {
	terms := strings.Fields(searchable(words))
	if len(terms) == 0 {
		return nil
	}
	more := NewIndex(nil, nil)
	for _, p := range listed {
		more.add(makeKnown(Match{Address: activesync.Address{Name: p.Name, Address: p.Email}, Source: Listed}, p.FirstName, p.LastName, p.Alias))
	}
	best := top{most: n}
	for _, p := range x.people {
		if len(listed) > 0 {
			if i, ok := more.at[p[0].key()]; ok {
				p = slices.Concat(p, more.people[i])
				more.people[i] = nil
			}
		}
		best.add(terms, p)
	}
	for _, p := range more.people {
		best.add(terms, p)
	}
	out := make([]Match, len(best.found))
	for i, f := range best.found {
		out[i] = f.Match
		out[i].Rank = f.Rank
	}
	return out
}

// top holds the best of those that were found, in order.
type top struct {
	most  int
	found []ranked
}

type ranked struct {
	*known
	Rank, quality int
}

// add takes in an address if words mean it by what any source says.
func (t *top) add(terms []string, p indexed) {
	var r ranked
	for i := range p {
		k := &p[i]
		switch q := quality(terms, k.texts); {
		case r.quality == 0 && q > 0:
			r = ranked{k, k.Rank, q}
		case r.quality > 0:
			r.quality, r.Rank = max(r.quality, q), max(r.Rank, k.Rank)
			if r.Address.Name == "" && k.Address.Name != "" {
				named := *r.known
				named.Address.Name, named.name = k.Address.Name, k.name
				r.known = &named
			}
		}
	}
	if r.quality == 0 || len(t.found) >= t.most && (t.most == 0 || r.compare(&t.found[t.most-1]) >= 0) {
		return
	}
	i, _ := slices.BinarySearchFunc(t.found, &r, func(a ranked, b *ranked) int { return a.compare(b) })
	t.found = slices.Insert(t.found, i, r)
	t.found = t.found[:min(len(t.found), t.most)]
}

func (a *ranked) compare(b *ranked) int {
	return cmp.Or(cmp.Compare(b.quality, a.quality), cmp.Compare(b.Rank, a.Rank), cmp.Compare(a.Source, b.Source),
		strings.Compare(a.name, b.name), cmp.Compare(a.place, b.place), strings.Compare(a.Address.Address, b.Address.Address))
}

// Search finds the contacts in whose name, company, addresses or number all
// words stand, the best first.
func Search(words string, own []activesync.ContactRow) []activesync.ContactRow {
	terms := strings.Fields(searchable(words))
	fit := make(map[activesync.ItemID]int, len(own))
	out := []activesync.ContactRow{}
	for _, r := range own {
		number := strings.NewReplacer(" ", "", "-", "", "/", "", "(", "", ")", "").Replace(r.Phone)
		if q := quality(terms, makeTexts(append([]string{r.Name, r.Company, r.Phone, number}, r.Emails...)...)); q > 0 {
			fit[r.ID] = q
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b activesync.ContactRow) int { return cmp.Compare(fit[b.ID], fit[a.ID]) })
	return out
}

// quality is how well the terms fit, 0 where one of them fits nowhere: 3 where
// a text begins with the first, 2 where words of them do, 1 where they stand
// inside. Texts are of makeTexts.
func quality(terms []string, texts string) int {
	worst := 3
	for i, term := range terms {
		fit := standing(texts, term)
		if i > 0 && fit == 2 {
			fit = 3 // a further word need not come first
		}
		if worst = min(worst, fit); worst == 0 {
			break
		}
	}
	return worst
}

// standing is where a term stands best in texts: 3 at the beginning of one, 2 at
// that of a word, 1 within one, 0 nowhere.
func standing(texts, term string) int {
	best := 0
	for at := 0; ; {
		i := strings.Index(texts[at:], term)
		if i < 0 {
			return best
		}
		at += i
		switch before, _ := utf8.DecodeLastRuneInString(texts[:at]); {
		case before == '\n':
			return 3
		case !unicode.IsLetter(before) && !unicode.IsDigit(before):
			best = 2
		default:
			best = max(best, 1)
		}
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
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
		} else if plain, ok := marks[r]; ok {
			b.WriteString(plain)
		} else if r < '\u0300' || r > '\u036F' { // a mark that stands after its letter, as Apple writes it
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
