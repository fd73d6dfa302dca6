package ui

import (
	"testing"

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
