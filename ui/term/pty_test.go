package term_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"eas.example/securemail/ui/term/vt"
)

// session is a program on a terminal of its own.
type session struct {
	t      *testing.T
	cmd    *exec.Cmd
	tty    *os.File // the terminal's side
	line   *os.File // the program's side, kept open to look at its modes
	screen *vt.Screen
	before *unix.Termios
	log    *bufio.Scanner
	past   []string
	done   chan struct{} // closed when the program closed the terminal

	mu  sync.Mutex
	raw []byte
}

// start starts this test binary in a role on a terminal of 60 by 12.
func start(t *testing.T, role string, env ...string) *session {
	t.Helper()
	tty, line, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 12, Cols: 60}); err != nil {
		t.Fatal(err)
	}
	logR, logW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, tty: tty, line: line, screen: vt.New(60, 12), log: bufio.NewScanner(logR), done: make(chan struct{})}
	s.screen.Answer(tty, true)
	s.before = modes(t, line)
	s.cmd = exec.Command(os.Args[0])
	s.cmd.Env = append(os.Environ(), "TERM_TEST_ROLE="+role, "TERM=xterm-256color", "NO_COLOR=", "COLORTERM=")
	s.cmd.Env = append(s.cmd.Env, env...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = line, line, line
	s.cmd.ExtraFiles = []*os.File{logW}
	s.cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	logW.Close()
	go s.show()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		tty.Close()
		line.Close()
		<-s.done
		logR.Close()
		if strays := s.screen.Strays(); len(strays) > 0 {
			t.Errorf("the terminal did not understand %q", strays)
		}
	})
	return s
}

// show puts on the screen what the program writes.
func (s *session) show() {
	defer close(s.done)
	buf := make([]byte, 1<<16)
	for {
		n, err := s.tty.Read(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.raw = append(s.raw, buf[:n]...)
		s.mu.Unlock()
		_, _ = s.screen.Write(buf[:n])
	}
}

func modes(t *testing.T, f *os.File) *unix.Termios {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// send types.
func (s *session) send(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.tty, keys); err != nil {
		s.t.Fatal(err)
	}
}

// told waits until the program logs a line, and fails when it ends without.
func (s *session) told(want string) {
	s.t.Helper()
	for s.log.Scan() {
		got := s.log.Text()
		s.past = append(s.past, got)
		if strings.Contains(got, want) {
			return
		}
	}
	s.t.Fatalf("the program ended without %q; it said:\n%s\nscreen:\n%s", want, strings.Join(s.past, "\n"), s.screen)
}

// ended waits for the end of the program, and checks that it left the
// terminal as it was.
func (s *session) ended(why string) {
	s.t.Helper()
	s.told("ended: " + why)
	_ = s.cmd.Wait()
	s.restored()
}

// restored checks that nothing of a program is left on the terminal.
func (s *session) restored() {
	s.t.Helper()
	s.settle()
	if now := modes(s.t, s.line); *now != *s.before {
		s.t.Errorf("the modes of the line are %+v, were %+v", *now, *s.before)
	}
	for _, m := range []int{1000, 1002, 1003, 1004, 1006, 1049, 2004, 2026, 2027, 2031} {
		if s.screen.Mode(m) {
			s.t.Errorf("mode %d is still set", m)
		}
	}
	if kitty, other := s.screen.Keyboard(); kitty != 0 || other != 0 {
		s.t.Errorf("the keyboard is in a mode of its own: %d, %d", kitty, other)
	}
	if _, _, visible := s.screen.Cursor(); !visible || !s.screen.Mode(7) {
		s.t.Error("the cursor or the wrap of lines is still off")
	}
	if title := s.screen.Title(); title != "" {
		s.t.Errorf("the title is still %q", title)
	}
}

// settle waits until all that was written has been shown: the bell goes the
// way of the program's output.
func (s *session) settle() {
	s.t.Helper()
	before := s.screen.Bells()
	if _, err := io.WriteString(s.line, "\a"); err != nil {
		s.t.Fatal(err)
	}
	for s.screen.Bells() == before {
		select {
		case <-s.done:
			return
		default:
			runtime.Gosched()
		}
	}
}

func TestItRuns(t *testing.T) {
	s := start(t, "probe")
	s.told("size 60x12")
	s.send("a")
	s.told("key a")
	s.send("q")
	s.ended("<nil>")
}
