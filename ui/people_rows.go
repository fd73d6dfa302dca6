package ui

import (
	"maps"
	"slices"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/style"
)

// From this width on a person takes one line.
const onePerson = 60

func (p *people) filtered() bool { return p.field.Text() != "" }

// lineCount is one line, or two in a narrow pane for who has more than a name.
func (p *people) lineCount(i int, _ bool) int {
	r, ok := p.list.At(i)
	if ok && p.twoLines() && r.second() != "" {
		return 2
	}
	return 1
}

func (p *people) twoLines() bool { return p.rect.w < onePerson && p.rect.h >= 12 }

// second is what a narrow pane says of the person below the name.
func (r person) second() string {
	s := r.Company
	if reach := r.reach(); reach != "" {
		if s != "" {
			s += ", "
		}
		s += reach
	}
	return s
}

// reach is the first address, or the number where there is none.
func (r person) reach() string {
	if len(r.Emails) > 0 {
		return r.Emails[0]
	}
	return r.Phone
}

// measure shares the pane among the field, the people and the words below.
func (p *people) measure(a *App) {
	p.head = p.rect.h >= 8 || p.searching || p.filtered()
	p.notes, p.names = nil, a.names()
	if p.known {
		p.notes = a.absences(activesync.FolderContacts, p.rect, "There are no contacts in this account.", func(id activesync.AccountID) bool {
			return slices.ContainsFunc(p.all, func(r person) bool { return r.account == id })
		})
	}
	if state := p.listing.state(a, p.list.Len()-p.found); state != "" && p.filtered() {
		p.notes = append(p.notes, wrap(state, max(p.rect.w-4, 1))...)
	}
	if p.err != "" {
		p.notes = wrap(a.theme.Warning+" "+p.err, max(p.rect.w-4, 1))
	}
	below := len(p.notes)
	if below > 0 && len(p.all) > 0 {
		below++
	}
	p.list.Resize(max(p.rect.h-p.headLines()-below, 1))
	p.stale = true
}

func (p *people) headLines() int {
	if p.head {
		return 1
	}
	return 0
}

func (p *people) columns(a *App) []column {
	var list, card column
	if p.shown {
		list = column{lines: p.lines(a), width: p.rect.w, extra: p.count(), focus: !p.onCard}
	}
	if p.card.rect.w > 0 {
		card = column{lines: p.card.lines(a), width: p.card.rect.w, title: p.card.title(), focus: p.onCard}
	}
	return a.beside("People", list, card)
}

// count says how many people there are.
func (p *people) count() string {
	switch {
	case len(p.all) == 0:
		return ""
	case len(p.marked) > 0:
		return number(len(p.marked)) + " marked"
	case p.filtered():
		return number(p.found) + " of " + number(len(p.all))
	}
	return number(len(p.all))
}

// lines are the pane as it is drawn.
func (p *people) lines(a *App) []string {
	notes, names, stale := p.notes, p.names, p.stale
	p.measure(a)
	if stale || p.theme != a.theme || !slices.Equal(notes, p.notes) || !maps.Equal(names, p.names) {
		p.theme = a.theme
		p.draw(a)
	}
	p.stale = false
	return p.drawn
}

func (p *people) draw(a *App) {
	p.drawn = p.drawn[:0]
	if p.head {
		p.drawn = append(p.drawn, p.fieldLine(a))
	}
	if p.known && p.list.Len() == 0 && len(p.all) > 0 {
		text := "None of your contacts matches “" + p.field.Text() + "”. esc shows everyone again."
		p.drawn = append(p.drawn, a.dim("", p.rect.w))
		for _, w := range wrap(text, p.rect.w-4) {
			p.drawn = append(p.drawn, a.dim(w, p.rect.w))
		}
	}
	for _, s := range p.list.Visible() {
		r, _ := p.list.At(s.Index)
		lines := p.row(a, r, s.Index)
		p.drawn = append(p.drawn, lines[:min(s.Lines, len(lines))]...)
	}
	end := p.rect.h - len(p.notes)
	if len(p.all) == 0 {
		end = p.headLines() + 1
		if !p.known {
			p.drawn = append(p.drawn, a.dim("", p.rect.w), a.dim("Reading"+a.theme.Ellipsis, p.rect.w))
		}
	}
	if len(p.notes) > 0 {
		p.drawn = a.fill(p.drawn, p.rect.w, max(end, 0))
	}
	for _, w := range p.notes {
		p.drawn = append(p.drawn, a.dim(w, p.rect.w))
	}
	p.drawn = a.fill(p.drawn, p.rect.w, p.rect.h)
}

// dim is a line of quiet words.
func (a *App) dim(words string, width int) string {
	return a.theme.Line(width, style.Plain).Skip(2).Put(style.Dim, words).String()
}

// fieldLine is the field of the search, or how to get there.
func (p *people) fieldLine(a *App) string {
	if !p.searching && !p.filtered() {
		return a.dim(a.keys.Key("search")+" search name, company, address, number", p.rect.w)
	}
	l := a.theme.Line(p.rect.w, style.Resting).Skip(2).Put(style.Title, "/").Skip(1)
	end := ""
	if p.rect.w >= 36 {
		end = "esc ends it"
	}
	a.fieldInto(l, style.Resting, p.field, l.Room()-len(end)-2, false, p.searching)
	l.Skip(1).Put(style.Dim, end)
	return l.String()
}

// keptIn says where a person is kept, "" where that is the default contacts
// folder of the only account.
func (a *App) keptIn(r person) string {
	if r.listed != nil {
		return fromDirectory
	}
	whose := a.people.names[r.account]
	f, _ := a.folder(r.Folder)
	switch {
	case f == nil || f.Type == activesync.FolderContacts:
		return whose
	case whose == "":
		return f.Name
	}
	return whose + ": " + f.Name
}

// row draws a person. The letter stands where another one begins, and always
// in the first row on screen, so that one knows where one is.
func (p *people) row(a *App, r person, i int) []string {
	on, cursor := style.Plain, i == p.list.Cursor()
	switch {
	case cursor && !p.onCard:
		on = style.Selected
	case cursor:
		on = style.Resting
	}
	letter := ""
	if before, ok := p.list.At(i - 1); i == p.list.Top() || !ok || before.letter != r.letter {
		letter = r.letter
	}
	start := func(letter string) *style.Line {
		l := a.theme.Line(p.rect.w, on)
		if cursor {
			l.Put(style.Accent, a.theme.Bar)
		} else {
			l.Skip(1)
		}
		if !p.marked[r.ID] {
			return l.Cell(style.Title, letter, 2).Skip(1)
		}
		if style.Width(letter) > 1 {
			letter = ""
		}
		return l.Cell(style.Title, letter, 1).Put(style.Accent, a.theme.Mark).Skip(1)
	}
	whose := a.keptIn(r)
	l := start(letter)
	if p.rect.w < onePerson {
		return p.narrow(l, start, r, whose)
	}
	room := l.Room() - 1
	ww := 0
	if whose != "" {
		ww = min(style.Width(whose), room/6)
		room -= ww + 2
	}
	name := min(max(room*2/5, 16), 36)
	company := min((room-name)*2/5, 30)
	l.Cell(style.Text, r.Name, name-2).Skip(2).Cell(style.Dim, r.Company, company-2).Skip(2).Cell(style.Dim, r.reach(), room-name-company)
	if ww > 0 {
		l.Skip(2).Cell(style.Faint, whose, ww)
	}
	return []string{l.String()}
}

// narrow draws a person in a pane that has no room for columns.
func (p *people) narrow(l *style.Line, start func(string) *style.Line, r person, whose string) []string {
	beside := whose
	if !p.twoLines() && beside == "" {
		if beside = r.Company; beside == "" {
			beside = r.reach()
		}
	}
	bw := min(style.Width(beside), l.Room()/3)
	if bw > 0 {
		l.Cell(style.Text, r.Name, l.Room()-bw-2).Skip(1).Right(style.Dim, beside, bw)
	} else {
		l.Cell(style.Text, r.Name, l.Room()-1)
	}
	second := r.second()
	if !p.twoLines() || second == "" {
		return []string{l.String()}
	}
	return []string{l.String(), start("").Cell(style.Dim, second, p.rect.w-5).String()}
}
