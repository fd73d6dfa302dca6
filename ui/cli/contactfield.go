package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

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
	if key == "picture" {
		return errors.New("a picture is set by --picture FILE")
	}
	if long, ok := shortFields()[key]; ok {
		key = long
	}
	return contacts.SetField(c, key, value)
}
