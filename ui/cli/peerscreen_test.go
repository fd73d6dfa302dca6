//go:build unix

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// peer is a mail program that people use today, with what it needs to show the
// INBOX of a Maildir.
type peer struct {
	name  string
	args  func(home string) []string
	quit  string
	first string // the key to the newest message, where it does not start there
	// quiet is how long nothing is written after a frame; aerc moves first and then
	// fills in the rows that it has read.
	quiet time.Duration
	files func(home, mail string) map[string]string
}

var peerRow = regexp.MustCompile(`table \d+`)

func peers() []peer {
	mutt := func(home, mail string) map[string]string {
		return map[string]string{"rc": fmt.Sprintf("set mbox_type=Maildir folder=%[2]s spoolfile=%[2]s/INBOX record= postponed=\nset header_cache=%[1]s/headers\n"+
			"set sort=reverse-date mark_old=no move=no quit=yes wait_key=no from=alice@example.test\n", home, mail), "headers/.keep": ""}
	}
	rc := func(home string) []string { return []string{"-F", filepath.Join(home, "rc")} }
	none := func(string) []string { return nil }
	return []peer{
		{name: "mutt", args: rc, quit: "x", first: "=", quiet: quiet, files: mutt},
		{name: "neomutt", args: rc, quit: "x", first: "=", quiet: quiet, files: mutt},
		{name: "aerc", args: none, quit: ":quit\r", quiet: 2 * quiet, files: func(_, mail string) map[string]string {
			return map[string]string{".config/aerc/accounts.conf": "[bench]\nsource = maildir://" + mail + "\ndefault = INBOX\nfrom = Alice <alice@example.test>\ncheck-mail = 0\n",
				"run/.keep": ""}
		}},
	}
}

// BenchmarkPeerScreen is what BenchmarkFirstPaint and BenchmarkPress measure, of
// other programs over the same 100,000 messages as a Maildir, their caches
// filled. One that is not installed is left out. aerc gives the messages in the
// order of their files, which are named so that the newest comes first: it need
// not sort.
func BenchmarkPeerScreen(b *testing.B) {
	if os.Getenv("SECUREMAIL_PEERS") == "" {
		b.Skip("SECUREMAIL_PEERS is not set")
	}
	mail := b.TempDir()
	largeMaildir(b, filepath.Join(mail, "INBOX"))
	for _, p := range peers() {
		b.Run(p.name, func(b *testing.B) {
			bin, err := exec.LookPath(p.name)
			if err != nil {
				b.Skip(err)
			}
			home := b.TempDir()
			for name, text := range p.files(home, mail) {
				name = filepath.Join(home, name)
				must(b, os.MkdirAll(filepath.Dir(name), 0o700))
				must(b, os.WriteFile(name, []byte(text), 0o600))
			}
			start := func() (*glass, time.Duration) {
				g := &glass{b: b, quiet: p.quiet, patience: 5 * time.Minute, env: []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home + "/.config",
					"XDG_CACHE_HOME=" + home + "/.cache", "XDG_DATA_HOME=" + home + "/.local/share", "XDG_RUNTIME_DIR=" + home + "/run"}}
				began := time.Now()
				g.start(bin, glassWidth, glassHeight, p.args(home)...)
				return g, g.until(peerRow, 10).Sub(began)
			}
			end := func(g *glass) {
				_, err := g.tty.WriteString(p.quit)
				must(b, err)
				select {
				case <-g.done:
				case <-time.After(patience):
				}
				g.close()
			}
			g, _ := start()
			g.settle()
			end(g)
			var times []time.Duration
			for b.Loop() {
				if len(times) > 0 {
					end(g)
				}
				var took time.Duration
				g, took = start()
				g.settle()
				times = append(times, took)
			}
			defer g.close()
			b.ReportMetric(float64(median(times).Microseconds())/1000, "ms-to-the-list-median")
			peerPresses(b, g, p)
		})
	}
}

// peerPresses measures a press of j.
func peerPresses(b *testing.B, g *glass, p peer) {
	press := func(key string) (time.Duration, int) { // only the colours of two rows change
		_, before := g.state()
		return g.pressUntil(key, func() bool { _, now := g.state(); return now > before })
	}
	if p.first != "" {
		press("j")
		press(p.first)
	}
	var times []time.Duration
	var sizes []int
	for range 300 {
		took, n := press("j")
		times, sizes = append(times, took), append(sizes, n)
	}
	_, anon := g.memory()
	slices.Sort(times)
	b.ReportMetric(float64(median(times).Microseconds())/1000, "ms-a-press-median")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "ms-a-press-99%")
	b.ReportMetric(float64(median(sizes)), "bytes-a-press-median")
	b.ReportMetric(float64(anon)/1024, "RssAnon-MiB")
	b.ReportMetric(0, "ns/op")
}

// largeMaildir writes the messages of large as a Maildir.
func largeMaildir(b *testing.B, dir string) {
	b.Helper()
	for _, d := range []string{"cur", "new", "tmp"} {
		must(b, os.MkdirAll(filepath.Join(dir, d), 0o700))
	}
	now := time.Now().Truncate(time.Second)
	for n := range listedMessages {
		m := listedMessage(n, now)
		flags := ""
		if m.Read {
			flags = "S"
		}
		text := fmt.Sprintf("From: %s <%s>\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@example.test>\r\n\r\n%s", m.From.Name, m.From.Address,
			m.To[0].Address, m.Subject, m.Date.Format(time.RFC1123Z), n, m.Body.Data)
		text = strings.ReplaceAll(text, "\r\n", "\n")
		name := fmt.Sprintf("%06d.%d.bench:2,%s", listedMessages-n, m.Date.Unix(), flags)
		must(b, os.WriteFile(filepath.Join(dir, "cur", name), []byte(text), 0o600))
	}
}
