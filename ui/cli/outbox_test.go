package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const piped = "To: bob@example.test\nSubject: %s\n\nText.\n"

// theOutboxByHand is what waits, on the command line.
func theOutboxByHand(t *testing.T, p *agentProgram) {
	p.add()
	p.must("sync")
	queue := func(subject string) (id string) {
		t.Helper()
		code, out, errs := p.run(strings.ReplaceAll(piped, "%s", subject), "--json", "send", "--at", "in 2 hours")
		var r struct{ ID, State string }
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r.State != "queued" {
			t.Fatalf("send --at: exit %d, %s%s", code, out, errs)
		}
		return r.ID
	}
	list := func() (rows []outboxRow) {
		t.Helper()
		if err := json.Unmarshal([]byte(p.must("--json", "outbox", "list")), &rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	first, second, third := queue("first"), queue("second"), queue("third")
	rows := list()
	if len(rows) != 3 || rows[0].State != "held" || rows[0].Subject != "first" || rows[0].To[0].Address != "bob@example.test" || time.Until(rows[0].Due) < time.Hour {
		t.Fatalf("the outbox lists %+v", rows)
	}
	if out := p.must("outbox", "show", first); !strings.Contains(out, "Subject:  first\n") || !strings.Contains(out, "State:    held\n") {
		t.Errorf("outbox show printed %q", out)
	}
	p.must("outbox", "edit", first, "--at", "in 3 days")
	if rows = list(); time.Until(rows[0].Due) < 50*time.Hour {
		t.Errorf("after edit --at it goes out %v", rows[0].Due)
	}
	if out := p.must("outbox", "retry", first); !strings.Contains(out, "sent") {
		t.Errorf("outbox retry printed %q", out)
	}
	p.must("outbox", "cancel", second)
	if out := p.must("outbox", "edit", third); !strings.Contains(out, "draft") || len(list()) != 0 {
		t.Errorf("outbox edit printed %q; the outbox has %+v", out, list())
	}
	items, err := p.box.Items("Sent Items")
	if err != nil || len(items) != 1 || !strings.Contains(string(items[0].MIME), "Subject: first") {
		t.Errorf("%d messages were sent, %v", len(items), err)
	}
	for _, c := range []struct {
		code int
		args []string
	}{{exitFailed, []string{"outbox", "cancel", second}}, {exitUsage, []string{"outbox", "show", "?"}}, {exitUsage, []string{"outbox", "edit", "3", "--at", "soon"}},
		{exitUsage, []string{"outbox"}}, {exitUsage, []string{"send", "--at", "2001-01-01 10:00"}}} {
		if code, out, errs := p.run("x", c.args...); code != c.code || out != "" || errs == "" {
			t.Errorf("%v: exit %d, want %d; %q %q", c.args, code, c.code, out, errs)
		}
	}
}

// anAttachmentIsOpened hands a copy to the system's program, and what can do harm
// only when told to.
func anAttachmentIsOpened(t *testing.T, p *agentProgram) {
	tools := t.TempDir()
	opened := filepath.Join(tools, "opened")
	if err := os.WriteFile(filepath.Join(tools, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" >>"+opened+".part && mv "+opened+".part "+opened+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "PATH="+tools+":"+os.Getenv("PATH"))
	p.add()
	mail := "To: alice@example.test\nSubject: files\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nHere.\n" +
		"--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=notes.txt\n\nnoted\n" +
		"--x\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=run.exe\n\nMZ\n--x--\n"
	if code, _, errs := p.run(mail, "send"); code != 0 {
		t.Fatal(errs)
	}
	p.must("sync")
	var rows []row
	if err := json.Unmarshal([]byte(p.must("--json", "list")), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	id := rows[0].ID.String()
	path := strings.TrimSpace(p.must("attachment", "open", id, "1"))
	if b, err := os.ReadFile(path); err != nil || strings.TrimSpace(string(b)) != "noted" {
		t.Errorf("the copy at %s holds %q, %v", path, b, err)
	}
	t.Cleanup(func() { os.RemoveAll(filepath.Dir(path)) })
	got := ""
	for range 3000 {
		if b, err := os.ReadFile(opened); err == nil {
			got = strings.TrimSpace(string(b))
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !strings.HasSuffix(got, path) {
		t.Errorf("the system was given %q, want %s", got, path)
	}
	if code, out, errs := p.run("", "attachment", "open", id, "2"); code != exitFailed || out != "" || !strings.Contains(errs, "--anyway") {
		t.Errorf("a program was opened: exit %d, %q %q", code, out, errs)
	}
	if code, _, _ := p.run("", "attachment", "open", id, "9"); code != exitFailed {
		t.Errorf("attachment 9: exit %d", code)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "policy.toml"), []byte("open_in = \"off\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := p.run("", "attachment", "open", id, "1"); code != exitPolicy || out != "" || !strings.Contains(errs, "open_in") {
		t.Errorf("forbidden: exit %d, %q %q", code, out, errs)
	}
}
