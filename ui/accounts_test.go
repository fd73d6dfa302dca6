package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// An account goes in Settings › Accounts once the person said so. The set-up that
// is shown then goes when one is added elsewhere, unless it was begun.
func TestAnAccountIsRemovedOnScreen(t *testing.T) {
	for _, begun := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			d := newDriver(t, server.Config{})
			d.deliver("Inbox", "Here", time.Now())
			d.open(80, 24, ui.Deps{})
			defer d.close()
			accounts := func() int {
				t.Helper()
				all, err := d.agent.Accounts(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return len(all)
			}
			d.press(",")
			d.click("Accounts")
			d.click("Remove this account")
			d.want("Remove Alice?", "Nothing is deleted on the server")
			d.press("enter") // Keep
			if accounts() != 1 {
				t.Fatal("removed without a yes")
			}
			d.click("Remove this account")
			d.press("y")
			d.want("Set up an account", "Removed Alice.")
			if accounts() != 0 {
				t.Fatal("the account is still there")
			}
			if begun {
				d.press("x")
			}
			if _, err := d.agent.AddAccount(t.Context(), activesync.Account{ID: "b", Name: "Alice", Email: "alice@example.test", Server: testURL, User: "alice", Auth: "basic"}, "pw"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			time.Sleep(3 * time.Second)
			synctest.Wait()
			if begun {
				d.want("One more Exchange account")
				d.press("esc")
				d.want("What was typed here is not kept")
				d.press("y")
			}
			d.want("Settings")
			d.lacks("Set up an account")
			d.press("1")
			d.want("Here")
		})
	}
}
