package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// inotified is how many directories this process watches.
func inotified(t *testing.T) int {
	t.Helper()
	infos, err := filepath.Glob("/proc/self/fdinfo/*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range infos {
		if b, err := os.ReadFile(path); err == nil {
			n += strings.Count(string(b), "inotify wd:")
		}
	}
	return n
}

// The directory above, watched until the one of the file is there, is let go: what
// happens in it must not wake anybody.
func TestWatchLetsGoOfWhatStoodIn(t *testing.T) {
	above, others := t.TempDir(), inotified(t)
	dir := filepath.Join(above, "settings")
	looks := 0
	err := Watch(t.Context(), []string{filepath.Join(dir, "file")}, func() bool {
		looks++
		if n := inotified(t) - others; n != 1 {
			t.Errorf("look %d: %d directories are watched", looks, n)
		}
		if looks == 1 {
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Error(err)
				return false
			}
		}
		return looks < 2
	})
	if err != nil {
		t.Fatal(err)
	}
}
