package term

import (
	"encoding/base64"
	"errors"
	"os/exec"
	"reflect"
	"runtime/debug"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
)

// Exec gives the terminal to another program, such as an editor, and takes it
// back when that has ended; done makes the message for the model of how it
// went. The model goes on getting messages meanwhile, but is not painted.
// Streams of cmd that are not set become the terminal. When Run ends before
// cmd does, cmd gets SIGTERM.
func Exec(cmd *exec.Cmd, done func(error) tea.Msg) tea.Cmd {
	return func() tea.Msg { return execMsg{cmd, done} }
}

// SetMouse says whether the mouse is for the program, or left to the terminal.
func SetMouse(on bool) tea.Cmd { return func() tea.Msg { return mouseMsg(on) } }

// Bell rings the terminal's bell.
func Bell() tea.Msg { return bytesMsg("\a") }

// Notify writes the sequence of a notification, as package notify makes it.
func Notify(sequence string) tea.Cmd { return func() tea.Msg { return bytesMsg(sequence) } }

// Copy puts text on the clipboard of the terminal (OSC 52), where it allows
// that.
func Copy(text string) tea.Cmd {
	return func() tea.Msg {
		return bytesMsg("\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\x1b\\")
	}
}

type execMsg struct {
	cmd  *exec.Cmd
	done func(error) tea.Msg
}

type mouseMsg bool

// bytesMsg is written as it is.
type bytesMsg string

// wrap makes a command that delivers its results here and not through tea.
func (l *loop) wrap(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		l.run(cmd)
		return nil
	}
}

// run carries a command out with all that follows from it.
func (l *loop) run(cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			l.fail(&PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	if cmd != nil {
		l.result(cmd())
	}
}

// result deals with the message of a command: most are for the model, some
// are for tea or for the terminal.
func (l *loop) result(msg tea.Msg) {
	switch m := msg.(type) {
	case nil:
	case tea.QuitMsg, tea.InterruptMsg:
		l.program.Send(m)
	case tea.BatchMsg:
		var wg sync.WaitGroup
		for _, cmd := range m {
			wg.Go(func() { l.run(cmd) })
		}
		wg.Wait()
	case tea.SuspendMsg:
		l.suspend(wholeGroup)
	case execMsg:
		l.run(func() tea.Msg { return m.done(l.exec(m.cmd)) })
	case mouseMsg:
		l.written(l.term.setMouse(bool(m)))
	case bytesMsg:
		l.written(l.term.write(string(m)))
	default:
		l.internal(msg)
	}
}

func (l *loop) written(err error) {
	if err != nil {
		l.fail(err)
	}
}

// internal deals with the messages whose types tea keeps to itself.
func (l *loop) internal(msg tea.Msg) {
	t := reflect.TypeOf(msg)
	if t.PkgPath() != reflect.TypeFor[tea.QuitMsg]().PkgPath() {
		l.deliver(msg)
		return
	}
	switch v := reflect.ValueOf(msg); t.Name() {
	case "sequenceMsg":
		for _, cmd := range v.Convert(reflect.TypeFor[[]tea.Cmd]()).Interface().([]tea.Cmd) {
			l.run(cmd)
		}
	case "setWindowTitleMsg":
		l.term.setTitle(v.String())
		l.deliver(nudge{})
	case "clearScreenMsg", "repaintMsg":
		l.term.invalidate()
		l.deliver(nudge{})
	case "windowSizeMsg":
		l.deliver(l.term.size())
	case "enableMouseCellMotionMsg", "enableMouseAllMotionMsg":
		l.written(l.term.setMouse(true))
	case "disableMouseMsg":
		l.written(l.term.setMouse(false))
	case "execMsg":
		l.fail(errors.New("run program on terminal: tea.Exec does not know this terminal, use term.Exec"))
	default:
		if c := t.Name()[0]; c >= 'A' && c <= 'Z' {
			l.deliver(msg)
		}
	}
}
