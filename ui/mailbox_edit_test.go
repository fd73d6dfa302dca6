package ui_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync/wire"
)

// pick opens the palette and carries out what the words find first.
func (d *driver) pick(words string) {
	d.t.Helper()
	d.press("ctrl+k")
	for _, r := range words {
		key := string(r)
		if r == ' ' {
			key = "space"
		}
		d.press(key)
	}
	d.press("enter")
}

// typed writes a text into a prompt and takes it.
func (d *driver) typed(text string) {
	d.t.Helper()
	d.press("ctrl+u")
	for _, r := range text {
		d.press(string(r))
	}
	d.press("enter")
	time.Sleep(2 * time.Second)
	synctest.Wait()
}

func TestMailboxesAreMadeRenamedAndDeleted(t *testing.T) {
	withMail(t, 3, 120, 40, func(t *testing.T, d *driver) {
		d.press("shift+tab") // to the mailboxes
		d.pick("new mailbox")
		d.want("New mailbox")
		d.press("enter")
		d.want("A mailbox needs a name.")
		d.typed("Harbour")
		if !slices.Contains(d.box.Folders(), "Harbour") {
			t.Fatalf("the server has %v", d.box.Folders())
		}
		time.Sleep(time.Minute) // until the words of what was done are gone
		synctest.Wait()
		d.want("Harbour")
		d.click("Harbour")
		d.press("h", "h") // to the mailboxes, wherever the click led
		d.pick("rename mailbox")
		d.typed("Quay")
		if !slices.Contains(d.box.Folders(), "Quay") {
			t.Fatalf("renamed: the server has %v", d.box.Folders())
		}
		d.pick("delete mailbox")
		d.want("It goes to Deleted Items")
		d.press("y")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !slices.Contains(d.box.Folders(), "Deleted Items/Quay") {
			t.Fatalf("deleted: the server has %v", d.box.Folders())
		}
	})
}

func TestOutOfOfficeOnTheScreen(t *testing.T) {
	withMail(t, 3, 120, 40, func(t *testing.T, d *driver) {
		d.pick("out of office")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		d.want("Out of office", "until you switch it off")
		d.lacks("Asking the server")
		d.typed("Away.")
		if o := d.box.Oof(); o.State != wire.OofOn || o.Messages[0].ReplyMessage != "Away." || o.Messages[1].ReplyMessage != "Away." {
			t.Fatalf("the server has %+v", o)
		}
		d.pick("out of office")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		d.want("Switch it off?")
		d.press("y")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if o := d.box.Oof(); o.State != wire.OofOff {
			t.Fatalf("the server has %+v", o)
		}
	})
}
