package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestReplaceAndCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "file")
	if err := Create(path, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, []byte("two")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second Create gives %v", err)
	}
	if b, err := os.ReadFile(path); string(b) != "one" || err != nil {
		t.Errorf("after a second Create the file holds %q, %v", b, err)
	}
	if err := Replace(path, []byte("three")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); string(b) != "three" || err != nil {
		t.Errorf("after Replace the file holds %q, %v", b, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); len(left) != 1 || err != nil {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}
