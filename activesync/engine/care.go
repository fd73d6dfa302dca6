package engine

import (
	"context"
	"time"

	"eas.example/securemail/activesync"
)

// Care is how an account is looked after when nobody asks.
type Care uint8

// The kinds of care. Journal records are carried out under all of them.
const (
	// CareLive waits for news by Ping and looks by timer.
	CareLive Care = iota
	// CareRefresh keeps no connection and looks at intervals.
	CareRefresh
	// CarePush looks when Ring says that there is news.
	CarePush
	// CareNone receives nothing.
	CareNone
)

// attention is how the engine looks after its account now. It is guarded by
// the engine's mu.
type attention struct {
	care  Care
	asked time.Time // when the person last had everything looked at
	rung  time.Time // when a push channel last told of news
	// Wakes in a row without news, whether this one has any, whether it has looked at
	// anything, and failures in a row, on which intervals in the background depend.
	empty, failures int
	news, looked    bool

	most int // folders in a Ping, 0 for any number

	surroundings Surroundings
	known        time.Time // when they were looked at
	rhythm       activesync.Rhythm

	next time.Time // when something falls due, zero for nothing
	why  []string
}

// knownFor is how long what is known of the surroundings holds.
const knownFor = time.Minute

// Attend changes how the account is looked after.
func (e *Engine) Attend(c Care) {
	e.mu.Lock()
	changed := e.attention.care != c
	if changed {
		e.attention.care = c
		e.trustWaits()
		e.attention.empty, e.attention.news, e.attention.looked = 0, false, false
	}
	e.mu.Unlock()
	if changed {
		e.Wake()
	}
}

// Ring says that a push channel told of news.
func (e *Engine) Ring() {
	e.mu.Lock()
	e.attention.rung = wall()
	e.mu.Unlock()
	e.Wake()
}

// Reconnect trusts no connection that was open until now: the machine slept, or
// its clock was set. Records that waited for the network are tried at once.
func (e *Engine) Reconnect() {
	if s, ok := e.server.(interface{ Close() }); ok {
		s.Close()
	}
	e.mu.Lock()
	for id := range e.unreached {
		e.unreached[id] = true
	}
	e.trustWaits() // it may have been something on the way
	e.longest, e.cuts = 0, 0
	e.mu.Unlock()
	e.Wake()
}

// Next is when the account is looked at again by itself, zero for no time that
// is known, and what makes it so.
func (e *Engine) Next() (at time.Time, care Care, why []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.attention.next, e.attention.care, e.attention.why
}

// wall is the time on the clock, which goes on while the machine sleeps.
func wall() time.Time { return time.Now().Round(0) }

// survey renews what intervals depend on.
func (e *Engine) survey(state activesync.AccountState) {
	e.mu.Lock()
	stale := e.attention.care == CareRefresh && time.Since(e.attention.known) > knownFor
	e.attention.rhythm = state.Rhythm
	e.mu.Unlock()
	if !stale || e.surroundings == nil {
		return
	}
	s := e.surroundings()
	e.mu.Lock()
	e.attention.surroundings, e.attention.known = s, time.Now()
	e.mu.Unlock()
}

// interval is Interval with what is known now.
func (a *attention) interval(check time.Duration, now time.Time) (time.Duration, []string) {
	f := Factors{Check: check, Surroundings: a.surroundings, EmptyWakes: a.empty, Failures: a.failures}
	f.Usual, f.Known = a.rhythm.Usual(now.Local())
	if !a.rhythm.Opened.IsZero() {
		f.Unopened = max(now.Sub(a.rhythm.Opened), 0)
	}
	return Interval(f)
}

// due is when a folder has to be looked at under any other care than CareLive.
func (a *attention) due(check activesync.CheckFrequency, lastSync time.Time, w watch, now time.Time) (at time.Time, every time.Duration, why []string, ok bool) {
	last := lastSync
	if w.tried.After(last) {
		last = w.tried
	}
	switch {
	case check == activesync.CheckManual:
		return time.Time{}, 0, nil, false
	case a.asked.After(lastSync):
		at = a.asked
	case a.care == CareRefresh:
		base := check.Interval()
		if base == 0 {
			base = pushCounts
		}
		every, why = a.interval(base, now)
		if !last.IsZero() {
			at = last.Add(every)
		}
	case a.care == CarePush && a.rung.After(lastSync):
		at = a.rung
		gap := check.Interval()
		if a.empty > 0 { // whoever knows the topic can ring without end
			gap = max(gap, backoff(a.empty, 0))
		}
		if next := last.Add(gap); !last.IsZero() && next.After(at) {
			at = next
		}
	default:
		return time.Time{}, 0, nil, false
	}
	if at.Before(w.retry) {
		at = w.retry
	}
	return at, every, why, true
}

// arrived notes new mail for the hour of the day.
func (e *Engine) arrived(ctx context.Context, messages int) error {
	if messages == 0 {
		return nil
	}
	return e.store.UpdateState(ctx, e.account.ID, func(s *activesync.AccountState) error {
		s.Rhythm.Note(time.Now(), messages)
		return nil
	})
}

// tally counts a look at a folder while no connection is kept.
func (e *Engine) tally(news bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.attention.looked = true
	e.attention.news = e.attention.news || news
}

// rest ends a wake: nothing more is due.
func (e *Engine) rest(p plan, next time.Time) {
	e.mu.Lock()
	a := &e.attention
	if a.looked {
		if a.empty++; a.news {
			a.empty = 0
		}
		a.looked, a.news, a.failures = false, false, 0
	}
	a.next, a.why = next, p.why
	care := a.care
	e.mu.Unlock()
	if s, ok := e.server.(interface{ Close() }); ok && care != CareLive {
		s.Close()
	}
}

// patience puts off the next try after a failure where no connection is kept:
// there a person who waits is not known of.
func (e *Engine) patience(ctx context.Context, next time.Time, failures int) time.Time {
	ops, err := e.store.Pending(ctx, e.account.ID)
	waits := err == nil && len(ops) > 0 // what the person did is not put off
	e.mu.Lock()
	defer e.mu.Unlock()
	a := &e.attention
	a.looked, a.news = false, false
	if a.care == CareRefresh && !next.IsZero() && !waits {
		a.failures = failures
		if d, _ := a.interval(pushCounts, time.Now()); next.Before(wall().Add(d)) {
			next = wall().Add(d)
		}
	}
	a.next, a.why = next, nil
	return next
}

// wanted reports whether an account without folders is to be looked at.
func (e *Engine) wanted() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := &e.attention
	return a.care == CareRefresh || !a.asked.IsZero() || a.care == CarePush && !a.rung.IsZero()
}

// prefetchIdle is prefetchSome where requests without need may be made.
func (e *Engine) prefetchIdle(ctx context.Context) (did bool, err error) {
	e.mu.Lock()
	live := e.attention.care == CareLive
	e.mu.Unlock()
	if !live {
		return false, nil
	}
	return e.prefetchSome(ctx)
}
