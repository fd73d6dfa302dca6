package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// beside runs do in an open session, as exchange does, but outside of the lane.
// It is for what takes long and changes nothing.
func (e *Engine) beside(ctx context.Context, do func(context.Context) error) error {
	var err error
	for range 3 {
		// The session is opened in the lane, and so is what the server asks for.
		if err = e.exchange(ctx, func(context.Context) error { return nil }); err != nil {
			return err
		}
		err = do(ctx)
		switch {
		case errors.Is(err, activesync.ErrProvision):
			if perr := e.exchange(ctx, e.provision); perr != nil {
				return perr
			}
		case moved(err) != "":
			to := moved(err)
			if merr := e.exchange(ctx, func(ctx context.Context) error { return e.moveTo(ctx, to) }); merr != nil {
				return merr
			}
		default:
			return err
		}
	}
	return err
}

// turns lets one at a time through for each name. Its zero value is ready.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when the one in front leaves
}

func (t *turns) enter(ctx context.Context, name string) (leave func(), err error) {
	for {
		t.mu.Lock()
		wait, ok := t.taken[name]
		if !ok {
			mine := make(chan struct{})
			if t.taken == nil {
				t.taken = map[string]chan struct{}{}
			}
			t.taken[name] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.taken, name)
				t.mu.Unlock()
				close(mine)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// sleepFor waits, and reports false where the wait was broken off.
func sleepFor(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
