package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store/storetest"
	"eas.example/securemail/ui"
)

// beside is another installation of the program for the same user.
func (d *driver) beside() *driver {
	d.t.Helper()
	return &driver{t: d.t, srv: d.srv, box: d.box, store: storetest.Open(d.t)}
}

// drafts are the texts that the server has in Drafts.
func (d *driver) drafts() (out []string) {
	d.t.Helper()
	items, err := d.box.Items("Drafts")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, it := range items {
		out = append(out, strings.TrimSpace(message.ParseBytes(it.MIME).PlainText()))
	}
	return out
}

// toDrafts goes to the mailbox of drafts.
func (d *driver) toDrafts() {
	d.t.Helper()
	d.press("g", "m")
	d.click("Drafts")
	d.press("enter")
	d.pass(time.Second)
}

func TestADraftIsGoneOnWithOnAnotherMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newDriver(t, server.Config{})
		a.open(140, 40, ui.Deps{})
		defer a.close()
		b := a.beside()
		b.open(140, 40, ui.Deps{})
		defer b.close()
		a.press("c", "ana@example.test", "tab", "tab", "tab", "Quay", "tab", "Half")
		a.pass(20 * time.Second)
		if got := a.drafts(); len(got) != 1 || got[0] != "Half" {
			t.Fatalf("the server has %q", got)
		}
		b.pass(2 * time.Hour) // a server need not wake anybody for it
		b.toDrafts()
		b.want("Quay")
		b.press("enter")
		b.pass(time.Second)
		b.want("ana@example.test", "Half")
		b.press("ctrl+end", " a sentence")
		b.pass(20 * time.Second)
		if got := a.drafts(); len(got) != 1 || got[0] != "Half a sentence" {
			t.Fatalf("the server has %q", got)
		}
		a.pass(2 * time.Hour)
		a.want("Half a sentence") // the screen that was open shows it
		// Put aside there it stays; sent here it goes, and there too.
		b.press("esc", "tab", "enter")
		b.pass(time.Minute)
		if got := a.drafts(); len(got) != 1 {
			t.Fatalf("the server has %q", got)
		}
		a.press("ctrl+s")
		a.pass(2 * time.Hour)
		if got := a.drafts(); len(got) != 0 {
			t.Errorf("after it was sent the server has %q", got)
		}
		if sent, err := a.box.Items("Sent Items"); err != nil || len(sent) != 1 {
			t.Errorf("%d messages in Sent, %v", len(sent), err)
		}
		b.pass(2 * time.Hour)
		b.toDrafts()
		b.lacks("Half a sentence")
	})
}

// A draft that is only looked at stays as it was, and is not told of at the next
// start as one that was being written here.
func TestADraftOfAnotherProgramIsOnlyLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.deliver("Drafts", "Pier", time.Now())
		d.open(140, 40, ui.Deps{})
		d.toDrafts()
		d.press("enter")
		d.pass(time.Second)
		d.want("Text of Pier.", "Subject")
		d.press("esc")
		d.pass(time.Minute)
		d.lacks("Close the message?")
		if got := d.drafts(); len(got) != 1 || got[0] != "Text of Pier." {
			t.Errorf("the server has %q", got)
		}
		d.close()
		d.open(140, 40, ui.Deps{})
		defer d.close()
		d.lacks("being written", "you were writing")
	})
}

// A formatted draft of another program stays as it is until something is changed
// here, and the person is told what a change does.
func TestAFormattedDraftOfAnotherProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		mail := "From: alice@example.test\r\nSubject: Pier\r\nDate: Sat, 01 Jan 2000 00:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Mind the <b>gap</b>.</p>\r\n"
		if _, err := d.box.Deliver("Drafts", server.Mail([]byte(mail)), false); err != nil {
			t.Fatal(err)
		}
		d.open(140, 40, ui.Deps{})
		defer d.close()
		source := func() string {
			t.Helper()
			items, err := d.box.Items("Drafts")
			if err != nil || len(items) != 1 {
				t.Fatalf("%d drafts, %v", len(items), err)
			}
			return string(items[0].MIME)
		}
		d.toDrafts()
		d.press("enter")
		d.pass(time.Second)
		d.want("Mind the gap.", "This draft is formatted: changed or sent from here, it is plain text.")
		d.pass(time.Minute)
		if !strings.Contains(source(), "<b>gap</b>") {
			t.Errorf("looked at, it is\n%s", source())
		}
		d.press("ctrl+end", " Please.")
		d.pass(20 * time.Second)
		if got := d.drafts(); len(got) != 1 || strings.Join(strings.Fields(got[0]), " ") != "Mind the gap. Please." {
			t.Errorf("the server has %q", got)
		}
	})
}

func TestDraftsBelow160SayWhyTheyStayHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{Versions: []activesync.Version{activesync.V141}})
		d.open(140, 40, ui.Deps{})
		defer d.close()
		d.press("c", "ana@example.test", "tab", "tab", "tab", "Quay")
		d.pass(time.Minute)
		d.press("esc", "tab", "enter")
		d.toDrafts()
		d.want("Drafts stay local", "only from 16.0 on. C goes on with the", "message that you were writing.")
		if got := d.drafts(); len(got) != 0 {
			t.Errorf("the server has %q", got)
		}
	})
}

// A message that waits for its time is still in Drafts. Opening it there said that
// a draft by the name of a number may have been carried out already.
func TestADraftThatIsToBeSentSaysWhereItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.open(140, 40, ui.Deps{})
		defer d.close()
		d.press("c", "ana@example.test", "tab", "tab", "tab", "Quay", "tab", "Half")
		d.pass(20 * time.Second)
		d.press("ctrl+s")
		d.toDrafts()
		d.press("enter")
		d.want("Not opened: It waits in the Outbox. Take it back there to change it.")
		d.press("z")
		d.want("Half", "Not sent. It is here again.")
	})
}

// A message that waits for its time was deleted in Drafts, and sent all the same.
func TestADraftThatIsToBeSentIsNotDeletedBesides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.open(140, 40, ui.Deps{})
		defer d.close()
		d.press("c", "ana@example.test", "tab", "tab", "tab", "Quay", "tab", "Half")
		d.pass(20 * time.Second)
		d.press("ctrl+s")
		d.toDrafts()
		d.press("d")
		d.want("It waits in the Outbox. Take it back there to change it.", "Quay")
		d.press("z")
		d.want("Half", "Not sent. It is here again.")
	})
}
