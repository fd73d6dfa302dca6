package ui

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
)

func TestParseTime(t *testing.T) {
	zone := time.FixedZone("somewhere", 3600)
	now := time.Date(2026, 11, 26, 15, 20, 0, 0, zone) // a Thursday
	for s, want := range map[string]string{
		"17:30": "2026-11-26 17:30", "9:05": "2026-11-27 09:05", "today 9:05": "2026-11-26 09:05", "Tomorrow": "2026-11-27 08:00",
		"tomorrow at 9.15": "2026-11-27 09:15", "fri 7:00": "2026-11-27 07:00", "thursday": "2026-12-03 08:00", "monday, 10:00": "2026-11-30 10:00",
		"in 2 hours": "2026-11-26 17:20", "90 min": "2026-11-26 16:50", "in 3 days": "2026-11-29 15:20", "1w": "2026-12-03 15:20",
		"2026-12-24 10:00": "2026-12-24 10:00", "24 dec 10:00": "2026-12-24 10:00", "3 feb": "2027-02-03 08:00", "24.12. 10:00": "2026-12-24 10:00", "24.12.2027": "2027-12-24 08:00",
	} {
		if got, ok := ParseTime(s, now); !ok || got.Format("2006-01-02 15:04") != want || got.Location() != zone {
			t.Errorf("%q is %v, %t; want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "soon", "25:00", "9:75", "f 9:00", "31 feb", "in -2 h", "2026-13-01"} {
		if got, ok := ParseTime(s, now); ok {
			t.Errorf("%q is taken for %v", s, got)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	f.Add("tomorrow 9:00")
	f.Add("in 9999 weeks")
	f.Add("24.12. 10:00")
	now := time.Date(2026, 11, 26, 15, 20, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := ParseTime(s, now); ok && (got.IsZero() || got.Nanosecond() != now.Nanosecond()) {
			t.Errorf("%q gives %v", s, got)
		}
	})
}

func TestSendLater(t *testing.T) {
	b := newKeepingBackend()
	b.holds = true
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{To: []activesync.Address{{Address: "ana@x.test"}}, Subject: "x", Text: "y"}, "text"))
		s.keys("alt+s")
		s.shows("Send later", "Tomorrow morning", "Sun 2 Jan 08:00")
		s.keys("3")
		s.shows("Goes out Sun 2 Jan 08:00: x", "Undo z")
		if d := b.sent[0]; !d.Due.Equal(time.Date(2000, 1, 2, 8, 0, 0, 0, time.UTC)) {
			t.Errorf("due %v", d.Due)
		}
	})
}

func TestOutbox_held(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := activesync.Op{Kind: activesync.OpSend, State: activesync.OpPending, Created: time.Now(), Send: mailTo("Budget")}
		op.Send.Due = time.Now().Add(25 * time.Hour)
		b := waiting(op)
		s := openPrefs(t, Deps{Backend: b}, 120, 30)
		s.press("g", "o")
		s.has("↑ goes out Sun 2 Jan 01:00", "It waits here for its time", "r sends it now")
		s.press("r")
		b.wasAsked(t, "postpone 7 now")
		s.press("t", "5")
		s.press(strings.Split("2.1.2000", "")...)
		s.press("enter")
		s.has("That is no time")
		s.press("ctrl+u")
		s.press(strings.Split("sunday", "")...)
		s.press("enter")
		b.wasAsked(t, "postpone 7 now", "postpone 7 2000-01-02 08:00")
		s.press("t", "6")
		b.wasAsked(t, "postpone 7 now", "postpone 7 2000-01-02 08:00", "postpone 7 now")
		s.press("e")
		b.wasAsked(t, "postpone 7 now", "postpone 7 2000-01-02 08:00", "postpone 7 now", "take 7")
		s.has("As it was written.", "Not sent. It is here again.")
	})
}
