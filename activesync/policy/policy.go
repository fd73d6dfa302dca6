// Package policy tells what a server's policy document (MS-ASPROV 2.2.2.28)
// demands, which of it this program carries out, and what follows for mail:
// periods, attachments, HTML. It keeps nothing and does no I/O; a Policy is a
// plain value that any goroutine may use.
package policy

import (
	"slices"
	"strconv"
	"strings"

	"eas.example/securemail/activesync"
)

// Policy is a policy document as received, by element name. The zero value
// demands nothing.
type Policy struct{ doc map[string]string }

// FromServer takes the document as AccountState keeps it.
func FromServer(doc map[string]string) Policy { return Policy{doc} }

// Acknowledgement is the status the server is told: 1 if all is carried out
// here, else 2 (MS-ASPROV 2.2.2.54.2).
func (p Policy) Acknowledgement() int {
	if len(p.Unmet()) > 0 {
		return 2
	}
	return 1
}

// Unmet are the elements that demand something this program does not do, by
// name, sorted.
func (p Policy) Unmet() []string {
	var out []string
	for name, value := range p.doc {
		if demands(name, value) && !met(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Rule is one demand in words.
type Rule struct {
	Name  string `json:"name"`  // the element
	Value string `json:"value"` // as received
	Label string `json:"label"` // what it is about
	Words string `json:"words"` // what it demands
	Met   bool   `json:"met"`   // carried out here
}

// Rules are the demands of the document, those not met first.
func (p Policy) Rules() []Rule {
	rules := []Rule{}
	for name, value := range p.doc {
		if demands(name, value) {
			rules = append(rules, Rule{Name: name, Value: value, Label: label(name), Words: words(name, value), Met: met(name)})
		}
	}
	slices.SortFunc(rules, func(a, b Rule) int {
		if a.Met != b.Met {
			if a.Met {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Label, b.Label)
	})
	return rules
}

// ClampFilter is the FilterType that may be asked for where the person wants
// filter: a shorter period than the policy's stays, a longer one is cut. 0 is
// all (MS-ASPROV 2.2.2.38 and 2.2.2.37).
func (p Policy) ClampFilter(c activesync.Class, filter int) int {
	most := 0
	switch c {
	case activesync.ClassEmail:
		most = p.number("MaxEmailAgeFilter", 0)
	case activesync.ClassCalendar:
		most = p.number("MaxCalendarAgeFilter", 0)
	}
	if most > 0 && (filter == 0 || filter > most) {
		return most
	}
	return filter
}

// AttachmentsAllowed reports whether attachments may be fetched at all.
func (p Policy) AttachmentsAllowed() bool { return p.doc["AttachmentsEnabled"] != "0" }

// MaxAttachmentSize is the largest attachment that may be fetched, in bytes, 0
// for any.
func (p Policy) MaxAttachmentSize() int64 {
	n, err := strconv.ParseInt(p.doc["MaxAttachmentSize"], 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// AllowHTML reports whether HTML bodies may be asked for.
func (p Policy) AllowHTML() bool { return p.doc["AllowHTMLEmail"] != "0" }

func (p Policy) number(name string, def int) int {
	n, err := strconv.Atoi(p.doc[name])
	if err != nil {
		return def
	}
	return n
}
