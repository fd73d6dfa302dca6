package policy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

// machine is a directory with the two files; "" is no file.
func machine(t *testing.T, system, user string) *Files {
	t.Helper()
	dir := t.TempDir()
	f := NewFiles(filepath.Join(dir, "system.toml"), filepath.Join(dir, "user.toml"))
	for path, content := range map[string]string{f.system: system, f.user: user} {
		if content != "" {
			write(t, path, content)
		}
	}
	return f
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhoDecidesOnExport(t *testing.T) {
	for _, c := range []struct{ name, system, user, want, by string }{
		{"no file", "", "", On, "default"},
		{"system names it", `export_contacts = "on"`, `export_contacts = "off"`, On, "system.toml"},
		{"system does not name it", `attachments = "on"`, `export_contacts = "on"`, Off, "system.toml"},
		{"system lets the user fill in", "allow_user_policy = \"on\"\n", `export_contacts = "on"`, On, "user.toml"},
		{"the user cannot change what the system names", "allow_user_policy = true\nexport_contacts = false", `export_contacts = "ON"`, Off, "system.toml"},
		{"user only", "", `export_contacts = "Off"`, Off, "user.toml"},
		{"user only, not named", "", `attachments = "on"`, Off, "user.toml"},
		{"empty file", " ", "", Off, "system.toml"},
		{"an array's comments", "allowed_servers = [ # ours\n \"a.test\", # main\n]\nexport_contacts = \"on\"", "", On, "system.toml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine(t, c.system, c.user).Now()
			if m.Err() != nil {
				t.Fatal(m.Err())
			}
			if got := m.Word(ExportContacts); got != c.want {
				t.Errorf("export is %q", got)
			}
			if why := m.Forbidden(ExportContacts); (why != "") != (c.want == Off) || why != "" && !strings.Contains(why, ExportContacts) {
				t.Errorf("forbidden: %q", why)
			}
			if by := filepath.Base(m.Rows()[0].By); by != c.by {
				t.Errorf("set by %q", by)
			}
		})
	}
}

func TestWrongFileLocksAndSaysWhere(t *testing.T) {
	for content, want := range map[string]string{
		"attachments = \"on\"\nexport_contact = \"on\"":              `:2:1: unknown key "export_contact"`,
		"export_contacts = \"yes\"":                                  `:1:19: export_contacts is not one of ["on" "off"]`,
		"attachments = \"on\"\n\n  max_sync_interval = 7":            ":3:23: max_sync_interval is not one of",
		"[export_contacts]\n":                                        `:1:2: unknown key "export_contacts"`,
		"allowed_servers = \"a\"":                                    ":1:19: allowed_servers is not a list",
		"allowed_servers = [1]":                                      ":1:1: allowed_servers is not a list",
		"export_contacts = \"on\"\nexport_contacts = \"off\"":        ":2:",
		"export_contacts = ":                                         ":1:",
		"export_contacts.x = \"on\"":                                 `unknown key "export_contacts.x"`,
		"allow_user_policy = \"on\"\nallow_user_policy.x = \"on\"\n": ":2:",
	} {
		m := machine(t, content, `export_contacts = "on"`).Now()
		if m.Err() == nil || !strings.Contains(m.Err().Error(), want) {
			t.Errorf("%q: got %v, want %q", content, m.Err(), want)
		}
		for _, p := range []string{ExportContacts, Attachments, BackgroundRefresh} {
			if m.Forbidden(p) == "" || !errors.Is(m.AsError(p), activesync.ErrPolicy) {
				t.Errorf("%q leaves %s open", content, p)
			}
		}
		if m.Override() || !errors.Is(m.AllowServer("mail.example.test"), activesync.ErrPolicy) || m.Word(LockedScreen) != LockedBlock ||
			!m.External("ana@example.test") {
			t.Errorf("%q leaves something open: %+v", content, m.Rows())
		}
	}
	dir := machine(t, "", "")
	if err := os.Mkdir(dir.system, 0o700); err != nil {
		t.Fatal(err)
	}
	if m := dir.Now(); m.Err() == nil || m.Forbidden(ExportContacts) == "" {
		t.Error("a file that cannot be read opens what it governs")
	}
}

func TestChangeOfTheFileIsSeen(t *testing.T) {
	f := machine(t, "", `export_contacts = "on"`)
	for _, c := range []struct {
		content string
		want    string
	}{{`export_contacts = "off"`, Off}, {`export_contacts = "on" `, On}, {`nonsense`, Off}, {"", On}} {
		if c.content == "" {
			if err := os.Remove(f.user); err != nil {
				t.Fatal(err)
			}
		} else {
			write(t, f.user, c.content)
		}
		if got := f.Now().Word(ExportContacts); got != c.want {
			t.Errorf("after %q export is %q", c.content, got)
		}
	}
}

func TestStricterWins(t *testing.T) {
	m := machine(t, "max_sync_interval = \"1w\"\ndefault_sync_interval = \"3d\"\nattachments = \"off\"", "").Now()
	for _, c := range []struct{ server, wanted, want activesync.Period }{
		{"", activesync.PeriodAll, activesync.Period1w}, {"", activesync.Period3d, activesync.Period3d},
		{activesync.Period3d, activesync.PeriodAll, activesync.Period3d}, {activesync.Period1m, activesync.PeriodAll, activesync.Period1w},
	} {
		doc := map[string]string{"AttachmentsEnabled": "1"}
		if c.server != "" {
			doc["MaxEmailAgeFilter"] = filterNumber(c.server)
		}
		p := FromServer(doc).With(m)
		if got := p.ClampPeriod(activesync.ClassEmail, c.wanted); got != c.want {
			t.Errorf("server %q, wanted %q: %q", c.server, c.wanted, got)
		}
		if p.AttachmentsAllowed() {
			t.Error("attachments allowed")
		}
		if got := p.ClampPeriod(activesync.ClassCalendar, activesync.PeriodAll); got != activesync.PeriodAll {
			t.Errorf("the calendar is cut to %q", got)
		}
	}
	if FromServer(map[string]string{"AttachmentsEnabled": "0"}).With(Managed{}).AttachmentsAllowed() {
		t.Error("the server's word does not count")
	}
	if got := m.DefaultPeriod(activesync.ClassEmail); got != activesync.Period3d {
		t.Errorf("starts with %q", got)
	}
	if got := m.DefaultPeriod(activesync.ClassContacts); got != activesync.PeriodAll {
		t.Errorf("contacts start with %q", got)
	}
}

// filterNumber is the number of a period as a server writes it.
func filterNumber(p activesync.Period) string { return string(rune('0' + p.FilterType())) }

func TestServersAndDomains(t *testing.T) {
	m := machine(t, "allowed_servers = [\"mail.example.test\", \".corp.test\"]\ninternal_domains = [\"example.test\"]", "").Now()
	for host, ok := range map[string]bool{"MAIL.example.test": true, "mail.example.test.": true, "eu.corp.test": true, "corp.test": false, "evil.test": false, "xmail.example.test": false} {
		if err := m.AllowServer(host); (err == nil) != ok {
			t.Errorf("%s: %v", host, err)
		}
	}
	for address, external := range map[string]bool{"a@example.test": false, "a@sub.Example.test": false, "a@notexample.test": true, "a": true} {
		if m.External(address) != external {
			t.Errorf("%s: external is %t", address, !external)
		}
	}
	if (Managed{}).AllowServer("any.test") != nil || (Managed{}).External("a@b") {
		t.Error("without a policy something is forbidden")
	}
}

func FuzzPolicyFile(f *testing.F) {
	for _, s := range []string{`export_contacts = "on"`, "allowed_servers = [\n\"a\", # b\n]", "[x]\ny=1", "a.b = {c = 1}", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := parse("p", b)
		if err != nil {
			if _, ok := errors.AsType[*FileError](err); !ok {
				t.Errorf("%T", err)
			}
			return
		}
		for name, v := range d.values {
			p, ok := policyNamed(name)
			if !ok || v.by != "p" || (p.words != nil) == (v.list != nil) {
				t.Errorf("%s: %+v", name, v)
			}
		}
	})
}
