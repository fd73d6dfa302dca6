package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// readyFD is the descriptor on which a started agent says that it is ready, or
// why it cannot be.
const readyFD = 3

// readyVariable in the environment says that readyFD is what it is meant to be.
const readyVariable = "SECUREMAIL_READY"

// Launch starts an agent as a process of its own, in a session of its own, and
// returns when it listens, or with the reason why it does not. Its output goes
// to log.
func Launch(ctx context.Context, program string, args []string, log *os.File) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	defer r.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{w}
	cmd.Env = append(os.Environ(), readyVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	w.Close()
	if err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	defer context.AfterFunc(ctx, func() { r.Close() })()
	var f fault
	err = json.NewDecoder(io.LimitReader(r, 1<<20)).Decode(&f)
	if err == nil && f.Text == "" {
		// It runs on. Its end is nobody's business here, but it must not stay in
		// the process table when it comes.
		go func() { _ = cmd.Wait() }()
		return nil
	}
	if ctx.Err() != nil {
		go func() { _ = cmd.Wait() }()
		return ctx.Err()
	}
	werr := cmd.Wait()
	if err != nil {
		if werr == nil {
			werr = errors.New("it ended without a word")
		}
		return fmt.Errorf("start %s: %w", program, werr)
	}
	return f.err()
}

// Wanted reports whether the process that launched this one still waits for it;
// true in a process that was not launched so. One that found another agent
// meanwhile does not wait.
func Wanted() bool {
	if os.Getenv(readyVariable) == "" {
		return true
	}
	_, err := syscall.Write(readyFD, []byte("\n")) // passed over by who reads
	return !errors.Is(err, syscall.EPIPE)
}

// Report tells the process that launched this one that the agent listens, or
// why it cannot. It may be called once; in a process that was not launched so
// it does nothing.
func Report(err error) error {
	if os.Getenv(readyVariable) == "" {
		return nil
	}
	if err := os.Unsetenv(readyVariable); err != nil {
		return fmt.Errorf("report to the starting process: %w", err)
	}
	f := newFault(err)
	if f == nil {
		f = &fault{}
	}
	syscall.CloseOnExec(readyFD)
	pipe := os.NewFile(readyFD, "ready")
	if err := json.NewEncoder(pipe).Encode(f); err != nil {
		return errors.Join(fmt.Errorf("report to the starting process: %w", err), pipe.Close())
	}
	return pipe.Close()
}
