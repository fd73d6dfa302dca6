package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/style"
)

// eventCard is the pane that shows one event.
type eventCard struct {
	occ    planned // what it shows, or is about to show
	event  activesync.Event
	have   bool // event is that of occ
	failed string
	page   page
	links  []link       // those of the text by their numbers, that of the meeting last
	online map[int]link // by the lines in which it stands
	spots  []spotAt     // what else can be clicked
	rect   rect
	lane   lane
	drawn  eventLook
}

// eventLook is what the page depends on besides the event.
type eventLook struct {
	theme *style.Theme
	width int
	today int
	whose string // the account and folder, where that has to be said
}

func (c *eventCard) clear() {
	gen, rect := c.lane.gen+1, c.rect
	c.occ, c.event, c.have, c.failed = planned{}, activesync.Event{}, false, ""
	c.links, c.online, c.spots = nil, nil, nil
	c.lane.gen, c.rect = gen, rect
	c.page.set(nil)
	c.drawn = eventLook{}
}

func (c *eventCard) resize(r rect) {
	c.rect = r
	c.page.resize(r.w, r.h)
}

// show puts an event on the card.
func (c *eventCard) show(a *App, o planned) tea.Cmd {
	if o.Event == c.occ.Event && o.OriginalStart.Equal(c.occ.OriginalStart) {
		if o != c.occ {
			c.occ, c.drawn = o, eventLook{}
		}
		return nil
	}
	c.clear()
	c.page.top = 0
	c.occ = o
	return c.load(a)
}

// load reads the event, anew where something has changed.
func (c *eventCard) load(a *App) tea.Cmd {
	if c.occ.Event == 0 {
		return nil
	}
	b, occ, gen, k, drawn := a.backend, c.occ, c.lane.gen, c.look(a), c.looks(a)
	return a.read(&c.lane, quick, func(ctx context.Context) answer {
		event, err := b.Event(ctx, occ.Event)
		text := k.event(occ, event, drawn.whose)
		return func(a *App) tea.Cmd {
			c := &a.agenda.card
			if gen != c.lane.gen {
				return nil
			}
			c.event, c.have, c.failed = event, err == nil, explain(err)
			c.drawn = eventLook{}
			if c.have && occ == c.occ {
				c.take(drawn, text)
			}
			return nil
		}
	})
}

// look is what drawing needs, looks what tells whether it has to be done anew.
func (c *eventCard) look(a *App) look {
	k := look{theme: a.theme, width: c.rect.w, loc: a.loc, now: a.now, keys: a.answerKeys()}
	for _, acct := range a.accounts {
		k.self = append(k.self, acct.Email)
	}
	return k
}

func (c *eventCard) looks(a *App) eventLook {
	return eventLook{a.theme, c.rect.w, dayOf(a.now, a.loc), c.whose(a)}
}

func (c *eventCard) title() string {
	if c.occ.Event == 0 {
		return ""
	}
	s := c.occ.Subject
	if below := c.page.below(); below != "" {
		s += "  " + below
	}
	return s
}

// lines are the pane as it is drawn.
func (c *eventCard) lines(a *App) []string {
	if drawn := c.looks(a); c.have && drawn != c.drawn {
		c.take(drawn, c.look(a).event(c.occ, c.event, drawn.whose))
	}
	if c.have {
		return c.page.lines(a)
	}
	s := newSheet(a.theme, c.rect.w)
	s.blank()
	switch {
	case c.failed != "":
		s.words(style.Warn, a.theme.Warning+" "+c.failed)
	case c.occ.Event == 0 && a.agenda.known:
		s.words(style.Dim, "No event is selected.")
	}
	return a.fill(s.out, c.rect.w, c.rect.h)
}

// whose is the calendar the event is in, where that is not plain.
func (c *eventCard) whose(a *App) string {
	name := ""
	if f, _ := a.folder(c.occ.Folder); f != nil && f.Type != activesync.FolderCalendar {
		name = f.Name
	}
	if acct := a.names()[c.occ.account]; acct != "" {
		name = strings.TrimPrefix(name+" ("+acct+")", " ")
		if strings.HasPrefix(name, "(") {
			name = acct
		}
	}
	return name
}

// linkAt is the link in a line of the pane.
func (c *eventCard) linkAt(y int) (link, bool) {
	l, ok := c.online[c.page.top+y]
	return l, ok && c.have
}

func (c *eventCard) take(drawn eventLook, t eventText) {
	c.drawn, c.links, c.online, c.spots = drawn, t.links, t.online, t.spots
	c.page.set(t.lines)
}
