package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"eas.example/securemail/activesync"
)

// pushJournal carries out what the person did, in order. It returns the first
// failure that concerns more than one record, and when the earliest record
// that has to wait falls due. By hand none has to wait. A failure that concerns
// one folder does not keep the records of others from being carried out.
func (e *Engine) pushJournal(ctx context.Context, byHand bool) (next time.Time, err error) {
	if err := e.settleJoint(ctx); err != nil {
		return time.Time{}, err
	}
	ops, err := e.store.Pending(ctx, e.account.ID)
	if err != nil {
		return time.Time{}, err
	}
	now := time.Now()
	var ready []activesync.Op
	held := map[activesync.ItemID]bool{} // an earlier record of the item waits
	for _, op := range ops {
		switch {
		case op.Aside:
		case op.State == activesync.OpParked || op.State == activesync.OpUncertain:
			held[op.Item] = op.Item != 0
		case held[op.Item]:
		case op.Local: // the server has nothing to do with it
			if err := e.finishHere(ctx, op); err != nil {
				return time.Time{}, err
			}
		case op.Held(now):
			next = earlier(next, op.Send.Due)
			if again := e.completeHeld(ctx, op, now); !again.IsZero() {
				next = earlier(next, again)
			}
		case op.Waits(now) && !byHand && !e.reachable(op.ID):
			held[op.Item] = op.Item != 0
			if next.IsZero() || op.NotBefore.Before(next) {
				next = op.NotBefore
			}
		default:
			ready = append(ready, op)
		}
	}
	if len(ready) == 0 {
		return next, nil
	}
	for len(ready) > 0 {
		var step []activesync.Op
		step, ready = nextStep(ready)
		serr := e.pushStep(ctx, step)
		if serr == nil {
			continue
		}
		if ctx.Err() != nil || !concernsFolder(serr) {
			return next, serr
		}
		if err == nil {
			err = serr
		}
		ready = withoutItems(ready, step)
	}
	return earlier(next, e.firstDue(ctx)), err // some may have been put off
}

// finishHere carries out a record of an item that the person kept on this
// machine.
func (e *Engine) finishHere(ctx context.Context, op activesync.Op) error {
	if err := e.journal.enter(ctx); err != nil {
		return err
	}
	defer e.journal.leave()
	if step, err := e.current(ctx, []activesync.Op{op}); err != nil || len(step) == 0 {
		return err
	}
	if err := e.store.FinishOp(ctx, op.ID, ""); err != nil {
		return err
	}
	e.tell(activesync.Notice{Kind: activesync.NoticeOp, Op: op.ID, Item: op.Item, Folder: op.Folder})
	return nil
}

// pushBetween carries out what the person did between two windows of a long
// sync, so that it need not wait for the last one. What fails is tried again
// when its turn comes.
func (e *Engine) pushBetween(ctx context.Context) error {
	if _, err := e.pushJournal(ctx, false); err != nil && (ctx.Err() != nil || !concernsFolder(err)) {
		return err
	}
	return nil
}

// withoutItems leaves out the records of items that others are about: what
// comes after a record that failed has to wait with it.
func withoutItems(ops, of []activesync.Op) []activesync.Op {
	return slices.DeleteFunc(ops, func(op activesync.Op) bool {
		return op.Item != 0 && slices.ContainsFunc(of, func(o activesync.Op) bool { return o.Item == op.Item })
	})
}

// firstDue is when the earliest record that has to wait falls due.
func (e *Engine) firstDue(ctx context.Context) (next time.Time) {
	ops, err := e.store.Pending(ctx, e.account.ID)
	if err != nil {
		return time.Time{}
	}
	for _, op := range ops {
		switch now := time.Now(); {
		case op.Aside || op.State == activesync.OpParked || op.State == activesync.OpUncertain:
		case op.Held(now):
			next = earlier(next, op.Send.Due)
		case op.Waits(now):
			next = earlier(next, op.NotBefore)
		}
	}
	return next
}

// nextStep takes the longest run of records from the front that one request
// can carry: of one kind of command, one folder, and one record an item
// (two commands for one item make Exchange refuse the whole request), or several
// of which the last alone counts.
func nextStep(ops []activesync.Op) (step, rest []activesync.Op) {
	first := ops[0]
	if first.Kind == activesync.OpSend || first.Kind == activesync.OpRespond || first.Kind.Drafts() {
		return ops[:1], ops[1:]
	}
	seen := map[activesync.ItemID]activesync.OpKind{}
	blocked := map[activesync.ItemID]bool{}
	for _, op := range ops {
		fits := len(step) < pushLimit && command(op.Kind) == command(first.Kind) && op.Folder == first.Folder &&
			(op.Kind == activesync.OpDelete) == (first.Kind == activesync.OpDelete) && op.Purge == first.Purge && !op.Kind.Drafts()
		if before := seen[op.Item]; fits && !blocked[op.Item] && (before == "" || overrules(op.Kind, before)) {
			seen[op.Item] = op.Kind
			step = append(step, op)
			continue
		}
		blocked[op.Item] = true
		rest = append(rest, op)
	}
	return step, rest
}

// overrules reports whether a record makes one before it of the same item moot: both
// set the same mark.
func overrules(k, before activesync.OpKind) bool {
	return k == before && (k == activesync.OpRead || k == activesync.OpFlag)
}

// lasting leaves out the records that a later one of the same item overrules.
func lasting(step []activesync.Op) (out []activesync.Op) {
	for i, op := range step {
		if !slices.ContainsFunc(step[i+1:], func(later activesync.Op) bool { return later.Item == op.Item && overrules(later.Kind, op.Kind) }) {
			out = append(out, op)
		}
	}
	return out
}

func command(k activesync.OpKind) string {
	switch k {
	case activesync.OpMove:
		return "MoveItems"
	case activesync.OpSend:
		return "SendMail"
	case activesync.OpRespond:
		return "MeetingResponse"
	}
	return "Sync"
}

func (e *Engine) pushStep(ctx context.Context, step []activesync.Op) error {
	if err := e.journal.enter(ctx); err != nil {
		return err
	}
	defer e.journal.leave()
	step, err := e.current(ctx, step)
	if err != nil || len(step) == 0 {
		return err
	}
	e.tries(step)
	switch step[0].Kind {
	case activesync.OpSend:
		err = e.pushSend(ctx, step[0])
	case activesync.OpRespond:
		err = e.pushRespond(ctx, step[0])
	case activesync.OpMove:
		err = byFolder(ctx, step, e.pushMoves)
	default:
		err = byFolder(ctx, step, e.pushChanges)
	}
	for _, op := range step {
		e.tell(activesync.Notice{Kind: activesync.NoticeOp, Op: op.ID, Item: op.Item, Folder: op.Folder})
	}
	if err != nil {
		return fmt.Errorf("carry out %q: %w", step[0].Kind, err)
	}
	return nil
}

// byFolder carries records out folder by folder: an item may have moved since
// the step was put together, and ids are unique in a folder only.
func byFolder(ctx context.Context, step []activesync.Op, push func(context.Context, []activesync.Op) error) error {
	for len(step) > 0 {
		var part, rest []activesync.Op
		for _, op := range step {
			if op.Folder == step[0].Folder {
				part = append(part, op)
			} else {
				rest = append(rest, op)
			}
		}
		if err := push(ctx, part); err != nil {
			return err
		}
		step = rest
	}
	return nil
}

// current reads the records again: an earlier step may have given the items
// other ids, the person may have taken some back. A record of an item comes only
// once those before it are done, or with those that it overrules.
func (e *Engine) current(ctx context.Context, step []activesync.Op) ([]activesync.Op, error) {
	all, err := e.store.Pending(ctx, e.account.ID)
	if err != nil {
		return nil, err
	}
	want := map[activesync.OpID]bool{}
	for _, op := range step {
		want[op.ID] = true
	}
	var out []activesync.Op
	before := map[activesync.ItemID]activesync.OpKind{} // "" where one waits
	for _, op := range all {
		if op.Aside {
			continue
		}
		was, known := before[op.Item]
		first := op.Item == 0 || !known || overrules(op.Kind, was)
		before[op.Item] = ""
		if first && want[op.ID] && op.State != activesync.OpParked && op.State != activesync.OpUncertain && !op.Held(time.Now()) {
			before[op.Item] = op.Kind
			out = append(out, op)
		}
	}
	return out, nil
}

// refresh is current without the records whose item the server does not have
// yet.
func (e *Engine) refresh(ctx context.Context, step []activesync.Op) ([]activesync.Op, error) {
	step, err := e.current(ctx, step)
	return slices.DeleteFunc(step, func(op activesync.Op) bool { return op.ServerID == "" && !op.Kind.Makes() }), err
}

// TakeBack runs revert while no record is being carried out. It waits for one
// that is on its way to the server.
func (e *Engine) TakeBack(ctx context.Context, revert func() error) error {
	if err := e.journal.enter(ctx); err != nil {
		return err
	}
	defer e.journal.leave()
	return revert()
}

// sending are the records with the mark that they may be carried out from now
// on: whether they were is not known if the program ends before the answer.
func sending(ops []activesync.Op) []activesync.Op {
	out := slices.Clone(ops)
	for i := range out {
		out[i].State = activesync.OpSending
	}
	return out
}

// outcome are the records after a try that ended in err: as they were where it
// proves that they were not carried out.
func outcome(ops []activesync.Op, err error) []activesync.Op {
	if refusedBeforeSending(err) {
		return ops
	}
	return sending(ops)
}

// failed notes a failure of records that will be tried again, and returns err
// where it concerns the whole connection.
func (e *Engine) failed(ctx context.Context, ops []activesync.Op, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	ops, serr := e.standing(ctx, ops)
	if serr != nil {
		return serr
	}
	if refusesRecords(err) {
		return e.parkAll(ctx, ops, err.Error())
	}
	for _, op := range ops {
		op.Attempts++
		if serr := e.putOff(ctx, op, err); serr != nil {
			return serr
		}
	}
	return err
}

// failedAlone is failed for a record of which an answer speaks by itself, so that the
// others go on.
func (e *Engine) failedAlone(ctx context.Context, op activesync.Op, err error) error {
	if ferr := e.failed(ctx, []activesync.Op{op}, err); !errors.Is(ferr, err) {
		return ferr
	}
	return nil
}

// refusesRecords reports whether the server refuses what records ask for, and would
// again. What it says to what has to come before that is not about them.
func refusesRecords(err error) bool {
	command := ""
	if s, ok := errors.AsType[*activesync.StatusError](err); ok {
		command = s.Command
	} else if h, ok := errors.AsType[*activesync.HTTPError](err); ok {
		command = h.Command
	}
	switch command {
	case "OPTIONS", "Provision", "Settings", "FolderSync":
		return false
	}
	return errors.Is(err, activesync.ErrRejected) || errors.Is(err, activesync.ErrNotFound)
}

// standing leaves out the records that were set aside, or went, since they were
// read: what was pulled meanwhile may have done that.
func (e *Engine) standing(ctx context.Context, ops []activesync.Op) ([]activesync.Op, error) {
	all, err := e.store.Pending(ctx, e.account.ID)
	return slices.DeleteFunc(slices.Clone(ops), func(op activesync.Op) bool {
		return !slices.ContainsFunc(all, func(now activesync.Op) bool { return now.ID == op.ID && !now.Aside })
	}), err
}

// putOff notes that a record has to wait because of err, and for how long.
func (e *Engine) putOff(ctx context.Context, op activesync.Op, err error) error {
	if errors.Is(err, activesync.ErrUnreachable) {
		e.mu.Lock()
		e.unreached[op.ID] = false
		e.mu.Unlock()
	}
	op.Reason = err.Error()
	if d, ok := waitAfter(err, op.Attempts); ok {
		op.NotBefore = time.Now().Add(d)
	}
	return e.store.SetOp(ctx, op)
}

// reachable reports whether a record waits for nothing but a network that is
// another one by now.
func (e *Engine) reachable(id activesync.OpID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.unreached[id]
}

// tries notes that records are tried again.
func (e *Engine) tries(step []activesync.Op) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, op := range step {
		delete(e.unreached, op.ID)
	}
}

// park leaves a record to the person.
func (e *Engine) park(ctx context.Context, op activesync.Op, reason string) error {
	op.GiveUp(reason)
	e.log.Warn("journal record parked", "op", op.ID, "kind", string(op.Kind), "reason", reason)
	return e.store.SetOp(ctx, op)
}

// parkAll is park for many.
func (e *Engine) parkAll(ctx context.Context, ops []activesync.Op, reason string) error {
	for _, op := range ops {
		if err := e.park(ctx, op, reason); err != nil {
			return err
		}
	}
	return nil
}

// dirty makes the next round look at these folders if they are looked at by
// themselves at all.
func (e *Engine) dirty(ids ...activesync.FolderID) {
	e.mu.Lock()
	for _, id := range ids {
		e.watch(id).dirty = true
	}
	e.mu.Unlock()
}
