package calendar

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// clock is how the clocks of a place go, year by year: always the same, or
// changed twice a year by a rule. It is comparable.
type clock struct {
	standard, daylight     int // seconds east of UTC; the same where nothing changes
	toDaylight, toStandard change
}

// change is the moment of a year at which clocks are changed: the nth weekday
// of a month, at a time of the clock that goes until then.
type change struct {
	month   time.Month // 0: never
	week    int        // 1 to 4, 5 is the last
	weekday time.Weekday
	at      int // seconds after midnight
}

func (c clock) changes() bool { return c.toDaylight.month != 0 }

// wall is the moment of the change in a year, read off the clock until then, as
// if it were UTC.
func (ch change) wall(year int) time.Time {
	return nthWeekday(year, ch.month, ch.week, 1<<ch.weekday).Add(time.Duration(ch.at) * time.Second)
}

// in are the moments at which the clocks change in a year.
func (c clock) in(year int) (toDaylight, toStandard time.Time) {
	return c.toDaylight.wall(year).Add(-time.Duration(c.standard) * time.Second),
		c.toStandard.wall(year).Add(-time.Duration(c.daylight) * time.Second)
}

// clockOf is how the clocks of loc go in a year. A year in which they change
// otherwise than twice is taken as it ends.
func clockOf(loc *time.Location, year int) clock {
	up, down, ok := turns(loc, year)
	if !ok {
		_, offset := time.Date(year, 12, 31, 23, 59, 59, 0, loc).Zone()
		return clock{standard: offset, daylight: offset}
	}
	return clock{
		standard: up.from, daylight: up.to,
		toDaylight: up.rule(loc, year, func(y int) (turn, bool) { t, _, ok := turns(loc, y); return t, ok }),
		toStandard: down.rule(loc, year, func(y int) (turn, bool) { _, t, ok := turns(loc, y); return t, ok }),
	}
}

// turn is one change of the clocks, in the time of the clock until then, as if
// it were UTC.
type turn struct {
	wall     time.Time
	from, to int
}

// turns are the changes of a year forward and back, where there is one of each.
func turns(loc *time.Location, year int) (up, down turn, ok bool) {
	t := time.Date(year, 1, 1, 0, 0, 0, 0, loc)
	var nUp, nDown int
	for range 16 {
		_, from := t.Zone()
		_, end := t.ZoneBounds()
		if end.IsZero() || !end.After(t) {
			break
		}
		wall := time.Unix(end.Unix()+int64(from), 0).UTC()
		if wall.Year() > year {
			break
		}
		_, to := end.Zone()
		switch tn := (turn{wall, from, to}); {
		case to > from:
			up, nUp = tn, nUp+1
		case to < from:
			down, nDown = tn, nDown+1
		}
		t = end
	}
	return up, down, nUp == 1 && nDown == 1 && up.from == down.to && up.to == down.from
}

// rule finds the nth weekday that t is. The fourth can be the last as well:
// then later years decide.
func (t turn) rule(loc *time.Location, year int, later func(int) (turn, bool)) change {
	midnight := t.wall.Truncate(24 * time.Hour)
	ch := change{month: t.wall.Month(), weekday: t.wall.Weekday(), week: (t.wall.Day()-1)/7 + 1, at: int(t.wall.Sub(midnight) / time.Second)}
	if ch.week != 4 || t.wall.AddDate(0, 0, 7).Month() == t.wall.Month() {
		return ch
	}
	last := ch
	last.week = 5
	fourth := 0
	for y := year + 1; y <= year+10; y++ {
		n, ok := later(y)
		if !ok {
			continue
		}
		if n.wall.Equal(ch.wall(y)) {
			fourth++
		}
		if n.wall.Equal(last.wall(y)) {
			fourth--
		}
	}
	if fourth > 0 {
		return ch
	}
	return last
}

// location makes a location that goes by the clock for ever.
func (c clock) location(name string) (*time.Location, error) {
	return zoneFile(name, []int{c.standard}, nil, c.posix())
}

// posix is the clock as POSIX 1003.1 8.3 writes it in TZ.
func (c clock) posix() string {
	s := posixName(c.standard) + posixOffset(-c.standard)
	if !c.changes() {
		return s
	}
	rule := func(ch change) string {
		return fmt.Sprintf(",M%d.%d.%d/%s", ch.month, ch.week, ch.weekday, posixOffset(ch.at))
	}
	return s + posixName(c.daylight) + posixOffset(-c.daylight) + rule(c.toDaylight) + rule(c.toStandard)
}

func posixOffset(seconds int) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	return fmt.Sprintf("%s%d:%02d:%02d", sign, seconds/3600, seconds/60%60, seconds%60)
}

func posixName(offset int) string { return "<" + offsetName(offset) + ">" }

// offsetName is an offset as the IANA abbreviates zones without letters.
func offsetName(offset int) string {
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	if offset/60%60 == 0 {
		return fmt.Sprintf("%c%02d", sign, offset/3600)
	}
	return fmt.Sprintf("%c%02d%02d", sign, offset/3600, offset/60%60)
}

// onset is the moment from which an offset holds.
type onset struct {
	at     time.Time
	offset int // index
}

// zoneFile makes a location by way of the format of RFC 8536: the first offset
// until the first onset, the onsets, and after the last the rule, if any.
func zoneFile(name string, offsets []int, onsets []onset, rule string) (*time.Location, error) {
	var names []byte
	var types []byte
	for _, o := range offsets {
		types = binary.BigEndian.AppendUint32(types, uint32(int32(o)))
		types = append(types, 0, byte(len(names)))
		names = append(append(names, offsetName(o)...), 0)
	}
	header := func(b []byte, counts ...uint32) []byte {
		b = append(b, "TZif2"...)
		b = append(b, make([]byte, 15)...)
		for _, n := range counts {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	b := header(nil, 0, 0, 0, 0, 0, 0)
	b = header(b, 0, 0, 0, uint32(len(onsets)+1), uint32(len(offsets)), uint32(len(names)))
	before := int64(math.MinInt64)
	b = binary.BigEndian.AppendUint64(b, uint64(before))
	for _, o := range onsets {
		b = binary.BigEndian.AppendUint64(b, uint64(o.at.Unix()))
	}
	b = append(b, 0)
	for _, o := range onsets {
		b = append(b, byte(o.offset))
	}
	b = append(b, types...)
	b = append(b, names...)
	if rule != "" {
		b = append(b, "\n"+rule+"\n"...)
	}
	loc, err := time.LoadLocationFromTZData(name, b)
	if err != nil {
		return nil, fmt.Errorf("make time zone %q: %w", name, err)
	}
	return loc, nil
}
