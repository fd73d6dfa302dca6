package engine

import (
	"context"
	"errors"
	"syscall"
	"time"

	"eas.example/securemail/activesync"
)

// Run keeps the account in step until ctx ends, which it reports as nil. It
// returns an error only when the store cannot be used, and ErrWipe when the server
// has the account erased.
func (e *Engine) Run(ctx context.Context) error {
	failures := 0
	for ctx.Err() == nil {
		next, ping, err := e.round(ctx)
		if ctx.Err() != nil {
			break
		}
		if err == nil && len(ping) > 0 {
			e.setPhase(activesync.PhaseLive, 0, nil)
			err = e.waitPing(ctx, ping, next)
			if err == nil || ctx.Err() != nil {
				failures = 0 // a wait that fails each time is tried ever more rarely
				continue
			}
		}
		if errors.Is(err, errStore) || errors.Is(err, activesync.ErrWipe) && e.mustGo(ctx) {
			return err
		}
		if err != nil {
			failures++
			next = e.patience(ctx, e.afterFailure(err, failures), failures)
		} else {
			failures = 0
		}
		e.sleep(ctx, next)
	}
	return nil
}

// round does all that is due and returns when the next thing is, and which
// folders a Ping can watch until then.
func (e *Engine) round(ctx context.Context) (next time.Time, ping []activesync.Folder, err error) {
	if err := e.refused(ctx); err != nil {
		return time.Time{}, nil, err
	}
	if state, err := e.state(ctx); err != nil {
		return time.Time{}, nil, storeFailed(err)
	} else if state.Erase {
		return time.Time{}, nil, activesync.ErrWipe
	}
	var opsNext time.Time
	for first := true; ; first = false {
		if opsNext, err = e.pushJournal(ctx, false); err != nil && (ctx.Err() != nil || !concernsFolder(err)) {
			return time.Time{}, nil, err
		}
		p, err := e.plan(ctx)
		if err != nil {
			return time.Time{}, nil, err
		}
		if len(p.now) == 0 {
			if did, err := e.prefetchIdle(ctx); err != nil {
				return time.Time{}, nil, err
			} else if did {
				continue
			}
			next = earlier(p.next, opsNext)
			e.rest(p, next)
			if len(p.ping) == 0 {
				e.settle(p)
			}
			return next, p.ping, nil
		}
		if first {
			if done, err := e.together(ctx, p.now); err != nil {
				return time.Time{}, nil, err
			} else if len(done.rest) > 0 {
				continue
			}
		}
		if err := e.look(ctx, p.now[0]); err != nil {
			return time.Time{}, nil, err
		}
	}
}

// plan reads the folders, first asking the server for them where that is due.
func (e *Engine) plan(ctx context.Context) (plan, error) {
	state, err := e.state(ctx)
	if err != nil {
		return plan{}, storeFailed(err)
	}
	e.survey(state)
	folders, err := e.store.Folders(ctx, e.account.ID)
	if err != nil {
		return plan{}, storeFailed(err)
	}
	e.mu.Lock()
	stale := wall().Sub(e.checked).Abs() > hierarchyEvery
	byHand := len(e.byHand) > 0
	p := e.makePlan(folders, state)
	away := e.attention.care != CareLive
	e.mu.Unlock()
	if away && len(p.now) == 0 && (len(folders) > 0 || !e.wanted()) {
		return p, nil // no request only for the list of folders
	}
	// With Auto Refresh off nothing is asked for, once the folders are known.
	if stale && (!state.AutoRefreshOff || len(folders) == 0 || byHand) {
		e.setPhase(activesync.PhaseChecking, 0, nil)
		if err := e.syncHierarchy(ctx); err != nil {
			return plan{}, err
		}
		if folders, err = e.store.Folders(ctx, e.account.ID); err != nil {
			return plan{}, storeFailed(err)
		}
		if state, err = e.state(ctx); err != nil {
			return plan{}, storeFailed(err)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.makePlan(folders, state), nil
}

// makePlan is makePlan with what the engine remembers. The caller holds mu.
func (e *Engine) makePlan(folders []activesync.Folder, state activesync.AccountState) plan {
	return makePlan(folders, state, e.byHand, func(id activesync.FolderID) watch { return *e.watch(id) }, e.attention, wall())
}

// look brings one folder in step. A failure that concerns only this folder is
// noted with it and does not stop the others.
func (e *Engine) look(ctx context.Context, f activesync.Folder) error {
	e.setFolder(f.ID)
	before, err := e.store.SyncState(ctx, f.ID)
	if err != nil {
		if gone, gerr := e.gone(ctx, f.ID); gone {
			return gerr
		}
		return storeFailed(err)
	}
	e.mu.Lock()
	w := e.watch(f.ID)
	w.tried = wall()
	delete(e.byHand, f.ID)
	e.mu.Unlock()
	total, err := e.collect(ctx, f, nil, e.pushBetween)
	if gone, gerr := e.gone(ctx, f.ID); gone || gerr != nil {
		return gerr
	}
	if err == nil {
		after, serr := e.store.SyncState(ctx, f.ID)
		if serr != nil {
			return storeFailed(serr)
		}
		came := total.Added+total.Updated+total.Removed > 0
		e.tally(came)
		if stuck := e.judge(f.ID, came || after.Key != before.Key); stuck {
			if err := e.noteStuck(ctx, f.ID); err != nil {
				return err
			}
		}
		e.mu.Lock()
		e.watch(f.ID).failures = 0
		e.mu.Unlock()
		e.tell(activesync.Notice{Kind: activesync.NoticeFolders, Folder: f.ID})
		return nil
	}
	if ctx.Err() != nil || !concernsFolder(err) {
		return err
	}
	e.mu.Lock()
	w = e.watch(f.ID)
	w.failures++
	wait, ok := waitAfter(err, w.failures+3) // a folder's own fault is rarely brief
	if !ok {
		wait = pauseBlocked
	}
	w.retry, w.dirty = wall().Add(wait), true
	e.mu.Unlock()
	e.log.Warn("folder not in step", "folder", f.ID, "error", err)
	if serr := e.store.NoteFolder(ctx, f.ID, f.LastSync, err.Error()); serr != nil {
		return storeFailed(serr)
	}
	e.tell(activesync.Notice{Kind: activesync.NoticeFolders, Folder: f.ID})
	return nil
}

// concernsFolder reports whether another folder may still do better.
func concernsFolder(err error) bool {
	for _, whole := range []error{activesync.ErrAuth, activesync.ErrForbidden, activesync.ErrUnreachable, activesync.ErrNotActiveSync,
		activesync.ErrProvision, activesync.ErrWipe, errStore,
		syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EIO} { // no folder finds room on a full disk
		if errors.Is(err, whole) {
			return false
		}
	}
	if h, ok := errors.AsType[*activesync.HTTPError](err); ok {
		return h.Code == 500
	}
	return true
}

// waitPing waits for news until something falls due or is woken.
func (e *Engine) waitPing(ctx context.Context, folders []activesync.Folder, next time.Time) error {
	select {
	case <-e.wake: // there is something to do before a Ping is worth it
		return nil
	default:
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var timer <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		timer = t.C
	}
	done := make(chan error, 1)
	go func() { done <- e.ping(ctx, folders) }()
	select {
	case err := <-done:
		return err
	case <-timer:
	case <-e.wake:
	case <-ctx.Done():
	}
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return err
	}
	return nil
}

// sleep waits without a connection until next, or until woken.
func (e *Engine) sleep(ctx context.Context, next time.Time) {
	var timer <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-timer:
	case <-e.wake:
	case <-ctx.Done():
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

var errStore = errors.New("the store cannot be used")

func storeFailed(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return errors.Join(errStore, err)
}
