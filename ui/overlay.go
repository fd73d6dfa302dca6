package ui

import (
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// overlay lies on the screen and takes all keys until it is closed.
type overlay interface {
	key(a *App, k tea.KeyMsg, name string) tea.Cmd
	// click gets a cell of the box; wheel n rows.
	click(a *App, x, y int) tea.Cmd
	wheel(a *App, n int) tea.Cmd
	draw(a *App) box
}

// top is the overlay that has the keys, nil when there is none.
func (a *App) top() overlay {
	if n := len(a.overlays); n > 0 {
		return a.overlays[n-1]
	}
	return nil
}

func (a *App) push(o overlay) tea.Cmd {
	a.overlays = append(a.overlays, o)
	return nil
}

// pop closes the overlay on top.
func (a *App) pop() {
	if n := len(a.overlays); n > 0 {
		a.overlays = a.overlays[:n-1]
	}
}

// closeMenus closes the menus on top; what they were opened from stays.
func (a *App) closeMenus() {
	for {
		if _, ok := a.top().(*menu); !ok {
			return
		}
		a.pop()
	}
}

// framed draws a frame around lines of width cells and puts it at a place: the
// middle of the screen, or its lower-right corner.
func (a *App) framed(title string, lines []string, width int, corner bool) box {
	t := a.theme
	out := make([]string, 0, len(lines)+2)
	head := t.Line(width+2, style.Overlay).Put(style.Faint, t.TopLeft)
	if title != "" {
		head.Put(style.Faint, t.Rule).Put(style.Title, " "+cutTo(title, width-4, t)+" ")
	}
	head.Fill(style.Faint, t.Rule, head.Room()-1).Put(style.Faint, t.TopRight)
	out = append(out, head.String())
	side := t.On(style.Overlay, style.Faint) + t.Column
	for _, l := range lines {
		out = append(out, side+l+side+style.Reset)
	}
	foot := t.Line(width+2, style.Overlay).Put(style.Faint, t.BottomLeft)
	foot.Fill(style.Faint, t.Rule, foot.Room()-1).Put(style.Faint, t.BottomRight)
	out = append(out, foot.String())
	b := box{rect{(a.width - width - 2) / 2, (a.height - len(out)) / 2, width + 2, len(out)}, out}
	if corner {
		b.x, b.y = a.width-b.w, a.height-1-b.h
	}
	b.x, b.y = max(b.x, 0), max(b.y, 0)
	return b
}

// partOf is the title of a box that shows high of its lines, up to one of them:
// where there are more, it says so.
func partOf(title string, line, of, high int) string {
	if of <= high {
		return title
	}
	return title + "  " + number(line) + "/" + number(of)
}

// boxRoom is the most that fits inside a frame.
func (a *App) boxRoom() (width, height int) { return max(a.width-2, 1), max(a.height-3, 1) }

// typeInto lets a key edit a field. It reports whether the key was one for it.
func typeInto(f *edit.Field, k tea.KeyMsg, name string) bool {
	switch name {
	case "left", "ctrl+b":
		f.Left()
	case "right":
		f.Right()
	case "ctrl+left", "alt+left", "alt+b":
		f.WordLeft()
	case "ctrl+right", "alt+right", "alt+f":
		f.WordRight()
	case "home", "ctrl+a":
		f.Home()
	case "end", "ctrl+e":
		f.End()
	case "backspace", "ctrl+h":
		f.Backspace()
	case "delete", "ctrl+d":
		f.Delete()
	case "ctrl+w", "alt+backspace":
		f.DeleteWord()
	case "ctrl+u":
		f.DeleteToStart()
	case "ctrl+_", "alt+u":
		f.Undo()
	case "ctrl+y", "alt+e":
		f.Redo()
	default:
		if !isLetter(k) {
			return false
		}
		f.Insert(string(k.Runes))
	}
	return true
}

// fieldInto draws a field with its cursor in width cells of a line.
func (a *App) fieldInto(l *style.Line, on style.Surface, f *edit.Field, width int, secret, focus bool) {
	shown := f
	if secret {
		shown = a.starred(f)
	}
	text, x := shown.View(width)
	if !focus {
		l.PutOn(on, style.Text, cutTo(shown.Text(), width, a.theme))
		l.Skip(width - min(style.Width(shown.Text()), width))
		return
	}
	a.cursorInto(l, on, text, x, width)
}

// starred is a field with signs instead of its letters.
func (a *App) starred(f *edit.Field) *edit.Field {
	shown := edit.NewField(strings.Repeat(a.theme.Secret, utf8.RuneCountInString(f.Text())))
	shown.Home()
	for range utf8.RuneCountInString(f.Text()[:f.At()]) {
		shown.Right()
	}
	return shown
}

// cursorInto draws a text with the cell of the cursor reversed.
func (a *App) cursorInto(l *style.Line, on style.Surface, text string, x, width int) {
	left, lw := style.Cut(text, x, "")
	rest := text[len(left):]
	under := " "
	if rest != "" {
		n, _ := style.Next(rest)
		under = rest[:n]
	}
	l.PutOn(on, style.Text, left).Skip(x - lw)
	l.PutOn(on, style.Cursor, under)
	after := ""
	if rest != "" {
		after = rest[len(under):]
	}
	used := x + style.Width(under)
	l.PutOn(on, style.Text, cutTo(after, width-used, a.theme))
	l.Skip(width - used - style.Width(after))
}
