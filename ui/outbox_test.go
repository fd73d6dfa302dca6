package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
)

func TestVisibleOps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		old := now.Add(-2 * time.Minute)
		var want []activesync.OpID
		var ops []activesync.Op
		for i, c := range []struct {
			op   activesync.Op
			seen bool
		}{
			{activesync.Op{Kind: activesync.OpSend, State: activesync.OpPending, Created: now}, true},
			{activesync.Op{Kind: activesync.OpSend, State: activesync.OpSending, Created: now}, true},
			{activesync.Op{Kind: activesync.OpRead, State: activesync.OpPending, Created: now}, false},
			{activesync.Op{Kind: activesync.OpRead, State: activesync.OpSending, Created: now}, false},
			{activesync.Op{Kind: activesync.OpDelete, State: activesync.OpParked, Created: now}, true},
			{activesync.Op{Kind: activesync.OpMove, State: activesync.OpPending, Attempts: 1, Created: now}, true},
			{activesync.Op{Kind: activesync.OpFlag, State: activesync.OpPending, Created: old}, true},
		} {
			c.op.ID = activesync.OpID(i + 1)
			ops = append(ops, c.op)
			if c.seen {
				want = append(want, c.op.ID)
			}
		}
		var got []activesync.OpID
		for _, op := range visibleOps(ops) {
			got = append(got, op.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("visible are %v, not %v", got, want)
		}
	})
}

func mailTo(subject string) *activesync.Outgoing {
	return &activesync.Outgoing{Subject: subject, Size: 84000, To: []activesync.Address{{Name: "Ana Souza", Address: "ana@example.test"}, {Address: "finance@example.test"}}}
}

// waiting is a backend with one record.
func waiting(op activesync.Op) *prefsBackend {
	b := newPrefsBackend("alice@example.test")
	op.ID, op.Account = 7, "alice"
	if op.Kind != activesync.OpSend {
		op.Before = &activesync.Header{Subject: "Minutes", Folder: 101, From: activesync.Address{Name: "Bela Kiss"}}
	}
	b.ops["alice"] = []activesync.Op{op}
	return b
}

func TestOutbox_states(t *testing.T) {
	for _, c := range []struct {
		name    string
		op      activesync.Op
		row     string   // of the list
		detail  []string // of the record
		discard string   // what is asked, "" where it cannot be
	}{
		{"waiting", activesync.Op{Kind: activesync.OpSend, State: activesync.OpPending, Send: mailTo("Budget")},
			"Send Budget 00:00 ↑ waiting to Ana Souza, finance@example.test",
			[]string{"What Send", "To Ana Souza <ana@example.test>, finance@example.test", "Size 84 KB", "Since today 00:00", "Waiting.", "by itself as soon as the server can be reached", "r tries at once"},
			"Send “Budget”: it is not sent, and what was written is lost."},
		{"offline", activesync.Op{Kind: activesync.OpSend, State: activesync.OpPending, Attempts: 3, Reason: "ask for the server's versions: OPTIONS: the server cannot be reached: no route to host", Send: mailTo("")},
			"Send (no subject) 00:00 ↑ waiting: the server cannot be reached",
			[]string{"Tried 3 times", "Waiting: the server cannot be reached: no route to host."}, "it is not sent, and what was written is lost."},
		{"sending", activesync.Op{Kind: activesync.OpSend, State: activesync.OpSending, Send: mailTo("Budget")},
			"↑ being sent", []string{"It is on its way to the server."}, ""},
		{"unclear", activesync.Op{Kind: activesync.OpSend, State: activesync.OpSending, Attempts: 1, Reason: "connection reset", Send: mailTo("Budget")},
			"↑ looking into Sent whether it was sent", []string{"looked for in Sent before anything is sent again"}, ""},
		{"refused", activesync.Op{Kind: activesync.OpSend, State: activesync.OpParked, Reason: "the message is too\x1b[2J large", Send: mailTo("Budget")},
			"▲ refused: the message is too[2J large", []string{"▲ Refused: the message is too[2J large.", "not tried again by itself"}, "it is not sent, and what was written is lost."},
		{"uncertain", activesync.Op{Kind: activesync.OpSend, State: activesync.OpUncertain, Reason: "the connection broke", Send: mailTo("Budget")},
			"▲ may have been sent: look into Sent", []string{"▲ May have been sent: look into Sent.", "whether it arrived cannot be told from here", "r sends it again, d forgets it", "never sent again by itself"},
			"not sent again. If it was sent, it stays sent; if not, what was written is lost."},
		{"move", activesync.Op{Kind: activesync.OpMove, To: 107, State: activesync.OpParked, Reason: "the folder is full"},
			"Move to Projects Minutes 00:00 ▲ refused: the folder is full from Bela Kiss", []string{"What Move to Projects", "From Bela Kiss"}, "it is not moved and comes back to Inbox."},
		{"delete", activesync.Op{Kind: activesync.OpDelete, State: activesync.OpParked}, "Delete Minutes 00:00 ▲ refused", nil, "it is not deleted and comes back to Inbox."},
		{"read", activesync.Op{Kind: activesync.OpRead, Read: true, State: activesync.OpParked}, "Mark as read Minutes", nil, "it becomes unread again."},
		{"unread", activesync.Op{Kind: activesync.OpRead, State: activesync.OpParked}, "Mark as unread Minutes", nil, "it becomes read again."},
		{"flag", activesync.Op{Kind: activesync.OpFlag, Flag: activesync.FlagActive, State: activesync.OpParked}, "Flag Minutes", nil, "its flag becomes again what it was."},
		{"unflag", activesync.Op{Kind: activesync.OpFlag, State: activesync.OpParked}, "Remove the flag Minutes", nil, "its flag becomes again what it was."},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachSize(t, func(t *testing.T, width, height int) {
				c.op.Created = time.Now()
				b := waiting(c.op)
				s := openPrefs(t, Deps{Backend: b}, width, height)
				s.press("g", "o")
				s.has(c.row)
				s.press("enter")
				s.has(c.detail...)
				s.press("esc", "d")
				if c.discard == "" {
					s.has("cannot be stopped any more")
					return
				}
				s.has("▌No")
				if asked := s.box(); !strings.Contains(asked, c.discard) {
					t.Errorf("asked %q, not %q", asked, c.discard)
				}
				s.press("enter")
				b.wasAsked(t)
				s.press("d", "y")
				b.wasAsked(t, "discard 7")
				s.has("Discarded: ", "Nothing waits to be sent or changed on the server.")
			})
		})
	}
}

// box are the words of the question on screen.
func (s *prefsScreen) box() string {
	q, ok := s.app.top().(*question)
	if !ok {
		s.t.Fatalf("nothing is asked:\n%s", s.view())
	}
	return q.text
}

func TestOutbox_retry(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := waiting(activesync.Op{Kind: activesync.OpSend, State: activesync.OpParked, Reason: "the mailbox is full", Created: time.Now(), Send: mailTo("Budget")})
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.press("g", "o")
		s.has("Outbox 1 needs you")
		b.fail = errors.New("write store: no space left on device")
		s.press("r")
		s.has("▲ Not tried: Write store: no space left on device.", "▲ refused")
		b.fail, b.asked = nil, nil
		s.press("enter", "R")
		b.wasAsked(t, "retry 7")
		s.has("Trying again: Send “Budget”", "Waiting.")
		s.press("esc")
		s.has("1 waiting")
	})
}

// A message that may have been sent goes out again only after a question whose
// answer is No unless one says otherwise; one under way not at all.
func TestOutbox_neverTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := waiting(activesync.Op{Kind: activesync.OpSend, State: activesync.OpUncertain, Created: time.Now(), Send: mailTo("Budget")})
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.press("g", "o", "r")
		s.has("Send again?", "Look into Sent first.", "would get it twice", "▌No")
		s.press("enter")
		b.wasAsked(t)
		b.ops["alice"][0].State = activesync.OpSending
		s.send(answer((*App).readAccounts))
		s.press("r")
		s.has("It is under way already.")
		b.wasAsked(t)
		b.ops["alice"][0].State = activesync.OpUncertain
		s.send(answer((*App).readAccounts))
		s.press("r", "y")
		b.wasAsked(t, "retry 7")
	})
}

func TestOutbox_accounts(t *testing.T) {
	eachSize(t, func(t *testing.T, width, height int) {
		b := newPrefsBackend("alice@example.test", "ops@harbour.example")
		for i, acct := range []activesync.AccountID{"alice", "alice", "ops"} {
			b.ops[acct] = append(b.ops[acct], activesync.Op{ID: activesync.OpID(i + 1), Kind: activesync.OpSend, State: activesync.OpPending,
				Created: time.Now(), Send: mailTo([]string{"First", "Second", "Third"}[i])})
		}
		s := openPrefs(t, Deps{Backend: b}, width, height)
		s.press("g", "o")
		s.has("alice@example.test Send First 00:00", "ops@harbour.example Send Third 00:00", "3 waiting")
		s.press("G", "d", "y")
		b.wasAsked(t, "discard 3")
		s.hasNot("Send Third", "ops@")
		s.click("Second", 0)
		s.click("Second", 0)
		s.has("What Send", "Account alice@example.test")
		b.drop(1)
		s.send(answer((*App).readAccounts))
		if r, _ := s.app.outbox.list.Current(); r.op.ID != 2 {
			t.Errorf("the cursor went to record %s", r.op.ID)
		}
		b.drop(2)
		s.send(answer((*App).readAccounts))
		s.has("Nothing waits")
		s.press("enter", "tab")
		s.has("Nothing waits")
		for _, size := range [][2]int{{1, 1}, {20, 5}, {40, 10}, {89, 24}, {120, 30}} {
			s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		}
	})
}

// A change that is late comes into the outbox and the mailboxes by itself.
func TestOutbox_lateChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := waiting(activesync.Op{Kind: activesync.OpRead, Read: true, State: activesync.OpPending, Created: time.Now()})
		s := openPrefs(t, Deps{Backend: b}, 200, 50)
		s.hasNot("Outbox")
		time.Sleep(3 * time.Minute)
		s.settle()
		s.has("Outbox 1")
		s.press("g", "o")
		s.has("Mark as read Minutes")
	})
}

func (s *prefsScreen) sending(id activesync.OpID, subject string) {
	s.t.Helper()
	s.send(answer(func(a *App) tea.Cmd { return a.nowSending(id, activesync.Draft{Subject: subject}) }))
}

func TestSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := waiting(activesync.Op{Kind: activesync.OpSend, State: activesync.OpPending, Created: time.Now(), Send: mailTo("Budget")})
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.sending(7, "Budget")
		s.hasNot("Sent: ")
		b.ops["alice"][0].State, b.ops["alice"][0].Reason = activesync.OpParked, "the mailbox is full"
		s.send(answer((*App).readAccounts))
		s.has("▲ Not sent: Budget: The mailbox is full. See Outbox g o")
		s.send(answer(func(a *App) tea.Cmd { return a.say("Something else.") }))
		s.send(answer((*App).readAccounts))
		s.has("Something else.")
		b.ops["alice"][0].State = activesync.OpUncertain
		s.send(answer((*App).readAccounts))
		s.has("▲ May have been sent: Budget. See Outbox g o")
		b.drop(7)
		s.send(answer((*App).readAccounts))
		s.has("Sent: Budget")
		s.send(answer(func(a *App) tea.Cmd { return a.say("Something else.") }))
		s.send(answer((*App).readAccounts))
		s.hasNot("Sent: Budget")
	})
}

func TestSent_several(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		b.ops["alice"] = []activesync.Op{{ID: 1, Kind: activesync.OpSend, Send: mailTo("")}, {ID: 2, Kind: activesync.OpSend, Send: mailTo("B")}}
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		s.sending(1, "")
		s.sending(2, "B")
		b.drop(1, 2)
		s.send(answer((*App).readAccounts))
		s.has("Sent: 2 messages")
	})
}

// A look that began before the message was in the journal does not know it; it
// must not be told as sent because of that.
func TestSent_lateLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newPrefsBackend("alice@example.test")
		s := openPrefs(t, Deps{Backend: b}, 80, 24)
		hold := make(chan struct{})
		b.holdOps = hold
		s.send(answer((*App).readAccounts))
		b.ops["alice"] = []activesync.Op{{ID: 7, Kind: activesync.OpSend, State: activesync.OpPending, Send: mailTo("Budget")}}
		b.holdOps = nil
		s.sending(7, "Budget")
		close(hold)
		s.settle()
		s.hasNot("Sent: Budget")
		b.drop(7)
		s.send(answer((*App).readAccounts))
		s.has("Sent: Budget")
	})
}

// What was discarded or taken back was not sent.
func TestSent_takenBack(t *testing.T) {
	for _, how := range []string{"discard", "undo"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := waiting(activesync.Op{Kind: activesync.OpSend, State: activesync.OpPending, Created: time.Now(), Send: mailTo("Budget")})
				s := openPrefs(t, Deps{Backend: b}, 80, 24)
				s.sending(7, "Budget")
				s.app.undo = []undoEntry{{ops: []activesync.OpID{7}, what: "send Budget"}}
				b.fail = errors.New("too late to take back")
				keys := map[string][]string{"discard": {"g", "o", "d", "y"}, "undo": {"z"}}[how]
				s.press(keys...)
				s.has(": Too late to take back.")
				if len(s.app.sending) != 1 {
					t.Fatal("what could not be taken back is not told any more")
				}
				b.fail = nil
				s.app.undo = []undoEntry{{ops: []activesync.OpID{7}, what: "send Budget"}}
				s.press(keys...)
				s.send(answer((*App).readAccounts))
				s.hasNot("Sent: Budget")
				if len(s.app.sending) > 0 {
					t.Errorf("still waits for %v", s.app.sending)
				}
			})
		})
	}
}
