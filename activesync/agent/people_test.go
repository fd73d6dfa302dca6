package agent_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/contacts"
	"eas.example/securemail/store"
	"eas.example/securemail/store/storetest"
)

// listedServer is a server with an address list of its own.
type listedServer struct {
	engine.Server
	mu     sync.Mutex
	asked  []string
	people []activesync.Person
	err    error
}

func (s *listedServer) FindPeople(_ context.Context, words string, n int) (activesync.People, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, words)
	out := activesync.People{People: []activesync.Person{}}
	for _, p := range s.people {
		if p.Matches(words) {
			out.People = append(out.People, p)
		}
	}
	out.Total = len(out.People)
	return out, s.err
}

// peopleHouse is a house with address books, a policy file and an address list.
type peopleHouse struct {
	*house
	dir    string
	policy string
	others []contacts.Native
	listed *listedServer
	srv    *server.Server
	book   *shelf
	disk   disk
}

// disk is how the store fares.
type disk struct {
	slow time.Duration // to list the contacts
	full bool
}

// diskStore is a store on a disk.
type diskStore struct {
	agent.Store
	*disk
}

func (s diskStore) Contacts(ctx context.Context, id activesync.AccountID) ([]activesync.ContactRow, error) {
	rows, err := s.Store.Contacts(ctx, id)
	time.Sleep(s.slow)
	return rows, err
}

func (s diskStore) QueueEntries(ctx context.Context, ops []activesync.Op, letters ...activesync.Letter) ([]activesync.Op, error) {
	if s.full {
		return nil, store.ErrFull
	}
	return s.Store.QueueEntries(ctx, ops, letters...)
}

func newPeopleHouse(t *testing.T) *peopleHouse {
	t.Helper()
	h := &peopleHouse{house: &house{t: t, store: storetest.OpenQuick(t)}, dir: t.TempDir(), listed: &listedServer{}, book: &shelf{passwords: map[activesync.AccountID]string{}}}
	h.policy = filepath.Join(h.dir, "policy.toml")
	h.srv = server.New(server.Config{})
	h.box = h.srv.AddUser("alice", "pw", "alice@example.test")
	h.begin()
	h.add()
	return h
}

// begin makes the agent, anew where there was one.
func (h *peopleHouse) begin() {
	h.t.Helper()
	files := policy.NewFiles(filepath.Join(h.dir, "system.toml"), h.policy)
	l, err := agent.NewLocal(agent.Config{Store: diskStore{h.store, &h.disk}, Book: h.book, Policy: files.Now,
		Books: &agent.AddressBooks{Cards: filepath.Join(h.dir, "cards"), Ledgers: filepath.Join(h.dir, "ledgers"),
			Others: func(string) ([]contacts.Native, error) { return h.others, nil }},
		Dial: func(a activesync.Account, password string) (engine.Server, error) {
			c, err := client.New(client.Config{Endpoint: a.Server, User: a.Login(), Password: password, DeviceID: h.store.DeviceID(), DeviceType: "securemail", Transport: h.srv.Transport(),
				Allow: func(host string) error { return files.Now().AllowServer(host) }})
			h.listed.Server = c
			return h.listed, err
		}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.agent = l
}

func (h *peopleHouse) forbid(lines string) {
	h.t.Helper()
	if err := os.WriteFile(h.policy, []byte(lines), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *peopleHouse) cards() []string {
	h.t.Helper()
	found, err := filepath.Glob(filepath.Join(h.dir, "cards", "*", "*.vcf"))
	if err != nil {
		h.t.Fatal(err)
	}
	out := []string{}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

func (h *peopleHouse) names() string {
	h.t.Helper()
	rows, err := h.agent.Contacts(h.t.Context(), h.acc.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, r.Name)
	}
	return strings.Join(out, ", ")
}

func (h *peopleHouse) there() string {
	h.t.Helper()
	items, err := h.box.Items("Contacts")
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, it := range items {
		out = append(out, it.Contact.Name())
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// What could not be taken back can be tried again.
func TestUndoCanBeTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		if _, err := h.agent.Sync(t.Context(), h.acc.ID, nil, true, nil); err != nil {
			t.Fatal(err)
		}
		_, op, err := h.agent.AddContact(t.Context(), h.acc.ID, activesync.Contact{FirstName: "Bo"})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.agent.Push(t.Context(), h.acc.ID); err != nil {
			t.Fatal(err)
		}
		h.disk.full = true
		if err := h.agent.Undo(t.Context(), op); !errors.Is(err, store.ErrFull) {
			t.Errorf("on a full disk: %v", err)
		}
		h.disk.full = false
		if err := h.agent.Undo(t.Context(), op); err != nil || h.names() != "" {
			t.Errorf("with room again: %v, shown is %q", err, h.names())
		}
	})
}

// Each change of a contact is taken back, before the server has it and after.
func TestContactChangesAreTakenBack(t *testing.T) {
	for _, pushed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newPeopleHouse(t)
			if _, err := h.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana", LastName: "Souza", Note: "kept"}); err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			if _, err := h.agent.Sync(ctx, h.acc.ID, nil, true, nil); err != nil {
				t.Fatal(err)
			}
			rows, err := h.agent.Contacts(ctx, h.acc.ID)
			if err != nil || len(rows) != 1 {
				t.Fatalf("%v, %v", rows, err)
			}
			before, err := h.agent.Contact(ctx, rows[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			settle := func(here, there string) {
				t.Helper()
				if got := h.names(); got != here {
					t.Errorf("shown are %q, want %q", got, here)
				}
				if !pushed {
					return
				}
				if err := h.agent.Push(ctx, h.acc.ID); err != nil {
					t.Fatal(err)
				}
				if got := h.there(); got != there {
					t.Errorf("the server has %q, want %q", got, there)
				}
			}
			undo := func(id activesync.OpID) {
				t.Helper()
				if err := h.agent.Undo(ctx, id); err != nil {
					t.Fatal(err)
				}
				settle("Ana Souza", "Ana Souza")
			}
			_, op, err := h.agent.AddContact(ctx, h.acc.ID, activesync.Contact{FirstName: "Bo"})
			if err != nil {
				t.Fatal(err)
			}
			settle("Ana Souza, Bo", "Ana Souza, Bo")
			undo(op)
			after := before
			after.LastName = "Silva"
			if op, err = h.agent.ChangeContact(ctx, before, after); err != nil {
				t.Fatal(err)
			}
			settle("Ana Silva", "Ana Silva")
			undo(op)
			ids, err := h.agent.Do(ctx, activesync.Op{Kind: activesync.OpDelete, Item: before.ID})
			if err != nil {
				t.Fatal(err)
			}
			settle("", "")
			undo(ids[0])
			items, err := h.box.Items("Contacts")
			if err != nil || len(items) != 1 || items[0].Contact.Note != "kept" {
				t.Errorf("the server has %+v, %v", items, err)
			}
		})
	}
}

// A contact that changes on the server is in the address book within seconds,
// as long as the policy lets it; a change of the policy needs no restart.
func TestAddressBookFollowsWithinSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		h.run()
		defer h.agent.Attach(true)()
		ctx := t.Context()
		time.Sleep(time.Minute)
		if _, err := h.agent.SetLocalContacts(ctx, h.acc.ID, contacts.Switch{On: true}); err != nil {
			t.Fatal(err)
		}
		soon := func(n int) {
			t.Helper()
			time.Sleep(5 * time.Second)
			synctest.Wait()
			if got := h.cards(); len(got) != n {
				t.Errorf("%d cards, want %d", len(got), n)
			}
		}
		soon(0)
		if _, err := h.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana", MobilePhone: "1", Note: "secret"}); err != nil {
			t.Fatal(err)
		}
		soon(1)
		if _, _, err := h.agent.AddContact(ctx, h.acc.ID, activesync.Contact{FirstName: "Bo"}); err != nil {
			t.Fatal(err)
		}
		soon(2)
		h.forbid(`export_contacts = "off"`)
		if _, err := h.box.AddContact("Contacts", activesync.Contact{FirstName: "Chris"}); err != nil {
			t.Fatal(err)
		}
		soon(2)
		s, err := h.agent.LocalContacts(ctx, h.acc.ID)
		if err != nil || s.Forbidden == "" || !strings.Contains(s.Problem, "export_contacts") {
			t.Errorf("the setting is %+v, %v", s, err)
		}
		h.forbid(`export_contacts = "on"` + "\n" + `contact_fields_to_export = "name and phone"`)
		time.Sleep(time.Minute)
		soon(3)
		if all := strings.Join(h.cards(), ""); strings.Contains(all, "secret") || !strings.Contains(all, "TEL") {
			t.Errorf("the cards are %s", all)
		}
		if _, err := h.agent.SetLocalContacts(ctx, h.acc.ID, contacts.Switch{Remove: true}); err != nil {
			t.Fatal(err)
		}
		soon(0)
	})
}

func TestCompletionNeverWaitsAndTellsWhenTheListHasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		for _, c := range []activesync.Contact{{FirstName: "Anton", Email1: activesync.Address{Address: "anton@example.test"}}, {FirstName: "Bo"}} {
			if _, err := h.box.AddContact("Contacts", c); err != nil {
				t.Fatal(err)
			}
		}
		h.listed.people = []activesync.Person{{Name: "Anna Berg", Email: "anna@example.test", Picture: []byte("p")}, {Name: "Antje Dahl", Email: "antje@example.test"}}
		h.run()
		notices := h.agent.Subscribe(t.Context())
		time.Sleep(time.Minute)
		complete := func(words string) contacts.Completion {
			t.Helper()
			began := time.Now()
			c, err := h.agent.Complete(t.Context(), h.acc.ID, words)
			if err != nil {
				t.Fatal(err)
			}
			if time.Since(began) > 0 {
				t.Errorf("it took %v", time.Since(began))
			}
			return c
		}
		if c := complete("a"); c.Listed != contacts.NotAsked || len(c.Matches) != 1 {
			t.Errorf("one letter gives %+v", c)
		}
		if c := complete("an"); c.Listed != contacts.Asking || len(c.Matches) != 1 {
			t.Errorf("at first it gives %+v", c)
		}
		complete("ant")
		for len(notices) > 0 {
			<-notices
		}
		time.Sleep(time.Second)
		synctest.Wait()
		told := false
		for len(notices) > 0 {
			told = told || (<-notices).Kind == activesync.NoticePeople
		}
		c := complete("ant")
		if !told || c.Listed != contacts.Answered || len(c.Matches) != 2 || c.Matches[0].Source != contacts.Own || c.Matches[1].Address.Name != "Antje Dahl" {
			t.Errorf("told %v, it gives %+v", told, c)
		}
		if got := strings.Join(h.listed.asked, " "); got != "ant" {
			t.Errorf("asked were %q: what is typed at once is one question", got)
		}
		if complete("antj").Listed != contacts.Answered || len(h.listed.asked) != 1 {
			t.Error("a whole answer to fewer letters was not used")
		}
		// A new contact is among them at once.
		if _, _, err := h.agent.AddContact(t.Context(), h.acc.ID, activesync.Contact{FirstName: "Antonia", Email1: activesync.Address{Address: "antonia@example.test"}}); err != nil {
			t.Fatal(err)
		}
		if c := complete("anton"); len(c.Matches) != 2 {
			t.Errorf("with a new contact it gives %+v", c)
		}
	})
}

// Letters that are typed while the contacts are read for the first time mean them
// too, and so does a contact that comes meanwhile.
func TestLettersWhileTheContactsAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		add := func(name string) {
			t.Helper()
			if _, _, err := h.agent.AddContact(t.Context(), h.acc.ID, activesync.Contact{FirstName: name, Email1: activesync.Address{Address: name + "@example.test"}}); err != nil {
				t.Fatal(err)
			}
		}
		h.run()
		time.Sleep(time.Minute)
		add("Anna")
		complete := func(words string, least int) {
			t.Helper()
			if c, err := h.agent.Complete(t.Context(), h.acc.ID, words); err != nil || len(c.Matches) < least {
				t.Errorf("%q: %+v, %v, want %d", words, c.Matches, err, least)
			}
		}
		h.disk.slow = time.Second
		var wait sync.WaitGroup
		for _, words := range []string{"a", "an"} {
			wait.Go(func() { complete(words, 1) })
		}
		synctest.Wait()
		add("Antje")
		wait.Wait()
		complete("an", 2)
	})
}

// What the address list answered outlives the agent, and serves while the list
// cannot be asked.
func TestAnswersOfTheAddressListOutliveTheAgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		h.listed.people = []activesync.Person{{Name: "Anna Berg", Email: "anna@example.test", Picture: []byte("p")}, {Name: "Antje Dahl", Email: "antje@example.test"}}
		find := func(words string) activesync.People {
			t.Helper()
			p, err := h.agent.FindPeople(t.Context(), h.acc.ID, words)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		h.run()
		time.Sleep(time.Minute)
		if p := find(" An"); len(p.People) != 2 || string(p.People[0].Picture) != "p" || p.Why != "" {
			t.Errorf("the list gives %+v", p)
		}
		if p := find("anna"); len(p.People) != 1 || string(p.People[0].Picture) != "p" || len(h.listed.asked) != 1 {
			t.Errorf("a moment later it gives %+v, asked %q", p, h.listed.asked)
		}
		h.shut()
		h.begin()
		time.Sleep(24 * time.Hour)
		h.listed.err = errors.New("the network is down")
		h.run()
		time.Sleep(time.Minute)
		p := find("ant")
		if len(p.People) != 1 || p.Why != "the network is down" || time.Since(p.At) < 24*time.Hour {
			t.Errorf("offline a day later it gives %+v", p)
		}
		c, err := h.agent.Complete(t.Context(), h.acc.ID, "ann")
		if err != nil || len(c.Matches) != 1 || c.Listed != contacts.Asking {
			t.Errorf("it completes %+v, %v", c, err)
		}
		time.Sleep(time.Second)
		if c, err = h.agent.Complete(t.Context(), h.acc.ID, "ann"); err != nil || len(c.Matches) != 1 || c.Listed != contacts.Unavailable || c.Why == "" {
			t.Errorf("once it was asked it completes %+v, %v", c, err)
		}
		if _, err := h.agent.FindPeople(t.Context(), h.acc.ID, "zz"); err == nil {
			t.Error("a failure for which nothing is kept is an answer")
		}
	})
}

const twoCards = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Souza;Ana;;;\r\nFN:Ana Souza\r\nTEL;TYPE=CELL:1\r\nEND:VCARD\r\n" +
	"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Berg;Bo;;;\r\nFN:Bo Berg\r\nEND:VCARD\r\n"

func TestImportAsPreviewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		ctx := t.Context()
		if _, err := h.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana", LastName: "Souza"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.agent.Sync(ctx, h.acc.ID, nil, true, nil); err != nil {
			t.Fatal(err)
		}
		list, err := h.agent.PreviewImport(ctx, h.acc.ID, []byte(twoCards))
		if err != nil || len(list) != 2 || list[0].Kind != contacts.Update || list[1].Kind != contacts.New {
			t.Fatalf("the preview is %+v, %v", list, err)
		}
		if _, err := h.agent.ImportContacts(ctx, h.acc.ID, []byte(twoCards), []int{0}); err != nil {
			t.Fatal(err)
		}
		if got := h.names(); got != "Ana Souza" {
			t.Errorf("people are %q", got)
		}
		if _, err := h.agent.ImportContacts(ctx, h.acc.ID, []byte(twoCards), nil); err != nil {
			t.Fatal(err)
		}
		if err := h.agent.Push(ctx, h.acc.ID); err != nil {
			t.Fatal(err)
		}
		if got := h.there(); got != "Ana Souza, Bo Berg" {
			t.Errorf("the server has %q", got)
		}
		if ids, err := h.agent.ImportContacts(ctx, h.acc.ID, []byte(twoCards), nil); err != nil || len(ids) != 0 {
			t.Errorf("once more changes %v, %v", ids, err)
		}
	})
}

// With the account goes Sync with Local Contacts; what was written stays.
// Two accounts do not write into one directory.
func TestEachAddressBookHasItsOwnDirectory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		ctx := t.Context()
		two, err := h.agent.AddAccount(ctx, activesync.Account{Name: "two", Email: "alice@example.test", User: "alice", Server: h.acc.Server}, "pw")
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(h.dir, "mine")
		if _, err := h.agent.SetLocalContacts(ctx, h.acc.ID, contacts.Switch{On: true, Dir: dir}); err != nil {
			t.Fatal(err)
		}
		link := filepath.Join(h.dir, "link")
		if err := os.Symlink(dir, link); err != nil {
			t.Fatal(err)
		}
		for _, same := range []string{dir, dir + "/", link} {
			if _, err := h.agent.SetLocalContacts(ctx, two.ID, contacts.Switch{On: true, Dir: same}); !errors.Is(err, agent.ErrSetting) || !strings.Contains(err.Error(), h.acc.Name) {
				t.Errorf("%s gives %v", same, err)
			}
		}
		if _, err := h.agent.SyncLocalContacts(ctx, h.acc.ID); errors.Is(err, contacts.ErrDirectory) {
			t.Error(err)
		}
		if _, err := h.agent.SetLocalContacts(ctx, h.acc.ID, contacts.Switch{}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.agent.SetLocalContacts(ctx, two.ID, contacts.Switch{On: true, Dir: dir}); err != nil {
			t.Errorf("given up by the other: %v", err)
		}
	})
}

func TestRemovedAccountLeavesItsCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPeopleHouse(t)
		ctx := t.Context()
		if _, err := h.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.agent.Sync(ctx, h.acc.ID, nil, true, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := h.agent.SetLocalContacts(ctx, h.acc.ID, contacts.Switch{On: true}); err != nil {
			t.Fatal(err)
		}
		if err := h.agent.RemoveAccount(ctx, h.acc.ID); err != nil {
			t.Fatal(err)
		}
		if got := h.cards(); len(got) != 1 {
			t.Errorf("%d cards are left", len(got))
		}
		h.add()
		if s, err := h.agent.LocalContacts(ctx, h.acc.ID); err != nil || s.On {
			t.Errorf("a new account has %+v, %v", s, err)
		}
	})
}
