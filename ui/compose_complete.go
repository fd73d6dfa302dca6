package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// suggest looks for people who fit what was typed.
func (w *compose) suggest(a *App) tea.Cmd {
	if !holdsAddresses(w.focus) {
		w.options.close()
		return nil
	}
	if !w.options.aim(w.field[w.focus].Line(0), w.field[w.focus].At().Byte) {
		return nil
	}
	return w.options.complete(a, w)
}

// completeAgain asks anew, since more may be known by now.
func (w *compose) completeAgain(a *App) tea.Cmd {
	if w.options.words == "" {
		return nil
	}
	return w.options.complete(a, w)
}

func (w *compose) completes(a *App) (activesync.AccountID, *options, bool) {
	return w.account, &w.options, a.write == w
}

func (w *compose) redraw() { w.stale = true }

func (w *compose) named() (out []string) {
	for _, p := range []int{toPart, ccPart, bccPart} {
		out = append(out, w.field[p].Text())
	}
	return out
}

// optionsKey lets a key choose among the people offered.
func (w *compose) optionsKey(a *App, k tea.KeyMsg, name string) (cmd tea.Cmd, mine bool) {
	take, mine := w.options.key(a.theme, k, name)
	w.stale = w.stale || mine
	if take {
		return w.take(a), true
	}
	return nil, mine
}

// take writes the person chosen instead of what was typed.
func (w *compose) take(a *App) tea.Cmd {
	o, b := &w.options, w.field[w.focus]
	b.Replace(edit.Pos{Byte: o.from}, edit.Pos{Byte: o.to}, o.chosen(len(b.Line(0))))
	o.close()
	return w.touched(a)
}

// writeHeld waits no longer for the people: what was typed meanwhile is written as
// it is, and nobody is offered.
func (w *compose) writeHeld(a *App) tea.Cmd {
	held := w.options.held
	w.options.held = nil
	w.options.close()
	var cmds []tea.Cmd
	for _, h := range held {
		if isLetter(h.key) || h.name == "enter" || h.name == "tab" {
			cmds = append(cmds, w.key(a, h.key, h.name))
		}
	}
	w.options.close()
	return tea.Batch(cmds...)
}

// drawOptions lays the people offered over the lines below the field.
func (w *compose) drawOptions(a *App) {
	o := &w.options
	x, width := w.room(w.focus)
	y := w.cursorY + 1
	var lines []string
	if w.cursors {
		lines, width = o.lines(a.theme, width, len(w.drawn)-y)
	}
	o.rect = rect{}
	if len(lines) > 0 {
		o.rect = rect{x, y, width, len(lines)}
	}
	for i, l := range lines {
		w.drawn[y+i] = over(w.drawn[y+i], x, l, width, w.rect.w)
	}
}
