// Package pgp checks the signatures of PGP mail and opens what is encrypted
// for the person by the gpg that they have (RFC 3156 and PGP in a text), and
// repeats in words what gpg says.
//
// It holds no keys, asks for no passphrase itself and lets gpg fetch nothing
// over the network. gpg gets its data through pipes; nothing is written to
// disk. Functions may be called from any goroutine.
package pgp
