package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

const (
	// firstOnset and lastOnset are the years for which the changes of a
	// VTIMEZONE are written out; later ones go by rule.
	firstOnset, lastOnset = 1970, 2060
	maxOffsets            = 40
	maxOnsets             = 20000
)

// zoneOfComponent makes a location of a VTIMEZONE (RFC 5545 3.6.5).
func zoneOfComponent(c *component) (*time.Location, error) {
	name := strings.TrimSpace(c.text("TZID"))
	type turn struct {
		at       time.Time
		from, to int
	}
	var all []turn
	for _, o := range c.children {
		from, okFrom := parseOffset(o.text("TZOFFSETFROM"))
		to, okTo := parseOffset(o.text("TZOFFSETTO"))
		if o.name != "STANDARD" && o.name != "DAYLIGHT" || !okTo {
			continue
		}
		if !okFrom {
			from = to
		}
		for _, w := range onsetsOf(o, from) {
			all = append(all, turn{w.Add(-time.Duration(from) * time.Second), from, to})
		}
		if len(all) > maxOnsets {
			return nil, fmt.Errorf("read time zone %q: too many changes: %w", name, ErrZone)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("read time zone %q: no offsets: %w", name, ErrZone)
	}
	slices.SortStableFunc(all, func(a, b turn) int { return cmp.Compare(a.at.Unix(), b.at.Unix()) })
	offsets := []int{all[0].from}
	var onsets []onset
	for _, t := range all {
		i := slices.Index(offsets, t.to)
		if i < 0 {
			if i = len(offsets); i == maxOffsets {
				return nil, fmt.Errorf("read time zone %q: too many offsets: %w", name, ErrZone)
			}
			offsets = append(offsets, t.to)
		}
		onsets = append(onsets, onset{t.at, i})
	}
	loc, err := zoneFile(name, offsets, onsets, "")
	if err != nil {
		return nil, err
	}
	if late := clockOf(loc, lastOnset-15); late.changes() {
		return zoneFile(name, offsets, onsets, late.posix())
	}
	return loc, nil
}

// onsetsOf are the moments from which an observance holds, in the time of the
// clock until then.
func onsetsOf(o *component, from int) []time.Time {
	z := &zones{floating: time.UTC, found: map[string]*time.Location{}, own: map[string]*component{}}
	p, _ := o.get("DTSTART")
	start, ok := z.moment(property{}, p.Value)
	if !ok {
		return nil
	}
	out := []time.Time{start.wall}
	for _, p := range o.all("RDATE") {
		for v := range strings.SplitSeq(p.Value, ",") {
			if m, ok := z.moment(property{}, v); ok && len(out) < maxOnsets {
				out = append(out, m.wall)
			}
		}
	}
	p, ok = o.get("RRULE")
	if !ok {
		return out
	}
	r, err := parseRule(p.Value, start.wall)
	if err != nil {
		return out
	}
	rec, ok := r.recurrence(start.wall)
	if !ok {
		return out
	}
	pat, ok := patternOf(rec, midnight(start.wall))
	if !ok || pat.kind != activesync.Yearly && pat.kind != activesync.YearlyNth {
		return out // nowhere the clocks change each month
	}
	if start.wall.Year() < firstOnset {
		out = out[1:] // 1601, as Microsoft writes it, is the day of no change
	}
	until := time.Date(lastOnset, 12, 31, 0, 0, 0, 0, time.UTC)
	limit, limited := z.moment(property{}, r.until)
	for n, d := range pat.days(time.Date(firstOnset, 1, 1, 0, 0, 0, 0, time.UTC), until) {
		w := d.Add(start.wall.Sub(midnight(start.wall)))
		if r.count > 0 && n > r.count || limited && w.Add(-time.Duration(from)*time.Second).After(limit.wall) {
			break
		}
		if !w.Equal(start.wall) {
			out = append(out, w)
		}
	}
	return out
}

// formatZone writes a VTIMEZONE that goes by the clock.
func (c clock) formatZone(w *icsWriter, id string) {
	w.line("BEGIN", "VTIMEZONE")
	w.text("TZID", id)
	observance := func(kind string, ch change, from, to int) {
		w.line("BEGIN", kind)
		start := time.Date(firstOnset, 1, 1, 0, 0, 0, 0, time.UTC)
		if ch.month != 0 {
			if ch.at == 24*3600 {
				ch.at-- // a day has no 24:00 here
			}
			start = ch.wall(firstOnset)
			n := ch.week
			if n == last {
				n = -1
			}
			w.line("RRULE", fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", ch.month, n, weekdayNames[ch.weekday]))
		}
		w.line("DTSTART", start.Format("20060102T150405"))
		w.line("TZOFFSETFROM", formatOffset(from))
		w.line("TZOFFSETTO", formatOffset(to))
		w.line("END", kind)
	}
	observance("STANDARD", c.toStandard, c.daylight, c.standard)
	if c.changes() {
		observance("DAYLIGHT", c.toDaylight, c.standard, c.daylight)
	}
	w.line("END", "VTIMEZONE")
}
