package ui

import (
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/style"
)

// The widest sheet to write on, and the room for the names of the fields.
const (
	widestSheet = widestText + 4
	labelWidth  = 10
)

// From this height on Cc and Bcc have rows of their own, empty or not.
const tallSheet = 30

// stretch is where a part of the screen stands: some lines of the pane.
type stretch struct {
	part, of int // of: the field that a wrongPart is about
	y, h     int
	rank     int // what has less goes first where there is no room
}

// sheet is the part of the pane that is written on: the middle of a wide one.
func (w *compose) sheet() (x, width int) {
	width = min(w.rect.w, widestSheet)
	return (w.rect.w - width) / 2, width
}

// room is where the text of a part begins, and how wide it can be. The last
// cell is for the cursor.
func (w *compose) room(part int) (x, width int) {
	x, width = w.sheet()
	if part == textPart {
		return x + 1, max(width-2, 2)
	}
	return x + labelWidth, max(width-labelWidth-1, 2)
}

// arrange works out what stands where.
func (w *compose) arrange(a *App) {
	height := w.rect.h
	parts := w.wanted(a)
	room := max(height-3, min(height-1, 2))
	for used := sum(parts); used > room; used = sum(parts) {
		if !shrink(parts) {
			parts = without(parts, w.focus)
		}
	}
	y := 0
	for i := range parts {
		parts[i].y = y
		y += parts[i].h
		if b := w.field[min(parts[i].part, textPart)]; b != nil && parts[i].part < textPart {
			_, width := w.room(parts[i].part)
			b.Resize(width, parts[i].h)
		}
	}
	w.parts = append(parts, stretch{part: textPart, y: y, h: max(height-y, 1)})
	_, width := w.room(textPart)
	w.text().Resize(width, max(height-y, 1))
}

// wanted are the parts above the text as they are where there is room.
func (w *compose) wanted(a *App) []stretch {
	most := min(max(w.rect.h/6, 1), 5) // rows of a field
	var out []stretch
	add := func(part, rows, rank int) {
		if b := w.field[min(part, textPart)]; b != nil && part < textPart {
			_, width := w.room(part)
			b.Resize(width, most)
			shown, _, _ := b.View()
			rows = len(shown)
		}
		out = append(out, stretch{part: part, h: rows, rank: rank})
		if part < textPart && w.wrong[part] != "" {
			out = append(out, stretch{part: wrongPart, of: part, h: 1, rank: 6})
		}
	}
	add(fromPart, 1, 1)
	add(toPart, 1, 7)
	if w.rect.h >= tallSheet || w.focus == ccPart || w.focus == bccPart || w.field[ccPart].Text()+w.field[bccPart].Text() != "" {
		add(ccPart, 1, 4)
		add(bccPart, 1, 3)
	} else {
		add(copiesPart, 1, 2)
	}
	add(subjectPart, 1, 5)
	if n := len(w.files); n > 0 {
		add(filesPart, min(len(w.fileLines(a, min(max(w.rect.h/8, 1), 4))), 4), 5)
	}
	add(rulePart, 1, 0)
	return out
}

func sum(parts []stretch) (n int) {
	for _, p := range parts {
		n += p.h
	}
	return n
}

// shrink takes a line from the tallest part that has more than one.
func shrink(parts []stretch) bool {
	tallest := -1
	for i, p := range parts {
		if p.h > 1 && (tallest < 0 || p.h > parts[tallest].h) {
			tallest = i
		}
	}
	if tallest < 0 {
		return false
	}
	parts[tallest].h--
	return true
}

// without leaves the least important part out, never the one with the keys
// while there is another.
func without(parts []stretch, focus int) []stretch {
	least := -1
	for i, p := range parts {
		if least < 0 || parts[least].part == focus || p.rank < parts[least].rank && p.part != focus {
			least = i
		}
	}
	return append(parts[:least:least], parts[least+1:]...)
}

// columns is the pane as it is drawn.
func (w *compose) columns(a *App) []column {
	if w.stale || w.theme != a.theme {
		w.draw(a)
	}
	return []column{{lines: w.drawn, width: w.rect.w, title: w.title(), extra: w.place(a), focus: true}}
}

// title says what is being written.
func (w *compose) title() string {
	switch w.verb {
	case activesync.VerbReply:
		return "Reply"
	case activesync.VerbReplyAll:
		return "Reply to all"
	case activesync.VerbForward:
		return "Forward"
	}
	return "New message"
}

// place says where in a longer text the cursor is, and whether it is kept.
func (w *compose) place(a *App) string {
	var out []string
	if _, h := w.text().Size(); w.focus == textPart && w.text().Lines() > h {
		out = append(out, "line "+number(w.text().At().Line+1)+" of "+number(w.text().Lines()))
	}
	out = append(out, w.wishWords()...)
	if w.due.After(a.now) {
		out = append(out, "goes out "+a.dateTime(w.due))
	}
	switch k := &w.keeping; {
	case w.sending:
		out = append(out, "sending"+a.theme.Ellipsis)
	case k.failed:
		out = append(out, "not kept")
	case k.drafts != nil && !k.at.IsZero() && k.rev == k.kept:
		out = append(out, "kept "+a.clock(k.at))
	}
	return strings.Join(out, "  ")
}

func (w *compose) draw(a *App) {
	w.stale, w.theme, w.cursors = false, a.theme, false
	w.arrange(a)
	w.drawn = w.drawn[:0]
	x, width := w.sheet()
	left := style.Blanks(x)
	right := style.Blanks(w.rect.w - x - width)
	for _, p := range w.parts {
		for _, s := range w.partLines(a, p, width) {
			w.drawn = append(w.drawn, left+s+right)
		}
	}
	w.drawn = a.fill(w.drawn, w.rect.w, w.rect.h)
	w.drawOptions(a)
}

// partLines draws one part.
func (w *compose) partLines(a *App, p stretch, width int) []string {
	line := func() *style.Line { return a.theme.Line(width, style.Plain) }
	switch p.part {
	case fromPart:
		l := w.label(a, line(), "From", w.focus == fromPart)
		if c := a.account(w.account); c != nil {
			from := w.wish.from
			if from == (activesync.Address{}) {
				from = activesync.Address{Address: c.Email}
			}
			l.Put(style.Text, clean(personText(from)))
			switch {
			case len(a.accounts) > 1:
				l.Skip(2).Put(style.Dim, clean(c.Name)+" "+a.theme.Open)
			case w.canChooseFrom(a):
				l.Skip(2).Put(style.Dim, a.theme.Open)
			}
		}
		return []string{l.String()}
	case copiesPart:
		return []string{w.label(a, line(), "Cc, Bcc", false).String()}
	case wrongPart:
		return []string{line().Skip(labelWidth).Put(style.Warn, a.theme.Warning+" "+w.wrong[p.of]).String()}
	case filesPart:
		return w.fileLines(a, p.h)
	case rulePart:
		return []string{line().Skip(1).Fill(style.Faint, a.theme.Rule, width-2).String()}
	case textPart:
		return w.textLines(p, width)
	}
	return w.fieldLines(a, p, width)
}

func (w *compose) label(a *App, l *style.Line, name string, focus bool) *style.Line {
	role := style.Dim
	if focus {
		role = style.Title
		l.Put(style.Accent, a.theme.Bar)
	} else {
		l.Skip(1)
	}
	return l.Cell(role, name, labelWidth-2).Skip(1)
}

func (w *compose) fieldLines(a *App, p stretch, width int) []string {
	name := [...]string{toPart: "To", ccPart: "Cc", bccPart: "Bcc", subjectPart: "Subject"}[p.part]
	focus := w.focus == p.part
	rows, x, y := w.field[p.part].View()
	role := style.Text
	switch {
	case w.wrong[p.part] != "":
		role = style.Warn
	case p.part == subjectPart:
		role = style.Strong
	}
	var out []string
	for i := range p.h {
		l := a.theme.Line(width, style.Plain)
		if i == 0 {
			w.label(a, l, name, focus)
		} else {
			l.Skip(labelWidth)
		}
		if i < len(rows) {
			l.Put(role, rowText(rows[i].Text, l.Room()))
		}
		if i == min(p.h, len(rows))-1 {
			w.markOutside(a, l, p.part)
		}
		out = append(out, l.String())
	}
	w.putCursor(p, x, y)
	return out
}

func (w *compose) textLines(p stretch, width int) []string {
	rows, x, y := w.text().View()
	var out []string
	for _, r := range rows {
		role := style.Text
		if strings.HasPrefix(w.text().Line(r.Line), ">") {
			role = style.Quote
		}
		l := w.theme.Line(width, style.Plain).Skip(1)
		out = append(out, l.Put(role, rowText(r.Text, l.Room())).String())
	}
	w.putCursor(p, x, y)
	return out
}

// rowText makes a row of a text fit for the screen: nothing that turns the
// direction, and no blanks beyond the edge.
func rowText(s string, width int) string {
	s = clean(s)
	if style.Width(s) > width {
		s, _ = style.Cut(s, width, "")
	}
	return s
}

// putCursor notes the cell where letters go.
func (w *compose) putCursor(p stretch, x, y int) {
	if w.focus != p.part {
		return
	}
	left, _ := w.room(p.part)
	w.cursorX, w.cursorY, w.cursors = min(left+x, w.rect.w-1), p.y+min(y, p.h-1), true
}
