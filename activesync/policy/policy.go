// Package policy tells what an organisation allows: by the document that a
// server sends (MS-ASPROV 2.2.2.28), and by a managed policy file of this
// machine. It says what of both this program carries out, and what follows for
// mail and contacts. Where both speak of one thing the stricter holds.
//
// A Policy and a Managed are plain values that any goroutine may use, and so
// are Files, which alone does I/O: it looks at the managed policy files each
// time it is asked.
package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Policy is a policy document as received, by element name, and the managed
// policy beside it. The zero value demands nothing.
type Policy struct {
	doc     map[string]string
	managed Managed
}

// FromServer takes the document as AccountState keeps it. The map must not
// change afterwards.
func FromServer(doc map[string]string) Policy { return Policy{doc: doc} }

// With adds the managed policy to what is allowed. What the server is told is
// not changed by it.
func (p Policy) With(m Managed) Policy { return Policy{doc: p.doc, managed: m} }

// value is what an element says, "" where it is absent or empty, which are the
// same (MS-ASPROV 2.2.2.28).
func (p Policy) value(name string) string { return strings.TrimSpace(p.doc[name]) }

// Acknowledgement is the status the server is told: 1 if all is carried out
// here, else 2 (MS-ASPROV 2.2.2.54.2).
func (p Policy) Acknowledgement() int {
	if len(p.Unmet()) > 0 {
		return 2
	}
	return 1
}

// Unmet are the elements that demand something this program does not do, in
// the order of MS-ASPROV, unknown ones last.
func (p Policy) Unmet() []string {
	var out []string
	for _, r := range p.Rules() {
		if !r.Met {
			out = append(out, r.Name)
		}
	}
	return out
}

// Rule is one demand in words.
type Rule struct {
	Name  string `json:"name"`  // the element
	Value string `json:"value"` // as received
	Label string `json:"label"` // what it is about: "Attachments"
	Words string `json:"words"` // what it demands: "not allowed"
	Met   bool   `json:"met"`   // carried out here
	How   string `json:"how"`   // what is done for it, or why nothing is
}

// Rules are the demands of the document, those not met first, else in the order
// of MS-ASPROV.
func (p Policy) Rules() []Rule {
	rules := []Rule{}
	for name := range p.doc {
		e := elementOf(name)
		value := p.value(name)
		if value == "" || !e.demands(value) || e.kind == password && p.value(passwordSwitch) != "1" {
			continue
		}
		met := e.met(value)
		rules = append(rules, Rule{Name: name, Value: p.doc[name], Label: e.label, Words: e.words(value), Met: met, How: e.how(met)})
	}
	slices.SortFunc(rules, func(a, b Rule) int {
		if a.Met != b.Met {
			if a.Met {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(position(a.Name), position(b.Name)), strings.Compare(a.Name, b.Name))
	})
	return rules
}

// IdleLock is after how long without a key the organisation wants a lock, 0 for
// none (MS-ASPROV 2.2.2.35).
func (p Policy) IdleLock() time.Duration {
	n := p.number("MaxInactivityTimeDeviceLock")
	if p.value(passwordSwitch) != "1" || n <= 0 || n >= 9999 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// ClampFilter is the FilterType that may be asked for where the person wants
// filter: a shorter period than the policy's stays, a longer one is cut. 0 is
// all (MS-ASPROV 2.2.2.37 and 2.2.2.38).
func (p Policy) ClampFilter(c activesync.Class, filter int) int {
	most := 0
	switch c {
	case activesync.ClassEmail:
		most = min(p.number("MaxEmailAgeFilter"), longestMail)
	case activesync.ClassCalendar:
		if most = min(p.number("MaxCalendarAgeFilter"), longestCalendar); most > 0 {
			most = max(most, shortestCalendar)
		}
	}
	for _, most := range []int{most, p.managed.maxFilter(c)} {
		if most > 0 && (filter == 0 || filter > most) {
			filter = most
		}
	}
	return filter
}

// ClampPeriod is the period that holds where the person wants another.
func (p Policy) ClampPeriod(c activesync.Class, wanted activesync.Period) activesync.Period {
	filter := p.ClampFilter(c, wanted.FilterType())
	if filter == wanted.FilterType() {
		return wanted
	}
	for _, period := range activesync.Periods(c) {
		if period.FilterType() == filter {
			return period
		}
	}
	return wanted
}

// AttachmentsAllowed reports whether attachments may be fetched at all.
func (p Policy) AttachmentsAllowed() bool {
	return p.value("AttachmentsEnabled") != "0" && p.value("MaxAttachmentSize") != "0" && p.managed.Word(Attachments) != Off
}

// AttachmentsError says by whose policy no attachments may be fetched, nil where
// they may.
func (p Policy) AttachmentsError() error {
	if err := p.managed.AsError(Attachments); err != nil {
		return err
	}
	if !p.AttachmentsAllowed() {
		return fmt.Errorf("%w: your organisation does not allow attachments (AttachmentsEnabled)", activesync.ErrPolicy)
	}
	return nil
}

// MaxAttachmentSize is the largest attachment that may be fetched, in bytes, 0
// for any size.
func (p Policy) MaxAttachmentSize() int64 {
	n, err := strconv.ParseInt(p.value("MaxAttachmentSize"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// AllowHTML reports whether HTML bodies may be asked for.
func (p Policy) AllowHTML() bool { return p.value("AllowHTMLEmail") != "0" }

// BodyTruncation is how much of a plain and of an HTML body may be kept, in
// bytes; -1 for all, 0 for the header only (MS-ASPROV 2.2.2.39 and 2.2.2.40).
func (p Policy) BodyTruncation() (plain, html int64) {
	size := func(name string) int64 {
		n, err := strconv.ParseInt(p.value(name), 10, 64)
		if err != nil || n < -1 {
			return -1
		}
		return n
	}
	return size("MaxEmailBodyTruncationSize"), size("MaxEmailHTMLBodyTruncationSize")
}

// number is the value of an element, 0 where it has none.
func (p Policy) number(name string) int {
	n, err := strconv.Atoi(p.value(name))
	if err != nil || n < 0 {
		return 0
	}
	return n
}
