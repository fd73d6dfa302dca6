package message

import (
	"cmp"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// BenchmarkCorpus is all that is done with a message to show it: it is taken
// apart, set at 80 and at 200 columns, made plain, made a page for the browser,
// and its files are written. Told are the median and the most of the messages
// below 1 MB, each at the best of its rounds: what else runs on the machine
// disturbs the others.
func BenchmarkCorpus(b *testing.B) {
	var sources [][]byte
	for _, name := range corpus(b) {
		src, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		if len(src) < 1<<20 {
			sources = append(sources, src)
		}
	}
	took := make([]time.Duration, len(sources)) // the best of the rounds
	for b.Loop() {
		for i, src := range sources {
			began := time.Now()
			m := ParseBytes(src)
			body := activesync.Body{Type: activesync.BodyMIME, Data: src}
			for _, width := range []int{80, 200} {
				RenderText(body, RenderOptions{Width: width, Numbers: true}).Chains()
			}
			PlainText(body)
			SafeHTML(nil, body, nil)
			for _, f := range m.Attachments {
				if _, err := io.Discard.Write(f.Content); err != nil {
					b.Fatal(err)
				}
			}
			if d := time.Since(began); took[i] == 0 || d < took[i] {
				took[i] = d
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-99-percent")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms-most")
	b.ReportMetric(float64(len(sources)), "messages")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkDump sets the 200 largest HTML bodies of the corpus at 80 columns:
// here, by a process for each that does nothing else, and by the two browsers
// that other mail programs call for that.
func BenchmarkDump(b *testing.B) {
	files := largestPages(b)
	dump := filepath.Join(b.TempDir(), "dump")
	build := exec.Command("go", "build", "-trimpath", "-o", dump, "./testdata/dump")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	b.Run("in this process", func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			for _, name := range files {
				began := time.Now()
				src, err := os.ReadFile(name)
				if err != nil {
					b.Fatal(err)
				}
				_ = renderHTML(string(src), RenderOptions{Width: 80, Numbers: true}).String()
				took = append(took, time.Since(began))
			}
		}
		tellDump(b, took, 0)
	})
	for _, c := range []struct {
		name string
		args []string
	}{
		{"process of this package", []string{dump}},
		{"w3m -dump", []string{"w3m", "-dump", "-cols", "80", "-I", "UTF-8", "-O", "UTF-8", "-T", "text/html"}},
		{"lynx -dump", []string{"lynx", "-dump", "-width=80", "-force_html", "-assume_charset=utf-8", "-display_charset=utf-8", "-noreferer", "-localhost"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			path, err := exec.LookPath(c.args[0])
			if err != nil {
				b.Skip(err)
			}
			// What this process holds would count as memory of its children, but
			// not of theirs.
			watch, err := exec.LookPath("time")
			if err != nil {
				b.Skip(err)
			}
			told := filepath.Join(b.TempDir(), "memory")
			var took []time.Duration
			most, spent := int64(0), time.Duration(0)
			for b.Loop() {
				for _, name := range files {
					cmd := exec.Command(watch, slices.Concat([]string{"-f", "%M", "-o", told, path}, c.args[1:], []string{name})...)
					began := time.Now()
					if err := cmd.Run(); err != nil {
						b.Fatalf("%s: %v", filepath.Base(name), err)
					}
					took = append(took, time.Since(began))
					spent += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
					memory, err := os.ReadFile(told)
					if err != nil {
						b.Fatal(err)
					}
					rss, err := strconv.ParseInt(strings.TrimSpace(string(memory)), 10, 64)
					if err != nil {
						b.Fatal(err)
					}
					most = max(most, rss)
				}
			}
			tellDump(b, took, most)
			b.ReportMetric(spent.Seconds()*1000/float64(b.N), "CPU-ms-for-all")
		})
	}
}

func tellDump(b *testing.B, took []time.Duration, rss int64) {
	b.Helper()
	slices.Sort(took)
	var sum time.Duration
	for _, d := range took {
		sum += d
	}
	b.ReportMetric(sum.Seconds()*1000/float64(b.N), "ms-for-all")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms-most")
	if rss > 0 {
		b.ReportMetric(float64(rss)/1024, "MiB-at-most")
	}
	b.ReportMetric(0, "ns/op")
}

// largestPages writes the 200 largest HTML bodies of the corpus into files, as
// UTF-8.
func largestPages(b *testing.B) []string {
	b.Helper()
	var pages []string
	for _, m := range corpusMail(b) {
		if m.HTML != "" {
			pages = append(pages, m.HTML)
		}
	}
	slices.SortFunc(pages, func(x, y string) int { return cmp.Or(cmp.Compare(len(y), len(x)), cmp.Compare(x, y)) })
	dir := b.TempDir()
	var files []string
	for i, p := range pages[:min(len(pages), 200)] {
		name := filepath.Join(dir, "page-"+string(rune('a'+i/26))+string(rune('a'+i%26))+".html")
		if err := os.WriteFile(name, []byte(p), 0o600); err != nil {
			b.Fatal(err)
		}
		files = append(files, name)
	}
	return files
}
