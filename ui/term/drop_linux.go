package term

import "golang.org/x/sys/unix"

// dropInput throws away what was typed or sent and not yet read.
func dropInput(fd int) { _ = unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }
