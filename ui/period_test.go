package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// Sync options › Period holds at once, not when the server next has news of the
// mailbox.
func TestAnotherPeriodHoldsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		old := "From: Ana Souza <ana@example.test>\r\nTo: alice@example.test\r\nSubject: The first crane\r\nMessage-ID: <1@example.test>\r\n\r\nText.\r\n"
		if _, err := d.box.DeliverDated("Inbox", server.Mail([]byte(old)), time.Now().AddDate(-1, 0, 0), false); err != nil {
			t.Fatal(err)
		}
		d.open(80, 24, ui.Deps{})
		defer d.close()
		d.want("The first crane")
		for _, period := range []activesync.Period{activesync.Period1w, activesync.PeriodAll} {
			o := activesync.FolderOptions{AutoRefresh: true, Check: activesync.CheckPush, Period: period}
			if err := d.agent.SetFolderOptions(t.Context(), d.folder("Inbox").ID, o); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			synctest.Wait()
			if period == activesync.PeriodAll {
				d.want("The first crane")
			} else {
				d.lacks("The first crane")
			}
		}
	})
}
