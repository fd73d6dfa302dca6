package wire

import (
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// ResolveRecipientsRequest asks who is meant, and what is known of them
// (MS-ASCMD 2.2.1.15): at most 100 names or addresses.
type ResolveRecipientsRequest struct {
	_       wbxml.Root        `wbxml:"ResolveRecipients:ResolveRecipients"`
	To      []string          `wbxml:"ResolveRecipients:To"`
	Options *RecipientOptions `wbxml:"ResolveRecipients:Options"`
}

// RecipientOptions say what is asked for beside the address. Availability is
// of 14.0 on, Picture of 14.1 on.
type RecipientOptions struct {
	CertificateRetrieval   int                  `wbxml:"ResolveRecipients:CertificateRetrieval,omitempty"` // 1 none, 2 whole, 3 mini
	MaxCertificates        int                  `wbxml:"ResolveRecipients:MaxCertificates,omitempty"`
	MaxAmbiguousRecipients int                  `wbxml:"ResolveRecipients:MaxAmbiguousRecipients,omitempty"`
	Availability           *AvailabilityAsking  `wbxml:"ResolveRecipients:Availability"`
	Picture                *RecipientPictureMax `wbxml:"ResolveRecipients:Picture"`
}

// AvailabilityAsking is the time that is asked about, 30 minutes to 42 days.
type AvailabilityAsking struct {
	StartTime Stamp  `wbxml:"ResolveRecipients:StartTime"`
	EndTime   *Stamp `wbxml:"ResolveRecipients:EndTime"`
}

// RecipientPictureMax bounds the pictures of an answer; 0 is no bound.
type RecipientPictureMax struct {
	MaxSize     int `wbxml:"ResolveRecipients:MaxSize,omitempty"`
	MaxPictures int `wbxml:"ResolveRecipients:MaxPictures,omitempty"`
}

// NewAvailability asks when people are free. The times go out on borders of
// half an hour, because servers count from there (MS-ASCMD 2.2.3.106).
func NewAvailability(from, to time.Time, who ...string) *ResolveRecipientsRequest {
	from = from.Truncate(availabilitySlot)
	to = to.Add(availabilitySlot - 1).Truncate(availabilitySlot)
	if !to.After(from) {
		to = from.Add(availabilitySlot)
	}
	return &ResolveRecipientsRequest{To: who, Options: &RecipientOptions{
		Availability: &AvailabilityAsking{StartTime: Dashed(from), EndTime: ptr(Dashed(to))},
	}}
}

// availabilitySlot is the time that one digit of MergedFreeBusy stands for.
const availabilitySlot = 30 * time.Minute

// ResolveRecipientsResponse answers a ResolveRecipientsRequest.
type ResolveRecipientsResponse struct {
	_         wbxml.Root          `wbxml:"ResolveRecipients:ResolveRecipients"`
	Status    int                 `wbxml:"ResolveRecipients:Status"`
	Responses []RecipientResponse `wbxml:"ResolveRecipients:Response"`
}

// RecipientResponse tells of one To. Status 2 and 3 mean several candidates.
type RecipientResponse struct {
	To         string      `wbxml:"ResolveRecipients:To"`
	Status     int         `wbxml:"ResolveRecipients:Status"`
	Count      int         `wbxml:"ResolveRecipients:RecipientCount,omitempty"`
	Recipients []Recipient `wbxml:"ResolveRecipients:Recipient"`
}

// Recipient is one candidate: Type 1 of the address list, 2 a contact.
type Recipient struct {
	Type         int                    `wbxml:"ResolveRecipients:Type"`
	DisplayName  string                 `wbxml:"ResolveRecipients:DisplayName"`
	EmailAddress string                 `wbxml:"ResolveRecipients:EmailAddress"`
	Availability *RecipientAvailability `wbxml:"ResolveRecipients:Availability"`
	Certificates *RecipientCertificates `wbxml:"ResolveRecipients:Certificates"`
	Picture      *RecipientPicture      `wbxml:"ResolveRecipients:Picture"`
}

// RecipientAvailability has one digit for each half hour: 0 free, 1 tentative,
// 2 busy, 3 out of office, 4 not known.
type RecipientAvailability struct {
	Status         int    `wbxml:"ResolveRecipients:Status"`
	MergedFreeBusy string `wbxml:"ResolveRecipients:MergedFreeBusy,omitempty"`
}

// RecipientCertificates are S/MIME certificates, DER in base64.
type RecipientCertificates struct {
	Status           int      `wbxml:"ResolveRecipients:Status"`
	CertificateCount int      `wbxml:"ResolveRecipients:CertificateCount,omitempty"`
	RecipientCount   int      `wbxml:"ResolveRecipients:RecipientCount,omitempty"`
	Certificates     []string `wbxml:"ResolveRecipients:Certificate"`
	MiniCertificate  string   `wbxml:"ResolveRecipients:MiniCertificate,omitempty"`
}

// RecipientPicture is a picture as bytes.
type RecipientPicture struct {
	Status int    `wbxml:"ResolveRecipients:Status"`
	Data   []byte `wbxml:"ResolveRecipients:Data,opaque,omitempty"`
}

// Address is the candidate as an address.
func (r Recipient) Address() activesync.Address {
	return activesync.Address{Name: r.DisplayName, Address: r.EmailAddress}
}

// ValidateCertRequest asks whether certificates are good (MS-ASCMD 2.2.1.22):
// DER in base64, 100 at most.
type ValidateCertRequest struct {
	_            wbxml.Root `wbxml:"ValidateCert:ValidateCert"`
	Chain        []string   `wbxml:"ValidateCert:CertificateChain>ValidateCert:Certificate,omitempty"`
	Certificates []string   `wbxml:"ValidateCert:Certificates>ValidateCert:Certificate"`
	CheckCRL     bool       `wbxml:"ValidateCert:CheckCRL,omitempty"`
}

// ValidateCertResponse answers a ValidateCertRequest, in its order.
type ValidateCertResponse struct {
	_            wbxml.Root          `wbxml:"ValidateCert:ValidateCert"`
	Status       int                 `wbxml:"ValidateCert:Status"`
	Certificates []CertificateStatus `wbxml:"ValidateCert:Certificate"`
}

// CertificateStatus is 1 for a good certificate.
type CertificateStatus struct {
	Status int `wbxml:"ValidateCert:Status"`
}
