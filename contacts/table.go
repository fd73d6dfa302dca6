package contacts

import "eas.example/securemail/activesync"

// slot is a field of a contact that is text, and where a vCard has it.
type slot struct {
	name  string // of the field
	value *string
	types []string // TYPE of the property
}

// phones are the numbers of a contact, as TEL.
func phones(c *activesync.Contact) []slot {
	return []slot{
		{"MobilePhone", &c.MobilePhone, []string{"cell"}},
		{"BusinessPhone", &c.BusinessPhone, []string{"work", "voice"}},
		{"Business2Phone", &c.Business2Phone, []string{"work", "voice"}},
		{"CompanyMainPhone", &c.CompanyMainPhone, []string{"work", "main-number"}},
		{"HomePhone", &c.HomePhone, []string{"home", "voice"}},
		{"Home2Phone", &c.Home2Phone, []string{"home", "voice"}},
		{"BusinessFax", &c.BusinessFax, []string{"work", "fax"}},
		{"HomeFax", &c.HomeFax, []string{"home", "fax"}},
		{"Pager", &c.Pager, []string{"pager"}},
		{"CarPhone", &c.CarPhone, []string{"car"}},
		{"RadioPhone", &c.RadioPhone, []string{"x-radio"}},
		{"AssistantPhone", &c.AssistantPhone, []string{"x-assistant"}},
	}
}

// emailSlot is one of the three addresses.
type emailSlot struct {
	name  string
	value *activesync.Address
}

func emails(c *activesync.Contact) []emailSlot {
	return []emailSlot{{"Email1", &c.Email1}, {"Email2", &c.Email2}, {"Email3", &c.Email3}}
}

// messengers are the addresses for instant messages, as IMPP.
func messengers(c *activesync.Contact) []slot {
	return []slot{{"IMAddress", &c.IMAddress, nil}, {"IMAddress2", &c.IMAddress2, nil}, {"IMAddress3", &c.IMAddress3, nil}}
}

// placeSlot is one of the three postal addresses, as ADR.
type placeSlot struct {
	name  string
	value *activesync.PostalAddress
	kind  string
}

func places(c *activesync.Contact) []placeSlot {
	return []placeSlot{{"Business", &c.Business, "work"}, {"Home", &c.Home, "home"}, {"Other", &c.Other, "other"}}
}

// own are the fields with a property of their own, by its name. The first name
// is written, the others are read too.
func own(c *activesync.Contact) []ownSlot {
	return []ownSlot{
		{&c.FileAs, []string{"X-SECUREMAIL-FILEAS", "X-EVOLUTION-FILE-AS"}},
		{&c.OfficeLocation, []string{"X-SECUREMAIL-OFFICE", "X-KADDRESSBOOK-X-OFFICE"}},
		{&c.AccountName, []string{"X-SECUREMAIL-ACCOUNT"}},
		{&c.CustomerID, []string{"X-SECUREMAIL-CUSTOMERID"}},
		{&c.GovernmentID, []string{"X-SECUREMAIL-GOVERNMENTID"}},
		{&c.MMS, []string{"X-SECUREMAIL-MMS"}},
		{&c.Alias, []string{"X-SECUREMAIL-ALIAS"}},
		{&c.YomiFirstName, []string{"X-PHONETIC-FIRST-NAME"}},
		{&c.YomiLastName, []string{"X-PHONETIC-LAST-NAME"}},
		{&c.YomiCompanyName, []string{"X-PHONETIC-ORG"}},
	}
}

type ownSlot struct {
	value *string
	names []string
}

// relatedSlot is a person that belongs to the contact: RELATED in 4.0.
type relatedSlot struct {
	value *string
	kind  string   // TYPE of RELATED
	names []string // properties of older versions; the first is written
}

func related(c *activesync.Contact) []relatedSlot {
	return []relatedSlot{
		{&c.Spouse, "spouse", []string{"X-SPOUSE", "X-EVOLUTION-SPOUSE", "X-MS-SPOUSE", "X-KADDRESSBOOK-X-SPOUSESNAME"}},
		{&c.ManagerName, "x-manager", []string{"X-MANAGER", "X-EVOLUTION-MANAGER", "X-MS-MANAGER", "X-KADDRESSBOOK-X-MANAGERSNAME"}},
		{&c.AssistantName, "x-assistant", []string{"X-ASSISTANT", "X-EVOLUTION-ASSISTANT", "X-MS-ASSISTANT", "X-KADDRESSBOOK-X-ASSISTANTSNAME"}},
	}
}

const (
	paramField    = "X-SECUREMAIL-FIELD"
	propEmailName = "X-SECUREMAIL-EMAILNAME"
	propRank      = "X-SECUREMAIL-RANK"
	propChild     = "X-CHILD"
	nobody        = "Unnamed" // FN where nothing is known
	noYear        = 1604
	relatedChild  = "child"
	productID     = "-//securemail//EN"
	omitYear      = "X-APPLE-OMIT-YEAR"
	maxNameOctets = 80
	fileExtension = ".vcf"
)
