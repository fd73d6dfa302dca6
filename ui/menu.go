package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/list"
	"eas.example/securemail/ui/style"
)

// item is a line of a menu.
type item struct {
	label  string
	value  string // on the right: a key, or the choice in force
	also   string // other words that find it
	why    string // why it cannot be chosen now
	leads  bool   // to another menu
	radio  bool   // one of several choices
	chosen bool   // the choice in force
	do     func(*App) tea.Cmd
}

// menu is a list to choose from: in the lower-right corner, or in the middle
// with a field that finds by a few letters.
type menu struct {
	title  string
	items  []item
	shown  []int // into items, in order
	list   *list.List[int, int]
	find   *edit.Field // nil where letters do not search
	corner bool
	digits bool // a digit chooses the item of that number
	width  int  // of the inside; 0 is as needed
	box    rect
}

// inCorner reports whether an overlay is a menu of the corner. One that led to
// another is not drawn below it.
func inCorner(o overlay) bool {
	m, ok := o.(*menu)
	return ok && m.corner
}

func (a *App) menu(m *menu) tea.Cmd {
	m.list = list.New(func(i int) int { return i }, nil)
	m.filter()
	for n, i := range m.shown {
		if m.items[i].chosen {
			m.list.To(n)
		}
	}
	a.overlays = append(a.overlays, m)
	return nil
}

// filter finds the items that match what was typed, the best first.
func (m *menu) filter() {
	m.shown = m.shown[:0]
	words := ""
	if m.find != nil {
		words = strings.TrimSpace(m.find.Text())
	}
	if words == "" {
		for i := range m.items {
			m.shown = append(m.shown, i)
		}
	} else {
		m.shown = rank(m.items, words)
	}
	rows := make([]int, len(m.shown))
	copy(rows, m.shown)
	m.list.Clear()
	m.list.Put(0, len(rows), rows)
}

func (m *menu) key(a *App, k tea.KeyMsg, name string) tea.Cmd {
	switch name {
	case "esc":
		a.pop()
		return nil
	case "enter":
		return m.pick(a)
	case "down", "ctrl+n", "tab":
		m.list.Move(1)
		return nil
	case "up", "ctrl+p", "shift+tab":
		m.list.Move(-1)
		return nil
	case "pgdown":
		m.list.Page(1)
		return nil
	case "pgup":
		m.list.Page(-1)
		return nil
	}
	if m.find != nil {
		if name == "ctrl+k" {
			a.pop()
			return nil
		}
		if typeInto(m.find, k, name) {
			m.filter()
		}
		return nil
	}
	switch name {
	case "j":
		m.list.Move(1)
	case "k":
		m.list.Move(-1)
	case "l", "right":
		if i := m.current(); i >= 0 && m.items[i].leads {
			return m.pick(a)
		}
	case "h", "left", "backspace", "q", ".":
		a.pop()
	case "home", "g":
		m.list.To(0)
	case "end", "G":
		m.list.To(m.list.Len())
	case "space":
		return m.pick(a)
	default:
		if m.digits && len(name) == 1 && name[0] >= '1' && name[0] <= '9' && int(name[0]-'1') < len(m.shown) {
			m.list.To(int(name[0] - '1'))
			return m.pick(a)
		}
		return m.byKey(a, name)
	}
	return nil
}

// byKey chooses the item whose key is shown beside it.
func (m *menu) byKey(a *App, name string) tea.Cmd {
	if n := m.item(name); n >= 0 {
		m.list.To(n)
		return m.pick(a)
	}
	return nil
}

// item is the place of the item whose key is shown beside it, -1 for none.
func (m *menu) item(key string) int {
	return slices.IndexFunc(m.shown, func(i int) bool { return m.items[i].value == key && !m.items[i].radio })
}

func (m *menu) paste(_ *App, s string) tea.Cmd {
	if m.find != nil {
		m.find.Insert(s)
		m.filter()
	}
	return nil
}

func (m *menu) current() int {
	i, ok := m.list.Current()
	if !ok {
		return -1
	}
	return i
}

// pick does what the current item is for. A menu that leads on stays below
// the next one.
func (m *menu) pick(a *App) tea.Cmd {
	i := m.current()
	if i < 0 {
		return nil
	}
	it := m.items[i]
	if it.why != "" {
		a.closeMenus()
		return a.say(it.why)
	}
	if !it.leads {
		a.closeMenus()
	}
	if it.do == nil {
		return nil
	}
	return it.do(a)
}

func (m *menu) click(a *App, x, y int) tea.Cmd {
	y -= 1 + m.above()
	if x < 1 || x >= m.box.w-1 || y < 0 {
		return nil
	}
	if i := m.list.IndexAt(y); i >= 0 {
		m.list.To(i)
		return m.pick(a)
	}
	return nil
}

func (m *menu) wheel(_ *App, n int) tea.Cmd {
	m.list.Move(n)
	return nil
}

// above is how many lines stand over the items.
func (m *menu) above() int {
	if m.find != nil {
		return 2
	}
	return 0
}

func (m *menu) draw(a *App) box {
	maxWidth, maxHeight := a.boxRoom()
	width := m.inside(maxWidth)
	height := min(len(m.items), maxHeight-m.above())
	if m.find != nil {
		height = min(max(height, 1), max(maxHeight*2/3-m.above(), 1))
	}
	m.list.Resize(max(height, 1))
	var lines []string
	last := 0
	if m.find != nil {
		l := a.theme.Line(width, style.Overlay).Skip(1)
		a.fieldInto(l, style.Overlay, m.find, width-2, false, true)
		lines = append(lines, l.String(), a.theme.Line(width, style.Overlay).Fill(style.Faint, a.theme.Rule, width).String())
	}
	for _, s := range m.list.Visible() {
		i, _ := m.list.At(s.Index)
		last = s.Index + 1
		lines = append(lines, m.line(a, m.items[i], width, s.Index == m.list.Cursor()))
	}
	if len(m.shown) == 0 {
		lines = append(lines, a.theme.Line(width, style.Overlay).Skip(2).Put(style.Dim, "Nothing matches.").String())
	}
	for len(lines) < height+m.above() {
		lines = append(lines, a.theme.Line(width, style.Overlay).String())
	}
	b := a.framed(partOf(m.title, last, len(m.shown), m.list.Height()), lines, width, m.corner)
	m.box = b.rect
	return b
}

func (m *menu) inside(most int) int {
	width := m.width
	if width == 0 {
		for _, it := range m.items {
			width = max(width, style.Width(it.label)+style.Width(it.value)+9)
		}
		width = max(width, style.Width(m.title)+6, 24)
	}
	return min(width, most)
}

func (m *menu) line(a *App, it item, width int, cursor bool) string {
	on := style.Overlay
	if cursor {
		on = style.Chosen
	}
	l := a.theme.Line(width, on)
	if cursor {
		l.Put(style.Accent, a.theme.Bar)
	} else {
		l.Skip(1)
	}
	role := style.Text
	if it.why != "" {
		role = style.Dim
	}
	if it.radio {
		sign := a.theme.NoRadio
		if it.chosen {
			sign = a.theme.Radio
		}
		l.Put(style.Accent, sign)
	}
	l.Skip(1)
	right := it.value
	if it.why != "" && m.find != nil {
		right = it.why
	}
	if it.leads {
		right = strings.TrimSpace(right + " " + a.theme.Open)
	}
	rw := min(style.Width(right), max(l.Room()/2, l.Room()-style.Width(it.label)-3)) // half, or what the label leaves
	l.Cell(role, it.label, l.Room()-rw-2).Skip(1).Right(style.Dim, right, rw)
	return l.String()
}
