package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"eas.example/securemail/activesync/server"
)

// corpusEvery is which part of the corpus is shown message by message; all of
// it with CORPUS_ALL set.
const corpusEvery = 10

// corpus are the files of real mail, where they are present.
func corpus(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "..", "shared", "corpus", "eml", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the corpus of real mail is not present")
	}
	return files
}

// inside runs the program in this process.
func inside(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main("test", args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// TestCorpus: all messages of the corpus come, each once, and not one fails to
// show.
func TestCorpus(t *testing.T) {
	files := corpus(t)
	t.Setenv("SECUREMAIL_NO_AGENT", "1")
	srv := server.New(server.Config{})
	box := srv.AddUser("alice", "wonderland", "alice@example.test")
	// The server gives the messages the dates by which they are known again:
	// those of the files are no help, as many have the same or none.
	first := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	byDate := map[string]string{}
	for i, file := range files {
		date := first.Add(time.Duration(i) * time.Minute)
		source := func() []byte {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
			}
			return b
		}
		if _, err := box.DeliverDated("Inbox", source, date, false); err != nil {
			t.Fatal(err)
		}
		byDate[jsonTime(date)] = file
	}
	hs := httptest.NewServer(srv)
	t.Cleanup(hs.Close)
	data := t.TempDir()
	run := func(stdin string, args ...string) string {
		t.Helper()
		code, out, errs := inside(t, stdin, append([]string{"--data", data}, args...)...)
		if code != 0 {
			t.Fatalf("securemail %s ends with %d: %s", strings.Join(args, " "), code, errs)
		}
		return out
	}
	run("wonderland\n", "account", "add", "alice@example.test", "--server", hs.URL, "--user", "alice", "--password-stdin")
	began := time.Now()
	run("", "sync", "--all")
	t.Logf("%d messages synced in %v", len(files), time.Since(began).Round(time.Millisecond))
	var rows []row
	if err := json.Unmarshal([]byte(run("", "list", "--json", "--limit", fmt.Sprint(2*len(files)))), &rows); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	listed := map[string]bool{}
	for _, r := range rows {
		ids[r.ID.String()] = true
		listed[byDate[r.Date]] = true
	}
	if len(rows) != len(files) || len(ids) != len(files) || len(listed) != len(files) {
		t.Fatalf("%d messages are listed, %d of them different, for %d files of %d", len(rows), len(ids), len(listed), len(files))
	}
	plain(t, "the list", run("", "list"))
	began = time.Now()
	every := corpusEvery
	if os.Getenv("CORPUS_ALL") != "" {
		every = 1
	}
	shown := 0
	for i := 0; i < len(rows); i += every {
		showCorpus(t, data, rows[i], byDate[rows[i].Date])
		saveCorpus(t, data, rows[i], filepath.Base(byDate[rows[i].Date]))
		shown++
	}
	t.Logf("%d messages shown in four ways in %v", shown, time.Since(began).Round(time.Millisecond))
}

// showCorpus shows a message in every way.
func showCorpus(t *testing.T, data string, r row, file string) {
	t.Helper()
	name := filepath.Base(file)
	for _, how := range []string{"", "--json", "--html", "--headers", "--raw"} {
		args := []string{"--data", data, "show", r.ID.String()}
		if how != "" {
			args = append(args, how)
		}
		code, out, errs := inside(t, "", args...)
		what := name + " " + how
		switch {
		case how == "--html" && code == exitFailed && strings.Contains(errs, "the message has no HTML"):
			continue
		case code != 0:
			t.Errorf("%s: ends with %d: %s", what, code, errs)
			continue
		case errs != "":
			t.Errorf("%s: says %q", what, errs)
		}
		if how != "--raw" {
			plain(t, what, out)
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if out != string(want) {
			t.Errorf("%s: the source has %d bytes, the file %d, or others", what, len(out), len(want))
		}
	}
}

// saveCorpus saves all files of a message: each under a name of its own, in the
// directory that was chosen.
func saveCorpus(t *testing.T, data string, r row, name string) {
	t.Helper()
	code, out, errs := inside(t, "", "--data", data, "attachment", "list", r.ID.String(), "--json")
	var files []struct{ Name string }
	if err := json.Unmarshal([]byte(out), &files); code != 0 || err != nil {
		t.Errorf("%s: the list of files ends with %d: %v %s", name, code, err, errs)
		return
	}
	dir := t.TempDir()
	for n := range files {
		code, out, errs := inside(t, "", "--data", data, "attachment", "save", r.ID.String(), fmt.Sprint(n+1), dir)
		if code != 0 {
			t.Errorf("%s: saving file %d, %q, ends with %d: %s", name, n+1, files[n].Name, code, errs)
		}
		plain(t, name, out)
	}
	saved, err := os.ReadDir(dir)
	if err != nil || len(saved) != len(files) {
		t.Errorf("%s: %d files were saved in the directory, of %d (%v)", name, len(saved), len(files), err)
	}
	for _, f := range saved {
		if !f.Type().IsRegular() || strings.HasPrefix(f.Name(), ".") {
			t.Errorf("%s: %q was saved", name, f.Name())
		}
		plain(t, name, f.Name()+"\n")
	}
}

// overrides change the direction of what follows them: text could show as
// something else than it is.
var overrides = []rune{0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069}

// plain checks that a text can do a terminal no harm.
func plain(t *testing.T, what, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s: the text is not UTF-8", what)
	}
	for i, c := range text {
		if c != '\n' && c != '\t' && unicode.IsControl(c) || slices.Contains(overrides, c) {
			t.Errorf("%s: %U stands at byte %d of %q", what, c, i, text[max(0, i-20):min(len(text), i+20)])
			return
		}
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		t.Errorf("%s: the last line does not end", what)
	}
}
