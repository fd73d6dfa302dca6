package vt

import (
	"fmt"
	"strings"
)

// sequence takes a CSI sequence: what stands between CSI and the final byte.
func (s *Screen) sequence(params string, final byte) {
	whole := params + string(rune(final))
	s.parser.buf, s.last = s.parser.buf[:0], ""
	private := ""
	if params != "" && strings.Contains("<=>?", params[:1]) {
		private, params = params[:1], params[1:]
	}
	plain := strings.TrimRight(params, " !\"#$%&'()*+,-./")
	kind := private + params[len(plain):] + string(rune(final))
	n := numbers(plain)
	if s.cursor(kind, n) || s.edit(kind, n) || s.mode(kind, n) || s.ask(kind, n) {
		return
	}
	switch kind {
	case "m":
		s.sgr(plain)
	case "t":
		s.window(n)
	case " q", ">m", "!p":
		if kind == ">m" && n[0] == 4 {
			s.keys = arg(n, 1, 0)
		}
	default:
		s.stray("CSI " + whole)
	}
}

// arg is parameter i, def when it is absent or 0.
func arg(n []int, i, def int) int {
	if i < len(n) && n[i] > 0 {
		return n[i]
	}
	return def
}

// cursor does what moves the cursor.
func (s *Screen) cursor(kind string, n []int) bool {
	by := arg(n, 0, 1)
	switch kind {
	case "A":
		s.move(s.x, s.y-by)
	case "B", "e":
		s.move(s.x, s.y+by)
	case "C", "a":
		s.move(s.x+by, s.y)
	case "D":
		s.move(s.x-by, s.y)
	case "E":
		s.move(0, s.y+by)
	case "F":
		s.move(0, s.y-by)
	case "G", "`":
		s.move(by-1, s.y)
	case "d":
		s.move(s.x, by-1)
	case "H", "f":
		s.move(arg(n, 1, 1)-1, by-1)
	case "s":
		s.save()
	case "u":
		s.restore()
	case "r":
		s.top, s.bottom = by-1, min(arg(n, 1, s.h), s.h)-1
		if s.top >= s.bottom {
			s.top, s.bottom = 0, s.h-1
		}
		s.move(0, 0)
	default:
		return false
	}
	return true
}

// edit does what changes cells.
func (s *Screen) edit(kind string, n []int) bool {
	g := s.grid()
	row, here := g.row(s.y), s.y*g.w+s.x
	by := arg(n, 0, 1)
	switch kind {
	case "J":
		switch arg(n, 0, 0) {
		case 0:
			g.erase(here, len(g.cells), s.st)
		case 1:
			g.erase(0, here+1, s.st)
		case 2:
			g.erase(0, len(g.cells), s.st)
		}
	case "K":
		switch arg(n, 0, 0) {
		case 0:
			g.erase(here, (s.y+1)*g.w, s.st)
		case 1:
			g.erase(s.y*g.w, here+1, s.st)
		case 2:
			g.erase(s.y*g.w, (s.y+1)*g.w, s.st)
		}
	case "X":
		g.erase(here, here+min(by, g.w-s.x), s.st)
	case "@":
		by = min(by, g.w-s.x)
		copy(row[s.x+by:], row[s.x:])
		g.erase(here, here+by, s.st)
	case "P":
		by = min(by, g.w-s.x)
		copy(row[s.x:], row[s.x+by:])
		g.erase((s.y+1)*g.w-by, (s.y+1)*g.w, s.st)
	case "L", "M":
		if s.y < s.top || s.y > s.bottom {
			return true
		}
		if kind == "L" {
			by = -by
		}
		g.scroll(s.y, s.bottom, by, s.st)
		s.x = 0
	case "S":
		g.scroll(s.top, s.bottom, by, s.st)
	case "T":
		g.scroll(s.top, s.bottom, -by, s.st)
	default:
		return false
	}
	s.wrap = false
	g.mend(s.y)
	return true
}

// mode sets and unsets modes.
func (s *Screen) mode(kind string, n []int) bool {
	switch kind {
	case "?h", "?l":
		for _, m := range n {
			s.private(m, kind == "?h")
		}
	case "h", "l":
	case ">u":
		s.kitty = append(s.kitty, arg(n, 0, 0))
	case "<u":
		s.kitty = s.kitty[:max(len(s.kitty)-arg(n, 0, 1), 0)]
	default:
		return false
	}
	return true
}

func (s *Screen) private(m int, on bool) {
	switch m {
	case 47, 1047, 1049:
		switch {
		case on && s.alt == nil:
			s.save()
			s.alt = newGrid(s.w, s.h)
		case !on && s.alt != nil:
			s.alt = nil
			s.restore()
		}
	case 2026:
		switch {
		case on && s.seen == nil:
			s.seen = s.grid().clone()
		case !on && s.seen != nil:
			s.seen = nil
			s.frames++
		}
	}
	s.modes[m] = on
}

// ask answers questions.
func (s *Screen) ask(kind string, n []int) bool {
	switch kind {
	case "c":
		s.answer("\x1b[?62;22c")
	case ">c":
		s.answer("\x1b[>41;380;0c")
	case ">q":
		s.answer("\x1bP>|vt(1)\x1b\\")
	case "n":
		switch n[0] {
		case 5:
			s.answer("\x1b[0n")
		case 6:
			s.answer(fmt.Sprintf("\x1b[%d;%dR", s.y+1, s.x+1))
		}
	case "?u":
		flags := 0
		if k := len(s.kitty); k > 0 {
			flags = s.kitty[k-1]
		}
		s.answer(fmt.Sprintf("\x1b[?%du", flags))
	case "?$p":
		v := 2
		if s.modes[n[0]] {
			v = 1
		}
		s.answer(fmt.Sprintf("\x1b[?%d;%d$y", n[0], v))
	default:
		return false
	}
	return true
}

// window does what window managers are asked (XTWINOPS): the title.
func (s *Screen) window(n []int) {
	switch n[0] {
	case 22:
		s.titles = append(s.titles, s.title)
	case 23:
		if k := len(s.titles); k > 0 {
			s.title, s.titles = s.titles[k-1], s.titles[:k-1]
		}
	}
}
