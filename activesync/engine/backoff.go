package engine

import (
	"errors"
	"time"

	"eas.example/securemail/activesync"
)

const (
	backoffFirst = 5 * time.Second
	backoffLast  = 15 * time.Minute
	// pauseBlocked is how long a device that is not let in waits before it asks
	// again: an administrator has to act first.
	pauseBlocked = 30 * time.Minute
)

// backoff is the time to wait after so many failures in a row (at least 1):
// doubled each time, within bounds, and spread by up to a quarter so that many
// clients do not come back at once.
func backoff(failures int, spread float64) time.Duration {
	d := backoffLast
	if failures < 9 {
		d = min(backoffFirst<<(max(failures, 1)-1), backoffLast)
	}
	return d + time.Duration(spread*float64(d)/4)
}

// spread is a number from 0 to 1 that differs from one client to the next, and
// is the same where the same happens at the same time.
func spread(now time.Time) float64 { return float64(now.Nanosecond()/1000%1000) / 1000 }

// waitAfter is when to try again after err. ok is false where trying again by
// itself would do harm: a refused password locks accounts.
func waitAfter(err error, failures int) (d time.Duration, ok bool) {
	switch {
	case errors.Is(err, activesync.ErrAuth):
		return 0, false
	case errors.Is(err, activesync.ErrForbidden), errors.Is(err, activesync.ErrWipe):
		return pauseBlocked, true
	}
	d = backoff(failures, spread(time.Now()))
	if s, ok := errors.AsType[*activesync.StatusError](err); ok && s.Code == 110 {
		d = pauseBlocked // the server asks for quiet (MS-ASCMD 2.2.2, 110)
	}
	return max(d, activesync.RetryAfter(err)), true
}
