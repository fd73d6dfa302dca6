package wbxml

import (
	"fmt"
	"sync"
)

// A page has 64 tokens, the first of which are global.
const (
	tokens     = 0x40
	firstToken = 0x05
)

// Tag is an element: its code page in the upper byte, its token in the lower.
type Tag uint16

// MakeTag makes the tag of a token (0x05 to 0x3F) of a page.
func MakeTag(page, token byte) Tag { return Tag(page)<<8 | Tag(token&(tokens-1)) }

// Page is the code page of the tag.
func (t Tag) Page() byte { return byte(t >> 8) }

// Token is the token of the tag in its page.
func (t Tag) Token() byte { return byte(t) }

func (t Tag) element() element {
	if int(t.Page()) < len(pages) && t.Token() < tokens {
		return pages[t.Page()].elements[t.Token()]
	}
	return element{}
}

// Known reports whether the tag stands in the tables.
func (t Tag) Known() bool { return t.element().name != "" }

// Since is the protocol version times ten from which on the element may be
// sent (161 is 16.1), 0 for one that is not known or not in use.
func (t Tag) Since() uint8 { return t.element().since }

// Until is the last protocol version times ten in which the element may be
// sent, 0 where there is none.
func (t Tag) Until() uint8 { return t.element().until }

// Name is the element's name without its page, empty where it is not known.
func (t Tag) Name() string { return t.element().name }

// String is the page's and the element's name, or their numbers.
func (t Tag) String() string {
	if e := t.element(); e.name != "" {
		return pages[t.Page()].name + ":" + e.name
	}
	return fmt.Sprintf("%d:0x%02X", t.Page(), t.Token())
}

var tagsByName = sync.OnceValue(func() map[string]Tag {
	m := make(map[string]Tag, 700)
	for p := range pages {
		for t, e := range pages[p].elements {
			if e.name != "" {
				m[pages[p].name+":"+e.name] = MakeTag(byte(p), byte(t))
			}
		}
	}
	return m
})

// LookupTag finds a known tag by its page and name, such as "AirSync:Sync".
func LookupTag(name string) (Tag, bool) {
	t, ok := tagsByName()[name]
	return t, ok
}

// MustTag is LookupTag for names that stand in the program's text. It panics
// when there is no such element.
func MustTag(name string) Tag {
	t, ok := LookupTag(name)
	if !ok {
		panic("wbxml: no element " + name)
	}
	return t
}
