package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

// maxFile bounds a policy file.
const maxFile = 1 << 20

// Files are the policy files of this machine: the system's, and the user's,
// which counts where there is no other or the system's allows it. Now looks at
// them each time and reads what has changed.
type Files struct {
	system, user string

	mu   sync.Mutex
	seen map[string]seen // guarded by mu
}

// seen is a file as it was read last.
type seen struct {
	info fs.FileInfo
	doc  document
	err  error
}

// NewFiles names the files; nothing is read yet.
func NewFiles(system, user string) *Files {
	return &Files{system: system, user: user, seen: map[string]seen{}}
}

// Now is what holds at this moment.
func (f *Files) Now() Managed {
	f.mu.Lock()
	defer f.mu.Unlock()
	doc, there, err := f.look(f.system)
	if err != nil {
		return Managed{file: f.system, err: err}
	}
	m := Managed{values: map[string]value{}}
	if there {
		m.file = f.system
		for k, v := range doc.values {
			m.values[k] = v
		}
		if !doc.allowUser {
			return m
		}
	}
	doc, own, err := f.look(f.user)
	if err != nil {
		return Managed{file: f.user, err: err}
	}
	if own && m.file == "" {
		m.file = f.user
	}
	for k, v := range doc.values {
		if _, set := m.values[k]; !set {
			m.values[k] = v
		}
	}
	return m
}

// look reads a file unless it is as it was. The caller holds mu.
func (f *Files) look(path string) (doc document, there bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		delete(f.seen, path)
		return document{}, false, nil
	}
	if err != nil {
		return document{}, false, &FileError{Path: path, Reason: cause(err)}
	}
	old, ok := f.seen[path]
	if !ok || !same(old.info, info) {
		old = seen{info: info}
		old.doc, old.err = read(path)
		f.seen[path] = old
	}
	return old.doc, true, old.err
}

// same reports whether a file has not changed. One that has just been written
// may change again within its time stamp.
func same(old, now fs.FileInfo) bool {
	return os.SameFile(old, now) && old.Size() == now.Size() && old.ModTime().Equal(now.ModTime()) && old.Mode() == now.Mode() &&
		time.Since(now.ModTime()) > 2*time.Second
}

func read(path string) (document, error) {
	file, err := os.Open(path)
	if err != nil {
		return document{}, &FileError{Path: path, Reason: cause(err)}
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return document{}, &FileError{Path: path, Reason: cause(err)}
	case len(b) > maxFile:
		return document{}, &FileError{Path: path, Reason: fmt.Sprintf("the file is larger than %d bytes", maxFile)}
	}
	return parse(path, b)
}

// cause is an error of a file without its path, which is said already.
func cause(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
