package term

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// A terminal that vanishes is told of more than once, by the system and by the
// shell. What comes when the screen has ended does not keep the program from
// putting away what it has to: here it would end the test.
func TestAHangUpAfterTheEndCutsNothingOff(t *testing.T) {
	after := make(chan os.Signal, 1)
	signal.Notify(after, syscall.SIGUSR1)
	defer signal.Stop(after)
	(&loop{}).watchSignals().stop()
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGUSR1} {
		if err := syscall.Kill(os.Getpid(), sig); err != nil {
			t.Fatal(err)
		}
	}
	<-after
}
