package term

import (
	"strconv"
	"unicode/utf8"
)

const (
	// maxGap is how many cells that stay are written again rather than jumped
	// over: a jump takes about as many bytes.
	maxGap = 4
	// minErase is how many empty cells are worth a sequence of their own.
	minErase = 10
)

// line appends what turns one line of the screen into another.
func (p *painter) line(y int, old, fresh *row) {
	first := 0
	for first < p.w && same(old, fresh, first) {
		first++
	}
	if first == p.w {
		return
	}
	last := p.w
	for last > first && same(old, fresh, last-1) {
		last--
	}
	stop := last
	erase := fresh.end < last && last-max(fresh.end, first) > 3
	if erase {
		stop = max(fresh.end, first)
	}
	p.cells(y, first, stop, old, fresh)
	if erase {
		p.move(stop, y)
		p.ink(style{})
		p.buf = append(p.buf, "\x1b[K"...)
	}
}

// cells appends the cells from first to before stop that are different.
func (p *painter) cells(y, first, stop int, old, fresh *row) {
	unsure := false // the cell before may have run over this one
	for x := first; x < stop || unsure && x < p.w; {
		c := fresh.cells[x]
		if c.width == 0 {
			x++
			continue
		}
		if !unsure && same(old, fresh, x) {
			if next := p.gap(x, stop, old, fresh); next > x {
				x = next
				continue
			}
		}
		if n := empties(fresh.cells[x:max(stop, x)]); n >= minErase {
			p.move(x, y)
			p.ink(style{})
			p.buf = append(p.buf, "\x1b["...)
			p.buf = strconv.AppendInt(p.buf, int64(n), 10)
			p.buf = append(p.buf, 'X')
			x += n
			unsure = false
			continue
		}
		p.move(x, y)
		if !p.clear(c) {
			p.ink(c.st)
		}
		p.sign(fresh, c)
		unsure = contested(c) || contested(old.cells[x])
		x += int(c.width)
	}
}

// gap gives where the next different cell is, x when the cells between are
// better written again.
func (p *painter) gap(x, stop int, old, fresh *row) int {
	next := x
	for next < stop && (same(old, fresh, next) || fresh.cells[next].width == 0) {
		next++
	}
	if next == stop || next-x > maxGap {
		return next
	}
	for _, c := range fresh.cells[x:next] {
		if c.st != p.pen && !p.clear(c) || c.code >= utf8.RuneSelf || c.n > 0 || !p.inked || p.x != x {
			return next
		}
	}
	return x
}

// clear reports whether c is empty and looks the same in the style that is in
// force, as how a sign would look is not seen on it.
func (p *painter) clear(c cell) bool {
	return p.inked && c.code == ' ' && c.n == 0 && (p.pen.attr|c.st.attr)&onBlanks == 0 && p.pen.bg == c.st.bg && p.pen.link == c.st.link
}

// empties counts the empty cells that s begins with.
func empties(s []cell) int {
	for i, c := range s {
		if c != empty {
			return i
		}
	}
	return len(s)
}

// sign appends the sign of a cell. Where terminals do not agree how wide it
// is, the room it should take is made empty before, and where the terminal
// writes is not known after.
func (p *painter) sign(r *row, c cell) {
	if !contested(c) {
		p.buf = utf8.AppendRune(p.buf, rune(c.code))
		if p.x += int(c.width); p.x >= p.w {
			p.x = -1 // the cursor stays in the last column
		}
		return
	}
	x, y := p.x, p.y
	if c.width == 2 {
		p.buf = append(p.buf, ' ', ' ')
		p.x = -1
		p.move(x, y)
	}
	if c.n > 0 {
		p.buf = append(p.buf, r.cluster(c)...)
	} else {
		p.buf = utf8.AppendRune(p.buf, rune(c.code))
	}
	p.x = -1
}
