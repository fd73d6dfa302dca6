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
	// cutFrom is from when on a wait that breaks off was cut because it took so long,
	// and how long one is then at least.
	cutFrom = 20 * time.Second
	// boundFor is for how many waits a bound holds that was met twice, twice as many
	// each time it is met again. boundMost is the longest time.
	boundFor  = 24
	boundMost = 12 * time.Hour
	// heartbeatMost is the longest that a server may ask for (MS-ASCMD 2.2.3.79.1).
	heartbeatMost = 3540 * time.Second
)

// maxEmptyWakes is after how many Pings in a row that promised news where
// there was none a folder is left out of the Ping for a while.
const maxEmptyWakes = 3

// hasty is how long a wait without news lasts at least, unless something on the
// other side is wrong.
const hasty = 10 * time.Second

// ping waits for news of the folders until the context ends. It marks those
// with news as dirty.
func (e *Engine) ping(ctx context.Context, folders []activesync.Folder) error {
	began := time.Now()
	news, err := e.awaitNews(ctx, folders)
	if err == nil && !news {
		e.judgeWait(time.Since(began), folders)
	}
	return err
}

// judgeWait notes a wait that ended without news. Where some in a row ended at once
// all the folders count as ones with news, which judge finds out to be none.
func (e *Engine) judgeWait(took time.Duration, folders []activesync.Folder) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if took >= hasty {
		e.trustWaits()
	} else if e.hasty++; e.endsWaits() {
		e.mark(folders)
	}
}

// trustWaits has the server waited at again where it ended each wait at once. The
// caller holds mu.
func (e *Engine) trustWaits() {
	if e.endsWaits() {
		for _, w := range e.folders {
			w.emptyWakes = 0
		}
	}
	e.hasty = 0
}

// endsWaits reports whether the server does not wait at all. The caller holds mu.
func (e *Engine) endsWaits() bool { return e.hasty > maxEmptyWakes }

// awaitNews is one Ping. It reports whether it ended because of news in folders,
// which it marks.
func (e *Engine) awaitNews(ctx context.Context, folders []activesync.Folder) (news bool, err error) {
	state, err := e.state(ctx)
	if err != nil {
		return false, err
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
		return false, err
	}
	started := time.Now()
	answer, err := e.server.Ping(ctx, req)
	begun()
	if asksFirst(err) {
		return false, e.heed(ctx, err)
	}
	if h, ok := errors.AsType[*activesync.HTTPError](err); ok && h.Code == 403 {
		return false, e.shutOutOfPing(ctx, err, state.PolicyKey)
	}
	if err != nil {
		if took := time.Since(started); ctx.Err() == nil && took > cutFrom {
			return false, e.wasCut(ctx, err, beat, took)
		}
		return false, err
	}
	switch answer.Status {
	case 1: // nothing happened
		e.sweepSoon(folders)
		if time.Since(started) < beat-time.Second {
			return false, nil // another Ping ended this one
		}
		return false, e.rememberHeartbeat(ctx, e.nextWait(beat))
	case 2:
		return e.woken(answer, byID, folders), nil
	case 5:
		allowed := time.Duration(answer.HeartbeatInterval) * time.Second
		if allowed < beat {
			e.boundWaits(max(allowed, heartbeatMin), boundMost)
		}
		return false, e.rememberHeartbeat(ctx, allowed)
	case 6:
		if most := pingMost(answer.MaxFolders, len(folders)); most > 0 {
			e.mu.Lock()
			e.attention.most = most
			e.mu.Unlock()
			return false, nil
		}
	case 7:
		return false, e.syncHierarchy(ctx)
	}
	return false, fmt.Errorf("wait for news: %w", &activesync.StatusError{Command: "Ping", Code: answer.Status})
}

// shutOutOfPing finds out by another command, which names the policies, whether the
// server wants those acknowledged anew where it says 403 to a Ping.
func (e *Engine) shutOutOfPing(ctx context.Context, err error, key activesync.PolicyKey) error {
	if herr := e.syncHierarchy(ctx); herr != nil {
		return herr
	}
	if state, serr := e.state(ctx); serr != nil || state.PolicyKey != key {
		return serr
	}
	return err
}

// wasCut makes waits shorter where something on the way cuts those of this length:
// the connection breaks, or a gateway says that it took too long. The latter is no
// failure, as long as waits can get shorter.
func (e *Engine) wasCut(ctx context.Context, err error, beat, took time.Duration) error {
	gateway := false
	if h, ok := errors.AsType[*activesync.HTTPError](err); ok {
		switch h.Code {
		case 408, 502, 504, 524: // the last one is Cloudflare's
			gateway = true
		}
	}
	if !gateway && !errors.Is(err, activesync.ErrUnreachable) && !errors.Is(err, activesync.ErrTruncated) {
		return err
	}
	_ = e.learn(ctx, activesync.QuirkCutsWaits, yes)
	bound, hold := max(took*3/4, cutFrom), time.Duration(0)
	if n := e.countCut(took); n > 1 { // once may be the machine that slept
		hold = (bound * boundFor) << (n - 2)
	}
	e.boundWaits(bound, hold)
	if serr := e.rememberHeartbeat(ctx, max(took/2, cutFrom)); serr != nil {
		return errors.Join(serr, err)
	}
	if gateway && beat > cutFrom {
		return nil
	}
	return err
}

// boundWaits keeps the longest wait that is tried for some time.
func (e *Engine) boundWaits(d, hold time.Duration) {
	e.mu.Lock()
	e.longest, e.bounded = d, time.Now().Add(min(hold, boundMost))
	e.mu.Unlock()
}

// countCut notes a wait that was cut, and gives how many were since one as long ended
// by itself.
func (e *Engine) countCut(took time.Duration) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cuts++
	e.cutAfter = took
	return min(e.cuts, 12)
}

// nextWait is how long the wait is that follows one of beat, which ended by itself.
func (e *Engine) nextWait(beat time.Duration) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	if beat >= e.cutAfter {
		e.cuts = 0
	}
	if e.longest == 0 || time.Now().After(e.bounded) {
		return min(beat+heartbeatStep, heartbeatMax)
	}
	return min(beat+heartbeatStep, e.longest)
}

// pingMost is how many folders a Ping may name where n were too many; 0 where
// none is left.
func pingMost(allowed, n int) int {
	if allowed <= 0 || allowed >= n {
		return n / 2 // the server does not say
	}
	return allowed
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
	d = min(max(d, hasty), heartbeatMost) // what a server says otherwise it does not mean
	return e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		s.Heartbeat = d
		return nil
	})
}

// woken marks the folders of which an answer speaks, and reports whether it speaks
// of any that is known.
func (e *Engine) woken(answer *wire.PingResponse, byID map[activesync.ServerID]activesync.FolderID, all []activesync.Folder) (named bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range answer.Folders {
		if f, ok := byID[id]; ok {
			w := e.watch(f)
			w.dirty, w.pinged = true, true
			named = true
		}
	}
	if !named { // changed, but where was not said
		e.mark(all)
	}
	return named
}

// mark has folders looked at because of a Ping. The caller holds mu.
func (e *Engine) mark(folders []activesync.Folder) {
	for _, f := range folders {
		w := e.watch(f.ID)
		w.dirty, w.pinged = true, true
	}
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

// errNoWaits is told of a folder where no wait for news lasts.
var errNoWaits = errors.New("the server ends each wait for news at once; it is asked every 15 minutes at least")

// noteStuck keeps why a folder is left out of the Ping.
func (e *Engine) noteStuck(ctx context.Context, id activesync.FolderID) error {
	quirk, why := activesync.QuirkEmptyWakes, errStuck
	e.mu.Lock()
	if e.endsWaits() {
		quirk, why = activesync.QuirkNoWaits, errNoWaits
	}
	e.mu.Unlock()
	if err := e.learn(ctx, quirk, yes); err != nil {
		return storeFailed(err)
	}
	if err := e.store.NoteFolder(ctx, id, time.Now().UTC(), why.Error()); err != nil {
		return storeFailed(err)
	}
	return nil
}

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
