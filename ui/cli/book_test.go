package cli

import (
	"os"
	"path/filepath"
	"testing"

	"eas.example/securemail/store/secret"
)

// The password of an account that has to go does not stay because the file of the
// accounts is damaged.
func TestAPasswordGoesWhateverIsWithTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.toml")
	must(t, os.WriteFile(path, []byte("[[account"), 0o600))
	passwords, err := secret.NewPasswords(filepath.Join(dir, "secrets"), secret.Key{})
	must(t, err)
	must(t, passwords.Set("a", "wonderland"))
	b := &book{path: path, passwords: passwords}
	if err := b.Remove("a"); err == nil {
		t.Error("the account is removed from a file that cannot be read")
	}
	if p, err := b.Password("a"); p != "" || err != nil {
		t.Errorf("%d letters of it are kept, %v", len(p), err)
	}
}
