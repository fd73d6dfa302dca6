package cli

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	// restEvery is how often the agent looks at its memory.
	restEvery = time.Minute
	// restAbove is how much it keeps without a look. A sync of many messages
	// takes more; an agent that waits does not need it.
	restAbove = 20 << 20
)

// giveBackMemory returns what a sync has used to the system, until ctx ends.
// By itself the runtime does so in the course of several minutes.
func giveBackMemory(ctx context.Context) error {
	tick := time.NewTicker(restEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.Sys-m.HeapReleased > restAbove {
			debug.FreeOSMemory()
		}
	}
}
