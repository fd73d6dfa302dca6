package agent

import (
	"context"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
)

// idleLeast is how long an agent without anything to do waits for somebody to
// come back, at least.
const idleLeast = 10 * time.Second

// presence is whether a person looks, and what follows from it.
type presence struct {
	began time.Time
	wake  chan struct{} // something below has changed
	spare chan struct{} // closed when there is nothing to do

	mu         sync.Mutex
	settings   activesync.Background
	foreground int // screens
	others     int // clients that only listen
	opened     bool
	left       time.Time // when the last screen went, zero where none was
	asking     int       // questions under way
	heard      time.Time // the last one
	state      activesync.PresenceState
	push       pushState
	reopened   int // how often the channel had to be opened anew
	pushError  error
	notifiedBy string // in words
	// quiet are the accounts that are left alone in their quiet hours.
	quiet     map[activesync.AccountID]activesync.AccountNotifications
	forbidden bool // a policy allows nothing in the background
}

// chosen is what goes on in the background. The caller holds mu.
func (p *presence) chosen() activesync.BackgroundMode {
	if p.forbidden {
		return activesync.ModeOff
	}
	return p.settings.Chosen()
}

// pushState is how the push channel is.
type pushState uint8

const (
	pushUnused pushState = iota
	pushConnecting
	pushOpen
	pushLost
)

func newPresence() presence {
	now := time.Now()
	return presence{began: now, heard: now, wake: make(chan struct{}, 1), spare: make(chan struct{}), state: activesync.InBackground}
}

// nudge has everything considered anew.
func (p *presence) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *presence) count(foreground bool, n int) {
	p.mu.Lock()
	if foreground {
		p.foreground += n
		p.opened = p.opened || n > 0
		if p.foreground == 0 {
			p.left = time.Now()
		}
	} else {
		p.others += n
	}
	p.mu.Unlock()
	p.nudge()
}

// busy counts a question until the function that it returns is called.
func (l *Local) busy() (answered func()) {
	p := &l.presence
	p.mu.Lock()
	p.asking++
	p.mu.Unlock()
	return func() {
		p.mu.Lock()
		p.asking--
		p.heard = time.Now()
		p.mu.Unlock()
		p.nudge()
	}
}

// Spare is closed when nobody is attached, nothing may be received and nothing
// waits to be sent: the agent may end.
func (l *Local) Spare() <-chan struct{} { return l.presence.spare }

// now is the state at a time, and when it ends by itself.
func (p *presence) now(t time.Time) (s activesync.PresenceState, until time.Time) {
	switch end := p.left.Add(p.settings.GracePeriod()); {
	case p.foreground > 0:
		return activesync.Foreground, time.Time{}
	case !p.left.IsZero() && t.Before(end):
		return activesync.InGrace, end
	}
	return activesync.InBackground, time.Time{}
}

// care is how accounts are looked after now. The caller holds mu.
func (p *presence) care() engine.Care {
	if p.state != activesync.InBackground {
		return engine.CareLive
	}
	switch p.chosen() {
	case activesync.ModeOff:
		return engine.CareNone
	case activesync.ModeRefresh:
		return engine.CareRefresh
	case activesync.ModePush:
		if p.push == pushLost {
			return engine.CareRefresh
		}
		return engine.CarePush
	}
	return engine.CareLive
}

// mind keeps the accounts looked after as the presence of a person and the
// settings want it, until ctx ends.
func (l *Local) mind(ctx context.Context) {
	var push channelRun
	defer push.stop()
	for ctx.Err() == nil {
		next := l.consider(ctx, &push)
		var timer <-chan time.Time
		stop := func() bool { return false }
		if !next.IsZero() {
			t := time.NewTimer(time.Until(next))
			timer, stop = t.C, t.Stop
		}
		select {
		case <-l.presence.wake:
		case <-timer:
		case <-ctx.Done():
		}
		stop()
	}
}

// consider does what follows from what has changed, and returns when something
// changes by itself.
func (l *Local) consider(ctx context.Context, push *channelRun) (next time.Time) {
	p := &l.presence
	forbidden := l.backgroundForbidden()
	p.mu.Lock()
	before, care := p.state, p.care()
	p.forbidden = forbidden
	var until time.Time
	p.state, until = p.now(time.Now())
	opened := p.opened
	p.opened = false
	after := p.care()
	wanted := p.state == activesync.InBackground && p.chosen() == activesync.ModePush
	if !wanted {
		p.push, p.pushError = pushUnused, nil
	}
	topic, changed := channelTopic{p.settings.Topic, p.reopened}, p.state != before || care != after
	p.mu.Unlock()
	for _, m := range l.members() {
		m.engine.Attend(l.careFor(m.account.ID))
		if opened {
			l.noteOpened(ctx, m.account.ID)
		}
	}
	if changed {
		l.Log.Info("presence", "state", string(p.state), "care", int(after))
		l.hub.publish(activesync.Notice{Kind: activesync.NoticePresence, Time: time.Now().UTC()})
	}
	l.keepChannel(ctx, push, wanted, topic)
	idle := l.idleFrom(ctx)
	if !idle.IsZero() && !idle.After(time.Now()) {
		select {
		case <-p.spare:
		default:
			close(p.spare)
		}
		idle = time.Time{}
	}
	return sooner(sooner(until, idle), p.nextQuiet(time.Now()))
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// idleFrom is when the agent may end if nothing happens, zero for not at all.
func (l *Local) idleFrom(ctx context.Context) time.Time {
	p := &l.presence
	accounts := l.members()
	p.mu.Lock()
	nobody := p.foreground+p.others+p.asking == 0 && p.state == activesync.InBackground
	off := p.chosen() == activesync.ModeOff
	since := p.heard
	if p.left.After(since) {
		since = p.left
	}
	at := since.Add(max(p.settings.GracePeriod(), idleLeast))
	p.mu.Unlock()
	if !nobody || !off && len(accounts) > 0 {
		return time.Time{}
	}
	for _, m := range accounts {
		ops, err := l.Store.Pending(ctx, m.account.ID)
		if err != nil {
			return time.Time{}
		}
		for _, op := range ops {
			if op.State == activesync.OpPending || op.State == activesync.OpSending {
				return time.Time{}
			}
		}
	}
	return at
}

// noteOpened remembers when the person last looked.
func (l *Local) noteOpened(ctx context.Context, id activesync.AccountID) {
	err := l.Store.UpdateState(ctx, id, func(s *activesync.AccountState) error {
		s.Rhythm.Opened = time.Now().UTC().Truncate(time.Second)
		return nil
	})
	if err != nil && ctx.Err() == nil {
		l.Log.Warn("not noted when the program was opened", "error", err)
	}
}
