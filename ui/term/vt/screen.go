package vt

import (
	"io"
	"strings"
	"sync"

	"eas.example/securemail/ui/text"
)

// Screen is a terminal. Make it with New.
type Screen struct {
	mu sync.Mutex

	w, h   int
	main   *grid
	alt    *grid // nil while the main screen is shown
	seen   *grid // what is shown during a synchronized update, else nil
	x, y   int
	wrap   bool // the next character goes to the next line
	top    int
	bottom int
	st     Style
	saved  [2]position // of the main and the alternate screen
	modes  map[int]bool
	kitty  []int // flags of the keyboard protocol
	keys   int   // modifyOtherKeys
	title  string
	titles []string
	clip   string
	last   string // the cluster printed last, "" after anything else
	lastX  int
	lastY  int
	bells  int
	frames int
	reply  io.Writer
	strays []string
	dark   bool
	width  func(string) int
	parser parser
}

type position struct {
	x, y int
	st   Style
}

// New makes a terminal of w by h cells with nothing on it.
func New(w, h int) *Screen {
	return &Screen{w: w, h: h, main: newGrid(w, h), bottom: h - 1, dark: true,
		modes: map[int]bool{7: true, 25: true}, width: func(s string) int { _, n := text.Next(s); return n }}
}

// Answer makes the terminal answer questions to w; without it, it is silent.
// dark is the background it tells of.
func (s *Screen) Answer(w io.Writer, dark bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply, s.dark = w, dark
}

// Measure sets how wide the terminal takes a cluster to be, 0 to 2. By default
// it agrees with ui/text; others do not.
func (s *Screen) Measure(width func(cluster string) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.width = width
}

// Write takes what a program sends. It never fails.
func (s *Screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feed(b)
	return len(b), nil
}

// Resize gives the terminal another size. What fits stays, and the scroll
// region is the whole screen again.
func (s *Screen) Resize(w, h int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w, s.h = w, h
	s.main = s.main.resized(w, h)
	if s.alt != nil {
		s.alt = s.alt.resized(w, h)
	}
	if s.seen != nil {
		s.seen = s.seen.resized(w, h)
	}
	s.top, s.bottom = 0, h-1
	s.x, s.y, s.wrap = min(s.x, w-1), min(s.y, h-1), false
}

// grid is what is written to.
func (s *Screen) grid() *grid {
	if s.alt != nil {
		return s.alt
	}
	return s.main
}

// shown is what is seen.
func (s *Screen) shown() *grid {
	if s.seen != nil {
		return s.seen
	}
	return s.grid()
}

// Size is how many columns and lines there are.
func (s *Screen) Size() (w, h int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w, s.h
}

// Cell is what is seen at x, y, counted from 0.
func (s *Screen) Cell(x, y int) Cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown().row(y)[x]
}

// Cells is all that is seen, line by line.
func (s *Screen) Cells() []Cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown().clone().cells
}

// Line is the text of a line as seen, without blanks at its end.
func (s *Screen) Line(y int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown().line(y)
}

// String is the text seen, without blanks at the end of lines and without
// empty lines at the end.
func (s *Screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.shown()
	lines := make([]string, g.h)
	for y := range lines {
		lines[y] = g.line(y)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// Cursor is where the cursor stands, and whether it is seen.
func (s *Screen) Cursor() (x, y int, visible bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.x, s.y, s.modes[25]
}

// Title is the name of the window.
func (s *Screen) Title() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.title
}

// Mode reports whether a private mode is set, such as 1049 for the alternate
// screen or 2004 for bracketed paste.
func (s *Screen) Mode(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 1049 {
		return s.alt != nil
	}
	return s.modes[n]
}

// Keyboard is the state of the keyboard protocols: the flags of kitty's, and
// the level of xterm's modifyOtherKeys.
func (s *Screen) Keyboard() (kitty, otherKeys int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.kitty); n > 0 {
		kitty = s.kitty[n-1]
	}
	return kitty, s.keys
}

// Updates is how many synchronized updates ended, and Bells how often the bell
// rang.
func (s *Screen) Updates() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frames
}

// Bells is how often the bell rang.
func (s *Screen) Bells() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bells
}

// Strays are sequences that the terminal did not understand.
func (s *Screen) Strays() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.strays...)
}

// print puts a rune on the screen, or joins it to the one printed before.
func (s *Screen) print(r rune) {
	if r >= 0x80 && s.last != "" && s.join(s.last+string(r)) {
		return
	}
	s.put(string(r))
}

// join makes the cluster printed last a longer one, if it is one.
func (s *Screen) join(cluster string) bool {
	if n, _ := text.Next(cluster); n < len(cluster) {
		return false
	}
	w, row := s.width(cluster), s.grid().row(s.lastY)
	c := &row[s.lastX]
	c.Text, s.last = cluster, cluster
	if w == 2 && c.Width == 1 && s.lastX+1 < s.w {
		c.Width = 2
		row[s.lastX+1] = Cell{Style: c.Style}
		s.grid().mend(s.lastY)
		s.advance(1)
	}
	return true
}

// put puts a cluster at the cursor.
func (s *Screen) put(cluster string) {
	w := s.width(cluster)
	if w == 0 {
		return
	}
	g := s.grid()
	if s.modes[7] && (s.wrap || s.x+w > s.w) {
		s.x = 0
		s.index()
	}
	if s.x+w > s.w {
		s.x = max(s.w-w, 0)
	}
	row := g.row(s.y)
	c := Cell{Text: cluster, Width: w, Style: s.st}
	if cluster == " " {
		c.Text = ""
	}
	if row[s.x] = c; w == 2 && s.x+1 < s.w {
		row[s.x+1] = Cell{Style: s.st}
	}
	g.mend(s.y)
	s.last, s.lastX, s.lastY = cluster, s.x, s.y
	s.advance(w)
}

func (s *Screen) advance(w int) {
	if s.x += w; s.x >= s.w {
		s.x = s.w - 1
		s.wrap = s.modes[7]
	}
}

// index moves the cursor down, and scrolls at the end of the region.
func (s *Screen) index() {
	switch s.y {
	case s.bottom:
		s.grid().scroll(s.top, s.bottom, 1, s.st)
	case s.h - 1:
	default:
		s.y++
	}
	s.wrap = false
}

func (s *Screen) move(x, y int) {
	s.x, s.y, s.wrap = min(max(x, 0), s.w-1), min(max(y, 0), s.h-1), false
}
