package ui_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// Many deletions at once wait for the person, who sees what it is about and
// chooses what becomes of it.
func TestManyRemovalsAreReviewed(t *testing.T) {
	for _, tt := range []struct {
		key, said string
		left      int
	}{
		{"1", "They stay on this machine", 120},
		{"2", "Removed here too", 20},
		{"3", "items at once; they stay here", 120},  // it says the same once more
		{"enter", "stay here until you decide", 120}, // later is what enter means
	} {
		t.Run(tt.key, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDriver(t, server.Config{})
				var ids []activesync.ServerID
				for n := range 120 {
					id, err := d.box.Deliver("Inbox", server.Mail(fmt.Appendf(nil, "From: Ana <ana@example.test>\r\nSubject: Letter %d\r\nDate: %s\r\n\r\nText\r\n",
						n, time.Now().Add(-time.Duration(n)*time.Hour).Format(time.RFC1123Z))), true)
					if err != nil {
						t.Fatal(err)
					}
					ids = append(ids, id)
				}
				d.open(80, 24, ui.Deps{})
				defer d.close()
				d.box.DeleteAll(ids[:100])
				if err := d.agent.SyncNow(t.Context(), "a"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
				synctest.Wait()
				d.want("removed much of Inbox at once", "Decide g w", "100 items at once")
				d.press("k")
				d.want("Decide g w") // it was gone with the first key
				d.press("g", "w")
				d.want("Removed on the server  13/100", "100 of 120 items of Inbox", "Letter 0", "Decide later", "Keep them here", "Remove them here too", "Ask the server again")
				d.press(tt.key)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				d.want(tt.said)
				folders, err := d.agent.Folders(t.Context(), "a")
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range folders {
					if f.Type == activesync.FolderInbox && f.Total != tt.left {
						t.Errorf("%d messages are left, want %d", f.Total, tt.left)
					}
				}
			})
		})
	}
}

// So do those of people and events, which are named.
func TestManyRemovalsOfPeopleAndEventsAreReviewed(t *testing.T) {
	start := time.Date(2000, 3, 1, 9, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		make  func(d *driver, n int) (activesync.ServerID, error)
		words []string
	}{
		"Contacts": {func(d *driver, n int) (activesync.ServerID, error) {
			return d.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana", LastName: fmt.Sprintf("Souza %02d", n), CompanyName: "Harbour Office"})
		}, []string{"Souza 00", "Harbour Office"}},
		"Calendar": {func(d *driver, n int) (activesync.ServerID, error) {
			at := start.AddDate(0, 0, -n)
			return d.box.AddEvent("Calendar", activesync.Event{UID: fmt.Sprint(n), Subject: fmt.Sprintf("Audit %02d", n), Start: at, End: at.Add(time.Hour)})
		}, []string{"Audit 00", "1 Mar"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDriver(t, server.Config{})
				var ids []activesync.ServerID
				for n := range 80 {
					id, err := tt.make(d, n)
					if err != nil {
						t.Fatal(err)
					}
					ids = append(ids, id)
				}
				d.open(80, 24, ui.Deps{})
				defer d.close()
				d.box.DeleteAll(ids[:70])
				if err := d.agent.SyncNow(t.Context(), "a"); err != nil {
					t.Fatal(err)
				}
				d.pass(10 * time.Second)
				d.press("g", "w")
				d.want("Removed on the server", "/70", "70 of 80 items of "+name)
				d.want(tt.words...)
				d.press("1")
				d.pass(5 * time.Second)
				d.want("They stay on this machine")
				if f := d.folder(name); f.Total != 80 {
					t.Errorf("%d are left of 80", f.Total)
				}
			})
		})
	}
}
