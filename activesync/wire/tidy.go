package wire

import "strings"

// tidy makes one line of s with single spaces.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }
