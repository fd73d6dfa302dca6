package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"eas.example/securemail/activesync"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func sample() Config {
	return Config{
		Accounts: []activesync.Account{
			{ID: "alice", Name: "Work", Email: "alice@example.test", Server: "https://mail.example.test/Microsoft-Server-ActiveSync",
				User: `CORP\alice`, Auth: "basic", CAFile: "/etc/ssl/ca.pem"},
			{ID: "bob2", Email: "bob@example.test"},
		},
		UI: UI{Theme: "dark", Symbols: "ascii", Rows: 2, MouseOff: true, BellOff: true,
			Keys:    map[string][]string{"archive": {"e", "ctrl+e"}, "quit": {"q"}},
			Archive: map[activesync.AccountID]activesync.FolderID{"alice": 71}},
		SMIME: []SMIME{{Certificate: "~/ana.pem", Key: "~/ana.key"}, {PKCS12: "/keys/ana.p12", PasswordCommand: []string{"pass", "ana"}}},
	}
}

func TestSaveLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "config.toml")
	if c, err := Load(path); err != nil || !cmp.Equal(c, Config{}) {
		t.Errorf("no file gives %+v, %v", c, err)
	}
	for _, want := range []Config{sample(), {}, {UI: UI{Theme: "light"}}, {Accounts: sample().Accounts}} {
		if err := Save(path, want); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// What several write at the same time is all there.
func TestChange_losesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "config.toml")
	var wait sync.WaitGroup
	for i := range 16 {
		wait.Go(func() {
			err := Change(path, func(c *Config) error {
				id := activesync.AccountID(fmt.Sprintf("a%d", i))
				c.Accounts = append(c.Accounts, activesync.Account{ID: id, Name: string(id), Email: "alice@example.test"})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	failed := errors.New("no")
	if err := Change(path, func(c *Config) error { c.Accounts = nil; return failed }); !errors.Is(err, failed) {
		t.Errorf("a change that fails gives %v", err)
	}
	if c, err := Load(path); err != nil || len(c.Accounts) != 16 {
		t.Errorf("%d accounts are there, %v", len(c.Accounts), err)
	}
}

func TestParse_errors(t *testing.T) {
	const id = "[[account]]\nid = \"a\"\nemail = \"a@b.test\"\n"
	for _, c := range []struct{ content, want string }{
		{"[ui]\nthem = \"dark\"\n", `c.toml:2:1: unknown key "ui.them"`},
		{id + "password = \"hunter2\"\n", `c.toml:4:1: unknown key "account.password"`},
		{"[ui]\nrows = \"two\"\n", "c.toml:2:8: "},
		{"[ui\n", "c.toml:1:4: "},
		{"[ui]\ntheme = \"pink\"\n", "c.toml: ui.theme is not one of auto, dark, light, plain"},
		{"[ui]\nrows = 4\n", "c.toml: ui.rows"},
		{"[[smime]]\ncertificate = \"a.pem\"\n", "c.toml: smime 1: name either"},
		{"[[smime]]\npkcs12 = \"a.p12\"\nkey = \"a.key\"\n", "c.toml: smime 1: name either"},
		{id + id, `c.toml: account 2: id "a" is used twice`},
		{"[[account]]\nid = \"A b\"\nemail = \"a@b.test\"\n", "c.toml: account 1: id is not made of"},
		{"[[account]]\nid = \"a\"\nemail = \"here\"\n", `c.toml: account "a": email`},
		{id + "auth = \"kerberos\"\n", `c.toml: account "a": auth is not one of`},
		{id + "server = \"mail.example.test\"\n", `c.toml: account "a": server is not`},
		{id + "server = \"https://a:hunter2@mail.example.test/\"\n", `c.toml: account "a": server holds`},
	} {
		got, err := Parse("c.toml", []byte(c.content))
		e, ok := errors.AsType[*Error](err)
		if !ok || !strings.HasPrefix(e.Error(), c.want) || strings.Contains(e.Error(), "hunter2") {
			t.Errorf("%q gives %v, want %s", c.content, err, c.want)
		}
		if !cmp.Equal(got, Config{}) {
			t.Errorf("%q gives an error and %+v", c.content, got)
		}
	}
}

func TestSave_keepsComments(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	const old = `# How I like it.
[ui] # the screens
theme = "dark" # easier at night
# not the mouse
mouse_off = true

# both accounts
[[account]]
# the first
id = "alice"
email = "alice@example.test" # work

[[account]]
id = "bob2"
# private
email = "bob@example.test"
# the end
`
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	c.UI.Theme, c.UI.MouseOff = "light", false
	c.Accounts[0], c.Accounts[1] = c.Accounts[1], c.Accounts[0]
	if err := Save(path, c); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `# How I like it.
[ui] # the screens
theme = 'light' # easier at night

[[account]]
id = 'bob2'
# private
email = 'bob@example.test'

# both accounts
[[account]]
# the first
id = 'alice'
email = 'alice@example.test' # work
# the end
`
	if d := cmp.Diff(want, string(b)); d != "" {
		t.Error(d)
	}
}

func TestSave_refuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	const broken = "[ui\n# mine\n"
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Save(path, sample()); err == nil {
		t.Error("a file that cannot be read was replaced")
	}
	if err := Save(path, Config{UI: UI{Theme: "pink"}}); err == nil {
		t.Error("a theme that does not exist was saved")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != broken {
		t.Errorf("the file became %q, %v", b, err)
	}
}

func FuzzParse(f *testing.F) {
	b, err := encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("[ui]\nkeys = {a = [\"b\"]}\n# x\n"))
	f.Add([]byte("[ui]\nkeYs={}"))
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := Parse("c.toml", content)
		if err != nil {
			return
		}
		out, err := encode(c)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if out, err = keepComments(content, out); err != nil {
			t.Fatalf("comments: %v", err)
		}
		again, err := Parse("c.toml", out)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, out)
		}
		if d := cmp.Diff(c, again, cmpopts.EquateEmpty()); d != "" {
			t.Error(d)
		}
	})
}
