package ui

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// mostOptions is how many people are offered at once.
const mostOptions = 6

// recipient is someone who can be written to.
type recipient struct {
	activesync.Address
	words   []string // of name and address in small letters
	whole   string   // name and address in small letters
	contact bool
}

func makeRecipient(p activesync.Address, contact bool) recipient {
	p = cleanAddress(p)
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	whole := strings.ToLower(p.Name + " " + p.Address)
	return recipient{Address: p, whole: whole, contact: contact, words: strings.FieldsFunc(whole, func(r rune) bool {
		return strings.ContainsRune(" .-_@,<>()\"'", r)
	})}
}

// loadPeople reads who can be written to: the contacts of the account, and
// those in the rows of the list.
func (w *compose) loadPeople(a *App) tea.Cmd {
	var seen []activesync.Address
	_, rows := a.mail.list.list.Loaded()
	for _, r := range rows {
		seen = append(append(append(seen, r.From), r.To...), r.Cc...)
	}
	b, id := a.backend, w.account
	return a.call(quick, func(ctx context.Context) answer {
		// Without contacts completion knows fewer people; writing goes on.
		contacts, _ := b.Contacts(ctx, id)
		people := gatherPeople(contacts, seen)
		return func(a *App) tea.Cmd {
			if w.account == id {
				w.people = people
			}
			return nil
		}
	})
}

func gatherPeople(contacts []activesync.ContactRow, seen []activesync.Address) []recipient {
	var out []recipient
	known := map[string]bool{}
	add := func(p activesync.Address, contact bool) {
		k := strings.ToLower(p.Address)
		if known[k] || message.CheckAddress(p.Address) != nil {
			return
		}
		known[k] = true
		out = append(out, makeRecipient(p, contact))
	}
	for _, c := range contacts {
		for _, e := range c.Emails {
			add(activesync.Address{Name: c.Name, Address: activesync.ParseAddress(e).Address}, true)
		}
	}
	for _, p := range seen {
		add(p, false)
	}
	return out
}

// match tells how well a person fits what was typed, in small letters: 0 not
// at all, more is better.
func (p *recipient) match(typed string) int {
	switch {
	case strings.HasPrefix(p.whole, typed), strings.HasPrefix(strings.ToLower(p.Address.Address), typed):
		return 4
	case p.everyWord(typed):
		return 3
	case len(typed) > 1 && strings.Contains(p.whole, typed):
		return 1
	}
	return 0
}

// everyWord reports whether each word typed begins one of the person's.
func (p *recipient) everyWord(typed string) bool {
	for _, t := range strings.Fields(typed) {
		if !slices.ContainsFunc(p.words, func(w string) bool { return strings.HasPrefix(w, t) }) {
			return false
		}
	}
	return true
}

// options are the people offered below a field.
type options struct {
	list     []activesync.Address
	from, to int // the bytes of the field that one of them replaces
	at       int // the one that enter takes, -1 for none
	top      int // the first one on screen
	muted    bool
	rect     rect // in cells of the pane
}

func (o *options) close() { o.list, o.rect = nil, rect{} }

// row is the option at a cell of the pane, -1 where there is none.
func (o *options) row(x, y int) int {
	if len(o.list) == 0 || !o.rect.has(x, y) {
		return -1
	}
	return o.top + y - o.rect.y
}

// entry is the part of a list of addresses in which the cursor is: its bytes
// without the blanks before it.
func entry(list string, at int) (from, to int) {
	quoted := false
	for i := 0; i < at; i++ {
		switch c := list[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case (c == ',' || c == ';') && !quoted:
			from = i + 1
		}
	}
	for from < at && list[from] == ' ' {
		from++
	}
	to = at
	for ; to < len(list); to++ {
		switch c := list[to]; {
		case c == '"':
			quoted = !quoted
		case (c == ',' || c == ';') && !quoted:
			return from, to
		}
	}
	return from, to
}

// suggest offers people who fit what was typed.
func (w *compose) suggest() {
	o := &w.options
	o.close()
	if !holdsAddresses(w.focus) {
		return
	}
	line, at := w.field[w.focus].Line(0), w.field[w.focus].At().Byte
	from, to := entry(line, min(at, len(line)))
	typed := strings.ToLower(strings.Trim(line[from:at], `" `))
	if typed == "" {
		o.muted = false // another entry begins
	}
	if typed == "" || o.muted || strings.TrimSpace(line[at:to]) != "" || strings.ContainsAny(typed, "<>") {
		return
	}
	o.from, o.to, o.list = from, to, w.find(typed)
	// An address that is whole already is not replaced unasked.
	o.at = 0
	if message.CheckAddress(typed) == nil {
		o.at = -1
	}
}

// find are the people who fit best and are not written to already.
func (w *compose) find(typed string) []activesync.Address {
	taken := map[string]bool{}
	for _, p := range []int{toPart, ccPart, bccPart} {
		for _, x := range activesync.ParseAddresses(w.field[p].Text()) {
			taken[strings.ToLower(x.Address)] = true
		}
	}
	type hit struct {
		activesync.Address
		score int
	}
	var hits []hit
	for i := range w.people {
		p := &w.people[i]
		low := strings.ToLower(p.Address.Address)
		if score := 2 * p.match(typed); score > 0 && !(taken[low] && low != typed) && low != typed {
			if p.contact {
				score++
			}
			hits = append(hits, hit{p.Address, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return b.score - a.score })
	var out []activesync.Address
	for _, h := range hits[:min(len(hits), mostOptions)] {
		out = append(out, h.Address)
	}
	return out
}

// optionsKey lets a key choose among the people offered.
func (w *compose) optionsKey(a *App, name string) (cmd tea.Cmd, mine bool) {
	o := &w.options
	if len(o.list) == 0 {
		return nil, false
	}
	w.stale = true
	n := len(o.list)
	switch name {
	case "esc":
		o.close()
		o.muted = true
	case "down", "ctrl+n":
		o.at = (o.at + 1) % n
	case "up", "ctrl+p":
		if o.at--; o.at < 0 {
			o.at = n - 1
		}
	case "tab", "enter":
		if o.at < 0 {
			o.close()
			return nil, false
		}
		return w.take(a), true
	default:
		return nil, false
	}
	return nil, true
}

// take writes the person chosen instead of what was typed.
func (w *compose) take(a *App) tea.Cmd {
	o, b := &w.options, w.field[w.focus]
	text := personText(o.list[o.at])
	if o.to == len(b.Line(0)) {
		text += ", "
	}
	b.Replace(edit.Pos{Byte: o.from}, edit.Pos{Byte: o.to}, text)
	o.close()
	return w.touched(a)
}

// drawOptions lays the people offered over the lines below the field.
func (w *compose) drawOptions(a *App) {
	o := &w.options
	if len(o.list) == 0 || !w.cursors {
		return
	}
	x, width := w.room(w.focus)
	y := w.cursorY + 1
	high := min(len(o.list), len(w.drawn)-y)
	if high <= 0 {
		o.close()
		return
	}
	widest := 0
	for _, p := range o.list {
		widest = max(widest, style.Width(p.Name)+style.Width(p.Address)+5)
	}
	width = min(widest, width)
	o.rect = rect{x, y, width, high}
	o.top = max(o.at-high+1, 0)
	for i, p := range o.list[o.top : o.top+high] {
		l := a.theme.Line(width, style.Overlay)
		if o.top+i == o.at {
			l = a.theme.Line(width, style.Chosen).Put(style.Accent, a.theme.Bar)
		} else {
			l.Skip(1)
		}
		if p.Name != "" {
			l.Put(style.Text, p.Name).Skip(2)
		}
		l.Put(style.Dim, p.Address)
		w.drawn[y+i] = over(w.drawn[y+i], x, l.String(), width, w.rect.w)
	}
}
