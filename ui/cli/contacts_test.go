package cli

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/contacts/contactstest"
	"eas.example/securemail/store/config"
)

// contactsRun is one data directory, used without an agent, whose account is on an
// embedded server.
type contactsRun struct {
	t    *testing.T
	dir  string
	home string
	srv  *server.Server
	box  *server.Mailbox
}

func newContactsRun(t *testing.T, versions ...activesync.Version) *contactsRun {
	t.Helper()
	srv := server.New(server.Config{MinHeartbeat: time.Second, Versions: versions})
	r := &contactsRun{t: t, srv: srv, dir: filepath.Join(t.TempDir(), "data"), home: t.TempDir(), box: srv.AddUser("alice", "wonderland", "alice@example.test")}
	hs := httptest.NewServer(srv)
	t.Cleanup(hs.Close)
	t.Setenv(noAgent, "1")
	t.Setenv("HOME", r.home)
	t.Setenv("XDG_CONFIG_HOME", "")
	if code, _, errs := r.run("wonderland\n", "account", "add", "alice@example.test", "--server", hs.URL+"/Microsoft-Server-ActiveSync", "--user", "alice", "--password-stdin"); code != 0 {
		t.Fatal(errs)
	}
	return r
}

func (r *contactsRun) run(stdin string, args ...string) (code int, stdout, stderr string) {
	r.t.Helper()
	var out, errs bytes.Buffer
	code = Main("test", append([]string{"--data", r.dir}, args...), strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func (r *contactsRun) must(args ...string) string {
	r.t.Helper()
	code, out, errs := r.run("", args...)
	if code != 0 {
		r.t.Fatalf("%v ends with %d: %s", args, code, errs)
	}
	return out
}

func (r *contactsRun) policy(lines ...string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, "policy.toml"), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *contactsRun) server() []activesync.Contact {
	r.t.Helper()
	items, err := r.box.Items("Contacts")
	if err != nil {
		r.t.Fatal(err)
	}
	var out []activesync.Contact
	for _, it := range items {
		out = append(out, *it.Contact)
	}
	return out
}

func TestContactsOnTheCommandLine(t *testing.T) {
	r := newContactsRun(t)
	r.must("sync")
	var made changedContact
	if err := json.Unmarshal([]byte(r.must("contacts", "add", "--json", "--set", "first=Ana", "--set", "last=Souza", "--set", "email=Ana Souza <ana@example.test>",
		"--set", "birthday=1980-11-24", "--set", "children=Bo, Chris")), &made); err != nil || made.ID == 0 || made.Waiting != 0 {
		t.Fatalf("made %+v, %v", made, err)
	}
	r.must("contacts", "edit", made.ID.String(), "--set", "job=Pilot", "--set", "first=")
	got := r.server()
	if len(got) != 1 || got[0].JobTitle != "Pilot" || got[0].FirstName != "" || got[0].Email1.Name != "Ana Souza" || len(got[0].Children) != 2 || got[0].Birthday.Year() != 1980 {
		t.Fatalf("the server has %+v", got)
	}
	shown := r.must("contacts", "show", "--json", made.ID.String())
	for _, want := range []string{`"lastName":"Souza"`, `"jobTitle":"Pilot"`, `"imAddress2":""`, `"mms":""`, `"email1":{"address":"ana@example.test","name":"Ana Souza"}`, `"birthday":"1980-11-24T`, `"home":{"city":""`} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %s in %s", want, shown)
		}
	}
	if regexp.MustCompile(`"[A-Z][^"]*":`).MatchString(shown) || strings.Contains(shown, "0001-01-01") {
		t.Errorf("a name that begins large, or a day of no year: %s", shown)
	}
	cards := filepath.Join(t.TempDir(), "two.vcf")
	if err := os.WriteFile(cards, []byte("BEGIN:VCARD\nVERSION:3.0\nN:Berg;Bo;;;\nFN:Bo Berg\nEND:VCARD\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := r.must("contacts", "import", cards); !strings.Contains(out, "1 new") || len(r.server()) != 1 {
		t.Errorf("the preview says %s", out)
	}
	r.must("contacts", "import", "--yes", cards)
	if len(r.server()) != 2 {
		t.Errorf("the server has %+v", r.server())
	}
	if out := r.must("contacts", "search", "--here", "berg"); !strings.Contains(out, "Bo Berg") || strings.Contains(out, "Souza") {
		t.Errorf("found are %s", out)
	}
	r.must("contacts", "delete", made.ID.String())
	if got := r.server(); len(got) != 1 || got[0].LastName != "Berg" {
		t.Errorf("the server has %+v", got)
	}
	for set, want := range map[string]string{
		"shoe=44": `"shoe"; there are`, "email=nobody": "an address", "birthday=soon": "a date such as", "picture=me.jpg": "--picture FILE", "first": "is not FIELD=VALUE",
	} {
		if code, _, errs := r.run("", "contacts", "add", "--set", "last=Wrong", "--set", set); code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("--set %s ends with %d: %s", set, code, errs)
		}
	}
	if got := r.server(); len(got) != 1 {
		t.Errorf("the server has %+v", got)
	}
}

// Whom the server notes as written to completes addresses, and is no contact.
func TestTheRecipientCacheIsNoContacts(t *testing.T) {
	r := newContactsRun(t)
	r.box.AddFolder("Recipient Cache", activesync.FolderRecipientCache)
	for folder, first := range map[string]string{"Contacts": "Ana", "Recipient Cache": "Once Written To"} {
		if _, err := r.box.AddContact(folder, activesync.Contact{FirstName: first, FileAs: first, Email1: activesync.Address{Address: "x@example.test"}}); err != nil {
			t.Fatal(err)
		}
	}
	r.must("sync", "--all")
	for _, args := range [][]string{{"contacts", "list"}, {"contacts", "search", "--here", "x@example.test"}} {
		if out := r.must(args...); !strings.Contains(out, "Ana") || strings.Contains(out, "Once") {
			t.Errorf("%v says %s", args, out)
		}
	}
}

// What cannot be meant is a usage error, whoever finds that out.
func TestNonsenseIsAUsageError(t *testing.T) {
	r := newContactsRun(t)
	for _, args := range []string{"agent set --mode push", "agent set --grace 48h", "notifications set --way command", "notifications set --snooze 1s",
		"send --no-queue --at 10:00", "show 1 --raw --html", "list --limit -1", "contacts export 1 --vcard 2.1"} {
		if code, out, errs := r.run("x", strings.Fields(args)...); code != exitUsage || out != "" {
			t.Errorf("%s ends with %d: %s%s", args, code, out, errs)
		}
	}
}

// A file that is named as it is seen from here is the same one for a run elsewhere.
func TestNamedFilesAreKeptByTheirWholePath(t *testing.T) {
	r := newContactsRun(t)
	r.must("sync", "--all")
	hs := httptest.NewTLSServer(r.srv)
	t.Cleanup(hs.Close)
	here := t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: hs.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(here, "ca.pem"), ca, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	if code, _, errs := r.run("wonderland\n", "account", "add", "alice@example.test", "--name", "two", "--user", "alice", "--server", hs.URL, "--ca-file", "ca.pem",
		"--password-stdin"); code != 0 {
		t.Fatal(errs)
	}
	r.must("contacts", "sync", "on", "--dir", "cards")
	t.Chdir(t.TempDir())
	r.must("account", "check", "--account", "two")
	r.must("contacts", "sync", "now")
}

// An account that cannot be used, because its password is not here or a file that
// it names is gone, keeps nobody from the others, and can be mended and removed.
func TestAnAccountThatCannotBeUsedIsAloneWithThat(t *testing.T) {
	r := newContactsRun(t)
	path := filepath.Join(r.dir, "config.toml")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	byHand := fmt.Sprintf("\n[[account]]\nid = 'byhand'\nname = 'two'\nemail = 'alice@example.test'\nuser = 'alice'\nauth = 'basic'\nserver = '%s'\n", c.Accounts[0].Server)
	write := func(more string) {
		if err := os.WriteFile(path, append(slices.Clone(whole), byHand+more...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	r.must("sync", "--account", "alice@example.test")
	r.must("list")
	if code, _, errs := r.run("", "sync", "--account", "two"); code != exitAuth || !strings.Contains(errs, "no password is kept") || !strings.Contains(errs, "account sign-in") {
		t.Errorf("without a password: exit %d, %s", code, errs)
	}
	if code, _, errs := r.run("wonderland\n", "account", "sign-in", "two", "--password-stdin"); code != 0 {
		t.Errorf("to sign in ends with %d: %s", code, errs)
	}
	r.must("sync", "--account", "two")
	write("ca_file = '/nowhere/ca.pem'\n")
	r.must("sync", "--account", "alice@example.test")
	if code, _, errs := r.run("", "sync", "--account", "two"); code != exitFailed || !strings.Contains(errs, "/nowhere/ca.pem") {
		t.Errorf("without its certificates: exit %d, %s", code, errs)
	}
	r.must("account", "remove", "two")
}

// What a policy allows is offered and done, what it does not is neither shown
// nor done, whatever other program syncs contacts.
func TestExportPoliciesOnTheCommandLineAndInTheAddressBook(t *testing.T) {
	r := newContactsRun(t)
	if _, err := r.box.AddContact("Contacts", activesync.Contact{FirstName: "Ana", LastName: "Souza", MobilePhone: "1"}); err != nil {
		t.Fatal(err)
	}
	r.must("sync", "--all")
	var rows []activesync.ContactRow
	if err := json.Unmarshal([]byte(r.must("contacts", "list", "--json")), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	id := rows[0].ID.String()
	var setting struct{ Default string }
	if err := json.Unmarshal([]byte(r.must("contacts", "sync", "status", "--json")), &setting); err != nil {
		t.Fatal(err)
	}
	for name := range contactstest.Natives(r.home, setting.Default) {
		for _, export := range []string{"on", "off"} {
			for _, override := range []string{"on", "off"} {
				t.Run(fmt.Sprintf("%s, export %s, override %s", name, export, override), func(t *testing.T) {
					r.t = t
					files := contactstest.Natives(r.home, setting.Default)[name]
					for path, content := range files {
						if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
							t.Fatal(err)
						}
						if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
							t.Fatal(err)
						}
						defer os.Remove(path)
					}
					r.policy(`export_contacts = "`+export+`"`, `override_native_contacts_check = "`+override+`"`)
					r.exportCell(id, setting.Default, export == "on", export == "on" && (override == "on" || name == "none"), name)
				})
			}
		}
	}
}

// exportCell tries all that takes contacts out: whether it is offered, and
// whether the address book is kept.
func (r *contactsRun) exportCell(id, dir string, offered, kept bool, native string) {
	t := r.t
	t.Helper()
	help := r.must("contacts", "--help")
	for _, word := range []string{"export", "share", "sync"} {
		if strings.Contains(help, "\n  "+word+" ") != offered {
			t.Errorf("help offers %s: %t, want %t\n%s", word, !offered, offered, help)
		}
	}
	for _, args := range [][]string{{"export", id}, {"export", id, "--to-address-book"}, {"share", id, "--to", "bo@example.test"}, {"sync", "status"}} {
		code, out, errs := r.run("", append([]string{"contacts"}, args...)...)
		if offered && code != 0 {
			t.Errorf("%v ends with %d: %s", args, code, errs)
		}
		if !offered && (code != exitPolicy || !strings.Contains(errs, "export_contacts") || out != "") {
			t.Errorf("%v ends with %d and says %q, %q", args, code, out, errs)
		}
	}
	code, _, errs := r.run("", "contacts", "sync", "on")
	cards, err := filepath.Glob(filepath.Join(dir, "*.vcf"))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case kept && (code != 0 || len(cards) == 0):
		t.Errorf("turned on it ends with %d (%s) and keeps %d cards", code, errs, len(cards))
	case !kept && code != exitPolicy:
		t.Errorf("turned on it ends with %d: %s", code, errs)
	case offered && !kept && !strings.Contains(errs, "another program"):
		t.Errorf("beside %s it says %q", native, errs)
	}
	if kept && native != "none" {
		if out := r.must("contacts", "sync", "status"); !strings.Contains(out, "Another program") {
			t.Errorf("the status says %s", out)
		}
	}
	if kept {
		r.must("contacts", "sync", "off", "--remove")
	}
	for _, card := range cards {
		os.Remove(card)
	}
}

// What leaves is said before the first card is written, also where nothing is then.
func TestSyncOnSaysFirstWhatLeaves(t *testing.T) {
	r := newContactsRun(t)
	r.must("sync", "--all")
	r.policy(`contact_fields_to_export = "name and phone"`, `export_contacts = "on"`)
	if code, _, errs := r.run("", "contacts", "sync", "on", "--dir", "/proc/nowhere"); code == 0 || !strings.HasPrefix(errs, "securemail: names and phone numbers of the default contacts folder go to /proc/nowhere, ") {
		t.Errorf("it ends with %d and says %s", code, errs)
	}
	dir := t.TempDir()
	code, _, errs := r.run("", "contacts", "sync", "on", "--dir", dir)
	if code != 0 || !strings.Contains(errs, "names and phone numbers of the default contacts folder go to "+dir) {
		t.Errorf("it ends with %d and says %s", code, errs)
	}
	if code, _, errs := r.run("", "contacts", "sync", "on", "--dir", dir); code != 0 || errs != "" {
		t.Errorf("once more it ends with %d and says %s", code, errs)
	}
}

func TestPoliciesAreListed(t *testing.T) {
	r := newContactsRun(t)
	r.policy(`export_contacts = "off"`, `allowed_servers = ["127.0.0.1"]`)
	out := r.must("policy")
	for _, want := range []string{"Export contacts", "off", "policy.toml", "carried out here", "127.0.0.1"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	r.policy(`allowed_servers = ["mail.example.test"]`)
	if code, _, errs := r.run("", "sync"); code != exitPolicy || !strings.Contains(errs, "allowed_servers") {
		t.Errorf("sync with another server ends with %d: %s", code, errs)
	}
	r.policy(`export_contact = "off"`)
	if code, _, errs := r.run("", "contacts", "sync", "status"); code != exitPolicy || !strings.Contains(errs, "policy.toml:1:1") {
		t.Errorf("with a wrong file it ends with %d: %s", code, errs)
	}
}

// Messages can be reported where the policy says to whom, and the command is not
// there where it does not.
func TestReportingIsGoverned(t *testing.T) {
	r := newContactsRun(t)
	if _, err := r.box.Deliver("Inbox", server.Mail([]byte("From: eve@example.test\r\nTo: alice@example.test\r\nSubject: Your parcel\r\n\r\nClick.\r\n")), false); err != nil {
		t.Fatal(err)
	}
	r.must("sync", "inbox")
	var rows []struct{ ID string }
	if err := json.Unmarshal([]byte(r.must("list", "--json")), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%v, %v", rows, err)
	}
	if out := r.must("--help"); strings.Contains(out, "phishing") {
		t.Errorf("the command is offered:\n%s", out)
	}
	if code, _, errs := r.run("", "report", rows[0].ID); code != exitPolicy || !strings.Contains(errs, "report_phishing_addresses") {
		t.Errorf("it ends with %d: %s", code, errs)
	}
	r.policy(`report_phishing_addresses = ["soc@example.test"]`)
	if out := r.must("--help"); !strings.Contains(out, "phishing") {
		t.Errorf("the command is not offered:\n%s", out)
	}
	if out := r.must("report", rows[0].ID); !strings.Contains(out, "reported to soc@example.test, moved to Junk Email") {
		t.Errorf("it says %s", out)
	}
	junk, err := r.box.Items("Junk Email")
	if err != nil || len(junk) != 1 {
		t.Errorf("%d messages in Junk, %v", len(junk), err)
	}
}
