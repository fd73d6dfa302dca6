package message

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// hidden reports whether an element is not meant to be seen: preheaders,
// Outlook's fallbacks, text of size zero.
func hidden(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return true
		case "style":
			if hiddenStyle(a.Val) {
				return true
			}
		}
	}
	return false
}

func hiddenStyle(style string) bool {
	if len(style) < 6 {
		return false
	}
	for decl := range strings.SplitSeq(strings.ToLower(style), ";") {
		name, value, _ := strings.Cut(decl, ":")
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		switch strings.TrimSpace(name) {
		case "display":
			if value == "none" {
				return true
			}
		case "visibility":
			if value == "hidden" || value == "collapse" {
				return true
			}
		case "mso-hide":
			if value == "all" {
				return true
			}
		case "font-size":
			if zeroLength(value, 1) {
				return true
			}
		case "max-height", "max-width", "opacity":
			if zeroLength(value, 0) {
				return true
			}
		}
	}
	return false
}

// zeroLength reports whether a CSS length is at most most pixels.
func zeroLength(v string, most float64) bool {
	v = strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz% ")
	f, err := strconv.ParseFloat(v, 64)
	return err == nil && f <= most
}
