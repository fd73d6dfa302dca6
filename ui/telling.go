package ui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
)

// telling goes on once it is clear whether those who are invited are told that an
// event is after instead of before; nil before it is made, and after it is gone.
// From 16.0 on the server tells them, whatever the person wants.
func (a *App) telling(account activesync.AccountID, before, after *activesync.Event, goOn func(*App, *activesync.Tell) tea.Cmd) tea.Cmd {
	letters := calendar.Invites(before, after, time.Time{}, a.now)
	acct := a.account(account)
	if len(letters) == 0 || acct == nil {
		return goOn(a, nil)
	}
	tell := &activesync.Tell{Due: a.now.Add(a.settings.undoSend())}
	if acct.invites() {
		return goOn(a, tell)
	}
	var to []activesync.Address
	for _, l := range letters {
		to = append(to, l.To...)
	}
	q := question{title: "Send the invitation?", yes: "Send", also: "Do not send", no: "Go on"}
	who := peopleWords(to)
	switch {
	case before == nil:
		q.text = who + " get it by e-mail."
	case after == nil:
		q.title, q.yes, q.also, q.no = "Tell them?", "Delete and tell", "Delete only", "Keep"
		q.text = who + " are invited. They learn by e-mail that it does not take place."
	default:
		q.title, q.text = "Send the update?", who+" learn of the change by e-mail."
	}
	if len(to) == 1 {
		q.text = strings.NewReplacer(" get it", " gets it", " learn of", " learns of", " are invited. They learn", " is invited, and learns").Replace(q.text)
	}
	q.do = func(a *App) tea.Cmd { return goOn(a, tell) }
	q.other = func(a *App) tea.Cmd { return goOn(a, nil) }
	return a.ask(q)
}

// peopleWords name some people: three at most.
func peopleWords(list []activesync.Address) string {
	var names []string
	for _, p := range list {
		if name := clean(p.Label()); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	switch n := len(names); {
	case n > 3:
		return strings.Join(names[:2], ", ") + " and " + number(n-2) + " others"
	case n > 1:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// toldWords say that those who are invited are told.
func toldWords(t *activesync.Tell) string {
	if t == nil {
		return ""
	}
	return "; those who are invited are told"
}
