package ui

import (
	"strconv"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// zone is a stretch of a line that can be clicked.
type zone struct {
	from, to int
	do       action.ID
}

// tab is a word of the first line.
type tab struct {
	name   string
	do     action.ID
	active bool
}

func (a *App) tabs() []tab {
	on := func(s screen) bool { return a.screen == s && a.write == nil && a.setup == nil }
	tabs := []tab{
		{"Mail", action.GoMail, on(mailScreen)},
		{"People", action.GoPeople, on(peopleScreen)},
		{"Calendar", action.GoCalendar, on(calendarScreen)},
		{"Settings", action.GoSettings, on(settingsScreen)},
	}
	if a.screen == outboxScreen {
		tabs = append(tabs, tab{"Outbox", action.GoOutbox, on(outboxScreen)})
	}
	if n := len(a.problems()); n > 0 && a.width >= 100 {
		tabs = append(tabs, tab{"Set aside " + number(n), action.Problems, false})
	}
	switch {
	case a.write != nil:
		tabs = append(tabs, tab{"Writing", action.Resume, true})
	case len(a.aside) > 0:
		tabs = append(tabs, tab{"Draft", action.Resume, false})
	}
	return tabs
}

// tabZones is where the tabs stand.
func (a *App) tabZones() []zone {
	var out []zone
	x := 0
	for _, t := range a.tabs() {
		w := len(t.name) + 2
		out = append(out, zone{x, x + w, t.do})
		x += w
	}
	return out
}

// header is the first line: the screens on the left, the connection on the right.
func (a *App) header() string {
	l := a.theme.Line(a.width, style.Plain)
	if a.setup == nil {
		for _, t := range a.tabs() {
			role := style.Dim
			if t.active {
				role = style.Badge
			}
			l.Put(role, " "+t.name+" ")
		}
	} else {
		l.Put(style.Title, " securemail")
	}
	acct := a.current()
	if acct == nil {
		return l.String()
	}
	sign, words, role := a.statusWords(acct)
	name := clean(acct.Email)
	need := style.Width(sign) + 1 + style.Width(words) + 1
	if l.Room() < need+1 {
		return l.String()
	}
	if l.Room() >= need+style.Width(name)+4 {
		l.Skip(l.Room()-need-style.Width(name)-2).Put(style.Dim, name).Skip(2)
	} else {
		l.Skip(l.Room() - need)
	}
	l.Put(role, sign+" "+words)
	return l.String()
}

// statusWords say how the connection of an account is: a sign, words with the
// time of the last success, and how they look.
func (a *App) statusWords(acct *account) (sign, words string, role style.Role) {
	s := acct.status
	when := ""
	if !s.LastSuccess.IsZero() {
		when = " " + a.clockOrDay(s.LastSuccess)
	}
	if a.stopped {
		return a.theme.Paused, "stopped" + when, style.Warn
	}
	switch s.Phase {
	case activesync.PhaseLive:
		return a.theme.Live, "live" + when, style.Accent
	case activesync.PhaseChecking:
		if f := acct.folder(s.Folder); f != nil {
			words = " " + clean(f.Name)
			if s.Total > 0 {
				words += " " + number(s.Done) + " of " + number(s.Total)
			}
		} else {
			words = when
		}
		return a.theme.Checking, "checking" + words, style.Accent
	case activesync.PhaseWaiting:
		return a.theme.Every, every(s.Every) + when, style.Dim
	case activesync.PhasePaused:
		return a.theme.Paused, "paused" + when, style.Warn
	case activesync.PhaseOffline:
		if when != "" {
			when = " since" + when
		}
		return a.theme.Offline, "offline" + when, style.Alert
	}
	return a.theme.Paused, "starting", style.Dim
}

// every words an interval: every 15 min.
func every(d time.Duration) string {
	switch {
	case d <= 0:
		return "by hand"
	case d%(24*time.Hour) == 0:
		return plural(int(d/(24*time.Hour)), "every day", "every %d days")
	case d%time.Hour == 0:
		return plural(int(d/time.Hour), "every hour", "every %d hours")
	}
	return "every " + strconv.Itoa(int(d/time.Minute)) + " min"
}
