package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"eas.example/securemail/activesync"
)

// openKey opens the key of a file, and makes it where there is none.
func openKey(path string) (Key, error) {
	f := KeyFile{Path: path}
	k, err := f.Open(context.Background(), Attempt{})
	if errors.Is(err, ErrNoKey) {
		return f.Make(context.Background(), false)
	}
	return k, err
}

func TestOpenKey_sameKeyTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "key")
	if _, err := (KeyFile{Path: path}).Open(t.Context(), Attempt{}); !errors.Is(err, ErrNoKey) {
		t.Errorf("no file gives %v", err)
	}
	k, err := openKey(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if dir, err := os.Stat(filepath.Dir(path)); err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("directory mode %v, %v", dir.Mode(), err)
	}
	again, err := openKey(path)
	if err != nil || again != k {
		t.Errorf("second opening gives another key, %v", err)
	}
	if a, b := k.Derive("one"), k.Derive("two"); len(a) != 32 || bytes.Equal(a, b) || bytes.Equal(a, k.b[:]) {
		t.Error("derived keys are not apart")
	}
}

func TestOpenKey_atTheSameTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	keys := make([]Key, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = openKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] {
			t.Fatal("two keys were made")
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLoadKey_exposed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := openKey(path); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := openKey(path)
		if !errors.Is(err, ErrExposed) || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %v gives %v", mode, err)
		}
	}
}

func TestLoadKey_damagedIsNotReplaced(t *testing.T) {
	for _, content := range []string{"", "short", bareHeader, bareHeader + strings.Repeat("x", 33), strings.Repeat("x", len(bareHeader)+32)} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openKey(path); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q gives %v", content, err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			t.Errorf("%q became %q", content, b)
		}
	}
}

func TestKey_isNotPrinted(t *testing.T) {
	k := Key{}
	for i := range k.b {
		k.b[i] = 0xab
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		if s := fmt.Sprintf(verb, k); strings.Contains(s, "abab") || strings.Contains(s, "171") {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

const password = "correct horse \x00 battery äöü"

func open(t *testing.T) (*Passwords, string) {
	t.Helper()
	dir := t.TempDir()
	k, err := openKey(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "secrets")
	p, err := NewPasswords(path, k)
	if err != nil {
		t.Fatal(err)
	}
	return p, path
}

func TestPasswords(t *testing.T) {
	p, path := open(t)
	if _, err := p.Password("alice"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown account gives %v", err)
	}
	for id, pw := range map[activesync.AccountID]string{"alice": password, "bob": ""} {
		if err := p.Set(id, pw); err != nil {
			t.Fatal(err)
		}
		if got, err := p.Password(id); err != nil || got != pw {
			t.Errorf("%s: %q, %v", id, got, err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, []byte("horse")) || bytes.Contains(b, []byte("alice")) {
		t.Errorf("the file shows what it holds, %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := p.Remove("alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Password("alice"); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed account gives %v", err)
	}
	if _, err := p.Password("bob"); err != nil {
		t.Errorf("the other account: %v", err)
	}
}

func TestPasswords_manyAtOnce(t *testing.T) {
	p, _ := open(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := p.Set(activesync.AccountID(fmt.Sprint("a", i)), "x"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range 8 {
		if _, err := p.Password(activesync.AccountID(fmt.Sprint("a", i))); err != nil {
			t.Error(err)
		}
	}
}

func TestPasswords_badFile(t *testing.T) {
	p, path := open(t)
	if err := p.Set("alice", password); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"flipped": {flipped, ErrWrongKey},
		"cut":     {good[:10], ErrDamaged},
		"empty":   {nil, ErrDamaged},
		"other":   {[]byte("[passwords]\nalice = \"x\"\n"), ErrDamaged},
	} {
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Password("alice"); !errors.Is(err, c.want) {
			t.Errorf("%s: reading gives %v", name, err)
		}
		if err := p.Set("bob", password); !errors.Is(err, c.want) || strings.Contains(err.Error(), "horse") {
			t.Errorf("%s: writing gives %v", name, err)
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, c.content) {
			t.Errorf("%s: the file was changed", name)
		}
	}
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Password("alice"); !errors.Is(err, ErrExposed) {
		t.Errorf("exposed file gives %v", err)
	}
}
