package agent_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// With Background refresh allowed off nothing is received while nobody looks,
// from the moment on when the file says so.
func TestPolicyForbidsTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		h.run()
		detach := h.agent.Attach(true)
		time.Sleep(time.Minute)
		h.forbid(`background_refresh_allowed = "off"`)
		detach()
		time.Sleep(time.Hour)
		h.deliver(3)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if _, rows := h.inbox(); len(rows) != 0 {
			t.Errorf("%d messages came in the background", len(rows))
		}
		p, err := h.agent.Presence(t.Context())
		if err != nil || p.Mode != activesync.ModeOff || !strings.Contains(p.Accounts[0].Why[0], "your organisation") {
			t.Errorf("the presence is %+v, %v", p, err)
		}
		if err := h.agent.SetBackground(t.Context(), activesync.Background{Mode: activesync.ModeRefresh}); !errors.Is(err, activesync.ErrPolicy) {
			t.Errorf("in another mode it says %v", err)
		}
		if err := h.agent.SetBackground(t.Context(), activesync.Background{RefreshOff: true}); err != nil {
			t.Fatal(err)
		}
		if err := h.agent.SetBackground(t.Context(), activesync.Background{}); !errors.Is(err, activesync.ErrPolicy) {
			t.Errorf("turned on it says %v", err)
		}
		defer h.agent.Attach(true)()
		time.Sleep(time.Minute)
		if _, rows := h.inbox(); len(rows) != 3 {
			t.Errorf("%d messages are there in the foreground", len(rows))
		}
	})
}

// A mailbox begins with the period that the policy says, and no longer one than
// Max sync interval is asked for, whatever the person chose.
func TestPolicyLimitsThePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		h.forbid("default_sync_interval = \"1w\"\nmax_sync_interval = \"all\"")
		h.deliver(24 * 40) // one an hour
		h.box.AddFolder("Projects", activesync.FolderUserMail)
		if _, err := h.agent.Sync(t.Context(), h.acc.ID, nil, true, nil); err != nil {
			t.Fatal(err)
		}
		folders, err := h.agent.Folders(t.Context(), h.acc.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range folders {
			want := activesync.PeriodAll
			if f.Name == "Projects" {
				want = activesync.Period1w // the others were there before the policy was
			}
			if f.Class == activesync.ClassEmail && f.Period != want {
				t.Errorf("%s begins with %s, want %s", f.Name, f.Period, want)
			}
		}
		if f, _ := h.inbox(); f.Total < 900 {
			t.Fatalf("%d messages without a limit", f.Total)
		}
		h.forbid(`max_sync_interval = "1w"`)
		time.Sleep(time.Minute)
		if _, err := h.agent.Sync(t.Context(), h.acc.ID, nil, true, nil); err != nil {
			t.Fatal(err)
		}
		if f, _ := h.inbox(); f.Total > 24*8 {
			t.Errorf("%d messages with a limit of a week", f.Total)
		}
	})
}

// A search on the server looks no further back than Mail search limit says, from
// the moment on when the file says so.
func TestPolicyLimitsTheSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		h.deliver(24 * 10) // one an hour
		h.run()
		time.Sleep(time.Minute)
		for _, c := range []struct {
			policy string
			want   int
		}{{"", 240}, {`mail_search_limit = "3d"`, 72}, {`mail_search_limit = "1d"`, 24}} {
			h.forbid(c.policy)
			found, err := h.agent.Search(t.Context(), h.acc.ID, "text", nil, 1000)
			if err != nil || len(found.Messages) != c.want {
				t.Errorf("%q finds %d messages, want %d (%v)", c.policy, len(found.Messages), c.want, err)
			}
		}
	})
}

// A message is reported to those whom the policy names, as it is, and goes to
// Junk; where nobody is named it cannot be reported.
func TestPhishingIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		h.deliver(1)
		h.run()
		time.Sleep(time.Minute)
		_, rows := h.inbox()
		if _, err := h.agent.ReportPhishing(t.Context(), rows[0].ID); !errors.Is(err, activesync.ErrPolicy) || !strings.Contains(err.Error(), "report_phishing_addresses") {
			t.Errorf("without addresses it says %v", err)
		}
		h.forbid(`report_phishing_addresses = ["alice@example.test", "soc@example.test"]`)
		done, err := h.agent.ReportPhishing(t.Context(), rows[0].ID)
		if err != nil || done.Into != "Junk Email" || len(done.Ops) != 1 || strings.Join(done.To, " ") != "alice@example.test soc@example.test" {
			t.Fatalf("it gives %+v, %v", done, err)
		}
		time.Sleep(time.Minute)
		mail := func(folder string) []server.Stored {
			t.Helper()
			all, err := h.box.Items(folder)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		if n := len(mail("Junk Email")); n != 1 {
			t.Errorf("%d messages in Junk", n)
		}
		inbox := mail("Inbox") // alice is one of those who get it
		if len(inbox) != 1 || !strings.Contains(string(inbox[0].MIME), "Subject: m0") || !strings.Contains(string(inbox[0].MIME), "message/rfc822") ||
			!strings.Contains(string(inbox[0].MIME), "Subject: Phishing report: m0") {
			t.Errorf("the report is %+v", inbox)
		}
		if err := h.agent.Undo(t.Context(), done.Ops...); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if n := len(mail("Inbox")); n != 2 {
			t.Errorf("%d messages in the Inbox once the move is taken back", n)
		}
	})
}

// Attachments are fetched as long as the file allows them.
func TestPolicyForbidsAttachments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		mail := "From: ana@example.test\r\nTo: alice@example.test\r\nSubject: files\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
			"--b\r\n\r\nText.\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1,2\r\n--b--\r\n"
		if _, err := h.box.Deliver("Inbox", server.Mail([]byte(mail)), false); err != nil {
			t.Fatal(err)
		}
		h.run()
		time.Sleep(time.Minute)
		_, rows := h.inbox()
		get := func() (string, error) {
			var b strings.Builder
			err := h.agent.Attachment(t.Context(), rows[0].ID, 0, &b)
			return b.String(), err
		}
		h.forbid(`attachments = "off"`)
		if _, err := get(); !errors.Is(err, activesync.ErrPolicy) || !strings.Contains(err.Error(), "(attachments) is off") {
			t.Errorf("forbidden it says %v", err)
		}
		h.forbid(`attachments = "on"`)
		if b, err := get(); err != nil || b != "1,2" {
			t.Errorf("allowed again it gives %q, %v", b, err)
		}
	})
}

// No other server than those that are named is spoken to, from the moment on
// when the file names them.
func TestPolicyNamesTheServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		sync := func() error {
			_, err := h.agent.Sync(t.Context(), h.acc.ID, nil, true, nil)
			return err
		}
		if err := sync(); err != nil {
			t.Fatal(err)
		}
		h.forbid(`allowed_servers = ["mail.example.test"]`)
		if err := sync(); !errors.Is(err, activesync.ErrPolicy) || !strings.Contains(err.Error(), "allowed_servers") {
			t.Errorf("another server than the one that is named: %v", err)
		}
		h.forbid(`allowed_servers = ["mail.example.test", "127.0.0.1"]`)
		if err := sync(); err != nil {
			t.Errorf("named: %v", err)
		}
	})
}
