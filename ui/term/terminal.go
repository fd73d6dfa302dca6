package term

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	xterm "golang.org/x/term"
)

// terminal is the screen side of a terminal and its modes. Its methods may be
// called from any goroutine: putting the terminal back must not wait for the
// program.
type terminal struct {
	in, out *os.File
	opened  *os.File // in, when it was opened here
	asks    bool     // may be asked for its graphics
	dumb    bool     // knows no modes worth setting

	mu      sync.Mutex
	saved   *xterm.State // the modes of before, nil while they are in force
	held    bool         // the modes are ours and frames may be painted
	closed  bool
	mouse   bool
	queried time.Time
	painter *painter
}

// openTerminal finds the terminal. It changes nothing.
func openTerminal(o Options) (*terminal, error) {
	t := &terminal{in: o.In, out: o.Out, mouse: !o.NoMouse}
	if t.out == nil {
		t.out = os.Stdout
	}
	if !xterm.IsTerminal(int(t.out.Fd())) {
		return nil, ErrNoTerminal
	}
	if t.in == nil {
		t.in = os.Stdin
	}
	if !xterm.IsTerminal(int(t.in.Fd())) {
		f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		if err != nil {
			return nil, fmt.Errorf("open terminal: %w", err)
		}
		t.in, t.opened = f, f
	}
	name := o.Getenv("TERM")
	t.dumb = name == "dumb" || name == "linux" || strings.HasPrefix(name, "vt1") || strings.HasPrefix(name, "vt2")
	t.asks = asksGraphics(o.Getenv)
	t.painter = newPainter(profileOf(o.Getenv), !t.dumb)
	return t, nil
}

func (t *terminal) closeFiles() {
	if t.opened != nil {
		_ = t.opened.Close()
	}
}

// Modes that are set while the program has the terminal. Unknown ones are
// passed over by terminals. The keyboard modes come after the alternate
// screen, as kitty keeps them by screen.
const (
	enterScreen = "\x1b[?1049h\x1b[?7l\x1b[?25l"
	leaveScreen = "\x1b[0m\x1b[r\x1b[?7h\x1b[?25h\x1b[?1049l"
	// The title kept; paste, focus, grapheme and theme reports; keys told apart
	// (kitty's protocol, and xterm's modifyOtherKeys).
	enterModes = "\x1b[22;2t\x1b[?2004h\x1b[?1004h\x1b[?2027h\x1b[?2031h\x1b[>4;2m\x1b[>1u"
	leaveModes = "\x1b[?2026l\x1b[<u\x1b[>4m\x1b[?2031l\x1b[?2027l\x1b[?1004l\x1b[?2004l\x1b[23;2t"
	mouseOn    = "\x1b[?1002h\x1b[?1006h"
	mouseOff   = "\x1b[?1006l\x1b[?1002l"
	// What colour is the background? Every terminal answers the second
	// question (what are you?), so its answer ends the wait for the first.
	askTerminal = "\x1b]11;?\x1b\\\x1b[c"
)

// acquire takes the terminal for the program.
func (t *terminal) acquire() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	// The modes of the line first: a process in the background is stopped here,
	// before it writes over what others show.
	state, err := xterm.MakeRaw(int(t.in.Fd()))
	if err != nil {
		return fmt.Errorf("set terminal modes: %w", err)
	}
	if t.saved == nil {
		t.saved = state
	}
	t.held = true
	t.painter.invalidate()
	s := enterScreen
	if !t.dumb {
		s += enterModes
		t.queried = time.Now()
	}
	if t.mouse {
		s += mouseOn
	}
	if !t.dumb && t.asks {
		s += askGraphics
	}
	if !t.dumb {
		s += askTerminal
	}
	return t.put(s)
}

// release puts the terminal back.
func (t *terminal) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.restore()
}

// close puts the terminal back for good.
func (t *terminal) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.restore()
}

func (t *terminal) restore() {
	if t.held {
		t.held = false
		s := leaveScreen
		if !t.dumb {
			s = leaveModes + s
		}
		if t.mouse {
			s = mouseOff + s
		}
		_ = t.put(s) // to be tried, even if the terminal is gone
	}
	if t.saved != nil {
		fd := int(t.in.Fd())
		dropInput(fd) // reports under way when the modes were unset
		_ = xterm.Restore(fd, t.saved)
		t.saved = nil
	}
}

// holds reports whether the program has the terminal.
func (t *terminal) holds() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held
}

// asked is when the terminal was last asked something.
func (t *terminal) asked() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.queried
}

// size is how large the terminal is now.
func (t *terminal) size() tea.WindowSizeMsg {
	w, h, err := xterm.GetSize(int(t.out.Fd()))
	if err != nil || w <= 0 || h <= 0 {
		w, h = 80, 24
	}
	return tea.WindowSizeMsg{Width: w, Height: h}
}

// resize makes frames that large from now on.
func (t *terminal) resize(w, h int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.painter.resize(w, h)
}

// invalidate makes the next frame paint everything.
func (t *terminal) invalidate() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.painter.invalidate()
}

// setTitle names the window from the next frame on.
func (t *terminal) setTitle(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.dumb {
		t.painter.title = s
	}
}

// frame paints, with one write, when there is something to paint.
func (t *terminal) frame(view string, cur cursor, pics ...Picture) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.held {
		return nil
	}
	b := t.painter.frame(view, cur, pics...)
	if len(b) == 0 {
		return nil
	}
	_, err := t.out.Write(b)
	return err
}

// setMouse turns mouse reports on or off.
func (t *terminal) setMouse(on bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if on == t.mouse {
		return nil
	}
	t.mouse = on
	s := mouseOff
	if on {
		s = mouseOn
	}
	if !t.held {
		return nil
	}
	return t.put(s)
}

// write sends bytes that do not change the screen, unless another program has
// the terminal.
func (t *terminal) write(s string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.held {
		return nil
	}
	return t.put(s)
}

func (t *terminal) put(s string) error {
	if _, err := t.out.WriteString(s); err != nil {
		return fmt.Errorf("write to terminal: %w", err)
	}
	return nil
}
