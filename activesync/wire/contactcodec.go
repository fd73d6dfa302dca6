package wire

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// DecodeContact reads the ApplicationData of a contact. Fields of the patch are
// the elements it names; one that names the person is the whole contact.
func DecodeContact(raw wbxml.Raw) (*activesync.ContactPatch, error) {
	var w Contact
	if err := raw.Unmarshal(&w); err != nil {
		return nil, fmt.Errorf("read a contact: %w", err)
	}
	p := &activesync.ContactPatch{Fields: map[string]bool{}}
	values := w.texts()
	for i, f := range p.Contact.TextFields() {
		if v := *values[i]; v != nil {
			*f.Value, p.Fields[f.Name] = *v, true
		}
	}
	set := func(present bool, name string, do func()) {
		if present {
			do()
			p.Fields[name] = true
		}
	}
	set(w.Email1Address != nil, "Contacts:Email1Address", func() { p.Email1 = contactAddress(*w.Email1Address) })
	set(w.Email2Address != nil, "Contacts:Email2Address", func() { p.Email2 = contactAddress(*w.Email2Address) })
	set(w.Email3Address != nil, "Contacts:Email3Address", func() { p.Email3 = contactAddress(*w.Email3Address) })
	set(w.Anniversary != nil, "Contacts:Anniversary", func() { p.Anniversary = day(w.Anniversary) })
	set(w.Birthday != nil, "Contacts:Birthday", func() { p.Birthday = day(w.Birthday) })
	set(w.Children != nil, "Contacts:Children", func() { p.Children = w.Children.Names })
	set(w.Categories != nil, "Contacts:Categories", func() { p.Categories = w.Categories.Names })
	set(w.WeightedRank != nil, "Contacts:WeightedRank", func() { p.WeightedRank = w.WeightedRank.Int(0) })
	set(w.Body != nil, "AirSyncBase:Body", func() { p.Note = strings.ReplaceAll(string(w.Body.Data), "\r\n", "\n") })
	if w.Picture != nil {
		picture, err := decodeBase64(*w.Picture)
		set(err == nil, "Contacts:Picture", func() { p.Picture = append([]byte(nil), picture...) }) // nil for none
	}
	p.Whole = p.Fields["Contacts:FileAs"] || p.Fields["Contacts:FirstName"] || p.Fields["Contacts:LastName"] ||
		p.Fields["Contacts:CompanyName"] || p.Fields["Contacts:Email1Address"]
	return p, nil
}

// contactAddress reads an address of a contact. What stands there alone is the
// address, also where it does not look like one.
func contactAddress(s string) activesync.Address {
	a := activesync.ParseAddress(s)
	if a.Address == "" && a.Name != "" {
		return activesync.Address{Address: tidy(strings.Trim(s, `" `))}
	}
	return a
}

// day is the date as it stands in the element; its time of day is not reliable
// (MS-ASCNTC 2.2.2.5).
func day(s *Stamp) time.Time {
	t, ok := s.Time()
	if !ok {
		return time.Time{}
	}
	return t.Truncate(24 * time.Hour)
}

// EncodeContactAdd is the ApplicationData of a contact that a client makes.
func EncodeContactAdd(c *activesync.Contact, v activesync.Version) *Contact {
	w := EncodeContact(c, v)
	w.Alias, w.WeightedRank = nil, nil // of the recipient information cache, which cannot be written
	w.NativeBodyType = nil             // for the server to say
	if w.Body != nil {
		w.Body.EstimatedDataSize = ""
	}
	return w
}

// EncodeContactChange is the ApplicationData by which a client makes of a
// contact what c is. It always holds the whole contact: from 16.0 on, and on
// some older servers, what is left out is deleted. Up to 14.1 what is empty now
// and was not in before stands there as an empty element, because other servers
// leave what is left out as it was; from 16.0 on an empty element is an error.
func EncodeContactChange(c, before *activesync.Contact, v activesync.Version) *Contact {
	w := EncodeContactAdd(c, v)
	if v >= activesync.V160 {
		return w
	}
	values := w.texts()
	old := before.TextFields()
	for i, f := range c.TextFields() {
		if *f.Value == "" && *old[i].Value != "" && f.Name != "Contacts:Alias" {
			*values[i] = new(string)
		}
	}
	address := func(to **string, now, was activesync.Address) {
		if now == (activesync.Address{}) && now != was {
			*to = new(string)
		}
	}
	address(&w.Email1Address, c.Email1, before.Email1)
	address(&w.Email2Address, c.Email2, before.Email2)
	address(&w.Email3Address, c.Email3, before.Email3)
	if c.Anniversary.IsZero() && !before.Anniversary.IsZero() {
		w.Anniversary = new(Stamp)
	}
	if c.Birthday.IsZero() && !before.Birthday.IsZero() {
		w.Birthday = new(Stamp)
	}
	if len(c.Picture) == 0 && len(before.Picture) > 0 {
		w.Picture = new(string)
	}
	if len(c.Categories) == 0 && len(before.Categories) > 0 {
		w.Categories = &ContactTags{}
	}
	if len(c.Children) == 0 && len(before.Children) > 0 {
		w.Children = &Children{}
	}
	if c.Note == "" && before.Note != "" {
		w.Body = &Body{Type: uint8(activesync.BodyPlain)}
	}
	return w
}

// EncodeContact is the ApplicationData of a whole contact; what is empty is
// left out.
func EncodeContact(c *activesync.Contact, _ activesync.Version) *Contact {
	w := &Contact{Anniversary: stamp(Dashed, c.Anniversary), Birthday: stamp(Dashed, c.Birthday)}
	values := w.texts()
	for i, f := range c.TextFields() {
		if *f.Value != "" {
			*values[i] = ptr(*f.Value)
		}
	}
	address := func(a activesync.Address) *string {
		if a == (activesync.Address{}) {
			return nil
		}
		return ptr(activesync.FormatAddress(a))
	}
	w.Email1Address, w.Email2Address, w.Email3Address = address(c.Email1), address(c.Email2), address(c.Email3)
	if c.WeightedRank != 0 {
		w.WeightedRank = ptr(MakeNumber(c.WeightedRank))
	}
	if len(c.Picture) > 0 {
		w.Picture = ptr(base64.StdEncoding.EncodeToString(c.Picture))
	}
	if len(c.Categories) > 0 {
		w.Categories = &ContactTags{Names: c.Categories}
	}
	if len(c.Children) > 0 {
		w.Children = &Children{Names: c.Children}
	}
	if c.Note != "" {
		note := strings.ReplaceAll(strings.ReplaceAll(c.Note, "\r\n", "\n"), "\n", "\r\n")
		w.Body = encodeBody(activesync.Body{Type: activesync.BodyPlain, Data: []byte(note)})
		w.NativeBodyType = ptr(MakeNumber(activesync.BodyPlain))
	}
	return w
}
