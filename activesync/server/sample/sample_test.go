package sample

import (
	"archive/zip"
	"bytes"
	"image"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/server"
)

// moments are those at which a demo may begin: by day, just after midnight, on
// a Monday, at a weekend, at a change of the clocks.
func moments(t *testing.T) map[string]time.Time {
	t.Helper()
	london, err := calendar.LoadZone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]time.Time{
		"a Tuesday":          time.Date(2026, 9, 8, 14, 5, 30, 0, london),
		"just after new day": time.Date(2026, 9, 8, 0, 2, 0, 0, london),
		"a Monday morning":   time.Date(2026, 9, 7, 7, 30, 0, 0, time.UTC),
		"a Sunday":           time.Date(2026, 10, 25, 22, 0, 0, 0, london),
		"new year":           time.Date(2027, 1, 1, 12, 0, 0, 0, time.FixedZone("", 9*3600)),
	}
}

func filled(t *testing.T, now time.Time) *server.Mailbox {
	t.Helper()
	box := server.New(server.Config{}).AddUser("alice", "wonderland", "alice@example.test")
	if err := Fill(box, now); err != nil {
		t.Fatal(err)
	}
	return box
}

func items(t *testing.T, box *server.Mailbox, path string) []server.Stored {
	t.Helper()
	all, err := box.Items(path)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMailboxIsLikeARealOne(t *testing.T) {
	for name, now := range moments(t) {
		t.Run(name, func(t *testing.T) {
			s, err := newSampler(now)
			if err != nil {
				t.Fatal(err)
			}
			all, err := s.letters()
			if err != nil {
				t.Fatal(err)
			}
			unread, flagged, answered, days, folders := 0, 0, 0, map[string]int{}, map[string]int{}
			for _, l := range all {
				if l.date.After(now) {
					t.Errorf("%s comes from the future: %v", l.id, l.date)
				}
				if p := l.parent; p != nil && l.date.Before(p.date) {
					t.Errorf("%s of %v answers %s of %v", l.id, l.date, p.id, p.date)
				}
				if folders[l.folder]++; l.folder != "Inbox" {
					continue
				}
				if !l.read {
					unread++
				}
				if l.flag == activesync.FlagActive {
					flagged++
				}
				if l.verb != activesync.VerbNone {
					answered++
				}
				switch {
				case !l.date.Before(s.midnight(0)):
					days["today"]++
				case !l.date.Before(s.midnight(-1)):
					days["yesterday"]++
				}
			}
			inbox := folders["Inbox"]
			if len(all) < 280 || len(all) > 340 || inbox < 60 || unread < 15 || unread > inbox/2 || flagged < 3 || answered < 8 || days["today"] < 12 || days["yesterday"] < 8 {
				t.Errorf("%d messages, %d in the Inbox, %d unread, %d flagged, %d answered, %v", len(all), inbox, unread, flagged, answered, days)
			}
			for _, path := range []string{"Sent Items", "Drafts", "Junk Email", "Archive", "Projects", "Projects/Harbour", "Projects/Harbour/Quay 4", "Projects/Tender",
				"Projects/Website", "Newsletters", "Family", "Family/Choir", "Deleted Items"} {
				if folders[path] == 0 {
					t.Errorf("%s is empty", path)
				}
			}
		})
	}
}

func TestSourcesAreSound(t *testing.T) {
	now := moments(t)["a Tuesday"]
	s, err := newSampler(now)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.letters()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	kinds := map[string]int{}
	scripts := map[string]bool{}
	for _, l := range all {
		src := l.source()
		if !bytes.Equal(src, l.source()) {
			t.Errorf("%s: not the same twice", l.id)
		}
		m := message.ParseBytes(src)
		if !m.Date.Equal(l.date) {
			t.Errorf("%s of %v is dated %v", l.id, l.date, m.Date)
		}
		if m.Note != "" || m.Subject != l.subject || m.MessageID != l.messageID() || seen[m.MessageID] {
			t.Errorf("%s: note %q, subject %q, id %q", l.id, m.Note, m.Subject, m.MessageID)
		}
		seen[m.MessageID] = true
		if m.InReplyTo != "" && !slices.Contains(m.References, m.InReplyTo) {
			t.Errorf("%s answers %q, which is not in %v", l.id, m.InReplyTo, m.References)
		}
		text := m.PlainText()
		if strings.TrimSpace(text) == "" || strings.Contains(text, "\uFFFD") || len(m.To) == 0 || m.From[0].Name == "" {
			t.Errorf("%s: %q", l.id, text)
		}
		for i, line := range bytes.Split(src, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
				t.Errorf("%s: line %d is no line of mail", l.id, i+1)
			}
		}
		if m.HTML != "" {
			kinds["html"]++
		}
		if m.Calendar != nil {
			kinds["calendar"]++
			if f, err := calendar.ReadICS(m.Calendar, time.UTC); err != nil || f.Method == "" || len(f.Items) != 1 {
				t.Errorf("%s: invitation %+v, %v", l.id, f, err)
			}
		}
		if strings.Contains(m.HTML, "display:none") {
			kinds["hidden"]++
		}
		for _, f := range m.Attachments {
			kinds[f.ContentType]++
			checkFile(t, l.id, f)
		}
		for name, table := range map[string]*unicode.RangeTable{"Greek": unicode.Greek, "Cyrillic": unicode.Cyrillic, "Arabic": unicode.Arabic, "Hebrew": unicode.Hebrew,
			"Devanagari": unicode.Devanagari, "Kana": unicode.Hiragana, "Han": unicode.Han, "Hangul": unicode.Hangul} {
			if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(table, r) }) {
				scripts[name] = true
			}
		}
	}
	if len(scripts) != 8 || kinds["html"] < 60 || kinds["calendar"] < 5 || kinds["hidden"] < 8 || kinds["application/pdf"] < 5 || kinds["image/png"] < 4 {
		t.Errorf("scripts %v, kinds %v", scripts, kinds)
	}
}

// checkFile opens an attachment as the program for it would.
func checkFile(t *testing.T, id string, f message.File) {
	t.Helper()
	var err error
	switch {
	case strings.HasPrefix(f.ContentType, "image/"):
		_, _, err = image.Decode(bytes.NewReader(f.Content))
	case strings.HasSuffix(f.Name, ".xlsx"), strings.HasSuffix(f.Name, ".docx"):
		_, err = zip.NewReader(bytes.NewReader(f.Content), int64(len(f.Content)))
	case f.ContentType == "application/pdf":
		if !bytes.HasPrefix(f.Content, []byte("%PDF-1.4")) || !bytes.HasSuffix(f.Content, []byte("%%EOF\n")) {
			t.Errorf("%s: %s is no PDF", id, f.Name)
		}
	}
	if err != nil {
		t.Errorf("%s: %s: %v", id, f.Name, err)
	}
}

func TestPeople(t *testing.T) {
	all := items(t, filled(t, time.Now()), "Contacts")
	if len(all) != 40 {
		t.Errorf("%d contacts", len(all))
	}
	names, fields, pictures := map[string]bool{}, 0, map[string]bool{}
	for _, it := range all {
		c := *it.Contact
		if c.Name() == "" || names[c.Name()] {
			t.Errorf("name %q", c.Name())
		}
		names[c.Name()] = true
		_, kind, err := image.Decode(bytes.NewReader(c.Picture))
		if err != nil || len(c.Picture) > 36<<10 {
			t.Errorf("%s: a picture of %d bytes, %v", c.Name(), len(c.Picture), err)
		}
		pictures[kind] = true
		for _, f := range c.TextFields() {
			if *f.Value != "" {
				fields++
			}
		}
	}
	if len(pictures) != 2 || fields < 40*8 {
		t.Errorf("pictures %v, %d fields", pictures, fields)
	}
}

func TestEventsOfTwoWeeks(t *testing.T) {
	for name, now := range moments(t) {
		t.Run(name, func(t *testing.T) {
			var events []activesync.Event
			uids := map[string]bool{}
			for _, it := range items(t, filled(t, now), "Calendar") {
				if uids[it.Event.UID] || it.Event.UID == "" {
					t.Errorf("%s: UID %q", it.Event.Subject, it.Event.UID)
				}
				uids[it.Event.UID] = true
				if !it.Event.End.After(it.Event.Start) {
					t.Errorf("%s ends before it begins", it.Event.Subject)
				}
				events = append(events, *it.Event)
			}
			c := clock{now}
			got := calendar.Expand(events, c.midnight(-7), c.midnight(8), now.Location())
			kinds := map[string]int{}
			for _, o := range got {
				for kind, is := range map[string]bool{"all day": o.AllDay, "series": o.Series, "cancelled": o.Cancelled, "days": o.End.Sub(o.Start) > 25*time.Hour} {
					if is {
						kinds[kind]++
					}
				}
			}
			if len(got) < 30 || kinds["all day"] < 4 || kinds["series"] < 10 || kinds["cancelled"] != 1 || kinds["days"] < 1 {
				t.Errorf("%d appointments, %v", len(got), kinds)
			}
			if today := calendar.Expand(events, c.midnight(0), c.midnight(1), now.Location()); len(today) < 3 {
				t.Errorf("%d today", len(today))
			}
		})
	}
}

func TestTheSameMomentGivesTheSameMailbox(t *testing.T) {
	now := moments(t)["a Tuesday"]
	one, two := filled(t, now), filled(t, now)
	for _, path := range one.Folders() {
		a, b := items(t, one, path), items(t, two, path)
		same := slices.EqualFunc(a, b, func(x, y server.Stored) bool {
			return x.ID == y.ID && x.Read == y.Read && x.Date.Equal(y.Date) && bytes.Equal(x.MIME, y.MIME)
		})
		if !same {
			t.Errorf("%s differs", path)
		}
	}
}

func TestArrivals(t *testing.T) {
	now := moments(t)["a Tuesday"]
	coming, err := NewArrivals(now)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for range 60 {
		now = now.Add(time.Minute)
		d := coming.Next(now)
		m := message.ParseBytes(d.Source())
		if ids[m.MessageID] || m.Note != "" || !d.Date.Equal(now) || !m.Date.Equal(now) || d.Read {
			t.Errorf("%q, note %q, date %v", m.MessageID, m.Note, d.Date)
		}
		ids[m.MessageID] = true
	}
}
