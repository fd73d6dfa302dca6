package term

import (
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
)

// painter turns views into the bytes that make the screen show them. It knows
// what the screen shows and writes what is different. It does no I/O, and is
// used by one goroutine at a time.
type painter struct {
	profile profile
	plain   bool // the terminal knows CSI sequences of old and no others
	title   string

	w, h  int
	rows  []row // what the screen shows
	spare []row // room for what it is to show
	lines []string
	links []string
	seed  maphash.Seed

	valid bool // rows are right
	view  string
	cur   cursor
	named string

	buf    []byte
	x, y   int // where the terminal writes; -1 when that is not known
	pen    style
	inked  bool // pen is in force
	visual cursorState

	pics   []Picture // that the screen shows
	loaded []uint32  // that the terminal keeps
}

// cursor is where the cursor is to be.
type cursor struct {
	x, y  int
	shown bool
}

type cursorState uint8

const (
	cursorUnknown cursorState = iota
	cursorHidden
	cursorShown
)

// Limits of the screen: larger ones are painted in part.
const maxWidth, maxHeight = 2000, 1000

// newPainter makes a painter of an empty screen; modern says that the terminal
// knows of synchronized output, titles and links, or passes over them.
func newPainter(p profile, modern bool) *painter {
	return &painter{profile: p, plain: !modern, seed: maphash.MakeSeed()}
}

// resize sets the size of the frames to come.
func (p *painter) resize(w, h int) {
	w, h = min(max(w, 1), maxWidth), min(max(h, 1), maxHeight)
	if w == p.w && h == p.h {
		return
	}
	p.w, p.h = w, h
	p.rows, p.spare, p.lines = make([]row, h), make([]row, h), make([]string, h)
	p.invalidate()
}

// invalidate forgets what the screen shows.
func (p *painter) invalidate() { p.valid = false }

// frame gives the bytes that make the screen show view, none when it does. The
// bytes are valid until the next call.
func (p *painter) frame(view string, cur cursor, pics ...Picture) []byte {
	cur.x, cur.y = min(max(cur.x, 0), p.w-1), min(max(cur.y, 0), p.h-1)
	if !cur.shown {
		cur = cursor{}
	}
	same := slices.Equal(pics, p.pics)
	if p.valid && view == p.view && cur == p.cur && p.title == p.named && same {
		return nil
	}
	p.buf = p.buf[:0]
	if !p.plain {
		p.buf = append(p.buf, "\x1b[?2026h"...)
	}
	begin := len(p.buf)
	if !same {
		p.swap(pics)
	}
	cleared := !p.valid
	if cleared {
		p.visual, p.named = cursorUnknown, ""
	}
	if p.visual != cursorHidden {
		p.buf = append(p.buf, "\x1b[?25l"...)
	}
	painting := len(p.buf)
	if !p.valid || view != p.view {
		p.paint(view)
	}
	if !same || cleared && len(pics) > 0 {
		p.ink(style{})
		p.draw(pics, cleared)
	}
	if len(p.buf) == painting && !(len(p.buf) > begin && !same) {
		p.buf = p.buf[:0] // no cell changed: nothing to hide
		begin = 0
	} else {
		p.ink(style{})
		p.visual = cursorHidden
	}
	p.finish(cur)
	if begin > 0 {
		p.buf = append(p.buf, "\x1b[?2026l"...)
	}
	p.view, p.cur, p.valid = view, cur, true
	return p.buf
}

// paint appends what changes the cells.
func (p *painter) paint(view string) {
	p.split(view)
	if len(p.links) > maxLinks {
		p.links = p.links[:0]
		p.valid = false
	}
	if !p.valid {
		for y := range p.rows {
			p.rows[y].clear(p.w)
		}
		p.inked = false
		p.ink(style{})
		p.buf = append(p.buf, "\x1b[H\x1b[2J"...)
		p.x, p.y = 0, 0
	} else if len(p.pics) == 0 {
		p.scroll() // pictures would scroll along, or not
	}
	for y, line := range p.lines {
		old := &p.rows[y]
		if old.src == line {
			old.src = line // lets go of the view before
			continue
		}
		fresh := &p.spare[y]
		p.parse(fresh, line)
		fresh.hash = maphash.String(p.seed, line)
		p.line(y, old, fresh)
		*old, *fresh = *fresh, *old
		fresh.src = ""
	}
	clear(p.lines)
}

// split cuts the view into the lines of the screen.
func (p *painter) split(view string) {
	for y := range p.lines {
		var line string
		line, view, _ = strings.Cut(view, "\n")
		p.lines[y] = line
	}
}

// finish appends title and cursor.
func (p *painter) finish(cur cursor) {
	if p.title != p.named && !p.plain {
		p.buf = append(p.buf, "\x1b]2;"...)
		p.buf = append(p.buf, cleanLine(p.title, maxTitle)...)
		p.buf = append(p.buf, "\x1b\\"...)
	}
	p.named = p.title
	switch {
	case cur.shown:
		p.move(cur.x, cur.y)
		if p.visual != cursorShown {
			p.buf = append(p.buf, "\x1b[?25h"...)
			p.visual = cursorShown
		}
	case p.visual != cursorHidden:
		p.buf = append(p.buf, "\x1b[?25l"...)
		p.visual = cursorHidden
	}
}

// maxTitle is the length of a window's title in bytes.
const maxTitle = 250

// move appends what brings the terminal to a cell.
func (p *painter) move(x, y int) {
	b := p.buf
	switch {
	case y == p.y && x == p.x:
		return
	case y == p.y && x == 0:
		b = append(b, '\r')
	case y == p.y && p.x >= 0 && x > p.x && x-p.x < 10:
		b = append(b, "\x1b["...)
		if x-p.x > 1 {
			b = append(b, '0'+byte(x-p.x))
		}
		b = append(b, 'C')
	case y == p.y && y >= 0:
		b = append(b, "\x1b["...)
		b = strconv.AppendInt(b, int64(x+1), 10)
		b = append(b, 'G')
	case x == 0 && p.y >= 0 && y == p.y+1:
		b = append(b, '\r', '\n')
	default:
		b = append(b, "\x1b["...)
		b = strconv.AppendInt(b, int64(y+1), 10)
		if x > 0 {
			b = append(b, ';')
			b = strconv.AppendInt(b, int64(x+1), 10)
		}
		b = append(b, 'H')
	}
	p.buf, p.x, p.y = b, x, y
}

// ink appends what brings a style in force.
func (p *painter) ink(st style) {
	if !p.inked {
		if p.profile != noStyle {
			p.buf = append(p.buf, "\x1b[m"...)
		}
		if len(p.links) > 0 {
			p.buf = append(p.buf, "\x1b]8;;\x1b\\"...)
		}
		p.pen, p.inked = style{}, true
	}
	if st == p.pen {
		return
	}
	p.buf = appendSGR(p.buf, p.pen, st)
	if st.link != p.pen.link {
		p.buf = append(p.buf, "\x1b]8;;"...)
		if st.link > 0 {
			p.buf = append(p.buf, p.links[st.link-1]...)
		}
		p.buf = append(p.buf, "\x1b\\"...)
	}
	p.pen = st
}
