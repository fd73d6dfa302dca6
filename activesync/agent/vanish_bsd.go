//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package agent

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Gone waits until one of the files is no longer there, and returns its path,
// or "" when ctx ends. It costs nothing while it waits.
func Gone(ctx context.Context, files ...string) (string, error) {
	queue, err := unix.Kqueue()
	if err != nil {
		return "", fmt.Errorf("watch the data directory: %w", err)
	}
	defer unix.Close(queue)
	r, w, err := os.Pipe()
	if err != nil {
		return "", fmt.Errorf("watch the data directory: %w", err)
	}
	defer r.Close()
	defer context.AfterFunc(ctx, func() { w.Close() })()
	changes := make([]unix.Kevent_t, 1+len(files))
	unix.SetKevent(&changes[0], int(r.Fd()), unix.EVFILT_READ, unix.EV_ADD)
	for i, f := range files {
		fd, err := unix.Open(f, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if errors.Is(err, unix.ENOENT) {
			return f, nil
		}
		if err != nil {
			return "", fmt.Errorf("watch %s: %w", f, err)
		}
		defer unix.Close(fd)
		unix.SetKevent(&changes[1+i], fd, unix.EVFILT_VNODE, unix.EV_ADD|unix.EV_CLEAR)
		changes[1+i].Fflags = unix.NOTE_DELETE | unix.NOTE_RENAME
	}
	for events := make([]unix.Kevent_t, 8); ; changes = nil {
		_, err := unix.Kevent(queue, changes, events, nil)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return "", fmt.Errorf("watch the data directory: %w", err)
		}
		if ctx.Err() != nil {
			return "", nil
		}
		for _, f := range files {
			if _, err := os.Lstat(f); errors.Is(err, os.ErrNotExist) {
				return f, nil
			}
		}
	}
}
