package calendar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// zoneSize is the length of the TimeZone structure (MS-ASDTYPE 2.7.6).
const zoneSize = 172

// ErrZone says that what should be a TimeZone structure is none.
var ErrZone = errors.New("not a time zone")

// Zone is a time zone as the protocol carries it: names, which are free text,
// and how the clocks go, the same in every year.
type Zone struct {
	StandardName string
	DaylightName string
	clock        clock
	loc          *time.Location
}

// Location goes by the clock of the zone. Its name is the standard name, or the
// offset where there is none.
func (z *Zone) Location() *time.Location { return z.loc }

// Daylight reports whether the clocks change.
func (z *Zone) Daylight() bool { return z.clock.changes() }

// ParseTimeZone reads a TimeZone structure of 172 bytes, decoded from base64
// (MS-ASDTYPE 2.7.6). A date of change that makes no sense means no change: SOGo
// leaves there whatever lay in memory. A date with a year, which holds for that
// year only, is taken for the nth weekday of its month that it is.
//
// It fails with ErrZone for another length and for offsets of a day or more.
func ParseTimeZone(b []byte) (*Zone, error) {
	if len(b) != zoneSize {
		return nil, fmt.Errorf("read %d bytes: %w", len(b), ErrZone)
	}
	minutes := func(i int) int64 { return int64(int32(binary.LittleEndian.Uint32(b[i:]))) }
	bias, standardBias, daylightBias := minutes(0), minutes(84), minutes(168)
	toStandard, okStandard := parseChange(b[68:84])
	toDaylight, okDaylight := parseChange(b[152:168])

	z := &Zone{StandardName: zoneText(b[4:68]), DaylightName: zoneText(b[88:152])}
	standard, daylight := -(bias + standardBias), -(bias + daylightBias)
	if !okStandard || !okDaylight || standard == daylight || toStandard == toDaylight {
		// Both biases belong to the dates.
		standard, daylight, toStandard, toDaylight = -bias, -bias, change{}, change{}
	}
	const day = 24 * 60
	if standard <= -day || standard >= day || daylight <= -day || daylight >= day {
		return nil, fmt.Errorf("read offsets of %d and %d minutes: %w", standard, daylight, ErrZone)
	}
	z.clock = clock{int(standard) * 60, int(daylight) * 60, toDaylight, toStandard}
	name := z.StandardName
	if name == "" {
		name = "UTC" + offsetName(z.clock.standard)
	}
	loc, err := z.clock.location(name)
	if err != nil {
		return nil, err
	}
	z.loc = loc
	return z, nil
}

// parseChange reads a SYSTEMTIME that names a change of the clocks.
func parseChange(b []byte) (change, bool) {
	n := func(i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) }
	year, month, weekday, day, hour, minute, second, ms := n(0), n(1), n(2), n(3), n(4), n(5), n(6), n(7)
	if month < 1 || month > 12 || weekday > 6 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 59 || ms > 999 {
		return change{}, false
	}
	if year != 0 {
		if year < 1601 || year > 9999 {
			return change{}, false
		}
		weekday = int(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Weekday())
	}
	week := day
	if year != 0 || day > 5 { // some write the day of the month without a year
		if week = (day-1)/7 + 1; day+7 > daysIn(max(year, 2001), time.Month(month)) {
			week = 5
		}
	}
	at := hour*3600 + minute*60 + second
	if second == 59 && ms > 0 {
		at++ // 23:59:59.999 stands for the end of the day
	}
	return change{time.Month(month), week, time.Weekday(weekday), at}, true
}

// zoneText reads UTF-16 up to the first zero.
func zoneText(b []byte) string {
	var units []uint16
	for ; len(b) > 1; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return strings.TrimSpace(string(utf16.Decode(units)))
}

// EncodeTimeZone is the TimeZone structure for the clocks of loc as they go in
// a year (MS-ASDTYPE 2.7.6). The names are those of Windows where it has the
// zone, else that of the IANA.
func EncodeTimeZone(loc *time.Location, year int) []byte {
	if loc == nil {
		loc = time.UTC
	}
	name := loc.String()
	if w, ok := WindowsName(name); ok {
		name = w
	}
	daylight := strings.Replace(name, "Standard", "Daylight", 1)
	return clockOf(loc, year).encode(name, daylight)
}

func (c clock) encode(standardName, daylightName string) []byte {
	b := make([]byte, zoneSize)
	minutes := func(i, seconds int) { binary.LittleEndian.PutUint32(b[i:], uint32(int32(seconds/60))) }
	minutes(0, -c.standard)
	putText(b[4:68], standardName)
	putText(b[88:152], daylightName)
	if c.changes() {
		putChange(b[68:84], c.toStandard)
		putChange(b[152:168], c.toDaylight)
		minutes(168, c.standard-c.daylight)
	}
	return b
}

func putChange(b []byte, ch change) {
	at, ms := ch.at, 0
	if at == 24*3600 { // Windows has no 24:00
		at, ms = at-1, 999
	}
	for i, n := range []int{0, int(ch.month), int(ch.weekday), ch.week, at / 3600, at / 60 % 60, at % 60, ms} {
		binary.LittleEndian.PutUint16(b[2*i:], uint16(n))
	}
}

// putText writes at most 31 units of UTF-16, so that a zero follows.
func putText(b []byte, s string) {
	i := 0
	for _, r := range s {
		units := utf16.AppendRune(nil, r)
		if i+len(units) > len(b)/2-1 {
			return
		}
		for _, u := range units {
			binary.LittleEndian.PutUint16(b[2*i:], u)
			i++
		}
	}
}
