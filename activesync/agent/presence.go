package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/policy"
)

// Settings keeps Settings › Background and Settings › Notifications.
type Settings interface {
	Background() (activesync.Background, error)
	SetBackground(activesync.Background) error
	Notifications() (activesync.Notifications, error)
	SetNotifications(activesync.Notifications) error
	// PushToken is the token of the push channel, "" where it needs none.
	PushToken() (string, error)
}

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
	tokens     int // how often the token of the channel was changed
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

// backgroundForbidden reports whether a policy allows nothing in the background.
func (l *Local) backgroundForbidden() bool {
	return l.managed().Forbidden(policy.BackgroundRefresh) != ""
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
	topic, changed := channelTopic{p.settings.Topic, p.tokens}, p.state != before || care != after
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

// Background is Settings › Background.
func (l *Local) Background(context.Context) (activesync.Background, error) {
	l.presence.mu.Lock()
	defer l.presence.mu.Unlock()
	return l.presence.settings, nil
}

// ErrSetting: the setting makes no sense.
var ErrSetting = errors.New("the setting cannot be used")

// SetBackground changes Settings › Background and keeps it.
func (l *Local) SetBackground(_ context.Context, b activesync.Background) error {
	switch b.Chosen() {
	case activesync.ModePush:
		if b.Topic == "" {
			return fmt.Errorf("%w: Push needs the address of a topic", ErrSetting)
		}
	case activesync.ModePersistent, activesync.ModeRefresh, activesync.ModeOff:
	default:
		return fmt.Errorf("%w: there is no mode %q", ErrSetting, string(b.Mode))
	}
	if b.GracePeriod() < 0 || b.GracePeriod() > 24*time.Hour {
		return fmt.Errorf("%w: the grace period lies between 0 s and a day", ErrSetting)
	}
	l.presence.mu.Lock()
	wasOff := l.presence.settings.Chosen() == activesync.ModeOff
	l.presence.mu.Unlock()
	if wasOff && b.Chosen() != activesync.ModeOff {
		if err := l.managed().AsError(policy.BackgroundRefresh); err != nil {
			return err
		}
	}
	another := b.Token != ""
	if l.Settings != nil {
		err := l.Settings.SetBackground(b)
		if err != nil {
			return fmt.Errorf("keep the setting: %w", err)
		}
		if b, err = l.Settings.Background(); err != nil {
			return fmt.Errorf("read the setting: %w", err)
		}
	}
	if another { // the channel is opened anew with it
		l.presence.mu.Lock()
		l.presence.tokens++
		l.presence.mu.Unlock()
		l.presence.nudge()
	}
	l.takeUp(b)
	return nil
}

// takeUp makes the choices of Settings › Background hold.
func (l *Local) takeUp(b activesync.Background) {
	b.Token = ""
	p := &l.presence
	p.mu.Lock()
	same := reflect.DeepEqual(b, p.settings)
	if p.settings = b; !same {
		p.push, p.pushError = pushUnused, nil
	}
	p.mu.Unlock()
	if !same {
		p.nudge()
		l.hub.publish(activesync.Notice{Kind: activesync.NoticePresence, Time: time.Now().UTC()})
	}
}

// Presence is what the agent does and why.
func (l *Local) Presence(ctx context.Context) (activesync.Presence, error) {
	p := &l.presence
	p.mu.Lock()
	out := activesync.Presence{PID: os.Getpid(), Version: l.Version, Clients: p.foreground + p.others, Since: p.began.UTC(),
		Mode: p.chosen(), Push: p.pushWords(), Notify: p.notifiedBy, Accounts: []activesync.AccountWatch{}}
	out.State, out.Until = p.now(time.Now())
	state, lost := out.State, p.push == pushLost
	p.mu.Unlock()
	accounts, err := l.Accounts(ctx)
	if err != nil {
		return activesync.Presence{}, err
	}
	for _, a := range accounts {
		w, err := l.watchOf(ctx, a)
		if err != nil {
			return activesync.Presence{}, err
		}
		w.Why = append(l.reasonsFor(a.ID, state, out.Mode, lost), w.Why...)
		out.Accounts = append(out.Accounts, w)
	}
	return out, nil
}

// watchOf is how one account is looked after.
func (l *Local) watchOf(ctx context.Context, a activesync.Account) (activesync.AccountWatch, error) {
	w := activesync.AccountWatch{Account: a.ID, Name: a.Name}
	m, err := l.member(a.ID)
	if err != nil {
		w.Mode, w.Phase = activesync.ModeOff, activesync.PhaseOffline
		w.Problem = "it was written into the configuration while the agent ran; end the agent, the next one takes it up"
		return w, nil
	}
	s, err := l.Status(ctx, a.ID)
	if err != nil {
		return w, err
	}
	w.Phase, w.Waiting, w.Parked, w.LastSuccess = s.Phase, s.Pending, s.Parked, s.LastSuccess.UTC()
	if s.Err != nil {
		w.Problem = s.Err.Error()
	}
	next, care, why := m.engine.Next()
	w.Next, w.Why = next.UTC(), why
	if next.IsZero() {
		w.Next = time.Time{}
	}
	w.Mode = map[engine.Care]activesync.BackgroundMode{engine.CareLive: activesync.ModePersistent, engine.CareRefresh: activesync.ModeRefresh,
		engine.CarePush: activesync.ModePush, engine.CareNone: activesync.ModeOff}[care]
	folders, err := l.Folders(ctx, a.ID)
	for _, f := range folders {
		if f.Type == activesync.FolderInbox {
			w.Unread = f.Unread
		}
	}
	return w, err
}

// reasonsFor are reasons, for an account that may be in its quiet hours.
func (l *Local) reasonsFor(id activesync.AccountID, s activesync.PresenceState, mode activesync.BackgroundMode, pushLost bool) []string {
	l.presence.mu.Lock()
	until := l.presence.quietUntil(id, time.Now())
	l.presence.mu.Unlock()
	if !until.IsZero() {
		return []string{"quiet hours until " + until.Format("15:04") + ": only what is to be sent is sent"}
	}
	return reasons(s, mode, pushLost)
}

// reasons say in words what the state and the settings make of an account.
func reasons(s activesync.PresenceState, mode activesync.BackgroundMode, pushLost bool) []string {
	switch {
	case s == activesync.Foreground:
		return []string{"a screen is attached"}
	case s == activesync.InGrace:
		return []string{"the last screen has just gone"}
	case mode == activesync.ModeOff:
		return []string{"Background refresh is Off: only what is to be sent is sent"}
	case mode == activesync.ModeRefresh:
		return []string{"Background refresh: Refresh"}
	case mode == activesync.ModePush && pushLost:
		return []string{"Background refresh: Push, but the channel is lost; Refresh until it is back"}
	case mode == activesync.ModePush:
		return []string{"Background refresh: Push"}
	}
	return []string{"Background refresh: Persistent"}
}
