package ui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// note is what is said below the body for a while.
type note struct {
	text  string
	offer string // what one can do about it, such as "Undo z"
	alert bool
	stays time.Duration // 0 is as usual
	// reminds says that it is a reminder, which stands until it is dealt with.
	reminds bool
	seq     int
}

// How long a note stays.
const (
	noteStays  = 8 * time.Second
	alertStays = 30 * time.Second
)

// say tells something in words.
func (a *App) say(text string) tea.Cmd { return a.tell(note{text: text}) }

// sayUndo tells what was done and offers to take it back.
func (a *App) sayUndo(text string) tea.Cmd {
	return a.tell(note{text: text, offer: "Undo " + a.keys.Key(action.Undo)})
}

// fail tells what went wrong, in words with the next step.
func (a *App) fail(what string, err error) tea.Cmd {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	if _, ok := a.backend.(keyKeeper); ok && errors.Is(err, activesync.ErrLocked) {
		return a.askToUnlock()
	}
	text := explain(err)
	if what != "" {
		text = what + ": " + text
	}
	return a.tell(note{text: text, alert: true})
}

func (a *App) tell(n note) tea.Cmd {
	n.seq = a.note.seq + 1
	n.text = clean(n.text)
	a.note = n
	stays := noteStays
	if n.alert {
		stays = alertStays
	}
	if n.stays > 0 {
		stays = n.stays
	}
	return a.after(stays, func(a *App) tea.Cmd {
		if a.note.seq == n.seq {
			a.note = note{seq: n.seq}
		}
		return nil
	})
}

// said is the note, or else what is wrong with the connection.
func (a *App) said() note {
	if a.note.text != "" || a.setup != nil {
		return a.note
	}
	if n := a.reminder(); n.text != "" {
		return n
	}
	if acct := a.current(); acct != nil && acct.status.Err != nil {
		return note{text: clean(explain(acct.status.Err)), alert: true}
	}
	return note{}
}

// noteSeen takes an alert away that the person had time to read.
func (a *App) noteSeen() {
	if a.note.offer != "" && len(a.undo) == 0 {
		a.note.offer = ""
	}
}
