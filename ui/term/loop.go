package term

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// loop is the model that tea runs: it stands around the real one. Messages
// come to it through a queue, so that all there are can be taken at once and
// then be painted as one frame.
type loop struct {
	ctx     context.Context
	program *tea.Program
	term    *terminal
	reader  *reader

	// Of the goroutine of the program:
	model   tea.Model
	known   tea.WindowSizeMsg // what it was told of its size
	dirty   bool
	skipped int // frames left out since the last one painted

	mu     sync.Mutex
	queue  []tea.Msg
	awake  bool // a wake message is under way
	err    error
	ending bool

	away     sync.Mutex // held while another program has the terminal
	lent     atomic.Bool
	ownStop  func() // takes SIGTSTP back; guarded by away
	child    atomic.Pointer[child]
	signals  *signals
	resumed  chan struct{} // SIGCONT came
	drawsBy  Graphics      // guarded by mu
	answered chan struct{} // closed when the terminal answered all questions
	asked    sync.Once
}

// wake tells the program to look into the queue.
type wake struct{}

// nudge makes a frame without telling the model anything.
type nudge struct{}

// resized says that the terminal may have another size than before.
type resized struct{}

// handled is closed when what was queued before it was handled.
type handled chan struct{}

// maxSkip is how many frames in a row may be left out because more messages
// wait; a flood must not stop the screen.
const maxSkip = 4

// deliver queues messages for the model. It may block until the program takes
// them, and drops them when it has ended.
func (l *loop) deliver(msgs ...tea.Msg) {
	l.mu.Lock()
	for _, m := range msgs {
		switch m := m.(type) {
		case kittyAnswer:
			l.drawsBy = Kitty
			continue
		case answered:
			if m.sixel && l.drawsBy == NoGraphics {
				l.drawsBy = Sixel
			}
			if g, ok := l.graphics(); ok {
				l.queue = append(l.queue, g)
			}
			l.asked.Do(func() { close(l.answered) })
			continue
		}
		l.queue = append(l.queue, m)
	}
	sleeping := !l.awake && len(l.queue) > 0
	if sleeping {
		l.awake = true
	}
	l.mu.Unlock()
	if sleeping {
		l.program.Send(wake{})
		runtime.Gosched() // the program goes on here and now, not when another thread woke up
	}
}

// take empties the queue.
func (l *loop) take() []tea.Msg {
	l.mu.Lock()
	defer l.mu.Unlock()
	msgs := l.queue
	l.queue, l.awake = nil, false
	return msgs
}

func (l *loop) more() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue) > 0
}

// Init starts the model and tells it its size, so that its first View fits.
func (l *loop) Init() tea.Cmd {
	first := l.model.Init()
	return tea.Batch(l.wrap(first), l.update(l.term.size()))
}

// Update hands everything in the queue to the model.
func (l *loop) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(wake); !ok {
		return l, l.update(msg)
	}
	var cmds []tea.Cmd
	for _, m := range l.take() {
		if cmd := l.update(m); cmd != nil {
			cmds = append(cmds, cmd)
		}
	}
	return l, tea.Batch(cmds...)
}

// update hands one message to the model.
func (l *loop) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case nudge:
		l.dirty = true
		return nil
	case handled:
		close(m)
		return nil
	case resized:
		size := l.term.size()
		if size == l.known {
			return nil
		}
		return l.update(size)
	case tea.WindowSizeMsg:
		l.known = m
		l.term.resize(m.Width, m.Height)
	case tea.KeyMsg:
		if m.Type == tea.KeyCtrlZ && !m.Alt {
			return l.wrap(tea.Suspend)
		}
	}
	var cmd tea.Cmd
	l.model, cmd = l.model.Update(msg)
	if _, ok := msg.(tea.WindowSizeMsg); ok {
		l.mu.Lock()
		g, draws := l.graphics()
		l.mu.Unlock()
		if draws { // its cells may have another size now
			var more tea.Cmd
			l.model, more = l.model.Update(g)
			cmd = tea.Batch(cmd, more)
		}
	}
	l.dirty = true
	return l.wrap(cmd)
}

// View paints. tea calls it after every Update, when the commands have been
// started, and has no use for the result.
func (l *loop) View() string {
	if !l.dirty {
		return ""
	}
	if l.skipped < maxSkip && l.more() {
		l.skipped++
		return ""
	}
	l.dirty, l.skipped = false, 0
	view := l.model.View()
	var cur cursor
	if c, ok := l.model.(Cursored); ok {
		cur.x, cur.y, cur.shown = c.Cursor()
	}
	if m, ok := l.model.(Titled); ok {
		l.term.setTitle(m.Title())
	}
	var pics []Picture
	if m, ok := l.model.(Pictured); ok {
		pics = m.Pictures()
	}
	if err := l.term.frame(view, cur, pics...); err != nil {
		l.fail(fmt.Errorf("write to terminal: %w", err))
	}
	return ""
}

// fail ends the program with an error; the first one counts.
func (l *loop) fail(err error) {
	l.mu.Lock()
	if l.err == nil {
		l.err = err
	}
	l.mu.Unlock()
	l.program.Kill()
}

// inputEnded is told by the reader that no more bytes will come.
func (l *loop) inputEnded(err error) {
	if err == nil {
		l.fail(ErrHangup)
		return
	}
	l.fail(fmt.Errorf("read from terminal: %w", err))
}

// outcome is what Run returns when the program returned err.
func (l *loop) outcome(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.err != nil:
		return l.err
	case errors.Is(err, tea.ErrInterrupted):
		return tea.ErrInterrupted
	case l.ctx.Err() != nil && err != nil:
		return context.Cause(l.ctx)
	}
	return err
}

// answerWait is how long the end of a program waits for the terminal to answer
// what it was asked, so that no answer ends up in the shell.
const answerWait = 100 * time.Millisecond

// shutDown ends what has to do with the terminal, and puts it back.
func (l *loop) shutDown() {
	l.program.Kill()
	l.endChild()
	if left := time.Until(l.term.asked().Add(answerWait)); left > 0 {
		select {
		case <-l.answered:
		case <-l.reader.done:
		case <-time.After(left):
		}
	}
	l.reader.stop()
	l.term.close()
}
