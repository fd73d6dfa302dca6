package server

import (
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/wire"
)

// The bounds of ResolveRecipients (MS-ASCMD 2.2.1.15).
const (
	maxRecipients    = 100
	maxRecipientText = 256
	freeBusySlot     = 30 * time.Minute
	maxFreeBusy      = 42 * 24 * time.Hour
	maxCounted       = 9999 // of MaxCertificates and MaxAmbiguousRecipients
	maxPictureSize   = 100 << 10
)

// resolveRecipients tells who is meant, and what is known of them.
func (x *exchange) resolveRecipients() *reply {
	var req wire.ResolveRecipientsRequest
	if x.decode(&req) != nil || len(req.To) == 0 || len(req.To) > maxRecipients {
		return document(&wire.ResolveRecipientsResponse{Status: 5})
	}
	o := req.Options
	if o == nil {
		o = &wire.RecipientOptions{}
	}
	ask := &recipientAsking{x: x, options: o, certificates: o.MaxCertificates}
	if o.Availability != nil && !ask.times(o.Availability) || !goodRecipientOptions(o) {
		return document(&wire.ResolveRecipientsResponse{Status: 5})
	}
	out := &wire.ResolveRecipientsResponse{Status: 1}
	for _, to := range req.To {
		if len(to) > maxRecipientText {
			return document(&wire.ResolveRecipientsResponse{Status: 5})
		}
		out.Responses = append(out.Responses, ask.about(to))
	}
	return document(out)
}

// goodRecipientOptions holds the numbers against MS-ASCMD 2.2.3.22, .100, .101,
// .104.2 and .105.2.
func goodRecipientOptions(o *wire.RecipientOptions) bool {
	p := cmpOr(o.Picture, &wire.RecipientPictureMax{})
	return o.CertificateRetrieval >= 0 && o.CertificateRetrieval <= 3 && o.MaxCertificates >= 0 && o.MaxCertificates <= maxCounted &&
		o.MaxAmbiguousRecipients >= 0 && o.MaxAmbiguousRecipients <= maxCounted && p.MaxSize >= 0 && p.MaxSize <= maxPictureSize && p.MaxPictures >= 0
}

// recipientAsking is a request while it is answered.
type recipientAsking struct {
	x            *exchange
	options      *wire.RecipientOptions
	from, to     time.Time
	certificates int // still to be given; 0 from the start is without bound
}

// times reads the span that is asked about.
func (a *recipientAsking) times(in *wire.AvailabilityAsking) bool {
	var ok bool
	if a.from, ok = in.StartTime.Time(); !ok {
		return false
	}
	a.to = a.from.Add(7 * 24 * time.Hour)
	if in.EndTime != nil {
		if a.to, ok = in.EndTime.Time(); !ok {
			return false
		}
	}
	span := a.to.Sub(a.from)
	return span >= freeBusySlot && span <= maxFreeBusy && span%freeBusySlot == 0
}

// candidate is somebody who may be meant.
type candidate struct {
	Entry
	contact bool
}

// about tells of one name or address. A whole address means one person. Of those
// who may be meant only pictures are given besides, as many as are asked for of each
// name (MS-ASCMD 2.2.3.104.2, 2.2.3.177.12).
func (a *recipientAsking) about(to string) wire.RecipientResponse {
	var photos *photographs
	if p := a.options.Picture; p != nil {
		photos = newPhotographs(p.MaxSize, p.MaxPictures)
	}
	all := a.candidates(strings.TrimSpace(to))
	out := wire.RecipientResponse{To: to, Status: 1, Count: len(all)}
	most := a.options.MaxAmbiguousRecipients
	if most == 0 {
		most = maxRecipients
	}
	switch {
	case len(all) == 0:
		out.Status = 4
	case len(all) > most:
		out.Status, all = 3, all[:most]
	case len(all) > 1:
		out.Status = 2
	}
	for _, c := range all {
		r := wire.Recipient{Type: 1, DisplayName: c.Name, EmailAddress: c.Email}
		if c.contact {
			r.Type = 2
		}
		if a.options.Availability != nil && out.Status == 1 {
			r.Availability = a.availability(c)
		}
		if k := a.options.CertificateRetrieval; k > 1 && out.Status == 1 {
			r.Certificates = a.certificatesOf(c, k == 3)
		}
		if photos != nil {
			data, status := photos.of(c.Picture)
			r.Picture = &wire.RecipientPicture{Status: status, Data: data}
		}
		out.Recipients = append(out.Recipients, r)
	}
	return out
}

func (a *recipientAsking) candidates(to string) (out []candidate) {
	seen := map[string]bool{}
	add := func(e Entry, contact bool) {
		if key := strings.ToLower(e.Email); key != "" && !seen[key] {
			seen[key] = true
			out = append(out, candidate{e, contact})
		}
	}
	matches := func(p activesync.Person) bool {
		if strings.Contains(to, "@") {
			return strings.EqualFold(p.Email, to)
		}
		return p.Matches(to)
	}
	for _, e := range a.x.s.directory() {
		if matches(e.Person) {
			add(e, false)
		}
	}
	if f := a.x.m.kind(activesync.FolderContacts); f != nil {
		for _, it := range f.items {
			if it == nil || it.contact == nil {
				continue
			}
			c := it.contact
			p := activesync.Person{Name: c.Name(), FirstName: c.FirstName, LastName: c.LastName, Email: c.Email1.Address, Picture: c.Picture}
			if matches(p) {
				add(Entry{Person: p}, true)
			}
		}
	}
	return out
}

// availability is when a person is free. Of people without a mailbox here it
// is not known (163).
func (a *recipientAsking) availability(c candidate) *wire.RecipientAvailability {
	box := a.x.s.byAddress(c.Email)
	if box == nil {
		return &wire.RecipientAvailability{Status: 163}
	}
	return &wire.RecipientAvailability{Status: 1, MergedFreeBusy: freeBusy(a.x.eventsOf(box), a.from, a.to)}
}

// eventsOf are the events of a user's calendar. The own mailbox is let go
// meanwhile: two users who look at each other would wait for ever.
func (x *exchange) eventsOf(box *Mailbox) []activesync.Event {
	if box != x.m {
		x.m.mu.Unlock()
		defer x.m.mu.Lock()
		box.mu.Lock()
		defer box.mu.Unlock()
	}
	var out []activesync.Event
	if f := box.kind(activesync.FolderCalendar); f != nil {
		for _, it := range f.items {
			if it != nil && it.event != nil {
				out = append(out, *it.event)
			}
		}
	}
	return out
}

// freeBusy has a digit for each half hour (MS-ASCMD 2.2.3.106); what weighs
// most in it counts.
func freeBusy(events []activesync.Event, from, to time.Time) string {
	slots := make([]byte, to.Sub(from)/freeBusySlot)
	for i := range slots {
		slots[i] = '0'
	}
	for _, o := range calendar.Expand(events, from, to, time.UTC) {
		busy := min(o.BusyStatus, 3)
		for i := range slots {
			begin := from.Add(time.Duration(i) * freeBusySlot)
			if o.Start.Before(begin.Add(freeBusySlot)) && o.End.After(begin) {
				slots[i] = max(slots[i], '0'+busy)
			}
		}
	}
	return string(slots)
}

// certificatesOf are the certificates of a person, or of each only who made it
// and its number: all of them, or where there are more than may still be given none
// and how many there are (MS-ASCMD 2.2.3.101).
func (a *recipientAsking) certificatesOf(c candidate, mini bool) *wire.RecipientCertificates {
	n := len(c.Certificates)
	switch {
	case n == 0:
		return &wire.RecipientCertificates{Status: 7}
	case a.options.MaxCertificates > 0 && n > a.certificates:
		return &wire.RecipientCertificates{Status: 8, CertificateCount: n, RecipientCount: 1}
	}
	a.certificates -= n
	out := &wire.RecipientCertificates{Status: 1, CertificateCount: n, RecipientCount: 1}
	for _, cert := range c.Certificates {
		if !mini {
			out.Certificates = append(out.Certificates, base64.StdEncoding.EncodeToString(cert.Raw))
			continue
		}
		der, err := asn1.Marshal(issuerAndSerial{asn1.RawValue{FullBytes: cert.RawIssuer}, cert.SerialNumber})
		if err == nil {
			out.MiniCertificate = base64.StdEncoding.EncodeToString(der)
		}
	}
	return out
}

// issuerAndSerial names a certificate (RFC 5652 10.2.4).
type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}
