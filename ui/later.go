package ui

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// morning is when a day begins for what is to be sent on it.
const morning = 8

// askLater asks when a message is to be sent; zero is at once. due is what was
// chosen before.
func (a *App) askLater(title string, due time.Time, do func(*App, time.Time) tea.Cmd) tea.Cmd {
	now := a.now.In(a.loc)
	at := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, a.loc)
	}
	m := &menu{title: title, digits: true}
	offer := func(label string, t time.Time) {
		m.items = append(m.items, item{label: label, value: a.dateTime(t), do: func(a *App) tea.Cmd { return do(a, t) }})
	}
	offer("In an hour", now.Add(time.Hour).Truncate(time.Minute))
	if evening := at(0, 18); evening.After(now) {
		offer("This evening", evening)
	}
	offer("Tomorrow morning", at(1, morning))
	if days := (8 - int(now.Weekday())) % 7; days > 1 {
		offer("Monday morning", at(days, morning))
	}
	m.items = append(m.items, item{label: "Another time" + a.theme.Ellipsis, leads: true, do: func(a *App) tea.Cmd { return a.askTime(title, do) }})
	if !due.IsZero() {
		m.items = append(m.items, item{label: "At once", do: func(a *App) tea.Cmd { return do(a, time.Time{}) }})
	}
	return a.menu(m)
}

func (a *App) askTime(title string, do func(*App, time.Time) tea.Cmd) tea.Cmd {
	read := func(s string) (time.Time, bool) { return ParseTime(s, time.Now().In(a.loc)) }
	return a.prompt(&prompt{title: title, label: "When?", hint: "17:30, tomorrow 9:00, friday 8:00, in 2 hours, 2026-12-24 10:00", field: edit.NewField(""),
		check: func(s string) string {
			switch t, ok := read(s); {
			case !ok:
				return "That is no time. Write it as in the line below."
			case !t.After(time.Now()):
				return "That time is over."
			}
			return ""
		},
		do: func(a *App, s string) tea.Cmd {
			t, _ := read(s)
			a.closeMenus()
			return do(a, t)
		}})
}

var (
	clockTime = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(.*?)(\d{1,2})[:.](\d{2})$`) })
	inSoMuch  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:in )?(\d{1,4}) ?(m|min|mins|minutes?|h|hours?|d|days?|w|weeks?)$`)
	})
)

// ParseTime reads a time as a person writes it, such as “friday 8:00”, in the zone of now. A day
// without a time is its morning, a time without a day the next one to come.
func ParseTime(s string, now time.Time) (time.Time, bool) {
	s = strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(s, ",", " "))), " ")
	if m := inSoMuch().FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		switch m[2][0] {
		case 'm':
			return now.Add(time.Duration(n) * time.Minute), true
		case 'h':
			return now.Add(time.Duration(n) * time.Hour), true
		case 'd':
			return now.AddDate(0, 0, n), true
		}
		return now.AddDate(0, 0, 7*n), true
	}
	hour, minute, timed := morning, 0, false
	if m := clockTime().FindStringSubmatch(s); m != nil {
		h, _ := strconv.Atoi(m[2])
		min, _ := strconv.Atoi(m[3])
		if h > 23 || min > 59 {
			return time.Time{}, false
		}
		s, hour, minute, timed = strings.TrimSuffix(strings.TrimSpace(m[1]), " at"), h, min, true
	}
	day, ok := parseDay(s, now)
	if !ok {
		return time.Time{}, false
	}
	t := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, now.Location())
	if s == "" {
		if !timed {
			return time.Time{}, false
		}
		if !t.After(now) {
			t = time.Date(day.Year(), day.Month(), day.Day()+1, hour, minute, 0, 0, now.Location())
		}
	}
	return t, true
}

// parseDay reads a day: a word, the name of one of the next seven, or a date.
func parseDay(s string, now time.Time) (time.Time, bool) {
	switch s {
	case "", "today":
		return now, true
	case "tomorrow":
		return now.AddDate(0, 0, 1), true
	}
	for n := 1; n <= 7 && len(s) >= 3; n++ {
		if d := now.AddDate(0, 0, n); strings.HasPrefix(strings.ToLower(d.Weekday().String()), s) {
			return d, true
		}
	}
	for _, form := range []string{"2006-01-02", "2 Jan 2006", "2 January 2006", "02.01.2006", "2 Jan", "2 January", "2.1."} {
		t, err := time.Parse(form, s)
		if err != nil {
			continue
		}
		if t.Year() == 0 {
			t = time.Date(now.Year(), t.Month(), t.Day(), 0, 0, 0, 0, now.Location())
			if t.Before(now.AddDate(0, 0, -1)) {
				t = t.AddDate(1, 0, 0)
			}
		}
		return t, true
	}
	return time.Time{}, false
}

// postpone asks when a message of the outbox is to be sent.
func (o *outbox) postpone(a *App) tea.Cmd {
	r, ok := o.list.Current()
	if !ok || r.op.Send == nil {
		return nil
	}
	return a.askLater("Send “"+r.subject+"”", r.op.Send.Due, func(a *App, t time.Time) tea.Cmd { return a.postponeTo(r, t) })
}

func (a *App) postponeTo(r outboxRow, t time.Time) tea.Cmd {
	b, id := a.backend, r.op.ID
	said := "Goes out now: " + r.subject
	if !t.IsZero() {
		said = "Goes out " + a.dateTime(t) + ": " + r.subject
	}
	return a.call(quick, func(ctx context.Context) answer {
		err := b.Postpone(ctx, id, t)
		return func(a *App) tea.Cmd {
			if err != nil {
				return tea.Batch(a.fail("Not changed", err), a.readAccounts())
			}
			return tea.Batch(a.say(said), a.readAccounts())
		}
	})
}

// edit takes a message of the outbox back to be written on. One that may have
// been sent goes out a second time only when the person says so.
func (o *outbox) edit(a *App) tea.Cmd {
	r, ok := o.list.Current()
	switch {
	case !ok:
		return nil
	case r.op.State == activesync.OpUncertain:
		return a.ask(question{title: "Write on?", yes: "Write on",
			text: "Look into Sent first. If “" + r.subject + "” lies there, those it went to would get it twice.",
			do:   func(a *App) tea.Cmd { return a.takeBack(r.op.ID) }})
	}
	return a.takeBack(r.op.ID)
}
