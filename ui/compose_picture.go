package ui

import (
	"net/url"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/edit"
)

// isPicture reports whether a file can stand in the text.
func isPicture(f *file) bool {
	return strings.HasPrefix(message.FileType(&f.DraftAttachment), "image/")
}

// askPicture asks which picture is to stand where the cursor is: one that is
// attached, or a file.
func (w *compose) askPicture(a *App) tea.Cmd {
	m := &menu{title: "Which picture?", digits: true}
	for _, f := range w.files {
		if isPicture(&f) {
			m.items = append(m.items, item{label: clean(f.Name), value: size(f.size), do: func(a *App) tea.Cmd { return w.putPicture(a, f) }})
		}
	}
	ask := func(a *App) tea.Cmd {
		return w.askPath(a, "Put a picture into the text", "", "", w.pictureWrong, w.putPicture)
	}
	if len(m.items) == 0 {
		return ask(a)
	}
	m.items = append(m.items, item{label: "Another file" + a.theme.Ellipsis, do: ask})
	return a.menu(m)
}

// pictureWrong says why a file cannot stand in the text.
func (w *compose) pictureWrong(f file) string {
	if !isPicture(&f) {
		return "That is no picture; " + clean(f.Name) + " can be attached."
	}
	return ""
}

// putPicture attaches a picture and has it stand where the cursor is in the text,
// which makes that Markdown.
func (w *compose) putPicture(a *App, f file) tea.Cmd {
	if w.sending || w.gone {
		return a.tooLate()
	}
	if !slices.ContainsFunc(w.files, func(g file) bool { return g.Path == f.Path && g.Name == f.Name }) {
		w.files = append(w.files, f)
	}
	name := f.Name
	if strings.ContainsAny(name, ` ()<>%\`) { // they would end the name
		name = url.PathEscape(name)
	}
	w.enter(a, textPart)
	w.text().Insert("![](" + name + ")")
	said := "The picture stands where its name does."
	if !w.wish.markdown {
		w.wish.markdown, said = true, said+" The message is sent as Markdown now, as text and HTML."
	}
	return tea.Batch(w.touched(a), a.say(said))
}

// takeBack takes a paste back out of a text.
func takeBack(b *edit.Buffer, before string) {
	if b.Undo(); b.Text() != before {
		b.Redo()
	}
}
