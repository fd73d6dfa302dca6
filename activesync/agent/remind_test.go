package agent

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify"
)

func TestEventsAreRemindedOfOnceAndSnoozed(t *testing.T) {
	inFlat(t, func(f *flat) {
		minutes := 15
		start := time.Now().Add(time.Hour).UTC().Truncate(time.Minute)
		if _, err := f.box.AddEvent("Calendar", activesync.Event{UID: "1", Subject: "Audit", Location: "Room 4", Start: start, End: start.Add(time.Hour), Reminder: &minutes}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.local.Sync(f.t.Context(), f.acc.ID, []activesync.FolderID{f.folder("Calendar")}, false, nil); err != nil {
			t.Fatal(err)
		}
		f.stands()
		time.Sleep(time.Until(start.Add(-15 * time.Minute)))
		what := "Audit: " + start.Local().Format("15:04") + "–" + start.Add(time.Hour).Local().Format("15:04") + ", Room 4"
		f.stands(what)
		f.end()
		f.begin()
		f.stands(what)
		if f.desk.shows != 1 {
			t.Errorf("reminded %d times", f.desk.shows)
		}
		f.desk.events <- notify.DesktopEvent{ID: f.desk.id(), Action: notify.ActSnooze}
		f.stands()
		time.Sleep(activesync.DefaultSnooze)
		f.stands(what)
		time.Sleep(2 * time.Hour)
		f.stands() // it is over
	})
}

func TestAMachineThatSleptForDaysRemindsOfWhatIsNotOver(t *testing.T) {
	inFlat(t, func(f *flat) {
		minutes := 15
		for i, start := range []time.Time{time.Now().Add(10 * time.Hour), time.Now().Add(72*time.Hour - 30*time.Minute)} {
			start = start.UTC().Truncate(time.Minute)
			if _, err := f.box.AddEvent("Calendar", activesync.Event{UID: fmt.Sprint(i), Subject: fmt.Sprint("Event ", i), Start: start, End: start.Add(time.Hour), Reminder: &minutes}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.local.Sync(f.t.Context(), f.acc.ID, []activesync.FolderID{f.folder("Calendar")}, false, nil); err != nil {
			t.Fatal(err)
		}
		f.end() // a process that is stopped sees nothing of the time either
		time.Sleep(72 * time.Hour)
		f.letter("Inbox", "Ana <ana@example.test>", "one")
		f.begin()
		time.Sleep(time.Minute)
		synctest.Wait()
		titles := strings.Join(f.desk.standing(), "; ")
		if !strings.Contains(titles, "Event 1") || strings.Contains(titles, "Event 0") || !strings.Contains(titles, "Ana: one") {
			t.Errorf("the desktop shows %s", titles)
		}
	})
}

// Of many at once there is one notification, with Snooze, which goes when none of
// them is left.
func TestManyRemindersAtOnceAreOneNotification(t *testing.T) {
	inFlat(t, func(f *flat) {
		minutes := 15
		start := time.Now().Add(time.Hour).UTC().Truncate(time.Minute)
		for i := range 5 {
			if _, err := f.box.AddEvent("Calendar", activesync.Event{UID: fmt.Sprint(i), Subject: fmt.Sprint("Event ", i), Start: start, End: start.Add(time.Duration(i+1) * time.Hour), Reminder: &minutes}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.local.Sync(f.t.Context(), f.acc.ID, []activesync.FolderID{f.folder("Calendar")}, false, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(start.Add(-15 * time.Minute)))
		synctest.Wait()
		stands := func() string { synctest.Wait(); return strings.Join(f.desk.standing(), "; ") }
		what := stands()
		if !strings.HasPrefix(what, "5 events: Event ") || strings.Contains(what, "; ") {
			t.Errorf("the desktop shows %q", what)
		}
		f.desk.events <- notify.DesktopEvent{ID: f.desk.id(), Action: notify.ActSnooze}
		f.stands()
		time.Sleep(activesync.DefaultSnooze)
		if now := stands(); now != what {
			t.Errorf("put off, the desktop shows %q, before %q", now, what)
		}
		all, err := f.local.Reminding(t.Context(), f.acc.ID)
		if err != nil || len(all) != 5 {
			t.Fatalf("%d reminders, %v", len(all), err)
		}
		for i, r := range all {
			if err := f.local.PutOff(t.Context(), f.acc.ID, r, time.Time{}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if now := stands(); (now == "") != (i == len(all)-1) {
				t.Errorf("%d of them dismissed, the desktop shows %q", i+1, now)
			}
		}
	})
}

// A configuration that cannot be read for a moment does not keep anybody from
// being reminded.
func TestRemindersOutliveABrokenConfiguration(t *testing.T) {
	inFlat(t, func(f *flat) {
		start, minutes := time.Now().Add(21*time.Minute), 20
		if _, err := f.box.AddEvent("Calendar", activesync.Event{UID: "1", Subject: "Audit", Start: start, End: start.Add(time.Hour), Reminder: &minutes}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.local.Sync(f.t.Context(), f.acc.ID, []activesync.FolderID{f.folder("Calendar")}, false, nil); err != nil {
			t.Fatal(err)
		}
		f.stands()
		f.book.breaks(errors.New("half of it is written"))
		f.local.hub.publish(activesync.Notice{Kind: activesync.NoticeClock})
		synctest.Wait()
		f.book.breaks(nil)
		time.Sleep(2 * time.Minute)
		if shown := f.desk.standing(); len(shown) != 1 || !strings.HasPrefix(shown[0], "Audit") {
			t.Errorf("the desktop shows %q", shown)
		}
	})
}

// What a calendar may tell is chosen as of any folder, and holds for what stands.
func TestACalendarTellsNoMoreThanIsChosenForIt(t *testing.T) {
	inFlat(t, func(f *flat) {
		calendar, minutes := f.folder("Calendar"), 15
		choose := func(o activesync.FolderOptions) {
			t.Helper()
			o.AutoRefresh, o.Check, o.Period = true, activesync.CheckPush, activesync.PeriodAll
			if err := f.local.SetFolderOptions(f.t.Context(), calendar, o); err != nil {
				t.Fatal(err)
			}
		}
		event := func(uid string) {
			t.Helper()
			start := time.Now().Add(10 * time.Minute).UTC().Truncate(time.Minute)
			if _, err := f.box.AddEvent("Calendar", activesync.Event{UID: uid, Subject: "Audit " + uid, Start: start, End: start.Add(time.Hour), Reminder: &minutes}); err != nil {
				t.Fatal(err)
			}
			if _, err := f.local.Sync(f.t.Context(), f.acc.ID, []activesync.FolderID{calendar}, false, nil); err != nil {
				t.Fatal(err)
			}
		}
		choose(activesync.FolderOptions{NotifyContent: activesync.ContentBlock})
		event("1")
		f.stands()
		choose(activesync.FolderOptions{Notify: activesync.NotifyNever})
		event("2")
		f.stands()
		choose(activesync.FolderOptions{NotifyContent: activesync.ContentSender})
		event("3")
		f.stands("Audit 3")
		choose(activesync.FolderOptions{NotifyContent: activesync.ContentCount})
		f.stands()
		event("4")
		f.stands("1 event")
	})
}
