package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

func TestCalendarByCommand(t *testing.T) {
	r := newContactsRun(t)
	r.must("sync", "--all")
	there := func() map[string]activesync.Event {
		t.Helper()
		items, err := r.box.Items("Calendar")
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]activesync.Event{}
		for _, it := range items {
			out[it.Event.Subject] = *it.Event
		}
		return out
	}
	list := func() (out []activesync.Occurrence) {
		t.Helper()
		if err := json.Unmarshal([]byte(r.must("calendar", "list", "--from", "2027-03-01", "--to", "2027-03-31", "--json")), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	r.must("calendar", "add", "Tide \x1b[31mtable", "--start", "2027-03-02 14:30", "--for", "90m", "--place", "Quay 7", "--note", "Bring\nthe keys", "--repeat", "weekly")
	rows := list()
	if len(rows) != 5 || !rows[0].Series || rows[0].End.Sub(rows[0].Start) != 90*time.Minute {
		t.Fatalf("listed is %+v", rows)
	}
	id := rows[0].Event.String()
	shown := r.must("calendar", "show", id)
	plain(t, "calendar show", shown)
	for _, w := range []string{"Tue 2027-03-02 14:30-16:00", "Repeats      every week on Tuesday", "Quay 7", "busy", "15 minutes before", "\nBring\nthe keys\n"} {
		if !strings.Contains(shown, w) {
			t.Errorf("%q is not in\n%s", w, shown)
		}
	}
	r.must("calendar", "edit", id, "--on", "2027-03-09", "--place", "Lock", "--start", "2027-03-09 16:00")
	r.must("calendar", "delete", id, "--on", "2027-03-16")
	if rows := list(); len(rows) != 4 || rows[1].Location != "Lock" || rows[1].Start.Sub(rows[0].Start) != 7*24*time.Hour+90*time.Minute || rows[2].Location != "Quay 7" {
		t.Errorf("listed is %+v", rows)
	}
	if code, _, errs := r.run("", "calendar", "delete", id, "--on", "2027-03-16"); code != 1 || !strings.Contains(errs, "none of") {
		t.Errorf("one that is not there ends with %d: %s", code, errs)
	}
	if code, _, _ := r.run("", "calendar", "edit", id, "--on", "2027-03-09", "--repeat", "daily"); code != 2 {
		t.Errorf("a rule for one alone ends with %d", code)
	}
	for _, e := range there() {
		if len(e.Exceptions) != 2 {
			t.Errorf("the server has %+v", e)
		}
	}
	r.must("calendar", "edit", id, "--subject", "Tides", "--start", "2027-03-03", "--repeat", "never", "--reminder", "-1")
	if e, ok := there()["Tides"]; !ok || !e.AllDay || e.Recurrence.Set || e.Reminder != nil || e.Location != "Quay 7" {
		t.Errorf("the server has %+v", there())
	}
	if shown := r.must("calendar", "show", id); !strings.Contains(shown, "Wed 2027-03-03, all day") {
		t.Errorf("shown is\n%s", shown)
	}
	r.must("calendar", "delete", id)
	if len(there()) != 0 {
		t.Errorf("the server still has %v", there())
	}
}

// Events of a file become the person's own, each once.
func TestCalendarImport(t *testing.T) {
	r := newContactsRun(t)
	r.must("sync", "--all")
	file := filepath.Join(t.TempDir(), "fair.ics")
	ics := strings.ReplaceAll("BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:PUBLISH\nBEGIN:VEVENT\nUID:fair\nDTSTART:20270302T090000Z\nDTEND:20270302T100000Z\nSUMMARY:Fair\nORGANIZER:mailto:bob@example.test\n"+
		"ATTENDEE:mailto:carol@example.test\nEND:VEVENT\nBEGIN:VEVENT\nUID:holiday\nDTSTART;VALUE=DATE:20270305\nSUMMARY:Holiday\nEND:VEVENT\nEND:VCALENDAR\n", "\n", "\r\n")
	if err := os.WriteFile(file, []byte(ics), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r.must("calendar", "import", file)
	}
	items, err := r.box.Items("Calendar")
	if err != nil || len(items) != 2 {
		t.Fatalf("the server has %d events, %v", len(items), err)
	}
	for _, it := range items {
		if len(it.Event.Attendees) != 0 || it.Event.MeetingStatus != 0 {
			t.Errorf("%q invites %v", it.Event.Subject, it.Event.Attendees)
		}
	}
	if code, _, errs := r.run("no calendar\n", "calendar", "import", "-"); code != 1 || !strings.Contains(errs, "not a calendar file") {
		t.Errorf("what is no calendar ends with %d: %s", code, errs)
	}
	if code, _, errs := r.run(strings.Replace(ics, "PUBLISH", "CANCEL", 1), "calendar", "import", "-"); code != 1 || !strings.Contains(errs, "cancels") {
		t.Errorf("a cancellation ends with %d: %s", code, errs)
	}
}
