package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/contacts"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

const (
	// mostOptions is how many people are offered at once.
	mostOptions = 6
	// completing is how long keys wait for people at most.
	completing = 2 * time.Second
	// fromDirectory marks those whom only the organisation's address list knows.
	fromDirectory = "directory"
)

// options are the people offered below a field.
type options struct {
	list     []contacts.Match // clean
	words    string           // whom they are for, "" while nobody is looked for
	known    bool             // the answer for words is there
	listed   contacts.Answer  // how far the organisation's address list is
	why      string           // it cannot be asked
	from, to int              // the bytes of the field that one of them replaces
	at       int              // the one that enter takes, -1 for none
	top      int              // the first one on screen
	muted    bool
	rect     rect // in cells of the pane
	lane     lane
	held     []heldKey // what was pressed before the people were there
}

type heldKey struct {
	key  tea.KeyMsg
	name string
}

func (o *options) close() {
	o.list, o.words, o.known, o.listed, o.why, o.rect = nil, "", false, contacts.NotAsked, "", rect{}
}

// row is the option at a cell of the pane, -1 where there is none.
func (o *options) row(x, y int) int {
	if i := o.top + y - o.rect.y; o.rect.has(x, y) && i < len(o.list) {
		return i
	}
	return -1
}

// state says how far the address list is, "" where there is nothing to say.
func (o *options) state(t *style.Theme) string {
	switch {
	case o.listed == contacts.Asking:
		return "Asking the directory" + t.Ellipsis
	case o.listed == contacts.Unavailable:
		return "The directory cannot be asked: " + clean(o.why)
	case o.listed != contacts.Answered || message.CheckAddress(o.words) == nil && len(o.list) == 0:
		return ""
	case len(o.list) == 0:
		return "The directory has answered: nobody is called so."
	case slices.ContainsFunc(o.list, func(m contacts.Match) bool { return m.Source == contacts.Listed }):
		return "The directory has answered."
	}
	return "The directory has answered: nobody else."
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

// suggest looks for people who fit what was typed.
func (w *compose) suggest(a *App) tea.Cmd {
	o := &w.options
	if !holdsAddresses(w.focus) {
		o.close()
		return nil
	}
	line, at := w.field[w.focus].Line(0), w.field[w.focus].At().Byte
	from, to := entry(line, min(at, len(line)))
	typed := strings.ToLower(strings.Trim(line[from:at], `" `))
	if typed == "" {
		o.muted = false // another entry begins
	}
	if typed == "" || o.muted || strings.TrimSpace(line[at:to]) != "" || strings.ContainsAny(typed, "<>") {
		o.close()
		return nil
	}
	o.from, o.to, o.words, o.known = from, to, typed, false
	return w.complete(a)
}

// complete asks whom the words may mean.
func (w *compose) complete(a *App) tea.Cmd {
	b, id, words := a.backend, w.account, w.options.words
	return a.read(&w.options.lane, completing, func(ctx context.Context) answer {
		// Where it fails nobody is offered; writing goes on.
		found, _ := b.Complete(ctx, id, words)
		return func(a *App) tea.Cmd {
			if a.write != w {
				return nil
			}
			o := &w.options
			if words == o.words && id == w.account {
				w.offer(found)
			}
			if o.words != "" && !o.known {
				return nil // of letters that were typed before; another answer follows
			}
			held := o.held
			o.held = nil
			var cmds []tea.Cmd
			for _, h := range held {
				cmds = append(cmds, w.key(a, h.key, h.name))
			}
			return tea.Batch(cmds...)
		}
	})
}

// completeAgain asks anew, since more may be known by now.
func (w *compose) completeAgain(a *App) tea.Cmd {
	if w.options.words == "" {
		return nil
	}
	return w.complete(a)
}

// offer shows those who fit best and are not written to already. Whom the
// person chose stays chosen when others come.
func (w *compose) offer(found contacts.Completion) {
	o := &w.options
	again, chosen := o.known, ""
	if again && o.at >= 0 && o.at < len(o.list) {
		chosen = o.list[o.at].Address.Address
	}
	taken := map[string]bool{}
	for _, p := range []int{toPart, ccPart, bccPart} {
		for _, x := range activesync.ParseAddresses(w.field[p].Text()) {
			taken[strings.ToLower(x.Address)] = true
		}
	}
	o.list, o.listed, o.why, o.known, w.stale = nil, found.Listed, found.Why, true, true
	for _, m := range found.Matches {
		m.Address = cleanAddress(m.Address)
		m.Address.Name = strings.Join(strings.Fields(m.Address.Name), " ")
		low := strings.ToLower(m.Address.Address)
		if len(o.list) < mostOptions && !taken[low] && low != o.words && message.CheckAddress(m.Address.Address) == nil {
			o.list = append(o.list, m)
		}
	}
	switch at := slices.IndexFunc(o.list, func(m contacts.Match) bool { return m.Address.Address == chosen }); {
	case again && (o.at < 0 || at >= 0):
		o.at = at
	case message.CheckAddress(o.words) == nil:
		o.at = -1 // an address that is whole already is not replaced unasked
	default:
		o.at = 0
	}
}

// optionsKey lets a key choose among the people offered.
func (w *compose) optionsKey(a *App, k tea.KeyMsg, name string) (cmd tea.Cmd, mine bool) {
	o := &w.options
	n := len(o.list)
	switch name {
	case "esc":
		if n == 0 && o.state(a.theme) == "" {
			return nil, false
		}
		o.close()
		o.muted, o.held, w.stale = true, nil, true
		return nil, true
	case "down", "ctrl+n", "up", "ctrl+p", "tab", "enter":
	default:
		if len(o.held) > 0 { // what follows on a key that waits waits too
			o.held = append(o.held, heldKey{k, name})
			return nil, true
		}
		return nil, false
	}
	if o.words != "" && !o.known {
		o.held = append(o.held, heldKey{k, name})
		return nil, true
	}
	if n == 0 {
		return nil, false
	}
	w.stale = true
	switch name {
	case "down", "ctrl+n":
		o.at = (o.at + 1) % n
	case "up", "ctrl+p":
		if o.at--; o.at < 0 {
			o.at = n - 1
		}
	default:
		if o.at < 0 {
			o.close()
			return nil, false
		}
		return w.take(a), true
	}
	return nil, true
}

// take writes the person chosen instead of what was typed.
func (w *compose) take(a *App) tea.Cmd {
	o, b := &w.options, w.field[w.focus]
	text := personText(o.list[o.at].Address)
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
	state := o.state(a.theme)
	if len(o.list) == 0 && state == "" || !w.cursors {
		o.rect = rect{}
		return
	}
	x, width := w.room(w.focus)
	y := w.cursorY + 1
	high := len(o.list)
	if state != "" {
		high++
	}
	if high = min(high, len(w.drawn)-y); high <= 0 {
		o.rect = rect{}
		return
	}
	widest := style.Width(state) + 2
	for _, m := range o.list {
		widest = max(widest, style.Width(m.Address.Name)+style.Width(m.Address.Address)+5+len(fromDirectory))
	}
	width = min(widest, width)
	o.rect = rect{x, y, width, high}
	people := min(len(o.list), high)
	o.top = max(o.at-people+1, 0)
	for i := range high {
		at := o.top + i
		l := a.theme.Line(width, style.Overlay)
		if i < people && at == o.at {
			l = a.theme.Line(width, style.Chosen).Put(style.Accent, a.theme.Bar)
		} else {
			l.Skip(1)
		}
		if i < people {
			drawOption(l, o.list[at])
		} else {
			l.Put(style.Dim, state)
		}
		w.drawn[y+i] = over(w.drawn[y+i], x, l.String(), width, w.rect.w)
	}
}

func drawOption(l *style.Line, m contacts.Match) {
	if m.Address.Name != "" {
		l.Put(style.Text, m.Address.Name).Skip(2)
	}
	l.Put(style.Dim, m.Address.Address)
	if m.Source == contacts.Listed {
		l.Skip(2).Put(style.Faint, fromDirectory)
	}
}
