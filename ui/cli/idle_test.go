//go:build linux

package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// idleTime is the variable of the environment that says how long an idle agent
// is measured.
const idleTime = "SECUREMAIL_IDLE"

// idleCost is what an idle agent with a persistent connection used in a time.
type idleCost struct {
	took     time.Duration
	cpu      time.Duration
	switches int // voluntary, of all threads
	anon     int // kilobytes of its own, at the end
	requests int64
}

// figures of a process, as the kernel counts them (proc(5)).
func (c *idleCost) read(t testing.TB, pid int) {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	must(t, err)
	f := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	ticks := 0
	for _, s := range f[11:13] { // utime and stime, 100 a second
		n, err := strconv.Atoi(s)
		must(t, err)
		ticks += n
	}
	c.cpu = time.Duration(ticks) * 10 * time.Millisecond
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	must(t, err)
	c.switches = 0
	for _, path := range tasks {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		for line := range strings.Lines(string(b)) {
			name, value, _ := strings.Cut(line, ":")
			n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			switch name {
			case "voluntary_ctxt_switches":
				c.switches += n
			case "RssAnon":
				c.anon = n
			}
		}
	}
}

// measureIdle has an agent bring a mailbox of 100,000 messages in step and
// measures it while nothing happens.
func measureIdle(t testing.TB, d time.Duration) idleCost {
	t.Helper()
	srv := server.New(server.Config{})
	box := srv.AddUser("alice", "wonderland", "alice@example.test")
	var requests atomic.Int64
	now := time.Now()
	list := make([]server.Delivery, 0, listedMessages)
	for n := range listedMessages {
		date := now.Add(-time.Duration(n) * 10 * time.Minute)
		list = append(list, server.Delivery{Source: func() []byte {
			return fmt.Appendf(nil, "From: Person %d <person%d@example.test>\r\nTo: alice@example.test\r\nSubject: Budget, table %d\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\n\r\nThe figures are in.\r\n",
				n%300, n%300, n, date.Format(time.RFC1123Z), n)
		}, Date: date, Read: n%3 > 0})
	}
	must(t, box.PutAll("Inbox", list))
	hs := httptest.NewServer(counted(srv, &requests))
	t.Cleanup(hs.Close)
	bin, dir := build(t), filepath.Join(t.TempDir(), "data")
	run := func(stdin string, args ...string) string {
		t.Helper()
		cmd := exec.Command(bin, append([]string{"--data", dir}, args...)...)
		cmd.Stdin = strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("securemail %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	t.Cleanup(func() { run("", "agent", "stop") })
	run("wonderland\n", "account", "add", "alice@example.test", "--server", hs.URL, "--user", "alice", "--password-stdin")
	run("", "sync")
	pid := agentPID(t, run("", "agent", "status", "--json"))
	settled(t, pid, &requests)
	var before, after idleCost
	before.read(t, pid)
	asked := requests.Load()
	began := time.Now()
	time.Sleep(d)
	after.read(t, pid)
	return idleCost{took: time.Since(began), cpu: after.cpu - before.cpu, switches: after.switches - before.switches, anon: after.anon, requests: requests.Load() - asked}
}

// atRest is for how many seconds nothing happens before the agent counts as
// idle: longer than it takes it to give memory back.
const atRest = int(restEvery/time.Second) + 10

// settled waits until the agent has done all that follows a first sync: bodies
// of recent mail, and the memory that it gives back.
func settled(t testing.TB, pid int, requests *atomic.Int64) {
	t.Helper()
	quiet := 0
	last := idleCost{requests: -1}
	for range 600 {
		var now idleCost
		now.read(t, pid)
		now.requests = requests.Load()
		if now.requests == last.requests && now.cpu-last.cpu <= 10*time.Millisecond {
			if quiet++; quiet == atRest {
				return
			}
		} else {
			quiet = 0
		}
		last = now
		time.Sleep(time.Second)
	}
	t.Fatal("the agent does not come to rest")
}

// TestIdleCost measures for as long as SECUREMAIL_IDLE says, such as 1m.
func TestIdleCost(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv(idleTime))
	if err != nil {
		t.Skip(idleTime + " is not set")
	}
	c := measureIdle(t, d)
	t.Logf("in %v: CPU %v (%.4f %%), %.2f voluntary switches a second, RssAnon %.1f MiB, %d requests", c.took.Round(time.Second), c.cpu,
		100*c.cpu.Seconds()/c.took.Seconds(), float64(c.switches)/c.took.Seconds(), float64(c.anon)/1024, c.requests)
	if c.cpu.Seconds() > 0.001*c.took.Seconds() {
		t.Errorf("CPU time %v of %v", c.cpu, c.took)
	}
	if float64(c.switches) >= c.took.Seconds() {
		t.Errorf("%d voluntary context switches in %v", c.switches, c.took)
	}
	if c.anon >= 40*1024 {
		t.Errorf("RssAnon %d kB", c.anon)
	}
	// The first heartbeat is 8 minutes; a Ping may end just when it begins.
	if most := int64(c.took/(8*time.Minute)) + 1; c.requests > most {
		t.Errorf("%d requests, want at most %d", c.requests, most)
	}
}

// BenchmarkIdle is an idle agent with a persistent connection and 100,000
// messages in its store.
func BenchmarkIdle(b *testing.B) {
	d, err := time.ParseDuration(os.Getenv(idleTime))
	if err != nil {
		d = 10 * time.Minute
	}
	c := measureIdle(b, d)
	b.ReportMetric(c.took.Minutes(), "minutes")
	b.ReportMetric(100*c.cpu.Seconds()/c.took.Seconds(), "%-CPU")
	b.ReportMetric(float64(c.switches)/c.took.Seconds(), "voluntary-switches/s")
	b.ReportMetric(float64(c.anon)/1024, "RssAnon-MiB")
	b.ReportMetric(float64(c.requests), "requests")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkStatus is what a status bar runs: securemail status --format, with
// an agent that runs, over a mailbox of 100,000 messages.
func BenchmarkStatus(b *testing.B) {
	bin, dir := build(b), large(b)
	start := exec.Command(bin, "--data", dir, "agent", "start")
	if out, err := start.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	defer endAgent(b, dir)
	var times, cpu []time.Duration
	for b.Loop() {
		time.Sleep(300 * time.Millisecond) // a bar asks now and then
		status := exec.Command(bin, "--data", dir, "status", "--format", "{unread}")
		began := time.Now()
		if out, err := status.Output(); err != nil || len(out) < 2 {
			b.Fatalf("%q, %v", out, err)
		}
		times = append(times, time.Since(began))
		cpu = append(cpu, status.ProcessState.UserTime()+status.ProcessState.SystemTime())
	}
	b.ReportMetric(float64(median(times).Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(median(cpu).Microseconds())/1000, "CPU-ms-median")
	b.ReportMetric(0, "ns/op")
}

// counted counts requests as they begin.
func counted(h http.Handler, n *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		h.ServeHTTP(w, r)
	})
}

func agentPID(t testing.TB, status string) int {
	t.Helper()
	var p activesync.Presence
	must(t, json.Unmarshal([]byte(status), &p))
	return p.PID
}
