package ui

import (
	"strings"
	"unicode"

	"eas.example/securemail/activesync"
)

// noSubject stands for a subject that is empty.
const noSubject = "(no subject)"

// clean makes one line, fit for a terminal, of text from the network. Every
// such text passes here before it can reach the screen.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}

func cleanAddress(a activesync.Address) activesync.Address {
	return activesync.Address{Name: clean(a.Name), Address: clean(a.Address)}
}

// named are addresses with their names, clean, in one line.
func named(list ...activesync.Address) string {
	var out []string
	for _, p := range cleanAddresses(list) {
		switch {
		case p.Name != "" && p.Address != "":
			out = append(out, p.Name+" <"+p.Address+">")
		case p.Label() != "":
			out = append(out, p.Label())
		}
	}
	return strings.Join(out, ", ")
}

func cleanAddresses(list []activesync.Address) []activesync.Address {
	out := make([]activesync.Address, len(list))
	for i := range list {
		out[i] = cleanAddress(list[i])
	}
	return out
}
