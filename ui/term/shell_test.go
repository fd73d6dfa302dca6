//go:build unix

package term_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// shell runs the probe as a job, as a shell does: it says when the job is
// stopped, and continues it.
func shell() int {
	log := os.NewFile(3, "log")
	signal.Ignore(syscall.SIGTTOU)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TERM_TEST_ROLE=probe")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{log}
	cmd.SysProcAttr = &unix.SysProcAttr{Foreground: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(log, "ended:", err)
		return 1
	}
	job := cmd.Process.Pid
	for {
		var status unix.WaitStatus
		if _, err := unix.Wait4(job, &status, unix.WUNTRACED, nil); err != nil {
			fmt.Fprintln(log, "ended:", err)
			return 1
		}
		if !status.Stopped() {
			return 0
		}
		fmt.Fprintln(log, "the job is stopped by", unix.SignalName(status.StopSignal()))
		if err := unix.Kill(-job, unix.SIGCONT); err != nil {
			fmt.Fprintln(log, "ended:", err)
			return 1
		}
	}
}

// TestCtrlZStopsTheJob: since Go 1.26 the runtime ignores SIGTSTP once anybody
// was notified of it, also after signal.Reset.
func TestCtrlZStopsTheJob(t *testing.T) {
	s := start(t, "shell")
	s.told("size 60x12")
	for range 2 {
		s.send("z")
		s.told("tea.SuspendMsg")
		s.told("the job is stopped by SIGTSTP")
		s.told("tea.ResumeMsg")
		s.send("a")
		s.told("key a")
	}
	s.send("q")
	s.ended("<nil>")
}

// TestAStopFromElsewhereStopsTheJob is kill -TSTP.
func TestAStopFromElsewhereStopsTheJob(t *testing.T) {
	s := start(t, "shell")
	s.told("size 60x12")
	s.send("Z")
	s.told("the job is stopped by SIGTSTP")
	s.send("a")
	s.told("key a")
	s.send("q")
	s.ended("<nil>")
}
