package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// A message that the server gives in a form that cannot be read stands among what
// is set aside, until it has gone.
func TestMessagesThatCannotBeReadAreSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{Personality: server.Personality{Name: "muddled", Muddles: true}})
		d.deliver("Inbox", "Tide table", time.Now().Add(-time.Hour))
		d.deliver("Inbox", "muddled one", time.Now())
		d.open(120, 30, ui.Deps{})
		defer d.close()
		d.want("Tide table", "Set aside 1")
		d.press("g", "x")
		d.want("Set aside for you", "1 not readable")
		d.press("1")
		d.pass(time.Second)
		d.want("This message could not be read.")
		items, err := d.box.Items("Inbox")
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			if err := d.box.Delete(it.ID); err != nil {
				t.Fatal(err)
			}
		}
		d.pass(30 * time.Second)
		d.lacks("Set aside")
	})
}
