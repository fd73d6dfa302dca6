package wbxml

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// Text is looked at eight bytes at a time.
const (
	blanks = 0x2020202020202020
	highs  = 0x8080808080808080
)

// allowed reports whether XML 1.0 has the ASCII character c. Servers break on
// the others, and a zero byte would end the text.
func allowed(c byte) bool { return c >= 0x20 || c == '\t' || c == '\n' || c == '\r' }

// The states of the automaton that follows UTF-8, as shifts: what may come next.
const (
	stWrong   = iota * 6
	stChar    // any character
	stLast    // the last byte of one
	stTwo     // its last two
	stThree   // its last three
	stAfterE0 // its last two, the first not too low
	stAfterED // its last two, the first not too high: no surrogates
	stAfterF0 // its last three, likewise
	stAfterF4
)

// steps holds for each byte the state that follows each state, at the bit that
// the state is the number of. So a step is one shift and no branch.
type steps [256]uint64

// makeSteps makes the automaton of UTF-8 with the ASCII characters that ok has.
func makeSteps(ok func(byte) bool) *steps {
	var t steps
	add := func(state uint64, from, to int, next uint64) {
		for b := from; b <= to; b++ {
			t[b] |= next << state
		}
	}
	for b := range utf8.RuneSelf {
		if ok(byte(b)) {
			add(stChar, b, b, stChar)
		}
	}
	add(stChar, 0xC2, 0xDF, stLast)
	add(stChar, 0xE0, 0xE0, stAfterE0)
	add(stChar, 0xE1, 0xEC, stTwo)
	add(stChar, 0xED, 0xED, stAfterED)
	add(stChar, 0xEE, 0xEF, stTwo)
	add(stChar, 0xF0, 0xF0, stAfterF0)
	add(stChar, 0xF1, 0xF3, stThree)
	add(stChar, 0xF4, 0xF4, stAfterF4)
	add(stLast, 0x80, 0xBF, stChar)
	add(stTwo, 0x80, 0xBF, stLast)
	add(stThree, 0x80, 0xBF, stTwo)
	add(stAfterE0, 0xA0, 0xBF, stLast)
	add(stAfterED, 0x80, 0x9F, stLast)
	add(stAfterF0, 0x90, 0xBF, stTwo)
	add(stAfterF4, 0x80, 0x8F, stTwo)
	return &t
}

var (
	readSteps  = makeSteps(func(byte) bool { return true })
	writeSteps = makeSteps(allowed)
)

// follow reports whether s is UTF-8 by the automaton t. Words of ASCII without
// a byte below low, eight times the same, are passed over at its start. What
// comes after the first other word goes through the automaton, the two halves
// side by side: they wait for each other less than a branch that is guessed
// wrong takes.
func follow(s string, t *steps, low uint64) bool {
	for len(s) >= 8 {
		if x := word(s[:8]); ((x-low)|x)&highs != 0 {
			break
		}
		s = s[8:]
	}
	half := len(s) / 2
	for half > 0 && s[half]&0xC0 == 0x80 {
		half--
	}
	a, b := s[:half], s[half:]
	one, two := uint64(stChar), uint64(stChar)
	for len(a) >= 8 && len(b) >= 8 {
		x, y := word(a[:8]), word(b[:8])
		one, two = t[byte(x)]>>(one&63), t[byte(y)]>>(two&63)
		one, two = t[byte(x>>8)]>>(one&63), t[byte(y>>8)]>>(two&63)
		one, two = t[byte(x>>16)]>>(one&63), t[byte(y>>16)]>>(two&63)
		one, two = t[byte(x>>24)]>>(one&63), t[byte(y>>24)]>>(two&63)
		one, two = t[byte(x>>32)]>>(one&63), t[byte(y>>32)]>>(two&63)
		one, two = t[byte(x>>40)]>>(one&63), t[byte(y>>40)]>>(two&63)
		one, two = t[byte(x>>48)]>>(one&63), t[byte(y>>48)]>>(two&63)
		one, two = t[byte(x>>56)]>>(one&63), t[byte(y>>56)]>>(two&63)
		a, b = a[8:], b[8:]
	}
	for i := range len(a) {
		one = t[a[i]] >> (one & 63)
	}
	for i := range len(b) {
		two = t[b[i]] >> (two & 63)
	}
	return one&63 == stChar && two&63 == stChar
}

// word is eight bytes as a number.
func word(s string) uint64 { return binary.LittleEndian.Uint64([]byte(s)) }

// readable is a copy of text in which nothing but UTF-8 is left.
func readable(text []byte) string {
	s := string(text)
	if follow(s, readSteps, 0) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// writable reports whether s can be written as it is: UTF-8 of characters that
// XML 1.0 has, which are not U+FFFE and U+FFFF.
func writable(s string) bool {
	if !follow(s, writeSteps, blanks) {
		return false
	}
	for {
		i := strings.Index(s, "\xEF\xBF")
		if i < 0 {
			return true
		}
		if s[i+2] >= 0xBE { // a third byte is there
			return false
		}
		s = s[i+3:]
	}
}

// clean is s as it can be written: without the characters that XML 1.0 does not
// have, and U+FFFD for what is not UTF-8.
func clean(s string) string {
	if writable(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && !allowed(byte(r)) || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}

// cleanBytes is b without the ASCII characters that XML 1.0 does not have. What
// encoding the rest has is the business of who gave it.
func cleanBytes(b []byte) []byte {
	for i := 0; i < len(b); {
		if i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			m := (x - blanks) &^ x & highs
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		}
		if !allowed(b[i]) {
			return appendAllowed(append(make([]byte, 0, len(b)), b[:i]...), b[i:])
		}
		i++
	}
	return b
}

func appendAllowed(dst, b []byte) []byte {
	for _, c := range b {
		if allowed(c) {
			dst = append(dst, c)
		}
	}
	return dst
}
