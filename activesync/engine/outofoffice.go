package engine

import (
	"context"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

var errNoText = errors.New("an out-of-office message that is on needs a text")

// oofStates are the numbers of the states on the wire.
var oofStates = map[activesync.OofState]int{activesync.OofOff: wire.OofOff, activesync.OofOn: wire.OofOn, activesync.OofTimed: wire.OofTimed}

// OutOfOffice asks the server for the out-of-office message.
func (e *Engine) OutOfOffice(ctx context.Context) (activesync.OutOfOffice, error) {
	var out activesync.OutOfOffice
	err := e.exchange(ctx, func(ctx context.Context) error {
		res, err := e.server.Settings(ctx, wire.NewOofGet())
		if err != nil {
			return err
		}
		if res.Oof == nil || res.Oof.Get == nil {
			return fmt.Errorf("%w: the server says nothing of it", activesync.ErrRejected)
		}
		out = res.Oof.Get.OutOfOffice()
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("ask for the out-of-office message: %w", err)
	}
	return out, nil
}

// SetOutOfOffice has the server answer, or no longer. Texts that are empty
// stay as the server has them.
func (e *Engine) SetOutOfOffice(ctx context.Context, o activesync.OutOfOffice) error {
	state, ok := oofStates[o.State]
	switch {
	case !ok:
		return fmt.Errorf("the out-of-office message is off, on or timed, not %q", o.State)
	case state == wire.OofTimed && !o.To.After(o.From):
		return errors.New("the out-of-office message has to end after it begins")
	case state != wire.OofOff && o.Inside+o.Outside == "":
		return errNoText
	}
	err := e.exchange(ctx, func(ctx context.Context) error {
		_, err := e.server.Settings(ctx, wire.NewOofSet(state, o.From, o.To, o.Inside, o.Outside))
		return err
	})
	if err != nil {
		return fmt.Errorf("set the out-of-office message: %w", err)
	}
	return nil
}
