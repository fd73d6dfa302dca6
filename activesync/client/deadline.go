package client

import (
	"context"
	"errors"
	"time"
)

// How long a server may be silent before it counts as unreachable.
const (
	silentOptions = 30 * time.Second
	silentCommand = 90 * time.Second
	silentSync    = 3 * time.Minute // the first one of a folder can take a server long
	silentBody    = 60 * time.Second
	pingGrace     = 10 * time.Second // on top of the heartbeat
)

// errSilent is the cause of a context that a watch has ended.
var errSilent = errors.New("no answer came in time")

// watch ends a context when nothing happens for a while. A whole exchange has
// no time limit: a large file on a slow line takes as long as it takes.
type watch struct {
	timer  *time.Timer
	cancel context.CancelCauseFunc
	limit  time.Duration
}

func newWatch(ctx context.Context, limit time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{cancel: cancel, limit: limit}
	w.timer = time.AfterFunc(limit, func() { cancel(errSilent) })
	return ctx, w
}

// progress starts the time anew, with another limit from now on.
func (w *watch) progress(limit time.Duration) { w.timer.Reset(limit) }

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}
