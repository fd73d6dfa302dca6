package wire

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseTime(t *testing.T) {
	want := time.Date(2026, 9, 8, 9, 5, 7, 0, time.UTC)
	for _, s := range []string{"2026-09-08T09:05:07.000Z", "2026-09-08T09:05:07Z", "20260908T090507Z", "20260908T090507.000Z",
		" 2026-09-08T09:05:07.000Z\n", "2026-09-08T11:05:07+02:00", "2026-09-08T09:05:07", "20260908T090507"} {
		if got, err := ParseTime(s); err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q is %v, %v", s, got, err)
		}
	}
	if got, err := ParseTime("2026-09-08T09:05:07.250Z"); err != nil || got.Sub(want) != 250*time.Millisecond {
		t.Errorf("with a fraction: %v, %v", got, err)
	}
	for _, s := range []string{"2026-09-08", "20260908"} {
		if got, err := ParseTime(s); err != nil || !got.Equal(time.Date(2026, 9, 8, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%q is %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "0", "now", "2026-13-08T09:05:07.000Z", "20260230T000000Z", "2026-09-08T25:00:00Z", "2026"} {
		if got, err := ParseTime(s); err == nil {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func TestBothFormsOfADate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := time.Unix(rapid.Int64Range(-11644473600, 253402300799).Draw(t, "seconds"), 0).UTC()
		for _, s := range []Stamp{Dashed(want), Compact(want)} {
			if got, err := ParseTime(string(s)); err != nil || !got.Equal(want) {
				t.Fatalf("%q is %v, %v", s, got, err)
			}
		}
	})
}

func FuzzParseTime(f *testing.F) {
	f.Add("2026-09-08T09:05:07.000Z")
	f.Add("20260908T090507Z")
	f.Add("2026-09-08")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s)
		if err != nil {
			return
		}
		if y := got.Year(); y < 0 || y > 9999 {
			return // a zone may carry it over the edge
		}
		again, err := ParseTime(string(Dashed(got)))
		if err != nil || !again.Equal(got.Truncate(time.Millisecond)) {
			t.Errorf("%q is %v, then %v, %v", s, got, again, err)
		}
	})
}
