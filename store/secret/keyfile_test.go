package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

// pocket is a Ring in memory that can be locked.
type pocket struct {
	values map[string]string
	err    error
}

func newPocket() *pocket { return &pocket{values: map[string]string{}} }

func (p *pocket) Get(_ context.Context, name string, _ bool) (string, error) {
	if p.err != nil {
		return "", p.err
	}
	v, ok := p.values[name]
	if !ok {
		return "", ErrNotInRing
	}
	return v, nil
}

func (p *pocket) Set(_ context.Context, name, value string, _ bool) error {
	if p.err == nil {
		p.values[name] = value
	}
	return p.err
}

func (p *pocket) Delete(_ context.Context, name string) error {
	if p.err == nil {
		delete(p.values, name)
	}
	return p.err
}

// newKeyFile makes a key that the file holds, and a keyring and a command beside it.
func newKeyFile(t *testing.T) (KeyFile, *pocket, Key) {
	t.Helper()
	ring := newPocket()
	f := KeyFile{Path: filepath.Join(t.TempDir(), "key"), Ring: ring, hard: hardness{1, 8 << 10, 1}, Run: func(_ context.Context, c []string) (string, error) {
		if c[0] == "fails" {
			return "", errors.New("exit status 1")
		}
		return strings.Join(c[1:], " "), nil
	}}
	k, err := f.Make(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	return f, ring, k
}

var (
	byRing    = activesync.KeyChoice{Holder: activesync.KeyInKeyring}
	byWords   = activesync.KeyChoice{Holder: activesync.KeyByPassphrase, Passphrase: "correct horse"}
	byCommand = activesync.KeyChoice{Holder: activesync.KeyByCommand, Command: []string{"echo", "battery", "staple"}}
	byFile    = activesync.KeyChoice{Holder: activesync.KeyInFile}
)

func TestKeyIsHeldByOneAfterTheOther(t *testing.T) {
	f, ring, k := newKeyFile(t)
	for _, c := range []activesync.KeyChoice{byRing, byRing, byWords, byCommand, byRing, byFile, byWords, byFile} {
		if err := f.Hold(t.Context(), k, c); err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		got, err := f.Open(t.Context(), Attempt{Passphrase: c.Passphrase})
		if err != nil || got != k {
			t.Fatalf("%v: another key, %v", c, err)
		}
		if s, err := f.State(); err != nil || s.Holder != c.Holder {
			t.Errorf("%v: the file says %v, %v", c, s, err)
		}
		b, err := os.ReadFile(f.Path)
		if err != nil || bytes.Contains(b, k.b[:]) != (c.Holder == activesync.KeyInFile) || bytes.Contains(b, []byte("horse")) {
			t.Errorf("%v: the file shows too much, %v", c, err)
		}
		want := 0
		if c.Holder == activesync.KeyInKeyring {
			want = 1
		}
		if len(ring.values) != want {
			t.Errorf("%v: %d keys in the keyring", c, len(ring.values))
		}
	}
}

// What is locked stays: no key is made in the place of one that cannot be had now.
func TestLockedKeyIsNeverReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		choice  activesync.KeyChoice
		spoil   func(*KeyFile, *pocket)
		attempt Attempt
		want    error
		words   string
	}{
		"keyring locked":     {byRing, func(_ *KeyFile, p *pocket) { p.err = errRingLocked }, Attempt{}, activesync.ErrLocked, "the keyring is locked"},
		"keyring gone":       {byRing, func(f *KeyFile, _ *pocket) { f.Ring = nil }, Attempt{}, activesync.ErrLocked, "no keyring here"},
		"keyring emptied":    {byRing, func(_ *KeyFile, p *pocket) { clear(p.values) }, Attempt{}, activesync.ErrLocked, "another keyring"},
		"keyring of another": {byRing, func(_ *KeyFile, p *pocket) { p.spoil(encodeWrapping(make([]byte, 32))) }, Attempt{}, activesync.ErrLocked, "another keyring"},
		"keyring with junk":  {byRing, func(_ *KeyFile, p *pocket) { p.spoil("junk") }, Attempt{}, activesync.ErrLocked, "is no key"},
		"no passphrase":      {byWords, nil, Attempt{}, activesync.ErrLocked, "the passphrase is needed"},
		"wrong passphrase":   {byWords, nil, Attempt{Passphrase: "correct house"}, activesync.ErrPassphrase, "the passphrase is wrong"},
		"command fails": {byCommand, func(f *KeyFile, _ *pocket) {
			f.Run = func(context.Context, []string) (string, error) { return "", errors.New("exit status 2") }
		}, Attempt{}, activesync.ErrLocked, "echo: exit status 2"},
		"command says something else": {byCommand, func(f *KeyFile, _ *pocket) {
			f.Run = func(context.Context, []string) (string, error) { return "x", nil }
		}, Attempt{}, activesync.ErrLocked, "does not open the key"},
		"command says nothing": {byCommand, func(f *KeyFile, _ *pocket) {
			f.Run = func(context.Context, []string) (string, error) { return "", nil }
		}, Attempt{}, activesync.ErrLocked, "printed nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			f, ring, k := newKeyFile(t)
			if err := f.Hold(t.Context(), k, c.choice); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(f.Path)
			if err != nil {
				t.Fatal(err)
			}
			good := f
			if c.spoil != nil {
				c.spoil(&f, ring)
			}
			for range 2 {
				_, err = f.Open(t.Context(), c.attempt)
				if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
					t.Errorf("error %v", err)
				}
			}
			if _, err := f.Make(t.Context(), true); err == nil {
				t.Error("a key was made over one that is there")
			}
			if now, err := os.ReadFile(f.Path); err != nil || !bytes.Equal(now, before) {
				t.Errorf("the file has changed, %v", err)
			}
			if c.choice.Holder == activesync.KeyInKeyring && ring.err != nil {
				ring.err = nil
				if got, err := good.Open(t.Context(), Attempt{}); err != nil || got != k {
					t.Errorf("after it was unlocked: %v", err)
				}
			}
		})
	}
}

func (p *pocket) spoil(value string) {
	for name := range p.values {
		p.values[name] = value
	}
}

// What fails changes nothing.
func TestKeyStaysWhereItIsWhenAChangeFails(t *testing.T) {
	f, ring, k := newKeyFile(t)
	if err := f.Hold(t.Context(), k, byRing); err != nil {
		t.Fatal(err)
	}
	other := newKey()
	if err := f.Hold(t.Context(), other, byWords); !errors.Is(err, ErrWrongKey) {
		t.Errorf("a foreign key: %v", err)
	}
	for _, c := range []activesync.KeyChoice{
		{Holder: activesync.KeyByPassphrase}, {Holder: activesync.KeyByCommand}, {Holder: activesync.KeyByCommand, Command: []string{"fails"}},
		{Holder: activesync.KeyByCommand, Command: []string{"echo"}}, {Holder: "paper"}, {},
	} {
		if err := f.Hold(t.Context(), k, c); err == nil {
			t.Errorf("%v was taken", c)
		}
	}
	n := 0
	changing := f
	changing.Run = func(context.Context, []string) (string, error) { n++; return fmt.Sprint(n), nil }
	if err := changing.Hold(t.Context(), k, byCommand); err == nil || !strings.Contains(err.Error(), "does not come back") {
		t.Errorf("a command that prints another thing each time: %v", err)
	}
	if got, err := f.Open(t.Context(), Attempt{}); err != nil || got != k || len(ring.values) != 1 {
		t.Errorf("the key is gone: %v, %d", err, len(ring.values))
	}
	ring.err = errRingLocked
	if err := f.Hold(t.Context(), k, byRing); !errors.Is(err, errRingLocked) {
		t.Errorf("a locked keyring: %v", err)
	}
}

var errCrash = errors.New("the process ended")

// Whatever step a change is ended before, the key opens.
func TestKeyOpensAfterACrashInTheMiddleOfAChange(t *testing.T) {
	all := []activesync.KeyChoice{byRing, byWords, byCommand, byFile}
	for _, from := range all {
		for _, to := range all {
			for _, step := range []string{"ring", "replace", "overwrite", "drop"} {
				f, _, k := newKeyFile(t)
				if err := f.Hold(t.Context(), k, from); err != nil {
					t.Fatal(err)
				}
				ended := f
				ended.step = func(s string) error {
					if s == step {
						return errCrash
					}
					return nil
				}
				_ = ended.Hold(t.Context(), k, to)
				got, err := f.Open(t.Context(), Attempt{Passphrase: "correct horse"})
				if err != nil || got != k {
					t.Errorf("from %v to %v, ended before %s: %v", from, to, step, err)
				}
			}
		}
	}
}

func TestKeyInTheFileIsWrittenOver(t *testing.T) {
	f, _, k := newKeyFile(t)
	other := f.Path + ".link"
	if err := os.Link(f.Path, other); err != nil {
		t.Skip("no hard links here")
	}
	if err := f.Hold(t.Context(), k, byWords); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(other); err != nil || len(bytes.Trim(b, "\x00")) != 0 {
		t.Errorf("the bare key is still on the disk, %v", err)
	}
}

func TestNewKeyGoesIntoTheKeyringWhereThereIsOne(t *testing.T) {
	ring := newPocket()
	f := KeyFile{Path: filepath.Join(t.TempDir(), "key"), Ring: ring}
	k, err := f.Make(t.Context(), true)
	if err != nil || len(ring.values) != 1 {
		t.Fatal(err, ring.values)
	}
	if again, err := f.Make(t.Context(), true); err != nil || again != k || len(ring.values) != 1 {
		t.Errorf("a second one was made: %v, %d", err, len(ring.values))
	}
	locked := KeyFile{Path: filepath.Join(t.TempDir(), "key"), Ring: &pocket{err: errRingLocked}}
	if _, err := locked.Make(t.Context(), true); err != nil {
		t.Error(err)
	}
	if s, err := locked.State(); err != nil || s.Holder != activesync.KeyInFile {
		t.Errorf("with a locked keyring: %v, %v", s, err)
	}
}

// The work that guessing a passphrase takes is part of the format.
func TestPassphrasesAreHardToGuess(t *testing.T) {
	f, _, k := newKeyFile(t)
	f.hard = hardness{}
	if err := f.Hold(t.Context(), k, byWords); err != nil {
		t.Fatal(err)
	}
	w, err := f.read()
	if err != nil || w.Argon2id != (hardness{Time: 3, Memory: 64 << 10, Threads: 4}) || len(w.Salt) != 16 {
		t.Errorf("%+v, salt of %d bytes, %v", w.Argon2id, len(w.Salt), err)
	}
}

func TestChoiceIsNotPrinted(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if s := fmt.Sprintf(verb, byWords); strings.Contains(s, "horse") {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

func FuzzKeyFile(f *testing.F) {
	w := newWrapped(byWords, newKey(), usual())
	if err := w.wrap(make([]byte, keySize), newKey()); err != nil {
		f.Fatal(err)
	}
	f.Add(w.content())
	f.Add(bareContent(newKey()))
	f.Add([]byte(wrappedHeader + `{"holder":"keyring","id":"X","check":"AAAAAAAAAAAAAAAAAAAAAA==","sealed":"AA=="}`))
	f.Add([]byte(wrappedHeader + `{"holder":"passphrase","argon2id":{"time":4294967295,"memory":4294967295,"threads":255}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := parseKeyFile(b)
		switch {
		case err != nil && !errors.Is(err, ErrDamaged):
			t.Errorf("error %v", err)
		case err == nil && (w.Holder == activesync.KeyByPassphrase || w.Holder == activesync.KeyByCommand) && !w.Argon2id.sound():
			t.Errorf("takes %+v", w.Argon2id)
		case err == nil && w.Holder != activesync.KeyInFile:
			if again, err := parseKeyFile(w.content()); err != nil || again.ID != w.ID || !bytes.Equal(again.Sealed, w.Sealed) {
				t.Errorf("written and read again: %v", err)
			}
		}
	})
}
