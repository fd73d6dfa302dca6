package ui_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// Where the organisation wants it, a screen that nobody uses is covered until the
// password of the account is said; what was being written is there again.
func TestTheScreenLocks(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		synctest.Test(t, func(t *testing.T) {
			d := newDriver(t, server.Config{Policies: map[string]string{"DevicePasswordEnabled": "1", "MaxInactivityTimeDeviceLock": "150"}})
			d.deliver("Inbox", "Tide table", time.Now())
			d.open(size[0], size[1], ui.Deps{})
			defer d.close()
			d.press("c", "ana@example.test", "tab", "tab", "tab", "Quay", "tab", "Half a letter")
			d.pass(2 * time.Minute)
			d.want("Half a letter")
			d.press("!") // starts the time anew
			d.pass(2 * time.Minute)
			d.want("Half a letter!")
			d.pass(time.Minute)
			d.want("Locked", "Password of your account")
			d.lacks("Half a letter", "Tide table", "alice@example.test", "Inbox")
			d.deliver("Inbox", "Another", time.Now())
			d.pass(30 * time.Second)
			d.lacks("Another", "New mail")
			d.mu.Lock()
			if got := d.app.Title(); got != "securemail" {
				t.Errorf("the window is called %q", got)
			}
			d.mu.Unlock()
			d.click("Locked")
			d.press("esc", "q", "enter")
			d.want("That is not the password.")
			d.lacks("Half a letter")
			d.pass(2 * time.Second)
			d.write("pw")
			d.lacks("pw")
			d.press("enter")
			d.pass(time.Second)
			d.want("Half a letter!", "ana@example.test")
			d.press("?")
			d.want("Half a letter!?")
		})
	}
}

// A screen that was stopped for longer than that is locked when it comes back.
func TestAScreenThatWasAwayIsLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{Policies: map[string]string{"DevicePasswordEnabled": "1", "MaxInactivityTimeDeviceLock": "60"}})
		d.deliver("Inbox", "Tide table", time.Now())
		d.open(80, 24, ui.Deps{})
		defer d.close()
		d.want("Tide table")
		d.pass(61 * time.Second)
		d.want("Locked")
		if s, err := d.agent.State(t.Context(), "a"); err != nil || s.Policy["MaxInactivityTimeDeviceLock"] != "60" {
			t.Errorf("%+v, %v", s.Policy, err)
		}
		d.write("pw")
		d.press("enter")
		d.want("Tide table")
	})
}

// Who uses the screen for long has no more timers waiting than at first, and one
// who stops finds it locked to the second.
func TestOneTimerWaitsForTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{Policies: map[string]string{"DevicePasswordEnabled": "1", "MaxInactivityTimeDeviceLock": "50"}})
		d.deliver("Inbox", "Tide table", time.Now())
		d.open(80, 24, ui.Deps{})
		defer d.close()
		use := func(times int) {
			for range times {
				d.press("j")
				d.pass(20 * time.Second)
			}
		}
		use(10)
		before := runtime.NumGoroutine()
		use(200)
		d.want("Tide table")
		if after := runtime.NumGoroutine(); after > before+5 {
			t.Errorf("%d goroutines, after an hour %d", before, after)
		}
		d.press("j")
		d.pass(49 * time.Second)
		d.want("Tide table")
		d.pass(time.Second)
		d.want("Locked")
	})
}
