package ui_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/contacts"
	"eas.example/securemail/contacts/contactstest"
	"eas.example/securemail/ui"
)

var updateGolden = flag.Bool("update", false, "write what is found into testdata")

// bookHouse is a driver whose agent keeps address books under a policy file.
type bookHouse struct {
	*driver
	home  string
	cards string
	files *policy.Files
}

func newBookHouse(t *testing.T) *bookHouse {
	t.Helper()
	h := &bookHouse{driver: newDriver(t, server.Config{}), home: t.TempDir()}
	h.cards = filepath.Join(h.home, "cards")
	h.files = policy.NewFiles(filepath.Join(h.home, "system.toml"), filepath.Join(h.home, "policy.toml"))
	machine := contacts.Machine{Home: h.home, Lookup: func(string) string { return "" }}
	h.policy = h.files.Now
	h.books = &agent.AddressBooks{Cards: h.cards, Ledgers: filepath.Join(h.home, "ledgers"), Others: machine.Others}
	h.wrap = func(l *agent.Local) ui.Backend { return homely{l, h.home} }
	if _, err := h.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana", LastName: "Souza", MobilePhone: "1"}); err != nil {
		t.Fatal(err)
	}
	return h
}

// homely names the directory of the test as a person's home, so that what is on
// the screen is the same in each run.
type homely struct {
	*agent.Local
	home string
}

func (h homely) LocalContacts(ctx context.Context, id activesync.AccountID) (contacts.Setting, error) {
	s, err := h.Local.LocalContacts(ctx, id)
	short := func(text *string) { *text = strings.ReplaceAll(*text, h.home, "/home/ana") }
	for _, text := range []*string{&s.Default, &s.Dir, &s.Problem} {
		short(text)
	}
	if !s.Last.IsZero() {
		s.Last = time.Now() // it is that of a file, outside of the bubble
	}
	s.Others = slices.Clone(s.Others)
	for i := range s.Others {
		short(&s.Others[i].Place)
		short(&s.Others[i].Detail)
	}
	return s, err
}

func (h homely) SetLocalContacts(ctx context.Context, id activesync.AccountID, to contacts.Switch) ([]string, error) {
	to.Dir = strings.ReplaceAll(to.Dir, "/home/ana", h.home)
	return h.Local.SetLocalContacts(ctx, id, to)
}

func (h *bookHouse) decree(lines ...string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.home, "policy.toml"), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *bookHouse) show(width, height int) {
	h.t.Helper()
	h.open(width, height, ui.Deps{Forbidden: func(name string) string { return h.files.Now().Forbidden(name) }})
}

// vcards are the files of the address book.
func (h *bookHouse) vcards() []string {
	h.t.Helper()
	found, err := filepath.Glob(filepath.Join(h.cards, "*", "*.vcf"))
	if err != nil {
		h.t.Fatal(err)
	}
	return found
}

// section goes to Sync with Local Contacts as the palette does.
func (h *bookHouse) section() {
	h.t.Helper()
	h.press("ctrl+k")
	for _, r := range "sync with local" {
		h.press(string(r))
	}
}

// page is the screen without its head, its foot and blanks at the end.
func (h *bookHouse) page() string {
	var out []string
	lines := h.screen()
	for _, l := range lines[1 : len(lines)-2] {
		out = append(out, strings.TrimRight(l, " "))
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
}

// soon lets what the agent does by itself happen.
func soon() {
	time.Sleep(10 * time.Second)
	synctest.Wait()
}

// What a policy allows is on the screen and done, what it does not is neither,
// whatever other program syncs contacts.
func TestExportPoliciesOnTheScreen(t *testing.T) {
	var out strings.Builder
	kinds := contactstest.Natives("", "")
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		for _, export := range []string{"on", "off"} {
			for _, override := range []string{"on", "off"} {
				cell := fmt.Sprintf("%s, export %s, override %s", name, export, override)
				t.Run(cell, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						h := newBookHouse(t)
						for path, content := range contactstest.Natives(h.home, filepath.Join(h.cards, "securemail-a"))[name] {
							if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
								t.Fatal(err)
							}
							if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
								t.Fatal(err)
							}
						}
						h.decree(`export_contacts = "`+export+`"`, `override_native_contacts_check = "`+override+`"`)
						h.show(80, 24)
						defer h.close()
						fmt.Fprintf(&out, "=== %s\n", cell)
						if h.cell(&out, export == "on"); len(h.vcards()) > 0 != (export == "on" && (override == "on" || name == "none")) {
							t.Errorf("there are %d cards", len(h.vcards()))
						}
					})
				})
			}
		}
	}
	if t.Failed() {
		return
	}
	path := filepath.Join("testdata", "localcontacts.golden")
	if *updateGolden {
		if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the screens are not those of %s; run with -update and look at what changed", path)
	}
}

// cell writes what is to be seen in one cell of the table, and tries to turn it
// on.
func (h *bookHouse) cell(out *strings.Builder, offered bool) {
	h.press(",")
	out.WriteString(h.page())
	if strings.Contains(h.page(), "Sync with Local") != offered {
		h.t.Errorf("the section is listed: %t", !offered)
	}
	h.section()
	if strings.Contains(h.page(), "Sync with Local") != offered {
		h.t.Errorf("the palette offers it: %t\n%s", !offered, h.page())
	}
	if !offered {
		h.press("esc")
		return
	}
	h.press("enter")
	out.WriteString(h.page())
	h.press("enter")
	out.WriteString(h.page())
	h.press("y")
	soon()
	out.WriteString(h.page())
}

// It is turned on after a word about what leaves, follows Exchange, and asks
// what becomes of the cards when it is turned off.
func TestSyncWithLocalContactsOnAndOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newBookHouse(t)
		h.decree(`export_contacts = "on"`, `contact_fields_to_export = "name and phone"`)
		h.show(80, 24)
		defer h.close()
		h.section()
		h.press("enter")
		h.want("(●) Off", "Contacts only", "names and phone numbers")
		h.press("k", "enter")
		h.want("never its", "names and phone numbers", "Turn on")
		h.press("enter") // that is No
		h.want("(●) Off")
		h.press("enter", "y")
		soon()
		h.want("(●) On")
		if len(h.vcards()) != 1 {
			t.Fatalf("there are %d cards", len(h.vcards()))
		}
		h.press("j", "enter")
		h.want("1 card was written", "Keep the cards", "Remove the cards")
		h.press("enter") // that is to keep them
		h.want("(●) Off", "the cards stay")
		soon()
		if len(h.vcards()) != 1 {
			t.Errorf("there are %d cards", len(h.vcards()))
		}
		h.press("k", "enter", "y")
		soon()
		h.press("j", "enter", "right", "enter")
		soon()
		h.want("(●) Off")
		if len(h.vcards()) != 0 {
			t.Errorf("there are %d cards", len(h.vcards()))
		}
	})
}

// A card that is changed by hand is told of, both sides are shown, and either
// can be chosen.
func TestACardChangedByHandIsDecidedOnTheScreen(t *testing.T) {
	for _, c := range []struct{ key, mobile string }{{"1", "1"}, {"2", "22"}} {
		synctest.Test(t, func(t *testing.T) {
			h := newBookHouse(t)
			h.decree(`export_contacts = "on"`)
			h.show(80, 24)
			defer h.close()
			if _, err := h.agent.SetLocalContacts(t.Context(), "a", contacts.Switch{On: true}); err != nil {
				t.Fatal(err)
			}
			soon()
			card := h.vcards()[0]
			data, err := os.ReadFile(card)
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(data), ":1\r\n", ":22\r\n", 1)
			if changed == string(data) {
				t.Fatalf("there is no number in %s", data)
			}
			if err := os.WriteFile(card, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := h.agent.SyncLocalContacts(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			h.section()
			h.press("enter")
			h.want("Conflicts", "changed by hand", "Decide")
			h.press("g", "v")
			h.want("Ana Souza", "On Exchange", "Yours", "Mobile", "22")
			h.press(c.key)
			soon()
			items, err := h.box.Items("Contacts")
			if err != nil || len(items) != 1 || items[0].Contact.MobilePhone != c.mobile {
				t.Errorf("Exchange has %+v, %v", items, err)
			}
			if data, err = os.ReadFile(h.vcards()[0]); err != nil || !strings.Contains(string(data), ":"+c.mobile+"\r\n") {
				t.Errorf("the card is %s, %v", data, err)
			}
			h.lacks("Conflicts")
		})
	}
}

// A contact that was changed here and on Exchange has two versions too, and
// either can be chosen.
func TestAContactChangedOnBothSidesIsDecidedOnTheScreen(t *testing.T) {
	for _, c := range []struct{ key, mobile string }{{"1", "33"}, {"2", "22"}} {
		synctest.Test(t, func(t *testing.T) {
			h := newBookHouse(t)
			h.decree(`export_contacts = "on"`)
			h.show(80, 24)
			defer h.close()
			before, ok := h.person("Ana Souza")
			if !ok {
				t.Fatal("she is not there")
			}
			theirs, mine := before, before
			theirs.MobilePhone, mine.MobilePhone, mine.Note = "33", "22", "mine"
			if err := h.box.SetContact(h.onServer()[0].ID, theirs); err != nil {
				t.Fatal(err)
			}
			if _, err := h.agent.ChangeContact(t.Context(), before, mine); err != nil {
				t.Fatal(err)
			}
			soon()
			if now := h.onServer()[0].Contact; now.MobilePhone != "33" || now.Note != "mine" {
				t.Errorf("what both sides changed, and what one did, is %q and %q on Exchange", now.MobilePhone, now.Note)
			}
			h.press("g", "v")
			h.want("Two versions of a person", "changed here", "and on Exchange", "Mobile", "33", "22")
			h.press("esc") // later
			h.press("g", "v", c.key)
			soon()
			if now := h.onServer()[0].Contact; now.MobilePhone != c.mobile || now.Note != "mine" {
				t.Errorf("chosen, Exchange has %q and %q", now.MobilePhone, now.Note)
			}
			if now, _ := h.person("Ana Souza"); now.MobilePhone != c.mobile {
				t.Errorf("chosen, here it is %q", now.MobilePhone)
			}
			h.press("g", "v")
			h.want("There is one version of everybody.")
		})
	}
}

// The person names the directory: a whole path, in which home can be ~.
func TestTheDirectoryOfTheAddressBookIsChosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newBookHouse(t)
		h.decree(`export_contacts = "on"`)
		h.show(80, 24)
		defer h.close()
		h.section()
		h.press("enter")
		h.press("j", "j", "enter")
		h.want("Directory of the address book")
		h.typed("cards")
		h.want("Write the whole path, from / or ~/ on.")
		h.typed("/home/ana/people")
		h.want("/home/ana/people")
		h.press("k", "k", "enter")
		h.want("are written as vCards to", "/home/ana/people")
		h.press("y")
		soon()
		if found, err := filepath.Glob(filepath.Join(h.home, "people", "*.vcf")); err != nil || len(found) != 1 {
			t.Errorf("there are %v, %v", found, err)
		}
	})
}

// What Max sync interval forbids is locked in Period from the moment on when the
// file says so.
func TestPeriodIsLockedByThePolicyOfNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newBookHouse(t)
		h.decree(`export_contacts = "on"`)
		h.show(80, 30)
		defer h.close()
		period := func() {
			h.press(".")
			h.click("Sync options")
			h.click("Period")
			h.want("Inbox: Period", "1 month")
		}
		period()
		h.lacks("Locked")
		h.press("esc", "esc", "esc")
		h.decree(`max_sync_interval = "1w"`)
		period()
		h.click("1 month")
		h.want("Locked: Max sync interval")
	})
}

// The list of settings says at once whether an organisation decides anything here,
// and whether its file can be read.
func TestSettingsSayWhetherTheyAreManaged(t *testing.T) {
	for lines, want := range map[string]string{"": "none", `export_contacts = "on"`: "managed", "export_contacts = ": "▲ locked"} {
		synctest.Test(t, func(t *testing.T) {
			h := newBookHouse(t)
			if lines != "" {
				h.decree(lines)
			}
			h.show(80, 24)
			defer h.close()
			h.press("4")
			soon()
			if got := regexp.MustCompile(`Policies +(\S.*)`).FindStringSubmatch(h.page()); got == nil || strings.TrimSpace(got[1]) != want {
				t.Errorf("under %q it says %q, want %q", lines, got, want)
			}
		})
	}
}

// All managed policies are listed with who set them; what one locks says so, and
// Export contacts off takes the setting away while it is on screen.
func TestManagedPoliciesOnTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newBookHouse(t)
		h.decree(`export_contacts = "on"`, `max_sync_interval = "1w"`, `background_refresh_allowed = "off"`)
		h.show(200, 100)
		defer h.close()
		h.section()
		h.press("enter")
		h.want("Another directory")
		h.decree(`max_sync_interval = "1w"`, `background_refresh_allowed = "off"`)
		h.press("ctrl+l")
		h.lacks("Another directory", "Sync with Local Contacts   ")
		h.press("g", "g", "j", "j", "j", "j", "enter")
		for _, r := range h.files.Now().Rows() {
			h.want(r.Label)
		}
		h.want("policy.toml.", "✓ Enforced here")
		h.press("esc", "k", "k", "k", "enter")
		h.want("Locked: Background refresh allowed")
	})
}
