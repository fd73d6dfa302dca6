package store

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/sealfile"
)

// What is kept of files that can be had again: so many bytes, and what was used
// within that time.
const (
	mostFiles = 2 << 30
	filesAge  = 30 * 24 * time.Hour
)

// ErrNoFile: the file is not kept here.
var ErrNoFile = errors.New("the file is not kept here")

// filesDir holds the files of all accounts, a directory each.
func (s *Store) filesDir() string { return strings.TrimSuffix(s.path, filepath.Ext(s.path)) + ".files" }

// filePath is where an attachment lies. An item's files are named anew when the
// server names them anew, which costs no more than to fetch them again.
func (s *Store) filePath(ctx context.Context, id activesync.ItemID, reference string) (string, error) {
	var dir name
	err := s.viewItem(ctx, id, kindMessage, func(a *account, _ *row) error {
		dir = a.name
		return nil
	})
	if err != nil {
		return "", err
	}
	n := s.sealer.name("file", id.String()+" "+reference)
	return filepath.Join(s.filesDir(), hex.EncodeToString(dir[:]), hex.EncodeToString(n[:])), nil
}

// File opens an attachment that was fetched; ErrNoFile where it was not.
func (s *Store) File(ctx context.Context, id activesync.ItemID, reference string) (activesync.FileReader, error) {
	path, err := s.filePath(ctx, id, reference)
	if err != nil {
		return nil, fmt.Errorf("open file of item %s: %w", id, err)
	}
	r, err := sealfile.Open(path, s.sealer.files)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open file of item %s: %w", id, ErrNoFile)
	case errors.Is(err, sealfile.ErrDamaged):
		// It can be had again.
		return nil, errors.Join(fmt.Errorf("open file of item %s: %w", id, ErrNoFile), os.Remove(path))
	case err != nil:
		return nil, fmt.Errorf("open file of item %s: %w", id, classify(err))
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // else it only goes sooner
	return r, nil
}

// KeepFile begins an attachment, or goes on with one of which a part is here. No
// two may be at the same one.
func (s *Store) KeepFile(ctx context.Context, id activesync.ItemID, reference string) (activesync.FileWriter, error) {
	path, err := s.filePath(ctx, id, reference)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("keep file of item %s: %w", id, classify(err))
	}
	if err := s.trimFiles(); err != nil {
		return nil, fmt.Errorf("keep file of item %s: %w", id, err)
	}
	w, err := sealfile.Append(path, s.sealer.files)
	if err != nil {
		return nil, fmt.Errorf("keep file of item %s: %w", id, classify(err))
	}
	return w, nil
}

// trimFiles removes what was used longest ago.
func (s *Store) trimFiles() error {
	type old struct {
		path string
		size int64
		used time.Time
	}
	var all []old
	total := int64(0)
	err := filepath.WalkDir(s.filesDir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil {
			all = append(all, old{path, info.Size(), info.ModTime()})
			total += info.Size()
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the kept files: %w", err)
	}
	slices.SortFunc(all, func(a, b old) int { return cmp.Compare(a.used.UnixNano(), b.used.UnixNano()) })
	for _, f := range all {
		if total <= s.mostFiles && time.Since(f.used) < filesAge {
			break
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a kept file: %w", err)
		}
		total -= f.size
	}
	return nil
}

// dropFiles removes the files of an account, the messages it sends among them.
func (s *Store) dropFiles(account name) error {
	err := errors.Join(os.RemoveAll(filepath.Join(s.filesDir(), hex.EncodeToString(account[:]))), os.RemoveAll(s.spoolDir(account)))
	if err != nil {
		return fmt.Errorf("remove the kept files: %w", err)
	}
	return nil
}
