// Package secret keeps what must not be read: the data key of the installation
// in a file of its own, and the passwords of the accounts sealed under a key
// derived from it in another.
//
// It owns these two files and nothing else; who asks for a password and what
// it is used for is not its business. No error and no printed value holds a
// secret. Removing the key file makes all that was sealed under it unreadable.
//
// Concurrency: a Passwords may be used from any goroutine. Of two processes that
// change passwords at the same time the later one wins for the accounts that it
// knows; the agent is the only writer.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/wholefile"
)

const (
	sealedHeader = "securemail passwords 1\n"
	sizeLimit    = 1 << 20
)

// Passwords is the file of sealed passwords.
type Passwords struct {
	path string
	aead cipher.AEAD
	mu   sync.Mutex // a change reads, then writes
}

// NewPasswords gives access to the file at path, which need not be there yet.
func NewPasswords(path string, key Key) (*Passwords, error) {
	block, err := aes.NewCipher(key.Derive("passwords 1"))
	if err != nil {
		return nil, fmt.Errorf("prepare the password file: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("prepare the password file: %w", err)
	}
	return &Passwords{path: path, aead: aead}, nil
}

// Password is the password of an account; ErrNotFound when none is kept.
func (p *Passwords) Password(id activesync.AccountID) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all, err := p.load()
	if err != nil {
		return "", err
	}
	pw, ok := all[id]
	if !ok {
		return "", fmt.Errorf("read the password of account %s: %w", id, ErrNotFound)
	}
	return pw, nil
}

// Set keeps the password of an account.
func (p *Passwords) Set(id activesync.AccountID, password string) error {
	return p.change(func(all map[activesync.AccountID]string) { all[id] = password })
}

// Remove forgets the password of an account. One that is not kept is no error.
func (p *Passwords) Remove(id activesync.AccountID) error {
	return p.change(func(all map[activesync.AccountID]string) { delete(all, id) })
}

func (p *Passwords) change(fn func(map[activesync.AccountID]string)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	all, err := p.load()
	if err != nil {
		return err
	}
	fn(all)
	plain, err := json.Marshal(all)
	if err != nil {
		return errors.New("write the password file: it cannot be encoded")
	}
	content := p.aead.Seal([]byte(sealedHeader), nil, plain, []byte(sealedHeader))
	if err := wholefile.Replace(p.path, content); err != nil {
		return fmt.Errorf("write the password file: %w", err)
	}
	return nil
}

func (p *Passwords) load() (map[activesync.AccountID]string, error) {
	b, err := readPrivate(p.path, sizeLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return map[activesync.AccountID]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the password file %s: %w", p.path, err)
	}
	n := len(sealedHeader)
	if len(b) < n || string(b[:n]) != sealedHeader || len(b) > sizeLimit {
		return nil, fmt.Errorf("read the password file %s: %w", p.path, ErrDamaged)
	}
	plain, err := p.aead.Open(nil, nil, b[n:], []byte(sealedHeader))
	if err != nil {
		return nil, fmt.Errorf("read the password file %s: %w", p.path, ErrWrongKey)
	}
	all := map[activesync.AccountID]string{}
	if json.Unmarshal(plain, &all) != nil { // the cause would quote what it could not read
		return nil, fmt.Errorf("read the password file %s: %w", p.path, ErrDamaged)
	}
	return all, nil
}
