package activesync

import (
	"errors"
	"testing"
)

// TestEveryStatusHasWords holds the common codes that MS-ASCMD 2.2.2 assigns.
func TestEveryStatusHasWords(t *testing.T) {
	for code := 101; code <= 184; code++ {
		switch {
		case code >= 157 && code <= 159, code >= 180 && code <= 182:
			continue // not assigned
		case StatusText("Sync", code) == StatusText("Sync", 999):
			t.Errorf("status %d has no words", code)
		}
	}
}

// A server whose state of this device is locked, lost or damaged serves it again
// later, or from the start: no change is given up for that, and no device shut out.
func TestStatusesOfTheServersState(t *testing.T) {
	all := []error{ErrAuth, ErrForbidden, ErrBusy, ErrProvision, ErrWipe, ErrBadSyncKey, ErrFolderGone, ErrNotFound, ErrQuota, ErrAlreadySent, ErrRejected}
	for _, tt := range []struct {
		command string
		code    int
		want    error // nil for none of them
	}{
		{"Sync", 132, ErrBusy}, {"Sync", 133, ErrBusy}, {"FolderSync", 135, ErrBusy}, {"Sync", 134, ErrBadSyncKey}, {"FolderSync", 136, ErrBadSyncKey},
		{"SendMail", 134, ErrBusy}, {"MoveItems", 136, ErrBusy}, {"Sync", 138, nil}, {"Provision", 139, ErrForbidden}, {"FolderSync", 130, ErrForbidden},
		{"Sync", 9, ErrQuota}, {"Sync/item", 9, ErrQuota}, {"FolderSync", 12, ErrBusy},
		{"Settings", 4, ErrBusy}, {"Settings", 5, ErrRejected}, {"ResolveRecipients", 6, ErrBusy}, {"ResolveRecipients", 5, ErrRejected},
	} {
		err := &StatusError{Command: tt.command, Code: tt.code}
		for _, e := range all {
			if errors.Is(err, e) != (e == tt.want) {
				t.Errorf("%v: is %q: %v", err, e, errors.Is(err, e))
			}
		}
	}
}
