package ui

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// An invitation that ends in the year 9999 had all of the person's series laid out
// until then.
func TestConflictsAreNotSoughtForCenturies(t *testing.T) {
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for _, m := range []activesync.MeetingRequest{
		{Start: start, End: start.AddDate(7973, 0, 0)},
		{Start: start, End: start.AddDate(7973, 0, 0), AllDay: true},
		{Start: start, End: start.AddDate(7973, 0, 0), Recurrence: activesync.Recurrence{Set: true, Type: activesync.Daily}},
	} {
		times := inquiry{loc: time.UTC, now: start, meeting: m}.times()
		if len(times) == 0 {
			t.Errorf("%+v: no conflict would be found", m)
		}
		for _, o := range times {
			if o.End.After(start.AddDate(1, 0, 2)) {
				t.Errorf("%+v: conflicts are sought until %v", m, o.End)
			}
		}
	}
}
