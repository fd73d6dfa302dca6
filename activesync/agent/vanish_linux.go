package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Gone waits until one of the files is no longer there, and returns its path,
// or "" when ctx ends. It costs nothing while it waits.
func Gone(ctx context.Context, files ...string) (string, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return "", fmt.Errorf("watch the data directory: %w", err)
	}
	in := os.NewFile(uintptr(fd), "inotify")
	defer in.Close()
	for _, f := range files {
		const what = unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
		if _, err := unix.InotifyAddWatch(fd, filepath.Dir(f), what); errors.Is(err, unix.ENOENT) {
			return f, nil
		} else if err != nil {
			return "", fmt.Errorf("watch %s: %w", filepath.Dir(f), err)
		}
	}
	defer context.AfterFunc(ctx, func() { in.Close() })()
	buf := make([]byte, 16*1024)
	for {
		for _, f := range files {
			if _, err := os.Lstat(f); errors.Is(err, os.ErrNotExist) {
				return f, nil
			}
		}
		n, err := in.Read(buf)
		switch {
		case ctx.Err() != nil:
			return "", nil
		case err != nil:
			return "", fmt.Errorf("watch the data directory: %w", err)
		}
		// A directory that moved away whole took its files with it.
		for b := buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			if binary.NativeEndian.Uint32(b[4:])&unix.IN_MOVE_SELF != 0 {
				return files[0], nil
			}
			b = b[min(len(b), unix.SizeofInotifyEvent+int(binary.NativeEndian.Uint32(b[12:]))):]
		}
	}
}
