package server_test

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// asking is a user with folders known and something to be found.
func (c *conn) asking() {
	c.t.Helper()
	c.srv.AddPerson(server.Entry{Person: activesync.Person{Name: "Ana Souza", Email: "ana@example.test", FirstName: "Ana", Picture: make([]byte, 5000)}})
	c.srv.AddPerson(server.Entry{Person: activesync.Person{Name: "Ana Terra", Email: "terra@example.test", FirstName: "Ana", Picture: make([]byte, 50)}})
	c.folders()
	for i := range 3 {
		c.deliver("Inbox", fmt.Sprintf("tide %d", i), time.Now().Add(time.Duration(i)*time.Minute))
	}
}

// storeStatus is the Status of the store that a Search asked.
func (c *conn) storeStatus(in any) (int, *wire.Searched[wire.MailSearched]) {
	c.t.Helper()
	var res wire.MailSearchResponse
	c.call("Search", in, &res)
	if res.Status != 1 || res.Store == nil {
		c.t.Fatalf("Search: %+v", res)
	}
	return res.Store.Status, res.Store
}

func TestSearchOfTheMailbox(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		c.asking()
		q := activesync.MailQuery{Words: "TIDE text"}
		search := func(first, n int, change ...func(*wire.MailSearchRequest)) (int, *wire.Searched[wire.MailSearched]) {
			r := wire.NewMailSearch(c.v, q, first, n)
			for _, do := range change {
				do(r)
			}
			return c.storeStatus(r)
		}
		if status, got := search(0, 2); status != 1 || got.Range != "0-1" || wire.SearchedMail(got).Total != 3 || wire.SearchedMail(got).Messages[0].Header.Subject != "tide 2" {
			t.Errorf("first page: %d, %+v", status, got)
		}
		status, got := search(2, 2)
		if status != 1 || got.Range != "2-2" || len(got.Results) != 1 {
			t.Fatalf("second page: %d, %+v", status, got)
		}
		if f := c.operations(wire.FetchLong(got.Results[0].LongID, wholeText().BodyPreferences, 0)); len(f) != 1 || f[0].Status != 1 {
			t.Errorf("fetched by LongId: %+v", f)
		}
		if status, _ := search(3, 2); status != 12 {
			t.Errorf("past the end: status %d", status)
		}
		if status, _ := search(0, 2, func(r *wire.MailSearchRequest) { r.Store.Options.Range = "0-500" }); status != 12 {
			t.Errorf("too many at once: status %d", status)
		}
		if status, _ := search(0, 2, func(r *wire.MailSearchRequest) { r.Store.Query.And = wire.MailTerms{Class: mail} }); status != 2 {
			t.Errorf("nothing to look for: status %d", status)
		}
		c.box.AddFolder("New", activesync.FolderUserMail)
		if status, _ := search(0, 2); status != 11 {
			t.Errorf("with a folder that the device does not know: status %d", status)
		}
		c.folders()
		if status, _ := search(0, 2, func(r *wire.MailSearchRequest) { r.Store.Query.And.Folders = []activesync.ServerID{"99"} }); status != 2 {
			t.Errorf("no such folder: status %d", status)
		}
		q.Words = "nowhere"
		if status, got := search(0, 2); status != 1 || len(wire.SearchedMail(got).Messages) != 0 {
			t.Errorf("nothing found: %d, %+v", status, got)
		}
		el := func(name, text string, children ...*wbxml.Node) *wbxml.Node {
			return &wbxml.Node{Tag: wbxml.MustTag(name), Text: []byte(text), Children: children}
		}
		doc := func(query ...*wbxml.Node) []byte {
			b, err := el("Search:Search", "", el("Search:Store", "", el("Search:Name", "Mailbox"), el("Search:Query", "", query...))).Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		for name, body := range map[string][]byte{
			"two And":        doc(el("Search:And", "", el("Search:FreeText", "x")), el("Search:And", "", el("Search:FreeText", "x"))),
			"outside of And": doc(el("Search:FreeText", "x")),
		} {
			_, answer := c.post("Search", body)
			var res wire.MailSearchResponse
			if err := wbxml.Unmarshal(answer, &res); err != nil || res.Store == nil || res.Store.Status != 8 {
				t.Errorf("%s: %v, %+v", name, err, res)
			}
		}
	})
}

func TestSearchOfPeopleAndDocuments(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		c.asking()
		c.srv.AddDocument(`\\files\plans\quay.txt`, "text/plain", []byte("Plan"))
		gal := wire.NewGALSearch(c.v, "ana", 10)
		if gal.Store.Options.Picture != nil {
			gal.Store.Options.Picture.MaxSize, gal.Store.Options.Picture.MaxPictures = 1000, 1
		}
		var res wire.GALSearchResponse
		c.call("Search", gal, &res)
		people := wire.SearchedPeople(res.Store)
		if len(people.People) != 2 || people.Total != 2 || people.People[0].Name != "Ana Souza" {
			t.Fatalf("found %+v", people)
		}
		if big, small := people.People[0].Picture, people.People[1].Picture; len(big) != 0 || (len(small) == 50) != (c.v >= activesync.V141) {
			t.Errorf("pictures of %d and %d bytes", len(big), len(small))
		}
		attic := wire.NewGALSearch(c.v, "x", 2)
		attic.Store.Name = "Attic"
		for want, r := range map[int]any{
			2: attic,
			4: wire.NewLibrarySearch("https://files/plans", 0, 9),
			6: wire.NewLibrarySearch(`\\files\other`, 0, 9),
			1: wire.NewLibrarySearch(`\\files\plans`, 0, 9),
		} {
			if status, _ := c.storeStatus(r); status != want {
				t.Errorf("status %d, want %d", status, want)
			}
		}
		ranged := wire.FetchDocument(`\\files\plans\quay.txt`)
		ranged.Options = &wire.FetchOptions{Range: "9-12"}
		for i, f := range c.operations(wire.FetchDocument(`\\files\plans\quay.txt`), ranged, wire.FetchDocument(`\\files\plans`), wire.FetchDocument("quay.txt")) {
			if want := []int{1, 8, 6, 4}[i]; f.Status != want {
				t.Errorf("document %d: status %d, want %d", i, f.Status, want)
			}
		}
	})
}

func TestFind(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		c.asking()
		if c.v < activesync.V161 {
			if got := c.refused("Find", wire.NewFindMail("s1", "tide", "", 0, 9)); got != c.common(103, 400) && got != c.common(137, 501) {
				t.Errorf("before 16.1: status %d", got)
			}
			return
		}
		later := wire.NewFindMail("s1", "tide", "", 2, 9)
		var anew wire.FindMailResponse
		if c.call("Find", later, &anew); anew.Status != 1 || anew.Response == nil || anew.Response.Status != 4 {
			t.Errorf("a new search from the third result on: %+v", anew)
		}
		if got := c.refused("Find", wire.NewFindMail("s1", "tide", "", 0, 2)); got != 1 {
			t.Errorf("from the first on: status %d", got)
		}
		var res wire.FindMailResponse
		if c.call("Find", later, &res); res.Status != 1 || res.Response.Range != "2-2" || wire.FoundMail(res.Response).Messages[0].Header.Subject != "tide 0" {
			t.Errorf("its next page: %+v", res)
		}
		c.box.AddFolder("New", activesync.FolderUserMail)
		if got := c.refused("Find", later); got != 3 {
			t.Errorf("with a folder that the device does not know: status %d", got)
		}
		c.folders()
		for _, words := range []string{`tide "low`, "tide (low"} {
			if got := c.refused("Find", wire.NewFindMail("s2", words, "", 0, 2)); got != 2 {
				t.Errorf("%s, which is no KQL: status %d", words, got)
			}
		}
	})
}

func TestResolveRecipientsThatIsRefused(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		c.asking()
		day := time.Now()
		long := wire.NewAvailability(day, day.AddDate(0, 0, 43), "ana@example.test")
		uneven := wire.NewAvailability(day, day.Add(time.Hour), "ana@example.test")
		end := wire.Dashed(day.Truncate(30 * time.Minute).Add(45 * time.Minute))
		uneven.Options.Availability.EndTime = &end
		for name, r := range map[string]*wire.ResolveRecipientsRequest{
			"nobody":              {},
			"101 names":           {To: strings.Fields(strings.Repeat("a ", 101))},
			"a name of 257":       {To: []string{strings.Repeat("a", 257)}},
			"43 days":             long,
			"a part of an hour":   uneven,
			"10,000 certificates": {To: []string{"ana"}, Options: &wire.RecipientOptions{CertificateRetrieval: 2, MaxCertificates: 10000}},
			"10,000 suggestions":  {To: []string{"ana"}, Options: &wire.RecipientOptions{MaxAmbiguousRecipients: 10000}},
			"too large pictures":  {To: []string{"ana"}, Options: &wire.RecipientOptions{Picture: &wire.RecipientPictureMax{MaxSize: 102401}}},
		} {
			if got := c.refused("ResolveRecipients", r); got != 5 {
				t.Errorf("%s: status %d", name, got)
			}
		}
		var res wire.ResolveRecipientsResponse
		c.call("ResolveRecipients", &wire.ResolveRecipientsRequest{To: []string{"ana"}, Options: &wire.RecipientOptions{MaxAmbiguousRecipients: 1}}, &res)
		if r := res.Responses[0]; r.Status != 3 || r.Count != 2 || len(r.Recipients) != 1 {
			t.Errorf("more than are wanted: %+v", r)
		}
	})
}

// Certificates are given whole or not at all, and only of one who is meant; pictures
// are counted for each name.
func TestWhatIsToldOfRecipients(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		root := certificate(t, "Harbour CA", nil)
		mine := certificate(t, "Ito", root)
		for _, name := range []string{"Cal Ito", "Eva Ito", "Bo Lund"} {
			first, _, _ := strings.Cut(name, " ")
			c.srv.AddPerson(server.Entry{Person: activesync.Person{Name: name, Email: strings.ToLower(first) + "@example.test", Picture: []byte("p")},
				Certificates: []*x509.Certificate{mine, mine}})
		}
		o := &wire.RecipientOptions{CertificateRetrieval: 2, MaxCertificates: 3}
		if c.v >= activesync.V141 {
			o.Picture = &wire.RecipientPictureMax{MaxPictures: 1}
		}
		var res wire.ResolveRecipientsResponse
		c.call("ResolveRecipients", &wire.ResolveRecipientsRequest{To: []string{"cal@example.test", "bo@example.test", "ito"}, Options: o}, &res)
		type told struct{ status, certificates, count, given, pictures int }
		var got []told
		for _, r := range res.Responses {
			n := told{status: r.Status}
			for _, who := range r.Recipients {
				if who.Certificates != nil {
					n.certificates, n.count, n.given = who.Certificates.Status, who.Certificates.CertificateCount, len(who.Certificates.Certificates)
				}
				if who.Picture != nil && who.Picture.Status == 1 {
					n.pictures++
				}
			}
			got = append(got, n)
		}
		pictures := map[bool]int{true: 1}[c.v >= activesync.V141]
		if want := []told{{1, 1, 2, 2, pictures}, {1, 8, 2, 0, pictures}, {2, 0, 0, 0, pictures}}; !slices.Equal(got, want) {
			t.Errorf("told %+v, want %+v", got, want)
		}
	})
}

// Two users who look at each other's calendar at once must not wait for ever.
func TestUsersSeeEachOthersCalendar(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	c.srv.AddUser("bea", "x", "bea@example.test")
	c.folders()
	done := make(chan int)
	ask := func() {
		for range 50 {
			c.refused("ResolveRecipients", wire.NewAvailability(time.Now(), time.Now().Add(time.Hour), "bea@example.test", "alice@example.test"))
		}
		done <- 1
	}
	go ask()
	go ask()
	<-done
	<-done
}

func TestSettingsThatAreRefused(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		at := time.Now()
		half := wire.NewOofSet(wire.OofTimed, at, at.Add(time.Hour), "gone", "")
		half.Oof.Set.EndTime = nil
		twice := wire.NewOofSet(wire.OofOn, at, at, "gone", "")
		twice.Oof.Set.Messages[0].Known = true
		for name, tt := range map[string]struct {
			in   *wire.SettingsRequest
			want int
		}{
			"begin without end":  {half, 2},
			"end before begin":   {wire.NewOofSet(wire.OofTimed, at, at.Add(-time.Hour), "gone", ""), 5},
			"a state of 3":       {wire.NewOofSet(3, at, at, "gone", ""), 5},
			"two groups at once": {twice, 5},
			"read and written":   {&wire.SettingsRequest{Oof: &wire.OofSettings{Get: &wire.OofAsking{BodyType: "Text"}, Set: &wire.Oof{}}}, 2},
			"a body type RTF":    {&wire.SettingsRequest{Oof: &wire.OofSettings{Get: &wire.OofAsking{BodyType: "RTF"}}}, 5},
			"all is well":        {wire.NewOofSet(wire.OofOn, at, at, "gone", "away"), 1},
		} {
			var res wire.SettingsResponse
			if c.call("Settings", tt.in, &res); res.Oof == nil || res.Oof.Status != tt.want {
				t.Errorf("%s: %+v, want status %d", name, res.Oof, tt.want)
			}
		}
		if got := c.box.Oof(); got.State != wire.OofOn || got.Messages[0].ReplyMessage != "gone" {
			t.Errorf("kept %+v", got)
		}
		var res wire.SettingsResponse
		if c.call("Settings", &wire.SettingsRequest{DevicePassword: &wire.DevicePasswordSettings{Password: "p"}}, &res); res.DevicePassword.Status != 7 {
			t.Errorf("a recovery password where no policy allows it: %+v", res.DevicePassword)
		}
	})
}

func TestTasksThatAreRefused(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		tasks := c.folders()["Tasks"]
		key := c.prime(tasks, activesync.ClassTasks)
		day := time.Now()
		done := activesync.Task{Subject: "weekly", Complete: true, Completed: day, Begins: day, Due: day, UTCDue: day, Recurrence: activesync.Recurrence{Set: true, Type: 1, Interval: 1, DayOfWeek: 2}}
		open := done
		open.Complete = false
		noStart := open
		noStart.Begins = time.Time{}
		add := func(id string, item any) int {
			raw, err := wire.Pack(item)
			if err != nil {
				t.Fatal(err)
			}
			in := c.collection(tasks, key, activesync.ClassTasks)
			in.Commands = &wire.SyncCommands{Adds: []wire.SyncAdd{{ClientID: id, ApplicationData: raw}}}
			res := c.sync(in)
			key = res.SyncKey
			return res.Made()[id].Status
		}
		incomplete, half := wire.EncodeTask(&open, c.v), wire.EncodeTask(&open, c.v)
		incomplete.Complete, half.UTCDueDate = nil, nil
		for i, tt := range []struct {
			item any
			want int
		}{{incomplete, 6}, {half, 6}, {wire.EncodeTask(&noStart, c.v), 6}, {wire.EncodeTask(&open, c.v), 1}} {
			if got := add(fmt.Sprint("c", i), tt.item); got != tt.want {
				t.Errorf("%d: status %d, want %d", i, got, tt.want)
			}
		}
		// Doing it leaves the next one behind.
		raw, err := wire.Pack(wire.EncodeTask(&done, c.v))
		if err != nil {
			t.Fatal(err)
		}
		in := c.collection(tasks, key, activesync.ClassTasks)
		in.Commands = &wire.SyncCommands{Changes: []wire.SyncChange{{ServerID: tasks + ":1", ApplicationData: raw}}}
		res := c.sync(in)
		all, _ := c.box.Items("Tasks")
		if res.Status != 1 || len(all) != 2 || !all[0].Task.Complete || all[1].Task.Complete || !all[1].Task.Due.Equal(all[0].Task.Due.AddDate(0, 0, 7)) {
			t.Errorf("done: %+v, %d tasks", res, len(all))
		}
	})
}
