package ui

import (
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

type contactField = formField[activesync.Contact]

// contactFields are all fields that a contact has, under their headings
// (MS-ASCNTC 2.2.2). Alias and weight belong to the recipient cache.
func contactFields() []*contactField {
	type contact = activesync.Contact
	line := func(label string, at func(*contact) *string) *contactField {
		return &contactField{label: label, text: at}
	}
	head := func(section string, f *contactField) *contactField { f.section = section; return f }
	out := []*contactField{
		head("Name", line("First name", func(c *contact) *string { return &c.FirstName })),
		line("Middle name", func(c *contact) *string { return &c.MiddleName }),
		line("Last name", func(c *contact) *string { return &c.LastName }),
		line("Title", func(c *contact) *string { return &c.Title }),
		line("Suffix", func(c *contact) *string { return &c.Suffix }),
		line("Nickname", func(c *contact) *string { return &c.NickName }),
		line("Filed as", func(c *contact) *string { return &c.FileAs }),
		line("Phonetic first", func(c *contact) *string { return &c.YomiFirstName }),
		line("Phonetic last", func(c *contact) *string { return &c.YomiLastName }),
		pictureField(),
		head("E-mail and web", mailField("E-mail", func(c *contact) *activesync.Address { return &c.Email1 })),
		mailField("E-mail 2", func(c *contact) *activesync.Address { return &c.Email2 }),
		mailField("E-mail 3", func(c *contact) *activesync.Address { return &c.Email3 }),
		line("IM", func(c *contact) *string { return &c.IMAddress }),
		line("IM 2", func(c *contact) *string { return &c.IMAddress2 }),
		line("IM 3", func(c *contact) *string { return &c.IMAddress3 }),
		line("Web page", func(c *contact) *string { return &c.WebPage }),
		head("Telephone", line("Mobile", func(c *contact) *string { return &c.MobilePhone })),
		line("Work", func(c *contact) *string { return &c.BusinessPhone }),
		line("Work 2", func(c *contact) *string { return &c.Business2Phone }),
		line("Work fax", func(c *contact) *string { return &c.BusinessFax }),
		line("Company main", func(c *contact) *string { return &c.CompanyMainPhone }),
		line("Home", func(c *contact) *string { return &c.HomePhone }),
		line("Home 2", func(c *contact) *string { return &c.Home2Phone }),
		line("Home fax", func(c *contact) *string { return &c.HomeFax }),
		line("Car", func(c *contact) *string { return &c.CarPhone }),
		line("Pager", func(c *contact) *string { return &c.Pager }),
		line("Radio", func(c *contact) *string { return &c.RadioPhone }),
		line("MMS", func(c *contact) *string { return &c.MMS }),
		head("Work", line("Company", func(c *contact) *string { return &c.CompanyName })),
		line("Phonetic", func(c *contact) *string { return &c.YomiCompanyName }),
		line("Job title", func(c *contact) *string { return &c.JobTitle }),
		line("Department", func(c *contact) *string { return &c.Department }),
		line("Office", func(c *contact) *string { return &c.OfficeLocation }),
		line("Manager", func(c *contact) *string { return &c.ManagerName }),
		line("Assistant", func(c *contact) *string { return &c.AssistantName }),
		line("Assistant phone", func(c *contact) *string { return &c.AssistantPhone }),
		line("Account", func(c *contact) *string { return &c.AccountName }),
		line("Customer ID", func(c *contact) *string { return &c.CustomerID }),
		line("Government ID", func(c *contact) *string { return &c.GovernmentID }),
	}
	out = append(out, addressFields("Work address", func(c *contact) *activesync.PostalAddress { return &c.Business })...)
	out = append(out, addressFields("Home address", func(c *contact) *activesync.PostalAddress { return &c.Home })...)
	out = append(out, addressFields("Other address", func(c *contact) *activesync.PostalAddress { return &c.Other })...)
	return append(out,
		head("Private", dayField("Birthday", func(c *contact) *time.Time { return &c.Birthday })),
		dayField("Anniversary", func(c *contact) *time.Time { return &c.Anniversary }),
		line("Partner", func(c *contact) *string { return &c.Spouse }),
		listField("Children", func(c *contact) *[]string { return &c.Children }),
		listField("Categories", func(c *contact) *[]string { return &c.Categories }),
		&contactField{label: "Note", lines: true, text: func(c *contact) *string { return &c.Note }})
}

func addressFields(section string, at func(*activesync.Contact) *activesync.PostalAddress) []*contactField {
	part := func(label string, of func(*activesync.PostalAddress) *string) *contactField {
		return &contactField{label: label, text: func(c *activesync.Contact) *string { return of(at(c)) }}
	}
	street := part("Street", func(p *activesync.PostalAddress) *string { return &p.Street })
	street.section, street.lines = section, true
	return []*contactField{street,
		part("Postal code", func(p *activesync.PostalAddress) *string { return &p.PostalCode }),
		part("City", func(p *activesync.PostalAddress) *string { return &p.City }),
		part("State", func(p *activesync.PostalAddress) *string { return &p.State }),
		part("Country", func(p *activesync.PostalAddress) *string { return &p.Country }),
	}
}

func mailField(label string, at func(*activesync.Contact) *activesync.Address) *contactField {
	return &contactField{label: label,
		get: func(c *activesync.Contact) string { return at(c).Address },
		set: func(c *activesync.Contact, s string) string {
			p := activesync.ParseAddress(s)
			if s != "" && (p.Address == "" || message.CheckAddress(p.Address) != nil) {
				return "This is no address. One is written ana@example.test."
			}
			if p.Name == "" && p.Address != "" {
				p.Name = at(c).Name
			}
			*at(c) = p
			return ""
		}}
}

func dayField(label string, at func(*activesync.Contact) *time.Time) *contactField {
	return &contactField{label: label,
		get: func(c *activesync.Contact) string {
			if at(c).IsZero() {
				return ""
			}
			return at(c).UTC().Format(time.DateOnly)
		},
		set: func(c *activesync.Contact, s string) string {
			if s == "" {
				*at(c) = time.Time{}
				return ""
			}
			t, err := time.Parse(time.DateOnly, s)
			if err != nil {
				return "This is no date. One is written 1984-03-31."
			}
			*at(c) = t
			return ""
		}}
}

func listField(label string, at func(*activesync.Contact) *[]string) *contactField {
	return &contactField{label: label,
		get: func(c *activesync.Contact) string { return strings.Join(*at(c), ", ") },
		set: func(c *activesync.Contact, s string) string {
			*at(c) = commaList(s)
			return ""
		}}
}
