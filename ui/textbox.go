package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// textbox asks for a text of some lines.
type textbox struct {
	title string
	hint  string
	text  *edit.Buffer
	lines int
	do    func(*App, string) tea.Cmd
	box   rect
	top   int // lines of the box above the text
}

func (a *App) textbox(title, hint, text string, do func(*App, string) tea.Cmd) tea.Cmd {
	b := edit.New(text)
	b.Bottom()
	a.overlays = append(a.overlays, &textbox{title: title, hint: hint, text: b, lines: 10, do: do})
	return nil
}

func (t *textbox) key(a *App, k tea.KeyMsg, name string) tea.Cmd {
	switch name {
	case "esc":
		if !t.text.Changed() {
			a.pop()
			return nil
		}
		return a.ask(question{title: "Keep the text?", text: "What you changed is not kept yet.", yes: "Keep", no: "Go on", also: "Drop",
			do:    t.save,
			other: func(a *App) tea.Cmd { a.pop(); return nil }})
	case "ctrl+s", "alt+enter":
		return t.save(a)
	case "ctrl+_", "alt+u":
		t.text.Undo()
	case "ctrl+y", "alt+e":
		t.text.Redo()
	default:
		typeText(t.text, k, name, true)
	}
	return nil
}

func (t *textbox) save(a *App) tea.Cmd {
	a.pop()
	return t.do(a, strings.TrimRight(t.text.Text(), "\n "))
}

func (t *textbox) paste(_ *App, s string) tea.Cmd {
	t.text.Insert(s)
	return nil
}

func (t *textbox) click(a *App, x, y int) tea.Cmd {
	if y == t.box.h-2 {
		return t.save(a)
	}
	t.text.Click(max(x-3, 0), max(y-1-t.top, 0))
	return nil
}

func (t *textbox) wheel(_ *App, n int) tea.Cmd {
	t.text.Scroll(n)
	return nil
}

func (t *textbox) draw(a *App) box {
	most, high := a.boxRoom()
	width := min(76, most)
	var lines []string
	line := func() *style.Line { return a.theme.Line(width, style.Overlay) }
	for _, w := range wrap(t.hint, width-4) {
		lines = append(lines, line().Skip(2).Put(style.Dim, w).String())
	}
	t.top = len(lines)
	rows := max(min(t.lines, high-len(lines)-2), 1)
	t.text.Resize(width-4, rows)
	shown, x, y := t.text.View()
	for i := range rows {
		l := line().Skip(2)
		switch {
		case i == y:
			a.cursorInto(l, style.Overlay, rowText(shown[i].Text, width-4), x, width-4)
		case i < len(shown):
			l.Put(style.Text, rowText(shown[i].Text, width-4))
		}
		lines = append(lines, l.String())
	}
	lines = append(lines, line().String(), line().Skip(2).PutOn(style.Chosen, style.Strong, a.theme.Bar+"Keep ").Skip(2).Put(style.Dim, "ctrl+s keeps, esc closes").String())
	b := a.framed(t.title, lines, width, false)
	t.box = b.rect
	return b
}
