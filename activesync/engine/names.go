package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// aWhile is how long a command may have waited, for the network, the server or
// another request, without a look at what its item is called now.
const aWhile = time.Second

// errKeyKnown ends a pull that was only to show whether the server knows the key.
var errKeyKnown = errors.New("the server knows the key")

// startAnew has a folder pulled from the start, since the server no longer knows
// what it told of it.
func (e *Engine) startAnew(ctx context.Context, id activesync.FolderID) error {
	e.doubtNames()
	return e.store.Reset(ctx, id)
}

// doubtNames says that items may be called otherwise now, in other folders too.
func (e *Engine) doubtNames() {
	e.mu.Lock()
	e.doubted = wall()
	e.mu.Unlock()
}

// lastDoubt is when the server was last seen to have named all anew.
func (e *Engine) lastDoubt() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.doubted
}

// settleNames pulls a folder that started anew, one of which a command was tried
// whose answer was lost, and one of which a command had to wait or is from before
// the server was seen to forget. MoveItems, MeetingResponse, SmartReply and
// SmartForward name no key: by a name that is out of date the server would take
// another item. What was not tried goes as soon as the server knows the key, which
// says that the names of it hold.
func (e *Engine) settleNames(ctx context.Context, id activesync.FolderID, step ...activesync.Op) error {
	st, err := e.store.SyncState(ctx, id)
	if err != nil {
		return err
	}
	tried := slices.ContainsFunc(step, func(op activesync.Op) bool { return op.State == activesync.OpSending })
	if !st.Resync && !tried && !slices.ContainsFunc(step, e.waited) {
		return nil
	}
	f, err := e.store.Folder(ctx, id)
	if err != nil {
		return err
	}
	_, err = e.collect(ctx, f, nil, func(ctx context.Context) error {
		if st, err := e.store.SyncState(ctx, id); err != nil || st.Resync || tried {
			return err
		}
		return errKeyKnown
	})
	if errors.Is(err, errKeyKnown) {
		return nil
	}
	return err
}

// waited reports whether the server may have named all anew since a command was
// given.
func (e *Engine) waited(op activesync.Op) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return wall().Sub(op.Created).Abs() >= aWhile || !op.Created.After(e.doubted)
}
