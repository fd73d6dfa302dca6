package message

import (
	"testing"

	"eas.example/securemail/activesync"
)

func TestSendersThatAreNotWhoTheySeem(t *testing.T) {
	for _, c := range []struct{ name, address, want string }{
		{"Ana Souza", "ana@bank.example", ""},
		{"ana@bank.example", "ana@mail.bank.example", ""},
		{"", "ana@bank.example", ""},
		{"ana@bank.example", "/o=Org/cn=ana", ""},
		{"Ana Souza", "ana@müller.de", ""},
		{"Ana Souza (ana@bank.example)", "eve@evil.example", "The name of the sender is an address, ana@bank.example, but the message comes from eve@evil.example."},
		{"Service", "service@pаypal.com", "The domain of the sender looks like paypal.com but is xn--pypal-4ve.com."},
		{"Service", "service@xn--pypal-4ve.com", "The domain of the sender looks like paypal.com but is xn--pypal-4ve.com."},
	} {
		if got := SenderDeceit(activesync.Address{Name: c.name, Address: c.address}); got != c.want {
			t.Errorf("%q <%s>: %q, want %q", c.name, c.address, got, c.want)
		}
	}
}
