package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify/notifytest"
)

// Limits of the issue: for news to be seen, and for screens to go on after the
// agent was killed.
const (
	newsLimit = 10 * time.Second
	killLimit = time.Second
)

// desk is a person's desktop and terminal: a session bus with a service for
// notifications, and tmux, over one data directory with an agent.
type desk struct {
	*sogo
	daemon *notifytest.Daemon
	user   string
	tmux   []string
	env    []string
}

func newDesk(t *testing.T, user string) *desk {
	t.Helper()
	s := newSOGo(t)
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	address := notifytest.Session(t)
	d := &desk{sogo: s, daemon: notifytest.Start(t, address, "actions", "body"), user: user}
	d.tmux = []string{"tmux", "-S", filepath.Join(t.TempDir(), "tmux"), "-f", "/dev/null"}
	d.env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+address, "TERM=xterm-256color", "SECUREMAIL_DATA="+s.dir, "PS1=$ ")
	s.add(user)
	s.run("", "sync")
	t.Cleanup(func() {
		d.mux("kill-server")
		d.agent("agent", "stop")
	})
	return d
}

// agent runs a command that talks to the agent, and starts one if need be.
func (d *desk) agent(args ...string) string {
	d.t.Helper()
	cmd := exec.Command(d.bin, args...)
	cmd.Env = d.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Fatalf("securemail %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (d *desk) mux(args ...string) string {
	d.t.Helper()
	cmd := exec.Command(d.tmux[0], append(d.tmux[1:], args...)...)
	cmd.Env = d.env
	out, err := cmd.CombinedOutput()
	if err != nil && args[0] != "kill-server" {
		d.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (d *desk) presence() (p activesync.Presence) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(d.agent("agent", "status", "--json")), &p); err != nil {
		d.t.Fatal(err)
	}
	return p
}

// until waits for something and says how long it took.
func (d *desk) until(limit time.Duration, what string, ok func() bool) {
	d.t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > limit {
			log, _ := os.ReadFile(filepath.Join(d.dir, "securemail.log"))
			all, _, _ := d.daemon.Shown()
			d.t.Fatalf("no %s within %v; the agent: %+v\nnotifications: %+v\nlog:\n%s", what, limit, d.presence(), all, log)
		}
		time.Sleep(20 * time.Millisecond)
	}
	d.t.Logf("%s after %v", what, time.Since(began).Round(10*time.Millisecond))
}

// inject sends a message over SMTP.
func (d *desk) inject(subject string) {
	d.t.Helper()
	to := d.user + "@" + d.domain
	mail := fmt.Sprintf("From: Ana <ana@%s>\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@%s>\r\n\r\nText.\r\n", d.domain, to, subject,
		time.Now().Format(time.RFC1123Z), strings.ReplaceAll(subject, " ", "."), d.domain)
	if err := smtp.SendMail(d.smtpAddr, nil, "ana@"+d.domain, []string{to}, []byte(mail)); err != nil {
		d.t.Fatal(err)
	}
}

// shown are the notifications that tell of a subject.
func (d *desk) shown(subject string) (found []notifytest.Notification) {
	all, _, _ := d.daemon.Shown()
	for _, n := range all {
		if n.Replaces == 0 && strings.Contains(n.Title+" "+n.Body, subject) {
			found = append(found, n)
		}
	}
	return found
}

// seen reports whether a message is marked as read on the server.
func (d *desk) seen(im *imapConn, subject string) bool {
	im.do(`SELECT "INBOX"`)
	for _, rep := range im.do("SEARCH SEEN SUBJECT \"" + subject + "\"") {
		if f := strings.Fields(rep.Line); len(f) > 2 && f[1] == "SEARCH" {
			return true
		}
	}
	return false
}

// panes starts the screens in three panes of one window.
func (d *desk) panes() []string {
	d.t.Helper()
	d.mux("new-session", "-d", "-x", "160", "-y", "90", "bash", "--norc", "-i")
	d.mux("split-window", "-v", "bash", "--norc", "-i")
	d.mux("split-window", "-v", "bash", "--norc", "-i")
	d.mux("select-layout", "even-vertical")
	panes := strings.Fields(d.mux("list-panes", "-F", "#{pane_id}"))
	for _, p := range panes {
		d.mux("send-keys", "-t", p, d.bin, "Enter")
	}
	return panes
}

func (d *desk) shows(pane, text string) bool {
	return strings.Contains(d.mux("capture-pane", "-p", "-t", pane), text)
}

// TestSOGoNewsReachesThePerson is a day of real processes: three screens and a
// watcher see new mail, a closed screen becomes a notification, whose action
// reaches the server, and an agent that is killed is not missed.
func TestSOGoNewsReachesThePerson(t *testing.T) {
	d := newDesk(t, "bob")
	im := d.imap("bob")
	mark := fmt.Sprint(time.Now().UnixNano())
	subject := func(what string) string { return what + " " + mark }

	watched := filepath.Join(t.TempDir(), "watch")
	file, err := os.Create(watched)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	watch := exec.Command(d.bin, "watch", "--json")
	watch.Env, watch.Stdout = d.env, file
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = watch.Process.Signal(os.Interrupt)
		_ = watch.Wait()
	}()
	watchSaw := func(text string) bool {
		b, err := os.ReadFile(watched)
		return err == nil && bytes.Contains(b, []byte(text))
	}

	panes := d.panes()
	d.until(30*time.Second, "three screens", func() bool {
		p := d.presence()
		return p.Clients == 4 && p.Accounts[0].Phase == activesync.PhaseLive
	})
	d.inject(subject("first"))
	for i, p := range panes {
		d.until(newsLimit, fmt.Sprint("news on screen ", i+1), func() bool { return d.shows(p, subject("first")) })
	}
	d.until(newsLimit, "news for watch", func() bool { return watchSaw(subject("first")) })
	if n := d.shown(subject("first")); len(n) != 0 {
		t.Errorf("a notification of what is on screen: %+v", n)
	}

	// Ctrl-Z is background, fg is not.
	for _, p := range panes {
		d.mux("send-keys", "-t", p, "C-z")
	}
	d.until(newsLimit, "grace after Ctrl-Z", func() bool { return d.presence().State == activesync.InGrace })
	d.until(newsLimit, "shell behind the screen", func() bool { return d.shows(panes[0], "Stopped") })
	d.mux("send-keys", "-t", panes[0], "fg", "Enter")
	d.until(newsLimit, "foreground after fg", func() bool {
		return d.presence().State == activesync.Foreground && d.shows(panes[0], subject("first"))
	})

	// The screens are closed, one of them by its terminal.
	d.mux("send-keys", "-t", panes[0], "q")
	d.until(newsLimit, "closed screen", func() bool { return d.presence().State == activesync.InGrace })
	d.mux("kill-server")
	d.inject(subject("second"))
	d.until(newsLimit, "notification", func() bool { return len(d.shown(subject("second"))) > 0 })
	n := d.shown(subject("second"))[0]
	if n.Title != "Ana" || !slices.Contains(n.Actions, "read") {
		t.Errorf("notification %+v", n)
	}
	if err := d.daemon.Invoke(n.ID, "read"); err != nil {
		t.Fatal(err)
	}
	d.until(newsLimit, "read mark over IMAP", func() bool { return d.seen(im, subject("second")) })
	_, closed, _ := d.daemon.Shown()
	if !slices.Contains(closed, n.ID) {
		t.Error("the notification was not withdrawn")
	}

	// kill -9 of the agent, with a screen attached and a notification standing.
	d.inject(subject("third"))
	d.until(newsLimit, "notification", func() bool { return len(d.shown(subject("third"))) > 0 })
	panes = d.panes()
	d.until(30*time.Second, "screens", func() bool {
		p := d.presence()
		return p.Clients == 4 && d.shows(panes[0], subject("third"))
	})
	dead := d.presence().PID
	if err := syscall.Kill(dead, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	d.until(killLimit, "all screens attached to a successor", func() bool {
		p := d.presence()
		return p.PID != dead && p.PID != 0 && p.Clients == 4
	})
	for _, p := range panes {
		d.mux("send-keys", "-t", p, ",")
	}
	for _, p := range panes {
		d.until(newsLimit, "a screen that goes on", func() bool { return d.shows(p, "Auto Refresh") })
	}
	d.until(30*time.Second, "live", func() bool { return d.presence().Accounts[0].Phase == activesync.PhaseLive })
	d.inject(subject("fourth"))
	d.until(newsLimit, "notification by the successor", func() bool { return len(d.shown(subject("fourth"))) > 0 })
	im.do(`SELECT "INBOX"`)
	im.do(`STORE 1:* +FLAGS (\Seen)`)
	third := d.shown(subject("third"))[0].ID
	d.until(2*newsLimit, "withdrawal of what its predecessor showed", func() bool {
		_, closed, _ := d.daemon.Shown()
		return slices.Contains(closed, third)
	})
	for what, want := range map[string]int{"first": 0, "second": 1, "third": 1, "fourth": 1} {
		if n := d.shown(subject(what)); len(n) != want {
			t.Errorf("%s: %d notifications, want %d", what, len(n), want)
		}
	}
}
