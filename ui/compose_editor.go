package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/term"
)

// editorFile is a text while another program edits it: a file in a directory
// of its own, which also takes what that program leaves beside it.
type editorFile struct {
	dir, path string
	mu        sync.Mutex
	before    string // what was written
	after     string // what was read back; guarded by mu
	err       error  // guarded by mu
	taken     bool   // the file is gone; guarded by mu
}

// newEditorFile writes a text for the editor. Only the person can read it.
func newEditorFile(scratch, text string) (*editorFile, error) {
	dir, err := scratchDir(scratch, "securemail-")
	if err != nil {
		return nil, fmt.Errorf("write the text for the editor: %w", err)
	}
	f := &editorFile{dir: dir, path: filepath.Join(dir, "message.txt"), before: text}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n" // editors want whole lines
	}
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("write the text for the editor: %w", err), os.RemoveAll(dir))
	}
	return f, nil
}

// take reads the text back and removes the file. The second one to take it
// gets the same text. An error leaves the text as it was before, and the file
// where it is, unless that is gone.
func (f *editorFile) take() (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.taken {
		return f.after, f.err
	}
	f.taken, f.after = true, f.before
	b, err := os.ReadFile(f.path)
	if err != nil {
		f.err = fmt.Errorf("read the text back: %w", err)
		if errors.Is(err, fs.ErrNotExist) {
			f.err = errors.Join(f.err, os.RemoveAll(f.dir))
		}
		return f.after, f.err
	}
	f.after = editedText(b, f.before)
	if err := os.RemoveAll(f.dir); err != nil {
		f.err = fmt.Errorf("remove the file of the editor: %w", err)
	}
	return f.after, f.err
}

// editedText is what an editor wrote, without the line end that was added for it.
func editedText(b []byte, before string) string {
	s := string(b)
	if !utf8.Valid(b) {
		s = message.PlainText(activesync.Body{Type: activesync.BodyPlain, Data: b})
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if !strings.HasSuffix(before, "\n") {
		s = strings.TrimSuffix(s, "\n")
	}
	return s
}

// openEditor lets the person write the text in the editor of their choice.
func (w *compose) openEditor(a *App) tea.Cmd {
	program := strings.TrimSpace(a.deps.Getenv("VISUAL"))
	if program == "" {
		program = strings.TrimSpace(a.deps.Getenv("EDITOR"))
	}
	if program == "" {
		return a.say("No editor is set: put its name into $VISUAL or $EDITOR, such as EDITOR=nano.")
	}
	if w.editing != nil {
		return nil
	}
	text, scratch := w.text().Text(), a.deps.Scratch
	return a.call(quick, func(context.Context) answer {
		f, err := newEditorFile(scratch, text)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("The editor was not started", err)
			}
			if w.gone || w.editing != nil {
				_, _ = f.take() // only to remove it
				return nil
			}
			w.editing = f
			return term.Exec(editorCommand(program, f.path), func(ran error) tea.Msg {
				text, err := f.take()
				return answer(func(a *App) tea.Cmd { return w.edited(a, text, ran, err) })
			})
		}
	})
}

// editorCommand runs what the variable says, which may have arguments, on a file.
func editorCommand(program, path string) *exec.Cmd {
	return exec.Command("/bin/sh", "-c", program+` "$1"`, "securemail", path)
}

// edited takes over what the editor made of the text.
func (w *compose) edited(a *App, text string, ran, err error) tea.Cmd {
	before := w.editing.before
	w.editing, w.stale = nil, true
	var cmds []tea.Cmd
	if text != before {
		at := w.text().At()
		w.text().SetText(text)
		for range min(at.Line, w.text().Lines()-1) {
			w.text().End()
			w.text().Right()
		}
		cmds = append(cmds, w.touched(a))
	} else {
		cmds = append(cmds, w.catchUp(a))
	}
	switch {
	case err != nil:
		cmds = append(cmds, a.fail("", err))
	case ran != nil && text != before:
		cmds = append(cmds, a.fail("The editor ended badly; what it had saved is here", ran))
	case ran != nil:
		cmds = append(cmds, a.fail("The editor ended badly; the text is as it was", ran))
	}
	return tea.Batch(cmds...)
}
