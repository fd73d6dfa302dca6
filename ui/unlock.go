package ui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// keyKeeper is a backend that knows what holds the key of what is kept here.
type keyKeeper interface {
	Key(ctx context.Context) (activesync.KeyState, error)
	// HoldKey and Unlock may ask the person by means of the desktop.
	HoldKey(ctx context.Context, c activesync.KeyChoice) error
	Unlock(ctx context.Context, passphrase string) error
}

// askToUnlock asks for what opens the backend. Of many reads that fail because
// of it the first one asks.
func (a *App) askToUnlock() tea.Cmd {
	k, ok := a.backend.(keyKeeper)
	if !ok || a.locked {
		return nil
	}
	a.locked = true
	return a.call(quick, func(ctx context.Context) answer {
		s, err := k.Key(ctx)
		return func(a *App) tea.Cmd {
			if err != nil || !s.Locked { // it was opened meanwhile
				a.locked = false
				return a.readAgain()
			}
			return a.showLock(k, s, "")
		}
	})
}

// showLock asks the person; wrong says why the last try did not work.
func (a *App) showLock(k keyKeeper, s activesync.KeyState, wrong string) tea.Cmd {
	title := "securemail is locked"
	again := func(a *App) tea.Cmd { return a.unlock(k, s, "") }
	if s.Holder == activesync.KeyByPassphrase {
		return a.prompt(&prompt{title: title, label: s.Question() + " It is asked for once, until the background process ends.", field: edit.NewField(""),
			secret: true, wrong: wrong, hint: "enter unlocks, esc leaves it locked", locks: true,
			check: func(s string) string {
				if s == "" {
					return "Type the passphrase."
				}
				return ""
			},
			do: func(a *App, passphrase string) tea.Cmd { return a.unlock(k, s, passphrase) }})
	}
	text := clean(s.Question()) + " Nothing is lost."
	if wrong != "" {
		text += " " + clean(wrong)
	}
	return a.ask(question{title: title, text: text, yes: "Ask again", no: "Leave it locked", at: 1, locks: true, do: again,
		refused: func(a *App) tea.Cmd { return a.stayLocked() }})
}

// stayLocked is the end of the question; the next thing that fails asks again.
func (a *App) stayLocked() tea.Cmd {
	a.locked = false
	return a.say("Locked. Nothing can be shown until it is unlocked.")
}

func (a *App) unlock(k keyKeeper, s activesync.KeyState, passphrase string) tea.Cmd {
	opens := a.call(network, func(ctx context.Context) answer {
		err := k.Unlock(ctx, passphrase)
		return func(a *App) tea.Cmd {
			switch {
			case err == nil:
				a.locked = false
				return tea.Batch(a.say("Unlocked."), a.readAgain())
			case errors.Is(err, activesync.ErrPassphrase):
				return a.showLock(k, s, "That is not the passphrase.")
			case errors.Is(err, activesync.ErrLocked):
				s.Why = trimmed(err, activesync.ErrLocked)
				return a.showLock(k, s, "It was asked again.")
			}
			a.locked = false
			return a.fail("Not unlocked", err)
		}
	})
	return tea.Batch(a.say("Unlocking"+a.theme.Ellipsis), opens)
}

// readAgain reads what could not be read while it was locked.
func (a *App) readAgain() tea.Cmd {
	return tea.Batch(a.readAccounts(), a.keptDrafts())
}

// unlocked closes the question where another screen has answered it.
func (a *App) unlocked() {
	for i := len(a.overlays) - 1; i >= 0; i-- {
		p, isPrompt := a.overlays[i].(*prompt)
		q, isQuestion := a.overlays[i].(*question)
		if isPrompt && p.locks || isQuestion && q.locks {
			a.overlays = append(a.overlays[:i], a.overlays[i+1:]...)
			a.locked = false
		}
	}
}
