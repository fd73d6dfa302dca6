package engine

import (
	"context"
	"errors"
	"fmt"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// pushChanges carries out read marks, flags, deletions and what becomes of
// contacts, of one folder, in one Sync request that pulls nothing (MS-ASCMD
// 2.2.1.21).
func (e *Engine) pushChanges(ctx context.Context, step []activesync.Op) error {
	f, err := e.store.Folder(ctx, step[0].Folder)
	if err != nil {
		return fmt.Errorf("find the folder of the change: %w", err)
	}
	if err := e.beforeChanges(ctx, f, step); err != nil {
		return e.failed(ctx, step, err)
	}
	for attempt := 0; ; attempt++ {
		if err := e.ensureKey(ctx, f); err != nil {
			return e.failed(ctx, step, err)
		}
		if step, err = e.refresh(ctx, step); err != nil || len(step) == 0 {
			return err
		}
		if step, err = e.withoutMoot(ctx, f, step); err != nil || len(step) == 0 {
			return err
		}
		draft, found, err := e.draftOf(ctx, step[0])
		if err != nil {
			return e.failed(ctx, step, err)
		}
		if !found {
			return nil
		}
		err = e.exchange(ctx, func(ctx context.Context) error { return e.pushOnce(ctx, f, step, draft) })
		if errors.Is(err, activesync.ErrBadSyncKey) && attempt < maxRestarts {
			if err := e.startAnew(ctx, f.ID); err != nil {
				return err
			}
			continue
		}
		if errors.Is(err, activesync.ErrFolderGone) && attempt < 1 {
			if err := e.syncHierarchy(ctx); err != nil {
				return e.failed(ctx, step, err)
			}
			if gone, err := e.gone(ctx, f.ID); gone || err != nil {
				return err // with what was to be changed in it
			}
			if f, err = e.store.Folder(ctx, f.ID); err != nil { // it may be called otherwise now
				return err
			}
			continue
		}
		if errors.Is(err, errConflict) {
			if attempt >= maxRestarts {
				return e.parkAll(ctx, step, err.Error())
			}
			if _, err := e.collect(ctx, f, nil); err != nil {
				return e.failed(ctx, step, err)
			}
			continue
		}
		if errors.Is(err, errUnanswered) && step[0].Attempts >= maxUnanswered {
			return e.parkAll(ctx, sending(step), err.Error())
		}
		if err != nil {
			return e.failed(ctx, outcome(step, err), err)
		}
		if draft != nil {
			e.dirty(f.ID) // a look tells whether what was written is there
		}
		e.lookAtDraft(ctx, step[0], draft)
		return nil
	}
}

// errUnanswered: an empty answer says that nothing is new, not that changes
// were carried out. SOGo gives it where it cannot write what it has to say.
var errUnanswered = errors.New("the server says nothing of the changes it was sent")

// maxUnanswered is how often changes are sent that get no answer.
const maxUnanswered = 4

// ensureKey pulls a folder that has no key yet, or a request with commands
// whose answer was lost: what the server has comes first, then what is missing
// is sent again.
func (e *Engine) ensureKey(ctx context.Context, f activesync.Folder) error {
	st, err := e.store.SyncState(ctx, f.ID)
	if err != nil {
		return err
	}
	if !st.Fresh() && !st.Resync && len(st.RequestOps) == 0 && len(st.Request) == 0 {
		return nil
	}
	_, err = e.collect(ctx, f, nil)
	return err
}

// pushOnce sends records of one folder; draft is the one that the only one
// writes, if it does.
func (e *Engine) pushOnce(ctx context.Context, f activesync.Folder, step []activesync.Op, draft *writing) error {
	st, err := e.store.SyncState(ctx, f.ID)
	if err != nil {
		return err
	}
	if st.Fresh() { // all folders began anew while this waited, in another version or at another address
		return activesync.ErrBadSyncKey
	}
	ids := make([]activesync.OpID, 0, len(step))
	for _, op := range step {
		ids = append(ids, op.ID)
	}
	body, err := e.encodePush(ctx, f, st, step, ids, draft)
	if err != nil {
		return err
	}
	kept := body
	if draft != nil {
		kept = nil // it may be large, and what has commands is not repeated as it was
	}
	if err := e.store.SetRequest(ctx, f.ID, st.Key, kept, ids); err != nil {
		return err
	}
	answer, err := e.sendSync(ctx, body)
	if err != nil {
		return err
	}
	a, err := e.pushAnswer(ctx, f, answer)
	if err != nil {
		return err
	}
	return e.pushed(ctx, f, st.Key, step, a)
}

// encodePush writes the request that carries records out; ids are theirs.
func (e *Engine) encodePush(ctx context.Context, f activesync.Folder, st activesync.SyncState, step []activesync.Op, ids []activesync.OpID,
	draft *writing) ([]byte, error) {
	account, err := e.state(ctx)
	if err != nil {
		return nil, err
	}
	stage := stageOf(f, st, e.limits(account), account)
	c := collection(f, st.Key, stage, account.Version)
	c.GetChanges = wire.Bool(false)
	c.WindowSize = stage.window
	if step[0].Purge {
		c.DeletesAsMoves = wire.Bool(false)
	}
	contacts, err := e.contactChanges(ctx, f, ids)
	if err != nil {
		return nil, err
	}
	events, err := e.eventChanges(ctx, f, ids)
	if err != nil {
		return nil, err
	}
	if draft != nil {
		draft.add(&c, step[0])
	}
	for _, op := range lasting(step) {
		if ch, ok := events[op.ID]; ok && addEvent(&c, op, ch, account.Version) {
			continue
		}
		addCommand(&c, op, contacts[op.ID], account.Version)
	}
	body, err := e.server.EncodeSync(&wire.SyncRequest{Collections: []wire.SyncCollection{c}})
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	return body, nil
}

// pushAnswer is the part of an answer that is about the folder.
func (e *Engine) pushAnswer(ctx context.Context, f activesync.Folder, answer *wire.SyncResponse) (*wire.SyncCollectionResponse, error) {
	if answer.Empty {
		if err := e.learn(ctx, activesync.QuirkSilent, yes); err != nil {
			return nil, err
		}
		return nil, errUnanswered
	}
	a, ok := answer.Collection(f.ServerID)
	if !ok {
		return nil, fmt.Errorf("%w: the answer is about another folder", activesync.ErrRejected)
	}
	if a.Status != 1 && a.Status != 0 {
		return nil, &activesync.StatusError{Command: "Sync", Code: a.Status}
	}
	return a, nil
}

// pushed commits what became of records that were sent at a key.
func (e *Engine) pushed(ctx context.Context, f activesync.Folder, key activesync.SyncKey, step []activesync.Op, a *wire.SyncCollectionResponse) error {
	b := activesync.Batch{Folder: f.ID, From: key, To: key, Brake: e.brake, Failed: map[activesync.OpID]string{}}
	if a.SyncKey != "" {
		b.To = a.SyncKey
	}
	if b.To == b.From {
		if err := e.learn(ctx, activesync.QuirkSteadyKeys, yes); err != nil {
			return err
		}
	}
	b.Items = e.itemChanges(f, a) // some servers send changes all the same
	b.More = a.MoreAvailable
	fate := fates(step, a)
	for _, op := range step {
		switch err := fate.failed[op.ID]; {
		case err == nil, errors.Is(err, activesync.ErrNotFound): // gone on the server: the wish is moot
			b.Done = append(b.Done, op.ID)
		case !errors.Is(err, activesync.ErrBusy) && !errors.Is(err, errConflict) && !errors.Is(err, errUnanswered):
			b.Failed[op.ID] = err.Error()
		}
	}
	b.Named = fate.named
	applied, err := e.store.Apply(ctx, b)
	if err != nil {
		return err
	}
	e.forked(f, applied)
	e.tell(activesync.Notice{Kind: activesync.NoticeFolder, Folder: f.ID})
	return e.again(ctx, step, fate)
}

func addCommand(c *wire.SyncCollection, op activesync.Op, contact activesync.ContactChange, v activesync.Version) {
	switch op.Kind {
	case activesync.OpDelete:
		c.Delete(op.ServerID)
	case activesync.OpRead:
		c.ChangeRead(op.ServerID, op.Read)
	case activesync.OpFlag:
		c.ChangeFlag(op.ServerID, op.Flag)
	case activesync.OpContactAdd:
		c.AddContact(op.ClientID, &contact.After, v)
	case activesync.OpContactChange:
		c.ChangeContact(op.ServerID, &contact.After, &contact.Before, v)
	}
}

// addEvent adds what a record makes of an event, if it makes or changes one.
func addEvent(c *wire.SyncCollection, op activesync.Op, ch activesync.EventChange, v activesync.Version) bool {
	switch op.Kind {
	case activesync.OpEventAdd:
		c.AddEvent(op.ClientID, &ch.After, v)
	case activesync.OpEventChange:
		if !op.Instance.IsZero() {
			c.ChangeOccurrence(op.ServerID, op.Instance, &ch.After, &ch.Before, v)
			return true
		}
		c.ChangeEvent(op.ServerID, &ch.After, &ch.Before, v)
	default:
		return false
	}
	return true
}
