package wire

import (
	"fmt"
	"strings"
	"time"
)

const (
	dashed  = "2006-01-02T15:04:05.000Z"
	compact = "20060102T150405Z"
)

// Dashed writes t in the form that messages, contacts and tasks use
// (MS-ASDTYPE 2.3).
func Dashed(t time.Time) Stamp { return Stamp(t.UTC().Format(dashed)) }

// Compact writes t in the form that calendars use (MS-ASDTYPE 2.6.5).
func Compact(t time.Time) Stamp { return Stamp(t.UTC().Format(compact)) }

// ParseTime reads a date element. Both forms are read everywhere, with or
// without milliseconds, zone and time of day; without a zone it is UTC.
func ParseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	layouts := [...]string{"20060102T150405Z07:00", "20060102T150405", "20060102"}
	if len(s) > 4 && s[4] == '-' {
		layouts = [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02"}
	}
	for _, l := range layouts {
		// time.Parse takes a fraction of a second where the layout has none.
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is not a date", s)
}

// Time is the moment, and whether the element holds one.
func (s *Stamp) Time() (time.Time, bool) {
	if s == nil {
		return time.Time{}, false
	}
	t, err := ParseTime(string(*s))
	return t, err == nil
}

func stamp(form func(time.Time) Stamp, t time.Time) *Stamp {
	if t.IsZero() {
		return nil
	}
	return ptr(form(t))
}
