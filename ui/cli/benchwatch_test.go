package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync/server"
)

// BenchmarkNewMailToWatch is the time from the arrival of a message at the
// embedded server, which is in the process of the benchmark, to its event in
// `watch`: the end of a Ping, a Sync, the commit and the line.
func BenchmarkNewMailToWatch(b *testing.B) {
	srv := server.New(server.Config{})
	box := srv.AddUser("alice", "wonderland", "alice@example.test")
	hs := httptest.NewServer(srv)
	defer hs.Close()
	bin, dir := build(b), b.TempDir()
	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command(bin, append([]string{"--data", dir}, args...)...)
		cmd.Env = append(os.Environ(), noAgent+"=1")
		return cmd
	}
	add := command("account", "add", "alice@example.test", "--server", hs.URL, "--user", "alice", "--password-stdin")
	add.Stdin = strings.NewReader("wonderland\n")
	if out, err := add.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	watch := command("watch")
	out, err := watch.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		watch.Process.Signal(os.Interrupt)
		watch.Wait()
	}()
	lines := bufio.NewScanner(out)
	until := func(right func(map[string]any) bool) {
		for lines.Scan() {
			var e map[string]any
			if json.Unmarshal(lines.Bytes(), &e) == nil && right(e) {
				return
			}
		}
		b.Fatal("watch ended")
	}
	live := func(e map[string]any) bool { return e["event"] == "status" && e["phase"] == "live" }
	until(live)
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		time.Sleep(200 * time.Millisecond) // the Ping is on its way again
		began := time.Now()
		subject := fmt.Sprintf("fresh %d", n)
		if _, err := box.Deliver("Inbox", server.Mail(plainMail(subject)), false); err != nil {
			b.Fatal(err)
		}
		until(func(e map[string]any) bool { return e["event"] == "mail.new" && e["subject"] == subject })
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*9/10].Microseconds())/1000, "ms-90%")
}
