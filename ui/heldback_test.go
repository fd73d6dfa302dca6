package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// A server that holds a device back until it is allowed shows empty folders and one
// message: the person learns what that may mean, and whom to ask.
func TestHeldBackDeviceIsTold(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		synctest.Test(t, func(t *testing.T) {
			d := newDriver(t, server.Config{})
			d.deliver("Inbox", "Your phone is waiting to be allowed", time.Now())
			d.open(size[0], size[1], ui.Deps{})
			defer d.close()
			d.want("next to nothing", "administrator", d.store.DeviceID())
			d.deliver("Inbox", "Released", time.Now())
			time.Sleep(3 * time.Second)
			synctest.Wait()
			d.want("Released")
			d.lacks("administrator", "next to nothing")
		})
	}
}
