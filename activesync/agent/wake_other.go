//go:build !linux

package agent

import "context"

// WatchClock waits until ctx ends. This system does not tell of a jump of the
// clock without being asked; the next question to the agent finds out.
func WatchClock(ctx context.Context, _ func()) error {
	<-ctx.Done()
	return nil
}

// WatchNetwork waits until ctx ends. This system does not tell of its addresses;
// the next try finds out.
func WatchNetwork(ctx context.Context, _ func()) error {
	<-ctx.Done()
	return nil
}
