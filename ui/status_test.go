package ui

import (
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// A status that was told while the accounts were being read is newer than what
// was read.
func TestStatusToldMeanwhileStays(t *testing.T) {
	a := New(Deps{Backend: newPrefsBackend("alice@example.test")})
	defer a.Close()
	id := activesync.AccountID("a")
	a.accounts = []*account{{Account: activesync.Account{ID: id}, status: activesync.Status{Phase: activesync.PhaseChecking}}}
	before := a.heard
	a.noticed([]activesync.Notice{{Kind: activesync.NoticeStatus, Account: id, Status: &activesync.Status{Phase: activesync.PhaseLive}}})
	read := []*account{{Account: activesync.Account{ID: id}, status: activesync.Status{Phase: activesync.PhaseChecking}}}
	a.keepHeard(read, before)
	if read[0].status.Phase != activesync.PhaseLive {
		t.Errorf("the status went back to %s", read[0].status.Phase)
	}
	later := []*account{{Account: activesync.Account{ID: id}, status: activesync.Status{Phase: activesync.PhaseOffline}}}
	a.keepHeard(later, a.heard)
	if later[0].status.Phase != activesync.PhaseOffline {
		t.Errorf("a later reading is not believed: %s", later[0].status.Phase)
	}
}

// An agent that has just begun knows of no success; since when one is offline is
// still said.
func TestANewAgentForgetsNoSuccess(t *testing.T) {
	a := New(Deps{Backend: newPrefsBackend("alice@example.test")})
	defer a.Close()
	id, last := activesync.AccountID("a"), time.Date(2026, 11, 29, 9, 15, 0, 0, time.UTC)
	a.accounts = []*account{{Account: activesync.Account{ID: id}, status: activesync.Status{Phase: activesync.PhaseLive, LastSuccess: last}}}
	for _, now := range []activesync.Status{{Phase: activesync.PhaseOffline}, {Phase: activesync.PhaseLive, LastSuccess: last.Add(time.Hour)}} {
		a.noticed([]activesync.Notice{{Kind: activesync.NoticeStatus, Account: id, Status: &now}})
		want := last
		if !now.LastSuccess.IsZero() {
			want = now.LastSuccess
		}
		if got := a.accounts[0].status.LastSuccess; !got.Equal(want) {
			t.Errorf("%s since %v, want %v", now.Phase, got, want)
		}
	}
}

// Of a look at the server it is said that it is over only where it was begun, did not
// fail, and nothing else was said meanwhile.
func TestOnlyALookThatWorkedIsOver(t *testing.T) {
	id := activesync.AccountID("a")
	begun, over := activesync.Status{Phase: activesync.PhaseChecking}, activesync.Status{Phase: activesync.PhaseLive}
	failed := activesync.Status{Phase: activesync.PhaseOffline, Err: activesync.ErrUnreachable}
	for _, c := range []struct {
		told []activesync.Status
		said string // meanwhile
		want string
	}{
		{[]activesync.Status{begun, over}, "", "Inbox is in step."},
		{[]activesync.Status{over}, "", "Checking"},
		{[]activesync.Status{begun, failed}, "", "Checking"},
		{[]activesync.Status{begun, failed, begun, over}, "", "Checking"},
		{[]activesync.Status{begun, over}, "Sent.", "Sent."},
	} {
		a := New(Deps{Backend: newPrefsBackend("alice@example.test")})
		a.say("Checking")
		a.check = check{account: id, done: "Inbox is in step.", seq: a.note.seq}
		if c.said != "" {
			a.say(c.said)
		}
		for _, s := range c.told {
			a.checked(id, s)
		}
		if a.note.text != c.want {
			t.Errorf("%+v: %q, want %q", c.told, a.note.text, c.want)
		}
		a.Close()
	}
}

// A mailbox that has not come yet does not come while the server is not reached.
func TestNothingComesWhileTheServerIsNotReached(t *testing.T) {
	a := New(Deps{Backend: newPrefsBackend("alice@example.test")})
	defer a.Close()
	c := &account{Account: activesync.Account{ID: "a"}, folders: []activesync.Folder{{ID: 1, Name: "Inbox", Type: activesync.FolderInbox, Class: activesync.ClassEmail,
		FolderOptions: activesync.DefaultFolderOptions(activesync.FolderInbox)}}}
	a.accounts, a.loaded = []*account{c}, true
	m := &a.mail.list
	m.folder, m.known, m.rect = 1, true, rect{w: 80, h: 10}
	for phase, want := range map[activesync.Phase]string{activesync.PhaseOffline: "The messages have not come yet: the server is not reached.", activesync.PhaseChecking: "The messages come from the server"} {
		c.status.Phase = phase
		if got := strings.Join(m.emptyLines(a), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %q", phase, got)
		}
	}
}
