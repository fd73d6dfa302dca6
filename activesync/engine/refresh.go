package engine

import (
	"fmt"
	"time"
)

// pushCounts is the check frequency that a folder on push counts as where no
// connection is kept.
const pushCounts = 15 * time.Minute

// longestRefresh bounds an interval, save where the person chose a longer one.
const longestRefresh = 6 * time.Hour

// Factors are what an interval in the background depends on.
type Factors struct {
	// Check is what the person chose for the folder; push counts as 15 minutes.
	Check time.Duration
	// Usual is how many messages come in this hour on a usual day. It counts only
	// if Known.
	Usual float64
	Known bool
	// Unopened is how long ago the person last opened the program, 0 where that
	// is not known.
	Unopened time.Duration
	Surroundings
	EmptyWakes int // in a row, that brought nothing
	Failures   int // in a row
}

// Surroundings are how this machine is at the moment.
type Surroundings struct {
	Battery bool // runs on it
	Charge  int  // of it, in percent
	Metered bool // what goes over the network costs
}

// Interval is how long after a look a folder is looked at again while the
// program is in the background without a connection, and why. It is never
// below Check.
func Interval(f Factors) (d time.Duration, why []string) {
	stretch := 1.0
	by := func(factor float64, format string, args ...any) {
		stretch *= factor
		why = append(why, fmt.Sprintf(format, args...))
	}
	switch {
	case f.Battery && f.Charge < 20:
		by(4, "battery at %d %%", f.Charge)
	case f.Battery:
		by(2, "on battery")
	}
	if f.Metered {
		by(2, "metered network")
	}
	switch {
	case f.Unopened >= 7*24*time.Hour:
		by(4, "not opened for %d days", int(f.Unopened/(24*time.Hour)))
	case f.Unopened >= 24*time.Hour:
		by(2, "not opened for a day")
	}
	if f.Known && f.Usual < 0.25 {
		by(2, "hardly any mail at this hour")
	}
	if f.EmptyWakes >= 2 {
		by(1+float64(min(f.EmptyWakes, 8))/4, "nothing new %d times in a row", f.EmptyWakes)
	}
	if f.Failures > 0 {
		by(float64(int(1)<<min(f.Failures, 4)), "failed %d times in a row", f.Failures)
	}
	if f.Known && f.Usual >= 4 && stretch > 1 {
		by(0.5, "much mail at this hour")
	}
	d = time.Duration(max(stretch, 1) * float64(f.Check)).Round(time.Second)
	return max(min(d, longestRefresh), f.Check), why
}
