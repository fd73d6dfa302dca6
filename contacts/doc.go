// Package contacts turns contacts into vCards and back, and into words.
//
// A contact written as a vCard and read again is the same: what vCard has no
// property for travels in properties and parameters of ours, which other
// programs keep or pass over:
//
//   - a parameter X-EAS names the field that a TEL, EMAIL, IMPP or URL came from;
//   - X-SECUREMAIL-FIELD;X-EAS=Name holds a text of a field without property.
//
// It keeps nothing and does no I/O. Functions may be called from any goroutine.
package contacts
