package cli

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "eas.example/securemail"

// layer is what a package may import of this module, and of the modules that
// only some may touch.
type layer struct {
	own    []string // packages of this module, without its path; "*" is any
	extern []string // of the guarded ones
}

// guarded imports are allowed only where a layer names them.
var guarded = []string{
	"go.etcd.io/bbolt", "github.com/charmbracelet/bubbletea", "github.com/charmbracelet/bubbles",
	"github.com/charmbracelet/lipgloss", "github.com/emersion/go-vcard", "github.com/spf13/cobra", "net/http",
}

// layers is the import rule of the architecture, longest path first where one
// holds another.
var layers = map[string]layer{
	".":                         {own: []string{"ui/cli"}},
	"activesync":                {},
	"activesync/wbxml":          {},
	"activesync/wire":           {own: []string{"activesync", "activesync/wbxml"}},
	"activesync/client":         {own: []string{"activesync", "activesync/wbxml", "activesync/wire"}, extern: []string{"net/http"}},
	"activesync/oauth":          {own: []string{"activesync"}, extern: []string{"net/http"}},
	"activesync/autodiscover":   {own: []string{"activesync"}, extern: []string{"net/http"}},
	"activesync/server":         {own: []string{"activesync", "activesync/wbxml", "activesync/wire", "activesync/message", "activesync/calendar", "activesync/server/..."}, extern: []string{"net/http"}},
	"activesync/engine":         {own: []string{"activesync", "activesync/wire", "activesync/message", "activesync/calendar", "activesync/policy"}},
	"activesync/agent":          {own: []string{"activesync", "activesync/engine", "activesync/wire", "activesync/message", "activesync/calendar", "activesync/policy", "contacts"}, extern: []string{"net/http"}},
	"activesync/message":        {own: []string{"activesync"}},
	"activesync/message/unwrap": {own: []string{"activesync", "activesync/message/..."}},
	"activesync/contentline":    {},
	"activesync/calendar":       {own: []string{"activesync", "activesync/contentline"}},
	"activesync/policy":         {own: []string{"activesync"}},
	"store":                     {own: []string{"activesync", "store/..."}, extern: []string{"go.etcd.io/bbolt"}},
	"contacts":                  {own: []string{"activesync", "activesync/contentline"}, extern: []string{"github.com/emersion/go-vcard"}},
	"notify":                    {own: []string{"activesync"}, extern: []string{"net/http"}},
	"ui":                        {own: []string{"activesync", "activesync/message/...", "activesync/calendar", "activesync/policy", "contacts", "notify", "ui/..."}, extern: []string{"github.com/charmbracelet/bubbletea", "github.com/charmbracelet/bubbles", "github.com/charmbracelet/lipgloss"}},
	"ui/cli":                    {own: []string{"*"}, extern: guarded},
}

// layerOf finds the rule of a package: its own, or that of the nearest one above it.
func layerOf(pkg string) (layer, bool) {
	for p := pkg; ; p = filepath.Dir(p) {
		if l, ok := layers[p]; ok {
			return l, true
		}
		if p == "." || p == "/" {
			return layer{}, false
		}
	}
}

func allows(list []string, pkg string) bool {
	return slices.ContainsFunc(list, func(a string) bool {
		if below, ok := strings.CutSuffix(a, "/..."); ok {
			return pkg == below || strings.HasPrefix(pkg, below+"/")
		}
		return a == "*" || a == pkg
	})
}

type listed struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestImportRule(t *testing.T) {
	for _, p := range packages(t) {
		pkg := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if pkg == "" {
			pkg = "."
		}
		l, ok := layerOf(pkg)
		if !ok {
			t.Errorf("%s stands outside the layout", pkg)
			continue
		}
		for _, imp := range p.Imports {
			if own, ok := strings.CutPrefix(imp, module+"/"); ok {
				sub := strings.HasPrefix(own, pkg+"/") || strings.HasPrefix(pkg, own+"/") && own != "ui" && own != "activesync/engine"
				if !allows(l.own, own) && !sub {
					t.Errorf("%s may not import %s", pkg, own)
				}
				continue
			}
			for _, g := range guarded {
				if (imp == g || strings.HasPrefix(imp, g+"/")) && !slices.Contains(l.extern, g) {
					t.Errorf("%s may not import %s", pkg, imp)
				}
			}
		}
	}
}

func TestTopLevelIsTheAgreedLayout(t *testing.T) {
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	agreed := []string{"main.go", "ui", "activesync", "store", "contacts", "notify", "go.mod", "go.sum", "README.md", "LICENSE", "securemail"}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(agreed, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}

func TestOnePackageComment(t *testing.T) {
	for _, p := range packages(t) {
		var with []string
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if f.Doc != nil {
				with = append(with, name)
			}
		}
		if len(p.GoFiles) > 0 && len(with) != 1 {
			t.Errorf("%s has its package comment in %d files %v, want one", p.ImportPath, len(with), with)
		}
	}
}
