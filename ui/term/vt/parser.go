package vt

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// parser is the state between bytes.
type parser struct {
	state state
	buf   []byte // parameters, a string, or a rune
	kind  byte   // of a string
}

type state uint8

const (
	ground state = iota
	escape
	charset // ESC ( and its like: one more byte
	csi
	str
	strEscape
)

// maxSequence is how long a sequence may be.
const maxSequence = 1 << 20

func (s *Screen) feed(b []byte) {
	for _, c := range b {
		s.step(c)
	}
}

func (s *Screen) step(c byte) {
	p := &s.parser
	switch p.state {
	case ground:
		s.text(c)
	case escape:
		s.escape(c)
	case charset:
		p.state = ground
	case csi:
		switch {
		case c == 0x1b:
			p.state = escape
		case c < ' ':
			s.control(c)
		case c >= 0x40 && c < 0x7f:
			p.state = ground
			s.sequence(string(p.buf), c)
		case len(p.buf) < maxSequence:
			p.buf = append(p.buf, c)
		}
	case str:
		switch {
		case c == 0x1b:
			p.state = strEscape
		case c == 0x07 && p.kind == ']':
			p.state = ground
			s.endString()
		case len(p.buf) < maxSequence:
			p.buf = append(p.buf, c)
		}
	case strEscape:
		p.state = ground
		if c == '\\' {
			s.endString()
			return
		}
		s.escape(c)
	}
}

// text takes a byte outside of sequences.
func (s *Screen) text(c byte) {
	p := &s.parser
	if len(p.buf) > 0 && c&0xc0 != 0x80 {
		p.buf = p.buf[:0]
		s.print(utf8.RuneError)
	}
	switch {
	case c == 0x1b:
		p.state = escape
	case c < ' ':
		s.control(c)
	case c == 0x7f:
	case c < utf8.RuneSelf:
		s.print(rune(c))
	default:
		if p.buf = append(p.buf, c); utf8.FullRune(p.buf) {
			r, _ := utf8.DecodeRune(p.buf)
			p.buf = p.buf[:0]
			s.print(r)
		}
	}
}

func (s *Screen) control(c byte) {
	s.last = ""
	switch c {
	case '\a':
		s.bells++
	case '\b':
		s.move(s.x-1, s.y)
	case '\t':
		s.move((s.x/8+1)*8, s.y)
	case '\n', '\v', '\f':
		s.index()
	case '\r':
		s.move(0, s.y)
	}
}

func (s *Screen) escape(c byte) {
	p := &s.parser
	p.state, p.buf, s.last = ground, p.buf[:0], ""
	switch c {
	case '[':
		p.state = csi
	case ']', 'P', 'X', '^', '_':
		p.state, p.kind = str, c
	case '(', ')', '*', '+':
		p.state = charset
	case 0x1b:
		p.state = escape
	case '7':
		s.save()
	case '8':
		s.restore()
	case 'D':
		s.index()
	case 'E':
		s.x = 0
		s.index()
	case 'M':
		if s.y == s.top {
			s.grid().scroll(s.top, s.bottom, -1, s.st)
		} else {
			s.move(s.x, s.y-1)
		}
	case 'c':
		s.main, s.alt, s.seen = newGrid(s.w, s.h), nil, nil
		s.top, s.bottom, s.st = 0, s.h-1, Style{}
		s.modes = map[int]bool{7: true, 25: true}
		s.move(0, 0)
	case '=', '>', '\\':
	default:
		s.stray("\x1b" + string(rune(c)))
	}
}

func (s *Screen) stray(seq string) { s.strays = append(s.strays, seq) }

// at is the screen whose saved position is used.
func (s *Screen) at() int {
	if s.alt != nil {
		return 1
	}
	return 0
}

func (s *Screen) save() { s.saved[s.at()] = position{s.x, s.y, s.st} }

func (s *Screen) restore() {
	p := s.saved[s.at()]
	s.move(p.x, p.y)
	s.st = p.st
}

// endString takes an OSC string; others have no effect.
func (s *Screen) endString() {
	if s.parser.kind != ']' {
		s.parser.buf = s.parser.buf[:0]
		return
	}
	code, rest, _ := strings.Cut(string(s.parser.buf), ";")
	s.parser.buf = s.parser.buf[:0]
	switch code {
	case "0", "2":
		s.title = rest
	case "8":
		_, s.st.Link, _ = strings.Cut(rest, ";")
	case "10", "11":
		if rest == "?" {
			s.colours(code)
		}
	case "52":
		_, s.clip, _ = strings.Cut(rest, ";")
	case "1", "4", "7", "9", "12", "110", "111", "112", "133", "777":
	default:
		s.stray("OSC " + code)
	}
}

func (s *Screen) colours(code string) {
	value := "rgb:1010/1010/1818"
	if s.dark == (code == "10") {
		value = "rgb:eeee/eeee/eeee"
	}
	s.answer("\x1b]" + code + ";" + value + "\x1b\\")
}

func (s *Screen) answer(a string) {
	if s.reply != nil {
		_, _ = s.reply.Write([]byte(a))
	}
}

// numbers reads parameters; those after a colon are left out.
func numbers(s string) []int {
	var out []int
	for f := range strings.SplitSeq(s, ";") {
		f, _, _ = strings.Cut(f, ":")
		n, _ := strconv.Atoi(f)
		out = append(out, min(n, 1<<20))
	}
	return out
}
