package engine

import (
	"context"
	"errors"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// lookAgain is how long a message that may have been sent is given to appear in
// Sent, and notThereYet what its record says meanwhile.
const (
	lookAgain   = 3 * time.Minute
	notThereYet = "the connection broke while sending; it is not in Sent yet, and is looked for once more"
)

// rememberSent notes the Message-ID of a message that was surely sent, behind it
// its subject, until the server is known to keep copies.
func (e *Engine) rememberSent(ctx context.Context, op activesync.Op) error {
	state, err := e.state(ctx)
	if err != nil || state.Quirk(activesync.QuirkKeepsSent) == yes {
		return err
	}
	return e.learn(ctx, activesync.QuirkLastSent, op.Send.MessageID+"\n"+op.Send.Subject)
}

// notInSent decides about a message that is not in Sent: where the server keeps
// copies it was not sent, and may be sent again, once a second look says the
// same. Elsewhere nothing can tell, and the person decides.
func (e *Engine) notInSent(ctx context.Context, op activesync.Op) (again bool, err error) {
	keeps, err := e.keepsSent(ctx)
	switch {
	case err != nil:
		return false, err
	case !keeps:
		op.State = activesync.OpUncertain
		op.Reason = "the connection broke while sending, and the message is not in Sent"
		return false, e.store.SetOp(ctx, op)
	case op.Reason == notThereYet && !op.Waits(time.Now()):
		return true, nil
	case op.Reason == notThereYet: // by hand, and too early
		return false, nil
	}
	op.Reason, op.NotBefore = notThereYet, time.Now().Add(lookAgain)
	return false, e.store.SetOp(ctx, op)
}

// keepsSent reports whether the server is known to keep copies, and finds out
// by the last message that was surely sent.
func (e *Engine) keepsSent(ctx context.Context) (bool, error) {
	state, err := e.state(ctx)
	if err != nil {
		return false, err
	}
	if known := state.Quirk(activesync.QuirkKeepsSent); known != "" {
		return known == yes, nil
	}
	id, subject, ok := strings.Cut(state.Quirk(activesync.QuirkLastSent), "\n")
	if !ok {
		return false, nil
	}
	found, err := e.findSent(ctx, activesync.Op{Send: &activesync.Outgoing{MessageID: id, Subject: subject}})
	if err != nil || !found {
		if errors.Is(err, activesync.ErrNotFound) {
			err = nil
		}
		return false, err
	}
	return true, e.learn(ctx, activesync.QuirkKeepsSent, yes)
}
