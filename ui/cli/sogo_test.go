package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/paths"
)

// sogo is a real ActiveSync server on loopback, started by .ci/sogo/up, and
// the built program with a data directory of its own.
type sogo struct {
	t        *testing.T
	bin, dir string
	state    string // of SOGo
	url      string
	imapAddr string
	smtpAddr string
	davURL   string
	password string
	domain   string
	// withAgent has commands start an agent, as people's do.
	withAgent bool
}

func newSOGo(t *testing.T) *sogo {
	t.Helper()
	s := &sogo{t: t, url: os.Getenv("SOGO_EAS_URL"), state: os.Getenv("SOGO_EAS_DIR"), dir: t.TempDir(),
		imapAddr: os.Getenv("SOGO_EAS_IMAP"), smtpAddr: os.Getenv("SOGO_EAS_SMTP"), davURL: os.Getenv("SOGO_EAS_DAV"), password: "secret", domain: "sogo.test"}
	if s.url == "" {
		t.Skip("SOGO_EAS_URL is not set: start SOGo with .ci/sogo/up")
	}
	s.bin = build(t)
	return s
}

// run runs the program and returns what it printed.
func (s *sogo) run(stdin string, args ...string) string {
	s.t.Helper()
	cmd := s.command(stdin, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("securemail %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String()
}

func (s *sogo) command(stdin string, args ...string) *exec.Cmd {
	cmd := exec.Command(s.bin, append([]string{"--data", s.dir}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = os.Environ()
	if !s.withAgent {
		cmd.Env = append(cmd.Env, noAgent+"=1") // what a command prints is what it did
	}
	return cmd
}

func (s *sogo) json(v any, args ...string) {
	s.t.Helper()
	out := s.run("", append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		s.t.Fatalf("securemail %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// add signs a user in.
func (s *sogo) add(user string) {
	s.t.Helper()
	s.run(s.password+"\n", "account", "add", user+"@"+s.domain, "--server", s.url, "--user", user, "--name", user, "--password-stdin")
}

func (s *sogo) imap(user string) *imapConn { return dialIMAP(s.t, s.imapAddr, user, s.password) }

// afresh empties the mailboxes in which letters between the two users lie.
func (s *sogo) afresh() {
	s.t.Helper()
	for _, at := range []struct{ user, folder string }{{"alice", "INBOX"}, {"alice", "Sent"}, {"bob", "INBOX"}} {
		s.imap(at.user).empty(at.folder)
	}
}

// house opens the data of the program in this process until the test is over. The
// account is its only one.
func (s *sogo) house() (*house, activesync.AccountID) {
	s.t.Helper()
	p, err := paths.In(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	k, err := new(app).askKeys(s.t.Context(), p)
	if err != nil {
		s.t.Fatal(err)
	}
	h, err := openHouse(p, houseOptions{keys: k})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { h.close() })
	accounts, err := h.agent.Accounts(s.t.Context())
	if err != nil || len(accounts) != 1 {
		s.t.Fatalf("%v, %v", accounts, err)
	}
	return h, accounts[0].ID
}

func TestSOGoFoldersEqualTheServers(t *testing.T) {
	s := newSOGo(t)
	im := s.imap("carol")
	for _, name := range []string{"Projects", "Projects/Harbour", "Projects/Harbour/Tender", "R&AOk-sum&AOk-s", "&bqKLZw-"} {
		im.create(name)
	}
	s.add("carol")
	var rows []folderRow
	s.json(&rows, "folders")
	got := map[activesync.Class][]string{}
	for _, r := range rows {
		got[r.Class] = append(got[r.Class], r.Path)
	}
	for class, want := range map[activesync.Class][]string{
		activesync.ClassEmail:    im.folders(),
		activesync.ClassCalendar: s.davCollections("carol", "Calendar", "vevent-collection"),
		activesync.ClassTasks:    s.davCollections("carol", "Calendar", "vtodo-collection"),
		activesync.ClassContacts: s.davCollections("carol", "Contacts", "vcard-collection"),
	} {
		slices.Sort(got[class])
		slices.Sort(want)
		if !slices.Equal(got[class], want) {
			t.Errorf("%s folders\n got %q\nwant %q", class, got[class], want)
		}
	}
}

func TestSOGoWrongPassword(t *testing.T) {
	s := newSOGo(t)
	cmd := s.command("wrong\n", "account", "add", "alice@"+s.domain, "--server", s.url, "--user", "alice", "--password-stdin")
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != exitAuth {
		t.Fatalf("exit %d, want %d: %s", cmd.ProcessState.ExitCode(), exitAuth, out)
	}
	if bytes.Contains(out, []byte("wrong")) {
		t.Errorf("the password is in the message: %s", out)
	}
}
