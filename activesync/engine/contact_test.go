package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store/storetest"
)

// fullContact has something in every field that can be written.
func fullContact(n int) activesync.Contact {
	c := activesync.Contact{}
	for i, f := range c.TextFields() {
		if f.Name != "Contacts:Alias" {
			_, name, _ := strings.Cut(f.Name, ":")
			*f.Value = fmt.Sprintf("%s %d/%d", name, n, i)
		}
	}
	c.Email1 = activesync.Address{Name: fmt.Sprintf("Ana, the %dth", n), Address: fmt.Sprintf("ana.%d@example.test", n)}
	c.Email2 = activesync.Address{Address: fmt.Sprintf("ana.%d@home.test", n)}
	c.Email3 = activesync.Address{Address: fmt.Sprintf("a%d@third.test", n)}
	c.Birthday = time.Date(1950+n%60, time.Month(1+n%12), 1+n%28, 0, 0, 0, 0, time.UTC)
	c.Anniversary = time.Date(1980+n%40, time.Month(1+n%12), 1+n%28, 0, 0, 0, 0, time.UTC)
	c.Children = []string{fmt.Sprintf("Child %d", n), "Zoë"}
	c.Categories = []string{"Friends", fmt.Sprintf("Group %d", n%7)}
	c.Picture = []byte("\xFF\xD8\xFF picture " + strings.Repeat(fmt.Sprint(n), 40))
	c.Business.Street = fmt.Sprintf("%d Quay Road\nFloor 2", n)
	c.Note = fmt.Sprintf("Note %d\nwith a second line", n)
	return c
}

func (w *world) contactsFolder() activesync.FolderID {
	return w.folder(activesync.FolderContacts).ID
}

func (w *world) contactOps(ops ...activesync.Op) []activesync.Op {
	w.t.Helper()
	out, err := w.store.QueueEntries(context.Background(), ops)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) addContact(c activesync.Contact) activesync.ItemID {
	w.t.Helper()
	return w.contactOps(activesync.Op{Kind: activesync.OpContactAdd, To: w.contactsFolder(), Contact: &c})[0].Item
}

func (w *world) changeContact(id activesync.ItemID, do func(*activesync.Contact)) activesync.OpID {
	w.t.Helper()
	c := w.contact(id)
	do(&c)
	return w.contactOps(activesync.Op{Kind: activesync.OpContactChange, Item: id, Contact: &c})[0].ID
}

func (w *world) contact(id activesync.ItemID) activesync.Contact {
	w.t.Helper()
	c, err := w.store.Contact(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// onlyContact is a full contact that the server had and that has come.
func (w *world) onlyContact() activesync.ItemID {
	w.t.Helper()
	w.put(fullContact(1))
	w.syncSoon()
	rows, err := w.store.Contacts(w.t.Context(), w.account.ID)
	if err != nil || len(rows) != 1 {
		w.t.Fatalf("%d contacts, %v", len(rows), err)
	}
	return rows[0].ID
}

// people are the contacts here by their mobile number, in all their fields.
func (w *world) people() map[string]activesync.Contact {
	w.t.Helper()
	rows, err := w.store.Contacts(context.Background(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]activesync.Contact{}
	for _, r := range rows {
		c := w.contact(r.ID)
		c.ID, c.Folder = 0, 0
		if _, twice := out[c.MobilePhone]; twice {
			w.t.Errorf("%s is here twice", c.MobilePhone)
		}
		out[c.MobilePhone] = c
	}
	return out
}

// there are the contacts of the server likewise.
func (w *world) there() map[string]activesync.Contact {
	w.t.Helper()
	items, err := w.box.Items("Contacts")
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]activesync.Contact{}
	for _, it := range items {
		c := *it.Contact
		if _, twice := out[c.MobilePhone]; twice {
			w.t.Errorf("%s is twice on the server", c.MobilePhone)
		}
		out[c.MobilePhone] = c
	}
	return out
}

func (w *world) equalPeople() {
	w.t.Helper()
	if d := cmp.Diff(w.there(), w.people()); d != "" {
		w.t.Errorf("the contacts differ (-server +here):\n%s", d)
	}
	ops, err := w.store.Pending(context.Background(), w.account.ID)
	if err != nil || len(ops) > 0 {
		w.t.Errorf("the journal holds %+v, %v", ops, err)
	}
	if err := w.store.Check(context.Background()); err != nil {
		w.t.Error(err)
	}
}

func (w *world) serverContact(mobile string) (activesync.ServerID, activesync.Contact) {
	w.t.Helper()
	items, err := w.box.Items("Contacts")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, it := range items {
		if it.Contact.MobilePhone == mobile {
			return it.ID, *it.Contact
		}
	}
	w.t.Fatalf("the server has no contact %s", mobile)
	return "", activesync.Contact{}
}

func (w *world) put(c activesync.Contact) activesync.ServerID {
	w.t.Helper()
	id, err := w.box.AddContact("Contacts", c)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// syncSoon syncs until nothing waits any more, as the engine does when it runs.
func (w *world) syncSoon() {
	w.t.Helper()
	for range 6 {
		time.Sleep(time.Hour)
		_, _ = w.engine.Sync(context.Background(), nil, true, nil)
		ops, err := w.store.Pending(context.Background(), w.account.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(ops) == 0 {
			break
		}
	}
	time.Sleep(time.Hour)
	_, _ = w.engine.Sync(context.Background(), nil, true, nil)
}

func TestContactsGoBothWaysOnEveryServer(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		for n := range 4 {
			w.put(fullContact(n))
		}
		w.syncSoon()
		w.equalPeople()
		ids := map[string]activesync.ItemID{}
		rows, err := w.store.Contacts(t.Context(), w.account.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			ids[w.contact(r.ID).MobilePhone] = r.ID
		}
		mobile := func(n int) string { return fullContact(n).MobilePhone }
		w.addContact(fullContact(10))
		w.addContact(activesync.Contact{LastName: "Alone", MobilePhone: "1"})
		w.changeContact(ids[mobile(0)], func(c *activesync.Contact) { c.JobTitle, c.Note = "Pilot", "" })
		w.changeContact(ids[mobile(1)], func(c *activesync.Contact) {
			*c = activesync.Contact{ID: c.ID, Folder: c.Folder, FirstName: c.FirstName, MobilePhone: c.MobilePhone}
		})
		w.contactOps(activesync.Op{Kind: activesync.OpDelete, Item: ids[mobile(2)]})
		if n := len(w.people()); n != 5 {
			t.Errorf("%d contacts are shown at once, want 5", n)
		}
		w.syncSoon()
		w.equalPeople()
		there := w.there()
		if len(there) != 5 || there[mobile(0)].JobTitle != "Pilot" || there[mobile(0)].Note != "" || there[mobile(0)].Spouse == "" {
			t.Errorf("the server has %d contacts; the first is %+v", len(there), there[mobile(0)])
		}
		if want := (activesync.Contact{FirstName: fullContact(1).FirstName, MobilePhone: mobile(1)}); !cmp.Equal(want, there[mobile(1)]) {
			t.Errorf("what was emptied is\n%s", cmp.Diff(want, there[mobile(1)]))
		}
		if d := cmp.Diff(fullContact(10), there[mobile(10)]); d != "" {
			t.Errorf("the new contact came as\n%s", d)
		}
	})
}

func TestEditsOfBothSidesMerge(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		here := w.onlyContact()
		w.changeContact(here, func(c *activesync.Contact) { c.JobTitle, c.Spouse = "Pilot", "Bo" })
		id, c := w.serverContact(fullContact(1).MobilePhone)
		c.CompanyName, c.Spouse = "Harbour Office", "Chris"
		if err := w.box.SetContact(id, c); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.syncSoon()
		_, c = w.serverContact(fullContact(1).MobilePhone)
		if c.JobTitle != "Pilot" || c.CompanyName != "Harbour Office" || c.Spouse != "Chris" || c.Note == "" {
			t.Errorf("the server has %+v", c)
		}
		if c := w.contact(here); c.Spouse != "Chris" || c.JobTitle != "Pilot" {
			t.Errorf("here is %+v", c)
		}
		ops, err := w.store.Pending(t.Context(), w.account.ID)
		if err != nil || len(ops) != 1 || !ops[0].Aside || ops[0].State != activesync.OpParked || !strings.Contains(ops[0].Reason, "spouse") {
			t.Fatalf("the journal holds %+v, %v", ops, err)
		}
		// The person's side is kept, and can be had after all.
		op := ops[0]
		op.State, op.Reason = activesync.OpPending, ""
		if err := w.store.SetOp(t.Context(), op); err != nil {
			t.Fatal(err)
		}
		w.syncSoon()
		if _, c := w.serverContact(fullContact(1).MobilePhone); c.Spouse != "Bo" || c.CompanyName != "Harbour Office" {
			t.Errorf("the server has %+v", c)
		}
		w.equalPeople()
	})
}

// The server's change of a contact comes while somebody has it open to change it.
// What they saw was the old one, so a field of both sides is as if both had changed
// it at the same time.
func TestChangeOfWhatWasNotSeenIsAConflict(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		saw := w.contact(w.onlyContact())
		id, c := w.serverContact(saw.MobilePhone)
		c.CompanyName, c.Spouse = "Harbour Office", "Chris"
		if err := w.box.SetContact(id, c); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.syncSoon()
		mine := saw
		mine.JobTitle, mine.Spouse = "Pilot", "Bo"
		w.contactOps(activesync.Op{Kind: activesync.OpContactChange, Item: saw.ID, Contact: &mine, ContactBefore: &saw})
		w.syncSoon()
		if _, c := w.serverContact(saw.MobilePhone); c.JobTitle != "Pilot" || c.CompanyName != "Harbour Office" || c.Spouse != "Chris" {
			t.Errorf("the server has %q, %q, %q", c.JobTitle, c.CompanyName, c.Spouse)
		}
		ops, err := w.store.Pending(t.Context(), w.account.ID)
		if err != nil || len(ops) != 1 || !ops[0].Aside || !strings.Contains(ops[0].Reason, "spouse") {
			t.Errorf("the journal holds %+v, %v", ops, err)
		}
	})
}

// Whatever happens to the answer, a contact is made once.
func TestLostAnswerToAMakingMakesOnce(t *testing.T) {
	for name, fault := range map[string]server.Fault{"answer lost": {Drop: true}, "request lost": {Refuse: true}, "refused": {Status: 503},
		"twice": {Twice: true}, "empty": {Status: 200}} {
		t.Run(name, func(t *testing.T) {
			everyServer(t, func(t *testing.T, w *world) {
				if name == "twice" {
					t.Skip("a proxy that repeats a request makes two on servers that do not know repeats")
				}
				w.put(fullContact(1))
				w.syncSoon()
				folder := w.folder(activesync.FolderContacts).ServerID
				n := 0
				w.setFault(func(r *server.Request) *server.Fault {
					if r.Command == "Sync" && len(r.Collections) == 1 && r.Collections[0] == folder {
						if n++; n <= 2 {
							f := fault
							return &f
						}
					}
					return nil
				})
				for i := range 3 {
					w.addContact(fullContact(20 + i))
				}
				w.syncSoon()
				w.setFault(nil)
				w.syncSoon()
				w.equalPeople()
				if len(w.there()) != 4 {
					t.Errorf("the server has %d contacts, want 4", len(w.there()))
				}
			})
		})
	}
}

// What the person changed of a contact that another device deletes is kept.
func TestChangeOfADeletedContactIsKept(t *testing.T) {
	everyServer(t, func(t *testing.T, w *world) {
		w.changeContact(w.onlyContact(), func(c *activesync.Contact) { c.JobTitle = "Pilot" })
		id, _ := w.serverContact(fullContact(1).MobilePhone)
		if err := w.box.Delete(id); err != nil {
			t.Fatal(err)
		}
		w.syncSoon()
		ops, err := w.store.Pending(t.Context(), w.account.ID)
		if err != nil || len(ops) != 1 || ops[0].Kind != activesync.OpContactAdd || ops[0].State != activesync.OpParked {
			t.Fatalf("the journal holds %+v, %v", ops, err)
		}
		if c := w.contact(ops[0].Item); c.JobTitle != "Pilot" || c.Spouse == "" {
			t.Errorf("kept is %+v", c)
		}
		if err := w.store.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if err := w.store.RevertOp(t.Context(), ops[0].ID); err != nil {
			t.Fatal(err)
		}
		w.equalPeople()
	})
}

// A person changes their mind at any time.
func TestContactsAreTakenBack(t *testing.T) {
	for name, fault := range map[string]*server.Fault{"at once": nil, "answer lost": {Drop: true}, "request lost": {Refuse: true}} {
		t.Run(name, func(t *testing.T) {
			everyServer(t, func(t *testing.T, w *world) {
				w.put(fullContact(1))
				w.put(fullContact(2))
				w.syncSoon()
				before := w.people()
				rows, err := w.store.Contacts(t.Context(), w.account.ID)
				if err != nil {
					t.Fatal(err)
				}
				c := fullContact(30)
				ops := w.contactOps(activesync.Op{Kind: activesync.OpContactAdd, To: w.contactsFolder(), Contact: &c})
				change := w.changeContact(rows[0].ID, func(c *activesync.Contact) { c.JobTitle, c.Note = "Pilot", "" })
				if fault != nil {
					w.setFault(func(*server.Request) *server.Fault { f := *fault; return &f })
					_ = w.engine.Push(t.Context())
					w.setFault(nil)
				}
				for _, id := range []activesync.OpID{ops[0].ID, change} {
					if err := w.store.RevertOp(t.Context(), id); err != nil {
						t.Fatal(err)
					}
				}
				w.syncSoon()
				w.equalPeople()
				if d := cmp.Diff(before, w.people()); d != "" {
					t.Errorf("not as it was:\n%s", d)
				}
			})
		})
	}
}

// 5,000 contacts go to the server and come to another device, in each version,
// with all they have. SECUREMAIL_CONTACTS says how many they are; without it
// there are fewer.
func TestFiveThousandContactsGoRound(t *testing.T) {
	many := int(fromEnvironment(t, "SECUREMAIL_CONTACTS", 150))
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Versions: []activesync.Version{v}})
				w.sync()
				ops := make([]activesync.Op, many)
				for n := range ops {
					c := fullContact(n)
					ops[n] = activesync.Op{Kind: activesync.OpContactAdd, To: w.contactsFolder(), Contact: &c}
				}
				w.contactOps(ops...)
				if err := w.engine.Push(t.Context()); err != nil {
					t.Fatal(err)
				}
				other := &world{t: t, server: w.server, box: w.box, line: line{next: w.server.Transport()}, account: w.account}
				other.store = storetest.OpenQuick(t)
				other.engine = other.newEngine(testPassword)
				other.sync()
				got := other.people()
				if len(got) != many {
					t.Fatalf("%d contacts arrive", len(got))
				}
				for n := range many {
					want := fullContact(n)
					if have := got[want.MobilePhone]; !cmp.Equal(want, have) {
						t.Fatalf("contact %d:\n%s", n, cmp.Diff(want, have))
					}
				}
			})
		})
	}
}
