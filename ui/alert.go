package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify"
	"eas.example/securemail/ui/term"
)

// alerter is a backend that has screens show notifications, and wants to know
// what the person has before them.
type alerter interface {
	Alerts() <-chan activesync.Alert
	Look(activesync.Look)
	Notifications(context.Context) (activesync.Notifications, error)
}

// idleAfter is how long nothing may be typed or clicked until the person counts
// as away: most terminals do not tell that another window is before it.
const idleAfter = 3 * time.Minute

// awaitAlerts waits for what the backend asks of this screen.
func (a *App) awaitAlerts() tea.Cmd {
	b, ok := a.backend.(alerter)
	if !ok {
		return nil
	}
	return a.call(forever, func(ctx context.Context) answer {
		select {
		case alert := <-b.Alerts():
			kind := notify.KindAuto
			if s, err := b.Notifications(ctx); err == nil {
				if k, err := notify.ParseKind(s.Terminal); err == nil {
					kind = k
				}
			}
			return func(a *App) tea.Cmd { return tea.Batch(a.alerted(alert, kind), a.awaitAlerts()) }
		case <-ctx.Done():
			return nil
		}
	})
}

// firstAlert does what the screens were opened for.
func (a *App) firstAlert() tea.Cmd {
	if a.deps.First == (activesync.Alert{}) {
		return nil
	}
	return a.call(quick, func(context.Context) answer {
		return func(a *App) tea.Cmd { return a.alerted(a.deps.First, notify.KindNone) }
	})
}

// alerted shows a notification by the terminal, or opens what one was about.
func (a *App) alerted(alert activesync.Alert, kind notify.Kind) tea.Cmd {
	if alert.Open != 0 {
		return a.openAlerted(alert)
	}
	choice := notify.Choose(kind, a.deps.Getenv)
	if a.settings.BellOff {
		choice = choice.Silent()
	}
	sequence := choice.Sequence(notify.Notice{ID: alert.ID, Title: alert.Title, Body: alert.Body})
	if alert.Withdraw {
		sequence = choice.Withdrawal(alert.ID)
	}
	if sequence == "" {
		return nil
	}
	return term.Notify(sequence)
}

// openAlerted opens the message of a notification, or an answer to it.
func (a *App) openAlerted(alert activesync.Alert) tea.Cmd {
	b := a.backend
	return a.call(quick, func(ctx context.Context) answer {
		m, err := b.Message(ctx, alert.Open)
		return func(a *App) tea.Cmd {
			switch {
			case err != nil:
				return a.fail("Not opened", err)
			case a.write != nil && !alert.Reply:
				return a.say("The message is in its mailbox once this one is closed.")
			case alert.Reply:
				return a.answerTo(m.ID, m.Folder, reply{verb: activesync.VerbReply})
			}
			a.seen(m.ID)
			return a.openMessage(m.ID, m.Folder)
		}
	})
}

// look is what the person has before them.
func (a *App) look() activesync.Look {
	l := activesync.Look{Away: a.blurred || a.unused() >= idleAfter}
	if a.screen == mailScreen && a.write == nil && a.setup == nil {
		l.Folder = a.mail.list.folder
	}
	return l
}

// sayLook tells the backend what is before the person, when that changed.
func (a *App) sayLook() tea.Cmd {
	b, ok := a.backend.(alerter)
	now := a.look()
	if !ok || now == a.looked || a.leaving {
		return nil
	}
	a.looked = now
	return a.read(&a.looking, quick, func(context.Context) answer {
		b.Look(now)
		return nil
	})
}
