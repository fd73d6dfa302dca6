package ui

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/style"
)

// oneEvent is from which width on an event takes one line, and timeWidth what
// its times take: 14:00–15:00.
const (
	oneEvent  = 64
	timeWidth = 11
	spaced    = 30 // lines from which on days stand apart
)

// agendaLook is what the list as it was drawn depends on besides.
type agendaLook struct {
	theme  *style.Theme
	minute int64
}

// lineCount is the lines of an event, and above the first one of a day its
// heading. The top row always has the heading of its day.
func (g *agenda) lineCount(i int, first bool) int {
	n := 1
	if r, ok := g.list.At(i); ok && g.twoLines() && g.second(r) != "" {
		n = 2
	}
	if !g.headed(i, first) {
		return n
	}
	if g.apart(first) {
		n++
	}
	return n + 1
}

func (g *agenda) headed(i int, first bool) bool {
	r, ok := g.list.At(i)
	before, had := g.list.At(i - 1)
	return ok && (first || !had || before.day != r.day)
}

// apart reports whether an empty line stands above a heading.
func (g *agenda) apart(first bool) bool { return !first && g.rect.h >= spaced }

func (g *agenda) twoLines() bool { return g.rect.w < oneEvent && g.rect.h >= 12 }

// measure shares the pane among the events and the words below.
func (g *agenda) measure(a *App) {
	g.notes, g.names = nil, a.names()
	if g.known {
		date := func(day int) string { return dateOf(day).Format("2 January 2006") }
		none := "There are no events from " + date(g.have.from) + " to " + date(g.have.to-1) + "."
		g.notes = a.absences(activesync.FolderCalendar, g.rect, none, func(id activesync.AccountID) bool {
			return slices.ContainsFunc(g.all, func(p planned) bool { return p.account == id })
		})
	}
	if g.err != "" {
		g.notes = wrap(a.theme.Warning+" "+g.err, max(g.rect.w-4, 1))
	}
	below := len(g.notes)
	if below > 0 {
		below++
	}
	g.list.Resize(max(g.rect.h-below, 1))
	g.stale = true
}

func (g *agenda) columns(a *App) []column {
	var list, card column
	if g.shown {
		list = column{lines: g.lines(a), width: g.rect.w, extra: g.month(), focus: !g.onCard}
	}
	if g.card.rect.w > 0 {
		card = column{lines: g.card.lines(a), width: g.card.rect.w, title: g.card.title(), focus: g.onCard}
	}
	return a.beside("Calendar", list, card)
}

// month is where in the year the cursor stands.
func (g *agenda) month() string {
	r, ok := g.list.Current()
	if !ok {
		return ""
	}
	d := dateOf(r.day)
	_, week := d.ISOWeek()
	return d.Format("January 2006") + ", week " + strconv.Itoa(week)
}

// lines are the pane as it is drawn.
func (g *agenda) lines(a *App) []string {
	look := agendaLook{a.theme, a.now.Unix() / 60}
	notes, names, stale := g.notes, g.names, g.stale
	g.measure(a)
	if stale || look != g.seen || !slices.Equal(notes, g.notes) || !maps.Equal(names, g.names) {
		g.seen = look
		g.draw(a)
	}
	g.stale = false
	return g.drawn
}

func (g *agenda) draw(a *App) {
	g.drawn = g.drawn[:0]
	if !g.known {
		g.drawn = append(g.drawn, a.dim("", g.rect.w), a.dim("Reading"+a.theme.Ellipsis, g.rect.w))
	}
	for _, s := range g.list.Visible() {
		r, _ := g.list.At(s.Index)
		lines := g.row(a, r, s.Index, s.Index == g.list.Top())
		g.drawn = append(g.drawn, lines[:min(s.Lines, len(lines))]...)
	}
	if len(g.notes) > 0 {
		g.drawn = a.fill(g.drawn, g.rect.w, max(min(len(g.drawn)+1, g.rect.h-len(g.notes)), 0))
	}
	for _, w := range g.notes {
		g.drawn = append(g.drawn, a.dim(w, g.rect.w))
	}
	g.drawn = a.fill(g.drawn, g.rect.w, g.rect.h)
}

// row draws an event with what stands above it.
func (g *agenda) row(a *App, r agendaRow, i int, first bool) []string {
	var out []string
	if g.headed(i, first) {
		if g.apart(first) {
			out = append(out, style.Blanks(g.rect.w))
		}
		role := style.Strong
		switch {
		case r.day == g.today:
			role = style.Title
		case r.day < g.today:
			role = style.Dim
		}
		out = append(out, a.theme.Line(g.rect.w, style.Plain).Skip(1).Put(role, fullDay(r.day, g.today)).String())
	}
	p := eventPainter{t: a.theme, r: r, width: g.rect.w, on: style.Plain, cursor: i == g.list.Cursor(), single: !g.twoLines(), words: g.words(r), second: g.second(r)}
	switch {
	case p.cursor && !g.onCard:
		p.on = style.Selected
	case p.cursor:
		p.on = style.Resting
	}
	if r.now {
		return append(out, p.mark(a.clock(a.now)))
	}
	p.time, p.past, p.running = r.times(a.loc, a.theme.Dash), !r.occ.End.After(a.now), r.running(a.now)
	return append(out, p.paint()...)
}

// times are the times of an event on its day.
func (r agendaRow) times(loc *time.Location, dash string) string {
	from, to := r.occ.Start.In(loc).Format("15:04"), r.occ.End.In(loc).Format("15:04")
	if r.occ.late {
		to = "24:00"
	}
	switch {
	case r.place() == wholeDay:
		return "all day"
	case r.place() == goesOn:
		return "until " + to
	case r.occ.last > r.day:
		return "from " + from
	case from == to && r.occ.End.Sub(r.occ.Start) < time.Minute:
		return from
	}
	return from + dash + to
}

func (r agendaRow) running(now time.Time) bool {
	return !r.occ.AllDay && !r.occ.Start.After(now) && r.occ.End.After(now)
}

// words say what is particular of an event.
func (g *agenda) words(r agendaRow) []string {
	if r.now {
		return nil
	}
	var out []string
	if n := r.occ.last - r.occ.first + 1; n > 1 {
		out = append(out, "day "+strconv.Itoa(r.day-r.occ.first+1)+" of "+strconv.Itoa(n))
	}
	if r.occ.Cancelled {
		out = append(out, "cancelled")
	} else {
		out = append(out, planWords(r.occ.Occurrence)...)
	}
	if whose := g.names[r.occ.account]; whose != "" {
		out = append(out, whose)
	}
	return out
}

// planWords say how sure an event is and how the time counts. What is busy and
// settled needs no word.
func planWords(o activesync.Occurrence) []string {
	var out []string
	switch o.ResponseType {
	case 2:
		out = append(out, "tentative")
	case 4:
		out = append(out, "declined")
	case 5:
		out = append(out, "not answered")
	}
	if w := busyWords(o.BusyStatus); w != "busy" && !slices.Contains(out, w) {
		out = append(out, w)
	}
	return out
}

func busyWords(status uint8) string {
	return [...]string{"free", "tentative", "busy", "out of office", "working elsewhere"}[min(status, 4)]
}

// second is what a narrow pane says of the event below its subject.
func (g *agenda) second(r agendaRow) string {
	words := g.words(r)
	if r.occ.Location != "" {
		words = append(words, r.occ.Location)
	}
	return strings.Join(words, ", ")
}

// eventPainter draws one event.
type eventPainter struct {
	t             *style.Theme
	r             agendaRow
	width         int
	on            style.Surface
	cursor        bool
	single        bool
	past, running bool
	time          string
	words         []string
	second        string // what stands in the second line, if there are two
}

func (p *eventPainter) start() *style.Line {
	l := p.t.Line(p.width, p.on)
	if p.cursor {
		return l.Put(style.Accent, p.t.Bar).Skip(1)
	}
	return l.Skip(2)
}

// mark is the row of the present time.
func (p *eventPainter) mark(now string) string {
	l := p.start().Put(style.Title, now+" now").Skip(1)
	return l.Fill(style.Accent, p.t.Rule, l.Room()-1).String()
}

func (p *eventPainter) paint() []string {
	when, subject := style.Dim, style.Text
	switch {
	case p.running:
		when, subject = style.Title, style.Strong
	case p.past:
		subject = style.Dim
	}
	if p.r.occ.Cancelled {
		subject = style.Deleted
	}
	l := p.start()
	if l.Room() < timeWidth+14 {
		l.Put(when, p.time).Skip(1)
	} else {
		l.Cell(when, p.time, timeWidth).Skip(2)
	}
	sign := ""
	if p.r.occ.Series {
		sign = p.t.Series
	}
	if !p.single {
		l.Cell(subject, p.r.occ.Subject, l.Room()-2-style.Width(sign)).Skip(1).Put(style.Dim, sign)
		if p.second == "" {
			return []string{l.String()}
		}
		m := p.start().Skip(timeWidth + 2)
		return []string{l.String(), m.Cell(style.Dim, p.second, m.Room()-1).String()}
	}
	// The words follow the subject; the place has a column of its own where
	// there is room for one.
	area, place := l.Room()-style.Width(p.t.Series)-2, 0
	if p.r.occ.Location != "" && area >= 40 {
		place = area / 3
		area -= place + 2
	}
	words := strings.Join(p.words, ", ")
	ww := 0
	if words != "" {
		ww = min(style.Width(words), max(area-min(style.Width(p.r.occ.Subject), area/2)-2, 0))
	}
	if ww > 0 {
		sw := min(style.Width(p.r.occ.Subject), area-ww-2)
		l.Cell(subject, p.r.occ.Subject, sw).Skip(2).Cell(style.Dim, words, area-sw-2)
	} else {
		l.Cell(subject, p.r.occ.Subject, area)
	}
	if place > 0 {
		l.Skip(2).Cell(style.Dim, p.r.occ.Location, place)
	}
	return []string{l.Skip(1).Put(style.Dim, sign).String()}
}
