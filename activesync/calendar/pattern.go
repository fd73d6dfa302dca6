package calendar

import (
	"iter"
	"math/bits"
	"time"

	"eas.example/securemail/activesync"
)

const (
	day     = 24 * time.Hour
	last    = 5 // week of a month
	endYear = 9999
)

// pattern is the days of a series. Its days are midnights in UTC. It is divided
// into periods of equal length, such as every second week; period 0 holds the
// start.
type pattern struct {
	kind     uint8
	interval int
	mask     int // days of the week, bit 0 is Sunday
	day      int // of the month; where a month is shorter, its last
	week     int
	month    time.Month
	first    time.Weekday // of the week
	start    time.Time
}

// patternOf takes what a recurrence leaves out from the start. It reports false
// for rules that name no days of this calendar.
func patternOf(r activesync.Recurrence, start time.Time) (pattern, bool) {
	p := pattern{
		kind: r.Type, interval: min(max(r.Interval, 1), 9999), mask: r.DayOfWeek & activesync.AnyDay, day: r.DayOfMonth, week: r.WeekOfMonth,
		month: time.Month(r.MonthOfYear), first: time.Weekday(uint(r.FirstDayOfWeek) % 7), start: start,
	}
	if p.mask == 0 && p.kind != activesync.Daily {
		p.mask = 1 << start.Weekday()
	}
	if p.day < 1 || p.day > 31 {
		p.day = start.Day()
	}
	if p.month < 1 || p.month > 12 {
		p.month = start.Month()
	}
	if p.week < 1 || p.week > last {
		if p.week = (start.Day()-1)/7 + 1; p.week > 4 {
			p.week = last
		}
	}
	switch p.kind {
	case activesync.Daily:
		return p, p.perCycle() > 0
	case activesync.Weekly:
		return p, true
	case activesync.Monthly, activesync.MonthlyNth, activesync.Yearly, activesync.YearlyNth:
		return p, gregorian(r.CalendarType)
	}
	return p, false
}

// gregorian reports whether the months of a calendar type are those of the
// Gregorian calendar (MS-ASCAL 2.2.2.10).
func gregorian(calendarType int) bool {
	switch calendarType {
	case 0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 19:
		return true
	}
	return false
}

// period appends the days of period k, those before the start too.
func (p *pattern) period(k int, days []time.Time) []time.Time {
	switch p.kind {
	case activesync.Daily:
		d := p.start.AddDate(0, 0, k*p.interval)
		if p.mask == 0 || p.mask>>d.Weekday()&1 == 1 {
			days = append(days, d)
		}
	case activesync.Weekly:
		d := p.weekStart(p.start).AddDate(0, 0, k*p.interval*7)
		for range 7 {
			if p.mask>>d.Weekday()&1 == 1 {
				days = append(days, d)
			}
			d = d.AddDate(0, 0, 1)
		}
	case activesync.Monthly, activesync.MonthlyNth:
		m := p.start.Year()*12 + int(p.start.Month()) - 1 + k*p.interval
		days = append(days, p.inMonth(m/12, time.Month(m%12+1)))
	case activesync.Yearly, activesync.YearlyNth:
		days = append(days, p.inMonth(p.start.Year()+k*p.interval, p.month))
	}
	return days
}

func (p *pattern) inMonth(year int, month time.Month) time.Time {
	if p.kind == activesync.MonthlyNth || p.kind == activesync.YearlyNth {
		return nthWeekday(year, month, p.week, p.mask)
	}
	return time.Date(year, month, min(p.day, daysIn(year, month)), 0, 0, 0, 0, time.UTC)
}

func (p *pattern) weekStart(d time.Time) time.Time {
	return d.AddDate(0, 0, -int((d.Weekday()-p.first+7)%7))
}

// periodOf is the period that d lies in, negative before the start.
func (p *pattern) periodOf(d time.Time) int {
	floor := func(a, b int) int {
		if a < 0 {
			a -= b - 1
		}
		return a / b
	}
	switch p.kind {
	case activesync.Daily:
		return floor(daysBetween(p.start, d), p.interval)
	case activesync.Weekly:
		return floor(daysBetween(p.weekStart(p.start), d), 7*p.interval)
	case activesync.Monthly, activesync.MonthlyNth:
		return floor((d.Year()-p.start.Year())*12+int(d.Month()-p.start.Month()), p.interval)
	}
	return floor(d.Year()-p.start.Year(), p.interval)
}

// cycle is after how many periods the number of days in a period repeats.
func (p *pattern) cycle() int {
	if p.kind == activesync.Daily && p.mask != 0 {
		return 7
	}
	return 1
}

// perCycle is how many days a cycle has.
func (p *pattern) perCycle() int {
	switch {
	case p.kind == activesync.Weekly:
		return bits.OnesCount(uint(p.mask))
	case p.kind == activesync.Daily && p.mask != 0:
		n := 0
		for k := range 7 {
			n += len(p.period(k, nil))
		}
		return n
	}
	return 1
}

// before is how many days of the series lie in the periods before k.
func (p *pattern) before(k int) int {
	n := k / p.cycle() * p.perCycle()
	for i := k - k%p.cycle(); i < k; i++ {
		n += len(p.period(i, nil))
	}
	if k > 0 { // what of period 0 lies before the start
		for _, d := range p.period(0, nil) {
			if d.Before(p.start) {
				n--
			}
		}
	}
	return n
}

// days are those of the series from from to to, both included, each with its
// number in the series, counted from 1. The work does not depend on how far
// from the start they lie.
func (p *pattern) days(from, to time.Time) iter.Seq2[int, time.Time] {
	return func(yield func(int, time.Time) bool) {
		k := max(p.periodOf(from), 0)
		n := p.before(k)
		var buf [7]time.Time
		for ; ; k++ {
			days := p.period(k, buf[:0])
			for _, d := range days {
				if d.Before(p.start) {
					continue
				}
				n++
				if d.After(to) || d.Year() > endYear {
					return
				}
				if !d.Before(from) && !yield(n, d) {
					return
				}
			}
		}
	}
}

// nthWeekday is the nth day of a month, or the last, that is one of the days of
// the week in mask.
func nthWeekday(year int, month time.Month, n, mask int) time.Time {
	if n >= last {
		d := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		for mask>>d.Weekday()&1 == 0 {
			d = d.AddDate(0, 0, -1)
		}
		return d
	}
	d := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	for {
		if mask>>d.Weekday()&1 == 1 {
			if n--; n <= 0 {
				return d
			}
		}
		d = d.AddDate(0, 0, 1)
	}
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// daysBetween counts from one midnight to another.
func daysBetween(a, b time.Time) int { return int((b.Unix() - a.Unix()) / int64(day/time.Second)) }
