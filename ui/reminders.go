package ui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// reminding is a backend that reminds of events.
type reminding interface {
	Reminding(ctx context.Context, account activesync.AccountID) ([]activesync.Reminder, error)
	PutOff(ctx context.Context, account activesync.AccountID, r activesync.Reminder, until time.Time) error
	Notifications(context.Context) (activesync.Notifications, error)
}

// reminder is one of an event of an account.
type reminder struct {
	activesync.Reminder
	account activesync.AccountID
}

// readReminders reads those that stand before the person.
func (a *App) readReminders() tea.Cmd {
	b, can := a.backend.(reminding)
	if !can {
		return nil
	}
	accounts := a.backend
	return a.read(&a.remindersLane, quick, func(ctx context.Context) answer {
		var all []reminder
		list, err := accounts.Accounts(ctx)
		for _, acct := range list {
			due, rerr := b.Reminding(ctx, acct.ID)
			err = errors.Join(err, rerr)
			for _, r := range due {
				all = append(all, reminder{r, acct.ID})
			}
		}
		return func(a *App) tea.Cmd {
			if err == nil { // what cannot be read now is read at the next notice
				a.reminders = all
			}
			return nil
		}
	})
}

// standing are the reminders of events that are not over.
func (a *App) standing() (out []reminder) {
	for _, r := range a.reminders {
		if r.End.After(a.now) {
			out = append(out, r)
		}
	}
	return out
}

// reminder is the note of what the person is reminded of.
func (a *App) reminder() note {
	all := a.standing()
	if len(all) == 0 {
		return note{}
	}
	n := note{text: a.reminderLine(all[0]), reminds: true}
	if more := len(all) - 1; more > 0 {
		n.text += plural(more, ", and another", ", and %d others")
	}
	if a.write == nil { // there the key is a letter
		n.offer = "Snooze " + a.keys.Key(action.Reminders)
	}
	return n
}

// reminderLine is an event with when and where it is.
func (a *App) reminderLine(r reminder) string {
	words := orElse(clean(r.Subject), noSubject)
	day := dayOf(r.Start, a.loc)
	when := r.Start.In(a.loc).Format("15:04")
	switch today := dayOf(a.now, a.loc); {
	case r.AllDay:
		when = fullDay(day, today)
	case day != today:
		when = fullDay(day, today) + ", " + when
	}
	if place := clean(r.Location); place != "" {
		words += ", " + place
	}
	return when + " " + words
}

// openReminders asks what becomes of a reminder; of several first which is meant.
func (a *App) openReminders() tea.Cmd {
	all := a.standing()
	switch len(all) {
	case 0:
		return nil
	case 1:
		return a.openReminder(all[0])
	}
	m := &menu{title: "Snooze", digits: true}
	for _, r := range all {
		m.items = append(m.items, item{label: a.reminderLine(r), leads: true, do: func(a *App) tea.Cmd { return a.openReminder(r) }})
	}
	m.items = append(m.items, item{label: "Dismiss all", do: func(a *App) tea.Cmd {
		return a.putOff(time.Time{}, "Dismissed.", all...)
	}})
	return a.menu(m)
}

func (a *App) openReminder(r reminder) tea.Cmd {
	b, can := a.backend.(reminding)
	if !can {
		return nil
	}
	return a.call(quick, func(ctx context.Context) answer {
		s, err := b.Notifications(ctx)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not put off", err)
			}
			return a.reminderMenu(r, s.SnoozeFor())
		}
	})
}

// reminderMenu offers to put a reminder off, first for as long as the person chose
// in Settings.
func (a *App) reminderMenu(r reminder, usual time.Duration) tea.Cmd {
	m := &menu{title: a.reminderLine(r), digits: true}
	add := func(label string, until time.Time, said string) {
		label = number(len(m.items)+1) + "  " + label
		m.items = append(m.items, item{label: label, do: func(a *App) tea.Cmd { return a.putOff(until, said, r) }})
	}
	for i, d := range []time.Duration{usual, 5 * time.Minute, 30 * time.Minute, time.Hour} {
		if at := a.now.Add(d); (i == 0 || d != usual) && at.Before(r.End) {
			add("Snooze for "+spell(d), at, "You are reminded again at "+at.In(a.loc).Format("15:04")+".")
		}
	}
	if r.Start.After(a.now) {
		add("Snooze until it begins", r.Start, "You are reminded again when it begins.")
	}
	add("Dismiss", time.Time{}, "Dismissed.")
	return a.menu(m)
}

// putOff reminds of events again at a time, or no more where that is zero.
func (a *App) putOff(until time.Time, said string, list ...reminder) tea.Cmd {
	b, can := a.backend.(reminding)
	if !can {
		return nil
	}
	return a.call(quick, func(ctx context.Context) answer {
		var err error
		for _, r := range list {
			err = errors.Join(err, b.PutOff(ctx, r.account, r.Reminder, until))
		}
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not put off", err)
			}
			return tea.Batch(a.say(said), a.readReminders())
		}
	})
}
