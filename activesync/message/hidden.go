package message

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// sight is what an element says of how it is seen.
type sight uint8

const (
	asAround sight = iota // as what is around it
	unseen                // neither it nor what is in it
	wordless              // its text has no size; what is in it may have one
	sized                 // its text has a size of its own
)

// hidden reports whether an element is not meant to be seen with all that is in
// it: preheaders, Outlook's fallbacks.
func hidden(n *html.Node) bool { return sightOf(n) == unseen }

func sightOf(n *html.Node) sight {
	s := asAround
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return unseen
		case "style":
			s = styleSight(a.Val)
		}
		if s == unseen {
			return s
		}
	}
	return s
}

// mutes reports whether the text of an element has no size; around is whether
// that is so around it.
func (s sight) mutes(around bool) bool { return s == wordless || around && s != sized }

func styleSight(style string) sight {
	s := asAround
	if len(style) < 6 {
		return s
	}
	for decl := range strings.SplitSeq(strings.ToLower(style), ";") {
		name, value, _ := strings.Cut(decl, ":")
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		gone := false
		switch strings.TrimSpace(name) {
		case "display":
			gone = value == "none"
		case "visibility":
			gone = value == "hidden" || value == "collapse"
		case "mso-hide":
			gone = value == "all"
		case "max-height", "max-width", "opacity":
			gone = zeroLength(value, 0)
		case "font-size":
			s = sightOfSize(value)
		}
		if gone {
			return unseen
		}
	}
	return s
}

// sightOfSize is what a font-size does. Layouts set none around pieces that have
// theirs.
func sightOfSize(value string) sight {
	switch {
	case zeroLength(value, 1):
		return wordless
	case strings.HasSuffix(value, "%") || strings.HasSuffix(value, "em") && !strings.HasSuffix(value, "rem") || value == "inherit":
		return asAround
	}
	return sized
}

// zeroLength reports whether a CSS length is at most most pixels. Other units
// than pixels and points are many of them: 1em is the height of a letter.
func zeroLength(v string, most float64) bool {
	number := strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz% ")
	f, err := strconv.ParseFloat(number, 64)
	switch strings.TrimSpace(v[len(number):]) {
	case "", "px", "pt", "%":
	default:
		f *= 16
	}
	return err == nil && f <= most
}
