package cli

import (
	"context"
	"errors"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/config"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// pushToken is where the token of the push channel is kept. No account has an
// id with a hyphen.
const pushToken activesync.AccountID = "push-token"

// Background is Settings › Background of the installation.
func (b *book) Background() (activesync.Background, error) {
	c, err := config.Load(b.path)
	if err != nil {
		return activesync.Background{}, err
	}
	token, err := b.PushToken()
	c.Background.HasToken = token != ""
	return c.Background, err
}

// SetBackground keeps it. The token goes where the passwords are; it goes with
// the topic that it belongs to.
func (b *book) SetBackground(set activesync.Background) error {
	return config.Change(b.path, func(c *config.Config) error {
		var err error
		switch {
		case set.Token != "":
			err = b.passwords.Set(pushToken, set.Token)
		case set.Topic != c.Background.Topic:
			err = b.passwords.Remove(pushToken)
		}
		if errors.Is(err, secret.ErrNotFound) {
			err = nil
		}
		set.Token, set.HasToken = "", false
		c.Background = set
		return err
	})
}

// Notifications is Settings › Notifications of the installation.
func (b *book) Notifications() (activesync.Notifications, error) {
	c, err := config.Load(b.path)
	return c.Notifications, err
}

// SetNotifications keeps it.
func (b *book) SetNotifications(n activesync.Notifications) error {
	return config.Change(b.path, func(c *config.Config) error {
		c.Notifications = n
		return nil
	})
}

// PushToken is the token of the push channel, "" where there is none.
func (b *book) PushToken() (string, error) {
	token, err := b.passwords.Password(pushToken)
	if errors.Is(err, secret.ErrNotFound) {
		return "", nil
	}
	return token, err
}

// storedToken reads the token of the push channel for a command.
func (a *app) storedToken(ctx context.Context) (string, error) {
	p, err := paths.Find(a.data)
	if err != nil {
		return "", err
	}
	k, err := a.askKeys(ctx, p)
	if err != nil {
		return "", err
	}
	passwords, err := secret.NewPasswords(p.Secrets, k.key)
	if err != nil {
		return "", err
	}
	return (&book{passwords: passwords}).PushToken()
}
