package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
)

// contactSettings are the flags by which contacts are made and changed.
type contactSettings struct {
	set     []string // FIELD=VALUE
	picture string   // a file, "none" for none
}

// shortFields are names for fields that people guess; the others are the names
// of the elements (MS-ASCNTC 2.2.2).
func shortFields() map[string]string {
	return map[string]string{"first": "firstname", "last": "lastname", "middle": "middlename", "company": "companyname", "job": "jobtitle",
		"mobile": "mobilephonenumber", "work": "businessphonenumber", "work2": "business2phonenumber", "home": "homephonenumber",
		"home2": "home2phonenumber", "fax": "businessfaxnumber", "web": "webpage", "nick": "nickname", "manager": "managername",
		"assistant": "assistantname", "office": "officelocation", "im": "imaddress", "email": "email1", "partner": "spouse"}
}

// apply makes of a contact what the flags say.
func (s contactSettings) apply(c *activesync.Contact) error {
	for _, one := range s.set {
		name, value, ok := strings.Cut(one, "=")
		if !ok {
			return usage(fmt.Errorf("--set %q is not FIELD=VALUE", one))
		}
		if err := setField(c, name, value); err != nil {
			return usage(err)
		}
	}
	switch s.picture {
	case "":
		return nil
	case "none":
		c.Picture = nil
		return nil
	}
	b, err := os.ReadFile(s.picture)
	if err != nil {
		return fmt.Errorf("read the picture: %w", err)
	}
	fit, ok := contacts.FitPicture(b)
	if !ok {
		return usage(errors.New("the picture is too large, and of a kind that cannot be made smaller"))
	}
	c.Picture = fit
	return nil
}

func setField(c *activesync.Contact, name, value string) error {
	key := strings.ToLower(strings.TrimSpace(name))
	if long, ok := shortFields()[key]; ok {
		key = long
	}
	for _, f := range c.TextFields() {
		_, own, _ := strings.Cut(f.Name, ":")
		if strings.ToLower(own) == key && key != "alias" {
			*f.Value = value
			return nil
		}
	}
	var err error
	switch key {
	case "email1":
		c.Email1 = activesync.ParseAddress(value)
	case "email2":
		c.Email2 = activesync.ParseAddress(value)
	case "email3":
		c.Email3 = activesync.ParseAddress(value)
	case "birthday":
		c.Birthday, err = fieldDay(value)
	case "anniversary":
		c.Anniversary, err = fieldDay(value)
	case "children":
		c.Children = fieldList(value)
	case "categories":
		c.Categories = fieldList(value)
	case "note":
		c.Note = value
	default:
		return fmt.Errorf("%q is no field of a contact; fields are %s", name, strings.Join(fieldNames(), ", "))
	}
	return err
}

// fieldDay reads a date; nothing is no date.
func fieldDay(value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(dayFormat, value)
	if err != nil {
		return t, fmt.Errorf("%q is not a date such as 1980-11-24", value)
	}
	return t, nil
}

func fieldList(value string) []string {
	var out []string
	for s := range strings.SplitSeq(value, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// fieldNames are all fields that can be set.
func fieldNames() []string {
	out := []string{"Email1", "Email2", "Email3", "Birthday", "Anniversary", "Children", "Categories", "Note"}
	for _, f := range new(activesync.Contact).TextFields() {
		if _, own, _ := strings.Cut(f.Name, ":"); own != "Alias" {
			out = append(out, own)
		}
	}
	slices.Sort(out)
	return out
}
