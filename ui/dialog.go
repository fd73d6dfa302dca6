package ui

import (
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// question asks before what cannot be undone. No is what enter means until
// the person chooses otherwise.
type question struct {
	title string
	text  string
	yes   string
	no    string // "No" where empty
	also  string // a third choice, "" for none
	do    func(*App) tea.Cmd
	other func(*App) tea.Cmd
	// refused is what no does beyond closing the question; nil for nothing.
	refused func(*App) tea.Cmd
	locks   bool // it is about what is locked
	at      int  // 0 no, 1 yes, 2 the third
	box     rect
	spots   []zone // of the buttons, in cells of the box
}

func (a *App) ask(q question) tea.Cmd {
	if q.no == "" {
		q.no = "No"
	}
	a.overlays = append(a.overlays, &q)
	return nil
}

func (q *question) choices() []string {
	out := []string{q.no, q.yes}
	if q.also != "" {
		out = append(out, q.also)
	}
	return out
}

func (q *question) key(a *App, _ tea.KeyMsg, name string) tea.Cmd {
	n := len(q.choices())
	switch name {
	case "esc", "n", "q":
		q.at = 0
		return q.decide(a)
	case "y":
		q.at = 1
		return q.decide(a)
	case "enter", "space":
		return q.decide(a)
	case "tab", "right", "l", "down", "j":
		q.at = (q.at + 1) % n
	case "shift+tab", "left", "h", "up", "k":
		q.at = (q.at + n - 1) % n
	}
	return nil
}

func (q *question) decide(a *App) tea.Cmd {
	a.pop()
	switch {
	case q.at == 0 && q.refused != nil:
		return q.refused(a)
	case q.at == 1 && q.do != nil:
		return q.do(a)
	case q.at == 2 && q.other != nil:
		return q.other(a)
	}
	return nil
}

func (q *question) click(a *App, x, y int) tea.Cmd {
	if y != q.box.h-2 {
		return nil
	}
	for i, z := range q.spots {
		if x >= z.from && x < z.to {
			q.at = i
			return q.decide(a)
		}
	}
	return nil
}

func (q *question) wheel(*App, int) tea.Cmd { return nil }

func (q *question) draw(a *App) box {
	most, _ := a.boxRoom()
	width := min(max(56, len(q.yes)+len(q.no)+len(q.also)+20), most)
	var lines []string
	add := func(l *style.Line) { lines = append(lines, l.String()) }
	line := func() *style.Line { return a.theme.Line(width, style.Overlay) }
	add(line())
	for _, w := range wrap(q.text, width-4) {
		add(line().Skip(2).Put(style.Text, w))
	}
	add(line())
	l := line().Skip(2)
	q.spots = q.spots[:0]
	for i, c := range q.choices() {
		from := width - l.Room() + 1
		word := " " + c + " "
		if i == q.at {
			word = a.theme.Bar + c + " "
			l.PutOn(style.Chosen, style.Strong, word)
		} else {
			l.Put(style.Text, word)
		}
		q.spots = append(q.spots, zone{from: from, to: width - l.Room() + 1})
		l.Skip(2)
	}
	add(l)
	b := a.framed(q.title, lines, width, false)
	q.box = b.rect
	return b
}

// prompt asks for one line of text.
type prompt struct {
	title string
	label string
	field *edit.Field
	hint  string
	wrong string // why what was typed cannot be
	// secret shows signs instead of letters; locks: it is about what is locked.
	secret, locks bool
	// check says why a text is wrong, "" when it is right.
	check    func(string) string
	complete func(string) []string // ways a text may go on
	found    []string
	do       func(*App, string) tea.Cmd
}

func (a *App) prompt(p *prompt) tea.Cmd {
	a.overlays = append(a.overlays, p)
	return nil
}

func (p *prompt) key(a *App, k tea.KeyMsg, name string) tea.Cmd {
	switch name {
	case "esc":
		a.pop()
		if p.locks {
			return a.stayLocked()
		}
	case "enter":
		text := p.field.Text()
		if p.check != nil {
			if p.wrong = p.check(text); p.wrong != "" {
				return nil
			}
		}
		a.pop()
		return p.do(a, text)
	case "tab":
		if p.complete != nil {
			p.completeNow()
		}
	default:
		p.wrong = ""
		if typeInto(p.field, k, name) {
			p.found = nil
		}
	}
	return nil
}

// completeNow goes on as far as all possible texts agree, and shows them where
// they do not.
func (p *prompt) completeNow() {
	p.found = p.complete(p.field.Text())
	if len(p.found) == 0 {
		return
	}
	same := p.found[0]
	for _, f := range p.found[1:] {
		for !strings.HasPrefix(f, same) {
			_, n := utf8.DecodeLastRuneInString(same)
			same = same[:len(same)-n]
		}
	}
	if len(same) > len(p.field.Text()) {
		p.field.SetText(same)
	}
	if len(p.found) == 1 {
		p.found = nil
	}
}

func (p *prompt) paste(_ *App, s string) tea.Cmd {
	p.field.Insert(s)
	return nil
}

func (p *prompt) click(*App, int, int) tea.Cmd { return nil }
func (p *prompt) wheel(*App, int) tea.Cmd      { return nil }

func (p *prompt) draw(a *App) box {
	most, high := a.boxRoom()
	width := min(72, most)
	var lines []string
	add := func(l *style.Line) { lines = append(lines, l.String()) }
	line := func() *style.Line { return a.theme.Line(width, style.Overlay) }
	if p.label != "" {
		for _, w := range wrap(p.label, width-4) {
			add(line().Skip(2).Put(style.Dim, w))
		}
	}
	l := line().Skip(2)
	a.fieldInto(l, style.Overlay, p.field, width-4, p.secret, true)
	add(l)
	for i, f := range p.found {
		if i == max(high/2, 3) {
			add(line().Skip(2).Put(style.Dim, a.theme.Ellipsis))
			break
		}
		add(line().Skip(2).Put(style.Accent, cutTo(clean(f), width-4, a.theme)))
	}
	if p.wrong != "" {
		for _, w := range wrap(p.wrong, width-4) {
			add(line().Skip(2).Put(style.Warn, w))
		}
	} else if p.hint != "" {
		for _, w := range wrap(p.hint, width-4) {
			add(line().Skip(2).Put(style.Dim, w))
		}
	}
	return a.framed(p.title, lines, width, false)
}

// paper is a text in a frame, to be read and closed.
type paper struct {
	title string
	make  func(t *style.Theme, width int) []string
	wide  int
	top   int
	rows  int // lines of the text when last drawn
	high  int
}

func (p *paper) key(a *App, _ tea.KeyMsg, name string) tea.Cmd {
	switch name {
	case "j", "down":
		p.top++
	case "k", "up":
		p.top--
	case "pgdown", "space", "ctrl+f", "ctrl+d":
		p.top += max(p.high-1, 1)
	case "pgup", "ctrl+b", "ctrl+u":
		p.top -= max(p.high-1, 1)
	case "home", "g":
		p.top = 0
	case "end", "G":
		p.top = p.rows
	default:
		a.pop()
	}
	p.top = max(min(p.top, p.rows-p.high), 0)
	return nil
}

func (p *paper) click(a *App, _, _ int) tea.Cmd { a.pop(); return nil }

func (p *paper) wheel(_ *App, n int) tea.Cmd {
	p.top = max(min(p.top+n, p.rows-p.high), 0)
	return nil
}

func (p *paper) draw(a *App) box {
	most, high := a.boxRoom()
	width := min(p.wide, most)
	text := p.make(a.theme, width)
	p.rows, p.high = len(text), max(min(len(text), high), 1)
	p.top = max(min(p.top, p.rows-p.high), 0)
	return a.framed(partOf(p.title, p.top+p.high, p.rows, p.high), text[p.top:min(p.top+p.high, len(text))], width, false)
}

// passage is a piece of text that looks alike.
type passage struct {
	role style.Role
	text string
}

// showText shows text that is clean on a paper; passages without any are left out.
func (a *App) showText(title string, passages ...passage) tea.Cmd {
	return a.push(&paper{title: clean(title), wide: widestText + 4, make: func(t *style.Theme, width int) []string {
		var lines []string
		for _, p := range passages {
			if p.text == "" {
				continue
			}
			for l := range strings.SplitSeq(p.text, "\n") {
				if l == "" {
					lines = append(lines, t.Line(width, style.Overlay).String())
					continue
				}
				for _, w := range wrap(strings.ReplaceAll(l, "\t", "    "), max(width-4, 1)) {
					lines = append(lines, t.Line(width, style.Overlay).Skip(2).Put(p.role, w).String())
				}
			}
		}
		return lines
	}})
}
