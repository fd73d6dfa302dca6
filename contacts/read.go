package contacts

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-vcard"

	"eas.example/securemail/activesync"
)

// ErrNoCard: the data holds no vCard.
var ErrNoCard = errors.New("this is not a vCard")

// FromVCard reads all vCards of a file, of version 2.1, 3.0 or 4.0. A card
// that breaks off is read as far as it goes.
func FromVCard(b []byte) ([]activesync.Contact, error) {
	var out []activesync.Contact
	for _, text := range cards(normalise(b)) {
		card, err := vcard.NewDecoder(bytes.NewReader(text)).Decode()
		if card == nil {
			if err == nil || errors.Is(err, io.EOF) {
				continue
			}
			return out, fmt.Errorf("read a vCard: %w", err)
		}
		out = append(out, fromCard(card))
	}
	if len(out) == 0 {
		return nil, ErrNoCard
	}
	return out, nil
}

// cards cuts a file at its BEGIN lines; cards inside cards stand by themselves.
func cards(b []byte) [][]byte {
	var out [][]byte
	var cur []byte
	for line := range bytes.Lines(b) {
		word := strings.ToUpper(strings.TrimSpace(string(line)))
		switch {
		case word == "BEGIN:VCARD":
			if len(cur) > 0 {
				out = append(out, append(cur, "END:VCARD\r\n"...))
			}
			cur = append([]byte(nil), "BEGIN:VCARD\r\n"...)
		case word == "END:VCARD":
			if len(cur) > 0 {
				out = append(out, append(cur, "END:VCARD\r\n"...))
			}
			cur = nil
		case len(cur) > 0:
			cur = append(cur, line...)
		}
	}
	if len(cur) > 0 {
		out = append(out, append(cur, "END:VCARD\r\n"...))
	}
	return out
}

func fromCard(card vcard.Card) activesync.Contact {
	var c activesync.Contact
	r := reader{c: &c}
	if f := card.Get("N"); f != nil {
		n := split(f.Value, 5)
		c.LastName, c.FirstName, c.MiddleName, c.Title, c.Suffix = n[0], n[1], n[2], n[3], n[4]
	}
	if f := card.Get("ORG"); f != nil {
		o := split(f.Value, 2)
		c.CompanyName, c.Department = o[0], o[1]
	}
	c.NickName = strings.ReplaceAll(value(card, "NICKNAME"), listComma, ", ")
	c.JobTitle, c.Note, c.WebPage = value(card, "TITLE"), value(card, "NOTE"), value(card, "URL")
	for _, f := range card["TEL"] {
		r.phone(f)
	}
	for _, f := range card["EMAIL"] {
		r.email(f)
	}
	for _, f := range card["IMPP"] {
		r.messenger(f)
	}
	for _, f := range card["ADR"] {
		r.place(f)
	}
	c.Birthday = date(value(card, "BDAY"))
	for _, name := range []string{"ANNIVERSARY", "X-ANNIVERSARY"} {
		if c.Anniversary.IsZero() {
			c.Anniversary = date(value(card, name))
		}
	}
	for _, f := range card["CATEGORIES"] {
		c.Categories = append(c.Categories, strings.Split(f.Value, listComma)...)
	}
	if f := card.Get("PHOTO"); f != nil {
		c.Picture = picture(f)
	}
	for _, f := range card[fieldExtra] {
		r.extra(f)
	}
	r.name(value(card, "FN"))
	for _, s := range r.left {
		c.Note = strings.TrimSpace(c.Note + "\n" + s)
	}
	return c
}

// reader fills a contact; left are values for which it has no more room.
type reader struct {
	c    *activesync.Contact
	left []string
}

func value(card vcard.Card, name string) string {
	if f := card.Get(name); f != nil {
		return f.Value
	}
	return ""
}

func split(s string, n int) []string {
	parts := strings.Split(s, ";")
	for len(parts) < n {
		parts = append(parts, "")
	}
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], literalSemicolon, ";")
	}
	return parts
}

func types(f *vcard.Field) string { return strings.ToLower(strings.Join(f.Params["TYPE"], ",")) }

func own(f *vcard.Field) string { return f.Params.Get(fieldParam) }

func (r *reader) phone(f *vcard.Field) {
	number := strings.TrimPrefix(f.Value, "tel:")
	all := phones(r.c)
	for _, p := range all {
		if own(f) == p.name && *p.value == "" {
			*p.value = f.Value
			return
		}
	}
	t := types(f)
	has := func(s string) bool { return strings.Contains(t, s) }
	var want []string
	switch {
	case has("fax") && has("home"):
		want = []string{"HomeFax", "BusinessFax"}
	case has("fax"):
		want = []string{"BusinessFax", "HomeFax"}
	case has("pager"):
		want = []string{"Pager"}
	case has("car"):
		want = []string{"CarPhone"}
	case has("cell"), has("mobile"), has("iphone"):
		want = []string{"MobilePhone", "CarPhone"}
	case has("home"):
		want = []string{"HomePhone", "Home2Phone"}
	case has("work"):
		want = []string{"BusinessPhone", "Business2Phone", "CompanyMainPhone"}
	}
	for _, name := range append(want, "HomePhone", "BusinessPhone", "Home2Phone", "Business2Phone", "RadioPhone") {
		for _, p := range all {
			if p.name == name && *p.value == "" {
				*p.value = number
				return
			}
		}
	}
	r.left = append(r.left, "Phone: "+number)
}

func (r *reader) email(f *vcard.Field) {
	all := emails(r.c)
	if n, ok := numbered(own(f), "Email", len(all)); ok && all[n].Address == "" {
		all[n].Address = f.Value
		return
	}
	for _, e := range all {
		if *e == (activesync.Address{}) {
			e.Address = strings.TrimPrefix(f.Value, "mailto:")
			return
		}
	}
	r.left = append(r.left, "E-mail: "+f.Value)
}

func (r *reader) messenger(f *vcard.Field) {
	all := messengers(r.c)
	if n, ok := numbered(own(f), "IM", len(all)); ok && *all[n] == "" {
		*all[n] = f.Value
		return
	}
	for _, m := range all {
		if *m == "" {
			*m = f.Value
			return
		}
	}
	r.left = append(r.left, "IM: "+f.Value)
}

// numbered reads names such as Email2 as the index 1.
func numbered(s, prefix string, most int) (int, bool) {
	tail, ok := strings.CutPrefix(s, prefix)
	n, err := strconv.Atoi(tail)
	return n - 1, ok && err == nil && n >= 1 && n <= most
}

func (r *reader) place(f *vcard.Field) {
	p := split(f.Value, 7)
	street := p[2]
	for _, more := range []string{p[1], p[0]} { // extended address, post office box
		if more != "" {
			street = strings.TrimSpace(street + "\n" + more)
		}
	}
	a := activesync.PostalAddress{Street: street, City: p[3], State: p[4], PostalCode: p[5], Country: p[6]}
	if a == (activesync.PostalAddress{}) {
		return
	}
	t := types(f)
	order := []string{"other", "home", "work"}
	switch {
	case strings.Contains(t, "work"):
		order = []string{"work", "other", "home"}
	case strings.Contains(t, "home"):
		order = []string{"home", "other", "work"}
	}
	for _, kind := range order {
		if to := places(r.c)[kind]; *to == (activesync.PostalAddress{}) {
			*to = a
			return
		}
	}
	r.left = append(r.left, "Address: "+strings.Join(strings.Fields(strings.Join(p, " ")), " "))
}

func (r *reader) extra(f *vcard.Field) {
	name := own(f)
	switch name {
	case "Children":
		r.c.Children = append(r.c.Children, f.Value)
		return
	case "WeightedRank":
		r.c.WeightedRank, _ = strconv.Atoi(f.Value)
		return
	}
	if base, ok := strings.CutSuffix(name, "Name"); ok {
		if n, ok := numbered(base, "Email", 3); ok {
			emails(r.c)[n].Name = f.Value
			return
		}
	}
	for _, x := range extras(r.c) {
		if x.name == name {
			*x.value = f.Value
		}
	}
}

// name takes the formatted name where the card has no better one.
func (r *reader) name(fn string) {
	c := r.c
	if fn == "" || c.FirstName+c.LastName+c.MiddleName+c.Suffix != "" {
		return
	}
	switch fn {
	case c.FileAs, c.NickName, c.CompanyName, c.Email1.Label(), c.Email2.Label(), c.Email3.Label(), c.MobilePhone, c.BusinessPhone, c.HomePhone:
		return // what Name falls back to
	}
	if c.FileAs == "" {
		c.FileAs = fn
	}
}

var dateLayouts = []string{"2006-01-02", "20060102", "2006-01-02T15:04:05Z", "20060102T150405Z", "2006-01-02T15:04:05", "20060102T150405", time.RFC3339, "2006/01/02", "02.01.2006"}

func date(s string) time.Time {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		}
	}
	return time.Time{}
}

func picture(f *vcard.Field) []byte {
	data := f.Value
	if rest, ok := strings.CutPrefix(data, "data:"); ok {
		_, data, _ = strings.Cut(rest, ",")
	} else if f.Params.Get("ENCODING") == "" {
		return nil // a link: nothing is fetched
	}
	b, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return nil
	}
	return b
}
