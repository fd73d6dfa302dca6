package agent

import (
	"context"
	"crypto/subtle"

	"eas.example/securemail/activesync"
)

// Confirms reports whether there is an account by whose password a person can
// show who they are.
func (l *Local) Confirms(context.Context) (bool, error) {
	found := false
	err := l.passwords(func(string) bool {
		found = true
		return false
	})
	return found, err
}

// Confirm reports whether words are the password of one of the accounts.
func (l *Local) Confirm(_ context.Context, words string) (bool, error) {
	right := false
	err := l.passwords(func(p string) bool {
		right = subtle.ConstantTimeCompare([]byte(p), []byte(words)) == 1
		return !right
	})
	return right, err
}

// passwords hands out those of the accounts until do has enough.
func (l *Local) passwords(do func(string) bool) error {
	for _, m := range l.members() {
		if m.account.Auth == activesync.AuthOAuth {
			continue
		}
		p, err := l.Book.Password(m.account.ID)
		if err != nil {
			return err
		}
		if p != "" && !do(p) {
			return nil
		}
	}
	return nil
}

type words struct {
	Words string `json:"words"`
}

// confirmCalls are the calls by which a screen that is locked is opened.
type confirmCalls struct {
	confirms call[nothing, bool]
	confirm  call[words, bool]
}

func newConfirmCalls(t *table) confirmCalls {
	return confirmCalls{
		confirms: bare(t, "confirms", again, (*Local).Confirms),
		confirm: on(t, "confirm", again, func(ctx context.Context, l *Local, q words) (bool, error) {
			return l.Confirm(ctx, q.Words)
		}),
	}
}

// Confirms is Local.Confirms.
func (c *Client) Confirms(ctx context.Context) (bool, error) {
	return c.calls.confirms.ask(ctx, c, nothing{})
}

// Confirm is Local.Confirm.
func (c *Client) Confirm(ctx context.Context, said string) (bool, error) {
	return c.calls.confirm.ask(ctx, c, words{said})
}
