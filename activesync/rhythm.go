package activesync

import "time"

// Rhythm is what was learned of an account by the hour of the day: how much
// mail usually comes, and when the person last opened the program. Older days
// count less and less.
type Rhythm struct {
	Arrived [24]float64 `json:"arrived"`       // messages on a usual day, by hour
	Days    int         `json:"days"`          // that are known
	Day     int64       `json:"day,omitempty"` // the last of them, counted from 1970
	Opened  time.Time   `json:"opened,omitzero"`
}

// keep is how much of what was learned is left after a day.
const keep = 0.75

// Note adds messages that arrived at a time, which may be none. Hours are those
// of now's time zone.
func (r *Rhythm) Note(now time.Time, messages int) {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400
	switch {
	case r.Day == 0:
		r.Day = day
	case day > r.Day:
		past := 1.0
		for range min(day-r.Day, 60) {
			past *= keep
		}
		for h := range r.Arrived {
			r.Arrived[h] *= past
		}
		r.Days = min(r.Days+int(min(day-r.Day, 60)), 60)
		r.Day = day
	}
	r.Arrived[now.Hour()] += float64(messages)
}

// Usual is how many messages come in the hour of now on a usual day; ok is
// false while too few days are known.
func (r Rhythm) Usual(now time.Time) (messages float64, ok bool) {
	if r.Days < 3 {
		return 0, false
	}
	// What is kept of a long row of equal days is 1/(1-keep) of one of them.
	return r.Arrived[now.Hour()] * (1 - keep), true
}
