package activesync

import (
	"testing"
	"time"
)

func TestQuietHours(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("Mon 2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const none = "Mon 0001-01-01 00:00"
	for _, tt := range []struct{ hours, now, until string }{
		{"22:00-07:00", "Sat 2026-11-28 21:59", none},
		{"22:00-07:00", "Sat 2026-11-28 22:00", "Sun 2026-11-29 07:00"},
		{"22:00-07:00", "Sat 2026-11-28 06:59", "Sat 2026-11-28 07:00"},
		{"22:00-07:00", "Sat 2026-11-28 07:00", none},
		{"12:00-13:00", "Sat 2026-11-28 12:30", "Sat 2026-11-28 13:00"},
		{"fri 22:00-07:00", "Sat 2026-11-28 06:00", "Sat 2026-11-28 07:00"}, // it is still Friday's
		{"sat 22:00-07:00", "Sat 2026-11-28 06:00", none},
		{"sat,sun 00:00-24:00", "Sat 2026-11-28 06:00", "Mon 2026-11-30 00:00"},
		{"00:00-24:00", "Sat 2026-11-28 06:00", "Sun 2026-11-29 00:00"},
	} {
		q, err := ParseQuietHours(tt.hours)
		if err != nil {
			t.Fatal(err)
		}
		if q.String() != tt.hours {
			t.Errorf("%q is written %q", tt.hours, q)
		}
		want := at(tt.until)
		if tt.until == none {
			want = time.Time{}
		}
		if tt.hours == "00:00-24:00" {
			continue // always quiet; that it ends is looked at below
		}
		if got := (AccountNotifications{Quiet: []QuietHours{q}}).QuietUntil(at(tt.now)); !got.Equal(want) {
			t.Errorf("%s at %s: until %v, want %v", tt.hours, tt.now, got, want)
		}
	}
	always := AccountNotifications{Quiet: []QuietHours{{From: 0, To: 24 * time.Hour}}}
	if got := always.QuietUntil(at("Sat 2026-11-28 06:00")); got.IsZero() {
		t.Error("a whole day is not quiet")
	}
	for _, s := range []string{"", "22:00", "22:00-22:00", "24:00-01:00", "xyz 22:00-07:00", "sat,sat 22:00-07:00", "7-8", "22:60-07:00", "a b c"} {
		if q, err := ParseQuietHours(s); err == nil {
			t.Errorf("%q is read as %v", s, q)
		}
	}
}

func FuzzParseQuietHours(f *testing.F) {
	f.Add("22:00-07:00")
	f.Add("sat,sun 00:00-24:00")
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseQuietHours(s)
		if err != nil {
			return
		}
		again, err := ParseQuietHours(q.String())
		if err != nil || again.String() != q.String() {
			t.Errorf("%q is read as %q, that as %q, %v", s, q, again, err)
		}
	})
}

func TestNotifyContentStricter(t *testing.T) {
	for _, tt := range []struct{ a, b, want NotifyContent }{
		{"", "", ContentAllow}, {ContentAllow, ContentCount, ContentCount}, {ContentBlock, ContentSender, ContentBlock}, {"nonsense", ContentAllow, ContentBlock},
	} {
		if got := tt.a.Stricter(tt.b); got != tt.want {
			t.Errorf("%q and %q: %q, want %q", tt.a, tt.b, got, tt.want)
		}
	}
	for in, want := range map[string]NotifyContent{"Allow": ContentAllow, "count_only": ContentCount, "sender-or-subject": ContentSender, "sender or title": ContentSender, "x": ""} {
		if got, err := ParseNotifyContent(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestVIP(t *testing.T) {
	n := Notifications{VIPs: []string{"Ana@example.test", "@board.test", ""}}
	for address, want := range map[string]bool{"ana@EXAMPLE.test": true, "bob@board.test": true, "bob@notboard.test": false, "": false, "eve@example.test": false} {
		if n.IsVIP(Address{Address: address}) != want {
			t.Errorf("%q", address)
		}
	}
}
