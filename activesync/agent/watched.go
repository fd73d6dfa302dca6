package agent

import (
	"context"
	"os"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
)

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
		if kept, err := l.State(ctx, a.ID); err == nil && kept.AutoRefreshOff {
			w.Why = append(w.Why, "Auto Refresh is Off: mailboxes are looked at by hand")
		}
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

// reasonsFor are reasons, for an account that may be in its quiet hours, and a policy
// that may forbid what the person chose.
func (l *Local) reasonsFor(id activesync.AccountID, s activesync.PresenceState, mode activesync.BackgroundMode, pushLost bool) []string {
	l.presence.mu.Lock()
	until, forbidden := l.presence.quietUntil(id, time.Now()), l.presence.forbidden
	l.presence.mu.Unlock()
	if !until.IsZero() {
		return []string{"quiet hours until " + until.Format("15:04") + ": only what is to be sent is sent"}
	}
	if forbidden && s == activesync.InBackground {
		return []string{"your organisation allows nothing in the background: only what is to be sent is sent"}
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
