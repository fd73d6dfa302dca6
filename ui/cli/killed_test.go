package cli

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/store"
	"eas.example/securemail/store/config"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// killed is the built program, ended with SIGKILL at moments that nobody
// chose, against the embedded server in this process.
type killed struct {
	delivered map[string]int // how many messages, by mailbox
	t         *testing.T
	bin, dir  string
	url       string
	box       *server.Mailbox
	rnd       *rand.Rand
	seed      uint64

	mu    sync.Mutex
	fault func(*server.Request) *server.Fault
	apart []string // subjects that local found in two mailboxes
}

// newKilled starts a server that offers the given versions, all if none is.
// KILL_SEED repeats a run.
func newKilled(t *testing.T, versions ...activesync.Version) *killed {
	t.Helper()
	k := &killed{t: t, bin: build(t), seed: uint64(time.Now().UnixNano())}
	if s := os.Getenv("KILL_SEED"); s != "" {
		var err error
		if k.seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	k.rnd = rand.New(rand.NewPCG(k.seed, 0))
	t.Logf("KILL_SEED=%d", k.seed)
	srv := server.New(server.Config{Versions: versions, Fault: func(r *server.Request) *server.Fault {
		k.mu.Lock()
		fault := k.fault
		k.mu.Unlock()
		if fault == nil {
			return nil
		}
		return fault(r)
	}})
	k.box = srv.AddUser("alice", "wonderland", "alice@example.test")
	k.box.AddFolder("Projects/Harbour", activesync.FolderUserMail)
	hs := httptest.NewServer(srv)
	t.Cleanup(hs.Close)
	k.url = hs.URL + "/Microsoft-Server-ActiveSync"
	return k
}

func (k *killed) setFault(f func(*server.Request) *server.Fault) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fault = f
}

// fresh begins with a new data directory in which the account is set up.
func (k *killed) fresh() {
	k.t.Helper()
	k.dir = k.t.TempDir()
	k.run("wonderland\n", "account", "add", "alice@example.test", "--server", k.url, "--user", "alice", "--password-stdin")
}

func (k *killed) command(stdin string, args ...string) *exec.Cmd {
	cmd := exec.Command(k.bin, append([]string{"--data", k.dir}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	// The command itself does the work, so that it is what is killed.
	cmd.Env = append(os.Environ(), "SECUREMAIL_NO_AGENT=1")
	return cmd
}

// run runs the program to its end.
func (k *killed) run(stdin string, args ...string) string {
	k.t.Helper()
	cmd := k.command(stdin, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		k.t.Fatalf("securemail %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String()
}

// runAndKill runs the program and kills it after a while. It reports whether
// the program was killed, and did not end before.
func (k *killed) runAndKill(after time.Duration, stdin string, args ...string) bool {
	k.t.Helper()
	cmd := k.command(stdin, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() == -1 {
		return true
	}
	if err != nil {
		k.t.Fatalf("securemail %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return false
}

// runAndKillAt kills the program when its request of that command has come to
// the server, which carries it out or does not.
func (k *killed) runAndKillAt(command string, carriedOut bool, stdin string, args ...string) {
	k.t.Helper()
	cmd := k.command(stdin, args...)
	begun, dead := make(chan struct{}), make(chan struct{})
	var once sync.Once
	k.setFault(func(r *server.Request) *server.Fault {
		if r.Command != command || command == "Sync" && !carries(r.Body) {
			return nil
		}
		<-begun // its first request may come before Start has returned
		once.Do(func() { _ = cmd.Process.Kill() })
		<-dead
		return &server.Fault{Refuse: !carriedOut}
	})
	defer k.setFault(nil)
	err := cmd.Start()
	close(begun)
	if err != nil {
		k.t.Fatal(err)
	}
	err = cmd.Wait()
	close(dead)
	if cmd.ProcessState.ExitCode() != -1 {
		k.t.Fatalf("securemail %s ended by itself before a %s came: %v", strings.Join(args, " "), command, err)
	}
}

// carries reports whether a Sync request carries what the person did.
func carries(body []byte) bool {
	n, err := wbxml.Parse(body)
	if err != nil {
		return false
	}
	for _, tag := range []string{"AirSync:Collections", "AirSync:Collection", "AirSync:Commands"} {
		if n = n.Child(wbxml.MustTag(tag)); n == nil {
			return false
		}
	}
	return true
}

// open opens the store as it lies on the disk, and checks it.
func (k *killed) open() *store.Store {
	k.t.Helper()
	p, err := paths.In(k.dir)
	if err != nil {
		k.t.Fatal(err)
	}
	key, err := secret.KeyFile{Path: p.KeyFile}.Open(k.t.Context(), secret.Attempt{})
	if err != nil {
		k.t.Fatal(err)
	}
	s, err := store.Open(p.Store, store.Options{Key: key.Derive("store")})
	if err != nil {
		k.t.Fatalf("seed %d: %v", k.seed, err)
	}
	if err := s.Check(k.t.Context()); err != nil {
		k.t.Errorf("seed %d: %v", k.seed, err)
	}
	return s
}

// seen is what a person sees of a message; its subject tells it from all others.
type seen struct {
	folder string
	read   bool
	flag   activesync.FlagStatus
}

// local is what the store shows, by subject, and its journal. What another
// device moved is in two mailboxes as long as only one of them is in step.
func (k *killed) local() (map[string]seen, []activesync.Op) {
	k.t.Helper()
	s := k.open()
	defer s.Close()
	out := map[string]seen{}
	k.apart = nil
	ctx := k.t.Context()
	for _, acc := range k.accounts() {
		folders, err := s.Folders(ctx, acc)
		if err != nil {
			k.t.Fatal(err)
		}
		for _, f := range folders {
			if f.Class != activesync.ClassEmail {
				continue
			}
			w, err := s.Window(ctx, f.ID, activesync.WindowQuery{Count: 1 << 20})
			if err != nil {
				k.t.Fatal(err)
			}
			if w.Total != len(w.Rows) || f.Total != w.Total {
				k.t.Errorf("seed %d: %s counts %d, its list says %d and has %d", k.seed, f.Name, f.Total, w.Total, len(w.Rows))
			}
			for _, h := range w.Rows {
				if other, twice := out[h.Subject]; twice && other.folder == f.Name {
					k.t.Errorf("seed %d: %q is twice in %s", k.seed, h.Subject, f.Name)
				} else if twice {
					k.apart = append(k.apart, h.Subject)
				}
				out[h.Subject] = seen{f.Name, h.Read, h.Flag}
				m, err := s.Message(ctx, h.ID)
				if err != nil {
					k.t.Fatal(err)
				}
				if m.Body.Whole() && !strings.Contains(string(m.Body.Data), "Text of "+h.Subject) {
					k.t.Errorf("seed %d: %q has the text %q", k.seed, h.Subject, m.Body.Data)
				}
			}
		}
		ops, err := s.Pending(ctx, acc)
		if err != nil {
			k.t.Fatal(err)
		}
		return out, ops
	}
	return out, nil
}

func (k *killed) accounts() []activesync.AccountID {
	k.t.Helper()
	p, err := paths.In(k.dir)
	if err != nil {
		k.t.Fatal(err)
	}
	c, err := config.Load(p.Config)
	if err != nil {
		k.t.Fatal(err)
	}
	var out []activesync.AccountID
	for _, a := range c.Accounts {
		out = append(out, a.ID)
	}
	return out
}

// remote is what the server has, by subject, and how often it has it.
func (k *killed) remote(box *server.Mailbox) (map[string]seen, map[string]int) {
	k.t.Helper()
	out, times := map[string]seen{}, map[string]int{}
	for _, path := range box.Folders() {
		items, err := box.Items(path)
		if err != nil {
			k.t.Fatal(err)
		}
		for _, it := range items {
			if it.MIME == nil {
				continue
			}
			subject := message.ParseBytes(it.MIME).Subject
			times[subject]++
			out[subject] = seen{path[strings.LastIndexByte(path, '/')+1:], it.Read, it.Flag}
		}
	}
	return out, times
}

// deliver puts n messages into a folder of the server, the newest today, five
// a day, so that some are recent and most are not.
func (k *killed) deliver(path string, n int) {
	k.t.Helper()
	now := time.Now()
	if k.delivered == nil {
		k.delivered = map[string]int{}
	}
	from := k.delivered[path]
	k.delivered[path] += n
	for i := from; i < from+n; i++ {
		subject := fmt.Sprintf("%s number %d", path, i)
		date := now.Add(-time.Duration(i) * 24 * time.Hour / 5)
		mime := fmt.Appendf(nil, "From: Ana Souza <ana@example.test>\r\nTo: alice@example.test\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@example.test>\r\n\r\nText of %s.\r\n%s",
			subject, date.Format(time.RFC1123Z), strings.ReplaceAll(subject, " ", "."), subject, strings.Repeat("What has to be said is said here.\r\n", i%60))
		if _, err := k.box.Deliver(path, server.Mail(mime), i%3 == 0); err != nil {
			k.t.Fatal(err)
		}
	}
}

// same holds what the program shows against what the server has.
func (k *killed) same(what string) {
	k.t.Helper()
	here, ops := k.local()
	for _, subject := range k.apart {
		k.t.Errorf("seed %d, %s: %q is in two mailboxes", k.seed, what, subject)
	}
	there, times := k.remote(k.box)
	if len(ops) > 0 {
		k.t.Errorf("seed %d, %s: the journal still holds %+v", k.seed, what, ops)
	}
	wrong := 0
	for _, subject := range slices.Sorted(maps.Keys(there)) {
		if times[subject] != 1 {
			k.t.Errorf("seed %d, %s: the server has %q %d times", k.seed, what, subject, times[subject])
		}
		if here[subject] != there[subject] && wrong < 5 {
			wrong++
			k.t.Errorf("seed %d, %s: %q shows as %+v, the server has %+v", k.seed, what, subject, here[subject], there[subject])
		}
	}
	if len(here) != len(there) {
		k.t.Errorf("seed %d, %s: %d messages are listed, the server has %d", k.seed, what, len(here), len(there))
	}
}

// elsewhere is what another device of the user does in the meantime.
func (k *killed) elsewhere(n int) {
	k.t.Helper()
	items, err := k.box.Items("Inbox")
	if err != nil {
		k.t.Fatal(err)
	}
	for range n {
		id := items[k.rnd.IntN(len(items))].ID
		switch k.rnd.IntN(3) {
		case 0:
			err = k.box.MarkRead(id, k.rnd.IntN(2) == 0)
		case 1:
			err = k.box.Delete(id)
		case 2:
			_, err = k.box.Move(id, "Projects/Harbour")
		}
		if err != nil && !errors.Is(err, server.ErrNoItem) {
			k.t.Fatal(err)
		}
	}
}
