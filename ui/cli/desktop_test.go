package cli

import (
	"errors"
	"os/exec"
	"syscall"
	"testing"
)

// A program that was opened for a link stays in no process table when it is over,
// however long the screens live.
func TestWhatWasOpenedIsNotLeftBehind(t *testing.T) {
	cmd := exec.Command("true")
	ended, err := startApart(cmd)
	if err != nil {
		t.Fatal(err)
	}
	<-ended
	if err := syscall.Kill(cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("it is still there: %v", err)
	}
}
