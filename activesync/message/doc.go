// Package message turns what comes over the wire into what a person reads, and
// what a person writes into MIME: a tolerant reader of RFC 5322 and MIME, a
// renderer of plain text and HTML for the terminal, and a writer.
//
// It knows nothing of servers, stores and screens, does no I/O but on readers
// and writers it is given, and never fetches anything. Broken input is read as
// far as it goes, with a note on what was wrong. Functions may be called from
// any goroutine.
package message
