package activesync

import (
	"errors"
	"fmt"
	"io"
)

// KeyHolder is what holds the key under which everything that is kept on this
// machine is sealed.
type KeyHolder string

// The holders.
const (
	KeyInFile       KeyHolder = "file"       // that only its owner can read
	KeyInKeyring    KeyHolder = "keyring"    // of the desktop or the system
	KeyByPassphrase KeyHolder = "passphrase" // that the person knows
	KeyByCommand    KeyHolder = "command"    // that prints a passphrase
)

// KeyState says what holds the key, and whether it is at hand.
type KeyState struct {
	Holder  KeyHolder `json:"holder"`
	Command []string  `json:"command,omitempty"` // of KeyByCommand
	Locked  bool      `json:"locked"`
	Why     string    `json:"why,omitempty"` // it is locked
}

// Question is what a person is asked to do about a locked key.
func (s KeyState) Question() string {
	switch s.Holder {
	case KeyByPassphrase:
		return "What is kept here is sealed under your passphrase."
	case KeyInKeyring:
		return "What is kept here is sealed under a key in the keyring, which is not at hand: " + s.Why + "."
	case KeyByCommand:
		return "What is kept here is sealed under what a command prints, which did not work: " + s.Why + "."
	}
	return "What is kept here is sealed, and its key is not at hand: " + s.Why + "."
}

// KeyChoice is what shall hold the key. It prints as a word.
type KeyChoice struct {
	Holder     KeyHolder `json:"holder"`
	Passphrase string    `json:"passphrase,omitempty"` // of KeyByPassphrase
	Command    []string  `json:"command,omitempty"`    // of KeyByCommand
}

// Format keeps the passphrase out of whatever is printed.
func (c KeyChoice) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "["+string(c.Holder)+"]") }

var (
	// ErrLocked: what is kept here is sealed, and its key is not at hand. Nothing is
	// lost; the person or the system has to give it.
	ErrLocked = errors.New("what is kept here is locked")
	// ErrPassphrase: the passphrase opens nothing. Another can be tried.
	ErrPassphrase = errors.New("the passphrase is wrong")
)
