package agent

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// pipes is a listener whose connections are pipes in this process, so that
// their deadlines follow a fake clock.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func TestASlowClientIsDroppedNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLocalFor(t, server.New(server.Config{}), &shelf{})
		ln := &pipes{make(chan net.Conn), make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- NewServer(l, "1", nil).Serve(ctx, ln) }()
		near, far := net.Pipe()
		ln.conns <- far
		if _, err := io.WriteString(near, "GET /v1/events HTTP/1.0\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := near.Read(make([]byte, 10)); err != nil { // and then no more
			t.Fatal(err)
		}
		for range 3 * backlog {
			l.hub.publish(activesync.Notice{Kind: activesync.NoticeFolder})
		}
		time.Sleep(slowWrite + time.Second)
		synctest.Wait()
		l.hub.mu.Lock()
		left := len(l.hub.listeners)
		l.hub.mu.Unlock()
		if left != 0 {
			t.Errorf("%d listeners are left", left)
		}
		near.Close()
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

func TestLogIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "x.log")
	l, err := OpenLog(path, false)
	if err != nil {
		t.Fatal(err)
	}
	l.limit = 1000
	line := strings.Repeat("x", 99) + "\n"
	for range 200 {
		if n, err := io.WriteString(l, line); err != nil || n != 100 {
			t.Fatalf("%d, %v", n, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 1+logKept {
		t.Errorf("files %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Size() > 1000 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info, err)
		}
	}
	if _, err := io.WriteString(l, line); err == nil {
		t.Error("a closed log was written")
	}
}

func TestAFullDiskDoesNotStopTheLog(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	l := &LogFile{path: filepath.Join(t.TempDir(), "gone", "x.log"), limit: 10, file: full}
	log := slog.New(slog.NewTextHandler(l, nil))
	for range 3 {
		log.Info("this does not fit anywhere") // nor can it be rotated
	}
	if n, err := io.WriteString(l, "x"); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := os.Stat(filepath.Dir(l.path)); err == nil {
		t.Error("the directory was made anew")
	}
	l.Close()
}

func TestGone(t *testing.T) {
	for name, vanish := range map[string]func(dir string) error{
		"file":      func(dir string) error { return os.Remove(filepath.Join(dir, "sub", "b")) },
		"directory": os.RemoveAll,
		"moved":     func(dir string) error { return os.Rename(filepath.Join(dir, "sub"), filepath.Join(dir, "elsewhere")) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a, b := filepath.Join(dir, "a"), filepath.Join(dir, "sub", "b")
			if err := errors.Join(os.Mkdir(filepath.Dir(b), 0o700), os.WriteFile(a, nil, 0o600), os.WriteFile(b, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			got := make(chan string, 1)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			go func() {
				path, err := Gone(ctx, b, a)
				if err != nil {
					t.Error(err)
				}
				got <- path
			}()
			if err := vanish(dir); err != nil {
				t.Fatal(err)
			}
			if path := <-got; path == "" {
				t.Error("nobody noticed")
			}
		})
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if got, err := Gone(ctx, path); got != "" || err != nil {
		t.Errorf("at the end of its context: %q, %v", got, err)
	}
}

func TestWatchClockEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if err := WatchClock(ctx, func() {}); err != nil {
		t.Error(err)
	}
}

func TestPowerIsReadFromTheKernel(t *testing.T) {
	const battery, mains, mouse = "type=Battery status=Discharging capacity=17", "type=Mains online=", "type=Battery scope=Device status=Discharging capacity=3"
	for _, tt := range []struct {
		name     string
		supplies []string
		battery  bool
		charge   int
		known    bool
	}{
		{"a desktop", []string{mains + "1"}, false, 0, false},
		{"a desktop with a mouse", []string{mouse}, false, 0, false},
		{"on battery", []string{battery, mains + "0"}, true, 17, true},
		{"on mains, which is too weak", []string{battery, mains + "1"}, false, 17, true},
		{"two batteries", []string{battery, strings.Replace(battery, "17", "60", 1)}, true, 60, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for i, s := range tt.supplies {
				sub := filepath.Join(dir, string(rune('a'+i)))
				if err := os.Mkdir(sub, 0o700); err != nil {
					t.Fatal(err)
				}
				for word := range strings.FieldsSeq(s) {
					key, value, _ := strings.Cut(word, "=")
					if err := os.WriteFile(filepath.Join(sub, key), []byte(value+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			s, known := power(dir)
			if s.Battery != tt.battery || s.Charge != tt.charge || known != tt.known {
				t.Errorf("%+v, %v", s, known)
			}
		})
	}
	if _, known := power(filepath.Join(t.TempDir(), "none")); known {
		t.Error("a system without supplies knows them")
	}
}

func TestUnitsQuoteTheirWords(t *testing.T) {
	u := SystemdUnit("/home/a/.config", "securemail", "/opt/my mail/securemail", []string{"--data", `/a%b/"c"`, "agent", "run"})
	if u.Path != "/home/a/.config/systemd/user/securemail.service" {
		t.Errorf("path %s", u.Path)
	}
	if want := `ExecStart="/opt/my mail/securemail" --data "/a%%b/\"c\"" agent run` + "\n"; !strings.Contains(u.Content, want) {
		t.Errorf("no %s in\n%s", want, u.Content)
	}
	for _, want := range []string{"RestartForceExitStatus=75\n", "SuccessExitStatus=75\n"} {
		if !strings.Contains(u.Content, want) {
			t.Errorf("no %s in\n%s", want, u.Content)
		}
	}
	l := LaunchdAgent("/Users/a", "example.eas.securemail", "/opt/a&b", []string{"agent", "run"})
	if !strings.Contains(l.Content, "<string>/opt/a&amp;b</string>") || l.Path != "/Users/a/Library/LaunchAgents/example.eas.securemail.plist" {
		t.Errorf("%s\n%s", l.Path, l.Content)
	}
	u.Path = filepath.Join(t.TempDir(), "x", "y.service")
	if err := u.Write(); err != nil {
		t.Error(err)
	}
}
