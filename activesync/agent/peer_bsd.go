//go:build darwin || freebsd || dragonfly

package agent

import "golang.org/x/sys/unix"

// The level of the options of Unix sockets, 0 by the system's headers.
const solLocal = 0

// peerUID is who is at the other end of a socket.
func peerUID(fd int) (uid int, known bool, err error) {
	c, err := unix.GetsockoptXucred(fd, solLocal, unix.LOCAL_PEERCRED)
	if err != nil {
		return 0, false, err
	}
	return int(c.Uid), true, nil
}
