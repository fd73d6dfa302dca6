package contacts

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"eas.example/securemail/activesync/contentline"
)

// dates reads birthday and anniversary.
func (r *reader) dates() {
	for _, f := range r.all("BDAY") {
		r.date("Birthday", &r.c.Birthday, f.text())
	}
	for _, name := range []string{"ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-MS-ANNIVERSARY", "X-KADDRESSBOOK-X-ANNIVERSARY"} {
		for _, f := range r.all(name) {
			r.date("Anniversary", &r.c.Anniversary, f.text())
		}
	}
	for _, f := range r.all("X-ABDATE") {
		if r.label(f) == "anniversary" {
			r.date("Anniversary", &r.c.Anniversary, f.text())
		} else {
			r.leave("Date", join(r.label(f), f.text(), " "))
		}
	}
}

// date puts the day of a date into an empty field; what is no date is told.
func (r *reader) date(label string, to *time.Time, s string) {
	s = strings.TrimSpace(s)
	t := parseDate(s)
	switch {
	case t.IsZero():
		r.leave(label, s)
	case to.IsZero():
		*to = t
	case !to.Equal(t):
		r.leave(label, s)
	}
}

// parseDate reads the day of a date in one of the many forms (RFC 6350 4.3,
// RFC 2426 3.1.5). One without a year is in 1604.
func parseDate(s string) time.Time {
	if day, _, ok := strings.Cut(strings.ToUpper(s), "T"); ok {
		s = day
	}
	s, _, _ = strings.Cut(s, " ")
	for _, layout := range []string{"2006-01-02", "20060102", "2006-1-2", "2006/01/02", "02.01.2006", "--0102", "--01-02"} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		year := t.Year()
		if strings.HasPrefix(layout, "--") {
			// Year 0 is a leap year, as 1604 is.
			year = noYear
		}
		if year < 1 {
			continue
		}
		return time.Date(year, t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return time.Time{}
}

// people reads those who belong to the contact: RELATED, the properties of
// other programs, and the groups of Apple.
func (r *reader) people() {
	slots := related(&r.c)
	for _, f := range r.all("RELATED") {
		name := f.text()
		kind := ""
		for _, t := range []string{"spouse", "child", "manager", "assistant"} {
			if f.is(t) {
				kind = t
			}
		}
		if v := strings.ToLower(f.param("VALUE")); v != "text" && strings.HasPrefix(name, "urn:") {
			continue // another card, which is not here
		}
		if kind == "" && len(f.params("TYPE")) > 0 {
			kind = f.params("TYPE")[0]
		}
		r.relate(kind, name)
	}
	for _, s := range slots {
		for _, name := range s.names {
			for _, f := range r.all(name) {
				r.relate(s.kind, f.text())
			}
		}
	}
	for _, name := range []string{propChild, "X-MS-CHILD"} {
		for _, f := range r.all(name) {
			r.relate(relatedChild, f.text())
		}
	}
	for _, f := range r.all("X-ABRELATEDNAMES") {
		kind := r.label(f)
		switch kind {
		case "wife", "husband", "partner":
			kind = "spouse"
		case "son", "daughter":
			kind = relatedChild
		}
		r.relate(kind, f.text())
	}
}

// relate adds a person of a kind; one that finds no room is told.
func (r *reader) relate(kind, name string) {
	c := &r.c
	if name == "" {
		return
	}
	if kind == relatedChild {
		if r.ours || !slices.Contains(c.Children, name) {
			c.Children = append(c.Children, name)
		}
		return
	}
	for _, s := range related(c) {
		if s.kind == kind || s.kind == "x-"+kind {
			r.relation(label(kind), s.value, name)
			return
		}
	}
	r.leave(label(kind), name)
}

// label is a word for people of a kind that a contact has no field for.
func label(kind string) string {
	kind = strings.TrimPrefix(strings.ToLower(kind), "x-")
	if kind == "" {
		return "Related"
	}
	_, n := utf8.DecodeRuneInString(kind)
	return strings.ToUpper(kind[:n]) + kind[n:]
}

// android reads X-ANDROID-CUSTOM: a type, the value, and what kind of value it
// is (ContactsContract.CommonDataKinds).
func (r *reader) android() {
	c := &r.c
	for _, f := range r.all("X-ANDROID-CUSTOM") {
		p := f.parts(';')
		for len(p) < 3 {
			p = append(p, "")
		}
		value, kind := contentline.Unescape(p[1]), p[2]
		_, what, _ := strings.Cut(p[0], "/")
		switch {
		case value == "":
		case what == "nickname":
			if value != c.NickName {
				c.NickName = join(c.NickName, value, ", ")
			}
		case what == "contact_event" && kind == "3":
			r.date("Birthday", &c.Birthday, value)
		case what == "contact_event" && kind == "1":
			r.date("Anniversary", &c.Anniversary, value)
		case what == "relation" && kind == "14":
			r.relation("Spouse", &c.Spouse, value)
		case what == "relation" && kind == "7":
			r.relation("Manager", &c.ManagerName, value)
		case what == "relation" && kind == "1":
			r.relation("Assistant", &c.AssistantName, value)
		case what == "relation" && kind == "3":
			c.Children = append(c.Children, value)
		case what == "relation", what == "contact_event":
			r.leave(label(strings.ReplaceAll(what, "contact_", "")), value)
		}
	}
}

func (r *reader) relation(label string, to *string, name string) {
	if *to != name && !take(name, to) {
		r.leave(label, name)
	}
}
