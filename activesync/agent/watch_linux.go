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
	const what = unix.IN_CREATE | unix.IN_CLOSE_WRITE | unix.IN_ATTRIB | unix.IN_DELETE | unix.IN_MOVE | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
	buf := make([]byte, 16*1024)
	for {
		// Anew each time: directories come, go and are replaced.
		for _, f := range files {
			dir := filepath.Dir(f)
			_, err := unix.InotifyAddWatch(fd, dir, what)
			for ; (errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES)) && dir != filepath.Dir(dir); _, err = unix.InotifyAddWatch(fd, dir, what) {
				dir = filepath.Dir(dir)
			}
			if err != nil && ctx.Err() == nil {
				return fmt.Errorf("watch %s: %w", dir, err)
			}
		}
		if ctx.Err() != nil || !look() {
			return nil
		}
		if _, err := in.Read(buf); err != nil && ctx.Err() == nil {
			return fmt.Errorf("watch files: %w", err)
		}
	}
}
