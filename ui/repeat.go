package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Sets of days of the week, bit 0 is Sunday.
const (
	workdays = 0b0111110
	weekend  = 0b1000001
)

// RepeatWords say how a series repeats, "" for what is none.
func RepeatWords(e activesync.Event, loc *time.Location, now time.Time) string {
	if !e.Recurrence.Set {
		return ""
	}
	return look{loc: loc, now: now}.repeat(e)
}

// repeatWords put the rule of a series into words: "every 2 weeks on Tuesday
// until 3 March". start is the day of the first occurrence and until the last
// one, zero for none; what the rule leaves out follows from start.
func repeatWords(r activesync.Recurrence, start, until time.Time, year int) string {
	mask, dom := r.DayOfWeek&activesync.AnyDay, r.DayOfMonth
	if mask == 0 && r.Type != activesync.Daily {
		mask = 1 << start.Weekday()
	}
	if dom < 1 || dom > 31 {
		dom = start.Day()
	}
	month := time.Month(r.MonthOfYear)
	if month < time.January || month > time.December {
		month = start.Month()
	}
	words := ""
	switch r.Type {
	case activesync.Daily:
		words = everyFew(r.Interval, "day")
		if mask != 0 && mask != activesync.AnyDay {
			words += ", only on " + weekdays(mask, r.FirstDayOfWeek)
		}
	case activesync.Weekly:
		words = everyFew(r.Interval, "week")
		switch {
		case r.Interval <= 1 && mask == workdays:
			words = "every weekday"
		case r.Interval <= 1 && mask == activesync.AnyDay:
			words = "every day"
		default:
			words += " on " + weekdays(mask, r.FirstDayOfWeek)
		}
	case activesync.Monthly:
		words = everyFew(r.Interval, "month") + " on " + dayOfMonth(dom)
	case activesync.MonthlyNth:
		words = everyFew(r.Interval, "month") + " on the " + nth(r.WeekOfMonth, start) + " " + oneOf(mask)
	case activesync.Yearly:
		words = everyFew(r.Interval, "year") + " on " + strconv.Itoa(dom) + " " + month.String()
	case activesync.YearlyNth:
		words = everyFew(r.Interval, "year") + " on the " + nth(r.WeekOfMonth, start) + " " + oneOf(mask) + " of " + month.String()
	default:
		return "in a way that is not known here"
	}
	switch {
	case r.Occurrences > 0:
		words += ", " + plural(r.Occurrences, "once", "%d times")
	case until.IsZero():
	case until.Year() == year:
		words += " until " + until.Format("2 January")
	default:
		words += " until " + until.Format("2 January 2006")
	}
	return words
}

func everyFew(n int, unit string) string {
	if n <= 1 {
		return "every " + unit
	}
	return "every " + strconv.Itoa(n) + " " + unit + "s"
}

// weekdays lists days of the week from the first one of a week on.
func weekdays(mask, first int) string {
	switch mask {
	case workdays:
		return "weekdays"
	case weekend:
		return "weekends"
	}
	var out []string
	for i := range 7 {
		if d := (i + first%7 + 7) % 7; mask>>d&1 == 1 {
			out = append(out, time.Weekday(d).String())
		}
	}
	return listed(out)
}

// listed joins words as a sentence does.
func listed(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// oneOf is the day of a set of which an nth one is meant.
func oneOf(mask int) string {
	switch mask {
	case workdays:
		return "weekday"
	case weekend:
		return "day of a weekend"
	case activesync.AnyDay:
		return "day"
	}
	return strings.ReplaceAll(weekdays(mask, 0), " and ", " or ")
}

func nth(week int, start time.Time) string {
	names := []string{"first", "second", "third", "fourth", "last"}
	if week < 1 || week > len(names) {
		week = min((start.Day()-1)/7+1, len(names))
	}
	return names[week-1]
}

// dayOfMonth is a day of every month; a month that is shorter has its last one.
func dayOfMonth(day int) string {
	ending := "th"
	if !slices.Contains([]int{11, 12, 13}, day) {
		switch day % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	words := "the " + strconv.Itoa(day) + ending
	if day > 28 {
		words += ", or the last day"
	}
	return words
}
