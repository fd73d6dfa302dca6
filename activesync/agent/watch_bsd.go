//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Watch calls look now and whenever one of the files may have come, changed or
// gone, until look returns false or ctx ends. The directories of files need not
// exist yet. It costs nothing while it waits.
func Watch(ctx context.Context, files []string, look func() bool) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("watch files: %w", err)
	}
	defer r.Close()
	defer context.AfterFunc(ctx, func() { w.Close() })()
	for {
		on, err := awaitChange(int(r.Fd()), files, look)
		if err != nil || !on || ctx.Err() != nil {
			return err
		}
	}
}

// awaitChange looks once and waits for a change after it, or for the end of a
// pipe. Files and directories are opened anew each time: they are replaced.
func awaitChange(end int, files []string, look func() bool) (on bool, err error) {
	queue, err := unix.Kqueue()
	if err != nil {
		return false, fmt.Errorf("watch files: %w", err)
	}
	defer unix.Close(queue)
	changes := make([]unix.Kevent_t, 1, 1+2*len(files))
	unix.SetKevent(&changes[0], end, unix.EVFILT_READ, unix.EV_ADD)
	add := func(path string) error {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		var k unix.Kevent_t
		unix.SetKevent(&k, fd, unix.EVFILT_VNODE, unix.EV_ADD|unix.EV_CLEAR)
		k.Fflags = unix.NOTE_WRITE | unix.NOTE_EXTEND | unix.NOTE_ATTRIB | unix.NOTE_DELETE | unix.NOTE_RENAME
		changes = append(changes, k)
		return nil
	}
	defer func() {
		for _, k := range changes[1:] {
			unix.Close(int(k.Ident))
		}
	}()
	for _, f := range files {
		_ = add(f) // sockets cannot be opened; their directory tells of them
		dir := filepath.Dir(f)
		err := add(dir)
		for ; (errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES)) && dir != filepath.Dir(dir); err = add(dir) {
			dir = filepath.Dir(dir)
		}
		if err != nil {
			return false, fmt.Errorf("watch %s: %w", dir, err)
		}
	}
	if _, err := unix.Kevent(queue, changes, nil, nil); err != nil {
		return false, fmt.Errorf("watch files: %w", err)
	}
	if !look() {
		return false, nil
	}
	_, err = unix.Kevent(queue, nil, make([]unix.Kevent_t, 8), nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return false, fmt.Errorf("watch files: %w", err)
	}
	return true, nil
}
