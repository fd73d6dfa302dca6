package engine

import (
	"context"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// errSilence: a folder that starts anew is answered with nothing although there
// is something in it.
var errSilence = errors.New("the server has mail in this mailbox and does not give it")

// trulyEmpty makes sure that an empty answer in a folder that started anew, or
// into which something was moved, means what it says: what is here and was not
// told of will be removed for it.
// A server that cannot write its answer gives the same (SOGo does).
func (e *Engine) trulyEmpty(ctx context.Context, f activesync.Folder, key activesync.SyncKey, filter int) error {
	account, err := e.state(ctx)
	if err != nil {
		return err
	}
	answer, err := e.server.GetItemEstimate(ctx, wire.NewEstimate(account.Version, f.ServerID, key, f.Class, filter))
	if err != nil {
		return fmt.Errorf("ask how much there is: %w", err)
	}
	if len(answer.Responses) == 0 {
		return fmt.Errorf("ask how much there is: %w: no folder in the answer", activesync.ErrTruncated)
	}
	switch r := answer.Responses[0]; {
	case r.Status != 1 && r.Status != 0, r.Collection == nil:
		return fmt.Errorf("ask how much there is: %w", &activesync.StatusError{Command: "GetItemEstimate", Code: r.Status})
	case r.Collection.Estimate > 0:
		return fmt.Errorf("%w: %d items", errSilence, r.Collection.Estimate)
	}
	return nil
}
