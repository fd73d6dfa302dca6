package ui_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/ui"
)

// A message can be reported only where the organisation says to whom, and not
// without a yes.
func TestReportPhishing(t *testing.T) {
	why := "Report phishing addresses (report_phishing_addresses) names nobody"
	deps := ui.Deps{Forbidden: func(name string) string {
		if name == "report_phishing_addresses" {
			return why
		}
		return ""
	}}
	file := filepath.Join(t.TempDir(), "policy.toml")
	if err := os.WriteFile(file, []byte(`report_phishing_addresses = ["soc@example.test"]`), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, server.Config{})
		d.policy = policy.NewFiles(file+".none", file).Now
		d.deliver("Inbox", "Quay", time.Now())
		d.open(80, 24, deps)
		defer d.close()
		d.press("enter", ".")
		d.lacks("phishing")
		why = ""
		d.press("esc", ".")
		d.want("Report phishing")
		d.press("esc")
		d.pick("Report phishing")
		d.want("Report phishing?", "report cannot be taken back.")
		d.press("enter") // No is what enter takes
		sent := func() int {
			t.Helper()
			all, err := d.box.Items("Sent Items")
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		if sent() != 0 {
			t.Error("it was reported without a yes")
		}
		d.pick("Report phishing")
		d.press("y")
		d.pass(2 * time.Second)
		d.want("Reported to soc@example.test, moved to Junk Email")
		if junk, err := d.box.Items("Junk Email"); err != nil || len(junk) != 1 || sent() != 1 {
			t.Errorf("%d messages in Junk, %d sent, %v", len(junk), sent(), err)
		}
	})
}
