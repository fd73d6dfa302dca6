package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/crypto/argon2"

	"eas.example/securemail/activesync"
)

// A key file begins with one of these: the first is followed by the data key
// itself, the second by a wrapped one as JSON.
const (
	bareHeader    = "securemail key 1\n"
	wrappedHeader = "securemail key 2\n"
)

const (
	keyFileLimit = 64 << 10
	saltSize     = 16
	checkSize    = 16
)

// wrapped is a data key as a file keeps it.
type wrapped struct {
	Holder  activesync.KeyHolder `json:"holder"`
	ID      string               `json:"id"` // new with each change; the name in the keyring
	Command []string             `json:"command,omitempty"`
	// Argon2id and Salt turn words into the wrapping key.
	Argon2id hardness `json:"argon2id,omitzero"`
	Salt     []byte   `json:"salt,omitempty"`
	// Check tells whether a key is the one that is wrapped here.
	Check  []byte `json:"check"`
	Sealed []byte `json:"sealed"`

	bare Key // of KeyInFile
}

// hardness are the parameters of Argon2id (RFC 9106).
type hardness struct {
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
}

// usual costs a laptop about 0.15 s.
func usual() hardness { return hardness{Time: 3, Memory: 64 << 10, Threads: 4} }

// sound keeps what stands in a file from taking all memory, or the words from
// being guessed.
func (h hardness) sound() bool {
	return h.Time >= 1 && h.Time <= 64 && h.Memory >= 8<<10 && h.Memory <= 1<<20 && h.Threads >= 1
}

func (h hardness) derive(words string, salt []byte) []byte {
	return argon2.IDKey([]byte(words), salt, h.Time, h.Memory, h.Threads, keySize)
}

func newWrapped(c activesync.KeyChoice, key Key, h hardness) wrapped {
	w := wrapped{Holder: c.Holder, ID: rand.Text(), Check: key.check()}
	switch c.Holder {
	case activesync.KeyByCommand:
		w.Command = c.Command
		fallthrough
	case activesync.KeyByPassphrase:
		w.Argon2id, w.Salt = h, make([]byte, saltSize)
		_, _ = rand.Read(w.Salt) // never fails
	}
	return w
}

// check tells one key from another and nothing else.
func (k Key) check() []byte { return k.Derive("key check 1")[:checkSize] }

// is reports whether key is the one of the file.
func (w wrapped) is(key Key) bool {
	if w.Holder == activesync.KeyInFile {
		return subtle.ConstantTimeCompare(w.bare.b[:], key.b[:]) == 1
	}
	return subtle.ConstantTimeCompare(w.Check, key.check()) == 1
}

func (w wrapped) aead(wrapping []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(wrapping)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// place is what a wrapped key is bound to.
func (w wrapped) place() []byte { return []byte(wrappedHeader + string(w.Holder) + " " + w.ID) }

func (w *wrapped) wrap(wrapping []byte, key Key) error {
	aead, err := w.aead(wrapping)
	if err != nil {
		return fmt.Errorf("wrap the key: %w", err)
	}
	w.Sealed = aead.Seal(nil, nil, key.b[:], w.place())
	return nil
}

func (w wrapped) unwrap(wrapping []byte) (Key, error) {
	aead, err := w.aead(wrapping)
	if err != nil {
		return Key{}, ErrWrongKey
	}
	plain, err := aead.Open(nil, nil, w.Sealed, w.place())
	if err != nil || len(plain) != keySize {
		return Key{}, ErrWrongKey
	}
	var k Key
	copy(k.b[:], plain)
	return k, nil
}

func bareContent(k Key) []byte { return append([]byte(bareHeader), k.b[:]...) }

func (w wrapped) content() []byte {
	b, err := json.Marshal(w)
	if err != nil {
		panic(err) // strings and bytes can always be written
	}
	return append(append([]byte(wrappedHeader), b...), '\n')
}

// parseKeyFile reads the content of a key file. Its errors are ErrDamaged.
func parseKeyFile(b []byte) (w wrapped, err error) {
	if rest, ok := bytes.CutPrefix(b, []byte(bareHeader)); ok {
		if len(rest) != keySize {
			return wrapped{}, ErrDamaged
		}
		w.Holder = activesync.KeyInFile
		copy(w.bare.b[:], rest)
		return w, nil
	}
	rest, ok := bytes.CutPrefix(b, []byte(wrappedHeader))
	if !ok || len(b) > keyFileLimit || json.Unmarshal(rest, &w) != nil || w.ID == "" || len(w.Check) != checkSize || len(w.Sealed) == 0 {
		return wrapped{}, ErrDamaged
	}
	switch w.Holder {
	case activesync.KeyByPassphrase, activesync.KeyByCommand:
		if !w.Argon2id.sound() || len(w.Salt) < saltSize || w.Holder == activesync.KeyByCommand && len(w.Command) == 0 {
			return wrapped{}, ErrDamaged
		}
	case activesync.KeyInKeyring:
	default:
		return wrapped{}, ErrDamaged
	}
	return w, nil
}

func (f KeyFile) read() (wrapped, error) {
	b, err := readPrivate(f.Path, keyFileLimit)
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNoKey
	}
	var w wrapped
	if err == nil {
		w, err = parseKeyFile(b)
	}
	if err != nil {
		return wrapped{}, fmt.Errorf("read key file %s: %w", f.Path, err)
	}
	return w, nil
}

// Keyrings keep texts.

func encodeWrapping(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func decodeWrapping(s string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != keySize {
		return nil, errors.New("what the keyring has under that name is no key")
	}
	return b, nil
}
