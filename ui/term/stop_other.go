//go:build !linux

package term

// watchStop is off where a handler could not be taken away again: once the
// runtime has one, SIGTSTP never stops the process any more.
const watchStop = false

func stopByDefault() (undo func()) { return func() {} }
