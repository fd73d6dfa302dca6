//go:build unix

package cli

import (
	"syscall"
	"time"
)

// ownCPU is the time that this process has had on the processors.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
