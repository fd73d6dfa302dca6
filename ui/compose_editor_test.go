package ui

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// script writes an editor that does what the lines say; $1 is the file.
func script(t *testing.T, lines string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "my editor")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return "'" + path + "'"
}

func TestEditorFile(t *testing.T) {
	for _, c := range []struct{ name, text, script, want string }{
		{"adds", "one", `echo two >>"$1"`, "one\ntwo"},
		{"changes nothing", "one", `true`, "one"},
		{"keeps the line end", "one\n", `true`, "one\n"},
		{"empties", "one", `: >"$1"`, ""},
		{"line ends of elsewhere", "", `printf 'a\r\nb\r\n' >"$1"`, "a\nb"},
		{"another charset", "", `printf 'Gr\374\337e aus der B\366rse\n' >"$1"`, "Grüße aus der Börse"},
		{"leaves a backup", "one", `cp "$1" "$1~"; echo two >"$1"`, "two"},
		{"has arguments", "one", `[ "$#" = 1 ] && echo "$1" | grep -q '/message.txt$' && echo ok >"$1"`, "ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scratch := filepath.Join(t.TempDir(), "run", "user")
			f, err := newEditorFile(scratch, c.text)
			if err != nil {
				t.Fatal(err)
			}
			for path, want := range map[string]fs.FileMode{f.path: 0o600, f.dir: 0o700, scratch: 0o700} {
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
					t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
				}
			}
			if out, err := editorCommand(script(t, c.script), f.path).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for range 2 { // the second time as when the screens close meanwhile
				if got, err := f.take(); err != nil || got != c.want {
					t.Errorf("read back %q, %v; want %q", got, err, c.want)
				}
			}
			if left, err := os.ReadDir(scratch); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestEditorFile_gone(t *testing.T) {
	scratch := t.TempDir()
	f, err := newEditorFile(scratch, "one")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(f.path); err != nil {
		t.Fatal(err)
	}
	if got, err := f.take(); err == nil || got != "one" {
		t.Errorf("read back %q, %v", got, err)
	}
	if left, _ := os.ReadDir(scratch); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestEditor(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{Text: "one\ntwo"}, "text"))
		s.keys("ctrl+g")
		s.shows("$VISUAL or $EDITOR")
		s.env["VISUAL"] = script(t, `echo three >>"$1"`)
		// What ui/term does with the message that starts it.
		w := s.app.write
		text, scratch := w.text().Text(), s.app.deps.Scratch
		f, err := newEditorFile(scratch, text)
		if err != nil {
			t.Fatal(err)
		}
		w.editing = f
		ran := editorCommand(s.env["VISUAL"], f.path).Run()
		after, err := f.take()
		s.do(w.edited(s.app, after, ran, err))
		if got := w.text().Text(); got != "one\ntwo\nthree" || w.editing != nil {
			t.Errorf("the text is %q", got)
		}
		s.shows("three")
		s.keys("ctrl+_")
		if got := w.text().Text(); got != "one\ntwo" {
			t.Errorf("undone, the text is %q", got)
		}
	})
}

func TestEditor_startsTheProgram(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.env["VISUAL"] = "vi"
		s.do(s.app.openCompose(activesync.Draft{Text: "my words"}, "text"))
		msgs := make(chan tea.Msg, 1)
		cmd := s.app.write.openEditor(s.app)
		_, cmd = s.app.Update(cmd())
		msgs <- cmd()
		m := reflect.ValueOf(<-msgs)
		if m.Type().Name() != "execMsg" {
			t.Fatalf("%v is no program for the terminal", m.Type())
		}
		b, err := os.ReadFile(s.app.write.editing.path)
		if err != nil || string(b) != "my words\n" {
			t.Errorf("the editor gets %q, %v", b, err)
		}
		if s.app.write.openEditor(s.app) != nil {
			t.Error("two editors at once")
		}
	})
}

func TestEditor_failing(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{Text: "one"}, "text"))
		w := s.app.write
		for _, c := range []struct{ script, want, says string }{
			{"exit 3", "one", "the text is as it was"},
			{`echo two >"$1"; exit 1`, "two", "what it had saved is here"},
		} {
			f, err := newEditorFile("", w.text().Text())
			if err != nil {
				t.Fatal(err)
			}
			w.editing = f
			ran := editorCommand(script(t, c.script), f.path).Run()
			after, err := f.take()
			s.do(w.edited(s.app, after, ran, err))
			s.shows(c.says)
			if got := w.text().Text(); got != c.want {
				t.Errorf("the text is %q, want %q", got, c.want)
			}
		}
	})
}

// Closed while the editor runs: what it saved is kept, and no file stays.
func TestEditor_screensClose(t *testing.T) {
	b := newKeepingBackend()
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{Text: "one"}, "text"))
		f, err := newEditorFile(s.app.deps.Scratch, "one")
		if err != nil {
			t.Fatal(err)
		}
		s.app.write.editing = f
		if err := os.WriteFile(f.path, []byte("one and more\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.app.Close()
		for _, d := range b.drafts {
			if d.Text != "one and more" {
				t.Errorf("kept %q", d.Text)
			}
		}
		if len(b.drafts) != 1 {
			t.Errorf("%d drafts are kept", len(b.drafts))
		}
		if _, err := os.Stat(f.dir); err == nil {
			t.Error("the file of the editor is still there")
		}
	})
}

func TestEditedStaysOnItsLine(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{Text: strings.Repeat("line\n", 50)}, "text"))
		w := s.app.write
		for range 30 {
			w.text().Down(1)
		}
		w.editing = &editorFile{before: w.text().Text()}
		s.do(w.edited(s.app, w.text().Text()+"end", nil, nil))
		if got := w.text().At(); got != (edit.Pos{Line: 30}) {
			t.Errorf("the cursor is at %v", got)
		}
	})
}
