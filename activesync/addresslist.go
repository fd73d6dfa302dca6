package activesync

import (
	"mime"
	"strings"
)

// ParseAddresses reads a list of addresses as servers write it: in the manner
// of RFC 5322 3.4, but with semicolons as well as commas, names with commas and
// without quotes, names without an address, and whatever else there is. What
// makes no sense is left out; it never fails.
func ParseAddresses(s string) []Address {
	var out []Address
	p := addressParser{s: s, last: strings.LastIndexByte(s, ';')}
	pending := "" // text before a comma that may be the first half of a name
	for !p.done() {
		e := p.entry()
		switch {
		case e.group:
			pending = ""
			continue
		case pending != "" && e.angle:
			if e.name != "" && !e.quoted {
				e.name = pending + ", " + e.name
			} else {
				out = append(out, Address{Name: pending})
			}
			pending = ""
		case pending != "":
			out = append(out, Address{Name: pending})
			pending = ""
		}
		if !e.angle && !e.quoted && e.name != "" && e.address == "" && e.end == ',' {
			pending = e.name
			continue
		}
		if a := e.make(); a != (Address{}) {
			out = append(out, a)
		}
	}
	if pending != "" {
		out = append(out, Address{Name: pending})
	}
	return out
}

// ParseAddress reads one address, the first of a list.
func ParseAddress(s string) Address {
	if list := ParseAddresses(s); len(list) > 0 {
		return list[0]
	}
	return Address{}
}

// addressEntry is what stands between two separators.
type addressEntry struct {
	name, address string
	quoted        bool // the name, or a part of it, stood in quotes
	angle         bool // the address stood in angle brackets
	group         bool // it was the name of a group
	end           byte // the separator after it, 0 at the end
}

func (e addressEntry) make() Address {
	a := Address{Name: e.name, Address: e.address}
	if strings.Contains(a.Name, "=?") {
		if d, err := new(mime.WordDecoder).DecodeHeader(a.Name); err == nil {
			a.Name = tidy(d)
		}
	}
	if strings.EqualFold(a.Name, a.Address) {
		a.Name = ""
	}
	return a
}

type addressParser struct {
	s    string
	i    int
	last int // of the last semicolon of s, -1 for none
}

func (p *addressParser) done() bool { return p.i >= len(p.s) }

// entry reads up to and with the next separator.
func (p *addressParser) entry() addressEntry {
	var e addressEntry
	var text, comment strings.Builder
	at := false // text holds one
	for !p.done() && e.end == 0 && !e.group {
		c := p.s[p.i]
		switch {
		case c == '"' && !e.angle:
			e.quoted = true
			text.WriteString(p.delimited('"'))
		case c == '(':
			comment.WriteString(p.delimited(')'))
		case c == '<':
			e.angle = true
			e.address = strings.Join(strings.Fields(p.delimited('>')), "")
		case c == ',' || c == ';':
			e.end = c
			p.i++
		case c == ':' && !e.angle && !e.quoted && !at && p.isGroup():
			e.group = true
			p.i++
		default:
			at = at || c == '@'
			text.WriteByte(c)
			p.i++
		}
	}
	e.name = tidy(text.String())
	if !e.angle && !e.quoted && strings.Contains(e.name, "@") && !strings.Contains(e.name, " ") {
		e.address, e.name = e.name, ""
	}
	if e.name == "" {
		e.name = tidy(comment.String())
	}
	e.address = withoutMailto(e.address)
	return e
}

// isGroup reports whether the colon at hand begins the list of a group
// ("Team: a@x, b@x;"): a semicolon follows it.
func (p *addressParser) isGroup() bool { return p.last >= p.i }

// delimited reads what stands up to the closing byte, which may be missing at
// the end, without backslashes.
func (p *addressParser) delimited(end byte) string {
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == '\\' && end != '>' && p.i+1 < len(p.s):
			p.i++
			b.WriteByte(p.s[p.i])
		case c == end:
			p.i++
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// withoutMailto takes the scheme of a mailto link off address, however often and
// in whichever case it stands there: some programs write the link they were
// given (RFC 6068 2).
func withoutMailto(address string) string {
	const scheme = "mailto:"
	for len(address) >= len(scheme) && strings.EqualFold(address[:len(scheme)], scheme) {
		address = address[len(scheme):]
	}
	return address
}

// tidy makes one line of s with single spaces.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// FormatAddress writes an address as RFC 5322 3.4 wants it, with the name in
// quotes and without encoded words: the text is UTF-8.
func FormatAddress(a Address) string {
	quote := func(s string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(tidy(s)) + `"`
	}
	switch {
	case a.Address == "" && a.Name == "":
		return ""
	case a.Address == "":
		return quote(a.Name)
	case a.Name == "":
		if strings.ContainsAny(a.Address, ` ,;:"()<>\`) || !strings.Contains(a.Address, "@") {
			return "<" + strings.ReplaceAll(a.Address, ">", "") + ">"
		}
		return a.Address
	}
	return quote(a.Name) + " <" + strings.ReplaceAll(a.Address, ">", "") + ">"
}

// FormatAddresses writes a list of addresses with the separator between them.
func FormatAddresses(list []Address, separator string) string {
	parts := make([]string, 0, len(list))
	for _, a := range list {
		if s := FormatAddress(a); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, separator)
}
