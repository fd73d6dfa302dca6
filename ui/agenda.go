package ui

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/list"
)

// How many days of the agenda are read at first, and how far from today one
// can go.
const (
	daysBack    = 14
	daysAhead   = 60
	farthestDay = 10 * 366
	nearEnd     = 10 // rows from the end at which more days are read
)

// agenda is the screen of what is planned, and the card of one event.
type agenda struct {
	list  *list.List[agendaKey, agendaRow]
	all   []planned
	card  eventCard
	today int

	from, to int // days that are asked for, to excluded
	have     span
	back     bool // the person goes back in time

	onCard bool
	known  bool // the first answer has come
	err    string
	lane   lane
	then   *activesync.Event // what the cursor goes to once it is read

	shown bool
	rect  rect // as it was when it was shown last
	notes []string
	names map[activesync.AccountID]string // of the accounts, where there are several
	stale bool
	drawn []string
	seen  agendaLook
}

func (g *agenda) init(*App) {
	g.list = list.New(agendaRow.key, g.lineCount)
	g.stale = true
}

func (g *agenda) resize(a *App) tea.Cmd {
	if g.shown = a.lay.parts[0].w > 0; g.shown {
		g.rect = a.lay.parts[0]
	}
	g.card.resize(a.lay.parts[1])
	g.measure(a)
	return g.follow(a)
}

// load reads what is planned in the days that the person looks at.
func (g *agenda) load(a *App) tea.Cmd {
	if g.to == 0 {
		today := dayOf(a.now, a.loc)
		g.from, g.to = today-daysBack, today+daysAhead
	}
	b, loc, s := a.backend, a.loc, span{g.from, g.to}
	return a.read(&g.lane, quick, func(ctx context.Context) answer {
		all, err := readAgenda(ctx, b, s, loc)
		return func(a *App) tea.Cmd { return a.agenda.got(a, s, all, err) }
	})
}

func (g *agenda) got(a *App, s span, all []planned, err error) tea.Cmd {
	first := !g.known
	g.known, g.stale = true, true
	if err != nil {
		g.err = explain(err)
		g.measure(a)
		return nil
	}
	g.err, g.all, g.have = "", all, s
	g.rebuild(a)
	if first {
		g.toNow(a.now)
	}
	g.toThen()
	return tea.Batch(g.more(a), g.follow(a), g.card.load(a))
}

// rebuild makes the rows anew for the present time, and keeps them where they
// are on screen.
func (g *agenda) rebuild(a *App) {
	if !g.known || g.have.to == 0 {
		return
	}
	current, had := g.list.Current()
	line := 0
	for _, s := range g.list.Visible() {
		if s.Index == g.list.Cursor() {
			line = s.Y
		}
	}
	g.today = dayOf(a.now, a.loc)
	rows := makeAgenda(g.all, g.have, g.today, a.now)
	g.list.Put(0, len(rows), rows)
	if had {
		g.keep(g.nearest(current), line)
	}
	g.measure(a)
}

// nearest is the index of a row, or of what stands where it stood.
func (g *agenda) nearest(r agendaRow) int {
	if i := g.list.Find(r.key()); i >= 0 {
		return i
	}
	_, rows := g.list.Loaded()
	i := slices.IndexFunc(rows, func(x agendaRow) bool { return x.day > r.day || x.day == r.day && !x.occ.Start.Before(r.occ.Start) })
	if i < 0 {
		return max(len(rows)-1, 0)
	}
	return i
}

// keep puts the cursor on a row that begins in a line of the screen, or as
// near to it as can be.
func (g *agenda) keep(cursor, line int) {
	top, above := cursor, 0
	for top > 0 {
		more := above + g.lineCount(top-1, true)
		if top < cursor {
			more += g.lineCount(top, false) - g.lineCount(top, true)
		}
		if more > line {
			break
		}
		top, above = top-1, more
	}
	g.place(top, cursor)
}

// place puts a row at the top of the screen, if there are rows enough below
// it, and the cursor on another one.
func (g *agenda) place(top, cursor int) {
	g.list.To(g.list.Len() - 1)
	g.list.To(top)
	g.list.To(cursor)
	g.stale = true
}

// toNow shows today from its beginning, with the cursor on what goes on, else
// on what comes next today, else on the mark of the present time.
func (g *agenda) toNow(now time.Time) {
	g.back = false
	_, rows := g.list.Loaded()
	mark := slices.IndexFunc(rows, func(r agendaRow) bool { return r.now })
	if mark < 0 {
		return
	}
	top := slices.IndexFunc(rows, func(r agendaRow) bool { return r.day == rows[mark].day })
	at := mark
	if mark+1 < len(rows) && rows[mark+1].day == rows[mark].day {
		at = mark + 1
	}
	for i := mark - 1; i >= top; i-- {
		if rows[i].place() != wholeDay && rows[i].occ.End.After(now) {
			at = i
			break
		}
	}
	g.place(top, at)
}

// more reads further days where the person comes near the end of those that
// are here: twice as far each time, so that long ways take few steps.
func (g *agenda) more(a *App) tea.Cmd {
	if !g.known || g.err != "" || g.have != (span{g.from, g.to}) {
		return nil
	}
	switch {
	case g.list.Top()+g.rect.h+nearEnd > g.list.Len() && g.to < g.today+farthestDay:
		g.to = min(g.to+max(g.to-g.today, daysAhead), g.today+farthestDay)
	case g.back && g.list.Top() < nearEnd && g.from > g.today-farthestDay:
		g.from = max(g.from-max(g.today-g.from, daysAhead), g.today-farthestDay)
	default:
		return nil
	}
	return g.load(a)
}

// follow shows the event under the cursor on the card, if that is on screen.
func (g *agenda) follow(a *App) tea.Cmd {
	r, ok := g.list.Current()
	switch {
	case !ok || r.now:
		g.card.clear()
		if g.onCard && g.known {
			return g.turn(a, false)
		}
		return nil
	case a.screen != calendarScreen || g.card.rect.w == 0:
		return nil
	}
	return g.card.show(a, r.occ)
}

// turn moves the focus to the card or to the list.
func (g *agenda) turn(a *App, onCard bool) tea.Cmd {
	g.onCard, g.stale = onCard, true
	return a.arrange()
}

// open goes to the card of the event under the cursor.
func (g *agenda) open(a *App) tea.Cmd {
	r, ok := g.list.Current()
	if !ok || r.now {
		return nil
	}
	return tea.Batch(g.turn(a, true), g.card.show(a, r.occ))
}

// moved follows the cursor after it went forward or back.
func (g *agenda) moved(a *App, back bool) tea.Cmd {
	g.back, g.stale = back, true
	return tea.Batch(g.follow(a), g.more(a))
}

// step goes over the mark of the present time, unless nothing is behind it.
func (g *agenda) step(n int) {
	at := g.list.Cursor()
	g.list.Move(n)
	if r, ok := g.list.Current(); !ok || !r.now {
		return
	}
	mark := g.list.Cursor()
	g.list.Move(n)
	if g.list.Cursor() == mark {
		g.list.To(at)
	}
}

// day goes to the first event of the next or previous day that has any.
func (g *agenda) day(a *App, step int) tea.Cmd {
	r, ok := g.list.Current()
	if !ok {
		return nil
	}
	to := -1
	_, rows := g.list.Loaded()
	for i, x := range rows {
		switch {
		case x.now || (x.day-r.day)*step <= 0:
		case to < 0 || step < 0 && x.day > rows[to].day:
			to = i
		}
	}
	if to < 0 && step > 0 {
		return tea.Batch(a.say("No later events are known."), g.moved(a, false))
	}
	if to < 0 {
		return tea.Batch(a.say("No earlier events here yet."), g.moved(a, true))
	}
	g.list.To(to)
	return g.moved(a, step < 0)
}

func (g *agenda) do(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Today:
		g.toNow(a.now)
		return tea.Batch(g.turn(a, false), g.moved(a, false)), true
	case action.NextDay:
		return g.day(a, 1), true
	case action.PrevDay:
		return g.day(a, -1), true
	case action.Links:
		return a.openLinks(), true
	}
	if cmd, mine = a.respondHere(id); mine {
		return cmd, true
	}
	if cmd, mine = g.doEvents(a, id); mine {
		return cmd, true
	}
	if g.onCard {
		return g.doCard(a, id)
	}
	switch id {
	case action.Open, action.Right, action.NextPane, action.PrevPane:
		return g.open(a), true
	case action.Down:
		g.step(1)
		return g.moved(a, false), true
	case action.Up:
		g.step(-1)
		return g.moved(a, true), true
	}
	if !moveList(g.list, id) {
		return nil, false
	}
	return g.moved(a, id == action.PageUp || id == action.HalfUp || id == action.First), true
}

func (g *agenda) doCard(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.Back, action.Left, action.NextPane, action.PrevPane, action.Leave:
		return g.turn(a, false), true
	case action.Right:
		return nil, true
	}
	return nil, g.card.page.do(id)
}

// click selects; a click on what is selected already, or a double click, opens
// the card. On the card, the link of an online meeting is opened.
func (g *agenda) click(a *App, pane, x, y int, double bool) tea.Cmd {
	if pane == 1 {
		for _, z := range g.card.spots {
			if g.card.have && !double && z.line == g.card.page.top+y && x >= z.from && x < z.to {
				return tea.Batch(g.turn(a, true), a.perform(z.do))
			}
		}
		if l, ok := g.card.linkAt(y); ok && !double {
			return tea.Batch(g.turn(a, true), a.openLink(l))
		}
		return g.open(a)
	}
	i := g.list.IndexAt(y)
	if i < 0 {
		return g.turn(a, false)
	}
	again := i == g.list.Cursor() && !g.onCard
	g.list.To(i)
	if again || double {
		return g.open(a)
	}
	return tea.Batch(g.turn(a, false), g.moved(a, false))
}

func (g *agenda) wheel(a *App, pane, n int) tea.Cmd {
	if pane == 1 {
		g.card.page.scroll(n)
		return nil
	}
	g.list.Scroll(n)
	return g.moved(a, n < 0)
}
