package cli

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// whatIsSetAside: what the server refuses is listed with the reason, written into
// a file, tried again and given up.
func whatIsSetAside(t *testing.T, p *program) {
	m := newMailServer(t)
	p.add(m)
	if out := p.want(0, nil, "", "problems").out; out != "Nothing is set aside.\n" {
		t.Errorf("at first problems says %q", out)
	}
	m.setFault(func(r *server.Request) *server.Fault {
		if r.Command == "SendMail" {
			return &server.Fault{Status: 400}
		}
		return nil
	})
	list := func() (rows []problemRow) {
		t.Helper()
		if err := json.Unmarshal([]byte(p.want(0, nil, "", "problems", "--json").out), &rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	var kept struct{ ID string }
	if err := json.Unmarshal([]byte(p.run("To: bob@example.test\nSubject: too much\n\nA text.\n", "send", "--at", "in 2 hours", "--json").out), &kept); err != nil {
		t.Fatal(err)
	}
	p.run("", "outbox", "retry", kept.ID)
	rows := list()
	if len(rows) != 1 || rows[0].Kind != "refused" || !strings.Contains(rows[0].What, "too much") || rows[0].Reason == "" {
		t.Fatalf("set aside: %+v", rows)
	}
	id, dir := rows[0].ID.String(), t.TempDir()
	p.wrap = func(c *exec.Cmd) { c.Dir = dir }
	name := strings.TrimSpace(p.want(0, nil, "", "problems", "export", id).out)
	if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(b), "Subject: too much") || !strings.Contains(string(b), "A text.") {
		t.Errorf("exported %q, %v", b, err)
	}
	p.want(exitFailed, []string{"refuses"}, "", "problems", "retry", id)
	if rows = list(); len(rows) != 1 {
		t.Errorf("after a retry that is refused too: %+v", rows)
	}
	m.setFault(nil)
	p.want(0, nil, "", "problems", "retry", id)
	if rows = list(); len(rows) != 0 {
		t.Errorf("after a retry: %+v", rows)
	}
	if sent, err := m.box.Items("Sent Items"); err != nil || len(sent) != 1 {
		t.Errorf("%d messages were sent, %v", len(sent), err)
	}
	p.want(exitFailed, []string{"nothing is set aside"}, "", "problems", "discard", id)
}

// A message that cannot be read is among what is set aside.
func TestUnreadableMessagesAreListed(t *testing.T) {
	r := newContactsRun(t)
	srv := server.New(server.Config{Personality: server.Personality{Name: "muddled", Muddles: true}})
	box := srv.AddUser("bob", "builder", "bob@example.test")
	hs := httptest.NewServer(srv)
	t.Cleanup(hs.Close)
	if _, err := box.Deliver("Inbox", server.Mail([]byte("From: ana@example.test\r\nSubject: muddled\r\n\r\nText\r\n")), false); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := r.run("builder\n", "account", "add", "bob@example.test", "--server", hs.URL+"/Microsoft-Server-ActiveSync", "--user", "bob", "--password-stdin", "--name", "bob"); code != 0 {
		t.Fatal(errs)
	}
	r.must("--account", "bob", "sync", "--all")
	var rows []problemRow
	if err := json.Unmarshal([]byte(r.must("--account", "bob", "problems", "--json")), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].Kind != "unreadable" || rows[0].Message == 0 || rows[0].What != "a message in Inbox" {
		t.Errorf("set aside: %+v", rows)
	}
}

// The person's side of an event that was changed on both sides is written into a
// calendar file.
func TestTheOwnSideOfAnEventIsExportedByCommand(t *testing.T) {
	r := newContactsRun(t)
	start := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Hour)
	audit := activesync.Event{UID: "audit@example.test", Subject: "Audit", Location: "Room 4", Start: start, End: start.Add(time.Hour)}
	id, err := r.box.AddEvent("Calendar", audit)
	if err != nil {
		t.Fatal(err)
	}
	r.must("sync", "--all")
	var listed []struct{ ID string }
	if err := json.Unmarshal([]byte(r.must("calendar", "list", "--json")), &listed); err != nil || len(listed) != 1 {
		t.Fatalf("%v, %v", listed, err)
	}
	audit.Location = "Quay 4"
	if err := r.box.SetEvent(id, audit); err != nil {
		t.Fatal(err)
	}
	r.run("", "calendar", "edit", listed[0].ID, "--place", "Room 5")
	var rows []problemRow
	if err := json.Unmarshal([]byte(r.must("problems", "--json")), &rows); err != nil || len(rows) != 1 || rows[0].Kind != "refused" {
		t.Fatalf("set aside: %+v, %v", rows, err)
	}
	t.Chdir(t.TempDir())
	if b, err := os.ReadFile(strings.TrimSpace(r.must("problems", "export", rows[0].ID.String()))); err != nil || !strings.Contains(string(b), "LOCATION:Room 5\r\n") {
		t.Errorf("exported %q, %v", b, err)
	}
	r.must("problems", "retry", rows[0].ID.String()) // the person's side in place of the server's
	if items, err := r.box.Items("Calendar"); err != nil || len(items) != 1 || items[0].Event.Location != "Room 5" {
		t.Errorf("on the server is %+v, %v", items, err)
	}
}
