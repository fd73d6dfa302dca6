package ui_test

import (
	"context"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify"
	"eas.example/securemail/ui"
)

// teller runs what tells the person of news, until the test ends.
func (d *driver) teller() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- notify.NewTeller(notify.TellerConfig{House: d.agent}).Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			d.t.Error(err)
		}
	}
}

// A reminder stands on the screen until it is put off, dismissed or over, and
// takes no keys away.
func TestRemindersAreSnoozedOnTheScreen(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		ten := 10
		start := time.Date(2000, 1, 1, 0, 30, 0, 0, time.UTC)
		events := []activesync.Event{{UID: "audit@x", Subject: "Audit", Location: "Room 4", Start: start, End: start.Add(time.Hour), Reminder: &ten, BusyStatus: 2},
			{UID: "lunch@x", Subject: "Lunch", Start: start.Add(2 * time.Hour), End: start.Add(3 * time.Hour), Reminder: &ten}}
		withEvents(t, size[0], size[1], ui.Deps{}, events, func(t *testing.T, d *driver) {
			defer d.teller()()
			d.pass(10 * time.Minute)
			d.lacks("00:30 Audit")
			d.pass(11 * time.Minute)
			d.want("00:30 Audit, Room 4", "Snooze g r")
			d.press("1") // it stands wherever the person is
			d.want("00:30 Audit, Room 4")
			d.press("g", "r")
			d.want("Snooze for 10 minutes", "Snooze for 5 minutes", "Snooze until it begins", "Dismiss")
			d.press("2")
			d.want("You are reminded again at")
			d.pass(time.Minute)
			d.lacks("00:30 Audit, Room 4")
			d.pass(5 * time.Minute)
			d.want("00:30 Audit, Room 4")
			d.click("00:30 Audit")
			d.click("Dismiss")
			d.want("Dismissed.")
			d.pass(20 * time.Minute)
			d.lacks("00:30 Audit, Room 4")
			d.pass(100 * time.Minute)
			d.want("02:30 Lunch")
			d.pass(70 * time.Minute) // it is over
			d.lacks("02:30 Lunch", "Snooze")
		})
	}
}

// The title of the window has the unread messages of the Inbox.
func TestTheTitleHasTheUnreadOfTheInbox(t *testing.T) {
	withScreen(t, 80, 24, ui.Deps{}, "1", func(d *driver) error {
		for i, path := range []string{"Inbox", "Inbox", "Archive"} {
			d.deliver(path, []string{"Tide", "Quay", "Lock"}[i], time.Now().Add(-time.Duration(i)*time.Minute))
		}
		return nil
	}, func(t *testing.T, d *driver) {
		title := func(want string) {
			t.Helper()
			d.mu.Lock()
			defer d.mu.Unlock()
			if got := d.app.Title(); got != want {
				t.Errorf("the window is called %q, want %q", got, want)
			}
		}
		title("securemail (2)")
		d.press("u") // read
		d.pass(time.Second)
		title("securemail (1)")
		d.deliver("Inbox", "Another", time.Now().Add(time.Second))
		d.pass(10 * time.Second)
		title("securemail (2)")
		items, err := d.box.Items("Inbox")
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items { // elsewhere
			if err := d.box.MarkRead(it.ID, true); err != nil {
				t.Fatal(err)
			}
		}
		d.pass(10 * time.Second)
		title("securemail")
	})
}
