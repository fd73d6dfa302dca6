package ui

import (
	"eas.example/securemail/ui/style"
)

// From this width on the form has two columns.
const twoColumns = 130

// place is where a field or a heading stands among the lines of the form.
type place struct {
	column, line int
	field        int // -1 for a heading
	heading      string
}

// lay puts the fields into columns, section by section, and tells how many
// lines they take.
func (f *form[T]) lay(columns int) (lines int) {
	type section struct{ from, to, lines int }
	var sections []section
	all := 0
	for i, x := range f.fields {
		if x.section != "" || i == 0 {
			sections = append(sections, section{from: i, lines: 1})
			all++
		}
		last := &sections[len(sections)-1]
		last.to = i + 1
		last.lines++
		all++
	}
	f.places = f.places[:0]
	column, line := 0, 0
	for n, s := range sections {
		if n > 0 && column+1 < columns && line+s.lines/2 > all/columns {
			column, line = column+1, 0
		}
		f.places = append(f.places, place{column, line, -1, f.fields[s.from].section})
		line++
		for i := s.from; i < s.to; i++ {
			f.places = append(f.places, place{column, line, i, ""})
			line++
		}
		lines = max(lines, line)
	}
	return lines
}

func (f *form[T]) draw(a *App) box {
	most, high := a.boxRoom()
	columns, width := 1, min(92, most)
	if most >= twoColumns {
		columns, width = 2, min(168, most)
	}
	lines := f.lay(columns)
	says := f.says(a, width)
	f.high = max(min(lines, high-len(says)-1), 1)
	f.follow(lines)
	out := make([]string, 0, f.high+len(says)+1)
	f.cells = make([]rect, len(f.fields))
	each := width / columns
	for y := f.top; y < f.top+f.high; y++ {
		l := a.theme.Line(width, style.Overlay)
		for c := range columns {
			l.Skip(c*each - (width - l.Room()))
			for _, p := range f.places {
				if p.column != c || p.line != y {
					continue
				}
				if p.field < 0 {
					l.Skip(2).Put(style.Heading, p.heading)
					continue
				}
				f.cells[p.field] = rect{c*each + 1, y - f.top + 1, each, 1}
				f.fieldLine(a, l, p.field, each)
			}
		}
		out = append(out, l.String())
	}
	out = append(out, says...)
	out = append(out, f.buttons(a, width))
	f.drawOptions(a, out, each)
	title := f.title
	if lines > f.high {
		title += "  " + number(f.top+f.high) + "/" + number(lines)
	}
	b := a.framed(title, out, width, false)
	f.box = b.rect
	return b
}

// drawOptions lays the people offered over the lines below the field, or above it
// where there is more room.
func (f *form[T]) drawOptions(a *App, out []string, each int) {
	cell := f.cells[f.at]
	f.options.rect = rect{}
	if !f.fields[f.at].people || cell.h == 0 {
		return
	}
	x, y, label := cell.x-1+2, cell.y, fieldLabel(each)
	x += label
	lines, width := f.options.lines(a.theme, max(each-label-4, 1), max(len(out)-y, y-1))
	if y+len(lines) > len(out) {
		y -= 1 + len(lines)
	}
	if len(lines) > 0 {
		f.options.rect = rect{x + 1, y + 1, width, len(lines)}
	}
	for i, l := range lines {
		out[y+i] = over(out[y+i], x, l, width, style.Width(out[y+i]))
	}
}

func fieldLabel(column int) int { return min(16, max(column/3, 1)) }

// follow keeps the field that has the keys on screen, with the heading above
// it.
func (f *form[T]) follow(lines int) {
	for _, p := range f.places {
		if p.field == f.at {
			above := p.line
			if f.fields[f.at].section != "" && f.high > 1 {
				above--
			}
			f.top = min(max(f.top, p.line-f.high+1), above)
		}
	}
	f.top = max(min(f.top, lines-f.high), 0)
}

// fieldLine draws a field in a column of so many cells.
func (f *form[T]) fieldLine(a *App, l *style.Line, i, width int) {
	x := f.fields[i]
	here := i == f.at
	if here {
		l.Put(style.Accent, a.theme.Bar).Skip(1)
	} else {
		l.Skip(2)
	}
	label := fieldLabel(width)
	role := style.Dim
	if x.wrong != "" {
		role = style.Warn
	}
	l.Cell(role, x.label, label-1).Skip(1)
	room := max(width-label-4, 1)
	switch {
	case x.boxed():
		opened(a, l, x.words(), here, room)
	case here:
		a.fieldInto(l, style.Resting, x.field, room, false, true)
	default:
		l.Cell(style.Text, cutTo(clean(x.field.Text()), room, a.theme), room)
	}
}

// opened draws what is written in a box of its own, with the key that leads
// there.
func opened(a *App, l *style.Line, text string, here bool, room int) {
	const word = "enter opens it"
	if !here {
		l.Cell(style.Text, cutTo(clean(text), room, a.theme), room)
		return
	}
	left := max(room-len(word)-1, 0)
	l.PutOn(style.Resting, style.Text, cutTo(clean(text), left, a.theme))
	l.Skip(1).Put(style.Dim, cutTo(word, room-1, a.theme))
}

// says are the words below the fields: what is wrong, or nothing.
func (f *form[T]) says(a *App, width int) []string {
	words := clean(f.failed)
	if w := f.fields[f.at].wrong; w != "" {
		words = w
	}
	if words == "" {
		return nil
	}
	var out []string
	for _, w := range wrap(a.theme.Warning+" "+words, width-4) {
		out = append(out, a.theme.Line(width, style.Overlay).Skip(2).Put(style.Warn, w).String())
	}
	return out
}

// buttons is the last line: what can be clicked, and the keys for it.
func (f *form[T]) buttons(a *App, width int) string {
	l := a.theme.Line(width, style.Overlay).Skip(2)
	f.spots = f.spots[:0]
	if f.busy {
		return l.Put(style.Dim, "Keeping"+a.theme.Ellipsis).String()
	}
	for i, word := range []string{"Keep", "Close"} {
		from := width - l.Room() + 1
		if i == 0 {
			l.PutOn(style.Chosen, style.Strong, a.theme.Bar+word+" ")
		} else {
			l.Put(style.Text, " "+word+" ")
		}
		f.spots = append(f.spots, zone{from: from, to: width - l.Room() + 1})
		l.Skip(2)
	}
	return l.Put(style.Dim, cutTo("ctrl+s keeps, esc closes, tab goes on", max(l.Room()-1, 0), a.theme)).String()
}
