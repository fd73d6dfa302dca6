package contacts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// ErrField says that there is no field of that name, or that it does not take
// that value.
var ErrField = errors.New("not a field of a contact")

// fieldName is the name by which SetField knows a field that is text: that of
// the element, without its page.
func fieldName(element string) string {
	_, name, _ := strings.Cut(element, ":")
	return strings.TrimSuffix(name, "Number")
}

// FieldNames are the names that SetField knows.
func FieldNames() []string {
	names := []string{"Email1", "Email2", "Email3", "Birthday", "Anniversary", "Children", "Categories", "Note", "Picture"}
	for _, f := range (&activesync.Contact{}).TextFields() {
		if f.Name != "Contacts:Alias" {
			names = append(names, fieldName(f.Name))
		}
	}
	slices.Sort(names)
	return names
}

// SetField sets a field by its name, whatever its case; an empty value clears
// it. Dates are 2006-01-02, lists have commas between their members, a picture
// is the bytes of an image.
func SetField(c *activesync.Contact, name, value string) error {
	key := strings.ToLower(strings.TrimSpace(name))
	for _, f := range c.TextFields() {
		full := fieldName(f.Name)
		if f.Name != "Contacts:Alias" && (strings.ToLower(full) == key || strings.ToLower(full) == strings.TrimSuffix(key, "number")) {
			*f.Value = value
			return nil
		}
	}
	for _, e := range emails(c) {
		if strings.ToLower(e.name) == key || strings.ToLower(e.name)+"address" == key {
			*e.value = activesync.Address{}
			if value == "" {
				return nil
			}
			if *e.value = activesync.ParseAddress(value); e.value.Address == "" {
				return fmt.Errorf("%w: %s takes an address, not %q", ErrField, e.name, value)
			}
			return nil
		}
	}
	switch key {
	case "birthday":
		return setDay(&c.Birthday, "Birthday", value)
	case "anniversary":
		return setDay(&c.Anniversary, "Anniversary", value)
	case "children":
		c.Children = members(value)
	case "categories":
		c.Categories = members(value)
	case "note", "body":
		c.Note = value
	case "picture":
		c.Picture = []byte(value)
		if value == "" {
			c.Picture = nil
		} else if imageKind(c.Picture) == "" {
			return fmt.Errorf("%w: Picture takes an image, such as a JPEG", ErrField)
		}
	default:
		return fmt.Errorf("%w: %q; there are %s", ErrField, name, strings.Join(FieldNames(), ", "))
	}
	return nil
}

func setDay(to *time.Time, name, value string) error {
	*to = time.Time{}
	if value == "" {
		return nil
	}
	t := parseDate(value)
	if t.IsZero() {
		return fmt.Errorf("%w: %s takes a date such as 1969-02-28, not %q", ErrField, name, value)
	}
	*to = t
	return nil
}

func members(value string) []string {
	var out []string
	for s := range strings.SplitSeq(value, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
