package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// file is an attachment of the message that is written.
type file struct {
	activesync.DraftAttachment
	size   int64  // in bytes, as far as it is known
	failed string // why it cannot be sent
}

// fileLines draws the attachments one after the other, in so many lines at most.
func (w *compose) fileLines(a *App, most int) []string {
	_, width := w.sheet()
	var lines []*style.Line
	start := func() *style.Line {
		name := ""
		if len(lines) == 0 {
			name = "Files"
		}
		l := w.label(a, a.theme.Line(width, style.Plain), name, false)
		lines = append(lines, l)
		return l
	}
	l := start()
	begun := false
	for i := range w.files {
		f := &w.files[i]
		name, about := clean(f.Name), size(f.size)
		if f.failed != "" {
			about = a.theme.Warning + " not here"
		}
		need := style.Width(name) + 1 + style.Width(about)
		left := len(w.files) - i
		more := ""
		if left > 1 && len(lines) >= most {
			more = fmt.Sprintf("%d more", left)
		}
		if begun && need+2 > l.Room()-style.Width(more) {
			if len(lines) >= most {
				l.Skip(2).Put(style.Dim, plural(left, "one more", "%d more"))
				break
			}
			l, begun = start(), false
		}
		if begun {
			l.Skip(3)
		}
		l.Put(style.Text, cutTo(name, max(l.Room()-style.Width(about)-2, 4), a.theme)).Skip(1)
		role := style.Dim
		if f.failed != "" {
			role = style.Warn
		}
		l.Put(role, about)
		begun = true
	}
	out := make([]string, len(lines))
	for i := range lines {
		out[i] = lines[i].String()
	}
	return out
}

// askFile asks for the path of a file to attach.
func (w *compose) askFile(a *App) tea.Cmd {
	return w.askPath(a, "Attach a file", "", "", func(file) string { return "" }, func(a *App, f file) tea.Cmd { return w.attach(a, f) })
}

// askPath asks for the path of a file to be taken; unfit says why one cannot be.
func (w *compose) askPath(a *App, title, typed, wrong string, unfit func(file) string, take func(*App, file) tea.Cmd) tea.Cmd {
	home := a.home()
	return a.prompt(&prompt{title: title, label: "Path of the file", hint: "tab completes, ~ is your home", field: edit.NewField(typed), wrong: wrong,
		complete: func(s string) []string { return completePath(s, home) }, check: filled("Write the path of a file."),
		do: func(a *App, s string) tea.Cmd {
			path := expandHome(strings.TrimSpace(s), home)
			return a.call(quick, func(context.Context) answer {
				f, err := attachable(path)
				return func(a *App) tea.Cmd {
					wrong := ""
					if err != nil {
						wrong = explain(err)
					} else {
						wrong = unfit(f)
					}
					if wrong != "" {
						return w.askPath(a, title, s, wrong, unfit, take)
					}
					return take(a, f)
				}
			})
		}})
}

// home is the person's own directory.
func (a *App) home() string {
	if h := a.deps.Getenv("HOME"); h != "" {
		return h
	}
	h, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return h
}

// expandHome writes out a leading ~.
func expandHome(path, home string) string {
	if home != "" && (path == "~" || strings.HasPrefix(path, "~/")) {
		return home + path[1:]
	}
	return path
}

// completePath gives the ways in which a path may go on.
func completePath(typed, home string) []string {
	dir, base := "", typed
	if i := strings.LastIndexByte(typed, '/'); i >= 0 {
		dir, base = typed[:i+1], typed[i+1:]
	} else if typed == "~" {
		return []string{"~/"}
	}
	look := expandHome(dir, home)
	if look == "" {
		look = "."
	}
	entries, err := os.ReadDir(look)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || strings.HasPrefix(name, ".") && base == "" {
			continue
		}
		if info, err := os.Stat(filepath.Join(look, name)); err == nil && info.IsDir() {
			name += "/"
		}
		out = append(out, dir+name)
	}
	return out
}

// attachable looks whether a file can be attached. Its path is made absolute:
// another process may read it.
func attachable(path string) (file, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return file{}, err
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return file{}, err
	case info.IsDir():
		return file{}, fmt.Errorf("%s is a directory; attach the files in it one by one", path)
	case !info.Mode().IsRegular():
		return file{}, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return file{}, err
	}
	if err := f.Close(); err != nil {
		return file{}, err
	}
	return file{DraftAttachment: activesync.DraftAttachment{Name: filepath.Base(path), Path: path}, size: info.Size()}, nil
}

// attach adds files that can be read.
func (w *compose) attach(a *App, files ...file) tea.Cmd {
	if w.sending || w.gone {
		return a.tooLate()
	}
	var names []string
	for _, f := range files {
		if slices.ContainsFunc(w.files, func(g file) bool { return g.Path == f.Path }) {
			continue
		}
		w.files = append(w.files, f)
		names = append(names, clean(f.Name)+" ("+size(f.size)+")")
	}
	if len(names) == 0 {
		return a.say("It is attached already.")
	}
	said := "Attached: " + strings.Join(names, ", ")
	if w.overDrafts(a) {
		said += "; over " + size(activesync.DraftRoom) + " it stays here, out of Drafts"
	}
	return tea.Batch(w.touched(a), a.say(said))
}

// tooLate says that a file was not attached to a message that is on its way.
func (a *App) tooLate() tea.Cmd {
	return a.tell(note{text: "Not attached: the message was sent before the file could be read.", alert: true})
}

// overDrafts reports whether more is attached than goes to the Drafts of the
// server.
func (w *compose) overDrafts(a *App) bool {
	c := a.account(w.account)
	if c == nil || c.state.Version < activesync.V160 {
		return false
	}
	all := int64(0)
	for _, f := range w.files {
		all += max(f.size, 0)
	}
	return all > activesync.DraftRoom
}

// askDetach asks which file is to be taken off.
func (w *compose) askDetach(a *App) tea.Cmd {
	m := &menu{title: "Remove which attachment?", digits: true}
	for i := range w.files {
		f := w.files[i]
		m.items = append(m.items, item{label: clean(f.Name), value: size(f.size), do: func(a *App) tea.Cmd {
			for j := range w.files {
				if g := &w.files[j]; g.Name == f.Name && g.Path == f.Path && g.Part == f.Part && g.Of == f.Of {
					w.files = slices.Delete(w.files, j, j+1)
					return tea.Batch(w.touched(a), a.say("No longer attached: "+clean(f.Name)))
				}
			}
			return nil
		}})
	}
	return a.menu(m)
}

// offerFiles offers to attach files whose paths were pasted, as terminals do
// when files are dropped on them. What was pasted stands in the text until then.
func (w *compose) offerFiles(a *App, b *edit.Buffer, before, pasted string) tea.Cmd {
	ways := pastedPaths(pasted, a.home())
	if len(ways) == 0 {
		return nil
	}
	after := b.Text()
	return a.call(quick, func(context.Context) answer {
		files := firstOpenable(ways)
		if len(files) == 0 {
			return nil
		}
		return func(a *App) tea.Cmd {
			if a.write != w || a.top() != nil || b.Text() != after {
				return nil
			}
			return w.askPasted(a, b, before, files)
		}
	})
}

func (w *compose) askPasted(a *App, b *edit.Buffer, before string, files []file) tea.Cmd {
	what := clean(files[0].Name) + " (" + size(files[0].size) + ")"
	if len(files) > 1 {
		what = number(len(files)) + " files"
	}
	q := question{title: "Attach?", text: "Attach " + what + "? What was pasted is the path of a file.", yes: "Attach", no: "Keep the path as text", at: 1}
	q.do = func(a *App) tea.Cmd {
		takeBack(b, before)
		return w.attach(a, files...)
	}
	if len(files) == 1 && isPicture(&files[0]) {
		q.also, q.other = "Into the text", func(a *App) tea.Cmd {
			takeBack(b, before)
			return w.putPicture(a, files[0])
		}
	}
	return a.ask(q)
}

// firstOpenable gives the files of the first way of reading a paste in which
// all of them are there.
func firstOpenable(ways [][]string) []file {
	for _, paths := range ways {
		var files []file
		for _, p := range paths {
			f, err := attachable(p)
			if err != nil {
				break
			}
			files = append(files, f)
		}
		if len(files) == len(paths) {
			return files
		}
	}
	return nil
}

// lookAtFiles looks whether files that were attached some time ago are still
// there, and how large they are.
func (w *compose) lookAtFiles(a *App) tea.Cmd {
	var paths []string
	for _, f := range w.files {
		if f.Path != "" && f.size < 0 {
			paths = append(paths, f.Path)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return a.call(quick, func(context.Context) answer {
		now := map[string]file{}
		for _, p := range paths {
			f, err := attachable(p)
			if err != nil {
				f = file{size: -1, failed: explain(err)}
			}
			now[p] = f
		}
		return func(a *App) tea.Cmd {
			w.stale = true
			for i := range w.files {
				if f, ok := now[w.files[i].Path]; ok {
					w.files[i].size, w.files[i].failed = f.size, f.failed
				}
			}
			return nil
		}
	})
}
