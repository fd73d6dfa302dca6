package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// withMail shows the screens on a mailbox with n messages, m0 the newest.
func withMail(t *testing.T, n, width, height int, do func(*testing.T, *driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		now := time.Now()
		for i := n - 1; i >= 0; i-- {
			d.deliver("Inbox", fmt.Sprintf("m%d", i), now.Add(-time.Duration(i)*time.Hour))
		}
		d.open(width, height, ui.Deps{})
		defer d.close()
		do(t, d)
	})
}

func TestEveryLineIsAsWideAsTheScreen(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}, {120, 40}, {90, 30}, {40, 10}, {20, 5}, {10, 3}, {1, 1}} {
		withMail(t, 12, size[0], size[1], func(t *testing.T, d *driver) {
			for _, key := range []string{"", "enter", ".", "esc", "esc", "esc", "?", "esc", "ctrl+k", "esc", "/", "esc"} {
				if key != "" {
					d.press(key)
				}
				lines := d.screen()
				if len(lines) != size[1] {
					t.Fatalf("at %v after %q there are %d lines", size, key, len(lines))
				}
				for y, l := range lines {
					if w := ansi.StringWidth(l); w > size[0] {
						t.Fatalf("at %v after %q line %d is %d wide: %q", size, key, y, w, l)
					}
				}
			}
		})
	}
}

func TestOpeningReads(t *testing.T) {
	withMail(t, 3, 80, 24, func(t *testing.T, d *driver) {
		d.want("Mailboxes › Inbox  3 unread of 3", "● Ana Souza", "live")
		d.press("j", "enter")
		d.want("Text of m1.", "Ana Souza", "<ana@example.test>")
		d.press("esc")
		d.want("2 unread of 3")
		time.Sleep(time.Second)
		synctest.Wait()
		d.wantReadOnServer(1)
	})
}

// q closes the message that was opened, also where the list is beside it.
func TestLeavingAMessageIsNotLeaving(t *testing.T) {
	for _, width := range []int{80, 200} {
		withMail(t, 3, width, 24, func(t *testing.T, d *driver) {
			d.press("enter", "q", "j", "s") // flags what the list stands on
			if d.quit {
				t.Fatalf("at %d columns q left the screens", width)
			}
			d.want("⚑")
			if d.press("q"); !d.quit {
				t.Errorf("at %d columns q in the list does not leave", width)
			}
		})
	}
}

func TestAnAccountThatIsErasedIsToldOf(t *testing.T) {
	withMail(t, 3, 80, 24, func(t *testing.T, d *driver) {
		d.want("3 unread of 3")
		d.box.Wipe()
		time.Sleep(time.Hour)
		synctest.Wait()
		d.want("Your organisation has Alice erased", "Set up an account")
		d.lacks("unread")
	})
}

// On a slow line esc and the key after it arrive together, which terminals mean
// as alt and that key.
func TestEscAndAKeyThatArriveTogether(t *testing.T) {
	withMail(t, 3, 80, 24, func(t *testing.T, d *driver) {
		together := func(r rune) {
			d.msgs <- tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: true}
			synctest.Wait()
		}
		d.press("enter", ".")
		d.want("Sync options")
		together('j') // closes More and goes on in the message
		d.lacks("Sync options")
		together('g')
		d.press("d")
		d.want("There are no events")
		together('g')
		d.press("m")
		d.want("Mailboxes › Inbox")
	})
}

func TestPassingOverDoesNotRead(t *testing.T) {
	withMail(t, 5, 200, 50, func(t *testing.T, d *driver) {
		d.press("j", "j", "j")
		time.Sleep(time.Second)
		synctest.Wait()
		d.want("5 unread of 5", "Text of m3.")
	})
}

func TestDeleteAndUndo(t *testing.T) {
	withMail(t, 4, 80, 24, func(t *testing.T, d *driver) {
		d.press("j", "d")
		d.lacks("m1  Text")
		d.want("Deleted: m1", "Undo z")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if items, _ := d.box.Items("Inbox"); len(items) != 3 {
			t.Fatalf("the server has %d messages", len(items))
		}
		d.press("z")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		d.want("m1")
		if items, _ := d.box.Items("Inbox"); len(items) != 4 {
			t.Fatalf("after undo the server has %d messages", len(items))
		}
	})
}

// Who has the server looked at is told when that is over.
func TestALookThatIsOverIsToldSo(t *testing.T) {
	withMail(t, 3, 80, 24, func(t *testing.T, d *driver) {
		d.press("ctrl+r")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		d.want("Inbox is in step.")
		d.lacks("Checking Inbox")
	})
}

// Junk goes to the mailbox for it, and from there back to the Inbox.
func TestJunkThereAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		if err := d.box.DropFolder("Junk Email"); err != nil {
			t.Fatal(err)
		}
		d.deliver("Inbox", "Win a boat", time.Now())
		d.deliver("Inbox", "Minutes", time.Now().Add(-time.Hour))
		d.open(80, 24, ui.Deps{})
		defer d.close()
		d.press("!")
		d.want("There is no mailbox for junk. Make one that is called Junk.", "Win a boat")
		d.box.AddFolder("Junk Email", activesync.FolderUserMail)
		d.press("ctrl+r")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		d.press("!")
		d.want("Moved to Junk Email: Win a boat", "Undo z")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if items, _ := d.box.Items("Junk Email"); len(items) != 1 {
			t.Fatalf("the server has %d messages in Junk Email", len(items))
		}
		d.press("esc")
		d.click("Junk Email")
		d.press("enter")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		d.press(".")
		d.click("Not junk")
		d.want("Moved to Inbox: Win a boat")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if items, _ := d.box.Items("Inbox"); len(items) != 2 {
			t.Errorf("the server has %d messages in the Inbox", len(items))
		}
	})
}

// All of a mailbox is marked at once, what is far off screen too; where something
// of it is unread all becomes read, though the first is read already.
func TestAllOfAMailboxIsMarked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		for i := range 60 {
			d.deliver("Inbox", fmt.Sprintf("Message %d", i), time.Now().Add(-time.Duration(i)*time.Hour))
		}
		d.open(80, 24, ui.Deps{})
		defer d.close()
		d.press("u")
		d.want("59 unread of 60")
		d.press("*")
		d.want("All are marked: 60.", "60 marked")
		d.press("u")
		d.want("Marked as read: 60 messages")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		d.wantReadOnServer(60)
		d.press("d")
		d.want("Deleted: 60 messages", "Undo z")
		d.lacks("Message 0")
		d.press("z")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		d.press("g", "g") // the cursor is on the one that came back first
		d.want("Message 0")
	})
}

func TestMarkSeveralAndMove(t *testing.T) {
	withMail(t, 6, 80, 24, func(t *testing.T, d *driver) {
		d.press("x", "x", "m")
		d.want("Move 2 messages to")
		d.press("a", "r", "c", "h", "enter")
		d.want("Moved to Archive: 2 messages")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if items, _ := d.box.Items("Archive"); len(items) != 2 {
			t.Fatalf("the server has %d messages in Archive", len(items))
		}
	})
}

// The article: Mailboxes › a mailbox › More (lower-right corner) › Sync
// options › Check frequency. What is chosen is obeyed.
func TestCheckFrequencyByKeys(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		withMail(t, 3, size[0], size[1], func(t *testing.T, d *driver) {
			d.want("More .")
			d.press(".")
			d.want("Sync options")
			d.press("enter")
			d.want("Inbox: Sync options", "Check frequency", "Push")
			d.press("enter")
			d.want("Inbox: Check frequency", "(●) Push", "Every 15 min", "Manual")
			d.press("G", "enter")
			d.want("Inbox: Manual")
			obeysManual(t, d)
		})
	}
}

func TestCheckFrequencyByMouse(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		withMail(t, 3, size[0], size[1], func(t *testing.T, d *driver) {
			last := d.screen()[size[1]-1]
			if !strings.HasSuffix(strings.TrimRight(last, " "), "⋯ More .") {
				t.Fatalf("More is not in the lower-right corner: %q", last)
			}
			d.click("⋯ More")
			d.click("Sync options")
			d.click("Check frequency")
			d.click("( ) Manual")
			d.want("Inbox: Manual")
			obeysManual(t, d)
		})
	}
}

// obeysManual sees that a mailbox which is checked by hand only causes no
// request, and that a check by hand does.
func obeysManual(t *testing.T, d *driver) {
	t.Helper()
	inbox := d.folder("Inbox")
	if inbox.Check != activesync.CheckManual {
		t.Fatalf("the Inbox is checked %s", inbox.Check)
	}
	time.Sleep(10 * time.Minute) // a Ping under way ends
	synctest.Wait()
	syncs, pings := d.asked("Sync", inbox.ServerID), d.asked("Ping", inbox.ServerID)
	d.deliver("Inbox", "by hand", time.Now())
	time.Sleep(24 * time.Hour)
	synctest.Wait()
	if n := d.asked("Sync", inbox.ServerID) + d.asked("Ping", inbox.ServerID) - syncs - pings; n != 0 {
		t.Errorf("a manual mailbox caused %d requests", n)
	}
	d.lacks("by hand")
	d.press("ctrl+r")
	time.Sleep(2 * time.Second)
	synctest.Wait()
	d.want("by hand")
}

func TestNewMailIsShown(t *testing.T) {
	withMail(t, 3, 80, 24, func(t *testing.T, d *driver) {
		d.press("j", "j")
		d.deliver("Inbox", "something new", time.Now())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		d.want("New mail: Ana Souza – something new", "New mail: 1")
		d.press("i")
		d.want("Text of something new.")
		d.lacks("New mail: 1")
	})
}

func TestWhatIsNotCarriedIsSaid(t *testing.T) {
	withMail(t, 1, 80, 24, func(t *testing.T, d *driver) {
		d.press("esc")
		d.want("Public folders and shared mailboxes are not carried by ActiveSync.")
	})
}

func TestDraftsStayLocalBelow16(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{Versions: []activesync.Version{activesync.V141}})
		d.open(80, 24, ui.Deps{})
		defer d.close()
		d.press("esc")
		d.click("Drafts")
		d.want("Drafts stay local: this server speaks ActiveSync 14.1", "No messages.")
		d.lacks("come from the server")
	})
}

func TestSearchGoesToTheNextMatch(t *testing.T) {
	withMail(t, 30, 80, 24, func(t *testing.T, d *driver) {
		d.press("/", "m", "2", "5", "enter", "enter")
		d.want("Text of m25.")
		d.press("esc", "n", "enter")
		d.want("Text of m25.") // the only one
		d.press("esc", "/", "x", "y", "enter")
		d.want("No message here matches “xy”.")
		d.press("/", "m", "7", "enter")
		d.lacks("No message here matches")
		d.press("enter")
		d.pass(time.Second)
		d.want("Text of m7.")
		d.press("esc", "k", "/", "enter", "enter") // what was searched for before
		d.pass(time.Second)
		d.want("Text of m7.")
	})
}

// A click on another screen while a message is written goes there, and the message
// is kept aside. Nothing was to be seen of it until the message was closed, which then
// led to that screen.
func TestAnotherScreenPutsTheMessageAside(t *testing.T) {
	withMail(t, 3, 80, 24, func(t *testing.T, d *driver) {
		d.press("c", "ana@example.test", "tab", "tab", "tab", "Quay", "tab", "Half")
		d.click("People")
		d.want("search name, company", "Kept aside. C goes on with it.", "Draft")
		d.lacks("Half")
		d.press("C")
		d.want("Half", "Writing")
		d.click("Mail")
		d.want("3 unread of 3")
		d.press("c")
		d.click("Calendar") // nothing was written yet
		d.want("Calendar")
		d.lacks("Writing", "To ")
	})
}
