package cli

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/store/paths"
)

// The unit is written and switched on by the service manager's own command;
// where that fails the person is told what to type.
func agentInstallsItself(t *testing.T, p *agentProgram) {
	home := t.TempDir()
	said := filepath.Join(home, "said")
	for _, fails := range []string{"exit 0", "echo no bus >&2; exit 1"} {
		script := "#!/bin/sh\necho \"$@\" >>" + said + "\n" + fails + "\n"
		if err := os.WriteFile(filepath.Join(home, "systemctl"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		p.env = []string{"XDG_CONFIG_HOME=" + home, "PATH=" + home + ":" + os.Getenv("PATH")}
		out := p.must("agent", "install")
		units, err := filepath.Glob(filepath.Join(home, "systemd", "user", "securemail-*.service"))
		if err != nil || len(units) != 1 {
			t.Fatalf("units %q, %v", units, err)
		}
		unit, err := os.ReadFile(units[0])
		if err != nil || !strings.Contains(string(unit), "ExecStart=") || !strings.Contains(string(unit), p.dir) || !strings.Contains(string(unit), " agent run") {
			t.Errorf("%v\n%s", err, unit)
		}
		name := filepath.Base(units[0])
		words, err := os.ReadFile(said)
		if err != nil || !strings.Contains(string(words), "--user daemon-reload\n") {
			t.Errorf("the service manager was told %q, %v", words, err)
		}
		if works := fails == "exit 0"; works != strings.Contains(string(words), "--user enable --now "+name+"\n") ||
			works == strings.Contains(out, "(no bus). Type:") {
			t.Errorf("the service manager was told %q; the person %q", words, out)
		}
		if err := os.Remove(said); err != nil {
			t.Fatal(err)
		}
	}
}

// What happens can be read with curl, as the documentation says.
func eventsAreReadWithCurl(t *testing.T, p *agentProgram) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl")
	}
	p.add()
	p.must("sync", "--all")
	where, err := paths.Find(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), curl, "-sN", "--max-time", "60", "--unix-socket", where.Socket, "http://agent/v1/events")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	lines := bufio.NewScanner(out)
	for first := true; lines.Scan(); first = false {
		if first { // it listens
			p.deliver("by curl")
		}
		if strings.Contains(lines.Text(), `"mail.new"`) && strings.Contains(lines.Text(), "by curl") {
			t.Logf("after %v: %s", time.Since(began), lines.Text())
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return
		}
	}
	t.Errorf("curl read nothing of the message: %v, %v", lines.Err(), cmd.Wait())
}

// Quiet hours that are written into the configuration hold while the agent runs,
// and so does a policy that the organisation writes.
func filesAreObeyedAtOnce(t *testing.T, p *agentProgram) {
	p.add()
	p.must("agent", "start")
	watch := p.command("", "watch")
	out, err := watch.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = watch.Process.Kill()
		_ = watch.Wait()
	}()
	where, err := paths.Find(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(where.Config)
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan string, 256)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			events <- lines.Text()
		}
		close(events)
	}()
	await := func(kind string) {
		t.Helper()
		for limit := time.After(20 * time.Second); ; {
			select {
			case line, ok := <-events:
				if !ok {
					t.Fatal("watch ended")
				}
				if strings.Contains(line, `"`+kind+`"`) {
					return
				}
			case <-limit:
				t.Fatalf("no %s", kind)
			}
		}
	}
	await("status")
	if err := os.WriteFile(where.Config, append(config, "\n[notifications]\nway = \"none\"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	await("notifications.changed")
	if err := os.WriteFile(where.Policy, []byte("background_refresh_allowed = \"off\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	await("policy.changed")
	if s := p.presence(); s.Mode != "off" {
		t.Errorf("presence %+v", s)
	}
}
