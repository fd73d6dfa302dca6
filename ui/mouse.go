package ui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

// doubleClick is how soon the second click of a double click follows.
const doubleClick = 400 * time.Millisecond

// wheelRows is how many rows a notch of the wheel goes.
const wheelRows = 3

// lastClick is where and when the mouse was last pressed.
type lastClick struct {
	x, y int
	at   time.Time
}

// mouse routes clicks and the wheel as keys are routed: what lies on top first.
func (a *App) mouse(e tea.MouseEvent) tea.Cmd {
	switch {
	case e.Action != tea.MouseActionPress:
		return nil
	case e.Button == tea.MouseButtonWheelUp:
		return a.wheel(e.X, e.Y, -wheelRows)
	case e.Button == tea.MouseButtonWheelDown:
		return a.wheel(e.X, e.Y, wheelRows)
	case e.Button == tea.MouseButtonLeft:
		return a.pressed(e.X, e.Y)
	case e.Button == tea.MouseButtonBackward:
		return a.key(tea.KeyMsg{Type: tea.KeyEsc})
	}
	return nil
}

func (a *App) wheel(x, y, n int) tea.Cmd {
	if o := a.top(); o != nil {
		return o.wheel(a, n)
	}
	pane, _, _ := a.paneAt(x, y)
	switch {
	case pane < 0 || a.setup != nil:
		return nil
	case a.write != nil:
		return a.write.wheel(a, pane, n)
	}
	switch a.screen {
	case peopleScreen:
		return a.people.wheel(a, pane, n)
	case calendarScreen:
		return a.agenda.wheel(a, pane, n)
	case settingsScreen:
		return a.prefs.wheel(a, pane, n)
	case outboxScreen:
		return a.outbox.wheel(a, pane, n)
	}
	return a.mail.wheel(a, pane, n)
}

func (a *App) pressed(x, y int) tea.Cmd {
	double := a.click.x == x && a.click.y == y && a.now.Sub(a.click.at) < doubleClick
	a.click = lastClick{x, y, a.now}
	if double {
		a.click.at = time.Time{} // a third click begins anew
	}
	a.prefix = ""
	if o := a.top(); o != nil {
		return a.pressedOver(o, x, y)
	}
	if y == 0 && a.lay.body.y > 0 && a.setup == nil {
		return a.pressedZone(a.tabZones(), x)
	}
	if y == a.height-1 && a.lay.body.y+a.lay.body.h < a.height {
		return a.pressedZone(a.foot, x)
	}
	if a.lay.ruled && y == a.lay.body.y+a.lay.body.h && a.said().reminds {
		return a.openReminders()
	}
	if said := len(a.noteLines()); said > 0 && y > a.lay.body.y+a.lay.body.h-said {
		a.note.folded = true
		return nil
	}
	pane, px, py := a.paneAt(x, y)
	switch {
	case pane < 0:
		return nil
	case a.setup != nil:
		return a.setup.click(a, pane, px, py, double)
	case a.write != nil:
		return a.write.click(a, pane, px, py, double)
	}
	switch a.screen {
	case peopleScreen:
		return a.people.click(a, pane, px, py, double)
	case calendarScreen:
		return a.agenda.click(a, pane, px, py, double)
	case settingsScreen:
		return a.prefs.click(a, pane, px, py, double)
	case outboxScreen:
		return a.outbox.click(a, pane, px, py, double)
	}
	return a.mail.click(a, pane, px, py, double)
}

// pressedOver is a click while something lies on the screen. A click beside it
// closes it as esc does, unless it is a question.
func (a *App) pressedOver(o overlay, x, y int) tea.Cmd {
	b := o.draw(a)
	if b.has(x, y) {
		return o.click(a, x-b.x, y-b.y)
	}
	switch o.(type) {
	case *question, *prompt, *form[activesync.Contact], *form[activesync.Event]:
		return nil
	case *textbox, *errand: // something is lost, or goes on
		return o.key(a, tea.KeyMsg{Type: tea.KeyEsc}, "esc")
	}
	a.pop()
	return nil
}

func (a *App) pressedZone(zones []zone, x int) tea.Cmd {
	for _, z := range zones {
		if x >= z.from && x < z.to {
			return a.perform(z.do)
		}
	}
	return nil
}

// paneAt is the pane at a cell of the screen, -1 for none, and the cell in it.
func (a *App) paneAt(x, y int) (pane, px, py int) {
	if a.setup != nil || a.write != nil {
		if b := a.lay.body; b.has(x, y) {
			return 0, x - b.x, y - b.y
		}
		return -1, 0, 0
	}
	for i, p := range a.lay.parts {
		if p.w > 0 && p.has(x, y) {
			return i, x - p.x, y - p.y
		}
	}
	return -1, 0, 0
}

func (m *mail) wheel(a *App, pane, n int) tea.Cmd {
	switch pane {
	case onBoxes:
		m.boxes.list.Scroll(n)
		m.boxes.stale = true
		return nil
	case onList:
		m.list.list.Scroll(n)
		return m.list.moved(a)
	}
	m.reader.page.scroll(n)
	return nil
}

// click selects; a click on what is selected already, or a double click, opens.
func (m *mail) click(a *App, pane, x, y int, double bool) tea.Cmd {
	switch pane {
	case onBoxes:
		i := m.boxes.list.IndexAt(y)
		if i < 0 {
			return m.look(a, onBoxes)
		}
		again := i == m.boxes.list.Cursor() && m.focus == onBoxes
		m.boxes.list.To(i)
		moved := m.boxes.moved(a, 1)
		if again || double || a.part(onList).w == 0 {
			return tea.Batch(moved, m.boxes.open(a))
		}
		return tea.Batch(moved, m.look(a, onBoxes))
	case onList:
		i := m.list.list.IndexAt(y - len(m.list.head))
		if i < 0 {
			return m.look(a, onList)
		}
		again := i == m.list.list.Cursor() && m.focus == onList
		m.list.list.To(i)
		moved := m.list.moved(a)
		if again || double {
			return tea.Batch(moved, m.list.openOrWrite(a))
		}
		return tea.Batch(moved, m.look(a, onList))
	}
	return tea.Batch(m.enter(a, onReader), m.reader.click(a, x, y))
}
