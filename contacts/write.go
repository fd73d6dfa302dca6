package contacts

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-vcard"

	"eas.example/securemail/activesync"
)

const (
	fieldParam = "X-EAS"              // which field of ours a property came from
	fieldExtra = "X-SECUREMAIL-FIELD" // a field that vCard does not have

	// Stand-ins for separators that the encoder must leave alone. They are
	// control characters, which no text here holds.
	literalSemicolon = "\x1f"
	listComma        = "\x1e"
)

// phones are the numbers of a contact in the order in which they are written.
func phones(c *activesync.Contact) []typed {
	return []typed{
		{"BusinessPhone", &c.BusinessPhone, "work,voice"}, {"Business2Phone", &c.Business2Phone, "work,voice"},
		{"MobilePhone", &c.MobilePhone, "cell,voice"}, {"HomePhone", &c.HomePhone, "home,voice"}, {"Home2Phone", &c.Home2Phone, "home,voice"},
		{"CompanyMainPhone", &c.CompanyMainPhone, "work,main-number"}, {"BusinessFax", &c.BusinessFax, "work,fax"}, {"HomeFax", &c.HomeFax, "home,fax"},
		{"CarPhone", &c.CarPhone, "car"}, {"Pager", &c.Pager, "pager"}, {"RadioPhone", &c.RadioPhone, "radio"}, {"AssistantPhone", &c.AssistantPhone, "assistant"},
	}
}

type typed struct {
	name  string
	value *string
	types string
}

func emails(c *activesync.Contact) []*activesync.Address {
	return []*activesync.Address{&c.Email1, &c.Email2, &c.Email3}
}

func messengers(c *activesync.Contact) []*string {
	return []*string{&c.IMAddress, &c.IMAddress2, &c.IMAddress3}
}

func places(c *activesync.Contact) map[string]*activesync.PostalAddress {
	return map[string]*activesync.PostalAddress{"work": &c.Business, "home": &c.Home, "other": &c.Other}
}

// extras are the fields that vCard has no property for.
func extras(c *activesync.Contact) []typed {
	return []typed{
		{"FileAs", &c.FileAs, ""}, {"YomiFirstName", &c.YomiFirstName, ""}, {"YomiLastName", &c.YomiLastName, ""}, {"YomiCompanyName", &c.YomiCompanyName, ""},
		{"OfficeLocation", &c.OfficeLocation, ""}, {"AccountName", &c.AccountName, ""}, {"CustomerID", &c.CustomerID, ""}, {"GovernmentID", &c.GovernmentID, ""},
		{"ManagerName", &c.ManagerName, ""}, {"MMS", &c.MMS, ""}, {"AssistantName", &c.AssistantName, ""}, {"Alias", &c.Alias, ""},
		{"Spouse", &c.Spouse, ""},
	}
}

// ToVCard writes a contact as a vCard of version "4.0" or "3.0".
func ToVCard(c activesync.Contact, version string) ([]byte, error) {
	if version != "4.0" && version != "3.0" {
		return nil, fmt.Errorf("vCard version %q is not 3.0 or 4.0", version)
	}
	w := &writer{card: vcard.Card{}, v4: version == "4.0"}
	w.add("VERSION", version, nil)
	w.add("UID", UID(c), nil)
	w.add("FN", oneLine(c.Name()), nil)
	w.add("N", components(c.LastName, c.FirstName, c.MiddleName, c.Title, c.Suffix), nil)
	w.text("NICKNAME", c.NickName)
	if c.CompanyName != "" || c.Department != "" {
		w.add("ORG", components(c.CompanyName, c.Department), nil)
	}
	w.text("TITLE", c.JobTitle)
	w.text("NOTE", c.Note)
	w.reach(&c)
	w.dates(&c)
	for _, child := range c.Children {
		w.extra("Children", child)
	}
	w.list("CATEGORIES", c.Categories)
	w.photo(c.Picture)
	for _, x := range extras(&c) {
		if *x.value != "" {
			w.extra(x.name, *x.value)
		}
	}
	if c.WeightedRank != 0 {
		w.extra("WeightedRank", fmt.Sprint(c.WeightedRank))
	}
	return w.encode()
}

type writer struct {
	card vcard.Card
	v4   bool
}

func (w *writer) add(name, value string, params map[string]string) {
	f := &vcard.Field{Value: value}
	for k, v := range params {
		if v != "" {
			if f.Params == nil {
				f.Params = vcard.Params{}
			}
			f.Params[k] = strings.Split(v, ",")
		}
	}
	w.card.Add(name, f)
}

func (w *writer) text(name, value string) {
	if value != "" {
		w.add(name, lines(value), nil)
	}
}

func (w *writer) extra(field, value string) {
	w.add(fieldExtra, lines(value), map[string]string{fieldParam: field})
}

func (w *writer) list(name string, values []string) {
	if len(values) > 0 {
		w.add(name, lines(strings.Join(values, listComma)), nil)
	}
}

// reach writes how the person can be reached.
func (w *writer) reach(c *activesync.Contact) {
	for _, p := range phones(c) {
		if *p.value != "" {
			w.add("TEL", lines(*p.value), map[string]string{"TYPE": p.types, fieldParam: p.name})
		}
	}
	for i, e := range emails(c) {
		if *e == (activesync.Address{}) {
			continue
		}
		w.add("EMAIL", oneLine(e.Address), map[string]string{"TYPE": "internet", fieldParam: fmt.Sprintf("Email%d", i+1)})
		if e.Name != "" {
			w.extra(fmt.Sprintf("Email%dName", i+1), e.Name)
		}
	}
	for i, m := range messengers(c) {
		if *m != "" {
			w.add("IMPP", lines(*m), map[string]string{fieldParam: fmt.Sprintf("IM%d", i+1)})
		}
	}
	w.text("URL", c.WebPage)
	for _, kind := range []string{"work", "home", "other"} {
		if a := places(c)[kind]; *a != (activesync.PostalAddress{}) {
			w.add("ADR", components("", "", a.Street, a.City, a.State, a.PostalCode, a.Country), map[string]string{"TYPE": kind})
		}
	}
}

func (w *writer) dates(c *activesync.Contact) {
	layout := "2006-01-02"
	if w.v4 {
		layout = "20060102"
	}
	if !c.Birthday.IsZero() {
		w.add("BDAY", c.Birthday.UTC().Format(layout), nil)
	}
	if !c.Anniversary.IsZero() {
		name := "X-ANNIVERSARY"
		if w.v4 {
			name = "ANNIVERSARY"
		}
		w.add(name, c.Anniversary.UTC().Format(layout), nil)
	}
}

func (w *writer) photo(b []byte) {
	if len(b) == 0 {
		return
	}
	media := "application/octet-stream"
	for kind, magic := range map[string]string{"jpeg": "\xFF\xD8\xFF", "png": "\x89PNG\r\n\x1a\n", "gif": "GIF8"} {
		if bytes.HasPrefix(b, []byte(magic)) {
			media = "image/" + kind
		}
	}
	data := base64.StdEncoding.EncodeToString(b)
	if w.v4 {
		w.add("PHOTO", "data:"+media+";base64"+listComma+data, nil)
		return
	}
	w.add("PHOTO", data, map[string]string{"ENCODING": "b", "TYPE": strings.ToUpper(strings.TrimPrefix(media, "image/"))})
}

func (w *writer) encode() ([]byte, error) {
	var b bytes.Buffer
	if err := vcard.NewEncoder(&b).Encode(w.card); err != nil {
		return nil, fmt.Errorf("write the vCard: %w", err)
	}
	out := strings.NewReplacer(literalSemicolon, `\;`, listComma, ",").Replace(b.String())
	return fold(out), nil
}

// components joins the parts of a structured value.
func components(parts ...string) string {
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(lines(p), ";", literalSemicolon)
	}
	return strings.Join(parts, ";")
}

// lines keeps only line feeds and tabs of the control characters.
func lines(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\x1e' || r == '\n' || r == '\t':
			return r
		case r < ' ' || r == 0x7F:
			return -1
		}
		return r
	}, s), "\uFFFD")
}

func oneLine(s string) string { return strings.Join(strings.Fields(lines(s)), " ") }

// fold breaks lines after 75 octets, never inside a character (RFC 6350 3.2).
func fold(s string) []byte {
	var b bytes.Buffer
	for line := range strings.SplitSeq(strings.TrimSuffix(s, "\r\n"), "\r\n") {
		room := 75
		for len(line) > room {
			n := room
			for !utf8.RuneStart(line[n]) {
				n--
			}
			b.WriteString(line[:n] + "\r\n ")
			line = line[n:]
			room = 74
		}
		b.WriteString(line + "\r\n")
	}
	return b.Bytes()
}

// UID is the name of a contact in all its cards: it follows from the id, so
// that a card written again replaces the one before.
func UID(c activesync.Contact) string {
	if c.ID != 0 {
		return "securemail-" + c.ID.String()
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", c.Name(), c.Email1.Address, c.MobilePhone))
	return "securemail-" + hex.EncodeToString(sum[:12])
}

// FileName is a name for the card of a contact that every disk takes.
func FileName(c activesync.Contact) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\<>:"|?*`, r) || r == 0x7F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError {
			return '_'
		}
		return r
	}, oneLine(c.Name()))
	name = strings.Trim(name, ". ")
	for len(name) > 80 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	if name == "" {
		name = "contact"
	}
	return name + ".vcf"
}
