package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// withGuest shows an empty calendar at a size, with somebody who can be invited.
func withGuest(t *testing.T, width, height int, v activesync.Version, test func(*testing.T, *driver, *server.Mailbox)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{Versions: []activesync.Version{v}})
		ben := d.srv.AddUser("ben", "pw", "ben@example.test")
		if _, err := d.box.AddContact("Contacts", activesync.Contact{FirstName: "Ben", LastName: "Quay", Email1: activesync.Address{Address: "ben@example.test"}}); err != nil {
			t.Fatal(err)
		}
		d.open(width, height, ui.Deps{})
		defer d.close()
		d.press("3")
		d.pass(time.Second)
		test(t, d, ben)
	})
}

func letters(t *testing.T, box *server.Mailbox) int {
	t.Helper()
	mail, err := box.Items("Inbox")
	if err != nil {
		t.Fatal(err)
	}
	return len(mail)
}

// People are invited in the form of an event, by the completion of To; the person
// decides who is told, and can take that back.
func TestPeopleAreInvited(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		withGuest(t, size[0], size[1], activesync.V141, func(t *testing.T, d *driver, ben *server.Mailbox) {
			fill := func() {
				d.press("n")
				d.write("Tide table")
				d.press("tab", "tab")
				d.write("be")
				d.want("Ben Quay  ben@example.test")
			}
			fill()
			d.press("enter")
			d.want("Ben Quay <ben@example.test>, ")
			d.write("nobody")
			d.press("esc", "ctrl+s")
			d.want("Not an e-mail address: nobody")
			d.press("ctrl+w", "ctrl+s")
			d.want("Send the invitation?", "Ben Quay gets it by e-mail.")
			d.press("esc") // goes on writing
			d.want("New event")
			d.press("ctrl+s", "y")
			d.want("Made: Tide table; those who are invited are told", "Undo")
			d.press("z")
			d.pass(30 * time.Second)
			if n := letters(t, ben); n != 0 || len(d.events()) != 0 {
				t.Errorf("taken back, and %d letters went out; events %v", n, d.events())
			}
			fill()
			d.click("Ben Quay  ben@example.test")
			d.press("ctrl+s", "y")
			d.pass(30 * time.Second)
			if e := d.events()["Tide table"]; letters(t, ben) != 1 || len(e.Attendees) != 1 || e.Attendees[0].Name != "Ben Quay" || e.MeetingStatus != 1 {
				t.Fatalf("%d letters, %+v", letters(t, ben), e)
			}
			d.press("e", "tab")
			d.write("Quay 7")
			d.press("ctrl+s")
			d.want("Send the update?", "Ben Quay learns of the change by e-mail.", "Do not send")
			d.click("Do not send")
			d.pass(30 * time.Second)
			if n := letters(t, ben); n != 1 || d.events()["Tide table"].Location != "Quay 7" {
				t.Errorf("%d letters, %+v", n, d.events())
			}
			d.press("d")
			d.want("Tell them?", "Ben Quay is invited, and learns by e-mail that it", "Keep")
			d.press("y")
			d.want("Deleted: Tide table; those who are invited are told")
			d.pass(30 * time.Second)
			if n := letters(t, ben); n != 2 || len(d.events()) != 0 {
				t.Errorf("%d letters, %+v", n, d.events())
			}
		})
	}
}

// From 16.0 on the server tells them, once that can no longer be taken back.
func TestTheServerInvites(t *testing.T) {
	withGuest(t, 200, 50, activesync.V161, func(t *testing.T, d *driver, ben *server.Mailbox) {
		make := func() {
			d.press("n")
			d.write("Tide table")
			d.press("tab", "tab")
			d.write("ben@example.test")
			d.press("ctrl+s")
			d.want("Made: Tide table; those who are invited are told")
		}
		make()
		d.pass(2 * time.Second)
		d.press("z")
		d.pass(30 * time.Second)
		if n := letters(t, ben); n != 0 || len(d.events()) != 0 {
			t.Errorf("taken back, and %d letters went out; events %v", n, d.events())
		}
		make()
		d.pass(30 * time.Second)
		d.want("1 person is invited", "no answer")
		if n := letters(t, ben); n != 1 {
			t.Errorf("%d letters", n)
		}
	})
}
