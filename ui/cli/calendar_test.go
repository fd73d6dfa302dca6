package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
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

// Somebody is invited, answers, learns of a change and of the end: by mail of this
// program up to 14.1, of the server from 16.0 on.
func TestMeetingByCommand(t *testing.T) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			r := newContactsRun(t, v)
			bob := r.srv.AddUser("bob", "pw", "bob@example.test")
			r.must("sync", "--all")
			got := func() (subjects []string, e activesync.Event) {
				t.Helper()
				mail, err := bob.Items("Inbox")
				if err != nil {
					t.Fatal(err)
				}
				for _, it := range mail {
					_, rest, _ := strings.Cut(string(it.MIME), "Subject: ")
					subject, _, _ := strings.Cut(rest, "\r\n")
					subjects = append(subjects, subject)
				}
				all, err := bob.Items("Calendar")
				if err != nil || len(all) > 1 {
					t.Fatalf("%d events, %v", len(all), err)
				}
				for _, it := range all {
					e = *it.Event
				}
				return subjects, e
			}
			r.must("calendar", "add", "Audit", "--start", "2027-03-02 14:30", "--repeat", "weekly", "--invite", "Bob <bob@example.test>", "--note", "Bring the keys")
			mail, e := got()
			if len(mail) != 1 || mail[0] != "Audit" || e.Subject != "Audit" || e.MeetingStatus != 3 || e.Organizer.Address != "alice@example.test" || !e.Recurrence.Set || e.Reminder != nil {
				t.Fatalf("invited is %v, %+v", mail, e)
			}
			var list []activesync.Occurrence
			if err := json.Unmarshal([]byte(r.must("calendar", "list", "--from", "2027-03-01", "--to", "2027-03-20", "--json")), &list); err != nil || len(list) != 3 {
				t.Fatalf("%+v, %v", list, err)
			}
			id := list[0].Event.String()

			// Bob accepts.
			reply := calendar.Reply{From: activesync.Address{Address: "bob@example.test"}, Answer: activesync.AnswerAccept, Time: time.Now(), Invitation: calendar.Item{Event: e}}
			mime, err := message.ComposeSchedule(&activesync.Draft{To: []activesync.Address{{Address: "alice@example.test"}}, Subject: reply.Subject()}, calendar.WriteReply(reply), "REPLY",
				message.ComposeOptions{From: reply.From, Date: time.Now(), MessageID: "reply@example.test"})
			if err != nil || !r.srv.Receive("alice@example.test", mime) {
				t.Fatal(err)
			}
			r.must("sync", "--all")
			if shown := r.must("calendar", "show", id); !strings.Contains(shown, "Bob <bob@example.test>, accepted") {
				t.Errorf("shown is\n%s", shown)
			}

			r.must("calendar", "edit", id, "--reminder", "5") // is nobody else's business
			if mail, _ := got(); len(mail) != 1 {
				t.Errorf("told of a reminder: %v", mail)
			}
			r.must("calendar", "edit", id, "--place", "Room 4")
			if mail, e := got(); len(mail) != 2 || e.Location != "Room 4" {
				t.Errorf("the change is %v, %+v", mail, e)
			}
			if mine, err := r.box.Items("Calendar"); err != nil || len(mine) != 1 || mine[0].Event.Attendees[0].Status != 3 {
				t.Errorf("the organiser has %+v, %v", mine, err)
			}
			r.must("calendar", "delete", id, "--on", "2027-03-09")
			if mail, _ := got(); len(mail) != 3 || mail[2] != "Cancelled: Audit" {
				t.Errorf("one that is cancelled: %v", mail)
			}
			r.must("calendar", "edit", id, "--uninvite", "bob@example.test")
			if mail, e := got(); len(mail) != 4 || mail[3] != "Cancelled: Audit" || e.MeetingStatus&4 == 0 {
				t.Errorf("no longer invited: %v, %+v", mail, e)
			}
			if mine, err := r.box.Items("Calendar"); err != nil || len(mine) != 1 || len(mine[0].Event.Attendees) != 0 || mine[0].Event.MeetingStatus != 0 {
				t.Errorf("the organiser has %+v, %v", mine, err)
			}
			code, _, errs := r.run("", "calendar", "add", "Quiet", "--start", "2027-03-02 14:30", "--invite", "bob@example.test", "--silent")
			if loud := v >= activesync.V160; loud != (code == 1) || loud != strings.Contains(errs, "by itself") {
				t.Errorf("silent ends with %d: %s", code, errs)
			}
			if mail, _ := got(); len(mail) != 4 {
				t.Errorf("told although it was to be silent: %v", mail)
			}
			if code, _, errs := r.run("", "calendar", "add", "Odd", "--start", "2027-03-02 14:30", "--end", "2027-03-02 14:00"); code != exitUsage || !strings.Contains(errs, "--end lies before --start") {
				t.Errorf("an end before the begin: exit %d: %s", code, errs)
			}
			if code, _, _ := r.run("", "calendar", "add", "Odd", "--start", "2027-03-02 14:30", "--invite", "bob"); code != 2 {
				t.Errorf("what is no address ends with %d", code)
			}
		})
	}
}
