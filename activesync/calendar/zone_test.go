package calendar

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sameClock compares two locations hour by hour over a year.
func sameClock(t *testing.T, a, b *time.Location, year int) {
	t.Helper()
	for tm := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); tm.Year() == year; tm = tm.Add(30 * time.Minute) {
		_, x := tm.In(a).Zone()
		if _, y := tm.In(b).Zone(); x != y {
			t.Errorf("at %v %v is %d s east, %v %d s", tm, a, x, b, y)
			return
		}
	}
}

func TestEveryZoneOfWindowsSurvives(t *testing.T) {
	for _, z := range windowsZones {
		loc := place(t, z.iana)
		for _, year := range []int{2024, 2025} {
			up, down, ok := turns(loc, year)
			if _, from := time.Date(year, 1, 1, 0, 0, 0, 0, loc).Zone(); !ok {
				if _, to := time.Date(year, 12, 31, 23, 0, 0, 0, loc).Zone(); from != to {
					continue // moved for good in that year, which the structure cannot say
				}
			}
			zone, err := ParseTimeZone(EncodeTimeZone(loc, year))
			if err != nil {
				t.Errorf("%s: %v", z.iana, err)
				continue
			}
			if zone.StandardName != z.windows[:min(len(z.windows), 31)] || zone.Daylight() != ok {
				t.Errorf("%s: name %q, changes %v (%v %v)", z.iana, zone.StandardName, zone.Daylight(), up, down)
			}
			sameClock(t, loc, zone.Location(), year)
		}
	}
}

// The rule holds in the years after too where the place keeps to one: the last
// Sunday is the fourth at times.
func TestRuleHoldsInLaterYears(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Asia/Beirut", "America/Havana", "America/Nuuk", "America/St_Johns"} {
		loc := place(t, name)
		for from := 2025; from < 2031; from += 2 {
			zone, err := ParseTimeZone(EncodeTimeZone(loc, from))
			if err != nil {
				t.Fatal(err)
			}
			for year := 2025; year < 2036; year++ {
				if name == "America/Nuuk" && year != from {
					continue // the Saturday before the last Sunday is no nth Saturday
				}
				sameClock(t, loc, zone.Location(), year)
			}
		}
	}
}

// berlin is the structure as Windows writes it, byte for byte.
func berlinBlob() []byte {
	b := make([]byte, 172)
	put16 := func(i int, v ...uint16) {
		for n, x := range v {
			binary.LittleEndian.PutUint16(b[i+2*n:], x)
		}
	}
	binary.LittleEndian.PutUint32(b, 0xFFFFFFC4) // -60
	for i, c := range "W. Europe Standard Time" {
		put16(4+2*i, uint16(c))
	}
	for i, c := range "W. Europe Daylight Time" {
		put16(88+2*i, uint16(c))
	}
	put16(68, 0, 10, 0, 5, 3)
	put16(152, 0, 3, 0, 5, 2)
	binary.LittleEndian.PutUint32(b[168:], 0xFFFFFFC4)
	return b
}

func TestTheBytesOfWindows(t *testing.T) {
	if got := EncodeTimeZone(place(t, "Europe/Berlin"), 2026); string(got) != string(berlinBlob()) {
		t.Errorf("got % x", got)
	}
}

func TestZonesAsServersWriteThem(t *testing.T) {
	berlin := place(t, "Europe/Berlin")
	change := func(edit func(b []byte)) []byte {
		b := berlinBlob()
		edit(b)
		return b
	}
	put := func(b []byte, i int, v ...uint16) {
		for n, x := range v {
			binary.LittleEndian.PutUint16(b[i+2*n:], x)
		}
	}
	noise := rand.New(rand.NewPCG(1, 2))
	tests := []struct {
		name string
		blob []byte
		want *time.Location
	}{
		{"dates of one year", change(func(b []byte) { put(b, 68, 2023, 10, 0, 29, 3); put(b, 152, 2023, 3, 0, 26, 2) }), berlin},
		{"day of the month without a year", change(func(b []byte) { put(b, 68, 0, 10, 0, 26, 3); put(b, 152, 0, 3, 0, 30, 2) }), berlin},
		{"a bias without dates", change(func(b []byte) { put(b, 68, 0, 0, 0, 0, 0); put(b, 152, 0, 0, 0, 0, 0) }), time.FixedZone("", 3600)},
		{"a standard bias without dates", change(func(b []byte) { put(b, 68, 0, 0); put(b, 84, 30) }), time.FixedZone("", 3600)},
		{"one date only", change(func(b []byte) { put(b, 152, 0, 0, 0, 0, 0) }), time.FixedZone("", 3600)},
		{"no difference", change(func(b []byte) { put(b, 168, 0, 0) }), time.FixedZone("", 3600)},
		{"all zero", make([]byte, 172), time.UTC},
		{"the end of a day", change(func(b []byte) { put(b, 152, 0, 3, 6, 5, 23, 59, 59, 999); put(b, 68, 0, 10, 6, 5, 23, 59, 59, 999) }), nil},
	}
	for range 20 {
		b := make([]byte, 172)
		for i := 68; i < 84; i++ {
			b[i] = byte(noise.Uint32())
		}
		tests = append(tests, struct {
			name string
			blob []byte
			want *time.Location
		}{"rubbish in a zone without changes", b, time.UTC})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			z, err := ParseTimeZone(tt.blob)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want != nil {
				sameClock(t, tt.want, z.Location(), 2026)
				return
			}
			before, after := at(t, time.UTC, "2026-03-28 22:59"), at(t, time.UTC, "2026-03-28 23:00")
			if a, b := before.In(z.Location()).Format("02 15:04"), after.In(z.Location()).Format("02 15:04"); a != "28 23:59" || b != "29 01:00" {
				t.Errorf("got %s and %s", a, b)
			}
		})
	}
	for _, b := range [][]byte{nil, make([]byte, 171), change(func(b []byte) { binary.LittleEndian.PutUint32(b, 1<<31) }), change(func(b []byte) { put(b, 168, 2000, 0) })} {
		if z, err := ParseTimeZone(b); !errors.Is(err, ErrZone) || z != nil {
			t.Errorf("%d bytes: got %v, %v", len(b), z, err)
		}
	}
}

func TestIANA(t *testing.T) {
	rename := func(b []byte, name string) []byte {
		clear(b[4:68])
		putText(b[4:68], name)
		clear(b[88:152])
		return b
	}
	tests := []struct {
		name string
		blob []byte
		want string
	}{
		{"by its name among equals", rename(berlinBlob(), "Romance Standard Time"), "Europe/Paris"},
		{"by its IANA name", rename(berlinBlob(), "Europe/Vienna"), "Europe/Vienna"},
		{"with cities", rename(berlinBlob(), "(UTC+01:00) Brussels, Paris"), "Europe/Paris"},
		{"no name", rename(berlinBlob(), ""), "Europe/Berlin"},
		{"a name in another language", rename(berlinBlob(), "Mitteleuropäische Zeit"), "Europe/Berlin"},
		{"the clock goes before the name", rename(berlinBlob(), "Tokyo Standard Time"), "Europe/Berlin"},
		{"India", EncodeTimeZone(place(t, "Asia/Kolkata"), 2026), "Asia/Calcutta"},
		{"nothing like it", rename(clock{standard: 7 * 60, daylight: 7 * 60}.encode("", ""), "Nowhere"), ""},
		{"only the name", rename(clock{standard: 7 * 60, daylight: 7 * 60}.encode("", ""), "Tokyo Standard Time"), "Asia/Tokyo"},
	}
	for _, tt := range tests {
		z, err := ParseTimeZone(tt.blob)
		if err != nil {
			t.Fatal(err)
		}
		if got := z.IANA(2026); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNamesOfZones(t *testing.T) {
	for name, want := range map[string]string{
		"W. Europe Standard Time": "Europe/Berlin", "w. europe standard time": "Europe/Berlin", "Europe/Vienna": "Europe/Vienna",
		"/mozilla.org/20050126_1/Europe/Berlin":                                  "Europe/Berlin",
		"/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires": "America/Argentina/Buenos_Aires",
		"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna":           "Europe/Berlin",
		"(GMT-05:00) Eastern Time (US & Canada)":                                 "America/New_York",
		"(UTC-08:00) Pacific Time (US & Canada)":                                 "America/Los_Angeles",
		"(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi":                        "UTC+0530",
		"(UTC) Dublin, Edinburgh, Lisbon, London":                                "Europe/London",
		"UTC": "UTC", "GMT": "UTC", "UTC-02": "Etc/GMT+2", "GMT+2": "UTC+02", `"Europe/Berlin"`: "Europe/Berlin",
	} {
		if loc, err := LoadZone(name); err != nil || loc.String() != want {
			t.Errorf("%s: got %v, %v, want %s", name, loc, err, want)
		}
	}
	for _, name := range []string{"", "Local", "Customized Time Zone", "tzone://Microsoft/Custom", "../../etc/passwd", "(UTC+99:00) Nowhere", "/"} {
		if loc, err := LoadZone(name); !errors.Is(err, ErrZone) {
			t.Errorf("%q: got %v, %v", name, loc, err)
		}
	}
	for iana, want := range map[string]string{"Europe/Berlin": "W. Europe Standard Time", "Asia/Kolkata": "India Standard Time", "Europe/Kyiv": "FLE Standard Time", "UTC": "UTC", "Europe/Vienna": ""} {
		if got, _ := WindowsName(iana); got != want {
			t.Errorf("%s: got %q, want %q", iana, got, want)
		}
	}
}

// A time of the clock and the moment it means.
func TestInstant(t *testing.T) {
	for _, name := range testZones {
		loc := place(t, name)
		rapid.Check(t, func(t *rapid.T) {
			tm := time.Unix(rapid.Int64Range(1.6e9, 1.9e9).Draw(t, "t")/60*60, 0).UTC()
			w := wall(tm, loc)
			got := instant(w, loc)
			if !wall(got, loc).Equal(w) || got.After(tm) || tm.Sub(got) > time.Hour {
				t.Fatalf("%s: %v shows %v, which is %v", name, tm, w, got)
			}
		})
	}
	samoa := place(t, "Pacific/Apia") // which left out a whole day
	if got := wall(instant(at(t, time.UTC, "2011-12-30 12:00"), samoa), samoa); got.Format(time.DateOnly) != "2011-12-31" {
		t.Errorf("got %v", got)
	}
}

func FuzzParseTimeZone(f *testing.F) {
	f.Add(berlinBlob())
	f.Add(make([]byte, 172))
	for _, name := range testZones {
		f.Add(EncodeTimeZone(place(f, name), 2026))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := ParseTimeZone(b)
		if err != nil {
			return
		}
		again, err := ParseTimeZone(z.clock.encode(z.StandardName, z.DaylightName))
		if err != nil || again.clock != z.clock {
			t.Fatalf("%+v becomes %+v, %v", z.clock, again, err)
		}
		z.IANA(2026)
		now := at(t, time.UTC, "2026-06-01")
		if w := wall(now, z.Location()); w.Sub(now).Abs() > 24*time.Hour {
			t.Fatalf("clock shows %v at %v", w, now)
		}
	})
}
