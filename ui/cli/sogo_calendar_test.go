package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
)

// davEvents are the events of a user's calendar over CalDAV, by subject, with
// the names of their files.
func (s *sogo) davEvents(user string) (map[string]activesync.Event, map[string]string) {
	s.t.Helper()
	events, files := map[string]activesync.Event{}, map[string]string{}
	for _, path := range s.davFiles(user, "Calendar/personal") {
		f, err := calendar.ReadICS(s.dav("GET", user, path, "", ""), time.UTC)
		if err != nil || len(f.Items) == 0 {
			s.t.Fatalf("%s: %v", path, err)
		}
		events[f.Items[0].Event.Subject], files[f.Items[0].Event.Subject] = f.Items[0].Event, path
	}
	return events, files
}

// The calendar goes both ways: what is made, changed and deleted here is so
// over CalDAV, and the other way round.
func TestSOGoCalendarBothWays(t *testing.T) {
	s := newSOGo(t)
	s.davEmpty("bob", "Calendar/personal")
	s.add("bob")
	s.run("", "sync", "--all")
	settle()
	day := time.Now().AddDate(0, 0, 2).Format("2006-01-02")
	s.run("", "calendar", "add", "Dry dock", "--start", day+" 09:30", "--for", "90m", "--place", "Quay 4", "--note", "Bring boots", "--reminder", "10")
	s.run("", "calendar", "add", "Harbour day", "--start", day, "--reminder", "-1")
	s.run("", "calendar", "add", "Round", "--start", day+" 08:00", "--for", "15m", "--repeat", "daily")
	there, _ := s.davEvents("bob")
	dock := there["Dry dock"]
	if len(there) != 3 || dock.Location != "Quay 4" || dock.End.Sub(dock.Start) != 90*time.Minute || strings.TrimSpace(string(dock.Body.Data)) != "Bring boots" {
		t.Errorf("made: %+v", there)
	}
	if !there["Harbour day"].AllDay || !there["Round"].Recurrence.Set {
		t.Errorf("whole day %+v, series %+v", there["Harbour day"], there["Round"])
	}
	settle()
	s.run("", "sync", "--all") // nothing doubles
	ids := s.eventIDs()
	if len(ids) != 3 {
		t.Fatalf("here: %v", ids)
	}
	s.run("", "calendar", "edit", ids["Dry dock"].String(), "--start", day+" 11:00", "--place", "Quay 5", "--subject", "Dry dock, later")
	s.run("", "calendar", "delete", ids["Harbour day"].String())
	there, files := s.davEvents("bob")
	later := there["Dry dock, later"]
	if len(there) != 2 || later.Location != "Quay 5" || !later.Start.Equal(dock.Start.Add(90*time.Minute)) || strings.TrimSpace(string(later.Body.Data)) != "Bring boots" {
		t.Errorf("changed and deleted: %+v", there)
	}

	settle()
	s.dav("DELETE", "bob", files["Round"], "", "")
	settle()
	s.run("", "sync", "--all")
	if ids = s.eventIDs(); len(ids) != 1 {
		t.Errorf("deleted over CalDAV: %v", ids)
	}
}

// eventIDs are the events of the next weeks here, by subject.
func (s *sogo) eventIDs() map[string]activesync.ItemID {
	s.t.Helper()
	var rows []activesync.Occurrence
	s.json(&rows, "calendar", "list")
	out := map[string]activesync.ItemID{}
	for _, o := range rows {
		if id, ok := out[o.Subject]; ok && id != o.Event {
			s.t.Errorf("%q is here twice", o.Subject)
		}
		out[o.Subject] = o.Event
	}
	return out
}

// davFiles are the paths of what lies in a collection.
func (s *sogo) davFiles(user, collection string) []string {
	s.t.Helper()
	var out []string
	for _, r := range s.davList(user, collection).Responses {
		if i := strings.Index(r.Href, collection+"/"); i >= 0 && strings.HasSuffix(r.Href, ".ics") {
			out = append(out, r.Href[i:])
		}
	}
	slices.Sort(out)
	return out
}

// One occurrence of a series goes both ways, and leaves the others.
func TestSOGoOccurrencesBothWays(t *testing.T) {
	s := newSOGo(t)
	s.davEmpty("bob", "Calendar/personal")
	s.add("bob")
	s.run("", "sync", "--all")
	settle()
	first := time.Now().AddDate(0, 0, 2)
	day := func(n int) string { return first.AddDate(0, 0, n).Format("2006-01-02") }
	s.run("", "calendar", "add", "Round", "--start", day(0)+" 08:00", "--for", "15m", "--repeat", "daily", "--place", "Tower")
	settle()
	s.run("", "sync", "--all")
	id := s.eventIDs()["Round"].String()
	s.run("", "calendar", "edit", id, "--on", day(1), "--place", "Quay 4", "--subject", "Long round", "--start", day(1)+" 09:00", "--for", "45m")
	settle()
	s.run("", "calendar", "delete", id, "--on", day(2))
	// seen is what a person sees of the first five days.
	seen := func(e activesync.Event) (out []string) {
		for _, o := range calendar.Expand([]activesync.Event{e}, e.Start, e.Start.AddDate(0, 0, 5).Add(-time.Hour), time.UTC) {
			out = append(out, o.Start.UTC().Format("02 15:04")+" "+o.End.UTC().Format("15:04")+" "+o.Subject+", "+o.Location)
		}
		return out
	}
	here := func() activesync.Event {
		var e activesync.Event
		s.json(&e, "calendar", "show", id)
		return e
	}
	there, files := s.davEvents("bob")
	round := there["Round"]
	want := seen(here())
	if got := seen(round); len(want) != 4 || !strings.HasSuffix(want[1], "Long round, Quay 4") || !slices.Equal(got, want) {
		t.Errorf("changed here:\n here %v\nthere %v", want, got)
	}
	settle()
	s.run("", "sync", "--all")
	if got := seen(here()); !slices.Equal(got, want) {
		t.Errorf("after a sync here is %v, was %v", got, want)
	}

	one, _ := round.Occurrence(round.Start.AddDate(0, 0, 3))
	one.Location = "Lock"
	round = round.WithOccurrence(round.Start.AddDate(0, 0, 3), one).WithoutOccurrence(round.Start.AddDate(0, 0, 4))
	ics := calendar.WriteICS(&calendar.File{Items: []calendar.Item{{Event: round}}})
	s.dav("PUT", "bob", files["Round"], "text/calendar", string(ics))
	settle()
	s.run("", "sync", "--all")
	if got, want := seen(here()), seen(round); !slices.Equal(got, want) {
		t.Errorf("changed over CalDAV:\n here %v\nthere %v", got, want)
	}
}

// Somebody is invited: SOGo puts the event into their calendar, and takes it out
// again.
func TestSOGoMeeting(t *testing.T) {
	s := newSOGo(t)
	s.davEmpty("bob", "Calendar/personal")
	s.davEmpty("carol", "Calendar/personal")
	s.add("bob")
	s.run("", "sync", "--all")
	settle()
	day := time.Now().AddDate(0, 0, 3).Format("2006-01-02")
	subject := "Audit " + time.Now().Format("150405")
	s.run("", "calendar", "add", subject, "--start", day+" 09:30", "--place", "Quay 4", "--invite", "carol@sogo.test")
	mine, _ := s.davEvents("bob")
	if e := mine[subject]; len(e.Attendees) != 1 || !strings.EqualFold(e.Attendees[0].Address.Address, "carol@sogo.test") || e.Organizer.Address != "bob@sogo.test" {
		t.Errorf("the organiser has %+v", mine)
	}
	theirs, _ := s.davEvents("carol") // SOGo puts it there itself
	if e := theirs[subject]; e.Location != "Quay 4" || e.Organizer.Address != "bob@sogo.test" || len(e.Attendees) != 1 {
		t.Errorf("who is invited has %+v", theirs)
	}
	settle()
	s.run("", "sync", "--all")
	id := s.eventIDs()[subject].String()
	if shown := s.run("", "calendar", "show", id); !strings.Contains(shown, "Invited      carol@sogo.test") {
		t.Errorf("shown is\n%s", shown)
	}
	s.run("", "calendar", "delete", id)
	if mine, _ := s.davEvents("bob"); len(mine) != 0 {
		t.Errorf("the organiser still has %+v", mine)
	}
	settle()
	if theirs, _ = s.davEvents("carol"); len(theirs) != 0 {
		t.Errorf("who was invited still has %+v", theirs)
	}
}
