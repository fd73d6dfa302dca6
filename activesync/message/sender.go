package message

import (
	"strings"

	"eas.example/securemail/activesync"
)

// SenderDeceit says in words how a sender is other than it seems, "" where nothing
// is known against it: the domain is made to look like another one, or the name is
// an address elsewhere.
func SenderDeceit(from activesync.Address) string {
	if !strings.Contains(from.Address, "@") {
		return ""
	}
	host, shown := hostNames(DomainOf(from.Address))
	if looks := lookalike(shown); looks != "" {
		return "The domain of the sender looks like " + looks + " but is " + host + "."
	}
	if said := addressPattern().FindString(Clean(from.Name)); said != "" {
		if named, _ := hostNames(DomainOf(said)); registered(named) != registered(host) {
			return "The name of the sender is an address, " + said + ", but the message comes from " + Clean(from.Address) + "."
		}
	}
	return ""
}
