package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync/server"
)

// Found are the newest of all mailboxes, so many as were asked for; how many there
// are is said.
func TestSearchByCommand(t *testing.T) {
	r := newContactsRun(t)
	for i, folder := range []string{"Inbox", "Archive", "Inbox", "Archive"} {
		raw := fmt.Sprintf("From: Ana <ana@example.test>\r\nTo: alice@example.test\r\nSubject: crane %d\r\nDate: %s\r\nMessage-ID: <m%d@example.test>\r\n\r\nText.\r\n",
			i, time.Now().Add(-time.Duration(i)*time.Hour).Format(time.RFC1123Z), i)
		if _, err := r.box.Deliver(folder, server.Mail([]byte(raw)), false); err != nil {
			t.Fatal(err)
		}
	}
	r.must("sync", "--all")
	for _, c := range []struct {
		args, want string
		of         string
	}{
		{"search crane", "crane 0,crane 1,crane 2,crane 3", ""},
		{"search --limit 3 crane", "crane 0,crane 1,crane 2", "3 of 4"},
		{"search --limit 0 crane", "crane 0,crane 1,crane 2,crane 3", ""},
		{"search --folder Archive crane", "crane 1,crane 3", ""},
		{"search nowhere", "", ""},
		{"search --server --limit 0 crane", "crane 0,crane 1,crane 2,crane 3", ""},
		{"search --server --limit 2 --folder Archive crane", "crane 1,crane 3", ""},
	} {
		var rows []foundRow
		if err := json.Unmarshal([]byte(r.must(append(strings.Fields(c.args), "--json")...)), &rows); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows {
			if want := map[bool]string{true: "Inbox", false: "Archive"}[strings.HasSuffix(row.Subject, "0") || strings.HasSuffix(row.Subject, "2")]; row.Path != want || row.ID == 0 {
				t.Errorf("%s: %q, %v in %q", c.args, row.Subject, row.ID, row.Path)
			}
			got = append(got, row.Subject)
		}
		if strings.Contains(c.args, "--server") {
			slices.Sort(got) // a server's order is its own
		}
		if strings.Join(got, ",") != c.want {
			t.Errorf("%s: found %q, want %s", c.args, got, c.want)
		}
		if out := r.must(strings.Fields(c.args)...); c.of != "" && !strings.Contains(out, c.of) || c.of == "" && strings.Contains(out, " of ") {
			t.Errorf("%s prints\n%s", c.args, out)
		}
	}
}
