package ui

import (
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// page is a text on screen that is longer than its pane: styled lines, and
// how far it is scrolled.
type page struct {
	text   []string // each exactly as wide as the pane
	top    int
	height int
	width  int
}

func (p *page) set(text []string) {
	p.text = text
	p.scroll(0)
}

func (p *page) resize(width, height int) {
	p.width, p.height = width, height
	p.scroll(0)
}

func (p *page) scroll(n int) {
	p.top = max(min(p.top+n, len(p.text)-p.height), 0)
}

// do carries out an action of moving. It reports whether it was one.
func (p *page) do(id action.ID) bool {
	screen := max(p.height-2, 1)
	switch id {
	case action.Down:
		p.scroll(1)
	case action.Up:
		p.scroll(-1)
	case action.PageDown:
		p.scroll(screen)
	case action.PageUp:
		p.scroll(-screen)
	case action.HalfDown:
		p.scroll(max(screen/2, 1))
	case action.HalfUp:
		p.scroll(-max(screen/2, 1))
	case action.First:
		p.scroll(-len(p.text))
	case action.Last:
		p.scroll(len(p.text))
	default:
		return false
	}
	return true
}

func (p *page) atEnd() bool { return p.top+p.height >= len(p.text) }

// lines are those on screen.
func (p *page) lines(a *App) []string {
	out := make([]string, 0, p.height)
	out = append(out, p.text[min(p.top, len(p.text)):min(p.top+p.height, len(p.text))]...)
	return a.fill(out, p.width, p.height)
}

// below says how much of the text is not on screen yet.
func (p *page) below() string {
	if len(p.text) <= p.height || p.height == 0 {
		return ""
	}
	return number(min(p.top+p.height, len(p.text))*100/len(p.text)) + "%"
}

// sheet collects the lines of a page.
type sheet struct {
	theme  *style.Theme
	width  int
	margin int
	out    []string
	shots  []shotAt // pictures drawn by the pixel
	spots  []spotAt // what can be clicked
}

func newSheet(t *style.Theme, width int) *sheet {
	return &sheet{theme: t, width: max(width, 1), margin: 1}
}

// room is how wide words can be.
func (s *sheet) room() int { return max(s.width-2*s.margin, 1) }

func (s *sheet) line() *style.Line { return s.theme.Line(s.width, style.Plain).Skip(s.margin) }

func (s *sheet) add(l *style.Line) { s.out = append(s.out, l.String()) }

func (s *sheet) blank() { s.out = append(s.out, style.Blanks(s.width)) }

// words writes a text over as many lines as it needs.
func (s *sheet) words(r style.Role, text string) {
	for _, w := range wrap(text, s.room()) {
		s.add(s.line().Put(r, w))
	}
}

// rule writes a line across, fainter than any text.
func (s *sheet) rule() { s.add(s.line().Fill(style.Faint, s.theme.Rule, s.room())) }

// entry writes a name and what belongs to it, in two columns.
func (s *sheet) entry(name, value string, column int) {
	if value == "" {
		return
	}
	column = min(column, max(s.room()/2, 1))
	for i, w := range wrap(value, max(s.room()-column, 1)) {
		l := s.line()
		if i == 0 {
			l.Cell(style.Dim, name, column-1).Skip(1)
		} else {
			l.Skip(column)
		}
		s.add(l.Put(style.Text, w))
	}
}
