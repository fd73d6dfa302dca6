package engine

import "context"

// lane lets one command through at a time. Who waits is served in order, so a
// person's fetch comes between two windows of a long sync.
type lane chan struct{}

func newLane() lane { return make(lane, 1) }

func (l lane) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l lane) leave() { <-l }
