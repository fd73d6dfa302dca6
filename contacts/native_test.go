package contacts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Configuration files as the programs write them.
const (
	goaAccounts = `[Account account_1447]
Provider=%s
Identity=ana
PresentationIdentity=ana@corp.test
MailEnabled=true
CalendarEnabled=true
ContactsEnabled=%s
Host=mail.corp.test
`
	evolutionCollection = `
[Data Source]
DisplayName=Corp
Enabled=%s
Parent=

[Collection]
BackendName=%s
CalendarEnabled=true
ContactsEnabled=true
Identity=ana@corp.test
MailEnabled=true
`
	evolutionBook = `[Data Source]
DisplayName=Corp contacts
Enabled=true
Parent=ews-stub

[Address Book]
BackendName=ews
`
	akonadiList = "[Instances]\nakonadi_contacts_resource_0\\AgentType=akonadi_contacts_resource\nakonadi_ews_resource_1\\AgentType=akonadi_ews_resource\n"
	akonadiEWS  = "[General]\nBaseUrl=https://mail.corp.test/EWS/Exchange.asmx\nEmail=ana@corp.test\nUsername=ana\n"
	vdirsyncer  = `[general]
status_path = "~/.vdirsyncer/status/"

[pair book]
a = "local"
b = "remote"
collections = ["from a", "from b"]

[storage local]
type = "filesystem"
path = "~/.contacts/"
fileext = ".vcf"

[storage remote]
type = "carddav"
url = "%s"
username = "ana@corp.test"
`
)

func format(s string, args ...string) string {
	for _, a := range args {
		s = strings.Replace(s, "%s", a, 1)
	}
	return s
}

func TestOtherProgramsAreFound(t *testing.T) {
	const davmail = "davmail.url=https\\://outlook.office365.com/EWS/Exchange.asmx\ndavmail.caldavPort=1180\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		dir   string
		want  string // program; "" for nothing
		at    string // place
	}{
		{"nothing", nil, "contacts", "", ""},
		{"GNOME exchange", map[string]string{".config/goa-1.0/accounts.conf": format(goaAccounts, "exchange", "true")}, "contacts", "GNOME Online Accounts", ".config/goa-1.0/accounts.conf"},
		{"GNOME Microsoft 365", map[string]string{".config/goa-1.0/accounts.conf": format(goaAccounts, "ms_graph", "true")}, "contacts", "GNOME Online Accounts", ".config/goa-1.0/accounts.conf"},
		{"GNOME Outlook.com", map[string]string{".config/goa-1.0/accounts.conf": format(goaAccounts, "windows_live", "true")}, "contacts", "GNOME Online Accounts", ".config/goa-1.0/accounts.conf"},
		{"GNOME without contacts", map[string]string{".config/goa-1.0/accounts.conf": format(goaAccounts, "exchange", "false")}, "contacts", "", ""},
		{"GNOME, mail alone", map[string]string{".config/goa-1.0/accounts.conf": strings.Replace(goaAccounts, "ContactsEnabled=%s\n", "", 1)}, "contacts", "", ""},
		{"GNOME elsewhere", map[string]string{".config/goa-1.0/accounts.conf": format(goaAccounts, "google", "true")}, "contacts", "", ""},
		{"Evolution ews", map[string]string{".config/evolution/sources/a.source": format(evolutionCollection, "true", "ews")}, "contacts", "Evolution", ".config/evolution/sources/a.source"},
		{"Evolution microsoft365", map[string]string{".config/evolution/sources/a.source": format(evolutionCollection, "true", "microsoft365")}, "contacts", "Evolution", ".config/evolution/sources/a.source"},
		{"Evolution eas", map[string]string{".config/evolution/sources/a.source": format(evolutionCollection, "true", "eas")}, "contacts", "Evolution", ".config/evolution/sources/a.source"},
		{"Evolution as a Flatpak", map[string]string{".var/app/org.gnome.Evolution/config/evolution/sources/a.source": format(evolutionCollection, "true", "ews")}, "contacts", "Evolution", ".var/app/org.gnome.Evolution/config/evolution/sources/a.source"},
		{"Evolution turned off", map[string]string{".config/evolution/sources/a.source": format(evolutionCollection, "false", "ews")}, "contacts", "", ""},
		{"Evolution webdav", map[string]string{".config/evolution/sources/a.source": format(evolutionCollection, "true", "webdav")}, "contacts", "", ""},
		{"Evolution address book", map[string]string{".config/evolution/sources/b.source": evolutionBook}, "contacts", "Evolution", ".config/evolution/sources/b.source"},
		{"KDE", map[string]string{".config/akonadi/agentsrc": akonadiList, ".config/akonadi_ews_resource_1rc": akonadiEWS}, "contacts", "KDE Akonadi (EWS)", ".config/akonadi_ews_resource_1rc"},
		{"KDE, removed", map[string]string{".config/akonadi/agentsrc": "[Instances]\n", ".config/akonadi_ews_resource_1rc": akonadiEWS}, "contacts", "", ""},
		{"vdirsyncer, same directory", map[string]string{".config/vdirsyncer/config": format(vdirsyncer, "https://dav.corp.test/")}, ".contacts/exchange", "vdirsyncer pair book", ".config/vdirsyncer/config"},
		{"vdirsyncer, old place", map[string]string{".vdirsyncer/config": format(vdirsyncer, "https://dav.corp.test/")}, ".contacts", "vdirsyncer pair book", ".vdirsyncer/config"},
		{"vdirsyncer, another directory", map[string]string{".config/vdirsyncer/config": format(vdirsyncer, "https://dav.corp.test/")}, "contacts", "", ""},
		{"vdirsyncer, other collections", map[string]string{".vdirsyncer/config": strings.Replace(format(vdirsyncer, "https://dav.corp.test/"), `["from a", "from b"]`, `["personal", ["x", "a", "b"]]`, 1)}, ".contacts/exchange", "", ""},
		{"vdirsyncer, the storage alone", map[string]string{".vdirsyncer/config": strings.Replace(format(vdirsyncer, "https://dav.corp.test/"), `["from a", "from b"]`, `null`, 1)}, ".contacts/exchange", "", ""},
		{"vdirsyncer, this collection", map[string]string{".vdirsyncer/config": strings.Replace(format(vdirsyncer, "https://dav.corp.test/"), `["from a", "from b"]`, `["personal", ["x", "exchange", "b"]]`, 1)}, ".contacts/exchange", "vdirsyncer pair book", ".vdirsyncer/config"},
		{"DavMail", map[string]string{".config/vdirsyncer/config": format(vdirsyncer, "http://localhost:1080/users/ana@corp.test/contacts/")}, "contacts", "vdirsyncer pair book behind DavMail", ".config/vdirsyncer/config"},
		{"DavMail on another port", map[string]string{".config/vdirsyncer/config": format(vdirsyncer, "http://127.0.0.1:1180/users/ana/"), ".davmail.properties": davmail}, "contacts", "vdirsyncer pair book behind DavMail", ".config/vdirsyncer/config"},
		{"not DavMail's port", map[string]string{".config/vdirsyncer/config": format(vdirsyncer, "http://127.0.0.1:5232/"), ".davmail.properties": davmail}, "contacts", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			for name, content := range c.files {
				path := filepath.Join(home, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			m := Machine{Home: home, Lookup: func(string) string { return "" }}
			got, err := m.Others(filepath.Join(home, c.dir))
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if len(got) > 0 {
					t.Errorf("found %v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Program != c.want || got[0].Place != filepath.Join(home, c.at) {
				t.Fatalf("found %v", got)
			}
			if !strings.Contains(got[0].Account, "orp") {
				t.Errorf("account %q", got[0].Account)
			}
		})
	}
}

func TestFileThatCannotBeReadIsSaid(t *testing.T) {
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".config/goa-1.0/accounts.conf"), 0o700); err != nil {
		t.Fatal(err)
	}
	m := Machine{Home: home, Lookup: func(string) string { return "" }}
	if _, err := m.Others("x"); err == nil {
		t.Error("not said")
	}
	w := newWorld(t)
	w.book = NewBook(testAccount, w.book.path, w, func() Rules { return w.rules }, m.Others)
	w.rules.Override = false
	if err := w.book.On(w.dir, ""); err == nil {
		t.Error("goes on although it cannot be told whether there is another")
	}
	w.rules.Override = true
	w.on()
}

func TestINI(t *testing.T) {
	got := parseINI("x=1\n# no\n[a]\nk = \"v=1\"\n; no\nk2=\n[b\nnothing\n")
	want := ini{{lines: []iniLine{{"x", "1"}}}, {name: "a", lines: []iniLine{{"k", "v=1"}, {"k2", ""}}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(section{}, iniLine{})); diff != "" {
		t.Error(diff)
	}
}
