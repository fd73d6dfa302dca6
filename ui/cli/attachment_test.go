package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever is in the directory stays as it is, and a file that could not be had
// whole leaves nothing.
func TestSavingWritesOverNothing(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(path, want string) {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", path, got, err, want)
		}
	}
	put("table.xlsx", "mine")
	put("table (2).xlsx", "mine too")
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), filepath.Join(dir, "plan")); err != nil {
		t.Fatal(err)
	}
	text := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	for name, want := range map[string]string{"table.xlsx": "table (3).xlsx", "plan": "plan (2)", "fresh.txt": "fresh.txt"} {
		path, err := saveFile(dir, name, text)
		if err != nil || filepath.Base(path) != want {
			t.Errorf("%s was saved as %s, %v; want %s", name, path, err, want)
		}
		holds(path, "new")
	}
	holds(filepath.Join(dir, "table.xlsx"), "mine")
	holds(filepath.Join(dir, "table (2).xlsx"), "mine too")
	if _, err := os.Stat(filepath.Join(dir, "elsewhere")); !os.IsNotExist(err) {
		t.Errorf("a file was written through a link: %v", err)
	}
	// Where links cannot be made.
	if err := placeFile(filepath.Join(dir, "fresh.txt"), filepath.Join(dir, "table.xlsx")); !os.IsExist(err) {
		t.Errorf("placed over a file: %v", err)
	}
	holds(filepath.Join(dir, "table.xlsx"), "mine")
	broken := errors.New("the line is gone")
	if _, err := saveFile(dir, "half.bin", func(w io.Writer) error { _ = text(w); return broken }); !errors.Is(err, broken) {
		t.Errorf("half of a file was saved: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "half") || strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s is left", e.Name())
		}
	}
}
