package calendar

import (
	"fmt"
	"strings"
	"time"
)

// moment is a DATE or DATE-TIME (RFC 5545 3.3.4, 3.3.5).
type moment struct {
	wall time.Time // what the clock shows, as if it were UTC
	loc  *time.Location
	date bool
}

// instant is when it is; a date begins at midnight UTC, as in activesync.Event.
func (m moment) instant() time.Time {
	if m.date {
		return m.wall
	}
	return instant(m.wall, m.loc)
}

// zones finds the zones that a calendar names.
type zones struct {
	own      map[string]*component // VTIMEZONE by TZID
	found    map[string]*time.Location
	floating *time.Location // for times without a zone
	unknown  []string
}

func newZones(cal *component, floating *time.Location) *zones {
	z := &zones{own: map[string]*component{}, found: map[string]*time.Location{}, floating: floating}
	for _, c := range cal.children {
		if c.name == "VTIMEZONE" {
			z.own[strings.TrimSpace(c.text("TZID"))] = c
		}
	}
	if name := cal.text("X-WR-TIMEZONE"); name != "" {
		if loc, err := LoadZone(name); err == nil {
			z.floating = loc
		}
	}
	if tz := strings.TrimSpace(cal.text("TZ")); tz != "" && len(z.own) == 0 { // vCalendar 1.0
		if offset, ok := parseOffset(tz); ok {
			z.floating = time.FixedZone("UTC"+offsetName(offset), offset)
		}
	}
	return z
}

// get is the zone of a TZID: the zone that the IANA or Windows calls so, else
// what the calendar itself says of it, else what offset and cities in the name
// tell. For others it is the zone of floating times, and a note.
func (z *zones) get(id string) *time.Location {
	id = strings.TrimSpace(id)
	if id == "" {
		return z.floating
	}
	if loc, ok := z.found[id]; ok {
		return loc
	}
	loc := z.find(id)
	if loc == nil {
		loc = z.floating
		z.unknown = append(z.unknown, id)
	}
	z.found[id] = loc
	return loc
}

func (z *zones) find(id string) *time.Location {
	loc, err := LoadZone(id)
	if err == nil && !strings.HasPrefix(loc.String(), "UTC+") && !strings.HasPrefix(loc.String(), "UTC-") {
		return loc
	}
	if c, ok := z.own[id]; ok {
		if name := c.text("X-LIC-LOCATION"); name != "" {
			if loc, err := LoadZone(name); err == nil {
				return loc
			}
		}
		if loc, err := zoneOfComponent(c); err == nil {
			return loc
		}
	}
	if err != nil {
		return nil
	}
	return loc
}

// moment reads a value of a date property. The parameters say the zone.
func (z *zones) moment(p property, value string) (moment, bool) {
	value = strings.ToUpper(strings.TrimSpace(value))
	if strings.ContainsAny(value, "-:") {
		value = strings.NewReplacer("-", "", ":", "").Replace(value)
	}
	if i := strings.IndexByte(value, '.'); i > 0 { // fractions of a second
		tail := ""
		if strings.HasSuffix(value, "Z") {
			tail = "Z"
		}
		value = value[:i] + tail
	}
	utc := strings.HasSuffix(value, "Z")
	value = strings.TrimSuffix(value, "Z")
	if t, err := time.Parse("20060102", value); err == nil {
		return moment{wall: t, loc: time.UTC, date: true}, true
	}
	t, ok := clockTime(value)
	switch {
	case !ok:
		return moment{}, false
	case strings.EqualFold(p.Param("VALUE"), "DATE"):
		return moment{wall: midnight(t), loc: time.UTC, date: true}, true
	case utc:
		return moment{wall: t, loc: time.UTC}, true
	}
	return moment{wall: t, loc: z.get(p.Param("TZID"))}, true
}

// clockTime reads a DATE-TIME without what says the zone.
func clockTime(s string) (time.Time, bool) {
	for _, layout := range []string{"20060102T150405", "20060102T1504"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	if date, ok := strings.CutSuffix(s, "T240000"); ok { // some end a day so
		if t, err := time.Parse("20060102", date); err == nil {
			return t.Add(day), true
		}
	}
	return time.Time{}, false
}

// duration is a DURATION (RFC 5545 3.3.6): days by the calendar, and time.
type duration struct {
	days int
	time time.Duration
}

func parseDuration(s string) (duration, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	sign := 1
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	s, ok := strings.CutPrefix(s, "P")
	if !ok || s == "" {
		return duration{}, false
	}
	var d duration
	inTime := false
	for s != "" {
		if s[0] == 'T' && !inTime {
			inTime, s = true, s[1:]
			continue
		}
		i := 0
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		if i == 0 || i == len(s) || i > 7 {
			return duration{}, false
		}
		n, unit := atoi(s[:i])*sign, s[i]
		s = s[i+1:]
		switch unit {
		case 'W':
			d.days += 7 * n
		case 'D':
			d.days += n
		case 'H':
			d.time += time.Duration(n) * time.Hour
		case 'M':
			d.time += time.Duration(n) * time.Minute
		case 'S':
			d.time += time.Duration(n) * time.Second
		default:
			return duration{}, false
		}
	}
	return d, true
}

// after is the moment d after m.
func (d duration) after(m moment) time.Time {
	m.wall = m.wall.AddDate(0, 0, d.days)
	return m.instant().Add(d.time)
}

// parseOffset reads UTC-OFFSET (RFC 5545 3.3.14), in seconds.
func parseOffset(s string) (int, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ":", "")
	if len(s) < 3 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	digits := s[1:]
	for len(digits) < 6 {
		digits += "0"
	}
	n := atoi(digits[:2])*3600 + atoi(digits[2:4])*60 + atoi(digits[4:6])
	if len(digits) > 6 || n >= 24*3600 {
		return 0, false
	}
	if s[0] == '-' {
		n = -n
	}
	return n, true
}

func formatOffset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}
