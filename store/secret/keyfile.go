package secret

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/wholefile"
)

// KeyFile is the file that holds the data key, or the data key wrapped by a key
// that something else holds. What is sealed under the data key stays as it is
// when that changes.
type KeyFile struct {
	Path string
	// Ring is the keyring; nil is none.
	Ring Ring
	// Run gives the first line that a command prints; nil runs none.
	Run func(ctx context.Context, command []string) (string, error)

	// In tests: what happens before each step of Hold, and a lighter Argon2id.
	step func(string) error
	hard hardness
}

// Attempt is what a person adds to open the key.
type Attempt struct {
	Passphrase string
	// Ask lets the keyring ask the person to unlock it.
	Ask bool
}

// LockedError is why the key is not at hand. Nothing is lost: it is activesync.ErrLocked.
type LockedError struct {
	Holder activesync.KeyHolder
	Err    error
}

func (e *LockedError) Error() string        { return activesync.ErrLocked.Error() + ": " + e.Err.Error() }
func (e *LockedError) Unwrap() error        { return e.Err }
func (e *LockedError) Is(target error) bool { return target == activesync.ErrLocked }

var (
	errNoPassphrase = errors.New("the passphrase is needed")
	errNoRing       = errors.New("there is no keyring here")
	errNoRun        = errors.New("no command can be run here")
	errOtherRing    = errors.New("the keyring is open but has no key for what is kept here; it may be another keyring than the one that the key was put into")
	errOtherOutput  = errors.New("what the command prints does not open the key")
)

// State says what holds the key. It opens nothing; errors are those of Open for
// the file itself.
func (f KeyFile) State() (activesync.KeyState, error) {
	w, err := f.read()
	return activesync.KeyState{Holder: w.Holder, Command: w.Command}, err
}

// Open gives the data key. Errors are ErrNoKey, ErrDamaged, ErrExposed,
// activesync.ErrPassphrase, or a *LockedError where what holds the key does not give
// it now. No key is ever made in place of one that cannot be had.
func (f KeyFile) Open(ctx context.Context, a Attempt) (Key, error) {
	w, err := f.read()
	if err != nil {
		return Key{}, err
	}
	if w.Holder == activesync.KeyInFile {
		return w.bare, nil
	}
	wrapping, err := f.wrapping(ctx, w, a)
	if err == nil {
		var k Key
		if k, err = w.unwrap(wrapping); err == nil {
			return k, nil
		}
		switch {
		case w.Holder == activesync.KeyByPassphrase:
			return Key{}, fmt.Errorf("open the key: %w", activesync.ErrPassphrase)
		case w.Holder == activesync.KeyByCommand:
			err = errOtherOutput
		default:
			err = errOtherRing
		}
	}
	if ctx.Err() != nil {
		return Key{}, ctx.Err()
	}
	return Key{}, &LockedError{w.Holder, err}
}

// wrapping gets the key that wraps the data key.
func (f KeyFile) wrapping(ctx context.Context, w wrapped, a Attempt) ([]byte, error) {
	switch w.Holder {
	case activesync.KeyByPassphrase:
		if a.Passphrase == "" {
			return nil, errNoPassphrase
		}
		return w.Argon2id.derive(a.Passphrase, w.Salt), nil
	case activesync.KeyByCommand:
		words, err := f.run(ctx, w.Command)
		if err != nil {
			return nil, err
		}
		return w.Argon2id.derive(words, w.Salt), nil
	}
	if f.Ring == nil {
		return nil, errNoRing
	}
	value, err := f.Ring.Get(ctx, w.ID, a.Ask)
	if errors.Is(err, ErrNotInRing) {
		return nil, errOtherRing
	}
	if err != nil {
		return nil, err
	}
	return decodeWrapping(value)
}

func (f KeyFile) run(ctx context.Context, command []string) (string, error) {
	if f.Run == nil || len(command) == 0 {
		return "", errNoRun
	}
	words, err := f.Run(ctx, command)
	if err == nil && words == "" {
		err = errors.New("it printed nothing")
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", command[0], err)
	}
	return words, nil
}

// Make makes a new data key, held by the keyring where that is wished for and
// can be had without a question, else by the file. Of two processes that make
// one at once both get the same.
func (f KeyFile) Make(ctx context.Context, inRing bool) (Key, error) {
	key := newKey()
	content := bareContent(key)
	var w wrapped
	if inRing && f.Ring != nil {
		if made, err := f.wrap(ctx, key, activesync.KeyChoice{Holder: activesync.KeyInKeyring}, false); err == nil {
			w, content = made, made.content()
		}
	}
	err := wholefile.Create(f.Path, content)
	if err != nil {
		f.dropFromRing(ctx, w)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return Key{}, fmt.Errorf("make key file %s: %w", f.Path, err)
	}
	return f.Open(ctx, Attempt{})
}

// Hold has something else hold the data key from now on. key is what Open gave. At
// any moment one of both opens it; what held it before is destroyed last.
func (f KeyFile) Hold(ctx context.Context, key Key, c activesync.KeyChoice) error {
	old, err := f.read()
	if err != nil {
		return err
	}
	if !old.is(key) {
		return fmt.Errorf("change what holds the key: %w", ErrWrongKey)
	}
	next, content := wrapped{}, bareContent(key)
	if c.Holder != activesync.KeyInFile {
		if next, err = f.wrap(ctx, key, c, true); err != nil {
			return err
		}
		content = next.content()
	}
	if err := f.replace(content); err != nil {
		f.dropFromRing(ctx, next)
		return err
	}
	if f.before("drop") == nil {
		f.dropFromRing(ctx, old)
	}
	return nil
}

// replace puts the new content in place, then writes over the old file: its
// room on the disk still has what it held.
func (f KeyFile) replace(content []byte) error {
	if err := f.before("replace"); err != nil {
		return err
	}
	before, err := os.OpenFile(f.Path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := wholefile.Replace(f.Path, content); err != nil {
		return errors.Join(err, before.Close())
	}
	if f.before("overwrite") != nil {
		return before.Close()
	}
	_ = overwrite(before) // the new one is in place, which is what counts
	return nil
}

// before is where a test has the process end.
func (f KeyFile) before(step string) error {
	if f.step == nil {
		return nil
	}
	return f.step(step)
}

// dropFromRing takes the key of a file that is no longer there out of the
// keyring. What stays there opens nothing any more.
func (f KeyFile) dropFromRing(ctx context.Context, w wrapped) {
	if w.Holder == activesync.KeyInKeyring && f.Ring != nil {
		_ = f.Ring.Delete(ctx, w.ID)
	}
}

// wrap wraps the data key as c says, and sees that it can be had again.
func (f KeyFile) wrap(ctx context.Context, key Key, c activesync.KeyChoice, ask bool) (wrapped, error) {
	w := newWrapped(c, key, cmp.Or(f.hard, usual()))
	var wrapping []byte
	switch c.Holder {
	case activesync.KeyInKeyring:
		if f.Ring == nil {
			return w, errNoRing
		}
		random := newKey()
		wrapping = random.b[:]
		if err := f.Ring.Set(ctx, w.ID, encodeWrapping(wrapping), ask); err != nil {
			return w, err
		}
		if err := f.before("ring"); err != nil {
			return w, err
		}
	case activesync.KeyByPassphrase:
		if c.Passphrase == "" {
			return w, errNoPassphrase
		}
		wrapping = w.Argon2id.derive(c.Passphrase, w.Salt)
	case activesync.KeyByCommand:
		words, err := f.run(ctx, c.Command)
		if err != nil {
			return w, err
		}
		wrapping = w.Argon2id.derive(words, w.Salt)
	default:
		return w, fmt.Errorf("%q is nothing that can hold a key", string(c.Holder))
	}
	if err := w.wrap(wrapping, key); err != nil {
		return w, err
	}
	if c.Holder == activesync.KeyByPassphrase {
		return w, nil
	}
	// A keyring that forgets, or a command that prints something else each time.
	again, err := f.wrapping(ctx, w, Attempt{Ask: ask})
	if err == nil {
		_, err = w.unwrap(again)
	}
	if err != nil {
		f.dropFromRing(ctx, w)
		return w, fmt.Errorf("the key does not come back out of it: %w", err)
	}
	return w, nil
}
