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
	"eas.example/securemail/ui/style"
)

const (
	// mostOptions is how many people are offered at once.
	mostOptions = 6
	// completionTime is how long keys wait for people at most.
	completionTime = 2 * time.Second
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

// completing is where people are completed: what is being written, or a form.
type completing interface {
	// completes says for which account, and whether the options still matter.
	completes(a *App) (account activesync.AccountID, o *options, here bool)
	// named are the texts whose people are not offered again.
	named() []string
	redraw()
	key(a *App, k tea.KeyMsg, name string) tea.Cmd
}

// aim takes the entry of a list of addresses in which the cursor stands for what
// people are looked for by. It reports false where there is nobody to look for.
func (o *options) aim(line string, at int) bool {
	from, to := entry(line, min(at, len(line)))
	typed := strings.ToLower(strings.Trim(line[from:at], `" `))
	if typed == "" {
		o.muted = false // another entry begins
	}
	if typed == "" || o.muted || strings.TrimSpace(line[at:to]) != "" || strings.ContainsAny(typed, "<>") {
		o.close()
		return false
	}
	o.from, o.to, o.words, o.known = from, to, typed, false
	return true
}

// complete asks whom the words may mean.
func (o *options) complete(a *App, c completing) tea.Cmd {
	id, _, _ := c.completes(a)
	b, words := a.backend, o.words
	return a.read(&o.lane, completionTime, func(ctx context.Context) answer {
		// Where it fails nobody is offered; writing goes on.
		found, _ := b.Complete(ctx, id, words)
		return func(a *App) tea.Cmd {
			now, o, here := c.completes(a)
			if !here {
				return nil
			}
			if words == o.words && id == now {
				o.offer(found, c.named())
				c.redraw()
			}
			if o.words != "" && !o.known {
				return nil // of letters that were typed before; another answer follows
			}
			held := o.held
			o.held = nil
			var cmds []tea.Cmd
			for _, h := range held {
				cmds = append(cmds, c.key(a, h.key, h.name))
			}
			return tea.Batch(cmds...)
		}
	})
}

// offer shows those who fit best and are not named already. Whom the person
// chose stays chosen when others come.
func (o *options) offer(found contacts.Completion, named []string) {
	again, chosen := o.known, ""
	if again && o.at >= 0 && o.at < len(o.list) {
		chosen = o.list[o.at].Address.Address
	}
	taken := map[string]bool{}
	for _, text := range named {
		for _, x := range activesync.ParseAddresses(text) {
			taken[strings.ToLower(x.Address)] = true
		}
	}
	o.list, o.listed, o.why, o.known = nil, found.Listed, found.Why, true
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

// key lets a key choose among the people offered: mine says that it was for that,
// take that the one chosen is to be written.
func (o *options) key(t *style.Theme, k tea.KeyMsg, name string) (take, mine bool) {
	n := len(o.list)
	switch name {
	case "esc":
		if n == 0 && o.state(t) == "" {
			return false, false
		}
		o.close()
		o.muted, o.held = true, nil
		return false, true
	case "down", "ctrl+n", "up", "ctrl+p", "tab", "enter":
	default:
		if len(o.held) > 0 { // what follows on a key that waits waits too
			o.held = append(o.held, heldKey{k, name})
			return false, true
		}
		return false, false
	}
	if o.words != "" && !o.known {
		o.held = append(o.held, heldKey{k, name})
		return false, true
	}
	if n == 0 {
		return false, false
	}
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
			return false, false
		}
		return true, true
	}
	return false, true
}

// chosen is the person chosen as text, for a line of so many bytes.
func (o *options) chosen(line int) string {
	text := personText(o.list[o.at].Address)
	if o.to == line {
		text += ", "
	}
	return text
}

// lines draws the people offered, at most so many lines of at most a width.
func (o *options) lines(t *style.Theme, most, high int) (out []string, width int) {
	state := o.state(t)
	n := len(o.list)
	if state != "" {
		n++
	}
	n = min(n, high)
	width = style.Width(state) + 2
	for _, m := range o.list {
		width = max(width, style.Width(m.Address.Name)+style.Width(m.Address.Address)+5+len(fromDirectory))
	}
	width = min(width, most)
	people := min(len(o.list), n)
	o.top = max(o.at-people+1, 0)
	for i := range n {
		at := o.top + i
		l := t.Line(width, style.Overlay)
		if i < people && at == o.at {
			l = t.Line(width, style.Chosen).Put(style.Accent, t.Bar)
		} else {
			l.Skip(1)
		}
		if i < people {
			drawOption(l, o.list[at])
		} else {
			l.Put(style.Dim, state)
		}
		out = append(out, l.String())
	}
	return out, width
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
