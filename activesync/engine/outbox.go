package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wire"
)

// pushSend sends one message. Never twice by itself: when it is not known
// whether an earlier try arrived, Sent is searched before anything is sent
// again, and where that cannot tell the person decides.
func (e *Engine) pushSend(ctx context.Context, op activesync.Op) error {
	if op.State == activesync.OpSending {
		// The program ended, or the connection broke, in the middle of a try.
		var done bool
		var err error
		if op, done, err = e.settleSend(ctx, op); done || err != nil {
			return err
		}
	}
	smart := e.smartSource(ctx, op)
	if !op.Send.Lacks() || e.merges(ctx, op, smart) {
		return e.offer(ctx, op, smart)
	}
	op, err := e.putTogether(ctx, op)
	if err != nil || op.Send.Lacks() {
		return err
	}
	// Files may have taken long to come, and names do not hold that long.
	return e.offer(ctx, op, e.smartSource(ctx, op))
}

// putTogether completes a message. It gives the record as it is then, which still
// lacks something where it was sent already, or left to the person.
func (e *Engine) putTogether(ctx context.Context, op activesync.Op) (activesync.Op, error) {
	if op.State == activesync.OpSending {
		// It gets another ClientId, by which the server would not know it.
		var done bool
		var err error
		if op, done, err = e.settleInSent(ctx, op); done || err != nil {
			return op, err
		}
	}
	return e.complete(ctx, op)
}

// offer hands a message to the server, with what it answers or passes on where
// smart is not nil.
func (e *Engine) offer(ctx context.Context, op activesync.Op, smart *wire.SmartSource) error {
	l, err := e.envelope(ctx, op)
	if err != nil {
		return e.park(ctx, op, fmt.Sprintf("the message cannot be read from the store: %v", err))
	}
	defer l.kept.Close()
	before := op.State
	op.State = activesync.OpSending
	op.Attempts++
	if err := e.store.SetOp(ctx, op); err != nil {
		return err
	}
	started, said := false, error(nil) // by the server, of the message itself
	err = e.exchange(ctx, func(ctx context.Context) error {
		started = true
		said = e.submit(ctx, op, smart, l)
		return said
	})
	switch {
	case err == nil:
		return e.accepted(ctx, op)
	case errors.Is(err, errNotMerged):
		op.State = before
		op.Attempts--
		if err := e.store.SetOp(ctx, op); err != nil {
			return err
		}
		if op, err = e.putTogether(ctx, op); err != nil || op.Send.Lacks() {
			return err
		}
		return e.offer(ctx, op, nil)
	case errors.Is(err, activesync.ErrAlreadySent):
		if err := e.learn(ctx, activesync.QuirkKnowsSent, yes); err != nil {
			return err
		}
		return e.accepted(ctx, op)
	case notSubmitted(err) && op.Attempts >= maxSubmissions:
		return e.park(context.WithoutCancel(ctx), op, err.Error())
	case !started || refusedBeforeSending(err) || refusedBeforeSending(said):
		op.State = before // which may be that an earlier try arrived
		op.Attempts--
		return e.failed(context.WithoutCancel(ctx), []activesync.Op{op}, err)
	case ctx.Err() != nil:
		return ctx.Err() // stays "sending": the next start settles it
	}
	// It is not known what became of it: the record stays "sending".
	if serr := e.putOff(ctx, op, err); serr != nil {
		return serr
	}
	return err
}

// accepted ends the record of a message that the server has taken.
func (e *Engine) accepted(ctx context.Context, op activesync.Op) error {
	if op.Send.Merge && e.lost(ctx, op) {
		return e.wentWithout(ctx, op)
	}
	return e.sent(ctx, op)
}

func (e *Engine) sent(ctx context.Context, op activesync.Op) error {
	e.log.Info("message sent", "op", op.ID, "attempts", op.Attempts)
	if err := e.store.FinishOp(ctx, op.ID, ""); err != nil {
		return err
	}
	if err := e.rememberSent(ctx, op); err != nil {
		return err
	}
	if f, ok, err := e.sentFolder(ctx); err != nil {
		return err
	} else if ok {
		e.dirty(f.ID)
	}
	return nil
}

// maxSubmissions is how often a message is offered that the server cannot pass
// on. It says the same of a recipient that does not exist, which stays so, and
// of one whose server asks to come back later, which takes some minutes.
const maxSubmissions = 8

// notSubmitted reports a status 120 (MailSubmissionFailed, MS-ASCMD 2.2.2).
func notSubmitted(err error) bool {
	s, ok := errors.AsType[*activesync.StatusError](err)
	return ok && s.Code == 120
}

// refusedBeforeSending reports whether err proves that the message was not
// accepted: no connection was made, or the server answered that it refuses.
func refusedBeforeSending(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	if h, ok := errors.AsType[*activesync.HTTPError](err); ok {
		return h.Code < 500 || h.Code == 501 || h.Code == 503 || h.Code == 507
	}
	_, ok := errors.AsType[*activesync.StatusError](err)
	return ok
}

// settleSend finds out whether a message whose try ended unclearly was sent, where
// that matters. done is false when it may be sent again, under the same ClientId.
func (e *Engine) settleSend(ctx context.Context, op activesync.Op) (_ activesync.Op, done bool, err error) {
	state, err := e.state(ctx)
	if err != nil || state.Quirk(activesync.QuirkKnowsSent) == yes {
		return op, false, err // the same ClientId again is harmless there
	}
	return e.settleInSent(ctx, op)
}

// settleInSent looks for such a message in Sent. Where it was not sent its record is
// one that was not tried.
func (e *Engine) settleInSent(ctx context.Context, op activesync.Op) (_ activesync.Op, done bool, err error) {
	found, err := e.findSent(ctx, op)
	switch {
	case err != nil:
		return op, false, err
	case found:
		if err := e.learn(ctx, activesync.QuirkKeepsSent, yes); err != nil {
			return op, false, err
		}
		return op, true, e.accepted(ctx, op)
	}
	again, err := e.notInSent(ctx, op)
	if !again || err != nil {
		return op, true, err
	}
	op.State, op.Reason = activesync.OpPending, ""
	return op, false, e.store.SetOp(ctx, op)
}

// findSent looks for the message in Sent by its Message-ID, which only the
// MIME of a message tells.
func (e *Engine) findSent(ctx context.Context, op activesync.Op) (bool, error) {
	id, err := e.sentItem(ctx, op, e.fetchMIME)
	return id != 0, err
}

// sentItem is the message of a record in Sent, 0 where it is not there. source
// gives the MIME of an item, as far as the Message-ID at least.
func (e *Engine) sentItem(ctx context.Context, op activesync.Op, source func(context.Context, activesync.ItemID) ([]byte, error)) (activesync.ItemID, error) {
	f, ok, err := e.sentFolder(ctx)
	if err != nil || !ok {
		return 0, err
	}
	if _, err := e.collect(ctx, f, nil); err != nil {
		return 0, fmt.Errorf("look into %s for a message that may have been sent: %w", f.Name, err)
	}
	win, err := e.store.Window(ctx, f.ID, activesync.WindowQuery{Count: 50})
	if err != nil {
		return 0, err
	}
	for _, h := range win.Rows {
		if h.Subject != op.Send.Subject || h.Date.Before(op.Created.Add(-24*time.Hour)) {
			continue
		}
		m, err := source(ctx, h.ID)
		if err != nil {
			return 0, err
		}
		if message.MessageID(m) == op.Send.MessageID {
			return h.ID, nil
		}
	}
	return 0, nil
}

func (e *Engine) sentFolder(ctx context.Context) (activesync.Folder, bool, error) {
	folders, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return activesync.Folder{}, false, err
	}
	for _, f := range folders {
		if f.Type == activesync.FolderSent {
			return f, true, nil
		}
	}
	return activesync.Folder{}, false, nil
}
