package sample

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// clock places things around the moment at which the demo begins.
type clock struct{ now time.Time }

// midnight is the beginning of a day so many days from today.
func (c clock) midnight(days int) time.Time {
	y, m, d := c.now.Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, c.now.Location())
}

// on is a time of day so many days from today.
func (c clock) on(days, hour, minute int) time.Time {
	y, m, d := c.midnight(days).Date()
	return time.Date(y, m, d, hour, minute, 0, 0, c.now.Location())
}

// workday is how many days back the nth working day before today lies.
func (c clock) workday(n int) (days int) {
	for n > 0 {
		days++
		if w := c.midnight(-days).Weekday(); w != time.Saturday && w != time.Sunday {
			n--
		}
	}
	return days
}

// ahead is how many days from today the nth working day after it is.
func (c clock) ahead(n int) (days int) {
	for n > 0 {
		days++
		if w := c.midnight(days).Weekday(); w != time.Saturday && w != time.Sunday {
			n--
		}
	}
	return days
}

// ago is that many minutes ago but today: early in the morning what has come
// today has come in less time.
func (c clock) ago(minutes int) time.Time {
	const usual = 10 * time.Hour
	d := time.Duration(minutes) * time.Minute
	if today := c.now.Sub(c.midnight(0)); today < usual {
		d = time.Duration(float64(d) * float64(today) / float64(usual))
	}
	return c.now.Add(-d).Truncate(time.Second)
}

// at reads when something was: "35m" minutes ago, "y 16:20" yesterday, "w3
// 09:12" on the third working day before today, "d40 12:00" 40 days ago.
func (c clock) at(s string) (time.Time, error) {
	bad := fmt.Errorf("read the sample mail: %q is no time", s)
	if m, ok := strings.CutSuffix(s, "m"); ok {
		n, err := strconv.Atoi(m)
		if err != nil || n > 600 {
			return time.Time{}, bad
		}
		return c.ago(n), nil
	}
	day, hour, _ := strings.Cut(s, " ")
	t, err := time.Parse("15:04", hour)
	if err != nil {
		return time.Time{}, bad
	}
	days := 1
	if day != "y" {
		n, err := strconv.Atoi(day[1:])
		switch {
		case err != nil:
			return time.Time{}, bad
		case day[0] == 'w':
			days = c.workday(n)
		case day[0] == 'd':
			days = n
		default:
			return time.Time{}, bad
		}
	}
	// The seconds differ from one to the next, as they do.
	return c.on(-days, t.Hour(), t.Minute()).Add(time.Duration(len(s)*7+t.Minute()) % 60 * time.Second), nil
}
