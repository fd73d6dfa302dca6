package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// talk delivers message n of a conversation, by a person, so many hours ago.
func (d *driver) talk(folder, subject, who string, n, hours int) {
	d.t.Helper()
	re, references := "", ""
	if n > 1 {
		re, references = "Re: ", fmt.Sprintf("References: <%s-1@example.test>\r\n", subject)
	}
	mail := fmt.Sprintf("From: %s <%s@example.test>\r\nTo: alice@example.test\r\nSubject: %s%s\r\nDate: %s\r\nMessage-ID: <%s-%d@example.test>\r\n%s\r\n%s says %s %d.\r\n",
		who, strings.ToLower(who), re, subject, time.Now().Add(-time.Duration(hours)*time.Hour).Format(time.RFC1123Z), subject, n, references, who, subject, n)
	if _, err := d.box.Deliver(folder, server.Mail([]byte(mail)), false); err != nil {
		d.t.Fatal(err)
	}
}

// talking shows a mailbox with a conversation of three and a message beside it.
func talking(t *testing.T, width, height int, deps ui.Deps, do func(*driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.talk("Inbox", "quay", "Ana", 1, 9)
		d.talk("Inbox", "crane", "Dora", 1, 8)
		d.talk("Inbox", "quay", "Ben", 2, 7)
		d.talk("Inbox", "quay", "Cy", 3, 6)
		d.open(width, height, deps)
		defer d.close()
		do(d)
	})
}

func TestConversationIsOneRow(t *testing.T) {
	talking(t, 80, 24, ui.Deps{}, func(d *driver) {
		d.want("Ana, Ben, Cy", "4 unread of 4")
		if n := strings.Count(strings.Join(d.screen(), "\n"), "quay"); n > 3 {
			t.Errorf("the conversation takes more than a row:\n%s", strings.Join(d.screen(), "\n"))
		}
		d.press("enter")
		// The newest unread one is shown, the others are a line each.
		d.want("Cy says quay 3.", "▸ ● Ana", "▸ ● Ben")
		d.press("[")
		d.want("Ben says quay 2.", "▸   Cy", "▸ ● Ana")
		d.click("▸ ● Ana")
		d.want("Ana says quay 1.", "▸   Ben", "▸   Cy")
		d.press("[")
		d.want("This is the oldest message")
		time.Sleep(time.Second)
		synctest.Wait()
		d.press("esc")
		d.want("1 unread of 4", "Ana, Ben, Cy")
		d.press("j", "enter")
		d.want("Dora says crane 1.")
		d.lacks("▸")
	})
}

// What comes while a conversation is read joins the page, and does not take
// away what is read.
func TestConversationGrowsWhileItIsRead(t *testing.T) {
	talking(t, 200, 50, ui.Deps{}, func(d *driver) {
		d.press("enter")
		d.want("Cy says quay 3.")
		d.talk("Inbox", "quay", "Eve", 4, 0)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		d.want("Cy says quay 3.", "▸ ● Eve", "Ana, Ben, Cy, Eve")
		d.press("]")
		d.want("Eve says quay 4.")
		d.lacks("Cy says quay 3.\n")
	})
}

func TestConversationIsDeletedAndBroughtBack(t *testing.T) {
	talking(t, 80, 24, ui.Deps{}, func(d *driver) {
		d.press("d")
		d.want("Deleted: 3 messages", "Dora")
		d.lacks("Ana, Ben, Cy")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if items, _ := d.box.Items("Inbox"); len(items) != 1 {
			t.Fatalf("the server has %d messages", len(items))
		}
		d.press("z")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		d.want("Ana, Ben, Cy")
		if items, _ := d.box.Items("Inbox"); len(items) != 4 {
			t.Fatalf("after undo the server has %d messages", len(items))
		}
	})
}

func TestConversationIsMarkedAsAWhole(t *testing.T) {
	talking(t, 80, 24, ui.Deps{}, func(d *driver) {
		d.press("u")
		d.want("Marked as read: 3 messages", "1 unread of 4")
		time.Sleep(time.Second)
		synctest.Wait()
		d.wantReadOnServer(3)
	})
}

// A mark is one of the conversation, whatever message is its newest.
func TestAMarkStaysWithItsConversation(t *testing.T) {
	talking(t, 80, 24, ui.Deps{}, func(d *driver) {
		d.press("x")
		d.want("1 marked")
		d.talk("Inbox", "quay", "Eve", 4, 0)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		d.want("Ana, Ben, Cy, Eve", "1 marked")
		d.press("d")
		d.want("Deleted: 4 messages", "Dora")
		d.lacks("Ana, Ben, Cy")
	})
}

func TestReplyInAConversationIsToTheMessageShown(t *testing.T) {
	talking(t, 80, 24, ui.Deps{}, func(d *driver) {
		d.press("enter", "[", "r")
		time.Sleep(time.Second)
		synctest.Wait()
		d.want("ben@example.test")
		d.lacks("cy@example.test")
	})
}

func TestSearchFindsInsideAConversation(t *testing.T) {
	talking(t, 200, 50, ui.Deps{}, func(d *driver) {
		d.press("j", "/")
		for _, r := range "ana" {
			d.press(string(r))
		}
		d.press("enter")
		time.Sleep(time.Second)
		synctest.Wait()
		d.want("Ana says quay 1.")
	})
}

func TestConversationsCanBeSwitchedOff(t *testing.T) {
	var kept ui.Settings
	talking(t, 80, 24, ui.Deps{Save: func(s ui.Settings) error { kept = s; return nil }}, func(d *driver) {
		d.want("Ana, Ben, Cy")
		d.press("ctrl+k")
		for _, r := range "conversations" {
			d.press(string(r))
		}
		d.want("Conversations: turn off")
		d.press("enter")
		d.lacks("Ana, Ben, Cy")
		d.want("Cy", "Ben", "Ana", "Dora")
		d.press("enter")
		d.lacks("▸")
		if !kept.ConversationsOff {
			t.Error("the choice is not kept")
		}
	})
	talking(t, 80, 24, ui.Deps{Settings: ui.Settings{ConversationsOff: true}}, func(d *driver) { d.lacks("Ana, Ben, Cy") })
}

// At 12.1 the server names no conversations.
func TestConversationsByTopicOnScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{Versions: []activesync.Version{121}})
		d.talk("Inbox", "quay", "Ana", 1, 9)
		d.talk("Inbox", "quay", "Ben", 2, 7)
		d.open(80, 24, ui.Deps{})
		defer d.close()
		d.want("Ana, Ben")
	})
}
