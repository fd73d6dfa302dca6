package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
	"eas.example/securemail/ui/list"
	"eas.example/securemail/ui/style"
)

// asides is how many contacts of an account were changed here and on Exchange
// so that the person has to decide.
func asides(c *account) int {
	n := 0
	for _, op := range c.outbox {
		if op.TwoVersions() {
			n++
		}
	}
	return n
}

// undecidedPeople is how many people there are of whom there are two versions.
func (a *App) undecidedPeople() int {
	n := a.prefs.local.conflicts()
	for _, c := range a.accounts {
		n += asides(c)
	}
	return n
}

// version is a person of whom there are two versions, of an account.
type version struct {
	account activesync.AccountID
	contacts.Conflict
}

// versionKey tells the versions of a list apart.
type versionKey struct {
	account activesync.AccountID
	item    activesync.ItemID
	op      activesync.OpID
}

func (x version) key() versionKey { return versionKey{x.account, x.ID, x.Op} }

// versions is the screen on which the person decides which of two versions of
// a contact stays. What enter means is to decide later, until they choose
// otherwise.
type versions struct {
	list    *list.List[versionKey, version]
	choices choices
	top     int // of the lines that show both sides
	most    int // that top can be
	above   int // lines over the rows
}

// versionChoices are the choices in the order in which they stand.
var versionChoices = [...]struct {
	word string
	keep contacts.Side // "" is neither
	said string
}{
	{"esc Decide later", "", ""},
	{"1 Keep that of Exchange", contacts.Exchange, "as on Exchange"},
	{"2 Keep yours", contacts.File, "as you have it; Exchange gets it"},
}

// openVersions reads of whom there are two versions, and shows them.
func (a *App) openVersions() tea.Cmd {
	b := a.backend
	var ids []activesync.AccountID
	for _, c := range a.accounts {
		ids = append(ids, c.ID)
	}
	return a.call(quick, func(ctx context.Context) answer {
		var all []version
		for _, id := range ids {
			found, err := b.Conflicts(ctx, id)
			if err != nil {
				return func(a *App) tea.Cmd { return a.fail("", err) }
			}
			for _, x := range found {
				all = append(all, version{id, x})
			}
		}
		return func(a *App) tea.Cmd {
			if len(all) == 0 {
				return a.say("There is one version of everybody.")
			}
			v := &versions{list: list.New(version.key, nil)}
			v.list.Put(0, len(all), all)
			for _, c := range versionChoices {
				v.choices.words = append(v.choices.words, c.word)
			}
			return a.push(v)
		}
	})
}

func (v *versions) key(a *App, _ tea.KeyMsg, name string) tea.Cmd {
	was := v.list.Cursor()
	switch {
	case name == "esc", name == "q":
		a.pop()
	case name == "pgdown":
		v.top = min(v.top+5, v.most)
	case name == "pgup":
		v.top = max(v.top-5, 0)
	case moveKey(v.list, name):
	case name == "space", v.choices.key(name):
		return v.decide(a)
	}
	if v.list.Cursor() != was {
		v.top, v.choices.at = 0, 0
	}
	return nil
}

// decide carries the choice out and goes on with the next person.
func (v *versions) decide(a *App) tea.Cmd {
	a.pop()
	c := versionChoices[v.choices.at]
	x, ok := v.list.Current()
	if c.keep == "" || !ok {
		return nil
	}
	b, more := a.backend, v.list.Len() > 1
	return a.call(quick, func(ctx context.Context) answer {
		err := b.ResolveConflict(ctx, x.account, x.ID, x.Op, c.keep)
		return func(a *App) tea.Cmd {
			if err != nil {
				return tea.Batch(a.fail("Not decided", err), a.prefs.local.load(a), a.readAccounts())
			}
			cmds := []tea.Cmd{a.say(clean(x.Name) + ": " + c.said + "."), a.prefs.local.load(a), a.readAccounts()}
			if more {
				cmds = append(cmds, a.openVersions())
			}
			return tea.Batch(cmds...)
		}
	})
}

func (v *versions) click(a *App, x, y int) tea.Cmd {
	if v.choices.click(x, y) {
		return v.decide(a)
	}
	if i := v.list.IndexAt(y - 1 - v.above); y > v.above && i >= 0 && i < v.list.Len() {
		v.list.To(i)
		v.top, v.choices.at = 0, 0
	}
	return nil
}

func (v *versions) wheel(_ *App, n int) tea.Cmd {
	v.top = max(min(v.top+n, v.most), 0)
	return nil
}

// words say what became of the two sides.
func (x version) words(a *App) string {
	when := a.clockOrDay(x.Since)
	switch {
	case x.Op == 0 && x.Gone:
		return "changed by hand " + when + ", deleted on Exchange"
	case x.Op == 0:
		return "changed by hand " + when
	case x.Gone:
		return "changed here " + when + ", deleted on Exchange"
	}
	return "changed here " + when + " and on Exchange"
}

func (v *versions) draw(a *App) box {
	most, high := a.boxRoom()
	width := min(110, most)
	line := func() *style.Line { return a.theme.Line(width, style.Overlay) }
	var lines []string
	add := func(l *style.Line) { lines = append(lines, l.String()) }
	for _, w := range wrap("Of these people there are two versions. Both are kept until you have chosen.", width-4) {
		add(line().Skip(2).Put(style.Text, w))
	}
	add(line())
	v.above = len(lines)
	below := v.choices.lines(a, width)
	room := max(high-v.above-len(below)-2, 2)
	v.list.Resize(max(min(v.list.Len(), room/3), 1))
	for _, s := range v.list.Visible() {
		x, _ := v.list.At(s.Index)
		on := style.Overlay
		if s.Index == v.list.Cursor() {
			on = style.Chosen
		}
		l := a.theme.Line(width, on).Skip(2)
		nw := min(30, width/2)
		l.Cell(style.Strong, clean(x.Name), nw).Skip(2).Cell(style.Text, x.words(a), l.Room()-2)
		add(l)
	}
	add(line())
	x, _ := v.list.Current()
	sides := v.sides(a, x, width)
	room = max(room-v.list.Height()-1, 1)
	v.most = max(len(sides)-room, 0)
	v.top = max(min(v.top, v.most), 0)
	shown := sides[v.top:min(v.top+room, len(sides))]
	lines = append(lines, shown...)
	add(line())
	v.choices.below(len(lines))
	lines = append(lines, below...)
	title := "Two versions of a person"
	if v.most > 0 {
		title += "  " + number(v.top+len(shown)) + "/" + number(len(sides))
	}
	return a.framed(title, lines, width, false)
}

// sides shows the fields that the two versions have differently, beside each
// other.
func (v *versions) sides(a *App, x version, width int) []string {
	name := min(18, width/4)
	cell := max((width-name-6)/2, 4)
	row := func(role style.Role, label, left, right string) string {
		l := a.theme.Line(width, style.Overlay).Skip(2)
		return l.Cell(style.Dim, label, name).Skip(1).Cell(role, left, cell).Skip(1).Cell(role, right, cell).String()
	}
	out := []string{row(style.Title, "", "On Exchange", "Yours")}
	for _, d := range x.Left {
		left, right := wrap(clean(d.Exchange), cell), wrap(clean(d.File), cell)
		if d.Exchange == "" {
			left[0] = a.theme.Dash
		}
		if d.File == "" {
			right[0] = a.theme.Dash
		}
		for i := range max(len(left), len(right)) {
			label, l, r := "", "", ""
			if i == 0 {
				label = clean(d.Label)
			}
			if i < len(left) {
				l = left[i]
			}
			if i < len(right) {
				r = right[i]
			}
			out = append(out, row(style.Text, label, l, r))
		}
	}
	note := ""
	switch {
	case x.Card == nil:
		note = "What lies there now is not the card of one person, so it cannot be kept."
	case x.Gone:
		note = "Keeping yours makes the person anew on Exchange."
	case len(x.Left) == 0:
		note = "They differ only in how they are written."
	}
	for _, text := range []string{note, clean(x.File)} {
		if text == "" {
			continue
		}
		for _, w := range wrap(text, max(width-4, 1)) {
			out = append(out, a.theme.Line(width, style.Overlay).Skip(2).Put(style.Dim, w).String())
		}
	}
	return out
}
