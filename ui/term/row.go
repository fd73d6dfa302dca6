package term

import (
	"strings"
	"unicode/utf8"

	"eas.example/securemail/ui/text"
)

// cell is one place of the screen. A wide sign takes two: itself and one of
// width 0.
type cell struct {
	code  int32  // the rune; with n > 0 where the cluster begins in the row's source
	n     uint16 // bytes of a cluster of several runes
	width uint8
	st    style
}

// row is a line of the screen and the text that it was made of.
type row struct {
	src   string
	hash  uint64
	cells []cell
	end   int // after the last cell that is not empty
}

var empty = cell{code: ' ', width: 1}

// clear makes the row empty, of w cells.
func (r *row) clear(w int) {
	r.src, r.hash, r.end = "", 0, 0
	r.cells = r.cells[:0]
	for range w {
		r.cells = append(r.cells, empty)
	}
}

// cluster is the text of a cell that is made of several runes.
func (r *row) cluster(c cell) string { return r.src[c.code : int(c.code)+int(c.n)] }

// same reports whether two rows are alike at x.
func same(a, b *row, x int) bool {
	c, d := a.cells[x], b.cells[x]
	if c.n == 0 || d.n == 0 {
		return c == d
	}
	return c.n == d.n && c.width == d.width && c.st == d.st && a.cluster(c) == b.cluster(d)
}

// contested reports whether terminals may differ on the width of a cell.
func contested(c cell) bool {
	if c.n > 0 {
		return true
	}
	if c.code < 0x7f {
		return false
	}
	var b [utf8.UTFMax]byte
	n := utf8.EncodeRune(b[:], rune(c.code))
	return !text.Agreed(string(b[:n]))
}

// parse fills the row with a line of a view, w cells wide.
func (p *painter) parse(r *row, line string) {
	w := p.w
	r.src, r.end = line, 0
	cells := r.cells[:0]
	var st style
	for i := 0; i < len(line) && len(cells) < w; {
		c := line[i]
		switch {
		case c >= ' ' && c < 0x7f && (i+1 == len(line) || line[i+1] < utf8.RuneSelf):
			i++
			if c == ' ' {
				cells = append(cells, cell{code: ' ', width: 1, st: st.blank()})
			} else {
				cells = append(cells, cell{code: int32(c), width: 1, st: st})
			}
		case c == 0x1b:
			i += p.escape(line[i:], &st)
		case c == '\t':
			i++
			for ok := true; ok && len(cells) < w; ok = len(cells)%8 != 0 {
				cells = append(cells, cell{code: ' ', width: 1, st: st.blank()})
			}
		case c < ' ' || c == 0x7f:
			i++
		default:
			n, cw := text.Next(line[i:])
			cells = appendCluster(cells, line, i, n, cw, w, st)
			i += n
		}
	}
	for x, c := range cells {
		if c != empty {
			r.end = x + 1
		}
	}
	for len(cells) < w {
		cells = append(cells, empty)
	}
	r.cells = cells
}

// appendCluster appends the cells of a cluster. What takes no room by itself
// (stray marks, bidi controls, C1) is left out, what is no UTF-8 is replaced.
func appendCluster(cells []cell, line string, i, n, width, w int, st style) []cell {
	if width == 0 {
		return cells
	}
	if len(cells)+width > w { // half a sign does not fit
		return append(cells, cell{code: ' ', width: 1, st: st.blank()})
	}
	c := cell{width: uint8(width), st: st}
	switch r, size := utf8.DecodeRuneInString(line[i : i+n]); {
	case size == n:
		c.code = int32(r)
	case n < 1<<16 && utf8.ValidString(line[i:i+n]):
		c.code, c.n = int32(i), uint16(n)
	default:
		c.code = utf8.RuneError
	}
	cells = append(cells, c)
	if width == 2 {
		cells = append(cells, cell{st: st})
	}
	return cells
}

// escape takes the sequence that s begins with and gives its length. SGR and
// hyperlinks change the style, all else is passed over.
func (p *painter) escape(s string, st *style) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			c := s[i]
			if c < ' ' || c >= 0x7f {
				return i
			}
			if c >= 0x40 {
				if c == 'm' {
					st.apply(s[2:i], p.profile)
				}
				return i + 1
			}
		}
		return len(s)
	case ']', 'P', 'X', '^', '_':
		for i := 2; i < len(s); i++ {
			switch {
			case s[i] == 0x07:
				p.hyperlink(s[1:i], st)
				return i + 1
			case s[i] == 0x1b:
				if i+1 < len(s) && s[i+1] == '\\' {
					p.hyperlink(s[1:i], st)
					return i + 2
				}
				return i
			}
		}
		return len(s)
	}
	return 1
}

// maxLinks is how many different links a painter keeps before it starts anew.
const maxLinks = 1 << 10

// hyperlink takes the text of OSC 8: "]8;params;address".
func (p *painter) hyperlink(s string, st *style) {
	rest, ok := strings.CutPrefix(s, "]8;")
	if !ok || p.profile == noStyle || p.plain {
		return
	}
	_, address, _ := strings.Cut(rest, ";")
	st.link = p.link(cleanLine(address, maxAddress))
}

// maxAddress is how long a link may be; terminals take about as much.
const maxAddress = 2000

// link is the number of an address.
func (p *painter) link(address string) uint16 {
	if address == "" || len(p.links) > maxLinks {
		return 0
	}
	for i, known := range p.links {
		if known == address {
			return uint16(i + 1)
		}
	}
	p.links = append(p.links, strings.Clone(address))
	return uint16(len(p.links))
}

// cleanLine takes out what is not meant to be seen, and cuts s to limit bytes.
func cleanLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xad || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e ||
			r >= 0x2060 && r <= 0x2069 || r == 0xfeff {
			return -1
		}
		return r
	}, s)
	for len(s) > limit {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}
