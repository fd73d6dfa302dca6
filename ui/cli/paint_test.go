//go:build unix

package cli

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"eas.example/securemail/store/paths"
	"eas.example/securemail/ui/term/vt"
)

// glass is the program on a terminal of its own, with the times at which it
// wrote to it.
type glass struct {
	b      testing.TB
	env    []string
	cmd    *exec.Cmd
	tty    *os.File
	screen *vt.Screen
	wrote  chan struct{} // has room for one: something was written
	done   chan struct{}
	// quiet and patience are the constants below where they are 0.
	quiet, patience time.Duration

	mu    sync.Mutex
	last  time.Time // of the last write
	bytes int
	keep  bool // all has everything that was written
	all   []byte
}

const (
	glassWidth, glassHeight = 200, 50
	// quiet is how long nothing is written after a frame. It is not part of what
	// is measured.
	quiet = 20 * time.Millisecond
	// patience is how long a frame may take before the benchmark gives up.
	patience = 20 * time.Second
)

func newGlass(b testing.TB, bin, dir string, env ...string) *glass {
	b.Helper()
	g := &glass{b: b, env: env}
	g.start(bin, glassWidth, glassHeight, "--data", dir)
	return g
}

// start runs the program on a terminal of w by h.
func (g *glass) start(bin string, w, h int, args ...string) {
	b := g.b
	b.Helper()
	g.screen, g.wrote = vt.New(w, h), make(chan struct{}, 1)
	g.done = make(chan struct{})
	if g.quiet == 0 {
		g.quiet = quiet
	}
	if g.patience == 0 {
		g.patience = patience
	}
	g.cmd = exec.Command(bin, args...)
	g.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8")
	g.cmd.Env = append(g.cmd.Env, g.env...)
	tty, err := pty.StartWithSize(g.cmd, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)})
	if err != nil {
		b.Skipf("no pseudo terminals here: %v", err)
	}
	g.tty = tty
	g.screen.Answer(tty, true)
	go g.look()
}

// look puts on the screen what the program writes.
func (g *glass) look() {
	defer close(g.done)
	buf := make([]byte, 1<<16)
	for {
		n, err := g.tty.Read(buf)
		now := time.Now()
		if n > 0 {
			_, _ = g.screen.Write(buf[:n])
			g.mu.Lock()
			g.last, g.bytes = now, g.bytes+n
			if g.keep {
				g.all = append(g.all, buf[:n]...)
			}
			g.mu.Unlock()
			select {
			case g.wrote <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

func (g *glass) state() (last time.Time, bytes int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.last, g.bytes
}

// until waits for so many lines of a pattern and returns when they were there.
func (g *glass) until(pattern *regexp.Regexp, lines int) time.Time {
	g.b.Helper()
	deadline := time.After(g.patience)
	for {
		n := 0
		for line := range strings.Lines(g.screen.String()) {
			if pattern.MatchString(line) {
				n++
			}
		}
		if n >= lines {
			last, _ := g.state()
			return last
		}
		select {
		case <-g.wrote:
		case <-g.done:
			g.b.Skipf("the program ended without showing a list: there are no screens\n%s", g.screen.String())
		case <-deadline:
			g.b.Fatalf("no list within %v, but\n%s", g.patience, g.screen.String())
		}
	}
}

// settle waits until nothing is written any more.
func (g *glass) settle() {
	timer := time.NewTimer(g.quiet)
	defer timer.Stop()
	for {
		select {
		case <-g.wrote:
			timer.Reset(g.quiet)
		case <-timer.C:
			return
		}
	}
}

// press sends a key and returns how long it took until the frame it changed the
// screen with was written, and how many bytes that has. What the program writes
// for another reason meanwhile, such as a new state of the connection, is waited
// over.
func (g *glass) press(key string) (time.Duration, int) {
	g.b.Helper()
	shown := g.screen.String()
	return g.pressUntil(key, func() bool { return g.screen.String() != shown })
}

// pressUntil is press for a program that shows otherwise that something changed.
func (g *glass) pressUntil(key string, changed func() bool) (time.Duration, int) {
	g.b.Helper()
	_, before := g.state()
	began := time.Now()
	if _, err := g.tty.WriteString(key); err != nil {
		g.b.Fatal(err)
	}
	for deadline := time.After(g.patience); !changed(); {
		select {
		case <-g.wrote:
		case <-deadline:
			g.b.Fatalf("%q changes nothing on\n%s", key, g.screen.String())
		}
	}
	g.settle()
	last, bytes := g.state()
	return last.Sub(began), bytes - before
}

func (g *glass) memory() (rss, anon int) {
	ended := make(chan struct{})
	close(ended)
	p := watchMemory(g.cmd.Process.Pid, ended)
	return p.rss, p.anon
}

// close ends the program.
func (g *glass) close() {
	_ = g.cmd.Process.Kill()
	_ = g.cmd.Wait()
	g.tty.Close()
	<-g.done
}

// endAgent ends the agent that the screen started, if there is one.
func endAgent(b testing.TB, dir string) {
	b.Helper()
	p, err := paths.In(dir)
	must(b, err)
	note, err := os.ReadFile(p.Store + ".pid")
	if err != nil {
		return
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(note))); err == nil && pid > 1 && pid != os.Getpid() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

var listRow = regexp.MustCompile(`table \d{5}`)

func median[T int | time.Duration](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkFirstPaint is from the start of the process to the frame with the
// first rows of a mailbox of 100,000 messages: with an agent that has to be
// started, with one that runs, and with all of it in the one process.
func BenchmarkFirstPaint(b *testing.B) {
	bin, dir := build(b), large(b)
	defer endAgent(b, dir)
	for _, agent := range []string{"agent started", "agent runs", "in one process"} {
		b.Run(agent, func(b *testing.B) {
			var times []time.Duration
			var anon int
			for b.Loop() {
				if agent != "agent runs" {
					endAgent(b, dir)
				}
				var env []string
				if agent == "in one process" {
					env = append(env, noAgent+"=1")
				}
				began := time.Now()
				g := newGlass(b, bin, dir, env...)
				times = append(times, g.until(listRow, 10).Sub(began))
				g.settle()
				_, anon = g.memory()
				g.close()
			}
			b.ReportMetric(float64(median(times).Microseconds())/1000, "ms-median")
			b.ReportMetric(float64(anon)/1024, "RssAnon-MiB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkPress is one press of j, from the key to the end of the frame that
// it causes.
func BenchmarkPress(b *testing.B) {
	bin, dir := build(b), large(b)
	defer endAgent(b, dir)
	g := newGlass(b, bin, dir)
	defer g.close()
	g.until(listRow, 10)
	g.settle()
	var times []time.Duration
	var bytes []int
	for b.Loop() {
		took, n := g.press("j")
		times, bytes = append(times, took), append(bytes, n)
	}
	slices.Sort(times)
	b.ReportMetric(float64(median(times).Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "ms-99%")
	b.ReportMetric(float64(median(bytes)), "bytes-median")
	b.ReportMetric(0, "ns/op")
}
