package calendar

import (
	"encoding/binary"
	"errors"
	"time"
	"unicode/utf16"
)

// Zone is the rule of a time zone as a calendar item carries it: an offset,
// and when in each year the clocks change.
type Zone struct {
	Standard     time.Duration // to be added to UTC
	Daylight     time.Duration // likewise, while it lasts
	ToStandard   Change
	ToDaylight   Change
	StandardName string
	DaylightName string
}

// Change is when the clocks change, in the local time before it: the nth
// weekday of a month, 5 for the last. Month 0 is never.
type Change struct {
	Month   time.Month
	Week    int
	Weekday time.Weekday
	At      time.Duration // after midnight
	// Year is set for a date that holds for one year only; Week is then the day.
	Year int
}

// zoneSize is the length of the structure (MS-ASDTYPE 2.7.6).
const zoneSize = 172

var errZone = errors.New("not a time zone structure")

// ParseTimeZone reads the structure. Fields that make no sense, as some
// servers leave them uninitialised, count as absent.
func ParseTimeZone(b []byte) (Zone, error) {
	if len(b) != zoneSize {
		return Zone{}, errZone
	}
	bias := int32(binary.LittleEndian.Uint32(b))
	if bias < -24*60 || bias > 24*60 {
		return Zone{}, errZone
	}
	z := Zone{StandardName: zoneName(b[4:68]), DaylightName: zoneName(b[88:152]), ToStandard: systemTime(b[68:84]), ToDaylight: systemTime(b[152:168])}
	standard := bounded(int32(binary.LittleEndian.Uint32(b[84:])))
	daylight := bounded(int32(binary.LittleEndian.Uint32(b[168:])))
	z.Standard = -time.Duration(int64(bias)+standard) * time.Minute
	z.Daylight = -time.Duration(int64(bias)+daylight) * time.Minute
	if z.ToStandard.Month == 0 || z.ToDaylight.Month == 0 || z.ToStandard == z.ToDaylight {
		z.ToStandard, z.ToDaylight, z.Daylight = Change{}, Change{}, z.Standard
	}
	return z, nil
}

// bounded is a bias of at most two hours, else none.
func bounded(n int32) int64 {
	if n < -120 || n > 120 {
		return 0
	}
	return int64(n)
}

func zoneName(b []byte) string {
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		u := binary.LittleEndian.Uint16(b[i:])
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

func systemTime(b []byte) Change {
	f := func(i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) }
	c := Change{Year: f(0), Month: time.Month(f(1)), Weekday: time.Weekday(f(2)), Week: f(3),
		At: time.Duration(f(4))*time.Hour + time.Duration(f(5))*time.Minute + time.Duration(f(6))*time.Second}
	if c.Month < 1 || c.Month > 12 || c.Weekday > 6 || c.At > 25*time.Hour || c.Year == 0 && (c.Week < 1 || c.Week > 5) || c.Week < 1 || c.Week > 31 {
		return Change{}
	}
	return c
}

// on is when the change falls in a year, as local time written as if it were UTC.
func (c Change) on(year int) time.Time {
	if c.Year != 0 {
		return time.Date(year, c.Month, c.Week, 0, 0, 0, 0, time.UTC).Add(c.At)
	}
	return nthWeekday(year, c.Month, 1<<int(c.Weekday), c.Week).Add(c.At)
}

// Offset is what to add to UTC at a local time written as if it were UTC. A
// local time that the change of clocks skips counts as after it, one that it
// repeats as before it.
func (z Zone) Offset(local time.Time) time.Duration {
	if z.ToDaylight.Month == 0 {
		return z.Standard
	}
	begin, end := z.ToDaylight.on(local.Year()), z.ToStandard.on(local.Year())
	daylight := !local.Before(begin) && local.Before(end)
	if end.Before(begin) { // southern half
		daylight = !local.Before(begin) || local.Before(end)
	}
	if daylight {
		return z.Daylight
	}
	return z.Standard
}

// UTC turns a local time written as if it were UTC into what it is.
func (z Zone) UTC(local time.Time) time.Time { return local.Add(-z.Offset(local)) }

// Local turns a time into the local time, written as if it were UTC.
func (z Zone) Local(t time.Time) time.Time {
	t = t.UTC()
	for _, offset := range []time.Duration{z.Standard, z.Daylight} {
		if local := t.Add(offset); z.Offset(local) == offset {
			return local
		}
	}
	return t.Add(z.Standard)
}

// fixed reports whether the zone is plain UTC, as of items that name none.
func (z Zone) fixed() bool { return z.Standard == 0 && z.ToDaylight.Month == 0 }

// EncodeTimeZone writes the rule that holds in a location in a year. The
// names are left empty, as they are free text that nobody agrees on.
func EncodeTimeZone(loc *time.Location, year int) []byte {
	b := make([]byte, zoneSize)
	january, july := time.Date(year, 1, 1, 12, 0, 0, 0, loc), time.Date(year, 7, 1, 12, 0, 0, 0, loc)
	_, first := january.Zone()
	_, second := july.Zone()
	standard, daylight := min(first, second), max(first, second)
	put := func(at int, minutes int) { binary.LittleEndian.PutUint32(b[at:], uint32(int32(minutes))) }
	put(0, -standard/60)
	if standard == daylight {
		return b
	}
	put(168, -(daylight-standard)/60)
	for t := january; t.Year() == year; t = t.AddDate(0, 0, 1) {
		_, before := t.Zone()
		_, after := t.AddDate(0, 0, 1).Zone()
		if before == after {
			continue
		}
		change := instant(t, t.AddDate(0, 0, 1))
		local := change.UTC().Add(time.Duration(before) * time.Second)
		at := 68
		if after > before {
			at = 152
		}
		putChange(b[at:], local)
	}
	return b
}

// instant finds the second at which the offset changes between two times.
func instant(a, b time.Time) time.Time {
	_, before := a.Zone()
	for b.Sub(a) > time.Second {
		m := a.Add(b.Sub(a) / 2).Truncate(time.Second)
		if _, o := m.Zone(); o == before {
			a = m
		} else {
			b = m
		}
	}
	return b
}

func putChange(b []byte, local time.Time) {
	week := (local.Day()-1)/7 + 1
	if local.AddDate(0, 0, 7).Month() != local.Month() {
		week = 5
	}
	for i, v := range []int{0, int(local.Month()), int(local.Weekday()), week, local.Hour(), local.Minute(), local.Second(), 0} {
		binary.LittleEndian.PutUint16(b[2*i:], uint16(v))
	}
}
