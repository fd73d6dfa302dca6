package contacts

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-vcard"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/contentline"
)

// ToVCard writes a contact as a vCard of version "4.0" or "3.0", with the UID
// that UID makes.
func ToVCard(c activesync.Contact, version string) ([]byte, error) {
	return Encode(c, version, UID(c))
}

// Encode writes a contact as a vCard of version "4.0" or "3.0". Lines end in
// CRLF and have at most 75 octets.
func Encode(c activesync.Contact, version, uid string) ([]byte, error) {
	if version != "4.0" && version != "3.0" {
		return nil, fmt.Errorf("vCard version %q is not 3.0 or 4.0", version)
	}
	w := &writer{card: vcard.Card{}, v4: version == "4.0"}
	w.raw("VERSION", version)
	w.raw("PRODID", productID)
	w.some("UID", uid)
	w.naming(&c)
	w.reach(&c)
	w.dates(&c)
	w.people(&c)
	w.photo(c.Picture)
	w.some("NOTE", c.Note)
	w.list("CATEGORIES", c.Categories)
	for _, s := range own(&c) {
		w.some(s.names[0], *s.value)
	}
	if c.WeightedRank != 0 {
		w.raw(propRank, strconv.Itoa(c.WeightedRank))
	}
	return w.encode()
}

// writer gathers properties whose values are escaped already.
type writer struct {
	card vcard.Card
	v4   bool
}

// raw adds a property; params are names and values in turn.
func (w *writer) raw(name, value string, params ...string) {
	f := &vcard.Field{Value: value}
	for i := 0; i+1 < len(params); i += 2 {
		if f.Params == nil {
			f.Params = vcard.Params{}
		}
		f.Params[params[i]] = append(f.Params[params[i]], params[i+1])
	}
	w.card.Add(name, f)
}

// some adds a text unless it is empty.
func (w *writer) some(name, value string, params ...string) {
	if value != "" {
		w.raw(name, contentline.Escape(value), params...)
	}
}

func (w *writer) list(name string, values []string) {
	var parts []string
	for _, v := range values {
		if v != "" {
			parts = append(parts, contentline.Escape(v))
		}
	}
	if len(parts) > 0 {
		w.raw(name, strings.Join(parts, ","))
	}
}

func (w *writer) naming(c *activesync.Contact) {
	name := strings.Join(strings.Fields(c.Name()), " ")
	if name == "" {
		name = nobody
	}
	w.raw("FN", contentline.Escape(name))
	var sort []string
	if w.v4 && c.YomiLastName+c.YomiFirstName != "" {
		sort = []string{"SORT-AS", contentline.QuoteParam(c.YomiLastName + "," + c.YomiFirstName)}
	}
	w.raw("N", components(c.LastName, c.FirstName, c.MiddleName, c.Title, c.Suffix), sort...)
	w.some("NICKNAME", c.NickName)
	if c.CompanyName != "" || c.Department != "" {
		sort = nil
		if w.v4 && c.YomiCompanyName != "" {
			sort = []string{"SORT-AS", contentline.QuoteParam(c.YomiCompanyName)}
		}
		w.raw("ORG", components(c.CompanyName, c.Department), sort...)
	}
	w.some("TITLE", c.JobTitle)
}

// reach writes how the person can be reached.
func (w *writer) reach(c *activesync.Contact) {
	for _, p := range phones(c) {
		params := []string{paramField, p.name}
		for _, t := range p.types {
			params = append(params, "TYPE", t)
		}
		w.some("TEL", *p.value, params...)
	}
	for i, e := range emails(c) {
		params := []string{paramField, e.name}
		if !w.v4 {
			params = append(params, "TYPE", "INTERNET")
		}
		switch {
		case i == 0 && w.v4:
			params = append(params, "PREF", "1")
		case i == 0:
			params = append(params, "TYPE", "pref")
		}
		w.some("EMAIL", e.value.Address, params...)
		w.some(propEmailName, e.value.Name, paramField, e.name)
	}
	for _, m := range messengers(c) {
		if *m.value != "" {
			w.raw("IMPP", escapeURI(toIM(*m.value)), paramField, m.name)
		}
	}
	if c.WebPage != "" {
		w.raw("URL", escapeURI(c.WebPage))
	}
	for _, p := range places(c) {
		if a := p.value; *a != (activesync.PostalAddress{}) {
			w.raw("ADR", components("", "", a.Street, a.City, a.State, a.PostalCode, a.Country), paramField, p.name, "TYPE", p.kind)
		}
	}
}

// toIM makes a URI of what has no scheme. One that begins like that itself is
// marked as well, so that fromIM can tell.
func toIM(s string) string {
	if i := strings.IndexByte(s, ':'); i < 1 || !isScheme(s[:i]) || strings.HasPrefix(s, "im:") {
		return "im:" + s
	}
	return s
}

// fromIM undoes toIM.
func fromIM(s string) string { return strings.TrimPrefix(s, "im:") }

func isScheme(s string) bool {
	for i, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || (r < '0' || r > '9') && r != '+' && r != '-' && r != '.') {
			return false
		}
	}
	return s != ""
}

func (w *writer) dates(c *activesync.Contact) {
	layout := "2006-01-02"
	if w.v4 {
		layout = "20060102"
	}
	date := func(name string, t time.Time) {
		t = t.UTC()
		switch {
		case t.IsZero() || t.Year() < 1 || t.Year() > 9999:
		case t.Year() != noYear:
			w.raw(name, t.Format(layout))
		case w.v4:
			w.raw(name, t.Format("--0102"))
		default:
			w.raw(name, t.Format(layout), omitYear, strconv.Itoa(noYear))
		}
	}
	date("BDAY", c.Birthday)
	if w.v4 {
		date("ANNIVERSARY", c.Anniversary)
	} else {
		date("X-ANNIVERSARY", c.Anniversary)
	}
}

// people writes those who belong to the contact.
func (w *writer) people(c *activesync.Contact) {
	one := func(kind, property, name string) {
		if w.v4 {
			w.some("RELATED", name, "TYPE", kind, "VALUE", "text")
		} else {
			w.some(property, name)
		}
	}
	for _, r := range related(c) {
		one(r.kind, r.names[0], *r.value)
	}
	for _, name := range c.Children {
		one(relatedChild, propChild, name)
	}
}

func (w *writer) photo(b []byte) {
	if len(b) == 0 {
		return
	}
	kind := imageKind(b)
	data := base64.StdEncoding.EncodeToString(b)
	switch {
	case w.v4 && kind == "":
		w.raw("PHOTO", "data:application/octet-stream;base64,"+data)
	case w.v4:
		w.raw("PHOTO", "data:image/"+kind+";base64,"+data)
	case kind == "":
		w.raw("PHOTO", data, "ENCODING", "b")
	default:
		w.raw("PHOTO", data, "ENCODING", "b", "TYPE", strings.ToUpper(kind))
	}
}

// imageKind is what a picture is, by its first bytes, "" for something else.
func imageKind(b []byte) string {
	for _, k := range []struct{ magic, name string }{
		{"\xFF\xD8\xFF", "jpeg"}, {"\x89PNG\r\n\x1a\n", "png"}, {"GIF8", "gif"}, {"BM", "bmp"},
	} {
		if bytes.HasPrefix(b, []byte(k.magic)) {
			return k.name
		}
	}
	if len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP" {
		return "webp"
	}
	return ""
}

// encode writes the card through go-vcard and takes its escaping back: the
// values are escaped already, which it cannot do inside of components.
func (w *writer) encode() ([]byte, error) {
	var b bytes.Buffer
	if err := vcard.NewEncoder(&b).Encode(w.card); err != nil {
		return nil, fmt.Errorf("write the vCard: %w", err)
	}
	undone := strings.NewReplacer(`\\`, `\`, `\,`, `,`).Replace(b.String())
	b.Reset()
	for line := range strings.SplitSeq(strings.TrimSuffix(undone, "\r\n"), "\r\n") {
		contentline.Fold(&b, line)
	}
	return b.Bytes(), nil
}

// components joins the parts of a structured value.
func components(parts ...string) string {
	for i, p := range parts {
		parts[i] = contentline.Escape(p)
	}
	return strings.Join(parts, ";")
}

var uriEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`)

// escapeURI leaves commas and semicolons, which have a meaning in a URI.
func escapeURI(s string) string { return uriEscaper.Replace(contentline.Tidy(s)) }
