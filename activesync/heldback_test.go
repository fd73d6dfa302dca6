package activesync

import (
	"testing"
	"time"
)

func TestHeldBack(t *testing.T) {
	now := time.Now()
	inbox := Folder{Type: FolderInbox, Total: 1, LastSync: now}
	sent := Folder{Type: FolderSent, LastSync: now}
	calendar := Folder{Type: FolderCalendar, LastSync: now}
	projects := Folder{Type: FolderUserMail, Total: 3, LastSync: now}
	unseen, refused := projects, sent
	unseen.LastSync, unseen.Total = time.Time{}, 0
	refused.Problem = "the server has a fault"
	full := inbox
	full.Total = 2
	for name, c := range map[string]struct {
		folders []Folder
		want    bool
	}{
		"a message about it":        {[]Folder{inbox, sent, calendar, unseen}, true},
		"mail in another folder":    {[]Folder{inbox, sent, calendar, projects}, false},
		"mail in the Inbox":         {[]Folder{full, sent, calendar}, false},
		"nothing was looked at":     {[]Folder{unseen}, false},
		"too little was looked at":  {[]Folder{inbox, sent, unseen}, false},
		"the Inbox was not seen":    {[]Folder{sent, calendar, sent}, false},
		"another problem is known":  {[]Folder{inbox, sent, calendar, refused}, false},
		"the Inbox is empty as yet": {[]Folder{{Type: FolderInbox, LastSync: now}, sent, calendar}, true},
	} {
		if got := HeldBack(c.folders); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
