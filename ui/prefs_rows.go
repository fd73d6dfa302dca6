package ui

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// How wide sections, rows and words get: farther apart the eye does not find
// what belongs together.
const (
	widestSection = 48
	widestPrefs   = 64
	widestWords   = 76
)

// endOfSign is the column behind the tick of a row.
const endOfSign = 6

// prefKind is how a row of settings looks.
type prefKind uint8

const (
	prefWords   prefKind = iota // to be read
	prefHeading                 // the name of what follows
	prefEntry                   // a name and what belongs to it
	prefRule                    // a policy and its value
	prefChoice                  // one of several
	prefTick                    // on or off
	prefLink                    // leads on
)

// prefRow is one line of a section of settings.
type prefRow struct {
	key   string
	kind  prefKind
	label string
	value string
	mark  string // dim, after the label
	role  style.Role
	depth int
	on    bool
	// do is what enter is for, toggle what space is for; a row without do is
	// passed over by the cursor.
	do     func(*App) tea.Cmd
	toggle func(*App) tea.Cmd
	folder activesync.FolderID
}

func (r prefRow) still() bool { return r.do == nil }

// line draws the row.
func (r prefRow) line(t *style.Theme, width int, cursor bool) string {
	on := style.Plain
	if cursor {
		on = style.Selected
	}
	l := t.Line(width, on)
	if cursor {
		l.Put(style.Accent, t.Bar)
	} else {
		l.Skip(1)
	}
	l.Skip(1)
	end := max(width-2-widestPrefs, 1) // what stays free on the right
	switch r.kind {
	case prefWords:
		return l.Skip(2*r.depth).Put(r.role, r.label).String()
	case prefHeading:
		return l.Put(style.Title, r.label).String()
	case prefEntry:
		return l.Cell(style.Dim, r.label, entryColumn-1).Skip(1).Put(r.role, r.value).String()
	case prefRule:
		return l.Cell(style.Strong, r.label, ruleColumn-1).Skip(1).Put(r.role, r.value).String()
	case prefChoice:
		sign := t.NoRadio
		if r.on {
			sign = t.Radio
		}
		l.Put(style.Accent, sign).Skip(1)
	case prefTick:
		sign := t.Unticked
		if r.on {
			sign = t.Ticked
		}
		l.Put(style.Accent, sign).Skip(1)
	}
	l.Skip(2 * r.depth)
	vw := style.Width(r.value)
	room := max(l.Room()-end-vw-1, 1)
	if mw := style.Width(r.mark); mw > 0 && mw+4 < room {
		w := min(style.Width(r.label), room-mw-2)
		l.Cell(style.Text, r.label, w).Skip(2).Cell(style.Dim, r.mark, room-w-2)
	} else {
		l.Cell(style.Text, r.label, room)
	}
	return l.Skip(1).Put(r.role, r.value).String()
}

// entryColumn is where the values of entries begin.
const entryColumn = 16

// prefSheet collects the rows of a section.
type prefSheet struct {
	theme *style.Theme
	room  int // how wide words can be
	low   bool
	rows  []prefRow
}

func (s *prefSheet) add(r prefRow) {
	if r.key == "" {
		r.key = "-" + strconv.Itoa(len(s.rows))
	}
	s.rows = append(s.rows, r)
}

func (s *prefSheet) blank() { s.add(prefRow{kind: prefWords}) }

func (s *prefSheet) heading(text string) { s.add(prefRow{kind: prefHeading, label: text}) }

// words writes a text over as many rows as it needs.
func (s *prefSheet) words(role style.Role, depth int, text string) {
	for _, w := range wrap(text, max(s.room-2*depth, 1)) {
		s.add(prefRow{kind: prefWords, role: role, depth: depth, label: w})
	}
}

// lead writes what comes before the rows that can be chosen. A low screen has
// no room for it: there the first of them has to be on screen.
func (s *prefSheet) lead(text ...string) {
	if s.low {
		return
	}
	for _, t := range text {
		s.words(style.Dim, 0, t)
	}
	s.blank()
}

// entry writes a name and what belongs to it, in two columns.
func (s *prefSheet) entry(name string, role style.Role, value string) {
	if value == "" {
		return
	}
	for _, w := range wrap(value, max(s.room-entryColumn, 1)) {
		s.add(prefRow{kind: prefEntry, label: name, value: w, role: role})
		name = ""
	}
}

// doDetail carries an action out among the rows of a section.
func (p *prefs) doDetail(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	r, _ := p.rows.Current()
	p.stale = true
	switch id {
	case action.Open, action.Right:
		if r.still() || id == action.Right && r.kind == prefTick {
			return nil, true
		}
		return r.do(a), true
	case action.Toggle:
		if r.toggle == nil {
			return p.doDetail(a, action.PageDown)
		}
		return r.toggle(a), true
	case action.Down:
		p.step(1)
		return nil, true
	case action.Up:
		p.step(-1)
		return nil, true
	}
	if !moveList(p.rows, id) {
		return nil, false
	}
	switch id {
	case action.PageUp, action.HalfUp, action.Last:
		p.land(-1)
	default:
		p.land(1)
	}
	return nil, true
}

// step goes to the next row that can be chosen; where there is none near, the
// words move instead.
func (p *prefs) step(n int) {
	at := p.rows.Cursor()
	for i := at + n; i >= 0 && i < p.rows.Len() && (i-at)*n < max(p.rows.Height(), 2); i += n {
		if r, ok := p.rows.At(i); ok && !r.still() {
			p.rows.To(i)
			return
		}
	}
	p.rows.Scroll(n)
}

// land moves the cursor to a row that can be chosen, if there is one on screen:
// on in the same direction, or else the other way.
func (p *prefs) land(n int) {
	spans := p.rows.Visible()
	if len(spans) == 0 {
		return
	}
	first, last := spans[0].Index, spans[len(spans)-1].Index
	for _, n := range []int{n, -n} {
		for i := p.rows.Cursor(); i >= first && i <= last; i += n {
			if r, ok := p.rows.At(i); ok && !r.still() {
				p.rows.To(i)
				return
			}
		}
	}
}

// folderAt is the mailbox under the cursor, for its Sync options.
func (p *prefs) folderAt(a *App) *activesync.Folder {
	r, ok := p.rows.Current()
	if !ok || !p.onDetail {
		return nil
	}
	f, _ := a.folder(r.folder)
	return f
}
