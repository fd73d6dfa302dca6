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
		if err = do(ctx); !asksFirst(err) {
			return err
		}
		if herr := e.heed(ctx, err); herr != nil {
			return herr
		}
	}
	return err
}

// asksFirst reports whether err asks for something before the server serves.
func asksFirst(err error) bool {
	return errors.Is(err, activesync.ErrProvision) || errors.Is(err, activesync.ErrWipe) || moved(err) != "" || anotherVersion(err)
}

// heed does what a request outside of the lane was refused for, as exchange does it.
func (e *Engine) heed(ctx context.Context, refused error) error {
	return e.exchange(ctx, func(context.Context) error {
		err := refused
		refused = nil
		return err
	})
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
