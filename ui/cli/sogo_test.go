package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/mail"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// sogo is a real ActiveSync server on loopback, started by .ci/sogo/up, and
// the built program with a data directory of its own.
type sogo struct {
	t        *testing.T
	bin, dir string
	url      string
	imapAddr string
	smtpAddr string
	dav      string
	password string
	domain   string
}

func newSOGo(t *testing.T) *sogo {
	t.Helper()
	s := &sogo{t: t, url: os.Getenv("SOGO_EAS_URL"), dir: t.TempDir(), bin: os.Getenv("SECUREMAIL_BIN"),
		imapAddr: os.Getenv("SOGO_EAS_IMAP"), smtpAddr: os.Getenv("SOGO_EAS_SMTP"), dav: os.Getenv("SOGO_EAS_DAV"), password: "secret", domain: "sogo.test"}
	if s.url == "" {
		t.Skip("SOGO_EAS_URL is not set: start SOGo with .ci/sogo/up")
	}
	if s.bin == "" {
		s.bin = filepath.Join(t.TempDir(), "securemail")
		build := exec.Command("go", "build", "-o", s.bin, ".")
		build.Dir = root(t)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, out)
		}
	}
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

func TestSOGoFoldersEqualTheServers(t *testing.T) {
	s := newSOGo(t)
	s.add("carol")
	var rows []folderRow
	s.json(&rows, "folders")
	var got, want []string
	for _, r := range rows {
		if r.Class == "Email" {
			got = append(got, r.Path)
		}
	}
	for _, name := range s.imap("carol").folders() {
		if name == "INBOX" {
			name = "Inbox"
		}
		want = append(want, name)
	}
	norm := func(list []string) []string {
		for i := range list {
			list[i] = strings.ToLower(list[i])
		}
		sort.Strings(list)
		return slices.Compact(list)
	}
	got, want = norm(got), norm(want)
	// SOGo calls three mailboxes by its own names.
	for i, name := range want {
		if n, ok := map[string]string{"trash": "trash", "junk": "junk"}[name]; ok {
			want[i] = n
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("folder %q of the server is not listed in %v", name, got)
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

// seedCount is how many real messages the mailbox gets.
const seedCount = 500

// doubtful are the marks, in the manifest of the corpus, of messages whose
// meaning two readers may see differently: what is broken, undeclared or
// signed. They have tests of their own.
var doubtful = []string{"raw-8bit", "mime-defects", "odd-", "rfc822-attached", "report", "dsn", "pgp", "smime", "tnef", "no-date", "control-chars",
	"nul-bytes", "mixed-eol", "leading-mbox", "line-over-998", "uuencode", "enriched", "digest", "message-partial", "binary", "related",
	"nested-3", "newline-in-encoded-word", "rfc2047-in-parameter", "itip", "calendar", "header-line-over", "arf", "mdn", "over-20-parts", "no-subject"}

// seeds reads real messages of the corpus, where it is present.
func seeds(t *testing.T) [][]byte {
	t.Helper()
	dir := filepath.Join(root(t), "..", "shared", "corpus")
	manifest, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Skip("the corpus of real mail is not present")
	}
	var out [][]byte
	for line := range strings.Lines(string(manifest)) {
		c := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(out) == seedCount || len(c) < 11 || c[1] != "eml" || c[2] != "real" ||
			slices.ContainsFunc(doubtful, func(mark string) bool { return strings.Contains(c[10], mark) }) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(c[0])))
		if err != nil {
			t.Fatal(err)
		}
		if seedable(b) {
			out = append(out, b)
		}
	}
	return out
}

// seedable keeps messages with one sender and a date that is a date.
func seedable(b []byte) bool {
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil || len(b) > 1<<20 {
		return false
	}
	date, err := m.Header.Date()
	if err != nil {
		return false
	}
	if _, offset := date.Zone(); offset < -12*3600 || offset > 14*3600 || date.Year() < 1990 {
		return false
	}
	from, err := m.Header.AddressList("From")
	return err == nil && len(from) == 1
}

func TestSOGoMailboxOfRealMessages(t *testing.T) {
	s := newSOGo(t)
	seed := seeds(t)
	im := s.imap("alice")
	im.empty("INBOX")
	for i, b := range seed {
		flags := "()"
		if i%3 == 0 {
			flags = `(\Seen)`
		}
		im.appendMail("INBOX", flags, b)
	}
	s.add("alice")
	s.run("", "sync", "--all")
	var rows []row
	s.json(&rows, "list")
	server := im.fetch("INBOX")
	if len(rows) != len(server) || len(server) != len(seed) {
		t.Fatalf("%d rows listed, %d messages on the server, %d stored", len(rows), len(server), len(seed))
	}
	pairs := pairUp(t, rows, server)
	bad := 0
	for _, p := range pairs {
		if p.row.ID == 0 {
			bad++
			t.Errorf("message %q of %v (UID %d) is not listed", p.want.Subject, p.want.From, p.imap.UID)
			continue
		}
		if p.row.Read != p.imap.Seen {
			t.Errorf("UID %d: read %v, want %v", p.imap.UID, p.row.Read, p.imap.Seen)
		}
		s.compareContent(p)
	}
	s.markAndMove(im, pairs)
}

type pair struct {
	row  row
	imap imapMessage
	want *message.Mail
}

// key names a message by what the list shows of it.
func key(subject, from, date string) string {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(message.Clean(s)), " ")) }
	return fold(subject) + "|" + fold(from) + "|" + date
}

func pairUp(t *testing.T, rows []row, server []imapMessage) []pair {
	t.Helper()
	byKey := map[string][]row{}
	for _, r := range rows {
		k := key(r.Subject, r.From.Address, r.Date)
		byKey[k] = append(byKey[k], r)
	}
	var out []pair
	for _, m := range server {
		want, err := message.Parse(bytes.NewReader(m.Raw))
		if err != nil {
			t.Fatalf("UID %d: %v", m.UID, err)
		}
		from := ""
		if len(want.From) > 0 {
			from = want.From[0].Address
		}
		k := key(want.Subject, from, jsonTime(want.Date))
		p := pair{imap: m, want: want}
		if list := byKey[k]; len(list) > 0 {
			p.row, byKey[k] = list[0], list[1:]
		}
		out = append(out, p)
	}
	for k, left := range byKey {
		for range left {
			t.Logf("listed but not expected: %s", k)
		}
	}
	return out
}

var blank = regexp.MustCompile(`\s+`)

// words is a text without white space and marks of quotes, which converting
// between plain text, flowed text and HTML does not keep.
func words(s string) string { return strings.ReplaceAll(blank.ReplaceAllString(s, ""), ">", "") }

// compareContent holds the text and the attachments of one message against
// its source.
func (s *sogo) compareContent(p pair) {
	s.t.Helper()
	var got shown
	s.json(&got, "show", p.row.ID.String())
	have, want := words(got.Text), words(p.want.PlainText())
	if p.want.HTML != "" { // the server may have given either form
		if html := words(message.PlainText(activesync.Body{Type: activesync.BodyHTML, Data: []byte(p.want.HTML)})); have == html {
			want = html
		}
	}
	// Of several texts SOGo gives the first as the body and the others as files.
	if have != want && (strings.Count(string(p.imap.Raw), "text/plain") < 2 || have == "" || !strings.HasPrefix(want, have)) {
		at := 0
		for at < min(len(have), len(want)) && have[at] == want[at] {
			at++
		}
		s.t.Errorf("UID %d %q: the text differs\n got …%.200q\nwant …%.200q", p.imap.UID, p.want.Subject, have[max(at-20, 0):], want[max(at-20, 0):])
	}
	for _, f := range p.want.Attachments {
		n := slices.IndexFunc(got.Attachments, func(a shownAttachment) bool { return a.Name == f.Name })
		if n < 0 {
			if !strings.HasPrefix(f.Name, "part-") { // a name that we made up
				s.t.Errorf("UID %d %q: the attachment %q is not listed in %+v", p.imap.UID, p.want.Subject, f.Name, got.Attachments)
			}
			continue
		}
		dir := s.t.TempDir()
		s.run("", "attachment", "save", p.row.ID.String(), fmt.Sprint(n+1), dir)
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) != 1 {
			s.t.Fatalf("UID %d: saved files %v, %v", p.imap.UID, files, err)
		}
		b, err := os.ReadFile(files[0])
		if err != nil {
			s.t.Fatal(err)
		}
		if norm := func(b []byte) string { return strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")) }; norm(b) != norm(f.Content) {
			s.t.Errorf("UID %d %q: the attachment %q has %d bytes, want %d", p.imap.UID, p.want.Subject, f.Name, len(b), len(f.Content))
		}
	}
}

// markAndMove marks one message and moves another, and looks by IMAP.
func (s *sogo) markAndMove(im *imapConn, pairs []pair) {
	s.t.Helper()
	var unread, other pair
	for _, p := range pairs {
		switch {
		case p.row.ID != 0 && !p.imap.Seen && unread.row.ID == 0:
			unread = p
		case p.row.ID != 0 && other.row.ID == 0:
			other = p
		}
	}
	s.run("", "mark", unread.row.ID.String(), "--read")
	s.run("", "move", other.row.ID.String(), "sent")
	seen, there := false, false
	for _, m := range im.fetch("INBOX") {
		seen = seen || m.UID == unread.imap.UID && m.Seen
		there = there || m.UID == other.imap.UID
	}
	if !seen {
		s.t.Error("the read mark is not seen by IMAP")
	}
	if there {
		s.t.Error("the moved message still lies in the Inbox")
	}
	moved := false
	for _, m := range im.fetch("Sent") {
		moved = moved || bytes.Equal(m.Raw, other.imap.Raw)
	}
	if !moved {
		s.t.Error("the moved message is not where it was moved to")
	}
}

func (s *sogo) inject(to, subject string) {
	s.t.Helper()
	body := fmt.Sprintf("From: Pat <pat@elsewhere.test>\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@elsewhere.test>\r\n\r\nHello.\r\n",
		to, subject, time.Now().Format(time.RFC1123Z), time.Now().UnixNano())
	if err := smtp.SendMail(s.smtpAddr, nil, "pat@elsewhere.test", []string{to}, []byte(body)); err != nil {
		s.t.Fatalf("SMTP: %v", err)
	}
}

func TestSOGoPushWithinTenSeconds(t *testing.T) {
	s := newSOGo(t)
	s.add("bob")
	s.run("", "sync", "--all")
	cmd := s.command("", "watch")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() }()
	events := make(chan map[string]any)
	go func() {
		defer close(events)
		for dec := json.NewDecoder(out); ; {
			var e map[string]any
			if dec.Decode(&e) != nil {
				return
			}
			events <- e
		}
	}()
	subject := fmt.Sprintf("push %d", time.Now().UnixNano())
	var sent time.Time
	limit := time.After(90 * time.Second)
	for {
		select {
		case e, ok := <-events:
			switch {
			case !ok:
				t.Fatal("watch ended")
			case e["event"] == "status" && e["phase"] == "live" && sent.IsZero():
				sent = time.Now()
				s.inject("bob@"+s.domain, subject)
			case e["event"] == "mail.new" && e["subject"] == subject:
				took := time.Since(sent)
				t.Logf("new mail after %v", took)
				if took > 10*time.Second {
					t.Errorf("new mail after %v, want within 10 s", took)
				}
				return
			}
		case <-limit:
			t.Fatal("no new mail was told")
		}
	}
}

func TestSOGoSend(t *testing.T) {
	s := newSOGo(t)
	s.add("alice")
	s.run("", "sync", "--all")
	subject := fmt.Sprintf("Grüße %d", time.Now().UnixNano())
	text := "Ein Text mit Umlauten: äöü, и кириллица, 漢字.\n"
	s.run("From: alice@sogo.test\nTo: bob@sogo.test\nSubject: =?utf-8?q?"+strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(subject, "ü", "=C3=BC"), "ß", "=C3=9F"), " ", "_")+
		"?=\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"+text, "send")
	s.run("", "sync", "--all")
	for _, at := range []struct{ user, folder string }{{"bob", "INBOX"}, {"alice", "Sent"}} {
		found := 0
		for _, m := range s.imap(at.user).fetch(at.folder) {
			got, err := message.Parse(bytes.NewReader(m.Raw))
			if err != nil {
				t.Fatal(err)
			}
			if got.Subject != subject {
				continue
			}
			found++
			if strings.TrimSpace(got.PlainText()) != strings.TrimSpace(text) {
				t.Errorf("%s of %s: text %q, want %q", at.folder, at.user, got.PlainText(), text)
			}
		}
		if found != 1 {
			t.Errorf("the message lies %d times in %s of %s, want once", found, at.folder, at.user)
		}
	}
	var rows []row
	s.json(&rows, "list", "sent")
	if !slices.ContainsFunc(rows, func(r row) bool { return r.Subject == subject }) {
		t.Error("the message is not listed in Sent")
	}
}

func (s *sogo) put(user, path, contentType, body string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPut, s.dav+"/"+user+"/"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(user, s.password)
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		s.t.Fatalf("PUT %s: %s", path, resp.Status)
	}
}

func TestSOGoContactsAndEventsEqual(t *testing.T) {
	s := newSOGo(t)
	var names, subjects []string
	for i := range 12 {
		name := fmt.Sprintf("Person%d Prüfung", i)
		names = append(names, name)
		s.put("carol", fmt.Sprintf("Contacts/personal/c%d.vcf", i), "text/vcard", fmt.Sprintf(
			"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c%d\r\nN:Prüfung;Person%d;;;\r\nFN:%s\r\nEMAIL;TYPE=work:p%d@example.test\r\nEND:VCARD\r\n", i, i, name, i))
		subject := fmt.Sprintf("Termin %d", i)
		subjects = append(subjects, subject)
		day := time.Now().UTC().AddDate(0, 0, 1).Format("20060102")
		s.put("carol", fmt.Sprintf("Calendar/personal/e%d.ics", i), "text/calendar", fmt.Sprintf(
			"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nBEGIN:VEVENT\r\nUID:e%d\r\nDTSTAMP:%sT000000Z\r\nDTSTART:%sT%02d0000Z\r\nDTEND:%sT%02d3000Z\r\nSUMMARY:%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			i, day, day, i+6, day, i+6, subject))
	}
	time.Sleep(1100 * time.Millisecond) // SOGo's keys count seconds: what is written in the second of a sync is missed
	s.add("carol")
	s.run("", "sync", "--all")
	var people []struct {
		Name   string
		Emails []string
	}
	s.json(&people, "contacts", "list")
	for i, name := range names {
		n := 0
		for _, p := range people {
			if p.Name == name && slices.Equal(p.Emails, []string{fmt.Sprintf("p%d@example.test", i)}) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("contact %q is listed %d times, want once (of %d)", name, n, len(people))
		}
	}
	var events []struct {
		Subject    string
		Start, End time.Time
	}
	s.json(&events, "calendar", "list")
	for i, subject := range subjects {
		n := 0
		for _, e := range events {
			if e.Subject == subject && e.Start.UTC().Hour() == i+6 && e.End.Sub(e.Start) == 30*time.Minute {
				n++
			}
		}
		if n != 1 {
			t.Errorf("event %q is listed %d times, want once (of %d)", subject, n, len(events))
		}
	}
}
