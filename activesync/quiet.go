package activesync

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// QuietHours are a span of the day in which nothing is told. One that ends
// before it begins goes on past midnight and belongs to the day on which it
// begins.
type QuietHours struct {
	From, To time.Duration  // after midnight, below a day; To may be a day
	Days     []time.Weekday // none is every day
}

var weekdayWords = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseQuietHours reads "22:00-07:00" or "sat,sun 00:00-24:00".
func ParseQuietHours(s string) (QuietHours, error) {
	bad := fmt.Errorf("quiet hours %q are not written as 22:00-07:00 or sat,sun 00:00-24:00", s)
	var q QuietHours
	words := strings.Fields(strings.ToLower(s))
	if len(words) == 2 {
		for d := range strings.SplitSeq(words[0], ",") {
			i := slices.Index(weekdayWords[:], d)
			if i < 0 || slices.Contains(q.Days, time.Weekday(i)) {
				return QuietHours{}, bad
			}
			q.Days = append(q.Days, time.Weekday(i))
		}
		words = words[1:]
	}
	if len(words) != 1 {
		return QuietHours{}, bad
	}
	from, to, ok := strings.Cut(words[0], "-")
	if !ok {
		return QuietHours{}, bad
	}
	var fok, tok bool
	q.From, fok = timeOfDay(from)
	q.To, tok = timeOfDay(to)
	if !fok || !tok || q.From == 24*time.Hour || q.From == q.To {
		return QuietHours{}, bad
	}
	return q, nil
}

// timeOfDay reads 00:00 to 24:00.
func timeOfDay(s string) (time.Duration, bool) {
	if s == "24:00" {
		return 24 * time.Hour, true
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, false
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, true
}

// String writes the hours as ParseQuietHours reads them.
func (q QuietHours) String() string {
	clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
	span := clock(q.From) + "-" + clock(q.To)
	if len(q.Days) == 0 {
		return span
	}
	var days []string
	for _, d := range q.Days {
		days = append(days, weekdayWords[d%7])
	}
	return strings.Join(days, ",") + " " + span
}

// MarshalText writes the hours as a file has them.
func (q QuietHours) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads them.
func (q *QuietHours) UnmarshalText(b []byte) (err error) {
	*q, err = ParseQuietHours(string(b))
	return err
}

// end is when the hours that hold at a time are over, in its time zone; zero
// where none do.
func (q QuietHours) end(now time.Time) time.Time {
	at := func(days int, d time.Duration) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, 0, int(d.Minutes()), 0, 0, now.Location())
	}
	for _, began := range []int{-1, 0} {
		until := began
		if q.To <= q.From {
			until++
		}
		from, to := at(began, q.From), at(until, q.To)
		if !now.Before(from) && now.Before(to) && (len(q.Days) == 0 || slices.Contains(q.Days, from.Weekday())) {
			return to
		}
	}
	return time.Time{}
}

// QuietUntil is when the quiet hours of the account that hold at a time are
// over; zero where none do.
func (a AccountNotifications) QuietUntil(now time.Time) time.Time {
	t := now
	for range 2 * len(a.Quiet) { // one may begin before the other ends
		before := t
		for _, q := range a.Quiet {
			if end := q.end(t); end.After(t) {
				t = end
			}
		}
		if t.Equal(before) {
			break
		}
	}
	if t.Equal(now) {
		return time.Time{}
	}
	return t
}

// QuietChanges is when quiet hours of the account begin or end next, zero where
// it has none.
func (a AccountNotifications) QuietChanges(now time.Time) (next time.Time) {
	if until := a.QuietUntil(now); !until.IsZero() {
		return until
	}
	for _, q := range a.Quiet {
		for day := range 8 {
			from := time.Date(now.Year(), now.Month(), now.Day()+day, 0, int(q.From.Minutes()), 0, 0, now.Location())
			if from.After(now) && (len(q.Days) == 0 || slices.Contains(q.Days, from.Weekday())) {
				if next.IsZero() || from.Before(next) {
					next = from
				}
				break
			}
		}
	}
	return next
}
