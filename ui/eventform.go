package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/ui/action"
)

// doEvents carries out what is done to events, in the list and on the card.
func (g *agenda) doEvents(a *App, id action.ID) (cmd tea.Cmd, mine bool) {
	switch id {
	case action.NewEvent:
		r, _ := g.list.Current()
		return a.whichAccount("Keep the event in which account?", r.occ.account, func(a *App, account activesync.AccountID) tea.Cmd {
			return a.newEvent(account, g.freeHour(a))
		}), true
	case action.EditEvent:
		return g.edit(a), true
	case action.DeleteEvent:
		return g.remove(a), true
	}
	return nil, false
}

// freeHour is when an event that is made begins if nothing else is said: on the
// day of the cursor, at the next full hour where that is today.
func (g *agenda) freeHour(a *App) time.Time {
	day := dayOf(a.now, a.loc)
	if r, ok := g.list.Current(); ok && r.day > day {
		y, m, d := dateOf(r.day).Date()
		return time.Date(y, m, d, morning+1, 0, 0, 0, a.loc)
	}
	now := a.now.In(a.loc)
	return time.Date(now.Year(), now.Month(), now.Day(), now.Hour()+1, 0, 0, 0, a.loc)
}

// newEvent opens the form of an event that is made.
func (a *App) newEvent(account activesync.AccountID, at time.Time) tea.Cmd {
	fifteen := 15
	e := activesync.Event{Start: at.UTC(), End: at.Add(time.Hour).UTC(), BusyStatus: 2, Reminder: &fifteen}
	return a.editEvent(account, e, e)
}

// editEvent opens the form: of an event that is before now, or is made where
// that has no id, and shall be start to begin with.
func (a *App) editEvent(account activesync.AccountID, before, start activesync.Event) tea.Cmd {
	made := before.ID == 0
	title := "New event"
	if !made {
		title = titleOf(before)
	}
	if before.Recurrence.Set {
		title += ", all of the series"
	}
	t := newEventTimes(start, a.loc, a.now)
	b := a.backend
	return a.eventForm(account, title, before, start, t, eventFields(t, start), func(ctx context.Context, after activesync.Event) (activesync.Op, error) {
		if made {
			to, err := calendarOf(ctx, b, account)
			return activesync.Op{Kind: activesync.OpEventAdd, To: to, Event: &after}, err
		}
		return activesync.Op{Kind: activesync.OpEventChange, Item: before.ID, Event: &after, EventBefore: &before}, nil
	})
}

// editOccurrence opens the form of one occurrence of a series.
func (a *App) editOccurrence(o planned, day int, series activesync.Event) tea.Cmd {
	at := calendar.Instance(&series, o.OriginalStart, a.loc)
	one, _ := series.Occurrence(at)
	if !one.AllDay {
		one.Start, one.End = o.Start.UTC(), o.End.UTC()
	}
	t := newEventTimes(one, a.loc, a.now)
	title := titleOf(one) + ", only " + fullDay(day, dayOf(a.now, a.loc))
	return a.eventForm(o.account, title, one, one, t, occurrenceFields(t, one), func(_ context.Context, after activesync.Event) (activesync.Op, error) {
		changed := series.WithOccurrence(at, after)
		return activesync.Op{Kind: activesync.OpEventChange, Item: series.ID, Instance: at, Event: &changed, EventBefore: &series}, nil
	})
}

func titleOf(e activesync.Event) string {
	if title := clean(e.Subject); strings.TrimSpace(title) != "" {
		return title
	}
	return noSubject
}

// eventForm opens a form of what is before now and shall be start to begin with;
// op is the record that keeps what is written.
func (a *App) eventForm(account activesync.AccountID, title string, before, start activesync.Event, t *eventTimes, fields []*eventField,
	op func(context.Context, activesync.Event) (activesync.Op, error)) tea.Cmd {
	made := before.ID == 0
	b, loc := a.backend, a.loc
	var tell *activesync.Tell
	return openForm(a, &form[activesync.Event]{title: title, kind: "event", start: start, fields: fields,
		fresh: made && start.Subject != "", tidy: t.tidy,
		check: func(after *activesync.Event) (int, string) {
			if strings.TrimSpace(after.Subject) == "" {
				return 0, "An event needs a title."
			}
			if !after.End.After(after.Start) && (after.AllDay || after.End.Before(after.Start)) {
				return slices.Index(fields, t.end), "The event ends before it begins."
			}
			t.follows(before, after)
			if wrong := t.endsAgain(&before, after); wrong != "" {
				return slices.Index(fields, t.until), wrong
			}
			switch {
			case after.AllDay:
				after.TimeZone = nil
			case made || before.AllDay:
				after.TimeZone = calendar.EncodeTimeZone(loc, after.Start.Year())
			}
			return 0, ""
		},
		first: func(a *App, after activesync.Event, goOn func(*App) tea.Cmd) tea.Cmd {
			was := &before
			if made {
				was = nil
			}
			return a.telling(account, was, &after, func(a *App, t *activesync.Tell) tea.Cmd {
				tell = t
				return goOn(a)
			})
		},
		put: func(ctx context.Context, after activesync.Event) (answer, error) {
			record, err := op(ctx, after)
			if err != nil {
				return nil, err
			}
			if record.Tell = tell; tell != nil {
				record.NotBefore = tell.Due
			}
			ops, err := b.ChangeEvents(ctx, record)
			return func(a *App) tea.Cmd { return a.agenda.kept(a, ops, made, after, tell) }, err
		}}, account)
}

// calendarOf is the folder in which an account's events are made.
func calendarOf(ctx context.Context, b Backend, account activesync.AccountID) (activesync.FolderID, error) {
	folders, err := b.Folders(ctx, account)
	if err != nil {
		return 0, err
	}
	for _, f := range folders {
		if f.Type == activesync.FolderCalendar {
			return f.ID, nil
		}
	}
	return 0, activesync.ErrNotFound
}

// kept shows an event that was made or changed, and offers to take that back.
func (g *agenda) kept(a *App, ops []activesync.OpID, made bool, e activesync.Event, tell *activesync.Tell) tea.Cmd {
	if len(ops) == 0 {
		return a.say("Nothing of it was changed.")
	}
	said, what, name := "Kept: ", "change ", clean(e.Subject)
	if made {
		said, what = "Made: ", "make "
	}
	a.undoable(undoEntry{ops: ops, what: what + name})
	g.then = &e
	return tea.Batch(a.sayUndo(said+name+toldWords(tell)), g.load(a))
}

// edit reads the event at hand as it is now, and opens the form.
func (g *agenda) edit(a *App) tea.Cmd {
	r, ok := g.list.Current()
	if !ok || r.now {
		return nil
	}
	b := a.backend
	return a.call(quick, func(ctx context.Context) answer {
		e, err := b.Event(ctx, r.occ.Event)
		return func(a *App) tea.Cmd {
			switch {
			case err != nil:
				return a.fail("Not opened", err)
			case e.MeetingStatus&2 != 0:
				return a.say("Only the organiser can change this meeting. You can answer the invitation, or write to them.")
			}
			if !e.Recurrence.Set {
				return a.editEvent(r.occ.account, e, e)
			}
			return a.oneOrAll("Edit", r.day, func(a *App) tea.Cmd { return a.editOccurrence(r.occ, r.day, e) },
				func(a *App) tea.Cmd { return a.editEvent(r.occ.account, e, e) })
		}
	})
}

// remove deletes the event at hand, of a series this one or all of them. It
// vanishes at once and can be brought back.
func (g *agenda) remove(a *App) tea.Cmd {
	r, ok := g.list.Current()
	if !ok || r.now {
		return nil
	}
	b, o := a.backend, r.occ
	return a.call(quick, func(ctx context.Context) answer {
		e, err := b.Event(ctx, o.Event)
		return func(a *App) tea.Cmd {
			if err != nil {
				return a.fail("Not deleted", err)
			}
			if !e.Recurrence.Set {
				return a.agenda.delete(a, o, e)
			}
			return a.oneOrAll("Delete", r.day, func(a *App) tea.Cmd { return a.agenda.cancel(a, o, e) }, func(a *App) tea.Cmd { return a.agenda.delete(a, o, e) })
		}
	})
}

func (g *agenda) delete(a *App, o planned, e activesync.Event) tea.Cmd {
	return a.telling(o.account, &e, nil, func(a *App, tell *activesync.Tell) tea.Cmd {
		return g.vanish(a, o, func(p planned) bool { return p.Event == o.Event }, activesync.Op{Kind: activesync.OpDelete, Item: o.Event, Tell: tell})
	})
}

// cancel deletes one occurrence of a series. No command brings one back, so the
// server is told once it can no longer be taken back.
func (g *agenda) cancel(a *App, o planned, series activesync.Event) tea.Cmd {
	at := calendar.Instance(&series, o.OriginalStart, a.loc)
	one, _ := series.Occurrence(at)
	after := series.WithoutOccurrence(at)
	return a.telling(o.account, &one, nil, func(a *App, tell *activesync.Tell) tea.Cmd {
		return g.vanish(a, o, func(p planned) bool { return p.Event == o.Event && p.OriginalStart.Equal(o.OriginalStart) },
			activesync.Op{Kind: activesync.OpEventChange, Item: o.Event, Instance: at, Event: &after, EventBefore: &series, Tell: tell})
	})
}

// vanish takes what is gone off the list at once, and records that. What the server
// is not told of at once can be taken back without a trace.
func (g *agenda) vanish(a *App, o planned, gone func(planned) bool, op activesync.Op) tea.Cmd {
	g.all = slices.DeleteFunc(slices.Clone(g.all), gone)
	g.rebuild(a)
	if op.Tell != nil || !op.Instance.IsZero() {
		op.NotBefore = a.now.Add(a.settings.undoSend())
	}
	b := a.backend
	return tea.Batch(g.follow(a), a.call(quick, func(ctx context.Context) answer {
		ops, err := b.ChangeEvents(ctx, op)
		return func(a *App) tea.Cmd {
			if err != nil {
				return tea.Batch(a.fail("Not deleted", err), a.agenda.load(a))
			}
			a.undoable(undoEntry{ops: ops, what: "delete " + o.Subject, folder: o.Folder})
			return a.sayUndo("Deleted: " + o.Subject + toldWords(op.Tell))
		}
	}))
}

// toThen puts the cursor on an event that was just made or changed.
func (g *agenda) toThen() {
	if g.then == nil {
		return
	}
	_, rows := g.list.Loaded()
	at := slices.IndexFunc(rows, func(r agendaRow) bool {
		return !r.now && r.occ.Subject == clean(g.then.Subject) && (r.occ.Start.Equal(g.then.Start) || r.occ.OriginalStart.Equal(g.then.Start))
	})
	switch day := dayOf(g.then.Start, time.UTC); {
	case at >= 0:
		g.list.To(at)
		// With its day from the beginning: what goes on all day is not scrolled away.
		begin := slices.IndexFunc(rows, func(r agendaRow) bool { return r.day == rows[at].day })
		if begin < g.list.Top() {
			g.place(begin, at)
		}
		g.then = nil
	case day < g.have.from-1 || day > g.have.to:
		g.then = nil // who goes there later is not to be led to it
	}
}
