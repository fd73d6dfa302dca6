package agent

import (
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/notify"
	"eas.example/securemail/store/storetest"
)

// The clock was three hours ahead and is set back: no message is told twice and
// none is lost, what was put off does not stay away for hours, and events are
// reminded of at their time.
func TestTheClockIsSetBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	var book *shelf
	var acc activesync.Account
	var begin time.Time
	synctest.Test(t, func(t *testing.T) { // the clock of a bubble always begins at the same time
		begin = time.Now()
		f := newFlatAt(t, path)
		book, acc = f.book, f.acc
		minutes := 15
		for name, hours := range map[string][2]time.Duration{
			"under way": {-2 * time.Hour, 9 * time.Hour}, "at noon": {time.Hour, 2 * time.Hour}, "later": {3*time.Hour + 10*time.Minute, 4 * time.Hour},
		} {
			if _, err := f.box.AddEvent("Calendar", activesync.Event{UID: name, Subject: name, Start: begin.Add(hours[0]), End: begin.Add(hours[1]), Reminder: &minutes}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.local.Sync(t.Context(), acc.ID, []activesync.FolderID{f.folder("Calendar")}, false, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		f.letter("Inbox", "Ana <ana@example.test>", "put off")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		for id, n := range f.desk.all() {
			if n.Title == "Ana" {
				f.desk.events <- notify.DesktopEvent{ID: id, Action: notify.ActSnooze}
			}
		}
		f.letter("Inbox", "Bob <bob@example.test>", "told")
		time.Sleep(10 * time.Second)
		now := time.Now().In(time.Local)
		f.choose(activesync.Notifications{Accounts: map[activesync.AccountID]activesync.AccountNotifications{acc.ID: {Quiet: []activesync.QuietHours{{
			From: time.Duration(now.Hour()) * time.Hour, To: time.Duration((now.Hour()+1)%24) * time.Hour}}}}})
		f.letter("Inbox", "Cy <cy@example.test>", "waiting")
		time.Sleep(10 * time.Second)
		f.end()
		if n := len(f.desk.ever()); n != 5 {
			t.Errorf("at first told of %d things: %+v", n, f.desk.ever())
		}
		storetest.Close(t, f.store)
	})
	synctest.Test(t, func(t *testing.T) {
		f := emptyFlat(t, path)
		f.book, f.acc = book, acc
		f.fail(&server.Fault{Refuse: true})
		f.begin()
		defer f.end()
		titles := func() (out []string) {
			synctest.Wait()
			for _, n := range f.desk.ever() {
				out = append(out, n.Title)
			}
			return out
		}
		for _, step := range []struct {
			at   time.Duration
			want []string
		}{
			{time.Minute, []string{"Cy"}},
			{11 * time.Minute, []string{"Cy", "Ana"}},
			{46 * time.Minute, []string{"Cy", "Ana", "at noon"}},
			{2 * time.Hour, []string{"Cy", "Ana", "at noon"}},
			{3 * time.Hour, []string{"Cy", "Ana", "at noon", "later"}},
			{8 * time.Hour, []string{"Cy", "Ana", "at noon", "later"}},
		} {
			time.Sleep(time.Until(begin.Add(step.at)))
			if got := titles(); !slices.Equal(got, step.want) {
				t.Errorf("after %v the person was told of %q, want %q", step.at, got, step.want)
			}
		}
	})
}
