package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"eas.example/securemail/ui/style"
)

// View is the whole screen. It is put together of lines that panes keep until
// they change.
func (a *App) View() string {
	if a.frame == "" {
		a.frame = strings.Join(a.lines(), "\n")
	}
	return a.frame
}

// lines is the screen line by line, each exactly as wide as the screen.
func (a *App) lines() []string {
	if a.lock != nil {
		return a.lock.draw(a)
	}
	columns := a.columns()
	lines := make([]string, 0, a.height)
	if a.lay.body.y > 0 {
		lines = append(lines, a.header())
	}
	if a.lay.ruled {
		lines = append(lines, a.ruleTop(columns))
	}
	lines = append(lines, a.abreast(columns, a.lay.body.h)...)
	if a.lay.ruled {
		lines = append(lines, a.ruleBottom(columns))
		a.spread(lines)
	}
	if len(lines) < a.height {
		lines = append(lines, a.footer())
	}
	for i, o := range a.overlays {
		if i+1 == len(a.overlays) || !inCorner(o) || !inCorner(a.overlays[i+1]) {
			a.cover(lines, o.draw(a))
		}
	}
	return lines
}

// columns are the panes on screen.
func (a *App) columns() []column {
	switch {
	case a.setup != nil:
		return a.setup.columns(a)
	case a.write != nil:
		return a.write.columns(a)
	}
	switch a.screen {
	case peopleScreen:
		return a.people.columns(a)
	case calendarScreen:
		return a.agenda.columns(a)
	case settingsScreen:
		return a.prefs.columns(a)
	case outboxScreen:
		return a.outbox.columns(a)
	}
	return a.mail.columns(a)
}

// box is something that lies on the screen.
type box struct {
	rect
	lines []string
}

// cover puts a box over the lines of the screen.
func (a *App) cover(lines []string, b box) {
	for i, s := range b.lines {
		if y := b.y + i; y >= 0 && y < len(lines) {
			lines[y] = over(lines[y], b.x, s, b.w, a.width)
		}
	}
}

// over replaces w cells of line from x on by s.
func over(line string, x int, s string, w, width int) string {
	if x+w > width {
		s, w = style.Cut(s, width-x, "")
	}
	left, lw := style.Cut(line, x, "")
	right := ansi.TruncateLeft(line, x+w, "")
	gap := width - x - w - style.Width(right)
	if gap < 0 { // a wide letter stands across the edge
		right = ansi.TruncateLeft(line, x+w+1, "")
		gap = width - x - w - style.Width(right)
	}
	return left + style.Reset + style.Blanks(x-lw) + s + style.Reset + style.Blanks(gap) + right
}

// fill makes exactly height lines of width cells of those given.
func (a *App) fill(lines []string, width, height int) []string {
	if len(lines) >= height {
		return lines[:height]
	}
	blank := style.Blanks(width)
	for len(lines) < height {
		lines = append(lines, blank)
	}
	return lines
}
