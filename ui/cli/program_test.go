package cli

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"eas.example/securemail/activesync/server"
)

// build makes the program, once for a test with its subtests. SECUREMAIL_BIN
// names one that is built already.
func build(t testing.TB) string {
	t.Helper()
	if bin := os.Getenv("SECUREMAIL_BIN"); bin != "" {
		return bin
	}
	bin := filepath.Join(t.TempDir(), "securemail")
	cmd := exec.Command("go", "build", "-o", bin, ".")
	cmd.Dir = root(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// result is what one run of the program did.
type result struct {
	code     int
	out, err string
}

// program is the built program with a data directory.
type program struct {
	t         *testing.T
	bin, data string
	wrap      func(*exec.Cmd) // changes how it is run; nil as it is
}

func newProgram(t *testing.T, bin string) *program {
	return &program{t: t, bin: bin, data: filepath.Join(t.TempDir(), "data")}
}

func (p *program) run(stdin string, args ...string) result {
	p.t.Helper()
	cmd := exec.Command(p.bin, append([]string{"--data", p.data}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), noAgent+"=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if p.wrap != nil {
		p.wrap(cmd)
	}
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		p.t.Fatalf("run %v: %v", args, err)
	}
	r := result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	if strings.Contains(r.err, "goroutine ") || strings.Contains(r.err, "panic:") {
		p.t.Fatalf("securemail %s crashed:\n%s", strings.Join(args, " "), r.err)
	}
	return r
}

// want runs the program and checks its exit code and that it says all of the
// words on stderr.
func (p *program) want(code int, words []string, stdin string, args ...string) result {
	p.t.Helper()
	r := p.run(stdin, args...)
	if r.code != code {
		p.t.Errorf("securemail %s: exit %d, want %d\n%s%s", strings.Join(args, " "), r.code, code, r.out, r.err)
	}
	for _, w := range words {
		if !strings.Contains(r.err, w) {
			p.t.Errorf("securemail %s does not say %q:\n%s", strings.Join(args, " "), w, r.err)
		}
	}
	return r
}

const (
	testUser     = "alice"
	testPassword = "wonderland"
	testEmail    = "alice@example.test"
)

// mailServer is the embedded server on loopback. It counts what it was asked.
type mailServer struct {
	t    *testing.T
	url  string
	box  *server.Mailbox
	eas  *server.Server
	http *http.Server

	mu     sync.Mutex
	n      int
	locked bool // no password is the right one
	fault  func(*server.Request) *server.Fault
}

func newMailServer(t *testing.T) *mailServer { return newMailServerLike(t, server.Personality{}) }

// newMailServerLike is a server that does some things otherwise than Exchange.
func newMailServerLike(t *testing.T, like server.Personality) *mailServer {
	t.Helper()
	m := &mailServer{t: t}
	m.eas = server.New(server.Config{Personality: like, Fault: func(r *server.Request) *server.Fault {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.fault == nil {
			return nil
		}
		return m.fault(r)
	}})
	m.box = m.eas.AddUser(testUser, testPassword, testEmail)
	m.start("127.0.0.1:0")
	t.Cleanup(m.stop)
	return m
}

// start listens at an address, stop closes it and all connections.
func (m *mailServer) start(addr string) {
	m.t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		m.t.Fatal(err)
	}
	m.url, m.http = "http://"+ln.Addr().String(), &http.Server{Handler: m}
	go m.http.Serve(ln)
}

func (m *mailServer) stop() { m.http.Close() }

func (m *mailServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.n++
	locked := m.locked
	m.mu.Unlock()
	if locked {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	m.eas.ServeHTTP(w, r)
}

func (m *mailServer) lock(locked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.locked = locked
}

func (m *mailServer) setFault(f func(*server.Request) *server.Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault = f
}

// asked forgets what was asked so far and says how much it was.
func (m *mailServer) asked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.n
	m.n = 0
	return n
}

// deliver puts a message into the Inbox.
func (m *mailServer) deliver(t *testing.T, raw string) {
	t.Helper()
	if _, err := m.box.Deliver("Inbox", server.Mail([]byte(strings.ReplaceAll(raw, "\n", "\r\n"))), false); err != nil {
		t.Fatal(err)
	}
}

// fill puts n messages of size bytes into the Inbox.
func (m *mailServer) fill(t *testing.T, n, size int) {
	t.Helper()
	for i := range n {
		m.deliver(t, fmt.Sprintf("From: Ana <ana@example.test>\nTo: %s\nSubject: message %d\nDate: %s\nMessage-ID: <m%d@example.test>\n\n%s\n",
			testEmail, i, time.Now().Add(-time.Duration(i)*time.Minute).Format(time.RFC1123Z), i, noise(i, size)))
	}
}

// noise is a text that does not get smaller when it is packed.
func noise(seed, size int) string {
	var b strings.Builder
	for x := uint64(seed)*2654435761 + 1; b.Len() < size; {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		fmt.Fprintf(&b, "%016x", x)
		if b.Len()%68 < 16 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// add sets the account up.
func (p *program) add(m *mailServer) {
	p.t.Helper()
	p.want(0, nil, testPassword+"\n", "account", "add", testEmail, "--server", m.url, "--user", testUser, "--password-stdin")
}
