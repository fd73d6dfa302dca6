package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// errForeign: whoever owns the directory could put other files into the place of
// ours.
var errForeign = errors.New("the directory belongs to another user")

// scratchDir makes a directory under scratch that only the person can read, for a
// file that another program is given. Where scratch is "" it lies among the
// temporary files.
func scratchDir(scratch, prefix string) (string, error) {
	if scratch != "" {
		if err := os.MkdirAll(scratch, 0o700); err != nil {
			return "", err
		}
		info, err := os.Stat(scratch)
		if err != nil {
			return "", err
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Getuid() {
			return "", fmt.Errorf("write a file: %w", &fs.PathError{Op: "use", Path: scratch, Err: errForeign})
		}
	}
	return os.MkdirTemp(scratch, prefix)
}
