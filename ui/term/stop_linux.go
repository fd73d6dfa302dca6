package term

import (
	"syscall"
	"unsafe"
)

// watchStop says that SIGTSTP is handled: what a process is told from elsewhere
// puts the terminal back before it stops.
const watchStop = true

// sigset is the size of a set of signals of the kernel.
const sigset = 8

// stopByDefault has SIGTSTP stop this process, until the function that it
// returns is called. signal.Reset does not do that: the handler of the runtime
// stays, and ignores what nobody waits for (runtime/sigtab_linux_generic.go).
func stopByDefault() (undo func()) {
	// The kernel's struct sigaction differs by processor; all zero it is SIG_DFL
	// without flags on all of them.
	var byDefault, before [64]uintptr
	if !sigaction(&byDefault, &before) {
		return func() {}
	}
	return func() { sigaction(&before, nil) }
}

func sigaction(set, old *[64]uintptr) bool {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGTSTP),
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), sigset, 0, 0)
	return errno == 0
}
