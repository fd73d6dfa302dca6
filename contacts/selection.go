package contacts

import "eas.example/securemail/activesync"

// Selection is which fields of a contact may leave the house.
type Selection string

// The selections, as the policy Contact fields to export has them.
const (
	AllFields         Selection = "all"
	NameAndPhone      Selection = "name and phone"
	NamePhoneAndEmail Selection = "name, phone and email"
)

// Words say what a selection lets out.
func (s Selection) Words() string {
	switch s {
	case NameAndPhone:
		return "names and phone numbers"
	case NamePhoneAndEmail:
		return "names, phone numbers and e-mail addresses"
	}
	return "all fields"
}

// Of is the contact with the fields of the selection only. What is not a known
// selection lets nothing out but names and numbers.
func (s Selection) Of(c activesync.Contact) activesync.Contact {
	if s == AllFields {
		return c
	}
	out := activesync.Contact{ID: c.ID, Folder: c.Folder, FileAs: c.FileAs, Title: c.Title, FirstName: c.FirstName, MiddleName: c.MiddleName,
		LastName: c.LastName, Suffix: c.Suffix, NickName: c.NickName, YomiFirstName: c.YomiFirstName, YomiLastName: c.YomiLastName,
		YomiCompanyName: c.YomiCompanyName, CompanyName: c.CompanyName}
	to := phones(&out)
	for i, p := range phones(&c) {
		*to[i].value = *p.value
	}
	if s == NamePhoneAndEmail {
		out.Email1, out.Email2, out.Email3 = c.Email1, c.Email2, c.Email3
	}
	return out
}
