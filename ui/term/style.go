package term

import "strconv"

// style is how a cell looks. Equal styles look the same.
type style struct {
	fg, bg, line colour // line is that of the underline
	attr         attrs
	link         uint16 // into the links of the painter; 0 is none
}

type attrs uint16

const (
	bold attrs = 1 << iota
	dim
	italic
	blink
	reverse
	hidden
	strike
	overline
	underline // its kind is in three bits: single, double, curly, dotted, dashed
)

const underlines = 7 * underline

// onBlanks are the attributes that are seen where there is no sign.
const onBlanks = reverse | strike | overline | underlines

// blank is what is left of a style on an empty cell.
func (st style) blank() style {
	st.attr &= onBlanks
	if st.attr == 0 {
		st.fg, st.line = 0, 0
	}
	return st
}

// sgr are the parameters of one SGR sequence.
type sgr struct {
	n     int
	val   [maxParams]int
	colon [maxParams]bool // a colon stands before it
}

// parse reads s and reports whether it can be understood.
func (q *sgr) parse(s string) bool {
	q.n, q.val[0], q.colon[0] = 1, 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == ';' || c == ':':
			if q.n == maxParams {
				return false
			}
			q.val[q.n], q.colon[q.n] = 0, c == ':'
			q.n++
		case c < '0' || c > '9':
			return false
		default:
			q.val[q.n-1] = min(q.val[q.n-1]*10+int(c-'0'), 1<<16)
		}
	}
	return true
}

// apply changes the style as the parameters of an SGR sequence say (ECMA-48
// 8.3.117, colours as in ISO 8613-6 and xterm). What is unknown changes
// nothing.
func (st *style) apply(s string, p profile) {
	var q sgr
	if p == noStyle || !q.parse(s) {
		return
	}
	for i := 0; i < q.n; {
		next := i + 1
		for next < q.n && q.colon[next] {
			next++
		}
		switch v := q.val[i]; {
		case v == 38 || v == 48 || v == 58:
			var c colour
			var ok bool
			if c, next, ok = q.colour(i, next); ok {
				st.set(v, p.fit(c))
			}
		case v == 4 && next > i+1:
			if kind := q.val[i+1]; kind <= 5 {
				st.attr = st.attr&^underlines | attrs(kind)*underline
			}
		case next == i+1:
			st.simple(v, p)
		}
		i = next
	}
}

// colour reads a colour that starts with parameter i. next is the parameter
// after its colons; it gives that after the whole.
func (q *sgr) colour(i, next int) (colour, int, bool) {
	args := q.val[i+1 : next]
	rest := next
	if len(args) == 0 { // the form with semicolons
		switch args = q.val[next:q.n]; {
		case len(args) >= 2 && args[0] == 5:
			args = args[:2]
		case len(args) >= 4 && args[0] == 2:
			args = args[:4]
		default:
			return 0, q.n, false
		}
		rest = next + len(args)
	}
	switch {
	case len(args) == 2 && args[0] == 5 && args[1] < 256:
		return indexed | colour(args[1]), rest, true
	case len(args) >= 5 && args[0] == 2: // with the number of a colour space
		return rgbColour(args[2:5]), rest, true
	case len(args) == 4 && args[0] == 2:
		return rgbColour(args[1:4]), rest, true
	}
	return 0, rest, false
}

func rgbColour(v []int) colour {
	return direct | colour(min(v[0], 255))<<16 | colour(min(v[1], 255))<<8 | colour(min(v[2], 255))
}

func (st *style) set(which int, c colour) {
	switch which {
	case 38:
		st.fg = c
	case 48:
		st.bg = c
	default:
		st.line = c
	}
}

// simple applies a parameter that stands alone.
func (st *style) simple(v int, p profile) {
	switch {
	case v == 0:
		*st = style{link: st.link}
	case v >= 1 && v <= 9 && v != 6:
		st.attr |= [...]attrs{0, bold, dim, italic, underline, blink, 0, reverse, hidden, strike}[v]
		if v == 4 {
			st.attr = st.attr&^underlines | underline
		}
	case v == 6:
		st.attr |= blink
	case v == 21:
		st.attr = st.attr&^underlines | 2*underline
	case v >= 22 && v <= 29:
		st.attr &^= [...]attrs{bold | dim, italic, underlines, blink, 0, reverse, hidden, strike}[v-22]
	case v >= 30 && v <= 37:
		st.fg = p.fit(indexed | colour(v-30))
	case v == 39:
		st.fg = 0
	case v >= 40 && v <= 47:
		st.bg = p.fit(indexed | colour(v-40))
	case v == 49:
		st.bg = 0
	case v == 53:
		st.attr |= overline
	case v == 55:
		st.attr &^= overline
	case v == 59:
		st.line = 0
	case v >= 90 && v <= 97:
		st.fg = p.fit(indexed | colour(v-90+8))
	case v >= 100 && v <= 107:
		st.bg = p.fit(indexed | colour(v-100+8))
	}
}

// appendSGR appends the sequence that turns one style into another, except for
// the link; nothing when they are alike.
func appendSGR(b []byte, from, to style) []byte {
	from.link, to.link = 0, 0
	if from == to {
		return b
	}
	b = append(b, "\x1b["...)
	if to == (style{}) {
		return append(b, 'm')
	}
	// An attribute can be taken off by a reset only with certainty: what takes
	// off bold takes off dim too, and some terminals know less.
	off := from.attr &^ to.attr &^ underlines
	if off != 0 || from.attr&underlines != 0 && to.attr&underlines == 0 {
		b = append(b, '0', ';')
		from = style{}
	}
	for i := range 8 {
		if a := attrs(1) << i; to.attr&^from.attr&a != 0 {
			b = append(b, [...]string{"1;", "2;", "3;", "5;", "7;", "8;", "9;", "53;"}[i]...)
		}
	}
	if u := to.attr & underlines; u != from.attr&underlines {
		b = append(b, '4')
		if u != underline {
			b = append(b, ':', '0'+byte(u/underline))
		}
		b = append(b, ';')
	}
	if to.fg != from.fg {
		b = appendColour(b, 30, to.fg)
	}
	if to.bg != from.bg {
		b = appendColour(b, 40, to.bg)
	}
	if to.line != from.line {
		b = appendColour(b, 50, to.line)
	}
	b[len(b)-1] = 'm'
	return b
}

// appendColour appends the parameters of a colour; base is 30 for the text, 40
// for the background, 50 for the underline.
func appendColour(b []byte, base int, c colour) []byte {
	n := int(c & 0xff)
	switch {
	case c == 0:
		b = strconv.AppendInt(b, int64(base+9), 10)
	case c.kind() == direct:
		b = strconv.AppendInt(b, int64(base+8), 10)
		b = append(b, ";2"...)
		for _, v := range c.rgb() {
			b = append(b, ';')
			b = strconv.AppendInt(b, int64(v), 10)
		}
	case n < 8 && base != 50:
		b = strconv.AppendInt(b, int64(base+n), 10)
	case n < 16 && base != 50:
		b = strconv.AppendInt(b, int64(base+60+n-8), 10)
	default:
		b = strconv.AppendInt(b, int64(base+8), 10)
		b = append(b, ";5;"...)
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return append(b, ';')
}
