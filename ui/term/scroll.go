package term

import (
	"hash/maphash"
	"strconv"
)

// minGain is how many lines a scroll must save.
const minGain = 3

// scroll moves lines that the screen shows to where they are wanted, when that
// saves painting. It changes rows accordingly.
func (p *painter) scroll() {
	top, bottom := p.changed()
	if bottom-top < minGain {
		return
	}
	by, gain := 0, minGain-1
	for i := top; i <= bottom; i++ {
		// Hashes of what is wanted are kept aside in spare, whose rows are
		// filled later.
		p.spare[i].hash = maphash.String(p.seed, p.lines[i])
	}
	for d := 1; d <= bottom-top; d++ {
		if g := p.gain(top, bottom, d); g > gain {
			by, gain = d, g
		}
		if g := p.gain(top, bottom, -d); g > gain {
			by, gain = -d, g
		}
	}
	if by != 0 {
		p.shift(top, bottom, by)
	}
}

// changed gives the first and the last line that are not as wanted.
func (p *painter) changed() (top, bottom int) {
	bottom = p.h - 1
	for top < p.h && p.rows[top].src == p.lines[top] {
		top++
	}
	for bottom > top && p.rows[bottom].src == p.lines[bottom] {
		bottom--
	}
	return top, bottom
}

// gain is how many lines more are right after moving those between top and
// bottom up by d, or down when d is negative. Empty lines count nothing.
func (p *painter) gain(top, bottom, d int) int {
	g := 0
	for y := top; y <= bottom; y++ {
		want := p.spare[y].hash
		if was := &p.rows[y]; was.hash == want && was.end > 0 {
			g--
		}
		if from := y + d; from >= top && from <= bottom {
			if r := &p.rows[from]; r.hash == want && r.end > 0 {
				g++
			}
		}
	}
	return g
}

// shift appends the scroll and moves the rows.
func (p *painter) shift(top, bottom, d int) {
	p.ink(style{}) // new lines get the background in force
	b := append(p.buf, "\x1b["...)
	b = strconv.AppendInt(b, int64(top+1), 10)
	b = append(b, ';')
	b = strconv.AppendInt(b, int64(bottom+1), 10)
	b = append(b, "r\x1b["...)
	b = strconv.AppendInt(b, int64(top+1), 10)
	b = append(b, "H\x1b["...)
	n, final := d, byte('M')
	if d < 0 {
		n, final = -d, 'L'
	}
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, final)
	p.buf = append(b, "\x1b[r"...)
	p.x, p.y = -1, -1
	rows := p.rows[top : bottom+1]
	if d > 0 {
		rotate(rows, n)
		rows = rows[len(rows)-n:]
	} else {
		rotate(rows, len(rows)-n)
		rows = rows[:n]
	}
	for i := range rows {
		rows[i].clear(p.w)
	}
}

// rotate moves the rows up by n; those that leave at the top come in again at
// the bottom.
func rotate(rows []row, n int) {
	flip(rows[:n])
	flip(rows[n:])
	flip(rows)
}

func flip(rows []row) {
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
}
