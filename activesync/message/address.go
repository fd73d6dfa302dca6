package message

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"eas.example/securemail/activesync"
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
	return nil
}
