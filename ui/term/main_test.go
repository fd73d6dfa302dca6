package term_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/term"
)

// TestMain runs the tests, or what a test started this binary for.
func TestMain(m *testing.M) {
	switch role := os.Getenv("TERM_TEST_ROLE"); role {
	case "":
		os.Exit(m.Run())
	case "shell":
		os.Exit(shell())
	default:
		os.Exit(program(role))
	}
}

// program shows a probe on standard input and output. How it ended goes to
// file 3, as does what the probe was told.
func program(role string) int {
	log := os.NewFile(3, "log")
	ctx, cancel := context.WithCancelCause(context.Background())
	p := &probe{log: func(s string) { fmt.Fprintln(log, s) }, cancel: cancel}
	if role == "editor" {
		p.editor = []string{"sh", "-c", os.Getenv("TERM_TEST_EDITOR")}
	}
	err := term.Run(ctx, p, term.Options{})
	var failure *term.PanicError
	if errors.As(err, &failure) && !strings.Contains(string(failure.Stack), "probe") {
		fmt.Fprintln(log, "the stack does not show where")
	}
	fmt.Fprintln(log, "ended:", err)
	return 0
}

// probe is a program that shows what it was told last.
type probe struct {
	log    func(string)
	cancel context.CancelCauseFunc
	editor []string
	lines  []string
	w, h   int
	views  int
	mouse  bool
}

func (p *probe) Init() tea.Cmd {
	p.log("init")
	return nil
}

type edited struct{ err error }

func (p *probe) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		p.w, p.h = m.Width, m.Height
	case tea.KeyMsg:
		if cmd, done := p.key(m.String()); done {
			return p, cmd
		}
	}
	p.tell(msg)
	return p, nil
}

// key does what some keys ask for.
func (p *probe) key(name string) (tea.Cmd, bool) {
	switch name {
	case "q":
		return tea.Quit, true
	case "i":
		return tea.Interrupt, true
	case "p":
		panic("probe broke")
	case "P":
		return func() tea.Msg { panic("command of probe broke") }, true
	case "G":
		go func() {
			defer term.Recover(p.cancel)
			panic("goroutine of probe broke")
		}()
		return nil, true
	case "c":
		p.cancel(errors.New("no longer wanted"))
		return nil, true
	case "e":
		cmd := exec.Command(p.editor[0], p.editor[1:]...)
		return term.Exec(cmd, func(err error) tea.Msg { return edited{err} }), true
	case "m":
		p.mouse = !p.mouse
		return term.SetMouse(!p.mouse), true
	case "b":
		return term.Bell, true
	case "s":
		return tea.Sequence(func() tea.Msg { return "one" }, tea.Batch(nil, func() tea.Msg { return "two" }), func() tea.Msg { return "three" }), true
	case "z":
		return tea.Suspend, true
	case "Z":
		return func() tea.Msg { return syscall.Kill(os.Getpid(), syscall.SIGTSTP) }, true
	case "t":
		return tea.SetWindowTitle("by command"), true
	}
	return nil, false
}

func (p *probe) tell(msg tea.Msg) {
	s := describe(msg)
	p.log(s)
	p.lines = append(p.lines, s)
	if over := len(p.lines) - p.h + 1; over > 0 {
		p.lines = p.lines[over:]
	}
}

// describe writes a message for people.
func describe(msg tea.Msg) string {
	switch m := msg.(type) {
	case tea.KeyMsg:
		return "key " + m.String()
	case term.KeyMsg:
		return "own key " + m.String()
	case tea.MouseMsg:
		return fmt.Sprintf("mouse %s at %d,%d", m, m.X, m.Y)
	case tea.WindowSizeMsg:
		return fmt.Sprintf("size %dx%d", m.Width, m.Height)
	}
	return fmt.Sprintf("%T %v", msg, msg)
}

func (p *probe) View() string {
	p.views++
	return fmt.Sprintf("\x1b[1mprobe\x1b[0m %dx%d\n%s", p.w, p.h, strings.Join(p.lines, "\n"))
}

func (p *probe) Title() string { return "probe\x1b]2;bad\a \u202e title" }

func (p *probe) Cursor() (x, y int, visible bool) { return 3, 1, true }
