package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// What is searched for in all mailboxes is found in each, the newest first, and
// opens where it is.
func TestAllMailboxesAreSearched(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		synctest.Test(t, func(t *testing.T) {
			d := newDriver(t, server.Config{})
			now := time.Now()
			d.deliver("Inbox", "Crane by the quay", now.Add(-time.Hour))
			d.deliver("Inbox", "Lunch", now)
			d.deliver("Junk Email", "A crane for you", now.Add(-400*24*time.Hour))
			d.deliver("Archive", "The old crane", now.Add(-48*time.Hour))
			d.open(size[0], size[1], ui.Deps{})
			defer d.close()
			for _, name := range []string{"Archive", "Junk Email"} {
				if err := d.agent.SyncNow(t.Context(), "a", d.folder(name).ID); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(3 * time.Second)
			synctest.Wait()

			d.press("g", "/", "c", "r", "A", "n", "e", "enter")
			d.want("3 messages with “crAne”", "Crane by the quay", "The old crane", "Archive", "A crane for you", "Junk Email")
			d.lacks("No message")
			d.press("down", "enter")
			time.Sleep(time.Second)
			synctest.Wait()
			d.want("Text of The old crane.", "Archive")
			d.press("g", "/", "n", "o", "w", "h", "e", "r", "e", "enter")
			d.want("No message here has “nowhere”", "Search on the server")
			d.press("enter")
			d.want("The server finds no message with “nowhere”.")
			d.press("g", "/", "l", "u", "n", "c", "h", "enter")
			d.want("1 message with “lunch”")
			d.press("enter")
			time.Sleep(time.Second)
			synctest.Wait()
			d.want("Text of Lunch.")
		})
	}
}

// A message of a conversation that is found is the one that opens.
func TestFoundInAConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.talk("Inbox", "quay", "ana", 1, 3)
		d.talk("Inbox", "quay", "ben", 2, 2)
		d.talk("Inbox", "quay", "cy", 3, 1)
		d.deliver("Inbox", "Lunch", time.Now())
		d.open(120, 30, ui.Deps{})
		defer d.close()
		d.press("g", "/", "b", "e", "n", "enter")
		d.want("1 message with “ben”")
		d.press("enter")
		time.Sleep(time.Second)
		synctest.Wait()
		d.want("ben says quay 2.", "cy says quay 3.", "[/] conversation")
	})
}

// The server finds what lies beyond the period that is kept here; it is fetched to
// be read. What is here too opens in its mailbox.
func TestTheServerIsSearched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		now := time.Now()
		d.deliver("Inbox", "Crane by the quay", now.Add(-time.Hour))
		old := "From: Ana Souza <ana@example.test>\r\nTo: alice@example.test\r\nSubject: The first crane\r\nMessage-ID: <1@example.test>\r\n\r\nText of The first crane.\r\n"
		if _, err := d.box.DeliverDated("Inbox", server.Mail([]byte(old)), now.AddDate(-3, 0, 0), false); err != nil {
			t.Fatal(err)
		}
		d.open(80, 24, ui.Deps{})
		defer d.close()
		if err := d.agent.SetFolderOptions(t.Context(), d.folder("Inbox").ID, activesync.FolderOptions{AutoRefresh: true, Check: activesync.CheckPush, Period: activesync.Period1w}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		d.press("g", "/", "c", "r", "a", "n", "e", "enter")
		d.want("1 message with “crane”", "Search on the server")
		d.press("end", "enter")
		d.want("2 messages on the server with “crane”", "The first crane", "Crane by the quay")
		d.press("down", "enter")
		d.want("From: Ana Souza <ana@example.test>", "Text of The first crane.")
		d.press("esc", "g", "/", "enter", "end", "enter", "enter")
		time.Sleep(time.Second)
		synctest.Wait()
		d.want("Mailboxes › Inbox › Crane by the quay", "Text of Crane by the quay.")
	})
}
