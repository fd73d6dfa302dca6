package term

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"

	tea "github.com/charmbracelet/bubbletea"

	// Before bubbletea, which would ask the terminal when it starts.
	_ "eas.example/securemail/ui/guard"
)

// Options are how Run uses the terminal. The zero value is right for a program
// started from a shell.
type Options struct {
	// In and Out are the terminal. Nil is standard input and output; when
	// standard input is not a terminal, it is the controlling one.
	In, Out *os.File
	// Getenv reads TERM, COLORTERM, NO_COLOR and their like. Nil is os.Getenv.
	Getenv func(string) string
	// NoMouse leaves the mouse to the terminal, until SetMouse.
	NoMouse bool
}

// ErrNoTerminal says that there is no terminal to draw on.
var ErrNoTerminal = errors.New("standard output is not a terminal")

// ErrHangup says that the terminal went away.
var ErrHangup = errors.New("the terminal was closed")

// SignalError says that a signal ended Run: SIGINT, SIGTERM or SIGHUP.
type SignalError struct{ Signal syscall.Signal }

func (e *SignalError) Error() string { return "ended by signal: " + e.Signal.String() }

// PanicError is a panic of the model, of a command or of a goroutine with
// Recover, after the terminal was put back.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("the program failed: %v", e.Value) }

// Unwrap gives the value when it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Recover is for goroutines beside the screens, which would take the program
// down before Run could put the terminal back:
//
//	go func() {
//		defer term.Recover(cancel)
//		…
//	}()
//
// A panic becomes a *PanicError that cancels the context of Run, which then
// returns it.
func Recover(cancel context.CancelCauseFunc) {
	if v := recover(); v != nil {
		cancel(&PanicError{Value: v, Stack: debug.Stack()})
	}
}

// Run shows the model on the terminal until it quits. It returns nil after
// tea.Quit, tea.ErrInterrupted after tea.Interrupt, the cause of ctx when that
// ended, a *SignalError, ErrHangup, a *PanicError, or what went wrong with the
// terminal; the terminal is as it was before in every case. Commands still
// running then are not waited for.
//
// Run handles SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT and SIGWINCH
// while it runs, and stops the program on ctrl+z, which the model does not get.
func Run(ctx context.Context, model tea.Model, o Options) (err error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	t, err := openTerminal(o)
	if err != nil {
		return err
	}
	defer t.closeFiles()
	l := newLoop(ctx, model, t)
	l.reader, err = newReader(t.in, l.deliver, l.inputEnded)
	if err != nil {
		return err
	}
	defer l.reader.close()
	if err := t.acquire(); err != nil {
		return err
	}
	s := l.watchSignals()
	// Undone in this order: no more input, the terminal back, the signals back.
	defer s.stop()
	defer func() {
		if v := recover(); v != nil {
			l.fail(&PanicError{Value: v, Stack: debug.Stack()})
		}
		l.shutDown()
		err = l.outcome(err)
	}()
	go l.reader.run()
	_, err = l.program.Run()
	return err
}

// newLoop makes the program around the model.
func newLoop(ctx context.Context, model tea.Model, t *terminal) *loop {
	l := &loop{ctx: ctx, model: model, term: t, resumed: make(chan struct{}, 1), answered: make(chan struct{})}
	l.program = tea.NewProgram(l, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(io.Discard),
		tea.WithoutRenderer(), tea.WithoutSignalHandler(), tea.WithoutCatchPanics())
	return l
}
