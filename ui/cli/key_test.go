package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify/notifytest"
	"eas.example/securemail/store"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
	"eas.example/securemail/store/secret/ringtest"
)

const sesame = "open sesame and two more"

func (p *agentProgram) keyState() activesync.KeyState {
	p.t.Helper()
	var s activesync.KeyState
	if err := json.Unmarshal([]byte(p.must("key", "show", "--json")), &s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

// with runs the program with standard input and wants it to end with code.
func (p *agentProgram) with(stdin string, code int, args ...string) string {
	p.t.Helper()
	got, out, errs := p.run(stdin, args...)
	if got != code {
		p.t.Fatalf("securemail %s: exit %d\n%s%s", strings.Join(args, " "), got, out, errs)
	}
	return out + errs
}

func TestKeyOfAgentProcess(t *testing.T) {
	bin := build(t)
	for name, test := range map[string]func(*testing.T, *agentProgram){
		"by a passphrase": keyByAPassphrase, "by a command": keyByACommand, "in the keyring": keyInTheKeyring, "no new key": noKeyIsMadeOverAStore,
		"two locked agents": oneLockedAgent,
	} {
		t.Run(name, func(t *testing.T) { test(t, newAgentProgram(t, bin)) })
	}
}

func keyByAPassphrase(t *testing.T, p *agentProgram) {
	p.add()
	p.deliver("First")
	p.must("sync")
	if s := p.keyState(); s.Holder != activesync.KeyInFile || s.Locked {
		t.Fatalf("at first: %+v", s)
	}
	p.with(sesame+"\n", 0, "key", "set", "passphrase", "--new-passphrase-stdin")
	p.must("list") // the agent goes on
	pid := p.presence().PID
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.ended(pid)

	// The successor waits, and says so.
	if out := p.with("", 2, "list"); !strings.Contains(out, "--passphrase-stdin") {
		t.Errorf("without a passphrase: %s", out)
	}
	if s := p.presence(); s.State != activesync.Locked || len(s.Accounts) != 1 || s.Accounts[0].Problem == "" {
		t.Errorf("while locked: %+v", s)
	}
	if s := p.keyState(); !s.Locked || s.Holder != activesync.KeyByPassphrase {
		t.Errorf("while locked: %+v", s)
	}
	if out := p.must("status"); !strings.Contains(out, "locked") {
		t.Errorf("status: %s", out)
	}
	for range 2 {
		if out := p.with("open barley\n", 1, "list", "--passphrase-stdin"); !strings.Contains(out, "the passphrase is wrong") {
			t.Errorf("with a wrong one: %s", out)
		}
	}
	// The passphrase is the first line; what else is read comes after it.
	out := p.with(sesame+"\nFrom: alice@example.test\nTo: ana@example.test\nSubject: Later\n\nText.\n", 0, "send", "--passphrase-stdin")
	if out == "" {
		t.Error("send says nothing")
	}
	if out := p.must("list"); !strings.Contains(out, "First") {
		t.Errorf("after it: %s", out)
	}
	p.keepsQuiet(sesame, "wonderland")
	p.must("agent", "stop")
	p.must("key", "show") // starts nothing
	if s := p.must("agent", "status"); !strings.Contains(s, "No agent runs") {
		t.Errorf("a look started an agent: %s", s)
	}
	p.with(sesame+"\n", 0, "key", "unlock", "--passphrase-stdin")
	p.must("key", "set", "file")
	p.must("agent", "stop")
	p.must("list")
}

// keepsQuiet looks for secrets where other people and backups can see them: the
// files, the command line and the environment of the agent.
func (p *agentProgram) keepsQuiet(secrets ...string) {
	p.t.Helper()
	var places []string
	for _, pattern := range []string{"*", "run/*"} {
		found, err := filepath.Glob(filepath.Join(p.dir, pattern))
		if err != nil {
			p.t.Fatal(err)
		}
		places = append(places, found...)
	}
	proc := fmt.Sprintf("/proc/%d/", p.presence().PID)
	for _, path := range append(places, proc+"cmdline", proc+"environ") {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // a directory, the socket, or a system without /proc
		}
		for _, s := range secrets {
			if bytes.Contains(b, []byte(s)) {
				p.t.Errorf("%s holds a secret", path)
			}
		}
	}
}

// shelfRing is a keyring that can be locked.
type shelfRing struct {
	mu     sync.Mutex
	values map[string]string
	locked bool
	asked  int // with a question to the person
}

func (r *shelfRing) do(ask bool, do func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ask {
		r.asked++
	}
	if r.locked {
		return errors.New("the keyring is locked")
	}
	do()
	return nil
}

func (r *shelfRing) Get(_ context.Context, name string, ask bool) (v string, err error) {
	err = r.do(ask, func() { v = r.values[name] })
	return v, err
}

func (r *shelfRing) Set(_ context.Context, name, value string, ask bool) error {
	return r.do(ask, func() { r.values[name] = value })
}

func (r *shelfRing) Delete(_ context.Context, name string) error {
	return r.do(false, func() { delete(r.values, name) })
}

func (r *shelfRing) lock(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.locked = on
}

// An agent that the system started before anybody logged in opens with the
// keyring, and asks nobody.
func TestLockedAgentOpensWithTheKeyring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := &shelfRing{values: map[string]string{}}
		a := &app{ring: ring}
		p, err := paths.In(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		k, err := a.openKeys(t.Context(), p, secret.Attempt{}) // not with --data: in the keyring
		if err != nil {
			t.Fatal(err)
		}
		h, err := openHouse(p, houseOptions{keys: k})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
		ring.lock(true)
		w := &lockedAgent{app: a, paths: p, o: houseOptions{keys: k}, opened: make(chan struct{}), state: activesync.KeyState{Holder: activesync.KeyInKeyring, Locked: true}}
		if w.hold, err = store.Reserve(p.Store); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Reserve(p.Store); !errors.Is(err, store.ErrLocked) {
			t.Errorf("a second agent waits too: %v", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go w.tryAgain(ctx)
		time.Sleep(time.Hour)
		if why := w.now().Why; why != "the keyring is locked" {
			t.Errorf("it waits because %q", why)
		}
		ring.lock(false)
		time.Sleep(ringAgain)
		synctest.Wait()
		select {
		case <-w.opened:
		default:
			t.Fatal("it still waits")
		}
		if ring.asked > 0 {
			t.Errorf("the person was asked %d times", ring.asked)
		}
		if err := w.house.close(); err != nil {
			t.Error(err)
		}
	})
}

func keyByACommand(t *testing.T, p *agentProgram) {
	p.add()
	file := filepath.Join(t.TempDir(), "words")
	writeFile(t, file, sesame+"\nnot this\n")
	p.must("key", "set", "command", "--", "cat", file)
	p.must("agent", "stop")
	p.must("list")
	p.must("agent", "stop")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	if out := p.with("", 1, "list"); !strings.Contains(out, "cat: exit status 1") || !strings.Contains(out, "Nothing is lost") {
		t.Errorf("while the command fails: %s", out)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	p.must("list")
	p.with("", 2, "key", "set", "command")
	p.with("", 2, "key", "set", "paper")
	if out := p.with("", 1, "key", "set", "command", "--", "false"); !strings.Contains(out, "false: exit status 1") {
		t.Errorf("a command that fails: %s", out)
	}
	if s := p.keyState(); s.Holder != activesync.KeyByCommand || s.Command[0] != "cat" {
		t.Errorf("after it: %+v", s)
	}
}

func keyInTheKeyring(t *testing.T, p *agentProgram) {
	address := notifytest.Session(t)
	ring := ringtest.Start(t, address)
	p.env = []string{"DBUS_SESSION_BUS_ADDRESS=" + address}
	p.add()
	if s := p.keyState(); s.Holder != activesync.KeyInFile {
		t.Errorf("with --data: %+v", s)
	}
	p.must("key", "set", "keyring")
	if len(ring.Names()) != 1 {
		t.Fatalf("in the keyring: %v", ring.Names())
	}
	p.must("agent", "stop")
	ring.Lock()
	ring.Refuse(true)
	if out := p.with("", 1, "list"); !strings.Contains(out, "the keyring is locked") || ring.Prompts() != 1 {
		t.Errorf("locked, %d prompts: %s", ring.Prompts(), out)
	}
	p.must("status") // asks nobody
	if s := p.keyState(); !s.Locked || ring.Prompts() != 1 {
		t.Errorf("locked, %d prompts: %+v", ring.Prompts(), s)
	}
	ring.Refuse(false)
	p.must("list")
	p.must("agent", "stop")

	ring.Empty() // another keyring: it is open, and knows nothing
	before, err := os.ReadFile(filepath.Join(p.dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	if out := p.with("", 1, "list"); !strings.Contains(out, "another keyring") {
		t.Errorf("an empty keyring: %s", out)
	}
	p.env = []string{"DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR=" + t.TempDir()}
	p.must("agent", "stop")
	if out := p.with("", 1, "list"); !strings.Contains(out, "D-Bus") {
		t.Errorf("without a bus: %s", out)
	}
	after, err := os.ReadFile(filepath.Join(p.dir, "key"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the key was made anew, %v", err)
	}
}

// A key file that is gone is no first start.
func noKeyIsMadeOverAStore(t *testing.T, p *agentProgram) {
	p.add()
	p.must("agent", "stop")
	key := filepath.Join(p.dir, "key")
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	if out := p.with("", 1, "list"); !strings.Contains(out, "bring the key file back") {
		t.Errorf("without the key file: %s", out)
	}
	if _, err := os.Stat(key); err == nil {
		t.Fatal("a new key was made")
	}
	if err := os.Rename(key+".away", key); err != nil {
		t.Fatal(err)
	}
	p.must("list")
}

// Of many that are started at once one waits for the passphrase.
func oneLockedAgent(t *testing.T, p *agentProgram) {
	p.add()
	p.with(sesame+"\n", 0, "key", "set", "passphrase", "--new-passphrase-stdin")
	p.must("agent", "stop")
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() { p.must("agent", "start") })
	}
	wait.Wait()
	pid := p.presence().PID
	if again := p.presence(); again.PID != pid || again.State != activesync.Locked {
		t.Errorf("another agent: %+v", again)
	}
	for range 4 {
		wait.Go(func() { p.with(sesame+"\n", 0, "list", "--passphrase-stdin") })
	}
	wait.Wait()
	if s := p.presence(); s.PID != pid || s.State == activesync.Locked {
		t.Errorf("unlocked: %+v", s)
	}
}
