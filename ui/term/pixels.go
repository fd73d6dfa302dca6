package term

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Graphics is how a terminal draws pictures by the pixel.
type Graphics uint8

// The ways.
const (
	NoGraphics Graphics = iota
	Sixel
	Kitty // its graphics protocol
)

// GraphicsMsg tells the model that the terminal draws pictures by the pixel,
// and how many pixels a cell has; 0 where it does not say. It comes soon after
// the start and when cells change; never from a terminal that draws none.
type GraphicsMsg struct {
	Graphics              Graphics
	CellWidth, CellHeight int
}

// Picture is one that is drawn over empty cells of the View.
type Picture struct {
	X, Y int
	// ID names what Load gives to the terminal for later, once; "" for nothing.
	ID   uint32
	Load string
	// Draw draws it with the cursor in its upper left cell.
	Draw string
	// Drop takes it off the screen; "" where it goes when its cells are painted.
	Drop string
}

// Pictured is a model that shows pictures by the pixel. It is asked after View.
type Pictured interface{ Pictures() []Picture }

// askGraphics asks whether the terminal knows kitty's protocol, by a picture
// of one pixel that it is not to show.
const askGraphics = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"

// asksGraphics reports whether the question may be asked: multiplexers take it
// for the title of a window.
func asksGraphics(getenv func(string) string) bool {
	name := getenv("TERM")
	return getenv("TMUX") == "" && getenv("STY") == "" && !strings.HasPrefix(name, "screen") && !strings.HasPrefix(name, "tmux")
}

// cellSize is how many pixels a cell of the terminal has, 0 where it does not
// say.
func (t *terminal) cellSize() (width, height int) {
	w, err := unix.IoctlGetWinsize(int(t.out.Fd()), unix.TIOCGWINSZ)
	if err != nil || w.Col == 0 || w.Row == 0 {
		return 0, 0
	}
	return int(w.Xpixel) / int(w.Col), int(w.Ypixel) / int(w.Row)
}

// kittyAnswer says that the terminal knows kitty's protocol.
type kittyAnswer struct{}

// graphics is what the terminal said, as a message for the model.
func (l *loop) graphics() (GraphicsMsg, bool) {
	m := GraphicsMsg{Graphics: l.drawsBy}
	m.CellWidth, m.CellHeight = l.term.cellSize()
	return m, l.drawsBy != NoGraphics
}

// swap takes pictures away that are no longer shown. Of those that go only when
// their cells are painted, the whole screen is painted.
func (p *painter) swap(pics []Picture) {
	for _, old := range p.pics {
		if slices.Contains(pics, old) {
			continue
		}
		if old.Drop == "" {
			p.valid = false
		} else {
			p.buf = append(p.buf, old.Drop...)
		}
	}
}

// draw draws the pictures that are new, or all of them after the screen was
// cleared.
func (p *painter) draw(pics []Picture, cleared bool) {
	if cleared {
		p.loaded = nil
	}
	for _, pic := range pics {
		if !cleared && slices.Contains(p.pics, pic) {
			continue
		}
		p.x, p.y = -1, -1
		p.move(pic.X, pic.Y)
		if pic.Load != "" && !slices.Contains(p.loaded, pic.ID) {
			p.loaded = append(p.loaded, pic.ID)
			p.buf = append(p.buf, pic.Load...)
		}
		p.buf = append(p.buf, pic.Draw...)
		p.x, p.y = -1, -1
	}
	p.pics = slices.Clone(pics)
}
