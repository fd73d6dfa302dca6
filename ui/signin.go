package ui

import "time"

// SignInErrand is what a person does elsewhere to sign in: a page in a browser of
// this machine, or a code to type at a page on any device.
type SignInErrand struct {
	Page  string
	Code  string
	Until time.Time // zero where the server did not say
}
