package oauth

import (
	"context"
	"errors"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// early is how long before its end a token is no longer used.
const early = 5 * time.Minute

// Source gives the token of one account, and a new one before it runs out. There
// is one for each account: refresh tokens change with each use.
type Source struct {
	provider *Provider
	keep     func(Token) error

	lane  chan struct{} // held while the server is asked
	mu    sync.Mutex
	token Token // guarded by mu
	loose bool  // guarded by mu; token is not kept yet
	fail  error // guarded by mu; the sign-in has ended
}

// NewSource goes on with a token. keep is told of each new one before it is used;
// where it fails it is told again at the next use.
func NewSource(p *Provider, t Token, keep func(Token) error) *Source {
	return &Source{provider: p, token: t, keep: keep, lane: make(chan struct{}, 1)}
}

// Token is the access token to use now. refused is one that the server of the mail
// did not take, "" where there is none. Errors wrap activesync.ErrAuth where only a
// person can go on, else activesync.ErrUnreachable or ErrBusy.
func (s *Source) Token(ctx context.Context, refused string) (string, error) {
	if t, err := s.current(refused); t != "" || err != nil {
		s.fasten()
		return t, err
	}
	select {
	case s.lane <- struct{}{}:
		defer func() { <-s.lane }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if t, err := s.current(refused); t != "" || err != nil { // another one has just asked
		return t, err
	}
	s.mu.Lock()
	old := s.token
	s.mu.Unlock()
	next, err := s.provider.refresh(ctx, old)
	if err != nil {
		return "", s.ended(err)
	}
	if next.Refresh == "" {
		next.Refresh = old.Refresh
	}
	s.mu.Lock()
	s.token, s.loose = next, true // the old one is of no use any more
	s.mu.Unlock()
	s.fasten()
	return next.Access, nil
}

// fasten keeps a token that is not kept yet.
func (s *Source) fasten() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loose {
		s.loose = s.keep(s.token) != nil
	}
}

// current is the token that can be used without asking, "" for none.
func (s *Source) current(refused string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.fail != nil:
		return "", s.fail
	case s.token.Access == "" || s.token.Access == refused:
		return "", nil
	case !s.token.Expiry.IsZero() && time.Until(s.token.Expiry.Round(0)) < early:
		return "", nil
	}
	return s.token.Access, nil
}

// ended remembers a refusal, so that nobody asks again until the person has signed
// in.
func (s *Source) ended(err error) error {
	if !errors.Is(err, activesync.ErrAuth) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
	return err
}
