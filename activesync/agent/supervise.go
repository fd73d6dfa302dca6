package agent

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Supervisor is the service manager that started this process, by the
// datagrams of sd_notify(3). Without one nothing is said.
type Supervisor struct {
	address  string
	watchdog time.Duration // 0 for none
}

// NewSupervisor reads the environment that a service manager sets.
func NewSupervisor(getenv func(string) string) Supervisor {
	s := Supervisor{address: getenv("NOTIFY_SOCKET")}
	if usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
		s.watchdog = time.Duration(usec) * time.Microsecond
	}
	return s
}

// Tell sends one state, such as READY=1.
func (s Supervisor) Tell(state string) error {
	if s.address == "" {
		return nil
	}
	conn, err := net.Dial("unixgram", s.address)
	if err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	return nil
}

// Watch tells that the process is well, as often as the manager wants to hear
// it and as long as well agrees, until ctx ends.
func (s Supervisor) Watch(ctx context.Context, well func(context.Context) error) {
	if s.address == "" || s.watchdog == 0 {
		return
	}
	for pause(ctx, s.watchdog/2) == nil {
		if well(ctx) == nil {
			_ = s.Tell("WATCHDOG=1") // a manager that does not hear restarts us
		}
	}
}
