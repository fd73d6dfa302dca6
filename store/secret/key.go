package secret

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
)

const keySize = 32

// Errors of this package. None of them holds a secret.
var (
	// ErrExposed: the file can be read by others than its owner.
	ErrExposed = errors.New("others can read the file; only its owner may")
	// ErrNoKey: there is no key file.
	ErrNoKey = errors.New("there is no key file")
	// ErrDamaged: the file is not what it should be. It is never replaced.
	ErrDamaged = errors.New("the file is damaged")
	// ErrWrongKey: the file was sealed under another key.
	ErrWrongKey = errors.New("the key does not open the file")
	// ErrNotFound: there is no password of that name.
	ErrNotFound = errors.New("no password is kept for the account")
)

// Key is the data key of one installation. It prints as a word, not as what it is.
type Key struct{ b [keySize]byte }

// Format keeps a key out of whatever is printed, with any verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key]") }

// MarshalText keeps a key out of logs and encoded values.
func (Key) MarshalText() ([]byte, error) { return []byte("[key]"), nil }

// Derive gives the 32-byte key for one purpose. From it nothing can be learned
// of the data key or of the key for another purpose.
func (k Key) Derive(purpose string) []byte {
	out, err := hkdf.Key(sha256.New, k.b[:], nil, "securemail "+purpose, keySize)
	if err != nil {
		panic(err) // only for lengths that are not asked for here
	}
	return out
}

func newKey() (k Key) {
	_, _ = rand.Read(k.b[:]) // never fails
	return k
}

// readPrivate reads a regular file that only its owner can read, up to limit
// bytes and one more.
func readPrivate(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is no regular file", ErrDamaged)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: its mode is %#o, it must be 0600 (chmod 600 %s)", ErrExposed, info.Mode().Perm(), path)
	}
	return io.ReadAll(io.LimitReader(f, limit+1))
}

func overwrite(f *os.File) error {
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		_, err = f.WriteAt(make([]byte, info.Size()), 0)
	}
	return errors.Join(err, f.Sync(), f.Close())
}
