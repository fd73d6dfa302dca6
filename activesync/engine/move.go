package engine

import (
	"context"
	"errors"
	"slices"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// pushMoves carries out moves (MS-ASCMD 2.2.1.12).
func (e *Engine) pushMoves(ctx context.Context, step []activesync.Op) error {
	unsure, err := e.moveAll(ctx, step, false)
	if err != nil || len(unsure) == 0 {
		return err
	}
	if err := e.searchMoved(ctx, unsure); err != nil {
		return err
	}
	_, err = e.moveAll(ctx, unsure, true)
	return err
}

// moveAll moves and returns those that the server does not find, unless they
// were searched for already.
func (e *Engine) moveAll(ctx context.Context, step []activesync.Op, searched bool) (unsure []activesync.Op, err error) {
	if !searched {
		if err := e.settleNames(ctx, step[0].Folder, step...); err != nil {
			return nil, e.failed(ctx, step, err)
		}
	}
	step, err = e.refresh(ctx, step)
	if err != nil || len(step) == 0 {
		return nil, err
	}
	req := &wire.MoveItemsRequest{}
	byID := map[activesync.ServerID]activesync.Op{}
	for _, op := range step {
		if op.Folder == op.To { // an earlier move was taken back
			if err := e.store.FinishOp(ctx, op.ID, ""); err != nil {
				return nil, err
			}
			continue
		}
		src, err := e.store.Folder(ctx, op.Folder)
		if err != nil {
			return nil, err
		}
		dst, err := e.store.Folder(ctx, op.To)
		if err != nil {
			return nil, e.park(ctx, op, "the folder to move it to is gone")
		}
		req.Moves = append(req.Moves, wire.Move{SrcMsgID: op.ServerID, SrcFldID: src.ServerID, DstFldID: dst.ServerID})
		byID[op.ServerID] = op
	}
	if len(req.Moves) == 0 {
		return nil, nil
	}
	step = slices.DeleteFunc(step, func(op activesync.Op) bool { return op.Folder == op.To })
	if err := e.store.SetOp(ctx, sending(step)...); err != nil {
		return nil, err
	}
	var answer *wire.MoveItemsResponse
	err = e.exchange(ctx, func(ctx context.Context) (err error) {
		answer, err = e.server.MoveItems(ctx, req)
		return err
	})
	if err != nil {
		return nil, e.failed(ctx, outcome(step, err), err)
	}
	for _, r := range answer.Responses {
		op, ok := byID[r.SrcMsgID]
		if !ok {
			continue
		}
		delete(byID, r.SrcMsgID)
		e.dirty(op.Folder, op.To)
		if r.Status == moveNotFound && !searched {
			op.State = activesync.OpSending
			unsure = append(unsure, op)
			continue
		}
		if err := e.moved(ctx, op, r); err != nil {
			return nil, err
		}
	}
	for _, op := range step {
		if _, silent := byID[op.ServerID]; !silent {
			continue
		}
		if err := e.unanswered(ctx, op); err != nil {
			return nil, err
		}
	}
	return unsure, nil
}

// searchMoved looks where messages are that the server does not find: moved by
// a request whose answer was lost, gone, or only called otherwise now. What is
// still where it was is moved once more.
func (e *Engine) searchMoved(ctx context.Context, unsure []activesync.Op) error {
	if err := e.store.SetOp(ctx, unsure...); err != nil {
		return err
	}
	seen := map[activesync.FolderID]bool{}
	for _, op := range unsure {
		if seen[op.Folder] {
			continue
		}
		seen[op.Folder] = true
		if gone, err := e.gone(ctx, op.Folder); gone || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		f, err := e.store.Folder(ctx, op.Folder)
		if err != nil {
			return err
		}
		if _, err := e.collect(ctx, f, nil); err != nil {
			return e.failed(ctx, unsure, err)
		}
	}
	return nil
}

func (e *Engine) moved(ctx context.Context, op activesync.Op, r wire.MoveResponse) error {
	if r.Status == wire.MoveSuccess {
		if r.DstMsgID == "" {
			if err := e.learn(ctx, activesync.QuirkUnnamedMoves, yes); err != nil {
				return err
			}
		}
		if op.State == activesync.OpSending { // an earlier try may have been carried out already
			return e.store.FinishOp(ctx, op.ID, r.DstMsgID)
		}
		return e.store.FinishMove(ctx, op.ID, r.DstMsgID)
	}
	err := &activesync.StatusError{Command: "MoveItems", Code: r.Status}
	if errors.Is(err, activesync.ErrBusy) {
		return e.failedAlone(ctx, op, err)
	}
	if errors.Is(err, activesync.ErrNotFound) {
		// It is not where it was. The next sync of both folders tells.
		return e.store.FinishOp(ctx, op.ID, "")
	}
	return e.park(ctx, op, err.Error())
}

// moveNotFound: the folder or the message is not there (MS-ASCMD 2.2.3.177.10).
const moveNotFound = 1
