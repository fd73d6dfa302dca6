package message

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"eas.example/securemail/activesync"

	"golang.org/x/net/idna"
)

// ParseAddressList reads the addresses that a person typed, separated by
// commas or semicolons. Unlike what comes from servers, a mistake is an error
// that names it.
func ParseAddressList(s string) ([]activesync.Address, error) {
	var out []activesync.Address
	for _, a := range activesync.ParseAddresses(s) {
		if a.Address == "" {
			return nil, fmt.Errorf("%q has no address", a.Name)
		}
		if err := CheckAddress(a.Address); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

var errAddress = errors.New("is not an e-mail address")

// CheckAddress says what is wrong with an address that a person typed.
func CheckAddress(address string) error {
	at := strings.LastIndexByte(address, '@')
	switch {
	case at <= 0 || at == len(address)-1, strings.ContainsAny(address, "\r\n\x00 <>"), len(address) > 254:
		return fmt.Errorf("%q %w", Clean(address), errAddress)
	}
	if _, err := mail.ParseAddress("<" + address + ">"); err != nil {
		return fmt.Errorf("%q %w", Clean(address), errAddress)
	}
	if _, ok := wireAddress(address); !ok {
		return fmt.Errorf("%q %w", Clean(address), errAddress)
	}
	return nil
}

// wireAddress is an address as it stands in a header field: the domain in
// ASCII (RFC 5891). One that would not come through as it is, because other
// letters or blanks stand before the @ or it looks encoded, is none: with these
// left out the message would go to somebody else.
func wireAddress(address string) (string, bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address, plainHeader(address)
	}
	local, domain := address[:at], address[at+1:]
	if !plainHeader(local) || token(local) != local {
		return "", false
	}
	if !plainHeader(domain) {
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return "", false
		}
		domain = ascii
	}
	return local + "@" + domain, true
}
