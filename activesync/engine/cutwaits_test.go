package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// Where something on the way cuts each wait that is too long, it is found out how
// long one may be: after some tries waits end by themselves, and news come at once.
func TestWaitsGetShorterThanWhatCutsThem(t *testing.T) {
	for _, most := range []time.Duration{time.Minute, 100 * time.Second, 5 * time.Minute, 15 * time.Minute} {
		for name, cut := range map[string]server.Fault{
			"reset": {Delay: most, Refuse: true}, "gateway timeout": {Delay: most, Status: 504}, "that of another": {Delay: most, Status: 524},
		} {
			t.Run(fmt.Sprint(name, " after ", most), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, server.Config{MinHeartbeat: 5 * time.Second})
					w.fill(3)
					w.sync()
					cuts, beats := 0, []time.Duration{}
					w.setFault(func(q *server.Request) *server.Fault {
						var req wire.PingRequest
						if q.Command != "Ping" || wbxml.Unmarshal(q.Body, &req) != nil {
							return nil
						}
						beat := time.Duration(req.HeartbeatInterval) * time.Second
						if beats = append(beats, beat); beat < most {
							return nil
						}
						cuts++
						return &cut
					})
					w.run()
					time.Sleep(5 * time.Hour)
					w.mu.Lock()
					n, tried := cuts, len(beats)
					last := beats[len(beats)-1]
					w.mu.Unlock()
					if n > 6 || last < most/4 || tried > int(5*time.Hour/(most/4)) {
						t.Errorf("%d of %d waits were cut, the last one is of %v", n, tried, last)
					}
					w.fill(1)
					time.Sleep(2 * time.Second)
					w.equal()
					if s := w.engine.Status(); s.Phase != activesync.PhaseLive || s.Err != nil {
						t.Errorf("status %+v", s)
					}
				})
			})
		}
	}
}

// One wait that breaks off, such as when the machine slept, makes waits short for
// once, and not for long.
func TestOneWaitThatBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{})
		w.fill(3)
		w.sync()
		w.failOnce("Ping", server.Fault{Delay: 2 * time.Minute, Refuse: true})
		w.run()
		time.Sleep(30 * time.Minute)
		state, err := w.store.State(t.Context(), w.account.ID)
		if err != nil || state.Heartbeat < 10*time.Minute {
			t.Errorf("%v; half an hour later waits are of %v", err, state.Heartbeat)
		}
	})
}

// A server that names the longest wait it allows is not asked for a longer one each
// time.
func TestTheLongestWaitOfAServerIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{MaxHeartbeat: 10 * time.Minute})
		w.fill(3)
		w.sync()
		w.run()
		time.Sleep(10 * time.Hour)
		if n := w.requests("Ping", ""); n > 66 {
			t.Errorf("%d waits in ten hours, of at most ten minutes each", n)
		}
	})
}
