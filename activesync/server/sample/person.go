package sample

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

//go:embed people.txt
var peopleFile string

// self is the person whose mailbox it is.
const self = "alice"

// person is somebody who writes: most are contacts, some are machines.
type person struct {
	key     string
	contact activesync.Contact
	zone    time.Duration // of the clock, east of UTC
	style   string        // of the mail program
	sign    string        // what stands below a letter
	known   bool          // is a contact
	listed  bool          // is in the address list only
	called  string        // the name where its parts are not in our order
}

func (p person) address() activesync.Address {
	return activesync.Address{Name: p.name(), Address: p.contact.Email1.Address}
}

// name is how the person writes the own name.
func (p person) name() string {
	if p.called != "" {
		return p.called
	}
	return p.contact.Name()
}

func (p person) domain() string {
	_, d, _ := strings.Cut(p.contact.Email1.Address, "@")
	return d
}

// people reads the people by the short names that the files use.
func people() (map[string]person, []string, error) {
	list, err := blocks(peopleFile)
	if err != nil {
		return nil, nil, err
	}
	out := map[string]person{}
	var order []string
	for i, b := range list {
		p, err := newPerson(b)
		if err != nil {
			return nil, nil, fmt.Errorf("person %d: %w", i+1, err)
		}
		if p.known || p.listed && p.contact.LastName != "" {
			p.contact.Picture = picture(i, p.key)
		}
		out[p.key] = p
		order = append(order, p.key)
	}
	return out, order, nil
}

// shortNames are those of people.txt that are not the names of elements.
var shortNames = map[string]string{
	"Job": "JobTitle", "Company": "CompanyName", "Room": "OfficeLocation", "Work": "BusinessPhoneNumber", "Work2": "Business2PhoneNumber",
	"Fax": "BusinessFaxNumber", "Mobile": "MobilePhoneNumber", "Phone": "HomePhoneNumber", "Web": "WebPage", "Main": "CompanyMainPhone",
	"Assistant": "AssistantName", "Manager": "ManagerName", "IM": "IMAddress", "Yomi": "YomiFirstName", "YomiLast": "YomiLastName",
}

func newPerson(b block) (person, error) {
	p := person{key: b.fields["Key"], style: b.fields["Style"], sign: b.text, called: b.fields["Called"], known: b.fields["Machine"]+b.fields["Only"] == "", listed: b.fields["Only"] != ""}
	c := &p.contact
	texts := map[string]*string{}
	for _, f := range c.TextFields() {
		_, name, _ := strings.Cut(f.Name, ":")
		texts[name] = f.Value
	}
	for name, value := range b.fields {
		var err error
		switch name {
		case "Key", "Style", "Machine", "Only", "Called":
		case "Name":
			names := strings.Split(value, "|")
			c.FirstName = names[0]
			if len(names) > 1 {
				c.LastName = names[1]
			}
		case "Mail":
			for i, a := range b.list("Mail") {
				*[]*activesync.Address{&c.Email1, &c.Email2, &c.Email3}[i] = activesync.Address{Address: a}
			}
		case "Zone":
			p.zone, err = time.ParseDuration(value)
		case "Birthday":
			c.Birthday, err = time.Parse(time.DateOnly, value)
		case "Anniversary":
			c.Anniversary, err = time.Parse(time.DateOnly, value)
		case "Children":
			c.Children = b.list(name)
		case "Tags":
			c.Categories = b.list(name)
		case "Note":
			c.Note = strings.ReplaceAll(value, " / ", "\n")
		case "At":
			c.Business, err = postal(value)
		case "Home":
			c.Home, err = postal(value)
		default:
			if long := shortNames[name]; long != "" {
				name = long
			}
			if texts[name] == nil {
				return p, fmt.Errorf("%q is no field of a person", name)
			}
			*texts[name] = value
		}
		if err != nil {
			return p, fmt.Errorf("%s: %w", name, err)
		}
	}
	c.Email1.Name = p.name()
	if c.FileAs == "" && c.LastName != "" {
		c.FileAs = c.LastName + ", " + c.FirstName
	}
	return p, nil
}

// postal reads "street; city; state; code; country".
func postal(s string) (activesync.PostalAddress, error) {
	f := strings.Split(s, ";")
	if len(f) != 5 {
		return activesync.PostalAddress{}, fmt.Errorf("%q is no address", s)
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return activesync.PostalAddress{Street: strings.ReplaceAll(f[0], " / ", "\n"), City: f[1], State: f[2], PostalCode: f[3], Country: f[4]}, nil
}

// person finds somebody by the short name.
func (s *sampler) person(key string) (person, error) {
	p, ok := s.people[key]
	if !ok {
		return p, fmt.Errorf("nobody is called %q", key)
	}
	return p, nil
}

func (s *sampler) addresses(keys []string) ([]activesync.Address, error) {
	var out []activesync.Address
	for _, k := range keys {
		p, err := s.person(k)
		if err != nil {
			return nil, err
		}
		out = append(out, p.address())
	}
	return out, nil
}
