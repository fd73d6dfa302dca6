package oauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
)

// Errand is what a person has to do on another device.
type Errand struct {
	Address string
	Code    string
	Until   time.Time // zero where the server did not say
}

// Device signs in by a code that the person types at an address, on whatever
// device. Many organisations do not allow it.
func (p *Provider) Device(ctx context.Context, show func(Errand)) (Token, error) {
	if p.config.Endpoint.DeviceAuthURL == "" {
		return Token{}, errors.New("sign in: no address for codes is set")
	}
	ctx, cancel := context.WithTimeoutCause(p.outgoing(ctx), personLimit, errTooLate)
	defer cancel()
	d, err := p.config.DeviceAuth(ctx)
	if err != nil {
		return Token{}, explained(ctx, err)
	}
	if d.UserCode == "" || d.DeviceCode == "" || checkURL(d.VerificationURI) != nil || d.VerificationURI == "" {
		return Token{}, errors.New("sign in: the answer of the authorization server makes no sense")
	}
	if d.Interval != 0 { // which is 5 s
		d.Interval = min(max(d.Interval, 1), 60)
	}
	show(Errand{oneLine(d.VerificationURI), oneLine(d.UserCode), d.Expiry})
	t, err := p.config.DeviceAccessToken(ctx, d)
	switch {
	case err == nil:
		return taken(t)
	case errors.Is(err, context.DeadlineExceeded):
		return Token{}, fmt.Errorf("%w: the code has run out", activesync.ErrSignIn)
	}
	return Token{}, explained(ctx, err)
}
