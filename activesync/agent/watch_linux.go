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
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return fmt.Errorf("watch files: %w", err)
	}
	in := os.NewFile(uintptr(fd), "inotify")
	defer in.Close()
	defer context.AfterFunc(ctx, func() { in.Close() })()
	conn, err := in.SyscallConn()
	if err != nil {
		return fmt.Errorf("watch files: %w", err)
	}
	buf := make([]byte, 16*1024)
	var held map[int]bool
	for {
		// Anew each time: directories come, go and are replaced.
		closed := conn.Control(func(fd uintptr) { held, err = watchDirs(int(fd), files, held) })
		if ctx.Err() != nil {
			return nil
		}
		if err := errors.Join(closed, err); err != nil {
			return err
		}
		if !look() {
			return nil
		}
		if _, err := in.Read(buf); err != nil && ctx.Err() == nil {
			return fmt.Errorf("watch files: %w", err)
		}
	}
}

// watchDirs watches the directories of files, or the next one above that is there,
// and lets go of all others that were held.
func watchDirs(fd int, files []string, held map[int]bool) (map[int]bool, error) {
	const what = unix.IN_CREATE | unix.IN_CLOSE_WRITE | unix.IN_ATTRIB | unix.IN_DELETE | unix.IN_MOVE | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
	now := map[int]bool{}
	for _, f := range files {
		dir := filepath.Dir(f)
		wd, err := unix.InotifyAddWatch(fd, dir, what)
		for (errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES)) && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
			wd, err = unix.InotifyAddWatch(fd, dir, what)
		}
		if err != nil {
			return held, fmt.Errorf("watch %s: %w", dir, err)
		}
		now[wd] = true
	}
	for wd := range held {
		if !now[wd] {
			_, _ = unix.InotifyRmWatch(fd, uint32(wd)) // one whose directory is gone has removed itself
		}
	}
	return now, nil
}
