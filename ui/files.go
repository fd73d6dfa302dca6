package ui

import (
	"context"
	"io"
	"os"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/edit"
)

// openFiles lets the person choose which attachment of the message shown is to
// be saved.
func (a *App) openFiles() tea.Cmd {
	if a.deps.SaveFile == nil {
		return a.say("Files cannot be saved here.")
	}
	from := a.mail.reader.parts(a.backend)
	var shown []int
	m := &menu{title: "Save which file?", digits: true, width: 64}
	for i, f := range from.files {
		if f.Inline {
			continue
		}
		shown = append(shown, i)
		m.items = append(m.items, item{label: strconv.Itoa(len(shown)) + "  " + fileName(f), value: size(f.Size),
			do: func(a *App) tea.Cmd { return a.askWhere(from, i) }})
	}
	switch len(shown) {
	case 0:
		return a.say("The message has no attachments.")
	case 1:
		return a.askWhere(from, shown...)
	}
	m.items = append(m.items, item{label: "All " + strconv.Itoa(len(shown)) + " files",
		do: func(a *App) tea.Cmd { return a.askWhere(from, shown...) }})
	return a.menu(m)
}

// askWhere asks for the directory.
func (a *App) askWhere(from parts, which ...int) tea.Cmd {
	what := "the files"
	if len(which) == 1 {
		what = fileName(from.files[which[0]])
	}
	home := a.home()
	return a.prompt(&prompt{
		title: "Save " + cutTo(what, 40, a.theme), label: "Into which directory? Nothing that is there is written over.",
		field: edit.NewField(a.downloads()), complete: func(s string) []string { return completeDirs(s, home) },
		check: func(dir string) string {
			if i, err := os.Stat(expandHome(dir, home)); err != nil || !i.IsDir() {
				return "There is no such directory."
			}
			return ""
		},
		do: func(a *App, dir string) tea.Cmd { return a.saveFiles(from, expandHome(dir, home), which) },
	})
}

// downloads is where files go unless the person says otherwise.
func (a *App) downloads() string {
	if a.deps.Downloads != "" {
		return a.deps.Downloads
	}
	if dir, err := os.Getwd(); err == nil {
		return dir
	}
	return "."
}

// saveFiles gets attachments from the server and writes them, each whole or not
// at all.
func (a *App) saveFiles(from parts, dir string, which []int) tea.Cmd {
	save := a.deps.SaveFile
	what := fileName(from.files[which[0]])
	if len(which) > 1 {
		what = strconv.Itoa(len(which)) + " files"
	}
	return a.bring(what, func(ctx context.Context, t *transfer) answer {
		var last, risk string
		for _, n := range which {
			f := from.files[n]
			path, err := "", from.bring(ctx, n, t)
			if err == nil {
				path, err = save(dir, message.FileName(fileName(f)), func(w io.Writer) error { return from.get(ctx, n, w) })
			}
			if err != nil {
				return func(a *App) tea.Cmd { return a.notBrought("Not saved: "+fileName(f), err) }
			}
			last = path
			if w := message.Risk(f.Name, f.ContentType); w != "" {
				risk = " Think before you open " + fileName(f) + ". " + w
			}
		}
		return func(a *App) tea.Cmd {
			said := strconv.Itoa(len(which)) + " files saved in " + dir + "."
			if len(which) == 1 {
				said = "Saved: " + last
			}
			return a.tell(note{text: said + risk, alert: risk != ""})
		}
	})
}

// completeDirs are the directories whose names begin as typed.
func completeDirs(typed, home string) []string {
	var out []string
	for _, p := range completePath(typed, home) {
		if strings.HasSuffix(p, "/") {
			out = append(out, p)
		}
	}
	return out
}
