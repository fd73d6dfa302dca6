//go:build linux

package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// What the organisation changes in its file holds at once where the agent is in the
// process of the screens, as in the demo.
func TestDemoTakesUpWhatThePolicyFileSays(t *testing.T) {
	dir := t.TempDir()
	g := &glass{b: t}
	g.start(build(t), 80, 24, "demo", "--data", dir)
	defer g.close()
	g.until(regexp.MustCompile(`Mailboxes`), 1)
	g.send("4")
	g.until(regexp.MustCompile(`Policies +none`), 1)
	if err := os.WriteFile(filepath.Join(dir, "policy.toml"), []byte(`export_contacts = "on"`), 0o600); err != nil {
		t.Fatal(err)
	}
	g.until(regexp.MustCompile(`Policies +managed`), 1)
}
