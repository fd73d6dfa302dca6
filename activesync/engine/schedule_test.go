package engine

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

func TestDue(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	tests := []struct {
		name  string
		check activesync.CheckFrequency
		last  time.Time
		w     watch
		want  time.Time
		never bool
	}{
		{name: "manual is never due", check: activesync.CheckManual, w: watch{dirty: true}, never: true},
		{name: "push with news is due at once", check: activesync.CheckPush, last: ago(time.Minute), w: watch{dirty: true}},
		{name: "push never seen is due at once", check: activesync.CheckPush},
		{name: "quiet push is swept", check: activesync.CheckPush, last: ago(time.Minute), want: ago(time.Minute).Add(sweep)},
		{name: "timer never seen is due at once", check: activesync.Check5m},
		{name: "timer waits its interval", check: activesync.Check5m, last: ago(2 * time.Minute), want: now.Add(3 * time.Minute)},
		{name: "timer counts from the last attempt", check: activesync.Check15m, last: ago(time.Hour), w: watch{tried: ago(time.Minute)}, want: now.Add(14 * time.Minute)},
		{name: "a fault puts it off", check: activesync.CheckPush, w: watch{dirty: true, retry: now.Add(time.Hour)}, want: now.Add(time.Hour)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at, ok := due(tt.check, tt.last, tt.w)
			if ok == tt.never {
				t.Fatalf("due = %v, want never = %v", ok, tt.never)
			}
			if !at.Equal(tt.want) {
				t.Errorf("due at %v, want %v", at, tt.want)
			}
		})
	}
}

func TestPlanPutsAskedForAndInboxFirst(t *testing.T) {
	push := activesync.FolderOptions{AutoRefresh: true, Check: activesync.CheckPush}
	manual := activesync.FolderOptions{AutoRefresh: true, Check: activesync.CheckManual}
	folders := []activesync.Folder{
		{ID: 1, Type: activesync.FolderSent, Class: activesync.ClassEmail, FolderOptions: push},
		{ID: 2, Type: activesync.FolderInbox, Class: activesync.ClassEmail, FolderOptions: push},
		{ID: 3, Type: activesync.FolderUserMail, Class: activesync.ClassEmail, FolderOptions: manual},
		{ID: 4, Type: activesync.FolderUserMail, Class: activesync.ClassEmail, FolderOptions: manual},
		{ID: 5, Type: activesync.FolderDrafts, Class: activesync.ClassEmail, FolderOptions: push},
		{ID: 6, Type: activesync.FolderTasks, Class: activesync.ClassTasks, FolderOptions: push},
	}
	state := activesync.AccountState{Version: activesync.V141}
	p := makePlan(folders, state, map[activesync.FolderID]bool{4: true}, func(activesync.FolderID) watch { return watch{} }, attention{}, time.Now())
	var got []activesync.FolderID
	for _, f := range p.now {
		got = append(got, f.ID)
	}
	want := []activesync.FolderID{4, 2, 1}
	if len(got) != len(want) {
		t.Fatalf("now = %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("now = %v, want %v", got, want)
		}
	}
}

func TestPlanWithAutoRefreshOffAsksForNothing(t *testing.T) {
	folders := []activesync.Folder{{ID: 2, Type: activesync.FolderInbox, Class: activesync.ClassEmail,
		FolderOptions: activesync.FolderOptions{AutoRefresh: true, Check: activesync.CheckPush}}}
	p := makePlan(folders, activesync.AccountState{AutoRefreshOff: true}, nil, func(activesync.FolderID) watch { return watch{dirty: true} }, attention{}, time.Now())
	if len(p.now)+len(p.ping) != 0 || !p.next.IsZero() {
		t.Errorf("plan = %+v, want nothing", p)
	}
}

func TestStages(t *testing.T) {
	seen := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	mail := activesync.Folder{Class: activesync.ClassEmail}
	known := activesync.Folder{Class: activesync.ClassEmail, LastSync: seen}
	tests := []struct {
		name   string
		f      activesync.Folder
		st     activesync.SyncState
		target int
		filter int
		after  int
		last   bool
		news   bool
		whole  bool
	}{
		{name: "fresh begins with a week", f: mail, st: activesync.SyncState{Key: "0"}, target: 0, filter: 3, after: 0 | widening, whole: true},
		{name: "the week goes on", f: mail, st: activesync.SyncState{Key: "7", Filter: 3}, target: 0, filter: 3, after: 0 | widening, whole: true},
		{name: "then all with first words", f: mail, st: activesync.SyncState{Key: "8", Filter: widening}, target: 0, filter: 0, after: 0, last: true},
		{name: "in step: whole and news", f: known, st: activesync.SyncState{Key: "9", Filter: 0}, target: 0, filter: 0, after: 0, last: true, news: true, whole: true},
		{name: "a narrow period needs no stages", f: mail, st: activesync.SyncState{Key: "0"}, target: 2, filter: 2, after: 2, last: true, whole: true},
		{name: "narrowed at once", f: known, st: activesync.SyncState{Key: "9", Filter: 0}, target: 5, filter: 5, after: 5, last: true, news: true, whole: true},
		{name: "widened with first words", f: known, st: activesync.SyncState{Key: "9", Filter: 4}, target: 0, filter: 0, after: 0, last: true},
		{name: "calendars have one stage", f: activesync.Folder{Class: activesync.ClassCalendar}, st: activesync.SyncState{Key: "0"}, target: 4, filter: 4, after: 4, last: true, whole: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := nextStage(tt.f, tt.st, tt.target)
			if s.filter != tt.filter || s.after != tt.after || s.last != tt.last || s.news != tt.news || (s.text == recentText) != tt.whole {
				t.Errorf("stage = %+v, want %+v", s, tt)
			}
		})
	}
}
