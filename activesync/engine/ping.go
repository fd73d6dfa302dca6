package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// The bounds of a wait. What a proxy on the way cuts is learned between them.
const (
	heartbeatFirst = 8 * time.Minute
	heartbeatMin   = 1 * time.Minute
	heartbeatMax   = 28 * time.Minute
	heartbeatStep  = 5 * time.Minute
)

// maxEmptyWakes is after how many Pings in a row that promised news where
// there was none a folder is left out of the Ping for a while.
const maxEmptyWakes = 3

// ping waits for news of the folders until the context ends. It marks those
// with news as dirty.
func (e *Engine) ping(ctx context.Context, folders []activesync.Folder) error {
	state, err := e.state(ctx)
	if err != nil {
		return err
	}
	beat := heartbeat(state)
	req := &wire.PingRequest{HeartbeatInterval: int(beat / time.Second)}
	byID := map[activesync.ServerID]activesync.FolderID{}
	for _, f := range folders {
		req.Folders = append(req.Folders, wire.PingFolder{ID: f.ServerID, Class: f.Class})
		byID[f.ServerID] = f.ID
	}
	begun, err := e.beginPing(ctx, state)
	if err != nil {
		return err
	}
	started := time.Now()
	answer, err := e.server.Ping(ctx, req)
	begun()
	if err != nil {
		if ctx.Err() == nil && errors.Is(err, activesync.ErrUnreachable) && time.Since(started) > heartbeatMin/2 {
			// Something on the way cuts waits of this length.
			_ = e.learn(ctx, activesync.QuirkCutsWaits, yes)
			return errors.Join(e.rememberHeartbeat(ctx, max(time.Since(started)/2, heartbeatMin)), err)
		}
		return err
	}
	switch answer.Status {
	case 1: // nothing happened
		e.sweepSoon(folders)
		if time.Since(started) < beat-time.Second {
			return nil // another Ping ended this one
		}
		return e.rememberHeartbeat(ctx, min(beat+heartbeatStep, heartbeatMax))
	case 2:
		return e.woken(answer, byID, folders)
	case 5:
		return e.rememberHeartbeat(ctx, time.Duration(answer.HeartbeatInterval)*time.Second)
	case 6:
		return fmt.Errorf("wait for news: %w", &activesync.StatusError{Command: "Ping", Code: 6})
	case 7:
		return e.syncHierarchy(ctx)
	}
	return fmt.Errorf("wait for news: %w", &activesync.StatusError{Command: "Ping", Code: answer.Status})
}

func heartbeat(s activesync.AccountState) time.Duration {
	if s.Heartbeat > 0 {
		return s.Heartbeat
	}
	return heartbeatFirst
}

func (e *Engine) rememberHeartbeat(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		d = heartbeatMin
	}
	return e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		s.Heartbeat = d
		return nil
	})
}

func (e *Engine) woken(answer *wire.PingResponse, byID map[activesync.ServerID]activesync.FolderID, all []activesync.Folder) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	named := 0
	for _, id := range answer.Folders {
		if f, ok := byID[id]; ok {
			w := e.watch(f)
			w.dirty, w.pinged = true, true
			named++
		}
	}
	if named == 0 { // changed, but where was not said
		for _, f := range all {
			w := e.watch(f.ID)
			w.dirty, w.pinged = true, true
		}
	}
	return nil
}

// sweepSoon lets the folders whose sweep is near be looked at now, while the
// line is awake anyway.
func (e *Engine) sweepSoon(folders []activesync.Folder) {
	now := time.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range folders {
		if now.Sub(f.LastSync) > sweep/2 {
			e.watch(f.ID).dirty = true
		}
	}
}

// errStuck is told of a folder with news that never come. SOGo has such ones
// where it cannot write a message into its answer.
var errStuck = errors.New("the server announces news here and gives none; it may have a message that it cannot pass on")

// judge notes what became of a folder that a Ping called changed: one that
// never has anything new would make the line busy for nothing.
func (e *Engine) judge(id activesync.FolderID, news bool) (stuck bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	w := e.watch(id)
	w.dirty = false
	switch {
	case news:
		w.emptyWakes = 0
	case w.pinged || w.emptyWakes >= maxEmptyWakes:
		w.emptyWakes++
		if w.emptyWakes >= maxEmptyWakes {
			w.dirty = true
			w.retry = time.Now().Add(backoff(w.emptyWakes, 0))
		}
	}
	w.pinged = false
	return w.emptyWakes >= maxEmptyWakes
}
