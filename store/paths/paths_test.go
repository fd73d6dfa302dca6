package paths

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func env(vars map[string]string) Env {
	return Env{Lookup: func(k string) string { return vars[k] }, Home: "/home/ana", UID: 1000, Temp: "/tmp"}
}

func TestDefault(t *testing.T) {
	for name, c := range map[string]struct {
		vars map[string]string
		want Paths
	}{
		"nothing set": {nil, Paths{
			Config: "/home/ana/.config/securemail/config.toml", Policy: "/home/ana/.config/securemail/policy.toml",
			Store: "/home/ana/.local/state/securemail/mail.db", KeyFile: "/home/ana/.local/state/securemail/key",
			Secrets: "/home/ana/.local/state/securemail/secrets", Log: "/home/ana/.local/state/securemail/securemail.log",
			Cards: "/home/ana/.contacts", Ledgers: "/home/ana/.local/state/securemail/ledgers",
			Runtime: "/tmp/securemail-1000", Socket: "/tmp/securemail-1000/agent.sock", Listens: "/home/ana/.local/state/securemail/agent.listens",
		}},
		"all set": {map[string]string{"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/run/user/1000"}, Paths{
			Config: "/c/securemail/config.toml", Policy: "/c/securemail/policy.toml",
			Store: "/s/securemail/mail.db", KeyFile: "/s/securemail/key", Secrets: "/s/securemail/secrets", Log: "/s/securemail/securemail.log",
			Cards: "/home/ana/.contacts", Ledgers: "/s/securemail/ledgers",
			Runtime: "/run/user/1000/securemail", Socket: "/run/user/1000/securemail/agent.sock", Listens: "/s/securemail/agent.listens",
		}},
		"relative does not count": {map[string]string{"XDG_CONFIG_HOME": "c", "XDG_STATE_HOME": "./s", "XDG_RUNTIME_DIR": "run"}, Paths{
			Config: "/home/ana/.config/securemail/config.toml", Policy: "/home/ana/.config/securemail/policy.toml",
			Store: "/home/ana/.local/state/securemail/mail.db", KeyFile: "/home/ana/.local/state/securemail/key",
			Secrets: "/home/ana/.local/state/securemail/secrets", Log: "/home/ana/.local/state/securemail/securemail.log",
			Cards: "/home/ana/.contacts", Ledgers: "/home/ana/.local/state/securemail/ledgers",
			Runtime: "/tmp/securemail-1000", Socket: "/tmp/securemail-1000/agent.sock", Listens: "/home/ana/.local/state/securemail/agent.listens",
		}},
	} {
		got, err := Default(env(c.vars))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := Default(Env{Lookup: func(string) string { return "" }}); err == nil {
		t.Error("no home directory is no error")
	}
}

func TestIn_everythingBelow(t *testing.T) {
	dir := t.TempDir()
	p, err := In(dir)
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(p)
	seen := map[string]bool{}
	for i := range v.NumField() {
		path := v.Field(i).String()
		if !strings.HasPrefix(path, dir+string(filepath.Separator)) || seen[path] {
			t.Errorf("%s is %s", v.Type().Field(i).Name, path)
		}
		seen[path] = true
	}
	t.Chdir(dir)
	if got, err := Find("."); err != nil || filepath.Base(filepath.Dir(got.Config)) != filepath.Base(dir) || !filepath.IsAbs(got.Config) {
		t.Errorf("relative directory gives %s, %v", got.Config, err)
	}
	if _, err := In(""); err == nil {
		t.Error("no directory is no error")
	}
}

func TestIn_longPath(t *testing.T) {
	a, err := In("/" + strings.Repeat("a", 120))
	if err != nil {
		t.Fatal(err)
	}
	b, err := In("/" + strings.Repeat("a", 119) + "b")
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Socket) > maxSocketPath || a.Socket == b.Socket {
		t.Errorf("sockets %s and %s", a.Socket, b.Socket)
	}
}
