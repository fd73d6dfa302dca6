package contacts

import (
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Field is one piece of what is known of a person, for reading.
type Field struct{ Label, Value string }

// Fields are the fields of a contact that are not empty, in the order in which
// people look for them.
func Fields(c activesync.Contact) []Field {
	var out []Field
	add := func(label, value string) {
		if strings.TrimSpace(value) != "" {
			out = append(out, Field{label, value})
		}
	}
	add("Name", c.Name())
	add("Phonetic name", strings.TrimSpace(c.YomiLastName+" "+c.YomiFirstName))
	add("Job title", c.JobTitle)
	add("Department", c.Department)
	add("Company", c.CompanyName)
	add("Office", c.OfficeLocation)
	for _, a := range c.Emails() {
		add("E-mail", a.Address)
	}
	add("Mobile", c.MobilePhone)
	add("Work", c.BusinessPhone)
	add("Work 2", c.Business2Phone)
	add("Company main", c.CompanyMainPhone)
	add("Home", c.HomePhone)
	add("Home 2", c.Home2Phone)
	add("Work fax", c.BusinessFax)
	add("Home fax", c.HomeFax)
	add("Car", c.CarPhone)
	add("Pager", c.Pager)
	add("Radio", c.RadioPhone)
	add("Assistant", c.AssistantName)
	add("Assistant phone", c.AssistantPhone)
	add("Manager", c.ManagerName)
	for _, im := range []string{c.IMAddress, c.IMAddress2, c.IMAddress3} {
		add("IM", im)
	}
	add("Web page", c.WebPage)
	add("Work address", postal(c.Business))
	add("Home address", postal(c.Home))
	add("Other address", postal(c.Other))
	add("Birthday", dayWords(c.Birthday))
	add("Anniversary", dayWords(c.Anniversary))
	add("Partner", c.Spouse)
	add("Children", strings.Join(c.Children, ", "))
	add("Nickname", c.NickName)
	add("Filed as", c.FileAs)
	add("Categories", strings.Join(c.Categories, ", "))
	add("Customer ID", c.CustomerID)
	add("Government ID", c.GovernmentID)
	add("Account", c.AccountName)
	add("MMS", c.MMS)
	add("Note", c.Note)
	return out
}

// dayWords is a date in words, without the year where it has none.
func dayWords(t time.Time) string {
	switch t = t.UTC(); {
	case t.IsZero():
		return ""
	case t.Year() == noYear:
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

func postal(a activesync.PostalAddress) string {
	var out []string
	for _, s := range []string{a.Street, strings.TrimSpace(a.PostalCode + " " + a.City), a.State, a.Country} {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}
