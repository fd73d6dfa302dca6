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
	ask := &recipientAsking{x: x, options: o}
	if o.Availability != nil && !ask.times(o.Availability) || o.CertificateRetrieval < 0 || o.CertificateRetrieval > 3 {
		return document(&wire.ResolveRecipientsResponse{Status: 5})
	}
	if o.Picture != nil {
		ask.photos = newPhotographs(o.Picture.MaxSize, o.Picture.MaxPictures)
	}
	ask.certificates = o.MaxCertificates
	out := &wire.ResolveRecipientsResponse{Status: 1}
	for _, to := range req.To {
		if len(to) > maxRecipientText {
			return document(&wire.ResolveRecipientsResponse{Status: 5})
		}
		out.Responses = append(out.Responses, ask.about(to))
	}
	return document(out)
}

// recipientAsking is a request while it is answered.
type recipientAsking struct {
	x            *exchange
	options      *wire.RecipientOptions
	from, to     time.Time
	photos       *photographs
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

// about tells of one name or address. A whole address means one person.
func (a *recipientAsking) about(to string) wire.RecipientResponse {
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
		if k := a.options.CertificateRetrieval; k > 1 {
			r.Certificates = a.certificatesOf(c, k == 3)
		}
		if a.photos != nil {
			data, status := a.photos.of(c.Picture)
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
// and its number.
func (a *recipientAsking) certificatesOf(c candidate, mini bool) *wire.RecipientCertificates {
	if len(c.Certificates) == 0 {
		return &wire.RecipientCertificates{Status: 7}
	}
	out := &wire.RecipientCertificates{Status: 1, RecipientCount: 1}
	for _, cert := range c.Certificates {
		if a.options.MaxCertificates > 0 {
			if a.certificates == 0 {
				return &wire.RecipientCertificates{Status: 8}
			}
			a.certificates--
		}
		if out.CertificateCount++; !mini {
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
