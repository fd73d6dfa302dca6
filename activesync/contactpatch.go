package activesync

import (
	"bytes"
	"slices"
)

// ContactPatch is a contact of which the fields named in Fields are known; the
// names are those of the elements with the page's name, such as
// "Contacts:FirstName". Whole says that an absent field is an empty one.
type ContactPatch struct {
	Contact
	Whole  bool
	Fields map[string]bool
}

// ContactField is a field of a contact that is nothing but text, with the name
// of its element.
type ContactField struct {
	Name  string
	Value *string
}

// TextFields are the fields of c that are nothing but text, always in the same
// order. Value points into c.
func (c *Contact) TextFields() []ContactField {
	return []ContactField{
		{"Contacts:FileAs", &c.FileAs},
		{"Contacts:Title", &c.Title},
		{"Contacts:FirstName", &c.FirstName},
		{"Contacts:MiddleName", &c.MiddleName},
		{"Contacts:LastName", &c.LastName},
		{"Contacts:Suffix", &c.Suffix},
		{"Contacts:YomiFirstName", &c.YomiFirstName},
		{"Contacts:YomiLastName", &c.YomiLastName},
		{"Contacts:YomiCompanyName", &c.YomiCompanyName},
		{"Contacts:CompanyName", &c.CompanyName},
		{"Contacts:Department", &c.Department},
		{"Contacts:JobTitle", &c.JobTitle},
		{"Contacts:OfficeLocation", &c.OfficeLocation},
		{"Contacts:AssistantName", &c.AssistantName},
		{"Contacts:AssistantPhoneNumber", &c.AssistantPhone},
		{"Contacts:BusinessPhoneNumber", &c.BusinessPhone},
		{"Contacts:Business2PhoneNumber", &c.Business2Phone},
		{"Contacts:BusinessFaxNumber", &c.BusinessFax},
		{"Contacts:HomePhoneNumber", &c.HomePhone},
		{"Contacts:Home2PhoneNumber", &c.Home2Phone},
		{"Contacts:HomeFaxNumber", &c.HomeFax},
		{"Contacts:MobilePhoneNumber", &c.MobilePhone},
		{"Contacts:CarPhoneNumber", &c.CarPhone},
		{"Contacts:PagerNumber", &c.Pager},
		{"Contacts:RadioPhoneNumber", &c.RadioPhone},
		{"Contacts:WebPage", &c.WebPage},
		{"Contacts:Spouse", &c.Spouse},
		{"Contacts:Alias", &c.Alias},
		{"Contacts:BusinessAddressStreet", &c.Business.Street},
		{"Contacts:BusinessAddressCity", &c.Business.City},
		{"Contacts:BusinessAddressState", &c.Business.State},
		{"Contacts:BusinessAddressPostalCode", &c.Business.PostalCode},
		{"Contacts:BusinessAddressCountry", &c.Business.Country},
		{"Contacts:HomeAddressStreet", &c.Home.Street},
		{"Contacts:HomeAddressCity", &c.Home.City},
		{"Contacts:HomeAddressState", &c.Home.State},
		{"Contacts:HomeAddressPostalCode", &c.Home.PostalCode},
		{"Contacts:HomeAddressCountry", &c.Home.Country},
		{"Contacts:OtherAddressStreet", &c.Other.Street},
		{"Contacts:OtherAddressCity", &c.Other.City},
		{"Contacts:OtherAddressState", &c.Other.State},
		{"Contacts:OtherAddressPostalCode", &c.Other.PostalCode},
		{"Contacts:OtherAddressCountry", &c.Other.Country},
		{"Contacts2:NickName", &c.NickName},
		{"Contacts2:CustomerId", &c.CustomerID},
		{"Contacts2:GovernmentId", &c.GovernmentID},
		{"Contacts2:IMAddress", &c.IMAddress},
		{"Contacts2:IMAddress2", &c.IMAddress2},
		{"Contacts2:IMAddress3", &c.IMAddress3},
		{"Contacts2:ManagerName", &c.ManagerName},
		{"Contacts2:CompanyMainPhone", &c.CompanyMainPhone},
		{"Contacts2:AccountName", &c.AccountName},
		{"Contacts2:MMS", &c.MMS},
	}
}

// Apply writes the known fields of p into c and leaves the others; a whole
// patch replaces all fields but ID and Folder.
func (p *ContactPatch) Apply(c *Contact) {
	known := func(name string) bool { return p.Whole || p.Fields[name] }
	from := p.Contact.TextFields()
	for i, f := range c.TextFields() {
		if known(f.Name) {
			*f.Value = *from[i].Value
		}
	}
	set := func(name string, do func()) {
		if known(name) {
			do()
		}
	}
	set("Contacts:Email1Address", func() { c.Email1 = p.Email1 })
	set("Contacts:Email2Address", func() { c.Email2 = p.Email2 })
	set("Contacts:Email3Address", func() { c.Email3 = p.Email3 })
	set("Contacts:Anniversary", func() { c.Anniversary = p.Anniversary })
	set("Contacts:Birthday", func() { c.Birthday = p.Birthday })
	set("Contacts:Children", func() { c.Children = p.Children })
	set("Contacts:Categories", func() { c.Categories = p.Categories })
	set("Contacts:Picture", func() { c.Picture = p.Picture })
	set("Contacts:WeightedRank", func() { c.WeightedRank = p.WeightedRank })
	set("AirSyncBase:Body", func() { c.Note = p.Note })
}

// ContactChange is a contact before and after a record of the journal.
type ContactChange struct{ Before, After Contact }

// DiffContact is the patch that makes after of before: what is alike in both
// is not in it, so that applied to a contact that was changed elsewhere it
// leaves those changes.
func DiffContact(before, after *Contact) *ContactPatch {
	p := &ContactPatch{Contact: *after, Fields: map[string]bool{}}
	from := before.TextFields()
	for i, f := range after.TextFields() {
		if *f.Value != *from[i].Value {
			p.Fields[f.Name] = true
		}
	}
	for name, changed := range map[string]bool{
		"Contacts:Email1Address": before.Email1 != after.Email1,
		"Contacts:Email2Address": before.Email2 != after.Email2,
		"Contacts:Email3Address": before.Email3 != after.Email3,
		"Contacts:Anniversary":   !before.Anniversary.Equal(after.Anniversary),
		"Contacts:Birthday":      !before.Birthday.Equal(after.Birthday),
		"Contacts:Children":      !slices.Equal(before.Children, after.Children),
		"Contacts:Categories":    !slices.Equal(before.Categories, after.Categories),
		"Contacts:Picture":       !bytes.Equal(before.Picture, after.Picture),
		"Contacts:WeightedRank":  before.WeightedRank != after.WeightedRank,
		"AirSyncBase:Body":       before.Note != after.Note,
	} {
		if changed {
			p.Fields[name] = true
		}
	}
	return p
}
