package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify/notifytest"
	"eas.example/securemail/store"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// TestAgentProcess are the lives of real processes.
func TestAgentProcess(t *testing.T) {
	bin := build(t)
	for name, test := range map[string]func(*testing.T, *agentProgram){
		"commands start one agent":              commandsStartOneAgent,
		"a latecomer gives way":                 aLatecomerGivesWay,
		"errors keep their exit codes":          errorsKeepTheirExitCodes,
		"a killed agent has a successor":        aKilledAgentHasASuccessor,
		"it ends with its data":                 itEndsWithItsData,
		"status wakes nothing":                  statusWakesNothing,
		"a command alone":                       aCommandAlone,
		"a store in use":                        aStoreInUse,
		"a store that is damaged":               aStoreThatIsDamaged,
		"a service manager takes over":          aServiceManagerTakesOver,
		"a service manager hears of it":         aServiceManagerHearsOfASuccessor,
		"no runtime directory":                  noRuntimeDirectory,
		"background settings survive the agent": backgroundSettingsSurvive,
		"a relay wakes others":                  aRelayWakesOthers,
		"it installs itself":                    agentInstallsItself,
		"events are read with curl":             eventsAreReadWithCurl,
		"files are obeyed at once":              filesAreObeyedAtOnce,
		"a large message takes little memory":   largeMessageTakesLittleMemory,
		"the outbox by hand":                    theOutboxByHand,
		"an attachment is opened":               anAttachmentIsOpened,
	} {
		t.Run(name, func(t *testing.T) { test(t, newAgentProgram(t, bin)) })
	}
}

func commandsStartOneAgent(t *testing.T, p *agentProgram) {
	done := make(chan string, 6)
	for range cap(done) {
		go func() {
			cmd := p.command("", "account", "list")
			out, err := cmd.CombinedOutput()
			if err != nil {
				out = append(out, err.Error()...)
			}
			done <- string(out)
		}()
	}
	for range cap(done) {
		if out := <-done; out != "" {
			t.Errorf("account list printed %q", out)
		}
	}
	first := p.presence()
	if first.PID == 0 || first.State != activesync.InBackground || first.Version == "" {
		t.Errorf("presence %+v", first)
	}
	p.add()
	p.deliver("one")
	p.must("sync")
	if out := p.must("list"); !strings.Contains(out, "one") {
		t.Errorf("list printed %q", out)
	}
	if now := p.presence(); now.PID != first.PID {
		t.Errorf("agent %d, before %d", now.PID, first.PID)
	}
	p.must("agent", "stop")
	if !p.ended(first.PID) {
		t.Error("the agent has not ended")
	}
	if now := p.presence(); now.PID != 0 || now.State != stoppedState {
		t.Errorf("after stop: %+v", now)
	}
	p.must("agent", "stop") // and once more
}

// aLatecomerGivesWay: of several commands at once each starts an agent, and
// takes the first that answers. One that still waited for the store became the
// agent when the first was stopped.
func aLatecomerGivesWay(t *testing.T, p *agentProgram) {
	p.must("agent", "start")
	listens, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	late := p.command("", "agent", "run", "--detached")
	late.ExtraFiles = []*os.File{w}
	late.Env = append(late.Env, "SECUREMAIL_READY=1")
	if err := late.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	listens.Close()
	p.must("agent", "stop")
	if !p.ended(late.Process.Pid) {
		t.Error("the latecomer runs on")
		_ = late.Process.Kill()
	}
	_ = late.Wait()
	if now := p.presence(); now.PID != 0 {
		t.Errorf("after stop: %+v", now)
	}
}

func errorsKeepTheirExitCodes(t *testing.T, p *agentProgram) {
	add := []string{"account", "add", "alice@example.test", "--server", p.url, "--user", "alice", "--password-stdin"}
	if code, _, errs := p.run("wrong\n", add...); code != exitAuth || strings.Contains(errs, "wrong") {
		t.Errorf("wrong password: exit %d, %s", code, errs)
	}
	add[4] = "http://127.0.0.1:1"
	if code, _, errs := p.run("wonderland\n", add...); code != exitUnreachable {
		t.Errorf("nobody there: exit %d, %s", code, errs)
	}
	if code, _, _ := p.run("", "sync", "--account", "nobody"); code != exitFailed {
		t.Errorf("no such account: exit %d", code)
	}
}

func aKilledAgentHasASuccessor(t *testing.T, p *agentProgram) {
	p.add()
	watch := p.command("", "watch", "--foreground", "--json")
	out, err := watch.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan activesync.Notice, 4096)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			var n activesync.Notice
			if json.Unmarshal(sc.Bytes(), &n) == nil {
				lines <- n
			}
		}
	}()
	mail := map[string]int{}
	until := func(what string, ok func(activesync.Notice) bool) {
		t.Helper()
		limit := time.After(30 * time.Second)
		for {
			select {
			case n, open := <-lines:
				if !open {
					t.Fatalf("watch ended before %s", what)
				}
				if n.Kind == activesync.NoticeMailNew {
					mail[n.Subject]++
				}
				if ok(n) {
					return
				}
			case <-limit:
				t.Fatalf("no %s", what)
			}
		}
	}
	live := func(n activesync.Notice) bool { return n.Kind == activesync.NoticeStatus }
	until("status", live)
	for p.presence().Accounts[0].Phase != activesync.PhaseLive {
		time.Sleep(50 * time.Millisecond)
	}
	p.deliver("before")
	until("mail", func(n activesync.Notice) bool { return n.Subject == "before" })
	first := p.presence()
	if first.State != activesync.Foreground || first.Clients != 1 {
		t.Errorf("presence %+v", first)
	}
	if err := syscall.Kill(first.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until("overflow", func(n activesync.Notice) bool { return n.Kind == activesync.NoticeOverflow })
	p.deliver("after")
	until("mail of the successor", func(n activesync.Notice) bool { return n.Subject == "after" })
	second := p.presence()
	if second.PID == first.PID || second.State != activesync.Foreground {
		t.Errorf("presence %+v", second)
	}
	watch.Process.Signal(os.Interrupt)
	for n := range lines {
		if n.Kind == activesync.NoticeMailNew {
			mail[n.Subject]++
		}
	}
	if err := watch.Wait(); watch.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("watch: %v", err)
	}
	if mail["before"] != 1 || mail["after"] != 1 {
		t.Errorf("new mail was told of %v times", mail)
	}
}

func itEndsWithItsData(t *testing.T, p *agentProgram) {
	p.must("agent", "start")
	pid := p.presence().PID
	if err := os.RemoveAll(p.dir); err != nil {
		t.Fatal(err)
	}
	if !p.ended(pid) {
		t.Error("the agent goes on without its data")
	}
	if _, err := os.Stat(p.dir); err == nil {
		t.Error("it made the directory anew")
	}
}

func statusWakesNothing(t *testing.T, p *agentProgram) {
	for range 2 {
		p.must("status", "--format", "{unread}")
		if s := p.presence(); s.PID != 0 {
			t.Fatalf("status started an agent: %+v", s)
		}
	}
	if _, err := os.Stat(p.dir); err == nil {
		t.Error("status made the data directory")
	}
	p.add()
	p.deliver("one")
	p.must("sync")
	const format = "{account} {unread}/{total} {state} {mode}"
	if out := p.must("status", "--format", format); out != "alice 1/1 background persistent\n" {
		t.Errorf("status printed %q", out)
	}
	p.must("agent", "stop")
	if out := p.must("status", "--format", format); out != "alice 1/1 stopped off\n" {
		t.Errorf("status printed %q", out)
	}
	if code, _, _ := p.run("", "status", "--format", "{weather}"); code != exitUsage {
		t.Errorf("an unknown word: exit %d", code)
	}
}

func aCommandAlone(t *testing.T, p *agentProgram) {
	p.env = []string{noAgent + "=1"}
	p.add()
	p.deliver("one")
	if out := p.must("sync"); !strings.Contains(out, "1 added") {
		t.Errorf("sync printed %q", out)
	}
	if s := p.presence(); s.PID != 0 {
		t.Errorf("an agent was started: %+v", s)
	}
	p.env = nil
	p.must("agent", "start")
	p.env = []string{noAgent + "=1"} // one that runs is used
	if out := p.must("list"); !strings.Contains(out, "one") {
		t.Errorf("list printed %q", out)
	}
}

func aStoreInUse(t *testing.T, p *agentProgram) {
	p.must("agent", "start") // which makes the key
	p.must("agent", "stop")
	at, err := paths.In(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	key, err := secret.KeyFile{Path: at.KeyFile}.Open(t.Context(), secret.Attempt{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(at.Store, store.Options{Key: key.Derive("store")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	code, _, errs := p.run("", "account", "list")
	if code != exitFailed || !strings.Contains(errs, fmt.Sprint("process ", os.Getpid())) {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func aStoreThatIsDamaged(t *testing.T, p *agentProgram) {
	p.must("agent", "start")
	p.must("agent", "stop")
	at, err := paths.In(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at.Store, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := p.run("", "account", "list"); code != exitFailed || !strings.Contains(errs, "damaged") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func aServiceManagerTakesOver(t *testing.T, p *agentProgram) {
	p.must("agent", "start")
	first := p.presence().PID
	address := filepath.Join(t.TempDir(), "n")
	manager, err := net.ListenPacket("unixgram", address)
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	cmd := p.command("", "agent", "run")
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET="+address, "WATCHDOG_USEC=200000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := manager.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1"} {
		buf := make([]byte, 64)
		n, _, err := manager.ReadFrom(buf)
		if err != nil || string(buf[:n]) != want {
			t.Fatalf("the manager heard %q, %v; want %s", buf[:n], err, want)
		}
	}
	if now := p.presence().PID; now != cmd.Process.Pid || !p.ended(first) {
		t.Errorf("agent %d, want %d in place of %d", now, cmd.Process.Pid, first)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended by its manager: %v", err)
	}
}

// aServiceManagerHearsOfASuccessor: an agent that hands over ends so that its
// manager starts it again; one that the person ends does not.
func aServiceManagerHearsOfASuccessor(t *testing.T, p *agentProgram) {
	for _, tt := range []struct {
		by   []string
		want int
	}{{[]string{"agent", "run"}, exitHandedOver}, {[]string{"agent", "stop"}, 0}} {
		first := p.command("", "agent", "run")
		if err := first.Start(); err != nil {
			t.Fatal(err)
		}
		for began := time.Now(); p.presence().PID != first.Process.Pid; time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > 30*time.Second {
				t.Fatal("no agent")
			}
		}
		second := p.command("", tt.by...)
		if err := second.Start(); err != nil {
			t.Fatal(err)
		}
		_ = first.Wait()
		if code := first.ProcessState.ExitCode(); code != tt.want {
			t.Errorf("%v: exit %d, want %d", tt.by, code, tt.want)
		}
		if tt.want == 0 {
			must(t, second.Wait())
			continue
		}
		for began := time.Now(); p.presence().PID != second.Process.Pid; time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > 30*time.Second {
				t.Fatal("no successor")
			}
		}
		p.must("agent", "stop")
		if err := second.Wait(); err != nil {
			t.Errorf("stopped: %v", err)
		}
	}
}

func noRuntimeDirectory(t *testing.T, p *agentProgram) {
	home := t.TempDir()
	for _, runtime := range []string{"", "relative", filepath.Join(home, "missing")} {
		cmd := exec.Command(p.bin, "agent", "start")
		cmd.Env = []string{"HOME=" + home, "TMPDIR=" + home, "XDG_RUNTIME_DIR=" + runtime, "PATH=" + os.Getenv("PATH")}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("runtime directory %q: %v\n%s", runtime, err, out)
		}
		cmd = exec.Command(p.bin, "agent", "stop")
		cmd.Env = []string{"HOME=" + home, "TMPDIR=" + home, "XDG_RUNTIME_DIR=" + runtime}
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("runtime directory %q: stop: %v\n%s", runtime, err, out)
		}
	}
	// A session that has one finds the agent of a session that has none.
	run := func(runtime string, args ...string) string {
		t.Helper()
		cmd := exec.Command(p.bin, args...)
		cmd.Env = []string{"HOME=" + home, "TMPDIR=" + home, "XDG_RUNTIME_DIR=" + runtime, "PATH=" + os.Getenv("PATH")}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("runtime directory %q: %v: %v\n%s", runtime, args, err, out)
		}
		return string(out)
	}
	one, other := run("", "agent", "start"), run(t.TempDir(), "agent", "start")
	if one != other {
		t.Errorf("%q, then in another session %q", one, other)
	}
	run(t.TempDir(), "agent", "stop")
	if out := run("", "agent", "stop"); out != "No agent runs.\n" {
		t.Errorf("stopped in one session, the other says %q", out)
	}
	if os.Getuid() != 0 {
		t.Log("only root can give the directory of the socket to somebody else")
		return
	}
	if err := os.Chown(filepath.Join(home, "securemail-0"), 65534, 65534); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(p.bin, "agent", "start")
	cmd.Env = []string{"HOME=" + home, "TMPDIR=" + home}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "belongs to another user") || !strings.Contains(string(out), "XDG_RUNTIME_DIR") {
		t.Errorf("in a directory of somebody else: %v, %s", err, out)
	}
}

func backgroundSettingsSurvive(t *testing.T, p *agentProgram) {
	p.must("agent", "set", "--refresh", "on", "--mode", "refresh", "--grace", "5s")
	p.must("agent", "stop")
	p.must("agent", "start")
	if s := p.presence(); s.Mode != activesync.ModeRefresh {
		t.Errorf("mode %s", s.Mode)
	}
	for _, wrong := range [][]string{{"--mode", "often"}, {"--refresh", "maybe"}, {"--topic", "box"}} {
		if code, _, _ := p.run("", append([]string{"agent", "set"}, wrong...)...); code != exitUsage {
			t.Errorf("%v: exit %d", wrong, code)
		}
	}
	if code, _, errs := p.run("", "agent", "set", "--mode", "push"); code != exitUsage || !strings.Contains(errs, "topic") {
		t.Errorf("push without a topic: exit %d, %s", code, errs)
	}
	if code, _, errs := p.run("tk_secret\n", "agent", "set", "--mode", "push", "--topic", "http://127.0.0.1:1/box", "--token-stdin"); code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	b, err := os.ReadFile(filepath.Join(p.dir, "config.toml"))
	if err != nil || bytes.Contains(b, []byte("tk_secret")) || !bytes.Contains(b, []byte("mode = 'push'")) {
		t.Errorf("%v\n%s", err, b)
	}
}

// aRelayWakesOthers has two machines of one person: one that is always on and
// runs the relay, and one that asks the server nothing until it is woken.
func aRelayWakesOthers(t *testing.T, p *agentProgram) {
	ntfy, topic := notifytest.StartNtfy(t, "tk_secret")
	p.add()
	q := &agentProgram{t: t, bin: p.bin, dir: filepath.Join(t.TempDir(), "other"), url: p.url, box: p.box}
	t.Cleanup(q.end)
	q.add()
	if code, _, errs := q.run("tk_secret\n", "agent", "set", "--mode", "push", "--grace", "0s", "--topic", topic.URL+"/box", "--token-stdin"); code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	q.must("sync")
	until := func(what string, ok func() bool) {
		t.Helper()
		for began := time.Now(); !ok(); time.Sleep(50 * time.Millisecond) {
			if time.Since(began) > 60*time.Second {
				t.Fatalf("no %s", what)
			}
		}
	}
	until("listener", func() bool {
		s := q.presence()
		return s.Push == "listening" && s.Accounts[0].Mode == activesync.ModePush
	})
	relay := p.command("tk_secret\n", "push", "relay", "--topic", topic.URL+"/box", "--token-stdin")
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	relay.Stderr = said
	if err := relay.Start(); err != nil {
		t.Fatal(err)
	}
	until("relay", func() bool {
		s := p.presence()
		return s.State == activesync.Foreground && s.Accounts[0].Phase == activesync.PhaseLive
	})
	has := func(subject string) func() bool {
		return func() bool { return strings.Contains(q.must("list"), subject) }
	}
	p.deliver("first")
	until("mail after a wake-up", has("first"))
	ntfy.Cut() // the channel breaks, and is opened again by itself
	until("listener after the channel broke", func() bool { return ntfy.Listeners() > 1 && q.presence().Push == "listening" })
	p.deliver("second")
	until("mail after another", has("second"))
	for _, text := range ntfy.Messages() {
		if strings.Contains(text, "first") || strings.Contains(text, "second") {
			t.Errorf("published %q", text)
		}
	}
	p.must("agent", "stop")
	until("word of a stopped agent", func() bool {
		words, err := os.ReadFile(said.Name())
		return err == nil && strings.Contains(string(words), "stopped; nobody is woken")
	})
	p.must("agent", "start")
	p.deliver("third")
	until("mail after the agent came back", has("third"))
	relay.Process.Signal(os.Interrupt)
	if relay.Wait(); relay.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("exit %d", relay.ProcessState.ExitCode())
	}
	// A relay receives while no screen is there.
	relay = p.command("tk_secret\n", "push", "relay", "--topic", topic.URL+"/box", "--token-stdin")
	if err := relay.Start(); err != nil {
		t.Fatal(err)
	}
	until("relay", func() bool { return p.presence().State == activesync.Foreground })
	if err := os.WriteFile(filepath.Join(p.dir, "policy.toml"), []byte("background_refresh_allowed = \"off\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if relay.Wait(); relay.ProcessState.ExitCode() != exitPolicy {
		t.Errorf("forbidden meanwhile: exit %d", relay.ProcessState.ExitCode())
	}
	if code, _, errs := p.run("tk_secret\n", "push", "relay", "--topic", topic.URL+"/box", "--token-stdin"); code != exitPolicy || !strings.Contains(errs, "background_refresh_allowed") {
		t.Errorf("forbidden: exit %d, %s", code, errs)
	}
}
