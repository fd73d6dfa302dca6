package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// WatchClock calls jumped whenever the machine woke from sleep or its clock was
// set, until ctx ends. The kernel tells by cancelling a timer that never goes
// off (timerfd_create(2)), so nothing runs meanwhile.
func WatchClock(ctx context.Context, jumped func()) error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return fmt.Errorf("watch the clock: %w", err)
	}
	timer := os.NewFile(uintptr(fd), "timerfd")
	defer timer.Close()
	defer context.AfterFunc(ctx, func() { timer.Close() })()
	buf := make([]byte, 8)
	for {
		never := unix.ItimerSpec{Value: unix.NsecToTimespec(time.Now().AddDate(5, 0, 0).UnixNano())}
		if err := unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &never, nil); err != nil && ctx.Err() == nil {
			return fmt.Errorf("watch the clock: %w", err)
		}
		_, err := timer.Read(buf)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, unix.ECANCELED):
			jumped()
		case err != nil:
			return fmt.Errorf("watch the clock: %w", err)
		}
	}
}
