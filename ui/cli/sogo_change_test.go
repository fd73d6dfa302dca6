package cli

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"eas.example/securemail/activesync/message"
)

// plainMail is a small message with a subject to know it by.
func plainMail(subject string) []byte {
	return fmt.Appendf(nil, "From: Pat <pat@elsewhere.test>\r\nTo: bob@sogo.test\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@elsewhere.test>\r\n\r\nHello.\r\n",
		subject, time.Now().Format(time.RFC1123Z), time.Now().UnixNano())
}

func (s *sogo) inject(to, subject string) {
	s.t.Helper()
	if err := smtp.SendMail(s.smtpAddr, nil, "pat@elsewhere.test", []string{to}, plainMail(subject)); err != nil {
		s.t.Fatalf("SMTP: %v", err)
	}
}

// rows lists a folder by subject. No subject may be there twice.
func (s *sogo) rows(folder string) map[string]row {
	s.t.Helper()
	var list []row
	s.json(&list, "list", folder)
	out := map[string]row{}
	for _, r := range list {
		if _, twice := out[r.Subject]; twice {
			s.t.Errorf("%q is listed twice in %s", r.Subject, folder)
		}
		out[r.Subject] = r
	}
	return out
}

// messages are those of a folder by subject, as IMAP has them.
func (c *imapConn) messages(folder string) map[string]imapMessage {
	c.t.Helper()
	out := map[string]imapMessage{}
	for _, m := range c.fetch(folder) {
		subject := message.ParseBytes(m.Raw).Subject
		if _, twice := out[subject]; twice {
			c.t.Errorf("IMAP: %q lies twice in %s", subject, folder)
		}
		out[subject] = m
	}
	return out
}

func TestSOGoChangesAreSeenOverIMAP(t *testing.T) {
	s := newSOGo(t)
	im := s.imap("bob")
	im.create("Kept")
	for _, folder := range []string{"INBOX", "Trash", "Kept"} {
		im.empty(folder)
	}
	for _, subject := range []string{"read", "flagged", "done", "deleted", "moved", "left"} {
		im.appendMail("INBOX", "()", plainMail(subject))
	}
	im.appendMail("INBOX", `(\Seen \Flagged)`, plainMail("unread"))
	s.add("bob")
	s.run("", "sync", "--all")
	rows := s.rows("inbox")
	if len(rows) != 7 {
		t.Fatalf("%d messages listed, want 7", len(rows))
	}
	if r := rows["unread"]; !r.Read || !r.Flagged {
		t.Errorf("a message read and flagged over IMAP is listed as %+v", r)
	}
	id := func(subject string) string { return rows[subject].ID.String() }
	s.run("", "mark", id("read"), "--read")
	s.run("", "mark", id("unread"), "--unread")
	s.run("", "flag", id("unread"), "--clear")
	s.run("", "flag", id("flagged"))
	s.run("", "flag", id("done"), "--complete")
	s.run("", "delete", id("deleted"))
	s.run("", "move", id("moved"), "Kept")

	inbox, trash, kept := im.messages("INBOX"), im.messages("Trash"), im.messages("Kept")
	for subject, want := range map[string]struct{ seen, flagged bool }{
		"read": {seen: true}, "unread": {}, "flagged": {flagged: true}, "done": {}, "left": {},
	} {
		m, ok := inbox[subject]
		if !ok || m.Seen != want.seen || m.Flagged != want.flagged {
			t.Errorf("%s: in the Inbox %v, seen %v, flagged %v; want true, %v, %v", subject, ok, m.Seen, m.Flagged, want.seen, want.flagged)
		}
	}
	if _, ok := trash["deleted"]; !ok || len(inbox) != 5 {
		t.Errorf("the deleted message lies in Trash: %v; the Inbox holds %d, want 5", ok, len(inbox))
	}
	if _, ok := kept["moved"]; !ok {
		t.Error("the moved message does not lie where it was moved to")
	}
	s.run("", "sync", "--all") // nothing comes back or is there twice
	if got := s.rows("inbox"); len(got) != 5 {
		t.Errorf("%d messages listed after the changes, want 5: %v", len(got), got)
	}
	if got := s.rows("Kept"); got["moved"].Subject == "" || got["moved"].ID.String() != id("moved") {
		t.Errorf("the moved message is listed as %v, want it under its old id %s", got, id("moved"))
	}
	if got := s.rows("trash"); got["deleted"].Subject == "" {
		t.Errorf("the deleted message is not listed in Trash: %v", got)
	}

	im.do(`SELECT "INBOX"`)
	im.do(fmt.Sprintf(`UID STORE %d +FLAGS (\Seen)`, inbox["left"].UID))
	im.do(fmt.Sprintf(`UID STORE %d -FLAGS (\Seen)`, inbox["read"].UID))
	im.do(fmt.Sprintf(`UID MOVE %d "Kept"`, inbox["flagged"].UID))
	im.do(fmt.Sprintf(`UID STORE %d +FLAGS (\Deleted)`, inbox["done"].UID))
	im.do("EXPUNGE")
	s.run("", "sync", "--all")
	got := s.rows("inbox")
	if len(got) != 3 || !got["left"].Read || got["read"].Read || got["left"].ID.String() != id("left") {
		t.Errorf("after changes over IMAP the Inbox is listed as %v", got)
	}
	if got := s.rows("Kept"); got["flagged"].Subject == "" || !got["flagged"].Flagged {
		t.Errorf("a message moved over IMAP is listed as %v", got)
	}
}

// watching is a `securemail watch` and what it says.
type watching struct {
	events <-chan map[string]any
	stop   func() // ends it; does no harm again
}

// watch starts it and waits until it is live. It ends with the test.
func (s *sogo) watch() *watching {
	s.t.Helper()
	cmd := s.command("", "watch")
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	events := make(chan map[string]any, 1000)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(events)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var e map[string]any
			if json.Unmarshal(lines.Bytes(), &e) == nil {
				events <- e
			}
		}
	}()
	w := &watching{events: events, stop: sync.OnceFunc(func() {
		cmd.Process.Signal(os.Interrupt)
		<-ended
		cmd.Wait()
	})}
	s.t.Cleanup(w.stop)
	w.until(s.t, "live", func(e map[string]any) bool { return e["event"] == "status" && e["phase"] == "live" })
	return w
}

// until reads events until one is the right one.
func (w *watching) until(t *testing.T, what string, right func(map[string]any) bool) {
	t.Helper()
	limit := time.After(90 * time.Second)
	for {
		select {
		case e, ok := <-w.events:
			if !ok {
				t.Fatalf("watch ended before %s", what)
			}
			if right(e) {
				return
			}
		case <-limit:
			t.Fatalf("watch did not say %s", what)
		}
	}
}

// arrival lets mail arrive and says how long it took to be told.
func (s *sogo) arrival(w *watching, user, subject string) time.Duration {
	s.t.Helper()
	sent := time.Now()
	s.inject(user+"@"+s.domain, subject)
	w.until(s.t, "new mail", func(e map[string]any) bool { return e["event"] == "mail.new" && e["subject"] == subject })
	return time.Since(sent)
}

func TestSOGoPushWithinTenSeconds(t *testing.T) {
	s := newSOGo(t)
	s.add("bob")
	s.run("", "sync", "--all")
	w := s.watch()
	for i := range 3 {
		took := s.arrival(w, "bob", fmt.Sprintf("push %d %d", i, time.Now().UnixNano()))
		t.Logf("new mail after %v", took)
		if took > 10*time.Second {
			t.Errorf("new mail after %v, want within 10 s", took)
		}
	}
}

// requests counts what the front of SOGo was asked for a user so far.
func (s *sogo) requests(user string) int {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.state, "log", "nginx.access.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	return bytes.Count(b, []byte(" - "+user+" ["))
}

// SOGo cannot write U+FFFE into its XML: it answers each Sync of a folder with
// such a message with nothing, and each Ping at once with news.
func TestSOGoPoisonMessageDoesNotLoop(t *testing.T) {
	s := newSOGo(t)
	im := s.imap("bob")
	im.create("Poison")
	im.empty("Poison")
	im.empty("INBOX")
	t.Cleanup(func() { im.empty("Poison") })
	im.appendMail("INBOX", "()", plainMail("in the Inbox"))
	im.appendMail("Poison", "()", plainMail("before"))
	s.add("bob")
	s.run("", "folders", "set", "Poison", "--auto-refresh", "on", "--check", "push")
	s.run("", "sync", "--all")
	im.appendMail("Poison", "()", bytes.Replace(plainMail("poison"), []byte("\r\n\r\nHello"),
		[]byte("\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nHello \uFFFE"), 1))
	s.run("", "sync", "--all")
	if got := s.rows("Poison"); got["before"].Subject == "" {
		t.Errorf("the empty answer removed what was there: %v", got)
	}

	w := s.watch()
	began, before := time.Now(), s.requests("bob")
	for i := range 3 { // the other folders go on
		took := s.arrival(w, "bob", fmt.Sprintf("beside poison %d %d", i, time.Now().UnixNano()))
		t.Logf("new mail after %v", took)
		if took > 10*time.Second {
			t.Errorf("new mail beside the poison after %v, want within 10 s", took)
		}
	}
	time.Sleep(max(0, 20*time.Second-time.Since(began)))
	asked := s.requests("bob") - before
	t.Logf("%d requests in %v", asked, time.Since(began).Round(time.Second))
	if asked > 40 {
		t.Errorf("%d requests in %v: the program loops", asked, time.Since(began).Round(time.Second))
	}
	w.stop()
	var folders []folderRow
	s.json(&folders, "folders")
	if i := slices.IndexFunc(folders, func(f folderRow) bool { return f.Name == "Poison" }); i < 0 || !strings.Contains(folders[i].Problem, "gives none") {
		t.Errorf("folders %+v; want the problem of Poison", folders)
	}
}

// allBytes is a file with every byte in it.
func allBytes() []byte {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func TestSOGoSend(t *testing.T) {
	s := newSOGo(t)
	s.imap("bob").empty("INBOX")
	s.imap("alice").empty("Sent")
	s.add("alice")
	s.run("", "sync", "--all")
	subject := "Grüße aus dem Test"
	text := "Ein Text mit Umlauten: äöü, и кириллица, 漢字.\n.\nFrom here on.\n"
	s.run(`From: alice@sogo.test
To: bob@sogo.test
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus_dem_Test?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

`+text+`
--b
Content-Type: application/octet-stream; name="all bytes.bin"
Content-Disposition: attachment; filename="all bytes.bin"
Content-Transfer-Encoding: base64

`+base64.StdEncoding.EncodeToString(allBytes())+`
--b--
`, "send")
	s.run("", "sync", "--all")
	for _, at := range []struct{ user, folder string }{{"bob", "INBOX"}, {"alice", "Sent"}} {
		m, ok := s.imap(at.user).messages(at.folder)[subject]
		if !ok {
			t.Errorf("the message does not lie in %s of %s", at.folder, at.user)
			continue
		}
		got := message.ParseBytes(m.Raw)
		if strings.TrimSpace(got.PlainText()) != strings.TrimSpace(text) {
			t.Errorf("%s of %s: text %q, want %q", at.folder, at.user, got.PlainText(), text)
		}
		if len(got.Attachments) != 1 || got.Attachments[0].Name != "all bytes.bin" || !bytes.Equal(got.Attachments[0].Content, allBytes()) {
			t.Errorf("%s of %s: attachments %+v", at.folder, at.user, got.Attachments)
		}
	}
	var rows []row
	s.json(&rows, "list", "sent")
	if !slices.ContainsFunc(rows, func(r row) bool { return r.Subject == subject && r.HasAttachments }) {
		t.Errorf("the message is not listed in Sent: %v", rows)
	}
}

func TestSOGoRefusedRecipient(t *testing.T) {
	s := newSOGo(t)
	im := s.imap("alice")
	im.empty("Sent")
	s.add("alice")
	cmd := s.command("From: alice@sogo.test\nTo: reject@elsewhere.test\nSubject: nobody gets this\n\nHello.\n", "send")
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); err == nil || code != exitFailed || !bytes.Contains(out, []byte("not sent")) {
		t.Errorf("exit %d: %s; want %d and that it was not sent", code, out, exitFailed)
	}
	if _, ok := im.messages("Sent")["nobody gets this"]; ok {
		t.Error("a message that was not sent lies in Sent")
	}
}
