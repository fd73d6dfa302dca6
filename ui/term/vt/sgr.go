package vt

import (
	"strconv"
	"strings"
)

// sgr changes the style. Parameters with colons are taken whole.
func (s *Screen) sgr(params string) {
	fields := strings.Split(params, ";")
	for len(fields) > 0 {
		f := fields[0]
		fields = fields[1:]
		head, sub, colons := strings.Cut(f, ":")
		n, _ := strconv.Atoi(head)
		switch {
		case n == 38 || n == 48 || n == 58:
			if colons {
				s.colour(n, strings.Split(sub, ":"))
				continue
			}
			k := 0
			if len(fields) >= 2 && fields[0] == "5" {
				k = 2
			} else if len(fields) >= 4 && fields[0] == "2" {
				k = 4
			}
			s.colour(n, fields[:k])
			fields = fields[k:]
		case n == 4 && colons:
			kind, _ := strconv.Atoi(sub)
			s.underline(uint8(kind))
		default:
			s.attribute(n)
		}
	}
}

func (s *Screen) colour(which int, f []string) {
	v := make([]uint32, len(f))
	for i := range f {
		n, _ := strconv.Atoi(f[i])
		v[i] = uint32(n)
	}
	var c Colour
	switch {
	case len(v) == 2 && v[0] == 5:
		c = Colour{1, v[1]}
	case len(v) == 4 && v[0] == 2:
		c = Colour{2, v[1]<<16 | v[2]<<8 | v[3]}
	case len(v) >= 5 && v[0] == 2:
		c = Colour{2, v[2]<<16 | v[3]<<8 | v[4]}
	default:
		return
	}
	switch which {
	case 38:
		s.st.FG = c
	case 48:
		s.st.BG = c
	case 58:
		s.st.Line = c
	}
}

func (s *Screen) underline(kind uint8) {
	s.st.Underline = kind
	s.st.Attr &^= Underline
	if kind > 0 {
		s.st.Attr |= Underline
	}
}

func (s *Screen) attribute(n int) {
	on := map[int]Attr{1: Bold, 2: Dim, 3: Italic, 5: Blink, 6: Blink, 7: Reverse, 8: Hidden, 9: Strike, 53: Overline}
	off := map[int]Attr{22: Bold | Dim, 23: Italic, 25: Blink, 27: Reverse, 28: Hidden, 29: Strike, 55: Overline}
	switch {
	case n == 0:
		s.st = Style{Link: s.st.Link}
	case n == 4:
		s.underline(1)
	case n == 21:
		s.underline(2)
	case n == 24:
		s.underline(0)
	case n >= 30 && n <= 37:
		s.st.FG = Colour{1, uint32(n - 30)}
	case n == 39:
		s.st.FG = Colour{}
	case n >= 40 && n <= 47:
		s.st.BG = Colour{1, uint32(n - 40)}
	case n == 49:
		s.st.BG = Colour{}
	case n == 59:
		s.st.Line = Colour{}
	case n >= 90 && n <= 97:
		s.st.FG = Colour{1, uint32(n - 82)}
	case n >= 100 && n <= 107:
		s.st.BG = Colour{1, uint32(n - 92)}
	default:
		s.st.Attr |= on[n]
		s.st.Attr &^= off[n]
	}
}
