package cli

import (
	"errors"
	"fmt"
	"slices"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/oauth"
	"eas.example/securemail/store/config"
	"eas.example/securemail/store/secret"
)

// book keeps the accounts in config.toml and their passwords sealed beside it.
// The file is read anew each time, as a person may edit it.
type book struct {
	path      string
	passwords *secret.Passwords
}

func (b *book) Accounts() ([]activesync.Account, error) {
	c, err := config.Load(b.path)
	return c.Accounts, err
}

// Password is "" where none is kept, as of an account that was written into the
// file by hand.
func (b *book) Password(id activesync.AccountID) (string, error) {
	p, err := b.passwords.Password(id)
	if errors.Is(err, secret.ErrNotFound) {
		return "", nil
	}
	return p, err
}

// Add keeps the password first: an account without one would be of no use.
func (b *book) Add(a activesync.Account, password string) error {
	return config.Change(b.path, func(c *config.Config) error {
		c.Accounts = append(c.Accounts, a)
		return b.passwords.Set(a.ID, password)
	})
}

// Change keeps another password, and what else of the account has changed.
func (b *book) Change(a activesync.Account, password string) error {
	return config.Change(b.path, func(c *config.Config) error {
		i := slices.IndexFunc(c.Accounts, func(there activesync.Account) bool { return there.ID == a.ID })
		if i < 0 {
			return fmt.Errorf("%w: %q", agent.ErrNoAccount, a.Name)
		}
		c.Accounts[i] = a
		return b.passwords.Set(a.ID, password)
	})
}

// renew keeps another token of an account that is there.
func (b *book) renew(id activesync.AccountID, t oauth.Token) error {
	if _, err := b.passwords.Password(id); err != nil {
		return err
	}
	return b.passwords.Set(id, t.Secret())
}

// Remove forgets the password first: where a crash comes in between, or the file
// cannot be read, that is not what stays.
func (b *book) Remove(id activesync.AccountID) error {
	if err := b.passwords.Remove(id); err != nil {
		return err
	}
	return config.Change(b.path, func(c *config.Config) error {
		c.Accounts = slices.DeleteFunc(c.Accounts, func(a activesync.Account) bool { return a.ID == id })
		return nil
	})
}
