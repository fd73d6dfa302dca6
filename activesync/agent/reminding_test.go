package agent

import (
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// What was told stands on the screen until it is put off, dismissed or over.
func TestRemindersStandUntilTheyAreDealtWith(t *testing.T) {
	inFlat(t, func(f *flat) {
		ten := 10
		start := time.Now().Add(30 * time.Minute).UTC().Truncate(time.Minute)
		if _, err := f.box.AddEvent("Calendar", activesync.Event{UID: "audit", Subject: "Audit", Start: start, End: start.Add(time.Hour), Reminder: &ten, BusyStatus: 2}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.local.Sync(f.t.Context(), f.acc.ID, []activesync.FolderID{f.folder("Calendar")}, false, nil); err != nil {
			t.Fatal(err)
		}
		stand := func(want int) activesync.Reminder {
			t.Helper()
			all, err := f.local.Reminding(f.t.Context(), f.acc.ID)
			if err != nil || len(all) != want {
				t.Fatalf("%d reminders stand, want %d: %v", len(all), want, err)
			}
			if want == 0 {
				return activesync.Reminder{}
			}
			return all[0]
		}
		putOff := func(r activesync.Reminder, until time.Time) {
			t.Helper()
			if err := f.local.PutOff(f.t.Context(), f.acc.ID, r, until); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(10 * time.Minute)
		stand(0)
		time.Sleep(11 * time.Minute)
		r := stand(1)
		f.stands("Audit: " + start.Local().Format("15:04") + "–" + start.Add(time.Hour).Local().Format("15:04"))
		putOff(r, r.Start)
		stand(0)
		f.stands()
		time.Sleep(8 * time.Minute)
		stand(0)
		time.Sleep(2 * time.Minute) // it has begun
		r = stand(1)
		if n := len(f.desk.ever()); n != 2 {
			t.Errorf("told %d times", n)
		}
		putOff(r, time.Time{})
		f.stands()
		f.end() // a successor knows of it
		f.begin()
		time.Sleep(20 * time.Minute)
		stand(0)
		if n := len(f.desk.ever()); n != 2 {
			t.Errorf("told %d times after it was dismissed", n)
		}
	})
}
