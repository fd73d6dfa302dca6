package engine

import (
	"context"
	"errors"
	"time"

	"eas.example/securemail/activesync"
)

// Status is what the status line says.
func (e *Engine) Status() activesync.Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.status
}

func (e *Engine) setPhase(p activesync.Phase, every time.Duration, err error) {
	e.change(func(s *activesync.Status) {
		s.Phase, s.Every, s.Err = p, every, err
		if p == activesync.PhaseLive || p == activesync.PhaseWaiting || p == activesync.PhasePaused && err == nil {
			s.NextAttempt = time.Time{}
			s.Folder, s.Done, s.Total = 0, 0, 0
		}
		if p == activesync.PhaseLive || p == activesync.PhaseWaiting {
			s.LastSuccess = time.Now().UTC()
		}
	})
}

func (e *Engine) setFolder(id activesync.FolderID) {
	e.change(func(s *activesync.Status) {
		s.Phase, s.Folder, s.Done, s.Total, s.Err = activesync.PhaseChecking, id, 0, 0, nil
	})
}

func (e *Engine) change(do func(*activesync.Status)) {
	e.mu.Lock()
	old := e.status
	do(&e.status)
	now := e.status
	e.mu.Unlock()
	if old.Phase == now.Phase && old.Every == now.Every && old.Folder == now.Folder && sameError(old.Err, now.Err) && old.Done == now.Done {
		return
	}
	e.tell(activesync.Notice{Kind: activesync.NoticeStatus, Status: &now})
}

func sameError(a, b error) bool {
	return a == b || a != nil && b != nil && a.Error() == b.Error()
}

// settle says what the account does while nothing is due and no Ping is open.
func (e *Engine) settle(p plan) {
	if p.shortest > 0 {
		e.setPhase(activesync.PhaseWaiting, p.shortest, nil)
		return
	}
	e.setPhase(activesync.PhasePaused, 0, nil)
}

// afterFailure says what went wrong and returns when to try again by itself,
// zero for never.
func (e *Engine) afterFailure(err error, failures int) time.Time {
	e.log.Warn("account not in step", "error", err, "failures", failures)
	e.mu.Lock()
	e.session = false
	e.mu.Unlock()
	wait, again := waitAfter(err, failures)
	var next time.Time
	phase := activesync.PhaseOffline
	if again {
		next = time.Now().Add(wait)
	}
	if errors.Is(err, activesync.ErrBusy) {
		phase = activesync.PhasePaused
	}
	e.mu.Lock()
	e.resume = false
	e.mu.Unlock()
	e.change(func(s *activesync.Status) { s.Phase, s.Err, s.NextAttempt, s.Folder = phase, err, next.UTC(), 0 })
	return next
}

// refused repeats the refusal of the sign-in without asking the server again,
// until the person says so: repeated tries lock accounts.
func (e *Engine) refused(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.status.Err
	if err == nil || e.resume {
		e.resume = false
		return nil
	}
	if errors.Is(err, activesync.ErrAuth) {
		return err
	}
	return nil
}
