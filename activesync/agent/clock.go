package agent

import (
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// jump is how far the clock on the wall and the one that stands still while the
// machine sleeps have to part to count.
const jump = 30 * time.Second

// clock notices that the machine slept or that its time was set.
type clock struct {
	began time.Time

	mu    *sync.Mutex
	drift time.Duration // seen so far
}

func newClock() clock { return clock{began: time.Now(), mu: new(sync.Mutex)} }

// jumped reports how far wall has parted from steady, the time that went by
// for this process, since it was last asked; 0 for hardly at all.
func (c *clock) jumped(wall time.Time, steady time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	drift := wall.Round(0).Sub(c.began.Round(0)) - steady
	by := drift - c.drift
	if by.Abs() < jump {
		return 0
	}
	c.drift = drift
	return by
}

// heard is called when anything happens. After a sleep, what was to happen
// meanwhile happens now.
func (l *Local) heard() {
	if by := l.clock.jumped(time.Now(), time.Since(l.clock.began)); by != 0 {
		l.Log.Info("the clock jumped", "by", by.String())
		l.Woke()
	}
}

// Woke is to be called when the machine woke from sleep or its clock was set:
// timers stood still, and connections may be dead without having said so.
func (l *Local) Woke() {
	l.NetworkChanged()
	l.publish(activesync.Notice{Kind: activesync.NoticeClock, Time: time.Now().UTC()})
}

// NetworkChanged is to be called when this machine came into a network: what could
// not be reached is tried at once, and no connection of before is trusted.
func (l *Local) NetworkChanged() {
	for _, m := range l.members() {
		m.engine.Reconnect()
	}
	l.reopenChannel()
}
