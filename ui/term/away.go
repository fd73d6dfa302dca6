package term

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// wholeGroup stops all processes of the job, as ctrl+z does.
const wholeGroup = 0

// stopWait is for processes that nobody can continue: the kernel does not stop
// them (an orphaned process group), and no SIGCONT will come. A process that
// is stopped does not see this time pass.
const stopWait = 200 * time.Millisecond

// suspend puts the terminal back, stops the process with the id (or the whole
// group), and takes the terminal again when it is continued.
func (l *loop) suspend(pid int) {
	l.away.Lock()
	defer l.away.Unlock()
	l.tell(tea.SuspendMsg{})
	l.letGo()
	select {
	case <-l.resumed: // of a time before
	default:
	}
	if err := syscall.Kill(pid, syscall.SIGTSTP); err == nil {
		select {
		case <-l.resumed:
		case <-l.ctx.Done():
		case <-time.After(stopWait):
		}
	}
	l.takeBack()
	l.deliver(tea.ResumeMsg{})
}

// tell hands the model a message and waits until it was handled.
func (l *loop) tell(msg tea.Msg) {
	done := make(handled)
	l.deliver(msg, done)
	select {
	case <-done:
	case <-l.reader.done:
	case <-l.ctx.Done():
	}
}

// letGo leaves the terminal to others. A stop then stops this process too.
func (l *loop) letGo() {
	l.lent.Store(true)
	l.reader.pause()
	l.term.release()
	if watchStop {
		signal.Reset(syscall.SIGTSTP)
	}
	l.ownStop = stopByDefault()
}

// takeBack undoes letGo.
func (l *loop) takeBack() {
	l.ownStop()
	if watchStop {
		l.signals.watch(syscall.SIGTSTP)
	}
	l.takeAnew()
	l.reader.resume()
	l.lent.Store(false)
}

// takeAnew sets the modes and paints everything.
func (l *loop) takeAnew() {
	if err := l.term.acquire(); err != nil {
		l.fail(err)
		return
	}
	l.deliver(resized{}, nudge{})
}

// continued takes the terminal anew after a stop that nobody announced.
func (l *loop) continued() {
	l.away.Lock()
	defer l.away.Unlock()
	l.takeAnew()
}

// child is another program that has the terminal.
type child struct {
	process *os.Process
	done    chan struct{}
}

// exec runs another program on the terminal.
func (l *loop) exec(cmd *exec.Cmd) error {
	l.away.Lock()
	defer l.away.Unlock()
	if cmd.Stdin == nil {
		cmd.Stdin = l.term.in
	}
	if cmd.Stdout == nil {
		cmd.Stdout = l.term.out
	}
	if cmd.Stderr == nil {
		cmd.Stderr = l.term.out
	}
	l.letGo()
	defer l.takeBack()
	if err := l.start(cmd); err != nil {
		return fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	err := cmd.Wait()
	close(l.child.Swap(nil).done)
	if err != nil {
		return fmt.Errorf("run %s: %w", cmd.Path, err)
	}
	return nil
}

// start starts the program, unless this one is about to end.
func (l *loop) start(cmd *exec.Cmd) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ending {
		return context.Canceled
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	l.child.Store(&child{cmd.Process, make(chan struct{})})
	return nil
}

// childWait is how long a program on the terminal may take to end.
const childWait = 2 * time.Second

// endChild ends the program that has the terminal, and waits for it.
func (l *loop) endChild() {
	l.mu.Lock()
	l.ending = true
	c := l.child.Load()
	l.mu.Unlock()
	if c == nil {
		return
	}
	_ = c.process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(childWait):
		_ = c.process.Kill()
		<-c.done
	}
}
