package agent_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"eas.example/securemail/activesync/agent"
)

// The system tells of cards that are written and removed, also in a directory
// that was not there at first.
func TestSystemTellsOfCards(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cards")
	ctx, stop := context.WithCancel(t.Context())
	changed, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() { ended <- agent.WatchCards(ctx, []string{dir}, changed) }()
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// It may begin to watch only after this, so it is done until it is told of.
	for told := false; !told; {
		do(os.MkdirAll(dir, 0o700))
		select {
		case <-changed:
			told = true
		default:
			do(os.RemoveAll(dir))
		}
	}
	path := filepath.Join(dir, "a.vcf")
	for told := false; !told; {
		do(os.WriteFile(path, []byte("x"), 0o600))
		do(os.Remove(path))
		select {
		case <-changed:
			told = true
		default:
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
