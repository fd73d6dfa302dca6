// Package calendar knows what calendars of ActiveSync mean: it expands series
// into their occurrences, reads and writes the time zone structure of the
// protocol, matches it with the zones of the IANA and with the names that
// Windows gives them, and reads and writes iCalendar (RFC 5545) as far as
// events go.
//
// It stores nothing, asks no server and does not clean text for a terminal.
// All functions are free of side effects; values may be used by several
// goroutines as long as none changes them.
package calendar

//go:generate go run gen.go
