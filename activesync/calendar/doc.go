// Package calendar expands series into occurrences and translates time zones:
// the recurrence model of MS-ASCAL, and the time zone structure of MS-ASDTYPE.
//
// It keeps nothing and does no I/O. Functions may be called from any goroutine.
package calendar
