package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// span is the days that are here, to excluded.
type span struct{ from, to int }

// planned is an occurrence as it was read. Its words are clean.
type planned struct {
	activesync.Occurrence
	account     activesync.AccountID
	first, last int  // days in the person's time zone
	early, late bool // begins and ends with its days
}

// agendaKey tells rows apart.
type agendaKey struct {
	event    activesync.ItemID
	original int64
	day      int
	now      bool
}

// agendaRow is an occurrence on one of its days, or the mark of the present time.
type agendaRow struct {
	occ planned
	day int
	now bool
}

func (r agendaRow) key() agendaKey {
	if r.now {
		return agendaKey{now: true}
	}
	return agendaKey{r.occ.Event, r.occ.OriginalStart.Unix(), r.day, false}
}

// readAgenda is what is planned in all accounts.
func readAgenda(ctx context.Context, b Backend, s span, loc *time.Location) ([]planned, error) {
	accounts, err := b.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	begin := func(day int) time.Time {
		y, m, d := dateOf(day).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, loc)
	}
	var all []planned
	for _, acct := range accounts {
		list, err := b.Agenda(ctx, acct.ID, begin(s.from), begin(s.to))
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			all = append(all, plan(o, acct.ID, loc))
		}
	}
	return all, nil
}

// plan works out the days of an occurrence. Those of an all-day one are dates,
// the same everywhere, and never moved by a time zone.
func plan(o activesync.Occurrence, account activesync.AccountID, loc *time.Location) planned {
	o.Subject, o.Location = clean(o.Subject), clean(o.Location)
	if strings.TrimSpace(o.Subject) == "" {
		o.Subject = noSubject
	}
	p := planned{Occurrence: o, account: account}
	if o.AllDay {
		p.first, p.last = dateDay(o.Start, loc), dateDay(o.End, loc)-1
		p.early, p.late = true, true
	} else {
		p.first, p.last = dayOf(o.Start, loc), dayOf(o.Start, loc)
		if o.End.After(o.Start) {
			p.last = dayOf(o.End.Add(-1), loc)
			p.early, p.late = dayOf(o.Start.Add(-1), loc) < p.first, dayOf(o.End, loc) > p.last
		}
	}
	p.last = max(p.last, p.first)
	return p
}

// dateDay is the day of a midnight that stands for a date: by its own clock,
// or where the person is.
func dateDay(t time.Time, loc *time.Location) int {
	if h, m, s := t.Clock(); h == 0 && m == 0 && s == 0 {
		return dayOf(t, t.Location())
	}
	return dayOf(t, loc)
}

// makeAgenda makes the rows of days, in order.
func makeAgenda(all []planned, s span, today int, now time.Time) []agendaRow {
	var rows []agendaRow
	for _, p := range all {
		for day := max(p.first, s.from); day <= min(p.last, s.to-1); day++ {
			rows = append(rows, agendaRow{occ: p, day: day})
		}
	}
	slices.SortStableFunc(rows, func(x, y agendaRow) int {
		return cmp.Or(cmp.Compare(x.day, y.day), cmp.Compare(x.place(), y.place()), x.occ.Start.Compare(y.occ.Start), x.occ.End.Compare(y.occ.End))
	})
	if today < s.from || today >= s.to {
		return rows
	}
	at := len(rows)
	for i, r := range rows {
		if r.day > today || r.day == today && r.place() == startsToday && r.occ.Start.After(now) {
			at = i
			break
		}
	}
	return slices.Insert(rows, at, agendaRow{day: today, now: true})
}

// Where a row stands in its day.
const (
	wholeDay = iota
	goesOn   // from the day before, and ends
	startsToday
)

func (r agendaRow) place() int {
	switch {
	case (r.occ.first < r.day || r.occ.early) && (r.day < r.occ.last || r.occ.late):
		return wholeDay
	case r.occ.first < r.day:
		return goesOn
	}
	return startsToday
}
