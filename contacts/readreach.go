package contacts

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"eas.example/securemail/activesync"
)

// phones reads TEL: first those that say which field they belong to, then the
// others by their types.
func (r *reader) phones() {
	slots := phones(&r.c)
	get := func(name string) *string {
		for _, s := range slots {
			if s.name == name {
				return s.value
			}
		}
		return new(string)
	}
	var others []field
	for _, f := range r.all("TEL") {
		if name := f.param(paramField); name == "" || !slices.ContainsFunc(slots, func(s slot) bool { return s.name == name }) || !take(f.text(), get(name)) {
			others = append(others, f)
		}
	}
	for _, f := range byPreference(others) {
		number, _ := cutFold(f.text(), "tel:")
		if strings.TrimSpace(number) == "" {
			continue
		}
		var free []*string
		for _, name := range append(r.phoneKinds(f), "HomePhone", "BusinessPhone", "Home2Phone", "Business2Phone", "MobilePhone", "RadioPhone") {
			free = append(free, get(name))
		}
		if !take(number, free...) {
			r.leave("Phone", number)
		}
	}
}

// phoneKinds are the fields that a number may belong to by its types, the best
// first.
func (r *reader) phoneKinds(f field) []string {
	label := r.label(f)
	switch {
	case f.is("assistant"), label == "assistantphone", label == "assistant":
		return []string{"AssistantPhone"}
	case f.is("main-number", "company-main", "main"), label == "main":
		return []string{"CompanyMainPhone", "BusinessPhone", "Business2Phone"}
	case f.is("fax", "homefax", "workfax") && f.is("home", "homefax"):
		return []string{"HomeFax", "BusinessFax"}
	case f.is("fax", "workfax"):
		return []string{"BusinessFax", "HomeFax"}
	case f.is("pager"):
		return []string{"Pager"}
	case f.is("car"):
		return []string{"CarPhone"}
	case f.is("radio"):
		return []string{"RadioPhone"}
	case f.is("cell", "mobile", "iphone"):
		return []string{"MobilePhone", "CarPhone"}
	case f.is("home"):
		return []string{"HomePhone", "Home2Phone"}
	case f.is("work"):
		return []string{"BusinessPhone", "Business2Phone", "CompanyMainPhone"}
	}
	return nil
}

// byPreference sorts those marked as preferred to the front.
func byPreference(fields []field) []field {
	pref := func(f field) int {
		if n, err := strconv.Atoi(f.param("PREF")); err == nil && n >= 1 && n <= 100 {
			return n
		}
		if f.is("pref") {
			return 1
		}
		return 101
	}
	slices.SortStableFunc(fields, func(a, b field) int { return cmp.Compare(pref(a), pref(b)) })
	return fields
}

func (r *reader) emails() {
	slots := emails(&r.c)
	var others []field
	for _, f := range r.all("EMAIL") {
		i := slices.IndexFunc(slots, func(s emailSlot) bool { return s.name == f.param(paramField) })
		if i < 0 || !take(f.text(), &slots[i].value.Address) {
			others = append(others, f)
		}
	}
	for _, f := range r.all(propEmailName) {
		if i := slices.IndexFunc(slots, func(s emailSlot) bool { return s.name == f.param(paramField) }); i >= 0 {
			take(f.text(), &slots[i].value.Name)
		}
	}
next:
	for _, f := range byPreference(others) {
		a := activesync.Address{Address: strings.TrimSpace(f.text())}
		if rest, ok := cutFold(a.Address, "mailto:"); ok {
			a.Address = rest
		}
		if strings.Contains(a.Address, "<") {
			a = activesync.ParseAddress(a.Address)
		}
		if a == (activesync.Address{}) {
			continue
		}
		for _, s := range slots {
			if *s.value == (activesync.Address{}) {
				*s.value = a
				continue next
			}
		}
		r.leave("E-mail", activesync.FormatAddress(a))
	}
}

// cutFold is strings.CutPrefix whatever the case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// services are the properties that other programs have for one service each,
// with its scheme.
var services = []struct{ name, scheme string }{
	{"X-MS-IMADDRESS", ""}, {"X-KADDRESSBOOK-X-IMADDRESS", ""}, {"X-JABBER", "xmpp:"}, {"X-GOOGLE-TALK", "xmpp:"}, {"X-GTALK", "xmpp:"},
	{"X-SKYPE", "skype:"}, {"X-SKYPE-USERNAME", "skype:"}, {"X-SIP", "sip:"}, {"X-AIM", "aim:"}, {"X-ICQ", "icq:"}, {"X-MSN", "msnim:"},
	{"X-YAHOO", "ymsgr:"}, {"X-YAHOO-ID", "ymsgr:"}, {"X-QQ", "qq:"}, {"X-GADUGADU", "gg:"}, {"X-GROUPWISE", "groupwise:"}, {"X-SAMETIME", "sametime:"},
}

func (r *reader) messengers() {
	slots := messengers(&r.c)
	free := []*string{slots[0].value, slots[1].value, slots[2].value}
	var others []field
	for _, f := range r.all("IMPP") {
		i := slices.IndexFunc(slots, func(s slot) bool { return s.name == f.param(paramField) })
		if i < 0 || !take(fromIM(f.text()), slots[i].value) {
			others = append(others, f)
		}
	}
	var seen []string
	add := func(s string) {
		// Apple writes the same account as IMPP and by the name of its service.
		if s == "" || slices.Contains(seen, s) {
			return
		}
		seen = append(seen, s)
		if !take(s, free...) {
			r.leave("IM", s)
		}
	}
	for _, f := range byPreference(others) {
		add(fromIM(strings.TrimSpace(f.text())))
	}
	for _, service := range services {
		for _, f := range r.all(service.name) {
			if s := strings.TrimSpace(f.text()); s != "" {
				if i := strings.IndexByte(s, ':'); i < 1 {
					s = service.scheme + s
				}
				add(s)
			}
		}
	}
}

func (r *reader) places() {
	slots := places(&r.c)
	var others []field
	for _, f := range r.all("ADR") {
		i := slices.IndexFunc(slots, func(s placeSlot) bool { return s.name == f.param(paramField) })
		if i < 0 || *slots[i].value != (activesync.PostalAddress{}) {
			others = append(others, f)
			continue
		}
		*slots[i].value = postalAddress(f)
	}
next:
	for _, f := range byPreference(others) {
		a := postalAddress(f)
		if a == (activesync.PostalAddress{}) {
			continue
		}
		order := []int{2, 1, 0}
		switch {
		case f.is("work"):
			order = []int{0, 2, 1}
		case f.is("home"):
			order = []int{1, 2, 0}
		}
		for _, i := range order {
			if *slots[i].value == (activesync.PostalAddress{}) {
				*slots[i].value = a
				continue next
			}
		}
		r.leave("Address", postal(a))
	}
}

// postalAddress reads ADR. The post office box and the extended address, which
// a contact has no fields for, join the street.
func postalAddress(f field) activesync.PostalAddress {
	p := f.parts(';')
	part := func(i int) string { return component(p, i, ", ") }
	street := part(2)
	for _, i := range []int{1, 0} {
		street = join(street, part(i), "\n")
	}
	return activesync.PostalAddress{Street: street, City: part(3), State: part(4), PostalCode: part(5), Country: part(6)}
}

// photo takes the first picture that is in the card itself; nothing is fetched.
func (r *reader) photo() {
	for _, f := range append(r.all("PHOTO"), r.all("X-MS-CARDPICTURE")...) {
		data := f.Value
		if rest, ok := cutFold(data, "data:"); ok {
			head, body, _ := strings.Cut(rest, ",")
			if !strings.HasSuffix(strings.ToLower(strings.ReplaceAll(head, `\`, "")), ";base64") {
				continue
			}
			data = body
		} else if !slices.ContainsFunc(f.params("ENCODING"), func(s string) bool { return strings.EqualFold(s, "b") || strings.EqualFold(s, "base64") }) {
			continue // a link
		}
		if b := decodeBase64(data); len(b) > 0 {
			r.c.Picture = b
			return
		}
	}
}

// decodeBase64 is lenient with spaces and padding, and gives nil for anything
// else.
func decodeBase64(s string) []byte {
	s = strings.TrimRight(strings.Join(strings.Fields(s), ""), "=")
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}
