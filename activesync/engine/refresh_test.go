package engine

import (
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

func TestInterval(t *testing.T) {
	const quarter, day = 15 * time.Minute, 24 * time.Hour
	for _, tt := range []struct {
		name string
		f    Factors
		want time.Duration
		why  string // in the reasons
	}{
		{name: "nothing known", f: Factors{Check: quarter}, want: quarter},
		{name: "on battery", f: Factors{Check: quarter, Surroundings: Surroundings{Battery: true, Charge: 80}}, want: 2 * quarter, why: "on battery"},
		{name: "battery low", f: Factors{Check: quarter, Surroundings: Surroundings{Battery: true, Charge: 9}}, want: 4 * quarter, why: "9 %"},
		{name: "charge counts on battery only", f: Factors{Check: quarter, Surroundings: Surroundings{Charge: 9}}, want: quarter},
		{name: "metered", f: Factors{Check: time.Hour, Surroundings: Surroundings{Metered: true}}, want: 2 * time.Hour, why: "metered"},
		{name: "a quiet hour", f: Factors{Check: quarter, Known: true, Usual: 0.1}, want: 2 * quarter, why: "hardly any"},
		{name: "an hour nobody knows", f: Factors{Check: quarter, Usual: 0.1}, want: quarter},
		{name: "a busy hour is not below the check frequency", f: Factors{Check: quarter, Known: true, Usual: 40}, want: quarter},
		{name: "a busy hour on battery", f: Factors{Check: quarter, Known: true, Usual: 40, Surroundings: Surroundings{Battery: true, Charge: 50}}, want: quarter, why: "much mail"},
		{name: "opened an hour ago", f: Factors{Check: quarter, Unopened: time.Hour}, want: quarter},
		{name: "not opened for a day", f: Factors{Check: quarter, Unopened: day}, want: 2 * quarter, why: "a day"},
		{name: "not opened for nine", f: Factors{Check: quarter, Unopened: 9 * day}, want: 4 * quarter, why: "9 days"},
		{name: "one empty wake is nothing", f: Factors{Check: quarter, EmptyWakes: 1}, want: quarter},
		{name: "four empty wakes", f: Factors{Check: quarter, EmptyWakes: 4}, want: 2 * quarter, why: "4 times"},
		{name: "empty wakes have a bound", f: Factors{Check: quarter, EmptyWakes: 1000}, want: 3 * quarter},
		{name: "failures double", f: Factors{Check: quarter, Failures: 2}, want: 4 * quarter, why: "failed 2"},
		{name: "all of it has a bound", f: Factors{Check: quarter, Failures: 9, EmptyWakes: 99, Unopened: 30 * day, Surroundings: Surroundings{Battery: true, Metered: true}}, want: longestRefresh},
		{name: "the person's own is longer", f: Factors{Check: day, Failures: 9}, want: day},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, why := Interval(tt.f)
			if got != tt.want || !strings.Contains(strings.Join(why, "; "), tt.why) {
				t.Errorf("%v because %q, want %v with %q", got, why, tt.want, tt.why)
			}
		})
	}
}

// FuzzInterval holds what may never be broken: the person's own frequency.
func FuzzInterval(f *testing.F) {
	f.Add(int64(15*time.Minute), 3.0, true, int64(time.Hour), true, 50, true, 3, 1)
	f.Fuzz(func(t *testing.T, check int64, usual float64, known bool, unopened int64, battery bool, charge int, metered bool, empty, failures int) {
		if check < 0 || check > int64(24*time.Hour) || empty < 0 || failures < 0 {
			t.Skip()
		}
		d, _ := Interval(Factors{Check: time.Duration(check), Usual: usual, Known: known, Unopened: time.Duration(unopened),
			Surroundings: Surroundings{battery, charge, metered}, EmptyWakes: empty, Failures: failures})
		if d < time.Duration(check) || d > max(longestRefresh, time.Duration(check)) {
			t.Errorf("an interval of %v for a check frequency of %v", d, time.Duration(check))
		}
	})
}

func TestRhythmLearnsTheHours(t *testing.T) {
	var r activesync.Rhythm
	start := time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)
	for day := range 20 {
		r.Note(start.AddDate(0, 0, day), 8)
	}
	now := start.AddDate(0, 0, 20)
	r.Note(now, 0)
	if n, ok := r.Usual(now); !ok || n < 5 || n > 9 {
		t.Errorf("%v messages at nine, %v; 8 came each day", n, ok)
	}
	if n, ok := r.Usual(now.Add(12 * time.Hour)); !ok || n != 0 {
		t.Errorf("%v messages at nine in the evening, %v", n, ok)
	}
	if _, ok := (activesync.Rhythm{}).Usual(now); ok {
		t.Error("a new account knows its hours")
	}
	r.Note(now.AddDate(1, 0, 0), 0)
	if n, _ := r.Usual(now); n > 0.01 {
		t.Errorf("after a year %v are left", n)
	}
}

// TestClockSetBackDoesNotSilenceAFolder: a last look that lies in the future
// put off the next one until the clock had caught up.
func TestClockSetBackDoesNotSilenceAFolder(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, care := range []Care{CareLive, CareRefresh} {
		f := activesync.Folder{ID: 1, Type: activesync.FolderInbox, Class: activesync.ClassEmail, LastSync: now.AddDate(0, 1, 0),
			FolderOptions: activesync.FolderOptions{AutoRefresh: true, Check: activesync.Check15m}}
		p := makePlan([]activesync.Folder{f}, activesync.AccountState{}, nil, func(activesync.FolderID) watch { return watch{} }, attention{care: care}, now)
		if len(p.now) != 1 {
			t.Errorf("care %d: the folder waits until %v", care, p.next)
		}
		// So did a look that was asked for, and a folder that was put off.
		f.LastSync = now.Add(-20 * time.Minute)
		p = makePlan([]activesync.Folder{f}, activesync.AccountState{}, nil, func(activesync.FolderID) watch { return watch{retry: now.AddDate(0, 1, 0)} },
			attention{care: care, asked: now.Add(2 * time.Hour), rung: now.Add(2 * time.Hour)}, now)
		if care == CareLive && len(p.now) != 1 || p.next.After(now.Add(time.Hour)) {
			t.Errorf("care %d: the folder that was asked for waits until %v", care, p.next)
		}
	}
}

// TestClockSetBackDoesNotPutOffAFolder: one that was to be tried again later,
// before the clock was set back by a month, waited for a month.
func TestClockSetBackDoesNotPutOffAFolder(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	f := activesync.Folder{ID: 1, Type: activesync.FolderInbox, Class: activesync.ClassEmail,
		FolderOptions: activesync.FolderOptions{AutoRefresh: true, Check: activesync.CheckPush}}
	for retry, due := range map[time.Duration]bool{31 * 24 * time.Hour: true, time.Hour: false} {
		p := makePlan([]activesync.Folder{f}, activesync.AccountState{}, nil, func(activesync.FolderID) watch { return watch{dirty: true, retry: now.Add(retry)} },
			attention{}, now)
		if got := len(p.now) == 1; got != due {
			t.Errorf("put off by %v: due is %v", retry, got)
		}
	}
}
