package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
)

// Bounds of the log: it and the older ones beside it.
const (
	logSize = 1 << 20
	logKept = 3
)

// LogFile is a log that does not grow for ever: when it is full it becomes
// .1, the former .1 becomes .2, and so on. It may be written by any goroutine.
type LogFile struct {
	path  string
	limit int64
	// crash has a crash of this process written to it as well.
	crash bool

	mu   sync.Mutex
	file *os.File
	size int64
}

// OpenLog opens the log at path, with its directory. With crash, what the
// process says when it dies goes there too.
func OpenLog(path string, crash bool) (*LogFile, error) {
	l := &LogFile{path: path, limit: logSize, crash: crash}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return l, nil
}

func (l *LogFile) open() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if l.crash {
		if err := debug.SetCrashOutput(f, debug.CrashOptions{}); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write never fails for want of room: a log that cannot be written must not
// keep mail from being read.
func (l *LogFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return 0, fs.ErrClosed
	}
	if l.size+int64(len(p)) > l.limit && l.size > 0 {
		l.rotate()
	}
	n, _ := l.file.Write(p)
	l.size += int64(n)
	return len(p), nil
}

// rotate goes on in the old file where a new one cannot be made. Where the
// directory is gone nothing is made anew.
func (l *LogFile) rotate() {
	name := func(n int) string { return fmt.Sprintf("%s.%d", l.path, n) }
	for n := logKept - 1; n > 0; n-- {
		_ = os.Rename(name(n), name(n+1))
	}
	if err := os.Rename(l.path, name(1)); err != nil {
		l.size = 0 // not tried again at every line
		return
	}
	old := l.file
	if err := l.open(); err != nil {
		l.size = 0
		return
	}
	old.Close()
}

// Close ends the log.
func (l *LogFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	if l.crash {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	}
	return f.Close()
}
