package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// letter is a whole message, header and text.
func letter(subject, rest string) []byte {
	return []byte("From: Ana Souza <ana@example.test>\r\nTo: alice@example.test\r\nSubject: " + subject + "\r\nDate: " +
		time.Now().Add(-time.Hour).Format(time.RFC1123Z) + "\r\nMessage-ID: <1@example.test>\r\n" + strings.ReplaceAll(rest, "\n", "\r\n"))
}

// reading opens one message on a screen of 80 by 24.
func reading(t *testing.T, mail []byte, deps ui.Deps, do func(*driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		if _, err := d.box.Deliver("Inbox", server.Mail(mail), false); err != nil {
			t.Fatal(err)
		}
		d.open(80, 24, deps)
		defer d.close()
		d.press("enter")
		time.Sleep(time.Second)
		synctest.Wait()
		do(d)
	})
}

const chain = "\n\nYes, at ten.\n\nOn Wed, 4 Mar 2026 at 10:00, Ben Ito <ben@example.test> wrote:\n> At ten?\n>\n> On Tue, 3 Mar 2026 at 9:00, Cy Lee <cy@example.test> wrote:\n>> When do we meet at the harbour?\n>> Cy\n"

func TestEarlierMessagesAreFolded(t *testing.T) {
	reading(t, letter("Re: Quay", chain), ui.Deps{}, func(d *driver) {
		d.want("Yes, at ten.", "▸ 2 earlier messages, from Ben Ito, Cy Lee")
		d.lacks("At ten?", "When do we meet")
		d.press("enter")
		d.want("At ten?", "▸ Earlier message from Cy Lee")
		d.lacks("When do we meet")
		d.press("t")
		d.want("At ten?", "▎ ▎ When do we meet")
		d.lacks("▸")
		d.press("t")
		d.want("▸ 2 earlier messages")
		d.lacks("At ten?")
		d.click("2 earlier")
		d.want("At ten?", "▸ Earlier message from Cy Lee")
	})
}

// A name takes no room from the address, and what it says is not believed.
func TestTheAddressOfTheSenderIsSeen(t *testing.T) {
	mail := strings.Replace(string(letter("Quay", "\n\nPay at once.\n")), "Ana Souza <ana@example.test>",
		`"Ana Souza, Head of Finance at the Harbour <ana@example.test>" <eve@evil.example>`, 1)
	reading(t, []byte(mail), ui.Deps{}, func(d *driver) {
		d.want("Ana Souza, Head of Finance", "<eve@evil.example>", "The name of the sender is an address, ana@example.test, but")
	})
}

func TestForwardedMessageIsShown(t *testing.T) {
	reading(t, letter("Fwd: Quay", "\n\nLook.\n\n---------- Forwarded message ---------\nFrom: Ben Ito <ben@example.test>\nDate: Mon, 2 Mar 2026\nSubject: Quay\nTo: Ana\n\nThe crane stands.\n"), ui.Deps{}, func(d *driver) {
		d.want("Look.", "The crane stands.")
	})
}

func TestSearchInAMessage(t *testing.T) {
	long := "\n\n" + strings.Repeat("Some line.\n", 40) + "The Harbour office.\n" + strings.Repeat("Some line.\n", 40) + chain[2:]
	reading(t, letter("Quay", long), ui.Deps{}, func(d *driver) {
		d.press("/", "h", "a", "r", "b", "o", "u", "r", "enter")
		d.want("The Harbour office.", "Match 1 of 2")
		d.press("n")
		d.want("When do we meet at the harbour?", "Match 2 of 2")
		d.press("n")
		d.want("The Harbour office.", "Match 1 of 2")
		d.press("N")
		d.want("Match 2 of 2")
		d.press("esc", "G")
		d.want("▸ 2 earlier messages")
		d.press("/", "x", "y", "z", "enter")
		d.want("“xyz” is not in this message.")
		d.press("/", "h", "a", "r", "b", "enter")
		d.want("Match")
	})
}
