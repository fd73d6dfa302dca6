package activesync

import (
	"strings"
	"time"
)

// Person is an entry of the organisation's address list.
type Person struct {
	Name      string `json:"name"`
	Email     string `json:"email"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Alias     string `json:"alias,omitempty"`
	Title     string `json:"title,omitempty"`
	Company   string `json:"company,omitempty"`
	Office    string `json:"office,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Mobile    string `json:"mobile,omitempty"`
	HomePhone string `json:"homePhone,omitempty"`
	Picture   []byte `json:"picture,omitempty"`
}

// Matches reports whether a name, an address or the alias begins with prefix,
// as the server's search looks for it.
func (p Person) Matches(prefix string) bool {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	for _, s := range append(strings.Fields(p.Name), p.Name, p.FirstName, p.LastName, p.Alias, p.Email) {
		if prefix != "" && strings.HasPrefix(strings.ToLower(s), prefix) {
			return true
		}
	}
	return false
}

// Contact is the person as a contact that is to be made.
func (p Person) Contact() Contact {
	c := Contact{FirstName: p.FirstName, LastName: p.LastName, FileAs: p.Name, JobTitle: p.Title, CompanyName: p.Company, OfficeLocation: p.Office,
		BusinessPhone: p.Phone, MobilePhone: p.Mobile, HomePhone: p.HomePhone, Picture: p.Picture}
	if p.Email != "" {
		c.Email1 = Address{Name: p.Name, Address: p.Email}
	}
	return c
}

// People is an answer of the address list.
type People struct {
	People []Person `json:"people"`
	Total  int      `json:"total"` // how many there are; more than were asked for may be
	// At is when the list answered. Why is set where it could not be asked now and
	// the answer is one of before.
	At  time.Time `json:"at,omitzero"`
	Why string    `json:"why,omitempty"`
}
