package ui

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// note is what is said below the body for a while.
type note struct {
	text  string
	offer string // what one can do about it, such as "Undo z"
	alert bool
	stays time.Duration // 0 is as usual
	// reminds says that it is a reminder, which stands until it is dealt with.
	reminds bool
	// told is since when it stands; folded says that it takes one line, however
	// long it is.
	told   time.Time
	folded bool
	seq    int
}

// How long a note stays.
const (
	noteStays  = 8 * time.Second
	alertStays = 30 * time.Second
	alertRead  = 4 * time.Second // how long it takes to read one
)

// say tells something in words.
func (a *App) say(text string) tea.Cmd { return a.tell(note{text: text}) }

// sayUndo tells what was done and offers to take it back.
func (a *App) sayUndo(text string) tea.Cmd {
	return a.tell(note{text: text, offer: a.undoOffer()})
}

func (a *App) undoOffer() string { return "Undo " + a.keys.Key(action.Undo) }

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
	n.text, n.told = clean(n.text), a.now
	a.note = n
	stays := noteStays
	if n.alert {
		stays = alertStays
	}
	if n.stays > 0 {
		stays = n.stays
	}
	return a.after(stays, func(a *App) tea.Cmd {
		a.unsay(n.seq)
		return nil
	})
}

// unsay takes a note away, where it still stands.
func (a *App) unsay(seq int) {
	if a.note.seq == seq {
		a.note = note{seq: seq}
	}
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

// noteSeen takes away of a note what is no longer so or was read.
func (a *App) noteSeen() {
	if len(a.undo) == 0 && a.note.offer == a.undoOffer() {
		a.note.offer = ""
	}
	if a.now.Sub(a.note.told) >= alertRead {
		a.note.folded = true
	}
}

// noteLines are the lines of what is longer than the line below the body, nil where
// nothing has to be said in more than that. What is offered to be taken back takes
// one line: the person knows what it was.
func (a *App) noteLines() []string {
	n := a.note
	if n.folded || n.text == "" || n.offer != "" && !n.alert || !a.lay.ruled {
		return nil
	}
	words := strings.TrimSpace(n.text + "  " + n.offer)
	if n.alert {
		words = a.theme.Warning + " " + words
	}
	if style.Width(words) <= a.width-4 {
		return nil
	}
	lines := wrap(words, a.width-4)
	return lines[:min(len(lines), max(a.lay.body.h/2, 1))]
}

// spread draws what needs more than the line below the body over the last lines of
// it, the rule among them.
func (a *App) spread(lines []string) {
	said, role := a.noteLines(), style.Strong
	if a.note.alert {
		role = style.Alert
	}
	from := len(lines) - len(said)
	for i, s := range said {
		l := a.theme.Line(a.width, style.Plain)
		if i == 0 {
			l.Fill(style.Faint, a.theme.Rule, 1)
		}
		l.Skip(l.Room()-a.width+2).Put(role, s).Skip(1)
		if i == 0 || i == len(said)-1 {
			l.Fill(style.Faint, a.theme.Rule, l.Room())
		}
		lines[from+i] = l.String()
	}
}
