package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/style"
)

// From these widths on, mail shows three panes, and everything two.
const (
	threePanes = 120
	twoPanes   = 90
)

// rect is a part of the screen in cells. A width of 0 is not shown.
type rect struct{ x, y, w, h int }

func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// layout is where everything stands.
type layout struct {
	ruled bool // there are lines above and below the body
	body  rect
	// parts are the panes of the screen from left to right; those that are not
	// shown have no width.
	parts []rect
}

// arrange works out the layout and tells every pane its size.
func (a *App) arrange() tea.Cmd {
	l := layout{ruled: a.height >= 10}
	top, bottom := 1, 1
	if l.ruled {
		top, bottom = 2, 2
	}
	switch {
	case a.height <= 2:
		top, bottom = 0, 0
	case a.height <= 4:
		top, bottom = 1, 0
	}
	l.body = rect{0, top, a.width, max(a.height-top-bottom, 1)}
	l.parts = a.divide(l.body)
	a.lay = l
	var cmds []tea.Cmd
	if a.write != nil {
		a.write.resize(l.body)
	}
	switch a.screen {
	case mailScreen:
		cmds = append(cmds, a.mail.resize(a))
	case peopleScreen:
		cmds = append(cmds, a.people.resize(a))
	case calendarScreen:
		cmds = append(cmds, a.agenda.resize(a))
	case settingsScreen:
		a.prefs.resize(a)
	case outboxScreen:
		a.outbox.resize(a)
	}
	return tea.Batch(cmds...)
}

// divide splits the body into the panes of the screen.
func (a *App) divide(body rect) []rect {
	if a.screen == mailScreen {
		return a.divideMail(body)
	}
	detail := false
	switch a.screen {
	case peopleScreen:
		detail = a.people.onCard
	case calendarScreen:
		detail = a.agenda.onCard
	case settingsScreen:
		detail = a.prefs.onDetail
	case outboxScreen:
		detail = a.outbox.onDetail
	}
	if body.w < twoPanes {
		if detail {
			return []rect{{}, body}
		}
		return []rect{body, {}}
	}
	return cut(body, min(max(body.w*2/5, 40), 72))
}

// cut makes columns of the given widths and one of the rest, with a line between.
func cut(body rect, widths ...int) []rect {
	var out []rect
	x := body.x
	for _, w := range widths {
		out = append(out, rect{x, body.y, w, body.h})
		x += w + 1
	}
	return append(out, rect{x, body.y, max(body.x+body.w-x, 0), body.h})
}

func (a *App) divideMail(body rect) []rect {
	none := rect{}
	boxes := min(max(body.w*15/100, 24), 34)
	switch {
	case body.w >= threePanes:
		return cut(body, boxes, min(max(body.w*32/100, 40), 72))
	case body.w >= twoPanes && a.mail.focus == onBoxes:
		p := cut(body, boxes)
		return []rect{p[0], p[1], none}
	case body.w >= twoPanes:
		p := cut(body, min(max(body.w*42/100, 38), 50))
		return []rect{none, p[0], p[1]}
	case a.mail.focus == onBoxes:
		return []rect{body, none, none}
	case a.mail.focus == onList:
		return []rect{none, body, none}
	}
	return []rect{none, none, body}
}

// column is a pane as it is drawn: exactly the lines of the body.
type column struct {
	lines []string
	width int
	title string
	extra string // dim, after the title
	focus bool
}

// beside are the columns of a list and of what is under its cursor, of no width
// where they are not shown; alone, the latter says what list it is of.
func (a *App) beside(title string, list, card column) (out []column) {
	if list.width > 0 {
		list.title = title
		out = append(out, list)
	} else if card.title != "" {
		card.title = title + " " + a.theme.Path + " " + card.title
	}
	if card.width > 0 {
		out = append(out, card)
	}
	return out
}

// abreast puts columns side by side with a line between.
func (a *App) abreast(columns []column, height int) []string {
	if len(columns) == 1 {
		return columns[0].lines
	}
	sep := a.theme.On(style.Plain, style.Faint) + a.theme.Column + style.Reset
	if len(a.joined) != height {
		a.joined = make([]joined, height)
	}
	out := make([]string, height)
	for y := range out {
		out[y] = a.joined[y].of(columns, y, sep)
	}
	return out
}

// joined is a line of the body and what it was put together of. Most of them
// are the same in the next frame, and cost nothing there.
type joined struct {
	sep   string
	parts []string
	line  string
}

func (j *joined) of(columns []column, y int, sep string) string {
	same := j.sep == sep && len(j.parts) == len(columns)
	for i := 0; same && i < len(columns); i++ {
		same = j.parts[i] == columns[i].lines[y]
	}
	if same {
		return j.line
	}
	j.sep, j.parts = sep, j.parts[:0]
	for _, c := range columns {
		j.parts = append(j.parts, c.lines[y])
	}
	j.line = strings.Join(j.parts, sep)
	return j.line
}

// ruleTop is the line above the body, with the titles of the columns in it.
func (a *App) ruleTop(columns []column) string {
	l := a.theme.Line(a.width, style.Plain)
	for i, c := range columns {
		if i > 0 {
			l.Fill(style.Faint, a.theme.Down, 1)
		}
		end := l.Room() - c.width
		if i == len(columns)-1 {
			end = 0
		}
		a.titleInto(l, c, l.Room()-end)
		l.Fill(style.Faint, a.theme.Rule, l.Room()-end)
	}
	return l.String()
}

func (a *App) titleInto(l *style.Line, c column, width int) {
	if c.title == "" || width < 6 {
		return
	}
	role := style.Dim
	if c.focus {
		role = style.Title
	}
	title, w := c.title, style.Width(c.title)
	if w > width-4 {
		title, w = style.Cut(title, width-4, a.theme.Ellipsis)
	}
	l.Fill(style.Faint, a.theme.Rule, 1).Skip(1).Put(role, title).Skip(1)
	if left := width - w - 3; c.extra != "" && style.Width(c.extra)+2 <= left {
		l.Skip(1).Put(style.Dim, c.extra).Skip(1)
	}
}

// ruleBottom is the line below the body. What has to be said stands in it.
func (a *App) ruleBottom(columns []column) string {
	l := a.theme.Line(a.width, style.Plain)
	said := a.said()
	x := 0
	if said.text != "" {
		role := style.Strong
		mark := ""
		if said.alert {
			role, mark = style.Alert, a.theme.Warning+" "
		}
		l.Fill(style.Faint, a.theme.Rule, 1).Skip(1)
		l.Put(role, mark+said.text)
		if said.offer != "" && l.Room() > style.Width(said.offer)+4 {
			l.Skip(2).Put(style.Title, said.offer)
		}
		l.Skip(1)
		x = a.width - l.Room()
	}
	edge := 0
	for _, c := range columns[:max(len(columns)-1, 0)] {
		edge += c.width
		if edge >= x {
			l.Fill(style.Faint, a.theme.Rule, edge-x).Fill(style.Faint, a.theme.Up, 1)
			x = edge + 1
		}
		edge++
	}
	l.Fill(style.Faint, a.theme.Rule, l.Room())
	return l.String()
}
