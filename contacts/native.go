package contacts

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Native is another program that syncs contacts of an Exchange, Outlook.com or
// Hotmail account into an address book of this machine, or syncs something into
// the directory of ours.
type Native struct {
	Program string `json:"program"` // "GNOME Online Accounts"
	Account string `json:"account"` // "ana@example.test"
	Place   string `json:"place"`   // where that is set up: a file
	Detail  string `json:"detail,omitempty"`
}

func (n Native) String() string {
	s := n.Program + ": " + n.Account
	if n.Detail != "" {
		s += ", " + n.Detail
	}
	return s + " (" + n.Place + ")"
}

// Machine is where other programs of the person keep their configuration.
type Machine struct {
	Home   string
	Lookup func(string) string // the environment, as os.Getenv
}

// config is a file under the configuration directory.
func (m Machine) config(name ...string) string {
	dir := m.Lookup("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(m.Home, ".config")
	}
	return filepath.Join(append([]string{dir}, name...)...)
}

// Others finds the other programs that sync contacts; dir is the directory of
// our address book. The error tells what could not be read; what was found is
// given all the same.
func (m Machine) Others(dir string) ([]Native, error) {
	var all []Native
	var failed error
	for _, find := range []func() ([]Native, error){
		func() ([]Native, error) { return m.vdirsyncer(dir) }, m.gnome, m.evolution, m.akonadi,
	} {
		found, err := find()
		failed = errors.Join(failed, err)
		all = append(all, found...)
	}
	return all, failed
}

// gnome reads the accounts of GNOME Online Accounts.
func (m Machine) gnome() ([]Native, error) {
	path := m.config("goa-1.0", "accounts.conf")
	file, err := readINI(path)
	var out []Native
	for _, s := range file {
		if !strings.HasPrefix(s.name, "Account ") || !isTrue(s.get("ContactsEnabled")) { // off where nothing is said
			continue
		}
		switch provider := strings.ToLower(s.get("Provider")); provider {
		case "exchange", "windows_live", "ms_graph", "ms365", "microsoft365", "eas", "ews":
			out = append(out, Native{"GNOME Online Accounts", cmp.Or(s.get("PresentationIdentity"), s.get("Identity")), path, s.get("Host")})
		}
	}
	return out, err
}

// exchangeBackends are the names by which Evolution knows the ways to Exchange.
var exchangeBackends = []string{"ews", "exchange", "microsoft365", "eas"}

// evolution reads the sources of Evolution: accounts that have contacts, and
// address books of their own.
func (m Machine) evolution() ([]Native, error) {
	var paths []string
	for _, config := range []string{m.config(), filepath.Join(m.Home, ".var", "app", "org.gnome.Evolution", "config")} { // as a Flatpak too
		found, err := filepath.Glob(filepath.Join(escapeGlob(config), "evolution", "sources", "*.source"))
		if err != nil {
			return nil, err
		}
		paths = append(paths, found...)
	}
	var out []Native
	var failed error
	for _, path := range paths {
		file, err := readINI(path)
		failed = errors.Join(failed, err)
		source := file.section("Data Source")
		if isFalse(source.get("Enabled")) {
			continue
		}
		for _, name := range []string{"Collection", "Address Book"} {
			s := file.section(name)
			if !slices.Contains(exchangeBackends, strings.ToLower(s.get("BackendName"))) || isFalse(s.get("ContactsEnabled")) {
				continue
			}
			out = append(out, Native{"Evolution", cmp.Or(s.get("Identity"), source.get("DisplayName")), path, s.get("BackendName")})
			break
		}
	}
	return out, failed
}

// akonadi reads the resources of KDE that speak to Exchange. One that was
// removed may leave its file behind, so the list of resources counts.
func (m Machine) akonadi() ([]Native, error) {
	list := m.config("akonadi", "agentsrc")
	file, err := readINI(list)
	var out []Native
	for _, line := range file.section("Instances").lines {
		instance, key, _ := strings.Cut(line.key, `\`)
		if key != "AgentType" || line.value != "akonadi_ews_resource" {
			continue
		}
		path := m.config(instance + "rc")
		rc, rerr := readINI(path)
		err = errors.Join(err, rerr)
		s := rc.section("General")
		if s.name == "" {
			path = list
		}
		out = append(out, Native{"KDE Akonadi (EWS)", cmp.Or(s.get("Email"), s.get("Username"), instance), path, s.get("BaseUrl")})
	}
	return out, err
}

// vdirsyncer reads its pairs: those that end in the directory of our address
// book, and those behind which DavMail speaks to Exchange.
func (m Machine) vdirsyncer(dir string) ([]Native, error) {
	path := m.Lookup("VDIRSYNCER_CONFIG")
	for _, p := range []string{m.config("vdirsyncer", "config"), filepath.Join(m.Home, ".vdirsyncer", "config")} {
		if path == "" {
			if _, err := os.Stat(p); err == nil {
				path = p
			}
		}
	}
	if path == "" {
		return nil, nil
	}
	file, err := readINI(m.expand(path))
	dav, derr := m.davmail()
	err = errors.Join(err, derr)
	var out []Native
	for _, pair := range file {
		name, ok := strings.CutPrefix(pair.name, "pair ")
		if !ok {
			continue
		}
		sides := []section{file.section("storage " + pair.get("a")), file.section("storage " + pair.get("b"))}
		for i, s := range sides {
			other := sides[1-i]
			exchange, detail := dav.behind(s)
			same := other.get("type") == "filesystem" && sameDirectory(m.expand(other.get("path")), dir, pair.get("collections"))
			if !exchange && !same {
				continue
			}
			account := cmp.Or(s.get("username"), s.get("url"), m.expand(s.get("path")), name)
			if exchange && !same && other.get("type") == "filesystem" && strings.EqualFold(cmp.Or(other.get("fileext"), fileExtension), ".ics") {
				continue // calendars
			}
			program := "vdirsyncer pair " + name
			if exchange {
				program += " behind DavMail"
			}
			out = append(out, Native{program, account, path, cmp.Or(detail, s.get("url"))})
		}
	}
	return out, err
}

// gateway is how DavMail is set up on this machine.
type gateway struct{ port, url, file string }

// davmail reads the settings of DavMail; its port is 1080 unless they say
// otherwise.
func (m Machine) davmail() (gateway, error) {
	g := gateway{port: "1080"}
	var failed error
	for _, path := range []string{"/etc/davmail.properties", filepath.Join(m.Home, ".davmail.properties"), m.config("davmail", "davmail.properties")} {
		file, err := readINI(path)
		failed = errors.Join(failed, err)
		s := file.section("")
		if len(s.lines) == 0 {
			continue
		}
		g.file, g.url = path, cmp.Or(strings.ReplaceAll(s.get("davmail.url"), `\`, ""), g.url)
		g.port = cmp.Or(s.get("davmail.caldavPort"), g.port)
	}
	return g, failed
}

// behind reports whether a storage is DavMail, and what is behind that.
func (g gateway) behind(s section) (bool, string) {
	if s.get("type") != "carddav" {
		return false, ""
	}
	u, err := url.Parse(s.get("url"))
	if err != nil {
		return false, ""
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "::1" || strings.HasPrefix(u.Hostname(), "127.")
	if !local || u.Port() != g.port {
		return false, ""
	}
	return true, g.url
}

// expand undoes ~ and $HOME, as vdirsyncer does.
func (m Machine) expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || rest[0] == '/') {
		return m.Home + rest
	}
	return os.Expand(path, func(name string) string {
		if name == "HOME" {
			return m.Home
		}
		return m.Lookup(name)
	})
}

// sameDirectory reports whether a storage is our directory or holds it as one
// of the collections that a pair syncs.
func sameDirectory(storage, dir, collections string) bool {
	if storage == "" || dir == "" {
		return false
	}
	real := func(p string) string {
		if r, err := filepath.EvalSymlinks(p); err == nil {
			return r
		}
		return filepath.Clean(p)
	}
	parent, name := filepath.Split(filepath.Clean(dir))
	mine := real(dir)
	if mine == filepath.Clean(dir) {
		mine = filepath.Join(real(parent), name)
	}
	theirs := real(storage)
	return theirs == mine || theirs == filepath.Dir(mine) && syncs(collections, name)
}

// syncs reports whether the collections of a pair, as vdirsyncer writes them, hold
// one of that name: null is the storage itself, "from a" whatever is found there.
// What cannot be read here counts as if they did.
func syncs(collections, name string) bool {
	var list []any
	if collections == "null" {
		return false
	}
	if json.Unmarshal([]byte(collections), &list) != nil {
		return true
	}
	return slices.ContainsFunc(list, func(c any) bool {
		if names, ok := c.([]any); ok { // its name, and that on each side
			return slices.Contains(names, any(name))
		}
		return c == "from a" || c == "from b" || c == name
	})
}

func isFalse(s string) bool { return strings.EqualFold(s, "false") || s == "0" }

func isTrue(s string) bool { return strings.EqualFold(s, "true") || s == "1" }

func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}

// ini is a file of sections, as all these programs write them.
type ini []section

type section struct {
	name  string
	lines []iniLine
}

type iniLine struct{ key, value string }

// section is the first of that name; "" is what stands before all others.
func (f ini) section(name string) section {
	for _, s := range f {
		if s.name == name {
			return s
		}
	}
	return section{}
}

func (s section) get(key string) string {
	for _, l := range s.lines {
		if l.key == key {
			return l.value
		}
	}
	return ""
}

// readINI reads a file; one that is not there is empty.
func readINI(path string) (ini, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for other programs that sync contacts: %w", err)
	}
	return parseINI(string(b)), nil
}

func parseINI(text string) ini {
	file := ini{{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok && strings.HasSuffix(name, "]") {
			file = append(file, section{name: strings.TrimSuffix(name, "]")})
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' { // vdirsyncer writes JSON
			value = value[1 : n-1]
		}
		s := &file[len(file)-1]
		s.lines = append(s.lines, iniLine{strings.TrimSpace(key), value})
	}
	return file
}
