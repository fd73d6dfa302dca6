package ui

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
)

// shelfOf makes files with some content and gives their directory.
func shelfOf(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, n := range names {
		p := filepath.Join(dir, n)
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o700), os.WriteFile(p, []byte("content"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (s *composeScreen) attached() []string {
	var out []string
	for _, f := range s.app.write.files {
		out = append(out, f.Path)
	}
	return out
}

func TestAttach(t *testing.T) {
	dir := shelfOf(t, "budget.xlsx", "sub/notes.txt")
	b := newComposeBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.env["HOME"] = dir
		s.do(s.app.openCompose(activesync.Draft{To: []activesync.Address{{Address: "ana@x.test"}}, Subject: "x", Text: "see attachment"}, "text"))
		s.keys("ctrl+t")
		s.write("~/bud")
		s.keys("tab enter")
		s.shows("Files    budget.xlsx 7 B", "Attached: budget.xlsx (7 B)")
		s.keys("ctrl+t")
		s.write("~/s")
		s.keys("tab")
		s.shows("~/sub/")
		s.keys("enter") // a directory is refused, and what was typed stays
		s.shows("is a directory", "~/sub/")
		s.write("n")
		s.keys("tab enter")
		if got, want := s.attached(), []string{filepath.Join(dir, "budget.xlsx"), filepath.Join(dir, "sub/notes.txt")}; !slices.Equal(got, want) {
			t.Errorf("attached %v, want %v", got, want)
		}
		s.keys("ctrl+t")
		s.write("~/nowhere.txt")
		s.keys("enter")
		s.shows("There is no")
		s.keys("esc ctrl+x")
		s.shows("Remove which attachment?")
		s.keys("1 ctrl+s")
		want := []activesync.DraftAttachment{{Name: "notes.txt", Path: filepath.Join(dir, "sub/notes.txt")}}
		if len(b.sent) != 1 {
			t.Fatalf("not sent:\n%s", s.view())
		}
		if d := gocmp.Diff(want, b.sent[0].Attachments); d != "" {
			t.Error(d)
		}
	})
}

// What is too much for the Drafts of the server is told as it is attached.
func TestMoreIsAttachedThanGoesToDrafts(t *testing.T) {
	dir := shelfOf(t, "small.txt", "large.bin")
	if err := os.Truncate(filepath.Join(dir, "large.bin"), activesync.DraftRoom); err != nil {
		t.Fatal(err)
	}
	onComposeScreen(t, newComposeBackend(), 120, 24, func(s *composeScreen) {
		s.env["HOME"] = dir
		s.do(s.app.readAccounts())
		s.do(s.app.openCompose(activesync.Draft{Account: "a1", To: []activesync.Address{{Address: "ana@x.test"}}}, "text"))
		s.keys("ctrl+t")
		s.write("~/large.bin")
		s.keys("enter")
		s.shows("Attached: large.bin")
		if strings.Contains(s.view(), "out of Drafts") {
			t.Errorf("told too early:\n%s", s.view())
		}
		s.keys("ctrl+t")
		s.write("~/small.txt")
		s.keys("enter")
		s.shows("Attached: small.txt (7 B); over 9.4 MB it stays here, out of Drafts")
	})
}

func TestOpenable(t *testing.T) {
	dir := shelfOf(t, "secret.txt")
	if err := os.Chmod(filepath.Join(dir, "secret.txt"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := attachable(filepath.Join(dir, "secret.txt")); os.Getuid() != 0 && !strings.Contains(explain(err), "secret.txt") {
		t.Errorf("a file that cannot be read: %v", err)
	}
	if _, err := attachable("/dev/null"); err == nil || !strings.Contains(err.Error(), "/dev/null is not a file") {
		t.Errorf("a device: %v", err)
	}
}

func TestCompletePath(t *testing.T) {
	dir := shelfOf(t, "alpha.txt", "alps/x", ".hidden", "ämter.txt", "b c.txt")
	home := dir
	for _, c := range []struct{ typed, want string }{
		{dir + "/al", dir + "/alpha.txt " + dir + "/alps/"},
		{"~", "~/"}, {"~/alp", "~/alpha.txt ~/alps/"}, {"~/.", "~/.hidden"}, {"~/ä", "~/ämter.txt"}, {"~/zzz", ""}, {"~/nodir/x", ""},
		{"~/b", "~/b c.txt"},
	} {
		if got := strings.Join(completePath(c.typed, home), " "); got != c.want {
			t.Errorf("%s goes on as %q, want %q", c.typed, got, c.want)
		}
	}
	if got := completePath("~/", home); slices.Contains(got, "~/.hidden") || len(got) != 4 {
		t.Errorf("all of the directory: %v", got)
	}
}

func TestPastedPathIsOffered(t *testing.T) {
	dir := shelfOf(t, "budget 2026.xlsx", "it's.txt")
	for _, c := range []struct {
		name, paste string
		files       int
	}{
		{"plain", dir + "/budget 2026.xlsx", 1},
		{"with a line end", dir + "/budget 2026.xlsx\n", 1},
		{"quotes", "'" + dir + "/budget 2026.xlsx' ", 1},
		{"backslashes", dir + `/budget\ 2026.xlsx`, 1},
		{"shell quotes in quotes", "'" + dir + `/it'\''s.txt'`, 1},
		{"url", "file://" + dir + "/budget%202026.xlsx\r\n", 1},
		{"url with a host", "file://localhost" + dir + "/budget%202026.xlsx", 1},
		{"two", "'" + dir + "/budget 2026.xlsx' '" + dir + `/it'\''s.txt'`, 2},
		{"home", "~/it\\'s.txt", 1},
		{"one is missing", "'" + dir + "/budget 2026.xlsx' " + dir + "/nowhere", 0},
		{"directory", dir, 0},
		{"text", "see " + dir + "/it's.txt", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
				s.env["HOME"] = dir
				s.do(s.app.openCompose(activesync.Draft{}, "text"))
				s.write("x ")
				s.paste(c.paste)
				if (s.app.top() != nil) != (c.files > 0) {
					t.Fatalf("offered: %t\n%s", s.app.top() != nil, s.view())
				}
				if c.files == 0 {
					if got := s.app.write.text().Text(); got != "x "+c.paste {
						t.Errorf("the text is %q", got)
					}
					return
				}
				s.keys("enter")
				if got := s.app.write.text().Text(); got != "x " || len(s.attached()) != c.files {
					t.Errorf("the text is %q, attached %v", got, s.attached())
				}
			})
		})
	}
}

func TestPastedPathStaysText(t *testing.T) {
	dir := shelfOf(t, "a.txt")
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{}, "text"))
		s.paste(dir + "/a.txt")
		s.keys("n")
		if got := s.app.write.text().Text(); got != dir+"/a.txt" || len(s.attached()) != 0 {
			t.Errorf("the text is %q, attached %v", got, s.attached())
		}
	})
}

func FuzzPastedPaths(f *testing.F) {
	f.Add(`'/a b' /c\ d "e`)
	f.Add("file:///a%20b")
	f.Fuzz(func(t *testing.T, s string) {
		for _, way := range pastedPaths(s, "/home/alice") {
			for _, p := range way {
				if !filepath.IsAbs(p) {
					t.Errorf("%q became %q", s, p)
				}
			}
		}
	})
}
