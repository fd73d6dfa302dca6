package ui

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Where there is no runtime directory, files for other programs lie in one among
// the temporary files, which anybody may have made before.
func TestNoFileIsHandedOverInADirectoryOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	scratch := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(scratch, 0o777); err != nil {
		t.Fatal(err)
	}
	write := func(w io.Writer) error {
		_, err := io.WriteString(w, "x")
		return err
	}
	if dir, _, err := Unsealed(scratch, "a.txt", write); err != nil || os.RemoveAll(dir) != nil {
		t.Fatal(err)
	}
	if err := os.Chown(scratch, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	_, _, err := Unsealed(scratch, "a.txt", write)
	_, perr := newEditorFile(scratch, "text")
	_, _, werr := writePage(scratch, []byte("page"))
	for _, err := range []error{err, perr, werr} {
		if !errors.Is(err, errForeign) {
			t.Errorf("%v", err)
		}
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("left there: %v, %v", left, err)
	}
}
