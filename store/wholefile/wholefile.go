// Package wholefile writes small files of which a reader, a crash or a power cut
// finds the old content or the new one, never a part.
//
// It owns the way of writing and nothing else: no names, no formats. Its
// functions may be called at the same time; for one path the last one stands.
package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace puts content in the place of whatever is at path. Only the owner can
// read it; folders that are missing are made for the owner alone.
func Replace(path string, content []byte) error { return write(path, content, os.Rename) }

// Create is Replace where nothing may be at path: it fails with fs.ErrExist
// and leaves what is there.
func Create(path string, content []byte) error {
	return write(path, content, func(temp, path string) error {
		err := os.Link(temp, path)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return os.Rename(temp, path) // a file system without hard links
		}
		return err
	})
}

func write(path string, content []byte, place func(temp, path string) error) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // its mode is 0600
	if err != nil {
		return err
	}
	temp := f.Name()
	defer os.Remove(temp)
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := place(temp, path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // some file systems cannot; the content is on disk
	return nil
}
