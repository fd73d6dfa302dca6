package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// rule is an RRULE (RFC 5545 3.3.10), as far as one of the protocol can be made
// of it.
type rule struct {
	freq     string
	interval int
	count    int
	until    string
	weekdays []weekdayNum
	days     []int // BYMONTHDAY
	months   []int
	setPos   []int
	wkst     time.Weekday
	other    string // a part that no recurrence has
}

// weekdayNum is a day of the week, with a number the nth of its month.
type weekdayNum struct {
	n   int
	day time.Weekday
}

var weekdayNames = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// parseRule reads an RRULE of an event that starts at a time of its clock.
// Parts that only repeat what the start says are dropped.
func parseRule(s string, start time.Time) (rule, error) {
	r := rule{interval: 1, wkst: time.Monday}
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimSpace(s)), ";") {
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		ok := true
		switch name {
		case "FREQ":
			r.freq = value
		case "INTERVAL":
			r.interval = atoi(value)
			ok = r.interval > 0
		case "COUNT":
			r.count = atoi(value)
			ok = r.count > 0
		case "UNTIL":
			r.until = value
		case "WKST":
			i := slices.Index(weekdayNames[:], value)
			ok = i >= 0
			r.wkst = time.Weekday(max(i, 0))
		case "BYDAY":
			r.weekdays, ok = parseWeekdays(value)
		case "BYMONTHDAY":
			r.days, ok = parseNumbers(value, 31)
		case "BYMONTH":
			r.months, ok = parseNumbers(value, 12)
		case "BYSETPOS":
			r.setPos, ok = parseNumbers(value, 366)
		case "BYHOUR":
			ok = value == fmt.Sprint(start.Hour()) || value == fmt.Sprintf("%02d", start.Hour())
		case "BYMINUTE":
			ok = value == fmt.Sprint(start.Minute()) || value == fmt.Sprintf("%02d", start.Minute())
		case "BYSECOND":
			ok = atoi(value) == start.Second()
		case "", "X-RELATIVE", "RSCALE", "SKIP":
			ok = name == "" || value == "GREGORIAN" || value == "OMIT"
		default:
			ok = false
		}
		if !ok {
			r.other = part
		}
	}
	if r.freq == "" {
		return rule{}, fmt.Errorf("read rule %q: no FREQ", s)
	}
	return r, nil
}

func parseWeekdays(s string) ([]weekdayNum, bool) {
	var out []weekdayNum
	for v := range strings.SplitSeq(s, ",") {
		v = strings.TrimSpace(v)
		if len(v) < 2 {
			return nil, false
		}
		i := slices.Index(weekdayNames[:], v[len(v)-2:])
		n := atoi(strings.TrimPrefix(v[:len(v)-2], "+"))
		if i < 0 || n == 0 && len(v) > 2 {
			return nil, false
		}
		out = append(out, weekdayNum{n, time.Weekday(i)})
	}
	return out, true
}

func parseNumbers(s string, most int) ([]int, bool) {
	var out []int
	for v := range strings.SplitSeq(s, ",") {
		n := atoi(strings.TrimPrefix(strings.TrimSpace(v), "+"))
		if n == 0 || n > most || n < -most {
			return nil, false
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return out, true
}

// mask are the days of the week as bits, and whether none has a number.
func (r *rule) mask() (int, bool) {
	mask, plain := 0, true
	for _, w := range r.weekdays {
		mask |= 1 << w.day
		plain = plain && w.n == 0
	}
	return mask, plain
}

// recurrence is the rule in the terms of the protocol (MS-ASCAL 2.2.2.37)
// without its end; it reports false where there are none for it.
func (r *rule) recurrence(start time.Time) (activesync.Recurrence, bool) {
	out := activesync.Recurrence{Set: true, Interval: r.interval}
	if r.other != "" || r.interval > 999 {
		return activesync.Recurrence{}, false
	}
	mask, plain := r.mask()
	ok := false
	freq := r.freq
	if freq == "MONTHLY" && len(r.months) == 1 && r.interval == 1 {
		freq = "YEARLY" // every month that is June
	}
	switch freq {
	case "DAILY":
		ok = plain && len(r.days)+len(r.months)+len(r.setPos) == 0
		out.DayOfWeek = mask
		if mask != 0 && r.interval == 1 { // as calendars write it
			out.Type = activesync.Weekly
		}
	case "WEEKLY":
		ok = plain && len(r.days)+len(r.months)+len(r.setPos) == 0
		out.Type, out.DayOfWeek, out.FirstDayOfWeek = activesync.Weekly, mask, int(r.wkst)
		if mask == 0 {
			out.DayOfWeek = 1 << start.Weekday()
		}
	case "MONTHLY":
		out.Type = activesync.Monthly
		ok = len(r.months) == 0 && r.inMonth(&out, start)
	case "YEARLY":
		out.Type, out.MonthOfYear = activesync.Yearly, int(start.Month())
		// Without a month, days are those of the whole year or of every month.
		if len(r.months) == 1 && r.months[0] > 0 {
			out.MonthOfYear = r.months[0]
			ok = r.inMonth(&out, start)
		} else if len(r.months)+len(r.weekdays)+len(r.days)+len(r.setPos) == 0 {
			out.DayOfMonth, ok = start.Day(), true
		}
	}
	return out, ok
}

// inMonth takes what says the day of a month.
func (r *rule) inMonth(out *activesync.Recurrence, start time.Time) bool {
	mask, plain := r.mask()
	nth := func(n, mask int) bool {
		if n == -1 {
			n = last
		}
		if n < 1 || n > last {
			return false
		}
		out.Type, out.WeekOfMonth, out.DayOfWeek = out.Type+1, n, mask
		return true
	}
	switch {
	case len(r.weekdays) == 0 && len(r.days) == 0 && len(r.setPos) == 0:
		out.DayOfMonth = start.Day()
		return true
	case len(r.weekdays) == 0 && len(r.setPos) == 0 && len(r.days) == 1 && r.days[0] > 0:
		out.DayOfMonth = r.days[0]
		return true
	case len(r.weekdays) == 0 && len(r.setPos) == 0 && len(r.days) == 1 && r.days[0] == -1:
		return nth(-1, activesync.AnyDay)
	case len(r.weekdays) == 0 && r.setPosIs(-1) && (slices.Equal(r.days, []int{28, 29}) || slices.Equal(r.days, []int{28, 29, 30})):
		out.DayOfMonth = r.days[len(r.days)-1] // or the last of a shorter month
		return true
	case len(r.weekdays) == 1 && len(r.days) == 0 && len(r.setPos) == 0 && r.weekdays[0].n != 0 && r.weekdays[0].n != last:
		return nth(r.weekdays[0].n, mask)
	case len(r.weekdays) > 0 && plain && len(r.days) == 0 && len(r.setPos) == 1 && r.setPos[0] != last:
		return nth(r.setPos[0], mask)
	case len(r.weekdays) == 1 && plain && len(r.setPos) == 0 && len(r.days) == 7 && r.days[6]-r.days[0] == 6 && r.days[0]%7 == 1 && r.days[0] > 0 && r.days[0] < 28:
		return nth(r.days[0]/7+1, mask) // the Tuesday between the 8th and the 14th
	}
	return false
}

func (r *rule) setPosIs(n int) bool { return len(r.setPos) == 1 && r.setPos[0] == n }

// formatRule writes the days of a pattern as an RRULE without its end.
func (p *pattern) formatRule() string {
	var b strings.Builder
	part := func(name string, value any) { fmt.Fprintf(&b, ";%s=%v", name, value) }
	b.WriteString("FREQ=" + map[uint8]string{activesync.Daily: "DAILY", activesync.Weekly: "WEEKLY", activesync.Monthly: "MONTHLY", activesync.MonthlyNth: "MONTHLY", activesync.Yearly: "YEARLY", activesync.YearlyNth: "YEARLY"}[p.kind])
	if p.interval > 1 {
		part("INTERVAL", p.interval)
	}
	if p.kind == activesync.Yearly || p.kind == activesync.YearlyNth {
		part("BYMONTH", int(p.month))
	}
	switch p.kind {
	case activesync.Daily:
		if p.mask != 0 {
			part("BYDAY", maskText(p.mask, ""))
		}
	case activesync.Weekly:
		part("BYDAY", maskText(p.mask, ""))
		part("WKST", weekdayNames[p.first])
	case activesync.Monthly, activesync.Yearly:
		p.formatDay(part)
	case activesync.MonthlyNth, activesync.YearlyNth:
		n := p.week
		if n == last {
			n = -1
		}
		switch {
		case p.mask == activesync.AnyDay:
			part("BYMONTHDAY", n)
		case p.mask&(p.mask-1) == 0:
			part("BYDAY", maskText(p.mask, fmt.Sprint(n)))
		default:
			part("BYDAY", maskText(p.mask, ""))
			part("BYSETPOS", n)
		}
	}
	return b.String()
}

// formatDay writes the day of a month, which is the last where the month is
// shorter; an RRULE would leave that month out.
func (p *pattern) formatDay(part func(string, any)) {
	longest, shortest := 31, 28
	if p.kind == activesync.Yearly {
		longest, shortest = daysIn(2000, p.month), daysIn(2001, p.month)
	}
	switch {
	case p.day <= shortest:
		part("BYMONTHDAY", p.day)
	case p.day >= longest:
		part("BYMONTHDAY", -1)
	case p.day == 29:
		part("BYMONTHDAY", "28,29")
		part("BYSETPOS", -1)
	default:
		part("BYMONTHDAY", "28,29,30")
		part("BYSETPOS", -1)
	}
}

func maskText(mask int, prefix string) string {
	var names []string
	for i, name := range weekdayNames {
		if mask>>i&1 == 1 {
			names = append(names, prefix+name)
		}
	}
	return strings.Join(names, ",")
}
