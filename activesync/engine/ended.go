package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

const (
	// maxEnded is how often a Sync is sent that the server ends.
	maxEnded = 5
	// endedPause is the time before it is sent again, doubled each time.
	endedPause = 100 * time.Millisecond
	// pingBegins is how long a Ping has the lane for itself where it would end what
	// comes beside its beginning.
	pingBegins = 100 * time.Millisecond
)

// sendSync sends a Sync request, which here always states everything. Status 13
// asks for such a one (MS-ASCMD 2.2.3.177.17). A server that answers it all the
// same has ended this one for the sake of another of the device, and has done
// nothing of it: SOGo notes in one record who syncs what, and a Ping that begins
// in the same moment writes over it. So the same bytes go again.
func (e *Engine) sendSync(ctx context.Context, body []byte) (*wire.SyncResponse, error) {
	for try := range maxEnded - 1 {
		answer, err := e.server.SyncRaw(ctx, body)
		if s, ok := errors.AsType[*activesync.StatusError](err); !ok || s.Code != 13 {
			return answer, err
		}
		if err := e.learn(ctx, activesync.QuirkEndsSync, yes); err != nil {
			return nil, storeFailed(err)
		}
		if !sleepFor(ctx, endedPause<<try) {
			return nil, ctx.Err()
		}
	}
	return e.server.SyncRaw(ctx, body)
}

// beginPing waits until a Ping may begin, which is at once unless the server would
// end a Sync beside it. Then the beginning, not the wait, has a place in the lane.
func (e *Engine) beginPing(ctx context.Context, state activesync.AccountState) (begun func(), err error) {
	if state.Quirk(activesync.QuirkEndsSync) == "" {
		return func() {}, nil
	}
	if err := e.lane.enter(ctx); err != nil {
		return nil, err
	}
	leave := sync.OnceFunc(e.lane.leave)
	timer := time.AfterFunc(pingBegins, leave)
	return func() { timer.Stop(); leave() }, nil
}
