//go:build unix

package ui

import (
	"path/filepath"
	"syscall"
	"testing"
)

// Opening a pipe waits for whoever writes to it.
func TestAPipeIsNoFileOfCards(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "cards.vcf")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := readCards(pipe); err == nil {
		t.Error("a pipe was read")
	}
}
