package activesync

import "time"

// PostalAddress of a contact.
type PostalAddress struct {
	Street, City, State, PostalCode, Country string
}

// Contact holds all fields of the Contacts and Contacts2 classes
// (MS-ASCNTC 2.2.2). Names follow the elements.
type Contact struct {
	ID     ItemID   `json:"id"`
	Folder FolderID `json:"folder"`

	FileAs, Title, FirstName, MiddleName, LastName, Suffix, NickName string
	YomiFirstName, YomiLastName, YomiCompanyName                     string

	Email1, Email2, Email3 Address

	CompanyName, Department, JobTitle, OfficeLocation string
	AccountName, CompanyMainPhone, CustomerID         string
	GovernmentID, ManagerName, MMS                    string
	AssistantName, AssistantPhone                     string

	BusinessPhone, Business2Phone, BusinessFax string
	HomePhone, Home2Phone, HomeFax             string
	MobilePhone, CarPhone, Pager, RadioPhone   string

	IMAddress, IMAddress2, IMAddress3 string
	WebPage                           string

	Business, Home, Other PostalAddress

	Anniversary, Birthday time.Time // zero when not set; only the date counts
	Spouse                string
	Children              []string
	Categories            []string

	Picture []byte // the image itself, usually JPEG
	Note    string

	Alias        string // recipient information cache only
	WeightedRank int    // recipient information cache only
}

// Name is what a list calls the contact: its full name, else company, else
// address. It is empty only where nothing is known.
func (c Contact) Name() string {
	name := ""
	for _, p := range []string{c.FirstName, c.MiddleName, c.LastName, c.Suffix} {
		if p == "" {
			continue
		}
		if name != "" {
			name += " "
		}
		name += p
	}
	for _, s := range []string{name, c.FileAs, c.NickName, c.CompanyName, c.Email1.Label(), c.Email2.Label(), c.Email3.Label(), c.MobilePhone, c.BusinessPhone, c.HomePhone} {
		if s != "" {
			return s
		}
	}
	return ""
}

// Emails are the addresses that are set, in order.
func (c Contact) Emails() []Address {
	var out []Address
	for _, a := range []Address{c.Email1, c.Email2, c.Email3} {
		if a.Address != "" {
			out = append(out, a)
		}
	}
	return out
}

// ContactRow is one line of a list of people.
type ContactRow struct {
	ID      ItemID   `json:"id"`
	Folder  FolderID `json:"folder"`
	Name    string   `json:"name"`
	Company string   `json:"company,omitempty"`
	Phone   string   `json:"phone,omitempty"`
	Emails  []string `json:"emails"`
}
