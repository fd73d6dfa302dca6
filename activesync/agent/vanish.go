package agent

import (
	"context"
	"os"
)

// Gone waits until one of the files is no longer there, or another one is in
// its place, and returns its path, or "" when ctx ends.
func Gone(ctx context.Context, files ...string) (gone string, err error) {
	first := make([]os.FileInfo, len(files))
	err = Watch(ctx, files, func() bool {
		for i, f := range files {
			now, err := os.Lstat(f)
			if first[i] == nil {
				first[i] = now
			}
			if os.IsNotExist(err) || err == nil && !os.SameFile(first[i], now) {
				gone = f
				return false
			}
		}
		return true
	})
	return gone, err
}
