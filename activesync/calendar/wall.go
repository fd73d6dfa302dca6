package calendar

import "time"

// wall is what a clock in loc shows at t, as if it were UTC.
func wall(t time.Time, loc *time.Location) time.Time {
	_, offset := t.In(loc).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// instant is when a clock in loc shows w. A time that comes twice is the first
// of the two; one that is left out is read with the offset until then, as
// RFC 5545 3.3.5 has it.
func instant(w time.Time, loc *time.Location) time.Time {
	offset := func(t time.Time) time.Duration {
		_, s := t.In(loc).Zone()
		return time.Duration(s) * time.Second
	}
	before := offset(w.Add(-day))
	t := w.Add(-before)
	if offset(t) == before {
		return t.UTC()
	}
	if after := offset(w.Add(day)); offset(w.Add(-after)) == after {
		return w.Add(-after).UTC()
	}
	return t.UTC()
}

// midnight cuts the time of the day off a wall time.
func midnight(w time.Time) time.Time {
	return time.Date(w.Year(), w.Month(), w.Day(), 0, 0, 0, 0, time.UTC)
}

// dateOf is the day that a time of an all-day event stands for, as midnight UTC:
// the digits where they are a midnight, else the day that begins then in the
// zone of the event, else the nearest midnight to be had on Earth, which
// reaches 14 hours ahead of UTC but is hardly lived in beyond 10 behind.
func dateOf(t time.Time, zone *time.Location) time.Time {
	t = t.UTC()
	if t.Equal(midnight(t)) {
		return t
	}
	if zone != nil {
		if w := wall(t, zone); w.Equal(midnight(w)) {
			return w
		}
	}
	if t.Hour() >= 11 {
		t = t.Add(day)
	}
	return midnight(t)
}
