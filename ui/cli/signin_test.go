package cli

import (
	"bufio"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/oauth/oauthtest"
	"eas.example/securemail/activesync/server"
)

// online is a program whose server takes tokens only, and who gives them.
type online struct {
	*agentProgram
	auth *oauthtest.Server
	base string
}

func newOnline(t *testing.T, bin string) *online {
	t.Helper()
	auth := oauthtest.New("alice")
	srv := server.New(server.Config{MinHeartbeat: time.Second, Bearer: auth.Bearer, OnlyBearer: true})
	o := &online{agentProgram: &agentProgram{t: t, bin: bin, dir: filepath.Join(t.TempDir(), "data"), box: srv.AddUser("alice", "", "alice@example.test")}, auth: auth}
	// No browser: the test is it.
	o.env = []string{"DISPLAY=", "WAYLAND_DISPLAY="}
	hs, as := httptest.NewServer(srv), httptest.NewServer(auth)
	o.url, o.base = hs.URL, as.URL
	t.Cleanup(func() {
		o.end()
		hs.Close()
		as.Close()
	})
	return o
}

func (o *online) flags(auth string) []string {
	return []string{"--auth", auth, "--client-id", oauthtest.ClientID, "--auth-url", o.base + "/authorize", "--token-url", o.base + "/token", "--device-url", o.base + "/devicecode"}
}

var pageOf = regexp.MustCompile(`(?m)^  (https?://\S+)$`)

// signIn runs a command, and does what it asks for on standard error.
func (o *online) signIn(do func(page string), args ...string) (code int, output string) {
	o.t.Helper()
	cmd := o.command("", args...)
	var out strings.Builder
	cmd.Stdout = &out
	errs, err := cmd.StderrPipe()
	if err != nil {
		o.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(errs); lines.Scan(); {
		fmt.Fprintln(&said, lines.Text())
		if m := pageOf.FindStringSubmatch(lines.Text()); m != nil {
			do(m[1])
		}
	}
	err = cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		o.t.Fatal(err)
	}
	return code, out.String() + said.String()
}

func (o *online) visit(page string) {
	if _, err := o.auth.Visit(page); err != nil {
		o.t.Error(err)
	}
}

func TestSignInByOAuth(t *testing.T) {
	bin := build(t)
	t.Run("browser", func(t *testing.T) { signInInTheBrowser(t, newOnline(t, bin)) })
	t.Run("device", func(t *testing.T) { signInByACode(t, newOnline(t, bin)) })
	t.Run("from a password", func(t *testing.T) { fromAPasswordToOAuth(t, bin) })
	t.Run("another password", func(t *testing.T) { anotherPassword(t, bin) })
}

func signInInTheBrowser(t *testing.T, o *online) {
	// A password is refused with a word of what to do.
	code, _, errs := o.run("wonderland\n", "account", "add", "alice@example.test", "--server", o.url, "--password-stdin")
	if code != 3 || !strings.Contains(errs, "--auth oauth2 --client-id") {
		t.Errorf("by password: exit %d, %s", code, errs)
	}
	if code, _, errs := o.run("", "account", "add", "alice@example.test", "--auth", "oauth2"); code != 2 || !strings.Contains(errs, "app registration") {
		t.Errorf("without an app: exit %d, %s", code, errs)
	}
	add := append([]string{"account", "add", "alice@example.test", "--server", o.url, "--name", "alice"}, o.flags("oauth2")...)
	o.auth.Deny("access_denied")
	if code, out := o.signIn(o.visit, add...); code != 3 || !strings.Contains(out, "AADSTS65001") {
		t.Errorf("refused: exit %d, %s", code, out)
	}
	o.auth.Deny("")
	if code, out := o.signIn(o.visit, add...); code != 0 || !strings.Contains(out, "Added alice.") {
		t.Fatalf("exit %d, %s", code, out)
	}
	o.deliver("First")
	o.must("sync")
	if out := o.must("list"); !strings.Contains(out, "First") {
		t.Errorf("list: %s", out)
	}
	if out := o.must("account", "list"); !strings.Contains(out, "oauth2") {
		t.Errorf("account list: %s", out)
	}
	o.keepsQuiet("access-", "refresh-")

	// The server takes the access token back; nobody notices.
	o.auth.Expire()
	n := o.auth.Count("refresh_token")
	o.deliver("Second")
	o.must("sync")
	if out := o.must("list"); !strings.Contains(out, "Second") || o.auth.Count("refresh_token") != n+1 {
		t.Errorf("after the token ended, %d refreshes: %s", o.auth.Count("refresh_token")-n, out)
	}
	// The new refresh token survives the agent.
	o.must("agent", "stop")
	o.auth.Expire()
	o.must("account", "check")

	// The sign-in is taken back: a person has to sign in again.
	o.auth.Revoke()
	o.auth.Expire()
	if code, _, errs := o.run("", "sync"); code != 3 || !strings.Contains(errs, "account sign-in") {
		t.Errorf("revoked: exit %d, %s", code, errs)
	}
	n = o.auth.Count("refresh_token")
	if code, _, _ := o.run("", "sync"); code != 3 || o.auth.Count("refresh_token") != n {
		t.Errorf("revoked: exit %d, asked again %d times", code, o.auth.Count("refresh_token")-n)
	}
	if code, out := o.signIn(o.visit, "account", "sign-in", "alice"); code != 0 {
		t.Fatalf("sign-in: exit %d, %s", code, out)
	}
	o.deliver("Third")
	o.must("sync")
	if out := o.must("list"); !strings.Contains(out, "Third") || !strings.Contains(out, "First") {
		t.Errorf("after signing in again: %s", out)
	}
	if b, err := os.ReadFile(filepath.Join(o.dir, "config.toml")); err != nil || !strings.Contains(string(b), oauthtest.ClientID) || !strings.Contains(string(b), `auth = 'oauth2'`) {
		t.Errorf("configuration %s, %v", b, err)
	}
}

func signInByACode(t *testing.T, o *online) {
	add := append([]string{"account", "add", "alice@example.test", "--server", o.url, "--name", "alice"}, o.flags("device")...)
	code, out := o.signIn(func(page string) {
		if page != "https://login.example.test/device" {
			t.Errorf("the page is %s", page)
		}
		o.auth.Approve(true)
	}, add...)
	if code != 0 || !strings.Contains(out, "WDJB-MJHT") {
		t.Fatalf("exit %d, %s", code, out)
	}
	o.must("account", "check")
}

// An account whose server stops taking passwords goes on with its mail.
func fromAPasswordToOAuth(t *testing.T, bin string) {
	o := newOnline(t, bin)
	srv := server.New(server.Config{MinHeartbeat: time.Second, Bearer: o.auth.Bearer})
	o.box = srv.AddUser("alice", "wonderland", "alice@example.test")
	hs := httptest.NewServer(srv)
	t.Cleanup(func() {
		o.run("", "agent", "stop") // Close waits for its Ping
		hs.Close()
	})
	o.url = hs.URL
	o.add()
	o.deliver("First")
	o.must("sync")
	before := decoded[[]struct{ ID string }](t, o.must("list", "--json"))
	if code, out := o.signIn(o.visit, append([]string{"account", "sign-in", "alice"}, o.flags("oauth2")...)...); code != 0 {
		t.Fatalf("exit %d, %s", code, out)
	}
	o.must("sync")
	after := decoded[[]struct{ ID string }](t, o.must("list", "--json"))
	if len(before) != 1 || len(after) != 1 || before[0] != after[0] {
		t.Errorf("before %v, after %v", before, after)
	}
	if o.auth.Count("authorization_code") != 1 {
		t.Error("nobody signed in by OAuth 2.0")
	}
}

func TestAuthWords(t *testing.T) {
	for want, acc := range map[string]activesync.Account{
		"by password": {Auth: activesync.AuthBasic}, "by OAuth 2.0 at login.microsoftonline.com": {Auth: activesync.AuthOAuth},
		"by OAuth 2.0 at 127.0.0.1:1": {Auth: activesync.AuthOAuth, OAuth: oauthtest.OAuth("http://127.0.0.1:1")},
	} {
		if got := authWords(acc); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func anotherPassword(t *testing.T, bin string) {
	p := newAgentProgram(t, bin)
	p.add()
	p.with("wrong\n", 3, "account", "sign-in", "alice", "--password-stdin")
	p.must("account", "check") // the one that works is kept
	p.with("wonderland\n", 0, "account", "sign-in", "--password-stdin")
	p.must("agent", "stop")
	p.must("account", "check")
	p.with("x\n", 1, "account", "sign-in", "nobody", "--password-stdin")
	p.with("x\n", exitUsage, "account", "sign-in", "", "--password-stdin")
	p.with("", exitUsage, "account", "remove", "") // not the first one
	if accounts := p.presence().Accounts; len(accounts) != 1 || accounts[0].Phase == activesync.PhaseOffline {
		t.Errorf("accounts %+v", accounts)
	}
}
