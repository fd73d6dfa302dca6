package cli

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
)

// davReply is what PROPFIND says of a collection and its members.
type davReply struct {
	Responses []struct {
		Href  string `xml:"href"`
		Name  string `xml:"propstat>prop>displayname"`
		Types struct {
			Kinds []struct{ XMLName xml.Name } `xml:",any"`
		} `xml:"propstat>prop>resourcetype"`
	} `xml:"response"`
}

// dav does one request of CalDAV or CardDAV, the second way into what SOGo holds.
func (s *sogo) dav(method, user, path, contentType, body string) []byte {
	s.t.Helper()
	req, err := http.NewRequest(method, s.davURL+"/"+user+"/"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(user, s.password)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Depth", "1")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		s.t.Fatalf("%s %s: %s %v", method, path, resp.Status, err)
	}
	return out
}

func (s *sogo) davList(user, path string) davReply {
	s.t.Helper()
	var list davReply
	if err := xml.Unmarshal(s.dav("PROPFIND", user, path+"/", "text/xml", ""), &list); err != nil {
		s.t.Fatalf("PROPFIND %s: %v", path, err)
	}
	return list
}

// davCollections names a user's collections of a kind; not directories, which
// belong to everyone.
func (s *sogo) davCollections(user, path, kind string) []string {
	s.t.Helper()
	var out []string
	for _, r := range s.davList(user, path).Responses {
		has := func(kind string) bool {
			return slices.ContainsFunc(r.Types.Kinds, func(k struct{ XMLName xml.Name }) bool { return k.XMLName.Local == kind })
		}
		if has(kind) && !has("directory") {
			out = append(out, r.Name)
		}
	}
	return out
}

// davEmpty removes what is in a collection.
func (s *sogo) davEmpty(user, collection string) {
	s.t.Helper()
	for _, r := range s.davList(user, collection).Responses {
		if name := path.Base(r.Href); strings.HasSuffix(name, ".vcf") || strings.HasSuffix(name, ".ics") {
			s.dav("DELETE", user, collection+"/"+name, "", "")
		}
	}
}

// settle waits for the next second: SOGo's keys of contacts and events count
// seconds, so what is written in the second of a sync is missed.
func settle() { time.Sleep(1100 * time.Millisecond) }

func TestSOGoContactsEqual(t *testing.T) {
	s := newSOGo(t)
	s.davEmpty("carol", "Contacts/personal")
	put := func(i int, name string) {
		s.dav("PUT", "carol", fmt.Sprintf("Contacts/personal/c%d.vcf", i), "text/vcard", fmt.Sprintf(
			"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c%d\r\nN:%s;Person%d;;;\r\nFN:Person%d %s\r\nORG:Hafen & Söhne;Lager\r\nTITLE:Prüferin\r\n"+
				"EMAIL;TYPE=work:p%d@example.test\r\nEMAIL;TYPE=home:private%d@example.test\r\nTEL;TYPE=cell:+49 170 %d\r\n"+
				"NOTE:Zwei\\nZeilen\\, 漢字\r\nEND:VCARD\r\n", i, name, i, i, name, i, i, i))
	}
	var want []string
	for i := range 12 {
		put(i, "Prüfung")
		want = append(want, fmt.Sprintf("Person%d Prüfung [p%d@example.test private%d@example.test]", i, i, i))
	}
	settle()
	s.add("carol")
	s.run("", "sync", "--all")
	first := s.people(want)

	var c activesync.Contact
	s.json(&c, "contacts", "show", first["Person3 Prüfung"].String())
	if c.CompanyName != "Hafen & Söhne" || c.JobTitle != "Prüferin" || c.MobilePhone != "+49 170 3" || strings.TrimSpace(c.Note) != "Zwei\nZeilen, 漢字" {
		t.Errorf("contact %+v", c)
	}

	settle()
	put(3, "Umbenannt")
	s.dav("DELETE", "carol", "Contacts/personal/c4.vcf", "", "")
	settle()
	s.run("", "sync", "--all")
	want[3] = strings.Replace(want[3], "Prüfung", "Umbenannt", 1)
	second := s.people(slices.Delete(want, 4, 5))
	if second["Person3 Umbenannt"] != first["Person3 Prüfung"] {
		t.Error("a contact has another id after it was renamed")
	}
}

// people lists the contacts, which must be those wanted, and their ids by name.
func (s *sogo) people(want []string) map[string]activesync.ItemID {
	s.t.Helper()
	var rows []activesync.ContactRow
	s.json(&rows, "contacts", "list")
	ids := map[string]activesync.ItemID{}
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s %v", r.Name, r.Emails))
		ids[r.Name] = r.ID
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		s.t.Errorf("contacts\n got %q\nwant %q", got, want)
	}
	return ids
}

func TestSOGoEventsEqual(t *testing.T) {
	s := newSOGo(t)
	s.davEmpty("carol", "Calendar/personal")
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	day := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, time.UTC)
	stamp := func(t time.Time) string { return t.Format("20060102T150405") }
	put := func(uid, lines string) {
		s.dav("PUT", "carol", "Calendar/personal/"+uid+".ics", "text/calendar", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n"+berlinZone+
			"BEGIN:VEVENT\r\nUID:"+uid+"\r\nDTSTAMP:20260101T000000Z\r\n"+strings.ReplaceAll(lines, "\n", "\r\n")+"END:VEVENT\r\nEND:VCALENDAR\r\n")
	}
	var want []string
	expect := func(subject string, start time.Time, d time.Duration) {
		want = append(want, fmt.Sprintf("%s %s %v", subject, jsonTime(start), d))
	}
	for i := range 8 {
		at := day.Add(time.Duration(i+6) * time.Hour)
		put(fmt.Sprintf("e%d", i), fmt.Sprintf("DTSTART:%sZ\nDTEND:%sZ\nSUMMARY:Termin %d\nLOCATION:Raum Süd\n", stamp(at), stamp(at.Add(30*time.Minute)), i))
		expect(fmt.Sprintf("Termin %d", i), at, 30*time.Minute)
	}
	put("series", fmt.Sprintf("DTSTART;TZID=Europe/Berlin:%[1]sT090000\nDTEND;TZID=Europe/Berlin:%[1]sT100000\nSUMMARY:Jeden zweiten Tag\nRRULE:FREQ=DAILY;INTERVAL=2;COUNT=4\n", day.Format("20060102")))
	for i := range 4 {
		expect("Jeden zweiten Tag", time.Date(day.Year(), day.Month(), day.Day()+2*i, 9, 0, 0, 0, berlin), time.Hour)
	}
	put("allday", fmt.Sprintf("DTSTART;VALUE=DATE:%s\nDTEND;VALUE=DATE:%s\nSUMMARY:Zwei ganze Tage\n", day.AddDate(0, 0, 2).Format("20060102"), day.AddDate(0, 0, 4).Format("20060102")))
	expect("Zwei ganze Tage", day.AddDate(0, 0, 2), 48*time.Hour)
	settle()
	s.add("carol")
	s.run("", "sync", "--all")
	s.agenda(want)

	settle()
	s.dav("DELETE", "carol", "Calendar/personal/e2.ics", "", "")
	settle()
	s.run("", "sync", "--all")
	s.agenda(slices.DeleteFunc(want, func(e string) bool { return strings.HasPrefix(e, "Termin 2 ") }))
}

// agenda lists the events of two weeks, which must be those wanted.
func (s *sogo) agenda(want []string) {
	s.t.Helper()
	var rows []activesync.Occurrence
	s.json(&rows, "calendar", "list")
	var got []string
	for _, o := range rows {
		got = append(got, fmt.Sprintf("%s %s %v", o.Subject, jsonTime(o.Start), o.End.Sub(o.Start)))
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		s.t.Errorf("events\n got %q\nwant %q", got, want)
	}
}

var berlinZone = strings.ReplaceAll(`BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
`, "\n", "\r\n")
