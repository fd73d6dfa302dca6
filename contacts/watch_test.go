package contacts

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// The kernel tells of cards that are written, renamed and removed, in
// directories that are watched, also in one that is made again.
func TestWatchTellsOfCards(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("nothing is watched on this system")
	}
	w, err := NewWatch()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "cards")
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.On([]string{dir}) // is not there, which is no error
	do(os.Mkdir(dir, 0o700))
	w.On([]string{dir})
	path := filepath.Join(dir, "a.vcf")
	do(os.WriteFile(path, []byte("x"), 0o600))
	<-w.Changed()
	do(os.Rename(path, filepath.Join(dir, "b.vcf")))
	<-w.Changed()
	do(os.RemoveAll(dir))
	<-w.Changed()
	do(os.Mkdir(dir, 0o700))
	w.On([]string{dir})
	do(os.WriteFile(path, []byte("x"), 0o600))
	<-w.Changed()
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
