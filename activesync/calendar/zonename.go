package calendar

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones where the system has none
)

// zoneName pairs the two names of a zone.
type zoneName struct{ windows, iana string }

// prominent zones are preferred where the clocks of several go alike and no
// name decides.
var prominent = [...]string{
	"Europe/Berlin", "Europe/London", "Europe/Kiev", "Europe/Moscow", "America/New_York", "America/Chicago", "America/Denver",
	"America/Los_Angeles", "America/Sao_Paulo", "Asia/Calcutta", "Asia/Shanghai", "Asia/Tokyo", "Asia/Dubai", "Australia/Sydney", "Etc/UTC",
}

// IANAName is the IANA zone of the main territory of a Windows zone, e.g.
// "Europe/Berlin" for "W. Europe Standard Time".
func IANAName(windows string) (string, bool) {
	for _, z := range windowsZones {
		if strings.EqualFold(z.windows, windows) {
			return z.iana, true
		}
	}
	return "", false
}

// WindowsName is the Windows zone of which an IANA zone is the main territory,
// or whose clocks go alike under a newer or older name of the same place.
func WindowsName(iana string) (string, bool) {
	if iana == "UTC" || iana == "Etc/UCT" || iana == "Etc/GMT" || iana == "Etc/Universal" || iana == "Etc/Zulu" {
		return "UTC", true
	}
	if old, ok := renamed[iana]; ok {
		iana = old
	}
	for _, z := range windowsZones {
		if strings.EqualFold(z.iana, iana) {
			return z.windows, true
		}
	}
	return "", false
}

// renamed zones stand in the table of Windows zones under their old names.
var renamed = map[string]string{
	"America/Argentina/Buenos_Aires": "America/Buenos_Aires", "America/Indiana/Indianapolis": "America/Indianapolis",
	"America/Nuuk": "America/Godthab", "Asia/Kolkata": "Asia/Calcutta", "Asia/Kathmandu": "Asia/Katmandu",
	"Asia/Yangon": "Asia/Rangoon", "Europe/Kyiv": "Europe/Kiev", "Pacific/Pohnpei": "Pacific/Ponape",
}

// longestZone is more than any name of a zone has, in bytes: each / of one is looked
// behind.
const longestZone = 1000

// LoadZone finds a zone by any of the names that calendars use: of the IANA,
// also behind a path such as /mozilla.org/20050126_1/, of Windows, or an offset
// with cities such as "(UTC+01:00) Amsterdam, Berlin, Bern".
func LoadZone(name string) (*time.Location, error) {
	name = strings.Trim(strings.TrimSpace(name), `"`)
	if len(name) > longestZone {
		return nil, fmt.Errorf("find a time zone: its name has %d bytes: %w", len(name), ErrZone)
	}
	if iana, ok := IANAName(name); ok {
		return loadIANA(iana)
	}
	if loc, err := loadIANA(name); err == nil {
		return loc, nil
	}
	// The longest end of a path that is a zone.
	for rest := name; ; {
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
		if loc, err := loadIANA(rest); err == nil {
			return loc, nil
		}
	}
	if loc, ok := byCities(name); ok {
		return loc, nil
	}
	return nil, fmt.Errorf("find time zone %q: %w", name, ErrZone)
}

// loadIANA loads a zone of the IANA. The names that Go reads as something else
// are none.
func loadIANA(name string) (*time.Location, error) {
	if name == "" || name == "Local" || strings.HasPrefix(name, "/") {
		return nil, ErrZone
	}
	if strings.EqualFold(name, "utc") || strings.EqualFold(name, "gmt") || name == "Z" || name == "Etc/UTC" {
		return time.UTC, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("load time zone %q: %w", name, err)
	}
	return loc, nil
}

var offsetText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\(?(?:UTC|GMT)\s*(?:([+\-−–])\s*(\d{1,2})(?:[:.]?(\d{2}))?)?\)?\s*(.*)$`)
})

// byCities reads an offset and, if one of the places after it is a zone with
// that offset, takes the zone.
func byCities(name string) (*time.Location, bool) {
	m := offsetText().FindStringSubmatch(name)
	if m == nil {
		return nil, false
	}
	offset := (atoi(m[2])*60 + atoi(m[3])) * 60
	if m[1] != "" && m[1] != "+" {
		offset = -offset
	}
	if offset < -24*3600 || offset > 24*3600 {
		return nil, false
	}
	for _, z := range windowsZones {
		city := strings.ReplaceAll(z.iana[strings.LastIndexByte(z.iana, '/')+1:], "_", " ")
		if !containsPlace(m[4], city) && !containsPlace(m[4], strings.TrimSuffix(z.windows, " Standard Time")) && !northAmerican(m[4], z.windows) {
			continue
		}
		if loc, err := loadIANA(z.iana); err == nil && clockOf(loc, 2025).standard == offset {
			return loc, true
		}
	}
	return time.FixedZone("UTC"+offsetName(offset), offset), true
}

// northAmerican matches "Eastern Time (US & Canada)".
func northAmerican(text, windows string) bool {
	head, ok := strings.CutSuffix(text, " Time (US & Canada)")
	return ok && windows == head+" Standard Time"
}

// containsPlace reports whether place is one of the places of a list.
func containsPlace(list, place string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(part), place) {
			return true
		}
	}
	return false
}

// IANA is the name of an IANA zone whose clocks go in a year as those of z do,
// "" where there is none. Where several do, the names of z decide, else how well
// known the zone is. A name alone is believed only if no clock agrees.
func (z *Zone) IANA(year int) string {
	named := z.named()
	if named != "" && z.agrees(named, year) {
		return named
	}
	for _, iana := range prominent {
		if z.agrees(iana, year) {
			return iana
		}
	}
	for _, w := range windowsZones {
		if z.agrees(w.iana, year) {
			return w.iana
		}
	}
	return named
}

// named is the IANA zone that the names of z mean.
func (z *Zone) named() string {
	for _, name := range []string{z.StandardName, strings.Replace(z.DaylightName, "Daylight", "Standard", 1)} {
		if iana, ok := IANAName(name); ok {
			return iana
		}
		if loc, err := LoadZone(name); err == nil && strings.Contains(loc.String(), "/") {
			return loc.String()
		}
	}
	return ""
}

// agrees reports whether the clocks of an IANA zone go like those of z.
func (z *Zone) agrees(iana string, year int) bool {
	loc, err := loadIANA(iana)
	if err != nil {
		return false
	}
	up, down, ok := turns(loc, year)
	if !ok || !z.clock.changes() {
		return !ok && !z.clock.changes() && clockOf(loc, year).standard == z.clock.standard
	}
	a, b := z.clock.in(year)
	second := func(t turn) time.Time { return t.wall.Add(-time.Duration(t.from) * time.Second) }
	return a.Equal(second(up)) && b.Equal(second(down)) && up.from == z.clock.standard && up.to == z.clock.daylight
}
