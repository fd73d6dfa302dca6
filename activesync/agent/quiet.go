package agent

import (
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/engine"
)

// keepQuiet takes in which accounts are left alone in their quiet hours.
func (l *Local) keepQuiet(n activesync.Notifications) {
	quiet := map[activesync.AccountID]activesync.AccountNotifications{}
	for id, of := range n.Accounts {
		if of.QuietServer && len(of.Quiet) > 0 {
			quiet[id] = of
		}
	}
	l.presence.mu.Lock()
	l.presence.quiet = quiet
	l.presence.mu.Unlock()
	l.presence.nudge()
}

// quietUntil is when the hours are over in which the server of an account is
// left alone; zero where none hold. Nobody who looks has quiet hours. The
// caller holds mu.
func (p *presence) quietUntil(id activesync.AccountID, now time.Time) time.Time {
	if p.state != activesync.InBackground {
		return time.Time{}
	}
	return p.quiet[id].QuietUntil(now)
}

// careFor is how one account is looked after now.
func (l *Local) careFor(id activesync.AccountID) engine.Care {
	l.presence.mu.Lock()
	defer l.presence.mu.Unlock()
	if !l.presence.quietUntil(id, time.Now()).IsZero() {
		return engine.CareNone
	}
	return l.presence.care()
}

// nextQuiet is when quiet hours begin or end next, zero for never.
func (p *presence) nextQuiet(now time.Time) (next time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, of := range p.quiet {
		next = sooner(next, of.QuietChanges(now))
	}
	return next
}
