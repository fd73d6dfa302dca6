// Package wire owns the requests and answers of the ActiveSync commands as
// typed structs, and the meaning of an item's ApplicationData: it turns what a
// server says of a message, contact or event into the words of package
// activesync and back.
//
// It knows neither HTTP nor the byte form of WBXML (package wbxml does), keeps
// no state and does no I/O. Fields stand in the order that servers insist on in
// requests (MS-ASCMD 6); answers are read in any order. All types are plain
// values; functions may be called from any goroutine.
package wire

// Bool is a present boolean element.
func Bool(b bool) *bool { return &b }

// Int is a present integer element.
func Int(n int) *int { return &n }
