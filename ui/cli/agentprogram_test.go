package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// agentProgram is the built program over one data directory, and the embedded
// server at a port of this machine.
type agentProgram struct {
	t        testing.TB
	bin, dir string
	url      string
	box      *server.Mailbox
	env      []string
}

func newAgentProgram(t testing.TB, bin string) *agentProgram {
	t.Helper()
	srv := server.New(server.Config{MinHeartbeat: time.Second})
	p := &agentProgram{t: t, bin: bin, dir: filepath.Join(t.TempDir(), "data"), box: srv.AddUser("alice", "wonderland", "alice@example.test")}
	hs := httptest.NewServer(srv)
	p.url = hs.URL
	t.Cleanup(func() {
		p.end()
		hs.Close()
	})
	return p
}

// end stops the agent, and waits until the data directory can be removed.
func (p *agentProgram) end() {
	p.run("", "agent", "stop")
	p.left()
}

// left waits until no process works on the data directory, where the system tells: of
// commands that begin at once each starts an agent, and those that give way to the
// first may write a line of their log after it was stopped.
func (p *agentProgram) left() {
	for range 400 {
		all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		if !slices.ContainsFunc(all, func(name string) bool {
			words, _ := os.ReadFile(name)
			return bytes.Contains(words, []byte(p.dir))
		}) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
}

func (p *agentProgram) command(stdin string, args ...string) *exec.Cmd {
	cmd := exec.Command(p.bin, append([]string{"--data", p.dir}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), p.env...)
	return cmd
}

// run runs the program and returns its exit code and what it printed.
func (p *agentProgram) run(stdin string, args ...string) (code int, stdout, stderr string) {
	p.t.Helper()
	cmd := p.command(stdin, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		p.t.Fatalf("%v: %v", args, err)
	} else if ok {
		code = exit.ExitCode()
	}
	return code, out.String(), errs.String()
}

func (p *agentProgram) must(args ...string) string {
	p.t.Helper()
	code, out, errs := p.run("", args...)
	if code != 0 {
		p.t.Fatalf("securemail %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

func (p *agentProgram) presence() activesync.Presence {
	p.t.Helper()
	var s activesync.Presence
	if err := json.Unmarshal([]byte(p.must("agent", "status", "--json")), &s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *agentProgram) add() {
	p.t.Helper()
	if code, out, errs := p.run("wonderland\n", "account", "add", "alice@example.test", "--server", p.url, "--user", "alice", "--name", "alice", "--password-stdin"); code != 0 {
		p.t.Fatalf("account add: exit %d\n%s%s", code, out, errs)
	}
}

func (p *agentProgram) deliver(subject string) {
	p.t.Helper()
	mail := fmt.Sprintf("From: ana@example.test\r\nTo: alice@example.test\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@example.test>\r\n\r\nText.\r\n",
		subject, time.Now().Format(time.RFC1123Z), subject)
	if _, err := p.box.Deliver("Inbox", server.Mail([]byte(mail)), false); err != nil {
		p.t.Fatal(err)
	}
}

// ended waits until a process is gone. One whose parent does not wait for it
// stays as a zombie, which counts.
func (p *agentProgram) ended(pid int) bool {
	for range 400 {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(b), ") Z ") {
			return true
		}
		time.Sleep(25 * time.Millisecond)
	}
	return false
}
