// Package contentline reads and writes the lines that calendar files and vCards
// are made of (RFC 5545 3.1, RFC 6350 3.2), of vCalendar 1.0 and vCard 2.1 too:
// folding, charsets, quoted-printable, parameters, and the backslashes of texts.
//
// What a property means it does not know, and it keeps nothing. Its functions
// may be called from any goroutine.
package contentline
