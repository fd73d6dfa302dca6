package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
)

// everyField is a contact with something in every field that can be written.
func everyField(n int) activesync.Contact {
	c := activesync.Contact{}
	for i, f := range c.TextFields() {
		if _, name, _ := strings.Cut(f.Name, ":"); name != "Alias" {
			*f.Value = fmt.Sprintf("%s %d %d", name, n, i)
		}
	}
	c.WebPage = fmt.Sprintf("https://example.test/%d", n)
	for i, p := range []*string{&c.MobilePhone, &c.BusinessPhone, &c.Business2Phone, &c.BusinessFax, &c.HomePhone, &c.Home2Phone, &c.HomeFax, &c.CarPhone,
		&c.Pager, &c.RadioPhone, &c.AssistantPhone, &c.CompanyMainPhone} {
		*p = fmt.Sprintf("+44 20 7946 %02d%04d", i, n)
	}
	c.Email1 = activesync.Address{Address: fmt.Sprintf("ana.%d@example.test", n)}
	c.Email2 = activesync.Address{Address: fmt.Sprintf("ana.%d@home.test", n)}
	c.Email3 = activesync.Address{Address: fmt.Sprintf("a%d@third.test", n)}
	c.Birthday = time.Date(1950+n%60, time.Month(1+n%12), 1+n%28, 0, 0, 0, 0, time.UTC)
	c.Anniversary = time.Date(1980+n%40, time.Month(1+n%12), 1+n%28, 0, 0, 0, 0, time.UTC)
	c.Children, c.Categories = []string{"Zoë", "Bo"}, []string{"Friends"}
	c.Picture = []byte("\xFF\xD8\xFF\xE0 picture " + strconv.Itoa(n))
	c.Note = fmt.Sprintf("Note %d, 漢字\nsecond line", n)
	return c
}

// fieldsOf are the fields of a contact by name, in words.
func fieldsOf(c activesync.Contact) map[string]string {
	out := map[string]string{}
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch f := v.Field(i).Interface().(type) {
		case activesync.Address:
			out[name] = f.Address
		case activesync.PostalAddress:
			for j := range reflect.ValueOf(f).NumField() {
				out[name+" "+reflect.TypeOf(f).Field(j).Name] = reflect.ValueOf(f).Field(j).String()
			}
		case time.Time:
			out[name] = f.UTC().Format(dayFormat)
		case []byte:
			out[name] = fmt.Sprintf("%x", f)
		default:
			out[name] = strings.TrimSpace(fmt.Sprint(f))
		}
	}
	for _, other := range []string{"ID", "Folder", "Alias", "WeightedRank"} {
		delete(out, other)
	}
	return out
}

// sogoLoses are the fields that SOGo does not give back as they were given.
func sogoLoses() []string {
	return []string{"AccountName", "Anniversary", "AssistantName", "AssistantPhone", "Business2Phone", "CarPhone", "Children", "CompanyMainPhone",
		"CustomerID", "GovernmentID", "Home2Phone", "HomeFax", "IMAddress2", "IMAddress3", "MMS", "ManagerName", "OfficeLocation", "RadioPhone",
		"Spouse", "YomiCompanyName", "YomiFirstName", "YomiLastName"}
}

// Every field that SOGo carries comes to another device as it was, and what it
// does not carry is known. SECUREMAIL_CONTACTS says with how many contacts.
func TestSOGoCarriesContacts(t *testing.T) {
	s := newSOGo(t)
	many := 20
	if n, err := strconv.Atoi(os.Getenv("SECUREMAIL_CONTACTS")); err == nil {
		many = n
	}
	s.davEmpty("carol", "Contacts/personal")
	settle()
	s.add("carol")
	s.run("", "sync", "--all")
	var cards bytes.Buffer
	for n := range many {
		card, err := contacts.ToVCard(everyField(n), "4.0")
		if err != nil {
			t.Fatal(err)
		}
		cards.Write(card)
	}
	s.run(cards.String(), "contacts", "import", "--yes", "-")
	settle()
	other := newSOGo(t)
	other.add("carol")
	other.run("", "sync", "--all")
	var rows []activesync.ContactRow
	other.json(&rows, "contacts", "list")
	if len(rows) != many {
		t.Fatalf("%d contacts on the other device, want %d", len(rows), many)
	}
	lost := map[string]int{}
	for _, c := range other.whole(rows) {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(c.Email1.Address, "ana."), "@example.test"))
		if err != nil {
			t.Fatalf("the contact %+v is none of ours", c)
		}
		got := fieldsOf(c)
		for name, want := range fieldsOf(everyField(n)) {
			if got[name] != want {
				if lost[name] == 0 {
					t.Logf("%s: %q became %q", name, want, got[name])
				}
				lost[name]++
			}
		}
	}
	var names []string
	for name := range lost {
		names = append(names, name)
	}
	slices.Sort(names)
	if !slices.Equal(names, sogoLoses()) {
		t.Errorf("SOGo loses %q, known are %q", names, sogoLoses())
	}
	// Edits of both sides: what each changed is there on both.
	settle()
	one := rows[0].ID.String()
	other.run("", "contacts", "edit", one, "--set", "JobTitle=Pilot")
	settle()
	s.run("", "sync", "--all")
	var here []activesync.ContactRow
	s.json(&here, "contacts", "list")
	i := slices.IndexFunc(here, func(r activesync.ContactRow) bool { return slices.Equal(r.Emails, rows[0].Emails) })
	if i < 0 {
		t.Fatalf("%v is not on the first device", rows[0])
	}
	s.run("", "contacts", "edit", here[i].ID.String(), "--set", "NickName=Captain")
	settle()
	other.run("", "sync", "--all")
	var c activesync.Contact
	other.json(&c, "contacts", "show", one)
	if c.JobTitle != "Pilot" || c.NickName != "Captain" || c.MobilePhone == "" || c.Note == "" {
		t.Errorf("after edits of both sides it is %+v", c)
	}
	s.run("", "contacts", "delete", here[i].ID.String())
	settle()
	other.run("", "sync", "--all")
	other.json(&rows, "contacts", "list")
	if len(rows) != many-1 {
		t.Errorf("after a deletion %d contacts", len(rows))
	}
}

// whole reads contacts with all fields.
func (s *sogo) whole(rows []activesync.ContactRow) (out []activesync.Contact) {
	s.t.Run("read", func(t *testing.T) {
		reading := *s
		reading.t = t
		h, _ := reading.house()
		for _, r := range rows {
			c, err := h.agent.Contact(t.Context(), r.ID)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, c)
		}
	})
	return out
}

// khard shows a contact that changes on SOGo within ten seconds.
func TestSOGoContactIsInKhardWithinTenSeconds(t *testing.T) {
	s := newSOGo(t)
	k := newKhard(t)
	s.davEmpty("carol", "Contacts/personal")
	settle()
	s.withAgent = true
	s.add("carol")
	t.Cleanup(func() { s.run("", "agent", "stop") })
	s.run("", "sync", "--all")
	dir := filepath.Join(s.dir, "book")
	s.run("", "contacts", "sync", "on", "--dir", dir)
	k.book(dir)
	put := func(name string) {
		s.dav("PUT", "carol", "Contacts/personal/k.vcf", "text/vcard", "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:k\r\nN:"+name+";Ana;;;\r\nFN:Ana "+name+"\r\nEND:VCARD\r\n")
	}
	for _, name := range []string{"Souza", "Silva"} {
		time.Sleep(6 * time.Second) // a Ping is open by now
		put(name)
		began := time.Now()
		for !strings.Contains(k.list(), name) {
			if time.Since(began) > 10*time.Second {
				t.Fatalf("after 10 s khard shows %q\n%s", k.list(), s.run("", "contacts", "sync", "status"))
			}
			time.Sleep(200 * time.Millisecond)
		}
		t.Logf("khard shows %s after %v", name, time.Since(began).Round(100*time.Millisecond))
	}
}

// decoded reads JSON that a command printed.
func decoded[T any](t *testing.T, text string) (out T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

// The address list of the organisation, which SOGo keeps of its users, is
// searched.
func TestSOGoAddressListIsSearched(t *testing.T) {
	s := newSOGo(t)
	s.add("alice")
	s.run("", "sync")
	var found foundPeople
	s.json(&found, "contacts", "search", "bob")
	if len(found.Directory) != 1 || !strings.HasPrefix(found.Directory[0].Email, "bob@") || found.Directory[0].Name != "Bob Tester" || found.Problem != "" {
		t.Errorf("the directory gives %+v", found)
	}
	s.json(&found, "contacts", "search", "nobodyiscalledso")
	if len(found.Directory) != 0 || found.Problem != "" {
		t.Errorf("for nobody it gives %+v", found)
	}
}
