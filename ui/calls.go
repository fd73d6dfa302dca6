package ui

import (
	"context"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// How long a command may take.
const (
	quick   = 20 * time.Second // what is kept on this machine
	network = 2 * time.Minute  // what the server has to be asked for
	forever = time.Duration(0)
)

// answer is what a command found out: what to do with it on the screen's
// goroutine. A closure keeps a question and the use of its answer together.
type answer func(*App) tea.Cmd

// work counts the commands under way, so that leaving can wait for them.
type work struct {
	mu     sync.Mutex
	closed bool
	wait   sync.WaitGroup
}

func (w *work) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.wait.Add(1)
	return true
}

func (w *work) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.wait.Wait()
}

// call makes a command of do. do runs on another goroutine and must not touch
// the App; what it returns runs on the screen's goroutine.
func (a *App) call(limit time.Duration, do func(context.Context) answer) tea.Cmd {
	return func() tea.Msg {
		if !a.work.enter() {
			return nil
		}
		defer a.work.wait.Done()
		ctx, cancel := a.ctx, context.CancelFunc(func() {})
		if limit > 0 {
			ctx, cancel = context.WithTimeout(ctx, limit)
		}
		defer cancel()
		then := do(ctx)
		if then == nil {
			return nil
		}
		return then
	}
}

// after is call some time later, unless the screens close before.
func (a *App) after(d time.Duration, then answer) tea.Cmd {
	return a.call(forever, func(ctx context.Context) answer {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			return then
		}
	})
}

// lane lets one read of a pane be under way. Of those that are wished for
// meanwhile, the last one follows. gen tells the answers of another question.
type lane struct {
	gen  uint64
	busy bool
	next func() tea.Cmd
	stop context.CancelFunc // ends what is under way, nil before the first
}

// drop gives up what is asked, of which nobody wants to know any more, so that
// what is asked next does not wait for it.
func (l *lane) drop() {
	if l.next = nil; l.busy {
		l.stop()
	}
}

// read asks in a lane. The answer comes in any case; it has to look at gen
// where it may have come too late.
func (a *App) read(l *lane, limit time.Duration, do func(context.Context) answer) tea.Cmd {
	start := func() tea.Cmd {
		dropped, stop := context.WithCancel(a.ctx)
		l.busy, l.stop = true, stop
		return a.call(limit, func(ctx context.Context) answer {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(dropped, cancel)()
			then := do(ctx)
			return func(a *App) tea.Cmd {
				stop()
				l.busy = false
				var next tea.Cmd
				if l.next != nil {
					next, l.next = l.next(), nil
				}
				if then == nil {
					return next
				}
				return tea.Batch(then(a), next)
			}
		})
	}
	if l.busy {
		l.next = start
		return nil
	}
	return start()
}
