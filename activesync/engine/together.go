package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

const (
	// fewTogether is from how many folders on it pays to ask for them together.
	fewTogether = 3
	// mostTogether is the most folders in one request.
	mostTogether = 250
	// togetherWindow is how many items they may bring together; what is left over
	// is asked for folder by folder.
	togetherWindow = 100
)

// asked is a folder that is asked for together with others.
type asked struct {
	folder activesync.Folder
	state  activesync.SyncState
	stage  stage
}

// joint is what came of folders that were asked for together.
type joint struct {
	came activesync.Applied
	rest map[activesync.FolderID]bool // nothing is new in them
}

// together asks for many folders in one request (MS-ASCMD 2.2.1.21). Those in
// which nothing is new are in step. The others are to be looked at one by one:
// those that are not filled yet, whose last answer was lost, of which a Ping
// told, and those with news, because a request that is repeated gets the news of
// its first try.
func (e *Engine) together(ctx context.Context, folders []activesync.Folder) (joint, error) {
	list, version, err := e.joinable(ctx, folders)
	if err != nil || len(list) < fewTogether {
		return joint{}, err
	}
	req := &wire.SyncRequest{WindowSize: togetherWindow}
	j := activesync.Joint{Keys: map[activesync.FolderID]activesync.SyncKey{}}
	for _, a := range list {
		req.Collections = append(req.Collections, pullRequest(a.folder, a.state.Key, a.stage, version).Collections...)
		j.Keys[a.folder.ID] = a.state.Key
	}
	if j.Request, err = e.server.EncodeSync(req); err != nil {
		return joint{}, fmt.Errorf("encode the request: %w", err)
	}
	if err := e.setJoint(ctx, j); err != nil {
		return joint{}, err
	}
	return e.sendJoint(ctx, j, list)
}

func (e *Engine) setJoint(ctx context.Context, j activesync.Joint) error {
	err := e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		s.Joint = j
		return nil
	})
	if err != nil {
		return storeFailed(err)
	}
	return nil
}

// settleJoint repeats a joint request whose answer was lost, byte for byte,
// before anything else is asked of its folders.
func (e *Engine) settleJoint(ctx context.Context) error {
	account, err := e.state(ctx)
	if err != nil || account.Joint.IsZero() {
		return err
	}
	limits := e.limits(account)
	var list, left []asked // left: what is wanted of them is something else by now
	for _, id := range slices.Sorted(maps.Keys(account.Joint.Keys)) {
		f, err := e.store.Folder(ctx, id)
		if err != nil {
			continue // it is gone
		}
		st, err := e.store.SyncState(ctx, id)
		if err != nil {
			return storeFailed(err)
		}
		s := stageOf(f, st, limits, account)
		switch {
		case st.Key != account.Joint.Keys[id]:
		case s.stored == st.Filter:
			list = append(list, asked{f, st, s})
		default:
			left = append(left, asked{f, st, s})
		}
	}
	if err := e.askEach(ctx, left); err != nil {
		return err
	}
	_, err = e.sendJoint(ctx, account.Joint, list)
	return err
}

// sendJoint sends a joint request and commits its answer. What is refused, or
// breaks off again and again, is not repeated: then each folder is asked for by
// itself.
func (e *Engine) sendJoint(ctx context.Context, j activesync.Joint, list []asked) (joint, error) {
	done := joint{rest: map[activesync.FolderID]bool{}}
	err := e.exchange(ctx, func(ctx context.Context) error {
		answer, err := e.sendSync(ctx, j.Request)
		if err != nil {
			return err
		}
		return e.commitTogether(ctx, list, answer, &done)
	})
	if err != nil && !e.givesUp(err, list) {
		return joint{}, fmt.Errorf("sync %d folders: %w", len(list), err)
	}
	if _, refused := errors.AsType[*activesync.StatusError](err); err != nil && !refused {
		if serr := e.askEach(ctx, list); serr != nil {
			return joint{}, serr
		}
	}
	if serr := e.setJoint(ctx, activesync.Joint{}); serr != nil {
		return joint{}, serr
	}
	if err != nil {
		e.log.Info("folders are asked for one by one", "error", err)
		if !concernsFolder(err) {
			return joint{}, err
		}
		return joint{}, nil
	}
	e.mu.Lock()
	if e.jointCuts < cutsBefore {
		e.jointCuts = 0
	}
	e.mu.Unlock()
	return done, e.restTogether(ctx, done)
}

// askEach has each folder asked for by itself before anything is sent to it.
func (e *Engine) askEach(ctx context.Context, list []asked) error {
	account, err := e.state(ctx)
	if err != nil {
		return err
	}
	for _, a := range list {
		st, err := e.store.SyncState(ctx, a.folder.ID)
		if err == nil && st.Key == a.state.Key && len(st.Request) == 0 {
			err = e.askLess(ctx, a.folder, st, account)
		}
		if err != nil {
			return storeFailed(err)
		}
	}
	return nil
}

// givesUp reports whether a joint request that failed is not to be repeated. One
// that breaks off is asked for in smaller pieces then.
func (e *Engine) givesUp(err error, list []asked) bool {
	if _, refused := errors.AsType[*activesync.StatusError](err); refused || errors.Is(err, activesync.ErrRejected) {
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	h, failed := errors.AsType[*activesync.HTTPError](err)
	if failed = failed && h.Code == 500; !failed && !errors.Is(err, activesync.ErrTruncated) && !errors.Is(err, activesync.ErrTooLarge) {
		return false
	}
	if e.jointCuts++; e.jointCuts < cutsBefore {
		return false
	}
	for _, a := range list {
		e.watch(a.folder.ID).pace.took(activesync.ErrTooLarge)
	}
	return true
}

// joinable are the folders that can be asked for together. A server that gives
// an empty answer where it has none would hide the news of all behind one.
func (e *Engine) joinable(ctx context.Context, folders []activesync.Folder) (list []asked, v activesync.Version, err error) {
	account, err := e.state(ctx)
	if err != nil {
		return nil, 0, err
	}
	e.mu.Lock()
	cut := e.jointCuts >= cutsBefore
	e.mu.Unlock()
	if len(folders) < fewTogether || cut || !account.Joint.IsZero() || account.Quirk(activesync.QuirkMailsAnswers) != "" || account.Quirk(activesync.QuirkEmptyWakes) != "" {
		return nil, 0, nil
	}
	limits := e.limits(account)
	for _, f := range folders {
		e.mu.Lock()
		w := *e.watch(f.ID)
		e.mu.Unlock()
		if len(list) == mostTogether || f.Problem != "" || w.pinged || w.emptyWakes+w.failures+w.pace.halved > 0 {
			continue
		}
		st, err := e.store.SyncState(ctx, f.ID)
		if err != nil {
			return nil, 0, err
		}
		s := stageOf(f, st, limits, account)
		filled := !st.Fresh() && !st.Resync && !st.Awaits && s.last && s.stored == st.Filter && s.after == st.Filter
		if !filled || len(st.Request) > 0 {
			continue
		}
		list = append(list, asked{f, st, s})
	}
	return list, account.Version, nil
}

// commitTogether takes in what one answer has of each folder. What is wrong with
// one is met again when it is looked at by itself.
func (e *Engine) commitTogether(ctx context.Context, list []asked, answer *wire.SyncResponse, done *joint) error {
	for _, a := range list {
		c, ok := answer.Collection(a.folder.ServerID)
		if ok && c.CollectionID == "" {
			return fmt.Errorf("%w: the answer does not say which folder it is about", activesync.ErrRejected)
		}
		if !ok || c.Status == 1 && c.SyncKey == a.state.Key && c.Commands == nil && !c.MoreAvailable {
			done.rest[a.folder.ID] = true
			continue
		}
		win, err := e.commit(ctx, a.folder, a.state, a.stage, answer)
		if errors.Is(err, errStore) || ctx.Err() != nil {
			return err
		}
		if err == nil {
			done.came.Added += win.applied.Added
			done.came.Updated += win.applied.Updated
			done.came.Removed += win.applied.Removed
		}
	}
	return nil
}

// restTogether notes which folders are in step.
func (e *Engine) restTogether(ctx context.Context, done joint) error {
	if done.came.Added+done.came.Updated+done.came.Removed > 0 {
		e.tally(true)
	}
	if len(done.rest) == 0 {
		return nil
	}
	e.mu.Lock()
	for id := range done.rest {
		w := e.watch(id)
		w.tried, w.dirty = wall(), false
		delete(e.byHand, id)
	}
	e.mu.Unlock()
	if err := e.store.NoteInStep(ctx, time.Now().UTC(), slices.Collect(maps.Keys(done.rest))...); err != nil {
		return storeFailed(err)
	}
	e.tally(false)
	e.tell(activesync.Notice{Kind: activesync.NoticeFolders})
	return nil
}
