package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// wrap breaks a text of our own into lines of at most width cells.
func wrap(s string, width int) []string {
	return strings.Split(ansi.Wrap(s, max(width, 1), ""), "\n")
}
