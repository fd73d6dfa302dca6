package ui

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// fetcher is a backend that can bring files here and tell how far it is.
type fetcher interface {
	FetchAttachment(ctx context.Context, item activesync.ItemID, n int, progress func(done, total int64)) error
}

// transfer is a file on its way here. It is shown while it lasts, and can be
// stopped; what has come of it is kept.
type transfer struct {
	name   string
	cancel context.CancelFunc
	done   atomic.Int64
	total  atomic.Int64
	ended  bool
}

// transferTick is how often the progress of a file is drawn.
const transferTick = 200 * time.Millisecond

func (t *transfer) progress(done, total int64) {
	t.done.Store(done)
	t.total.Store(total)
}

// bring runs do, which brings files here, and shows how far it is.
func (a *App) bring(name string, do func(ctx context.Context, t *transfer) answer) tea.Cmd {
	if a.moving != nil {
		return a.say("Another file is on its way: " + a.moving.name)
	}
	ctx, cancel := context.WithCancel(a.ctx)
	t := &transfer{name: name, cancel: cancel}
	a.moving = t
	run := a.call(forever, func(context.Context) answer {
		defer cancel()
		then := do(ctx, t)
		return func(a *App) tea.Cmd {
			t.ended, a.moving = true, nil
			return then(a)
		}
	})
	return tea.Batch(a.showTransfer(t), run)
}

// showTransfer says how far a file is, again and again.
func (a *App) showTransfer(t *transfer) tea.Cmd {
	if t.ended {
		return nil
	}
	words := "Getting " + t.name + a.theme.Ellipsis
	if done, total := t.done.Load(), t.total.Load(); total > 0 {
		words = "Getting " + t.name + ": " + number(int(done*100/total)) + " % of " + size(total)
	}
	return tea.Batch(a.tell(note{text: words, offer: "Stop " + a.keys.Key(action.StopFile), stays: alertStays}),
		a.after(transferTick, func(a *App) tea.Cmd { return a.showTransfer(t) }))
}

// stopTransfer breaks off what is on its way.
func (a *App) stopTransfer() tea.Cmd {
	if a.moving != nil {
		a.moving.cancel()
	}
	return nil
}

// notBrought says why a file did not come.
func (a *App) notBrought(what string, err error) tea.Cmd {
	if errors.Is(err, context.Canceled) {
		return a.say("Stopped. What has come is kept, and the next time goes on from there.")
	}
	return a.fail(what, err)
}

// bringer brings file n of the message shown here, so that it can be read.
func (r *reader) bringer(b Backend) func(ctx context.Context, n int, t *transfer) error {
	f, can := b.(fetcher)
	if !can || r.parcel != nil && r.parcel.files != nil {
		return func(context.Context, int, *transfer) error { return nil } // it is here, or comes when it is read
	}
	id := r.id
	return func(ctx context.Context, n int, t *transfer) error { return f.FetchAttachment(ctx, id, n, t.progress) }
}
