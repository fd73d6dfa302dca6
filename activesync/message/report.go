package message

import (
	"bytes"
	"strings"
)

// Outcome is what became of a message for one of those it went to.
type Outcome uint8

// The outcomes.
const (
	Failed Outcome = iota + 1
	Delayed
	Delivered
	Relayed // handed on to a server that tells no more
	Opened  // shown to the person
	Removed // deleted without being shown
)

// Fate is what became of a message for one address.
type Fate struct {
	Address string
	Outcome Outcome
	// Status is the code of RFC 3463, "" where none is given, and Said the words
	// of the server, cleaned.
	Status, Said string
}

// Report is a report on the delivery of another message.
type Report struct {
	Fates []Fate
	// Subject is that of the message it is about, "" where that is not known.
	Subject string
	By      string // the server that reports
}

// maxFates bounds how many addresses are read from a report.
const maxFates = 500

// ReadReport gives what a message reports of the delivery of another one, nil
// where it is no report.
func ReadReport(m *Mail) *Report {
	var r Report
	for _, f := range m.Attachments {
		switch f.ContentType {
		case "message/delivery-status", "message/global-delivery-status":
			r.status(f.Content)
		case "message/disposition-notification", "message/global-disposition-notification":
			r.disposition(f.Content)
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers":
			if h, _, _ := splitHeader(f.Content); r.Subject == "" {
				r.Subject = Clean(h.Get("Subject"))
			}
		}
	}
	if len(r.Fates) == 0 || r.silent() {
		text := m.Text
		if text == "" {
			text = m.PlainText()
		}
		from := activesyncAddress(m)
		if t := ReportText(from, m.Subject, text, m.Header.Get("X-Failed-Recipients")); t != nil {
			r.merge(t)
		}
	}
	if len(r.Fates) == 0 {
		return nil
	}
	return &r
}

func activesyncAddress(m *Mail) string {
	if len(m.From) > 0 {
		return m.From[0].Address + " " + m.From[0].Name
	}
	return ""
}

// silent reports whether no fate says why.
func (r *Report) silent() bool {
	for _, f := range r.Fates {
		if f.Said != "" || f.Status != "" {
			return false
		}
	}
	return true
}

// merge takes over what the words of a report say and its fields do not.
func (r *Report) merge(t *Report) {
	if len(r.Fates) == 0 {
		r.Fates = t.Fates
	}
	for i := range r.Fates {
		f := &r.Fates[i]
		for _, o := range t.Fates {
			if strings.EqualFold(o.Address, f.Address) && f.Said == "" && f.Status == "" {
				f.Said, f.Status = o.Said, o.Status
			}
		}
	}
	if r.Subject == "" {
		r.Subject = t.Subject
	}
}

// status reads message/delivery-status (RFC 3464): fields of the message, and
// after each empty line those of one recipient.
func (r *Report) status(b []byte) {
	for n := 0; len(b) > 0 && len(r.Fates) < maxFates && n < maxParts; n++ {
		h, rest, _ := splitHeader(b)
		if len(rest) >= len(b) { // no field at all
			i := bytes.IndexByte(b, '\n')
			if i < 0 {
				return
			}
			b = b[i+1:]
			continue
		}
		b = rest
		if by := typed(h.Get("Reporting-MTA")); by != "" && r.By == "" {
			r.By = Clean(by)
		}
		address := typed(h.Get("Original-Recipient"))
		if final := typed(h.Get("Final-Recipient")); address == "" || !strings.Contains(address, "@") {
			address = final
		}
		if address == "" {
			address = typed(h.Get("X-Actual-Recipient"))
		}
		action := strings.ToLower(h.Get("Action"))
		if address == "" || action == "" && !h.Has("Status") {
			continue
		}
		f := Fate{Address: plainAddress(address), Said: Clean(typed(h.Get("Diagnostic-Code"))), Status: statusIn(h.Get("Status"))}
		f.Outcome = outcome(action, f.Status)
		if s := statusIn(f.Said); s != "" && (f.Status == "" || strings.HasSuffix(f.Status, ".0.0")) {
			f.Status = s
		}
		r.add(f)
	}
}

func outcome(action, status string) Outcome {
	switch {
	case strings.HasPrefix(action, "delayed"):
		return Delayed
	case strings.HasPrefix(action, "delivered"), action == "" && strings.HasPrefix(status, "2"):
		return Delivered
	case strings.HasPrefix(action, "relayed"), strings.HasPrefix(action, "expanded"):
		return Relayed
	case action == "" && strings.HasPrefix(status, "4"):
		return Delayed
	}
	return Failed
}

// disposition reads message/disposition-notification (RFC 8098).
func (r *Report) disposition(b []byte) {
	h, _, _ := splitHeader(b)
	address := typed(h.Get("Original-Recipient"))
	if address == "" {
		address = typed(h.Get("Final-Recipient"))
	}
	_, kind, _ := strings.Cut(strings.ToLower(h.Get("Disposition")), ";")
	f := Fate{Address: plainAddress(address), Outcome: Opened}
	switch kind = strings.TrimSpace(kind); {
	case kind == "" || address == "":
		return
	case strings.HasPrefix(kind, "deleted"):
		f.Outcome = Removed
	case strings.HasPrefix(kind, "failed"), strings.HasPrefix(kind, "denied"):
		f.Outcome, f.Said = Failed, Clean(h.Get("Failure")+h.Get("Error"))
	}
	r.add(f)
}

func (r *Report) add(f Fate) {
	if f.Address == "" || len(r.Fates) >= maxFates {
		return
	}
	for i, o := range r.Fates {
		if strings.EqualFold(o.Address, f.Address) {
			if o.Said == "" {
				r.Fates[i].Said = f.Said
			}
			if o.Status == "" {
				r.Fates[i].Status = f.Status
			}
			return
		}
	}
	r.Fates = append(r.Fates, f)
}

// typed takes off the type before a value: "rfc822;ben@example.test".
func typed(s string) string {
	if kind, value, ok := strings.Cut(s, ";"); ok && !strings.ContainsAny(strings.TrimSpace(kind), " @<") {
		s = value
	}
	return strings.TrimSpace(s)
}

func plainAddress(s string) string {
	if a := addressPattern().FindString(s); a != "" {
		s = a
	}
	return Clean(strings.Trim(s, "<>\"' "))
}

var (
	addressPattern = pattern(`[\p{L}\p{N}.!#$%&'*+/=?^_{|}~-]+@[\p{L}\p{N}][\p{L}\p{N}.-]*[\p{L}\p{N}]`)
	statusPattern  = pattern(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\s)`)
	replyPattern   = pattern(`(?:^|[\s:#(>,;-])([45][0-5]\d)[ -]`)
)

// statusIn is the code of RFC 3463 in a text, "" for none.
func statusIn(s string) string {
	if m := statusPattern().FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}
