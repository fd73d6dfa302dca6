// Package autodiscover finds the ActiveSync server of an e-mail address
// (MS-ASCMD 2.2.1.1, and version 2 of the service, which answers in JSON).
//
// It asks only hosts of the address's own domain, and those that they point to.
// The password goes over TLS alone, and to a host outside the domain only after
// the caller agreed; a server outside the domain counts without that only where a
// host of the domain named it over TLS. It keeps nothing; its functions may be
// called from any goroutine.
package autodiscover
