package ui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// Update routes a message to where it belongs: size, then what lies on top,
// then keys of everywhere, then the pane that has the focus.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.now = time.Now()
	a.frame = ""
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height = max(msg.Width, 1), max(msg.Height, 1)
		return a, a.arrange()
	case answer:
		return a, tea.Batch(msg(a), a.sayLook())
	case tea.KeyMsg:
		if locked := a.expired(); locked != nil { // the clock was ahead of the timer
			return a, locked
		}
		a.touched = a.now
		return a, tea.Batch(a.key(msg), a.sayLook())
	case tea.MouseMsg:
		if locked := a.expired(); a.lock != nil {
			return a, locked
		}
		a.touched = a.now
		return a, tea.Batch(a.mouse(tea.MouseEvent(msg)), a.sayLook())
	case tea.SuspendMsg:
		a.attach(false)
	case tea.ResumeMsg:
		a.attach(true)
		locked := a.idle()
		a.touched, a.looked = a.now, activesync.Look{}
		return a, tea.Batch(a.readAccounts(), a.sayLook(), locked)
	}
	return a, a.terminal(msg)
}

// attach tells the backend whether the screen is in the foreground.
func (a *App) attach(foreground bool) {
	if a.detach != nil {
		a.detach()
	}
	a.detach = a.backend.Attach(foreground)
}

// keyName is how the table of actions writes a key.
func keyName(k tea.KeyMsg) string {
	s := k.String()
	if s == " " {
		return "space"
	}
	return s
}

// key routes a key. Esc and a key right after it reach a program as alt and that
// key, on a slow line always; where alt means nothing they are two keys again.
func (a *App) key(k tea.KeyMsg) tea.Cmd {
	name := keyName(k)
	if plain := strings.TrimPrefix(name, "alt+"); plain != name && !k.Paste && !a.bound(name) {
		k.Alt = false
		return tea.Batch(a.named(tea.KeyMsg{Type: tea.KeyEsc}, "esc"), a.named(k, plain))
	}
	return a.named(k, name)
}

// bound reports whether a key with alt does something where the person is; in a
// text it may.
func (a *App) bound(name string) bool {
	switch o := a.top().(type) {
	case nil:
	case *menu:
		return o.find != nil || o.item(name) >= 0
	default:
		_, text := o.(interface{ paste(*App, string) tea.Cmd })
		return text
	}
	if a.setup != nil || a.write != nil || a.typingInPlace() || a.prefix != "" || a.keys.Prefix(name, a.scope()) {
		return true
	}
	_, found := a.keys.Lookup(name, a.scope())
	return found
}

// named routes a key by its name.
func (a *App) named(k tea.KeyMsg, name string) tea.Cmd {
	if name == "ctrl+c" {
		return a.leave()
	}
	if a.lock != nil {
		return a.lock.key(a, k, name)
	}
	if k.Paste {
		return a.paste(string(k.Runes))
	}
	if o := a.top(); o != nil {
		return o.key(a, k, name)
	}
	a.noteSeen()
	if a.setup != nil {
		return a.setup.key(a, k, name)
	}
	if a.write != nil {
		return a.write.key(a, k, name)
	}
	if a.typingInPlace() {
		return a.people.searchKey(a, k, name)
	}
	scope := a.scope()
	if a.prefix != "" {
		name, a.prefix = a.prefix+" "+name, ""
	} else if a.keys.Prefix(name, scope) {
		a.prefix = name
		return nil
	}
	found, ok := a.keys.Lookup(name, scope)
	if !ok {
		return nil
	}
	return a.perform(found.ID)
}

// paste goes into what is being written and never acts as keys.
func (a *App) paste(s string) tea.Cmd {
	if o := a.top(); o != nil {
		if p, ok := o.(interface{ paste(*App, string) tea.Cmd }); ok {
			return p.paste(a, s)
		}
		return nil
	}
	switch {
	case a.setup != nil:
		a.setup.paste(s)
	case a.write != nil:
		return a.write.paste(a, s)
	case a.typingInPlace():
		return a.people.searchPaste(a, s)
	}
	return nil
}

// typingInPlace reports whether letters go into a field of the screen itself.
func (a *App) typingInPlace() bool {
	return a.setup == nil && a.write == nil && a.screen == peopleScreen && a.people.searching
}

// scope is the place where the person is, for keys.
func (a *App) scope() action.Scope {
	switch {
	case a.setup != nil:
		return action.Setup
	case a.write != nil:
		return action.Compose
	}
	switch a.screen {
	case peopleScreen:
		if a.people.onCard {
			return action.Card
		}
		return action.People
	case calendarScreen:
		if a.agenda.onCard {
			return action.Event
		}
		return action.Agenda
	case settingsScreen:
		return action.Settings
	case outboxScreen:
		return action.Outbox
	}
	return [...]action.Scope{action.Mailboxes, action.Messages, action.Reader}[a.mail.focus]
}

// perform carries an action out, or says why it cannot be done.
func (a *App) perform(id action.ID) tea.Cmd {
	f := a.facts()
	row := a.keys.Action(id)
	if row.Hidden(f) {
		return nil
	}
	if why := row.Reason(f); why != "" {
		return a.say(why)
	}
	return a.do(id)
}
