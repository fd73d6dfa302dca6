package message

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first used: all of
// them together would take a good part of the start of a command.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
