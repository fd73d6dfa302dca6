package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"eas.example/securemail/store"
)

func TestEmptyFileIsNotWrittenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(path, store.Options{Key: bytes.Repeat([]byte{7}, 32)}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("%v, want that it is damaged", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the file has %d bytes now, %v", info.Size(), err)
	}
}
