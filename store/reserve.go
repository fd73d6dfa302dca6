package store

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Reserve takes the lock of the store at path without its key, so that no other
// process opens it, until what it returns is closed. Nothing is made where there
// is no store. Errors are those of Open for the file.
func Reserve(path string) (io.Closer, error) {
	if info, err := os.Stat(path); errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
		return io.NopCloser(nil), nil
	}
	db, err := openFile(path, Options{})
	if err != nil {
		return nil, fmt.Errorf("reserve store %s: %w", path, err)
	}
	noteHolder(path)
	return reserved{db, path}, nil
}

type reserved struct {
	io.Closer
	path string
}

func (r reserved) Close() error {
	forgetHolder(r.path)
	return r.Closer.Close()
}
