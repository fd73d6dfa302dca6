package engine

import (
	"context"
	"errors"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// errConflict: the item was changed on the server too. What it has there is
// pulled, and what is left of the person's change is sent again.
var errConflict = errors.New("it was changed on the server at the same time")

// conflictCode is the status of an item that was changed on both sides
// (MS-ASCMD 2.2.3.177.17).
const conflictCode = 7

// goneCode is the status of an item that the server does not have. The text of a
// draft is wanted all the same.
const goneCode = 8

// fate is what an answer says of the records that a request carried.
type fate struct {
	failed map[activesync.OpID]error
	named  map[activesync.OpID]activesync.ServerID // what was made
}

func fates(step []activesync.Op, a *wire.SyncCollectionResponse) fate {
	out := fate{map[activesync.OpID]error{}, map[activesync.OpID]activesync.ServerID{}}
	failures, made := a.Failures(), a.Made()
	for _, op := range step {
		if op.Kind.Makes() {
			// Each Add is answered (MS-ASCMD 2.2.3.154): one that is not may have been
			// overlooked.
			switch m, ok := made[op.ClientID]; {
			case !ok:
				out.failed[op.ID] = errUnanswered
			case m.Status != 1 && m.Status != 0:
				out.failed[op.ID] = &activesync.StatusError{Command: "Sync/item", Code: m.Status}
			default:
				out.named[op.ID] = m.ServerID
			}
			continue
		}
		switch code := failures[op.ServerID]; {
		case code == conflictCode && merges(op.Kind), code == goneCode && op.Kind == activesync.OpDraftChange:
			out.failed[op.ID] = errConflict
		case code != 0:
			out.failed[op.ID] = &activesync.StatusError{Command: "Sync/item", Code: code}
		}
	}
	return out
}

// again sees to the records that the answer did not settle. What was changed
// on both sides is errConflict.
func (e *Engine) again(ctx context.Context, step []activesync.Op, f fate) error {
	var conflict error
	for _, op := range step {
		err := f.failed[op.ID]
		switch {
		case errors.Is(err, errConflict):
			conflict = err
		case errors.Is(err, errUnanswered):
			if uerr := e.unanswered(ctx, op); uerr != nil {
				return uerr
			}
		case errors.Is(err, activesync.ErrBusy):
			op.State = activesync.OpSending
			if ferr := e.failedAlone(ctx, op, err); ferr != nil {
				return ferr
			}
		}
	}
	return conflict
}

// unanswered has a record tried again of which an answer says nothing, and gives
// it up where that goes on.
func (e *Engine) unanswered(ctx context.Context, op activesync.Op) error {
	op.State = activesync.OpSending
	if op.Attempts >= maxUnanswered {
		return e.park(ctx, op, errUnanswered.Error())
	}
	return e.failedAlone(ctx, op, errUnanswered)
}
