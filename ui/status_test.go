package ui

import (
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
