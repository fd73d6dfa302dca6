package calendar

import "time"

// each calls yield with every start of the series from from to to, in order.
func (s *series) each(from, to time.Time, yield func(time.Time)) {
	r := s.e.Recurrence
	first := s.local(s.e.Start)
	if s.e.AllDay {
		first = s.date(s.e.Start)
	}
	interval := max(r.Interval, 1)
	period := 0
	count := 0
	if r.Occurrences == 0 { // nothing to be counted: jump near the window
		period = s.skip(first, from, interval)
	}
	until := r.Until
	if !until.IsZero() && s.e.AllDay {
		until = s.date(until)
	}
	clock := first.Sub(midnight(first))
	for range maxSteps {
		days := s.period(first, period)
		period += interval
		for _, day := range days {
			local := day.Add(clock)
			if local.Before(first) {
				continue
			}
			start := s.utc(local)
			if !until.IsZero() && start.After(until) || !start.Before(to) {
				return
			}
			if count++; r.Occurrences > 0 && count > r.Occurrences {
				return
			}
			if !start.Before(from) {
				yield(start)
			}
		}
		if s.begin(first, period).After(to.Add(48 * time.Hour)) {
			return
		}
	}
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// begin is when period n of the series begins: a day, a week, a month or a
// year, by its type.
func (s *series) begin(first time.Time, n int) time.Time {
	r := s.e.Recurrence
	day := midnight(first)
	switch r.Type {
	case 0:
		return day.AddDate(0, 0, n)
	case 1:
		back := (int(day.Weekday()) - r.FirstDayOfWeek + 7) % 7
		return day.AddDate(0, 0, 7*n-back)
	case 2, 3:
		return time.Date(day.Year(), day.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(day.Year()+n, 1, 1, 0, 0, 0, 0, time.UTC)
}

// skip is a period a little before from, a multiple of the interval.
func (s *series) skip(first, from time.Time, interval int) int {
	gap := from.Sub(first)
	if gap <= 0 {
		return 0
	}
	days := int(gap.Hours() / 24)
	n := 0
	switch s.e.Recurrence.Type {
	case 0:
		n = days
	case 1:
		n = days / 7
	case 2, 3:
		n = days / 31
	default:
		n = days / 366
	}
	n -= 2 * interval
	return max(n-n%interval, 0)
}

// period are the days of period n on which the series falls.
func (s *series) period(first time.Time, n int) []time.Time {
	r := s.e.Recurrence
	at := s.begin(first, n)
	switch r.Type {
	case 0:
		if r.DayOfWeek != 0 && r.DayOfWeek&(1<<int(at.Weekday())) == 0 {
			return nil
		}
		return []time.Time{at}
	case 1:
		mask := r.DayOfWeek
		if mask == 0 {
			mask = 1 << int(first.Weekday())
		}
		var days []time.Time
		for i := range 7 {
			if d := at.AddDate(0, 0, i); mask&(1<<int(d.Weekday())) != 0 {
				days = append(days, d)
			}
		}
		return days
	case 2:
		return dayOfMonth(at.Year(), at.Month(), or(r.DayOfMonth, first.Day()))
	case 3:
		return nth(at.Year(), at.Month(), r.DayOfWeek, r.WeekOfMonth)
	case 5:
		return dayOfMonth(at.Year(), time.Month(or(r.MonthOfYear, int(first.Month()))), or(r.DayOfMonth, first.Day()))
	case 6:
		return nth(at.Year(), time.Month(or(r.MonthOfYear, int(first.Month()))), r.DayOfWeek, r.WeekOfMonth)
	}
	return nil
}

func or(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// dayOfMonth is that day, or the last one of a shorter month, as Exchange has it.
func dayOfMonth(year int, month time.Month, day int) []time.Time {
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return []time.Time{time.Date(year, month, min(max(day, 1), last), 0, 0, 0, 0, time.UTC)}
}

func nth(year int, month time.Month, mask, week int) []time.Time {
	if mask&127 == 0 || week < 1 || week > 5 || month < 1 || month > 12 {
		return nil
	}
	return []time.Time{nthWeekday(year, month, mask, week)}
}

// nthWeekday is the nth day of a month that falls on one of the weekdays in
// mask (bit 0 is Sunday); 5 is the last.
func nthWeekday(year int, month time.Month, mask, n int) time.Time {
	if n >= 5 {
		d := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		for mask&(1<<int(d.Weekday())) == 0 {
			d = d.AddDate(0, 0, -1)
		}
		return d
	}
	d := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	for count := 0; ; d = d.AddDate(0, 0, 1) {
		if mask&(1<<int(d.Weekday())) != 0 {
			if count++; count == n {
				return d
			}
		}
	}
}
