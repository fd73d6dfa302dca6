package agent

import "syscall"

// peerUID is who is at the other end of a socket.
func peerUID(fd int) (uid int, known bool, err error) {
	c, err := syscall.GetsockoptUcred(fd, syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	if err != nil {
		return 0, false, err
	}
	return int(c.Uid), true, nil
}
