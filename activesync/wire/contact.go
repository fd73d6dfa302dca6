package wire

// Contact is the ApplicationData of a contact (MS-ASCNTC 2.2.2). A nil field is
// absent.
type Contact struct {
	Anniversary               *Stamp       `wbxml:"Contacts:Anniversary"`
	Birthday                  *Stamp       `wbxml:"Contacts:Birthday"`
	Email1Address             *string      `wbxml:"Contacts:Email1Address"`
	Email2Address             *string      `wbxml:"Contacts:Email2Address"`
	Email3Address             *string      `wbxml:"Contacts:Email3Address"`
	FileAs                    *string      `wbxml:"Contacts:FileAs"`
	Title                     *string      `wbxml:"Contacts:Title"`
	FirstName                 *string      `wbxml:"Contacts:FirstName"`
	MiddleName                *string      `wbxml:"Contacts:MiddleName"`
	LastName                  *string      `wbxml:"Contacts:LastName"`
	Suffix                    *string      `wbxml:"Contacts:Suffix"`
	YomiFirstName             *string      `wbxml:"Contacts:YomiFirstName"`
	YomiLastName              *string      `wbxml:"Contacts:YomiLastName"`
	YomiCompanyName           *string      `wbxml:"Contacts:YomiCompanyName"`
	CompanyName               *string      `wbxml:"Contacts:CompanyName"`
	Department                *string      `wbxml:"Contacts:Department"`
	JobTitle                  *string      `wbxml:"Contacts:JobTitle"`
	OfficeLocation            *string      `wbxml:"Contacts:OfficeLocation"`
	AssistantName             *string      `wbxml:"Contacts:AssistantName"`
	AssistantPhoneNumber      *string      `wbxml:"Contacts:AssistantPhoneNumber"`
	BusinessPhoneNumber       *string      `wbxml:"Contacts:BusinessPhoneNumber"`
	Business2PhoneNumber      *string      `wbxml:"Contacts:Business2PhoneNumber"`
	BusinessFaxNumber         *string      `wbxml:"Contacts:BusinessFaxNumber"`
	HomePhoneNumber           *string      `wbxml:"Contacts:HomePhoneNumber"`
	Home2PhoneNumber          *string      `wbxml:"Contacts:Home2PhoneNumber"`
	HomeFaxNumber             *string      `wbxml:"Contacts:HomeFaxNumber"`
	MobilePhoneNumber         *string      `wbxml:"Contacts:MobilePhoneNumber"`
	CarPhoneNumber            *string      `wbxml:"Contacts:CarPhoneNumber"`
	PagerNumber               *string      `wbxml:"Contacts:PagerNumber"`
	RadioPhoneNumber          *string      `wbxml:"Contacts:RadioPhoneNumber"`
	WebPage                   *string      `wbxml:"Contacts:WebPage"`
	Spouse                    *string      `wbxml:"Contacts:Spouse"`
	Alias                     *string      `wbxml:"Contacts:Alias"`
	BusinessAddressStreet     *string      `wbxml:"Contacts:BusinessAddressStreet"`
	BusinessAddressCity       *string      `wbxml:"Contacts:BusinessAddressCity"`
	BusinessAddressState      *string      `wbxml:"Contacts:BusinessAddressState"`
	BusinessAddressPostalCode *string      `wbxml:"Contacts:BusinessAddressPostalCode"`
	BusinessAddressCountry    *string      `wbxml:"Contacts:BusinessAddressCountry"`
	HomeAddressStreet         *string      `wbxml:"Contacts:HomeAddressStreet"`
	HomeAddressCity           *string      `wbxml:"Contacts:HomeAddressCity"`
	HomeAddressState          *string      `wbxml:"Contacts:HomeAddressState"`
	HomeAddressPostalCode     *string      `wbxml:"Contacts:HomeAddressPostalCode"`
	HomeAddressCountry        *string      `wbxml:"Contacts:HomeAddressCountry"`
	OtherAddressStreet        *string      `wbxml:"Contacts:OtherAddressStreet"`
	OtherAddressCity          *string      `wbxml:"Contacts:OtherAddressCity"`
	OtherAddressState         *string      `wbxml:"Contacts:OtherAddressState"`
	OtherAddressPostalCode    *string      `wbxml:"Contacts:OtherAddressPostalCode"`
	OtherAddressCountry       *string      `wbxml:"Contacts:OtherAddressCountry"`
	NickName                  *string      `wbxml:"Contacts2:NickName"`
	CustomerID                *string      `wbxml:"Contacts2:CustomerId"`
	GovernmentID              *string      `wbxml:"Contacts2:GovernmentId"`
	IMAddress                 *string      `wbxml:"Contacts2:IMAddress"`
	IMAddress2                *string      `wbxml:"Contacts2:IMAddress2"`
	IMAddress3                *string      `wbxml:"Contacts2:IMAddress3"`
	ManagerName               *string      `wbxml:"Contacts2:ManagerName"`
	CompanyMainPhone          *string      `wbxml:"Contacts2:CompanyMainPhone"`
	AccountName               *string      `wbxml:"Contacts2:AccountName"`
	MMS                       *string      `wbxml:"Contacts2:MMS"`
	WeightedRank              *Number      `wbxml:"Contacts:WeightedRank"` // recipient information cache only
	Picture                   *string      `wbxml:"Contacts:Picture"`      // base64
	Categories                *ContactTags `wbxml:"Contacts:Categories"`
	Children                  *Children    `wbxml:"Contacts:Children"`
	Body                      *Body        `wbxml:"AirSyncBase:Body"`
	NativeBodyType            *Number      `wbxml:"AirSyncBase:NativeBodyType"`
}

// ContactTags are the categories of a contact.
type ContactTags struct {
	Names []string `wbxml:"Contacts:Category"`
}

// Children are the names of a contact's children.
type Children struct {
	Names []string `wbxml:"Contacts:Child"`
}

// texts are the fields that are nothing but text, in the order of
// activesync.Contact.TextFields.
func (c *Contact) texts() []**string {
	return []**string{
		&c.FileAs,
		&c.Title,
		&c.FirstName,
		&c.MiddleName,
		&c.LastName,
		&c.Suffix,
		&c.YomiFirstName,
		&c.YomiLastName,
		&c.YomiCompanyName,
		&c.CompanyName,
		&c.Department,
		&c.JobTitle,
		&c.OfficeLocation,
		&c.AssistantName,
		&c.AssistantPhoneNumber,
		&c.BusinessPhoneNumber,
		&c.Business2PhoneNumber,
		&c.BusinessFaxNumber,
		&c.HomePhoneNumber,
		&c.Home2PhoneNumber,
		&c.HomeFaxNumber,
		&c.MobilePhoneNumber,
		&c.CarPhoneNumber,
		&c.PagerNumber,
		&c.RadioPhoneNumber,
		&c.WebPage,
		&c.Spouse,
		&c.Alias,
		&c.BusinessAddressStreet,
		&c.BusinessAddressCity,
		&c.BusinessAddressState,
		&c.BusinessAddressPostalCode,
		&c.BusinessAddressCountry,
		&c.HomeAddressStreet,
		&c.HomeAddressCity,
		&c.HomeAddressState,
		&c.HomeAddressPostalCode,
		&c.HomeAddressCountry,
		&c.OtherAddressStreet,
		&c.OtherAddressCity,
		&c.OtherAddressState,
		&c.OtherAddressPostalCode,
		&c.OtherAddressCountry,
		&c.NickName,
		&c.CustomerID,
		&c.GovernmentID,
		&c.IMAddress,
		&c.IMAddress2,
		&c.IMAddress3,
		&c.ManagerName,
		&c.CompanyMainPhone,
		&c.AccountName,
		&c.MMS,
	}
}
