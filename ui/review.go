package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/list"
	"eas.example/securemail/ui/style"
)

// withheld are the folders with items that the server removed in such numbers
// that the person has to decide.
func (a *App) withheld() []activesync.Withheld {
	var out []activesync.Withheld
	for _, c := range a.accounts {
		for _, w := range c.withheld {
			if len(w.Items) > 0 {
				out = append(out, w)
			}
		}
	}
	return out
}

// undecided is how many items of a folder are withheld.
func (a *App) undecided(id activesync.FolderID) int {
	for _, w := range a.withheld() {
		if w.Folder == id {
			return len(w.Items)
		}
	}
	return 0
}

// sayWithheld tells that there is something to decide.
func (a *App) sayWithheld(id activesync.FolderID) tea.Cmd {
	name := "a mailbox"
	if f, _ := a.folder(id); f != nil {
		name = f.Name
	}
	return a.tell(note{text: "The server removed much of " + name + " at once.", offer: "Decide " + a.keys.Key(action.Review), alert: true})
}

// review shows what is withheld: of the mailbox that is open, else of the only
// one, else of the one that is chosen.
func (a *App) review() tea.Cmd {
	all := a.withheld()
	if len(all) == 0 {
		return a.say("The server has not removed many messages at once.")
	}
	m := &menu{title: "Of which mailbox?", digits: true}
	for _, w := range all {
		if len(all) == 1 || w.Folder == a.mail.list.folder {
			return a.reviewOf(w)
		}
		name := ""
		if f, c := a.folder(w.Folder); f != nil {
			if name = f.Name; len(a.accounts) > 1 {
				name = clean(c.Name) + " " + a.theme.Path + " " + name
			}
		}
		m.items = append(m.items, item{label: name, value: number(len(w.Items)), do: func(a *App) tea.Cmd { return a.reviewOf(w) }})
	}
	return a.menu(m)
}

// reviewOf reads what is withheld of one mailbox, the newest first, and shows it.
func (a *App) reviewOf(w activesync.Withheld) tea.Cmd {
	f, c := a.folder(w.Folder)
	if f == nil {
		return nil
	}
	b, name, total, class, account := a.backend, f.Name, f.Total, f.Class, c.ID
	return a.call(quick, func(ctx context.Context) answer {
		var rows []activesync.Header
		var err error
		switch class {
		case activesync.ClassContacts:
			rows, err = withheldPeople(ctx, b, account, w)
		case activesync.ClassCalendar:
			rows, err = withheldEvents(ctx, b, w)
		default:
			rows, err = withheldRows(ctx, b, w)
		}
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("", err)
			}
			return a.push(newReview(w, name, total, rows))
		}
	})
}

// withheldRows are the messages of a folder that are withheld.
func withheldRows(ctx context.Context, b Backend, w activesync.Withheld) ([]activesync.Header, error) {
	withheld := map[activesync.ItemID]bool{}
	for _, id := range w.Items {
		withheld[id] = true
	}
	var out []activesync.Header
	const step = 500
	for at := 0; len(out) < len(w.Items); at += step {
		win, err := b.Window(ctx, w.Folder, activesync.WindowQuery{Offset: at, Count: step})
		if err != nil {
			return nil, err
		}
		for _, h := range win.Rows {
			if withheld[h.ID] {
				out = append(out, h)
			}
		}
		if at+step >= win.Total {
			break
		}
	}
	return out, nil
}

// withheldPeople are the people of a folder that are withheld, as rows: the name in
// From.
func withheldPeople(ctx context.Context, b Backend, account activesync.AccountID, w activesync.Withheld) ([]activesync.Header, error) {
	all, err := b.Contacts(ctx, account)
	if err != nil {
		return nil, err
	}
	withheld := map[activesync.ItemID]bool{}
	for _, id := range w.Items {
		withheld[id] = true
	}
	var out []activesync.Header
	for _, p := range all {
		if withheld[p.ID] {
			out = append(out, activesync.Header{ID: p.ID, From: activesync.Address{Name: p.Name}, Subject: orElse(p.Company, strings.Join(p.Emails, ", "))})
		}
	}
	return out, nil
}

// mostEvents is how many events are read to be shown.
const mostEvents = 1000

// withheldEvents are events of a calendar that are withheld, as rows: the last one
// first.
func withheldEvents(ctx context.Context, b Backend, w activesync.Withheld) ([]activesync.Header, error) {
	var out []activesync.Header
	for _, id := range w.Items[:min(len(w.Items), mostEvents)] {
		e, err := b.Event(ctx, id)
		if errors.Is(err, activesync.ErrNoItem) {
			continue // decided about meanwhile
		}
		if err != nil {
			return nil, err
		}
		out = append(out, activesync.Header{ID: id, Subject: e.Subject, Date: e.Start})
	}
	slices.SortStableFunc(out, func(x, y activesync.Header) int { return y.Date.Compare(x.Date) })
	return out, nil
}

// review is the screen on which the person decides about many deletions. What
// enter means is to do nothing yet, until they choose otherwise.
type review struct {
	withheld activesync.Withheld
	name     string
	total    int  // items of the mailbox
	named    bool // there is somebody to be named
	list     *list.List[activesync.ItemID, activesync.Header]
	box      rect
	choices  choices
	above    int // lines over the rows
}

// reviewChoices are the choices in the order in which they stand.
var reviewChoices = [...]struct {
	word string
	what activesync.Decision // "" is none
	done string
}{
	{"esc Decide later", "", ""},
	{"1 Keep them here", activesync.DecideKeep, "They stay on this machine; the server does not have them"},
	{"2 Remove them here too", activesync.DecideAccept, "Removed here too"},
	{"3 Ask the server again", activesync.DecideAgain, "The server is asked for the whole mailbox again"},
}

func newReview(w activesync.Withheld, name string, total int, rows []activesync.Header) *review {
	r := &review{withheld: w, name: name, total: total, list: list.New(func(h activesync.Header) activesync.ItemID { return h.ID }, nil)}
	r.list.Put(0, len(rows), rows)
	r.named = slices.ContainsFunc(rows, func(h activesync.Header) bool { return h.From.Label() != "" })
	for _, c := range reviewChoices {
		r.choices.words = append(r.choices.words, c.word)
	}
	return r
}

func (r *review) key(a *App, _ tea.KeyMsg, name string) tea.Cmd {
	switch {
	case name == "esc", name == "q":
		a.pop()
	case moveKey(r.list, name):
	case name == "space", r.choices.key(name):
		return r.decide(a)
	}
	return nil
}

// decide carries the choice out.
func (r *review) decide(a *App) tea.Cmd {
	a.pop()
	c := reviewChoices[r.choices.at]
	if c.what == "" {
		return nil
	}
	b, folder, name := a.backend, r.withheld.Folder, r.name
	return a.call(quick, func(ctx context.Context) answer {
		err := b.Decide(ctx, folder, c.what)
		return func(a *App) tea.Cmd {
			if err != nil {
				return tea.Batch(a.fail("Not decided", err), a.readAccounts())
			}
			return tea.Batch(a.say(name+": "+c.done+"."), a.readAccounts(), a.mail.list.refresh(a))
		}
	})
}

func (r *review) click(a *App, x, y int) tea.Cmd {
	if r.choices.click(x, y) {
		return r.decide(a)
	}
	if i := r.list.IndexAt(y - 1 - r.above); y > r.above && i >= 0 {
		r.list.To(i)
	}
	return nil
}

func (r *review) wheel(_ *App, n int) tea.Cmd {
	r.list.Move(n)
	return nil
}

func (r *review) draw(a *App) box {
	most, high := a.boxRoom()
	width := min(100, most)
	line := func() *style.Line { return a.theme.Line(width, style.Overlay) }
	var lines []string
	add := func(l *style.Line) { lines = append(lines, l.String()) }
	words := "The server says that " + number(len(r.withheld.Items)) + " of " + number(r.total) + " items of " + r.name +
		" are gone. That may be your wish on another device, or a fault of the server. They stay here until you decide."
	for _, w := range wrap(words, width-4) {
		add(line().Skip(2).Put(style.Text, w))
	}
	add(line())
	r.above = len(lines)
	below := r.choices.lines(a, width)
	r.list.Resize(max(min(high-r.above-len(below)-2, r.list.Len()), 1))
	last := 0
	for _, s := range r.list.Visible() {
		h, _ := r.list.At(s.Index)
		on := style.Overlay
		if s.Index == r.list.Cursor() {
			on = style.Chosen
		}
		l := a.theme.Line(width, on).Skip(2)
		when := ""
		if !h.Date.IsZero() {
			when = a.clockOrDay(h.Date)
		}
		if r.named {
			l.Cell(style.Text, clean(h.From.Label()), min(26, width/3)).Skip(2)
		}
		l.Cell(style.Text, clean(h.Subject), l.Room()-style.Width(when)-3)
		l.Skip(l.Room()-style.Width(when)-1).Put(style.Dim, when)
		add(l)
		last = s.Index + 1
	}
	if r.list.Len() == 0 {
		add(line().Skip(2).Put(style.Dim, "They cannot be shown."))
	}
	add(line())
	r.choices.below(len(lines))
	lines = append(lines, below...)
	b := a.framed(partOf("Removed on the server", last, r.list.Len(), r.list.Height()), lines, width, false)
	r.box = b.rect
	return b
}
