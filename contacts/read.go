package contacts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/emersion/go-vcard"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/contentline"
)

// ErrNoCard says that the data holds no vCard.
var ErrNoCard = errors.New("this is not a vCard")

// FromVCard reads all vCards of a file, of version 2.1, 3.0 or 4.0 and as
// programs write them: with a byte order mark, in any charset, quoted-printable,
// with groups and bare types, broken off. What a contact has no field left for
// is told in its note.
func FromVCard(data []byte) ([]activesync.Contact, error) {
	dec := vcard.NewDecoder(bytes.NewReader(normalise(data)))
	var out []activesync.Contact
	for {
		card, err := dec.Decode()
		if errors.Is(err, io.EOF) && card == nil {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read a vCard: %w", err)
		}
		out = append(out, readCard(card))
	}
	if len(out) == 0 {
		return nil, ErrNoCard
	}
	return out, nil
}

// reader fills a contact from a card. left is what finds no room in it.
type reader struct {
	card   vcard.Card
	labels map[string]string // of groups, as Apple writes them
	ours   bool              // this program wrote it
	c      activesync.Contact
	left   []string
}

func readCard(card vcard.Card) activesync.Contact {
	r := &reader{card: card, labels: map[string]string{}}
	for _, f := range r.all("X-ABLABEL") {
		label := strings.TrimSuffix(strings.TrimPrefix(f.text(), "_$!<"), ">!$_")
		r.labels[strings.ToUpper(f.Group)] = strings.ToLower(label)
	}
	r.ours = r.first("PRODID") == productID
	r.naming()
	r.phones()
	r.emails()
	r.messengers()
	r.places()
	r.dates()
	r.people()
	r.rest()
	r.android()
	r.formatted()
	if len(r.left) > 0 {
		r.c.Note = strings.TrimLeft(r.c.Note+"\n"+strings.Join(r.left, "\n"), "\n")
	}
	return r.c
}

func (r *reader) all(name string) []field {
	var out []field
	for _, f := range r.card[name] {
		out = append(out, field{f})
	}
	return out
}

// first is the text of the first property of one of the names.
func (r *reader) first(names ...string) string {
	for _, name := range names {
		for _, f := range r.all(name) {
			if s := f.text(); s != "" {
				return s
			}
		}
	}
	return ""
}

// label is what Apple calls the property, in lower case.
func (r *reader) label(f field) string { return r.labels[strings.ToUpper(f.Group)] }

func (r *reader) leave(label, value string) {
	if value = strings.Join(strings.Fields(value), " "); value != "" {
		r.left = append(r.left, label+": "+value)
	}
}

// take puts a value into the first free one of the slots.
func take(value string, slots ...*string) bool {
	for _, s := range slots {
		if *s == "" {
			*s = value
			return true
		}
	}
	return false
}

// component n of a structured value; what stands between commas inside of it is
// joined.
func component(parts []string, n int, join string) string {
	if n >= len(parts) {
		return ""
	}
	f := field{&vcard.Field{Value: parts[n]}}
	var words []string
	for _, s := range f.parts(',') {
		words = append(words, contentline.Unescape(s))
	}
	return strings.Join(words, join)
}

func (r *reader) naming() {
	c := &r.c
	for i, f := range r.all("N") {
		if i > 0 {
			break // the same name in another script
		}
		p := f.parts(';')
		c.LastName, c.FirstName, c.MiddleName = component(p, 0, " "), component(p, 1, " "), component(p, 2, " ")
		c.Title, c.Suffix = component(p, 3, " "), component(p, 4, " ")
		r.sortAs(f)
	}
	for _, f := range r.all("ORG") {
		p := f.parts(';')
		name := component(p, 0, ",")
		if c.CompanyName+c.Department != "" {
			r.leave("Company", strings.Join(append([]string{name}, p[1:]...), " "))
			continue
		}
		c.CompanyName = name
		for i := range p[1:] {
			if s := component(p, i+1, ","); s != "" || i == 0 {
				c.Department = join(c.Department, s, " / ")
			}
		}
	}
	var nicks []string
	for _, f := range r.all("NICKNAME") {
		for _, s := range f.parts(',') {
			if s = contentline.Unescape(s); s != "" {
				nicks = append(nicks, s)
			}
		}
	}
	c.NickName = strings.Join(nicks, ", ")
	for _, f := range append(r.all("TITLE"), r.all("ROLE")...) {
		if s := f.text(); s != "" && !take(s, &c.JobTitle) {
			r.leave("Role", s)
		}
	}
}

// sortAs takes SORT-AS and SORT-STRING for the reading of a name, which they
// are where they are written in kana.
func (r *reader) sortAs(n field) {
	if len(r.card["X-PHONETIC-FIRST-NAME"])+len(r.card["X-PHONETIC-LAST-NAME"]) > 0 {
		return // said better
	}
	lastName, firstName, _ := strings.Cut(n.param("SORT-AS"), ",")
	if v := n.params("SORT-AS"); len(v) > 1 {
		lastName, firstName = v[0], v[1]
	}
	if lastName == "" && firstName == "" {
		lastName = r.first("SORT-STRING")
	}
	if strings.ContainsFunc(lastName+firstName, func(c rune) bool { return unicode.In(c, unicode.Hiragana, unicode.Katakana) }) {
		r.c.YomiLastName, r.c.YomiFirstName = lastName, firstName
	}
}

func join(a, b, sep string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + sep + b
}

// formatted takes FN where the card has nothing better, or where it is no
// composition of the names: then it is how the person is filed.
func (r *reader) formatted() {
	c := &r.c
	fn := strings.Join(strings.Fields(r.first("FN", "NAME")), " ")
	line := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	if fn == "" || fn == line(c.Name()) || fn == nobody && line(c.Name()) == "" {
		return
	}
	if len(r.card["N"]) == 0 {
		r.onlyFormatted(fn)
		return
	}
	for _, s := range []string{
		join(join(c.Title, c.FirstName, " "), join(c.MiddleName, join(c.LastName, c.Suffix, " "), " "), " "),
		c.FirstName + " " + c.LastName, c.LastName + " " + c.FirstName, c.LastName + ", " + c.FirstName, c.LastName + c.FirstName,
	} {
		if strings.EqualFold(line(s), fn) {
			return
		}
	}
	take(fn, &c.FileAs)
}

// onlyFormatted reads the name of a card without N, which 4.0 allows.
func (r *reader) onlyFormatted(fn string) {
	c := &r.c
	kind := strings.ToLower(r.first("KIND", "X-ADDRESSBOOKSERVER-KIND"))
	words := strings.Fields(fn)
	switch n := len(words) - 1; {
	case kind == "org" || strings.EqualFold(r.first("X-ABSHOWAS"), "company"):
		if !take(fn, &c.CompanyName) {
			take(fn, &c.FileAs)
		}
	case kind == "group", n > 3:
		take(fn, &c.FileAs)
	case n == 0:
		c.FirstName = fn
	default:
		c.FirstName, c.LastName = strings.Join(words[:n], " "), words[n]
	}
}

// rest reads what takes one line each.
func (r *reader) rest() {
	c := &r.c
	for _, s := range own(c) {
		if v := r.first(s.names...); v != "" {
			*s.value = v
		}
	}
	if n, err := strconv.Atoi(strings.TrimSpace(r.first(propRank))); err == nil {
		c.WeightedRank = n
	}
	var notes []string
	for _, f := range r.all("NOTE") {
		if s := f.text(); s != "" {
			notes = append(notes, s)
		}
	}
	c.Note = strings.Join(notes, "\n")
	for _, f := range r.all("CATEGORIES") {
		for _, s := range f.parts(',') {
			if s = contentline.Unescape(s); s != "" {
				c.Categories = append(c.Categories, s)
			}
		}
	}
	for _, f := range r.all("URL") {
		if s := f.text(); s != "" && !take(s, &c.WebPage) {
			r.leave("Web page", s)
		}
	}
	r.photo()
}
