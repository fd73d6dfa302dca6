// Package smime checks the signatures of S/MIME mail and opens what is
// encrypted for the person (RFC 8551), and says in words what it found.
//
// It owns the meaning of certificates in mail: whose they are, who vouches for
// them, until when. It keeps no keys but those it is given, asks no server
// whether a certificate was revoked, and says so. Functions may be called from
// any goroutine.
package smime
