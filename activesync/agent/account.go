package agent

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// AddAccount tries an account by signing in and reading its folders, and keeps
// it if that worked. Errors are those of package activesync.
func (l *Local) AddAccount(ctx context.Context, a activesync.Account, password string) (activesync.Account, error) {
	a, err := l.complete(a)
	if err == nil {
		a.CAFile, err = absolute(a.CAFile)
	}
	if err != nil {
		return activesync.Account{}, err
	}
	if a.Server == "" && l.Discover != nil {
		if a.Server, err = l.Discover(ctx, a, password); err != nil {
			return activesync.Account{}, err
		}
	}
	m, err := l.newMember(a, password)
	if err != nil {
		return activesync.Account{}, err
	}
	if err = m.engine.Check(ctx); err == nil {
		if err = l.Book.Add(a, password); err != nil {
			err = fmt.Errorf("keep the account: %w", err)
		}
	}
	if err != nil {
		if rerr := l.Store.RemoveAccount(context.WithoutCancel(ctx), a.ID); rerr != nil {
			l.Log.Error("half an account left behind", "account", string(a.ID), "error", rerr)
		}
		return activesync.Account{}, err
	}
	l.mu.Lock()
	l.accounts[a.ID] = m
	if l.ctx != nil && l.ctx.Err() == nil {
		l.start(m)
	}
	l.mu.Unlock()
	l.publish(activesync.Notice{Kind: activesync.NoticeAccount, Account: a.ID, Time: time.Now().UTC()})
	return a, nil
}

// RemoveAccount stops an account and erases all that is kept of it here.
// Nothing is deleted on the server.
func (l *Local) RemoveAccount(ctx context.Context, id activesync.AccountID) error {
	m, err := l.member(id)
	if err != nil {
		return err
	}
	l.mu.Lock()
	delete(l.accounts, id)
	l.mu.Unlock()
	l.halt(m)
	return l.forget(ctx, id)
}

// halt stops the engine of an account and waits for it.
func (l *Local) halt(m *member) {
	l.mu.Lock()
	stop, done := m.stop, m.done
	l.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
}

// SignIn signs an account that is there in with another password or token, which
// is kept if that worked. A way to sign in that a names otherwise than before
// holds from then on. Errors are those of AddAccount.
func (l *Local) SignIn(ctx context.Context, a activesync.Account, secret string) error {
	l.signing.Lock()
	defer l.signing.Unlock()
	m, err := l.member(a.ID)
	if err != nil {
		return err
	}
	before := m.account
	was, err := l.Book.Password(a.ID)
	if err != nil {
		return fmt.Errorf("read the password of %s: %w", before.Name, err)
	}
	after := before
	after.Auth, after.OAuth, after.User = a.Auth, a.OAuth, a.User
	l.halt(m)
	// It is kept before it is tried: a token may change while it is used.
	if err = l.Book.Change(after, secret); err == nil {
		m, err = l.replace(after, secret, m)
	}
	if err == nil {
		err = m.engine.Check(ctx)
	}
	if err != nil && after.Auth != activesync.AuthOAuth { // a token was taken by who gave it
		if berr := l.Book.Change(before, was); berr != nil {
			err = errors.Join(err, berr)
		} else if old, oerr := l.replace(before, was, m); oerr == nil {
			m = old
		}
	}
	l.mu.Lock()
	if l.accounts[a.ID] == m && l.ctx != nil && l.ctx.Err() == nil {
		l.start(m)
	}
	l.mu.Unlock()
	l.publish(activesync.Notice{Kind: activesync.NoticeAccount, Account: a.ID, Time: time.Now().UTC()})
	return err
}

// replace puts a member with another way to sign in in the place of one that has
// stopped. Where that fails the old one stays.
func (l *Local) replace(a activesync.Account, secret string, m *member) (*member, error) {
	next, err := l.newMember(a, secret)
	if err != nil {
		return m, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.accounts[a.ID] != m {
		return m, fmt.Errorf("%w: %q", ErrNoAccount, string(a.ID)) // removed meanwhile
	}
	l.accounts[a.ID] = next
	return next, nil
}

// forget erases what is kept of an account that has stopped. Its mail goes also
// where its address book cannot be closed.
func (l *Local) forget(ctx context.Context, id activesync.AccountID) error {
	left := l.closeBook(id)
	if left != nil {
		left = fmt.Errorf("end Sync with Local Contacts: %w", left)
	}
	l.directory.forget(id)
	if err := l.Store.EraseAccount(ctx, id); err != nil {
		return errors.Join(left, fmt.Errorf("erase the mail of the account: %w", err))
	}
	if err := l.Book.Remove(id); err != nil {
		return errors.Join(left, fmt.Errorf("forget the account: %w", err))
	}
	left = errors.Join(left, l.Store.RemoveAccount(ctx, id)) // that it was to be erased, too
	l.publish(activesync.Notice{Kind: activesync.NoticeAccount, Account: id, Time: time.Now().UTC()})
	return left
}

// erase carries out a wipe: all that is kept of the account goes, and the room it
// took is written over. What the person exported stays. The engine has stopped; a
// step that fails is taken again when the agent starts the next time.
func (l *Local) erase(ctx context.Context, a activesync.Account) {
	id := a.ID
	l.Log.Warn("the server has the account erased here", "account", string(id))
	l.publish(activesync.Notice{Kind: activesync.NoticeErased, Account: id, Name: a.Name, Time: time.Now().UTC()})
	l.mu.Lock()
	delete(l.accounts, id)
	l.mu.Unlock()
	if err := l.forget(ctx, id); err != nil {
		l.Log.Error("the account is not erased wholly", "account", string(id), "error", err)
	}
}

// TakeErased hands out the accounts that were erased before anybody could hear of
// it, once.
func (l *Local) TakeErased() []activesync.Erased {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.erased
	l.erased = nil
	return all
}

// complete gives a new account its id and name.
func (l *Local) complete(a activesync.Account) (activesync.Account, error) {
	if a.Email == "" || !strings.Contains(a.Email, "@") {
		return a, fmt.Errorf("%w: %q is not an e-mail address", activesync.ErrRejected, a.Email)
	}
	if a.Name == "" {
		a.Name = a.Email
	}
	if a.Auth == "" {
		a.Auth = activesync.AuthBasic
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.accounts {
		if strings.EqualFold(m.account.Name, a.Name) {
			return a, fmt.Errorf("%w: there is an account %q already", activesync.ErrRejected, a.Name)
		}
	}
	if a.ID == "" {
		a.ID = activesync.AccountID(strings.ToLower(rand.Text()[:8]))
	}
	return a, nil
}
