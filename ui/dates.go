package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dayOf numbers days in the person's time zone.
func dayOf(t time.Time, loc *time.Location) int {
	y, m, d := t.In(loc).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// dateOf is the date that dayOf numbers.
func dateOf(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// clock writes a time of day.
func (a *App) clock(t time.Time) string { return t.In(a.loc).Format("15:04") }

// clockOrDay writes a time of day, or the day where it is not today.
func (a *App) clockOrDay(t time.Time) string {
	day, today := dayOf(t, a.loc), dayOf(a.now, a.loc)
	switch {
	case day == today:
		return a.clock(t)
	case day == today-1:
		return "yesterday " + a.clock(t)
	}
	return t.In(a.loc).Format("2 Jan 15:04")
}

// dayHeading is what a list calls a day.
func dayHeading(day, today int) string {
	d := dateOf(day)
	switch {
	case day == today:
		return "Today"
	case day == today-1:
		return "Yesterday"
	case day == today+1:
		return "Tomorrow"
	case d.Year() == dateOf(today).Year():
		return d.Format("Monday 2 January")
	}
	return d.Format("Monday 2 January 2006")
}

// fullDay names a day so that no one can take it for another.
func fullDay(day, today int) string {
	s := dateOf(day).Format("Monday 2 January")
	if dateOf(day).Year() != dateOf(today).Year() {
		s = dateOf(day).Format("Monday 2 January 2006")
	}
	switch day - today {
	case -1:
		return "Yesterday, " + s
	case 0:
		return "Today, " + s
	case 1:
		return "Tomorrow, " + s
	}
	return s
}

// dateTime writes a date with its time.
func (a *App) dateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(a.loc)
	switch day, today := dayOf(t, a.loc), dayOf(a.now, a.loc); {
	case day == today:
		return "today " + t.Format("15:04")
	case day == today-1:
		return "yesterday " + t.Format("15:04")
	case t.Year() == a.now.In(a.loc).Year():
		return t.Format("Mon 2 Jan 15:04")
	}
	return t.Format("Mon 2 Jan 2006 15:04")
}

// number writes a count with its thousands apart.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural words a count; %d in many is the count.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	if strings.Contains(many, "%d") {
		return fmt.Sprintf(many, n)
	}
	return number(n) + " " + many
}

// size words a number of bytes.
func size(n int64) string {
	switch {
	case n < 0:
		return ""
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1000*1000:
		return strconv.FormatInt((n+500)/1000, 10) + " KB"
	case n < 1000*1000*1000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
	}
	return strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64) + " GB"
}
