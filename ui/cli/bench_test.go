package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store"
	"eas.example/securemail/store/config"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// The benchmarks of this package measure the built program as a process of its
// own; .ci/bench runs them and makes a table of what they report.

const (
	syncedMessages = 20_000
	listedMessages = 100_000
)

// writing is the n-th message of a mailbox: some kilobytes, every second one
// HTML.
func writing(n int, date time.Time) []byte {
	var text bytes.Buffer
	for i := range 10 + n%40 {
		fmt.Fprintf(&text, "Line %d of message %d says what has to be said about the figures of row %d.\r\n", i, n, i*n%97)
	}
	head := fmt.Sprintf("From: Person %d <person%d@example.test>\r\nTo: alice@example.test\r\nSubject: Budget, table %d\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\nMIME-Version: 1.0\r\n",
		n%300, n%300, n, date.Format(time.RFC1123Z), n)
	if n%2 == 0 {
		return fmt.Appendf(nil, "%sContent-Type: text/plain; charset=utf-8\r\n\r\n%s", head, text.Bytes())
	}
	return fmt.Appendf(nil, "%sContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>%s</p></body></html>", head,
		bytes.ReplaceAll(text.Bytes(), []byte("\r\n"), []byte("<br>\r\n")))
}

// peak is what a process used, looked at while it ran.
type peak struct{ rss, anon int } // kilobytes

// watchMemory looks at a process until it ends. What it used most altogether
// the system remembers; of what it had made itself the largest seen is taken.
func watchMemory(pid int, ended <-chan struct{}) (p peak) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(status)) {
			f := strings.Fields(line)
			if len(f) < 2 {
				continue
			}
			n, _ := strconv.Atoi(f[1])
			switch f[0] {
			case "VmHWM:":
				p.rss = max(p.rss, n)
			case "RssAnon:":
				p.anon = max(p.anon, n)
			}
		}
		select {
		case <-ended:
			return p
		case <-tick.C:
		}
	}
}

// BenchmarkFirstSync is the first sync of 20,000 messages, 40 of them a day,
// over HTTP on loopback. The server is in the process of the benchmark and
// takes its part of the time, which is reported too.
func BenchmarkFirstSync(b *testing.B) {
	var serving time.Duration
	srv := server.New(server.Config{})
	box := srv.AddUser("alice", "wonderland", "alice@example.test")
	now := time.Now()
	for n := range syncedMessages {
		date := now.Add(-time.Duration(n) * 24 * time.Hour / 40)
		if _, err := box.DeliverDated("Inbox", func() []byte { return writing(n, date) }, date, n%3 > 0); err != nil {
			b.Fatal(err)
		}
	}
	hs := httptest.NewServer(srv)
	defer hs.Close()
	bin := build(b)
	var wall, cpu time.Duration
	var most peak
	var sum synced
	for b.Loop() {
		dir := b.TempDir()
		add := exec.Command(bin, "--data", dir, "account", "add", "alice@example.test", "--server", hs.URL, "--user", "alice", "--password-stdin")
		add.Stdin = strings.NewReader("wonderland\n")
		add.Env = append(os.Environ(), "SECUREMAIL_NO_AGENT=1")
		if out, err := add.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		sync := exec.Command(bin, "--data", dir, "sync", "--all", "--json")
		sync.Env = add.Env
		var out bytes.Buffer
		sync.Stdout, sync.Stderr = &out, os.Stderr
		before := ownCPU()
		began := time.Now()
		if err := sync.Start(); err != nil {
			b.Fatal(err)
		}
		ended, watched := make(chan struct{}), make(chan peak)
		go func() { watched <- watchMemory(sync.Process.Pid, ended) }()
		err := sync.Wait()
		wall += time.Since(began)
		serving += ownCPU() - before
		close(ended)
		p := <-watched
		if err != nil {
			b.Fatal(err)
		}
		cpu += sync.ProcessState.UserTime() + sync.ProcessState.SystemTime()
		most = peak{max(most.rss, p.rss), max(most.anon, p.anon)}
		var sums []synced
		if err := json.Unmarshal(out.Bytes(), &sums); err != nil || len(sums) != 1 || sums[0].Added != syncedMessages {
			b.Fatalf("%s, %v", out.String(), err)
		}
		sum = sums[0]
	}
	n := float64(b.N)
	b.ReportMetric(syncedMessages*n/wall.Seconds(), "messages/s")
	b.ReportMetric(syncedMessages*n/cpu.Seconds(), "messages/client-CPU-s")
	b.ReportMetric(syncedMessages*n/serving.Seconds(), "messages/server-CPU-s")
	b.ReportMetric(float64(most.rss)/1024, "VmHWM-MiB")
	b.ReportMetric(float64(most.anon)/1024, "RssAnon-MiB")
	b.ReportMetric(float64(sum.Requests), "requests")
	b.ReportMetric(float64(sum.Bytes)/1024, "KiB-on-the-wire")
	b.ReportMetric(0, "ns/op")
}

// large is a data directory whose Inbox holds 100,000 messages. Its server
// cannot be reached: what is measured waits for none.
func large(b *testing.B) (dir string) {
	b.Helper()
	dir = b.TempDir()
	p, err := paths.In(dir)
	must(b, err)
	for _, file := range []string{p.Config, p.Store, p.KeyFile, p.Secrets} {
		must(b, os.MkdirAll(filepath.Dir(file), 0o700))
	}
	acc := activesync.Account{ID: "alice", Name: "alice", Email: "alice@example.test", Server: "http://127.0.0.1:9/Microsoft-Server-ActiveSync", User: "alice", Auth: "basic"}
	must(b, config.Save(p.Config, config.Config{Accounts: []activesync.Account{acc}}))
	key, err := secret.KeyFile{Path: p.KeyFile}.Make(b.Context(), false)
	must(b, err)
	passwords, err := secret.NewPasswords(p.Secrets, key)
	must(b, err)
	must(b, passwords.Set(acc.ID, "wonderland"))
	s, err := store.Open(p.Store, store.Options{Key: key.Derive("store")})
	must(b, err)
	defer func() { must(b, s.Close()) }()
	must(b, s.ApplyFolders(b.Context(), acc.ID, activesync.KeyNone, "1", []activesync.FolderChange{
		{Kind: activesync.Added, ServerID: "1", Parent: "0", Name: "Inbox", Type: activesync.FolderInbox},
		{Kind: activesync.Added, ServerID: "2", Parent: "0", Name: "Deleted Items", Type: activesync.FolderDeleted},
	}))
	folders, err := s.Folders(b.Context(), acc.ID)
	must(b, err)
	const batch = 5000
	now := time.Now().Truncate(time.Second)
	for from := 0; from < listedMessages; from += batch {
		items := make([]activesync.ItemChange, batch)
		for i := range items {
			items[i] = activesync.ItemChange{Kind: activesync.Added, ServerID: activesync.ServerID(fmt.Sprint("1:", from+i)), Message: listedMessage(from+i, now)}
		}
		_, err := s.Apply(b.Context(), activesync.Batch{Folder: folders[0].ID, From: syncKey(from / batch), To: syncKey(from/batch + 1), Items: items, InStep: from+batch == listedMessages})
		must(b, err)
	}
	return dir
}

func syncKey(n int) activesync.SyncKey { return activesync.SyncKey(strconv.Itoa(n)) }

func listedMessage(n int, now time.Time) *activesync.MessagePatch {
	p := &activesync.MessagePatch{Fields: activesync.HasFrom | activesync.HasTo | activesync.HasSubject | activesync.HasDate | activesync.HasRead | activesync.HasBody | activesync.HasPreview}
	p.From = activesync.Address{Name: fmt.Sprint("Person ", n%300), Address: fmt.Sprintf("person%d@example.test", n%300)}
	p.To = []activesync.Address{{Address: "alice@example.test"}}
	p.Subject, p.Preview = fmt.Sprint("Budget, table ", n), "Thanks, the new figures are in the attached sheet. Could you look at row 12 before Tuesday?"
	p.Date, p.Read = now.Add(time.Duration(n-listedMessages)*10*time.Minute), n%3 > 0
	p.Body = activesync.Body{Type: activesync.BodyPlain, Data: []byte(strings.Repeat(p.Preview+"\r\n", 10))}
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkList is a process that opens the mailbox of 100,000 messages, prints
// its newest 60 and ends.
func BenchmarkList(b *testing.B) {
	bin, dir := build(b), large(b)
	for b.Loop() {
		list := exec.Command(bin, "--data", dir, "list", "--limit", "60", "--json")
		list.Env = append(os.Environ(), "SECUREMAIL_NO_AGENT=1")
		out, err := list.Output()
		var rows []row
		if jerr := json.Unmarshal(out, &rows); err != nil || jerr != nil || len(rows) != 60 {
			b.Fatalf("%d rows, %v, %v", len(rows), err, jerr)
		}
	}
}
