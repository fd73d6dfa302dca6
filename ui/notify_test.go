package ui_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// Settings › Notifications: what is chosen is kept by the agent, shown, and
// taken back.
func TestNotificationsAreChosen(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		synctest.Test(t, func(t *testing.T) {
			d := newDriver(t, server.Config{})
			d.open(size[0], size[1], ui.Deps{})
			defer d.close()
			choices := func() activesync.Notifications {
				t.Helper()
				n, err := d.agent.Notifications(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
			d.press(",", "j", "j", "enter")
			d.want("How", "(●) Auto", "( ) Desktop", "Control locked screen notifications")
			d.click("( ) Terminal")
			d.want("(●) Terminal")
			if n := choices(); n.Way != activesync.NotifyTerminal {
				t.Errorf("the agent has %+v", n)
			}
			d.click("Control locked screen notifications")
			d.click("( ) Count only")
			if n := choices(); n.Content != activesync.ContentCount {
				t.Errorf("the agent has %+v", n)
			}
			d.press("z")
			if n := choices(); n.Content != "" {
				t.Errorf("not taken back: %+v", n)
			}
			d.press("G", "enter") // quiet hours, at the end of the page
			d.want("Quiet hours")
			for _, r := range "22:00-07:00" {
				d.press(string(r))
			}
			d.press("enter")
			if n := choices(); len(n.Accounts["a"].Quiet) != 1 || n.Accounts["a"].Quiet[0].String() != "22:00-07:00" {
				t.Errorf("the agent has %+v", n)
			}
		})
	}
}

// Sync options › Notifications of a calendar: its reminders or none, since no VIP
// sends an event. Of people nothing is told.
func TestNotificationsOfACalendarAreChosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.open(80, 24, ui.Deps{})
		defer d.close()
		calendar := func() activesync.Folder {
			t.Helper()
			all, err := d.agent.Folders(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			return all[slices.IndexFunc(all, func(f activesync.Folder) bool { return f.Type == activesync.FolderCalendar })]
		}
		d.press("3", ".")
		d.click("Sync options")
		d.want("Calendar: Sync options", "Reminders")
		d.click("Notifications")
		d.want("(●) Reminders")
		d.lacks("VIP senders")
		d.click("( ) None")
		d.want("Calendar: Notifications: None")
		d.press(".")
		d.click("Sync options")
		d.click("Notifications")
		d.click("They tell: count only")
		if f := calendar(); f.Notify != activesync.NotifyNever || f.NotifyContent != activesync.ContentCount {
			t.Errorf("the calendar has %+v", f.FolderOptions)
		}
		d.press("2", ".")
		d.click("Sync options")
		d.want("Contacts: Sync options")
		d.lacks("Reminders")
		d.lacks("All messages")
	})
}

// Sync options › Notifications of one mailbox.
func TestNotificationsOfAMailboxAreChosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.open(80, 24, ui.Deps{})
		defer d.close()
		d.press(".")
		d.click("Sync options")
		d.want("Notifications", "All messages")
		d.click("Notifications")
		d.click("( ) VIP senders")
		all, err := d.agent.Folders(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			if f.Type == activesync.FolderInbox && f.Notify != activesync.NotifyVIP {
				t.Errorf("the Inbox has %+v", f.FolderOptions)
			}
		}
	})
}

// The agent knows what the person has before them: the list on screen, unless
// another window is before it or nothing was typed for long.
func TestTheAgentKnowsWhatIsOnScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.open(80, 24, ui.Deps{})
		defer d.close()
		all, err := d.agent.Folders(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		inbox := activesync.FolderID(0)
		for _, f := range all {
			if f.Type == activesync.FolderInbox {
				inbox = f.ID
			}
		}
		looks := func(want bool, when string) {
			t.Helper()
			synctest.Wait()
			if got := d.agent.LooksAt(inbox); got != want {
				t.Errorf("%s: the person looks at the Inbox: %v", when, got)
			}
		}
		looks(true, "at first")
		d.press(",")
		looks(false, "in Settings")
		d.press("esc")
		looks(true, "back in Mail")
		time.Sleep(10 * time.Minute)
		looks(false, "idle")
		d.press("j")
		looks(true, "after a key")
	})
}

// A sender is made a VIP from a message, and no more.
func TestASenderBecomesAVIP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.deliver("Inbox", "Budget", time.Now())
		d.open(200, 50, ui.Deps{})
		defer d.close()
		d.want("Budget")
		for _, want := range []int{1, 0} {
			d.press(".")
			d.click("VIP sender")
			synctest.Wait()
			if n, err := d.agent.Notifications(t.Context()); err != nil || len(n.VIPs) != want {
				t.Errorf("%+v, %v, want %d VIPs", n, err, want)
			}
		}
	})
}
