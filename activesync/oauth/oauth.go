// Package oauth signs a person in by OAuth 2.0 and keeps the tokens fresh: in the
// browser with PKCE and a redirect to this machine (RFC 6749, 7636, 8252), or by
// a code that is typed on another device (RFC 8628).
//
// It owns the ways to get a token and the life of one; where tokens are kept is
// not its business. No error and no printed value holds a token. A Source may be
// used from any goroutine.
package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"eas.example/securemail/activesync"
)

// Provider is an authorization server and what is asked of it. Make it with New.
type Provider struct {
	config oauth2.Config
	http   *http.Client
	hint   string
}

// requestLimit is how long the authorization server may take for an answer.
const requestLimit = 30 * time.Second

// New takes from an account where to sign in. transport replaces the network; nil
// is the usual one. It does no I/O.
func New(a activesync.Account, transport http.RoundTripper) (*Provider, error) {
	o := a.OAuth.Filled()
	if o.ClientID == "" {
		return nil, errors.New("the id of an app registration is needed to sign in by OAuth 2.0 (see the README, Exchange Online)")
	}
	for _, u := range []string{o.AuthURL, o.TokenURL, o.DeviceURL} {
		if err := checkURL(u); err != nil {
			return nil, err
		}
	}
	if transport == nil {
		transport = http.DefaultTransport
	}
	p := &Provider{hint: a.Login(), http: &http.Client{Transport: whole{transport}, CheckRedirect: noRedirect}}
	p.config = oauth2.Config{ClientID: o.ClientID, Scopes: strings.Fields(o.Scope),
		Endpoint: oauth2.Endpoint{AuthURL: o.AuthURL, TokenURL: o.TokenURL, DeviceAuthURL: o.DeviceURL, AuthStyle: oauth2.AuthStyleInParams}}
	return p, nil
}

// whole reads an answer to its end, within requestLimit: the library bounds neither
// time nor size everywhere, and does not close each body.
type whole struct{ next http.RoundTripper }

func (t whole) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), requestLimit)
	defer cancel()
	res, err := t.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(b))
	return res, nil
}

// maxAnswer is longer than any answer that makes sense.
const maxAnswer = 1 << 20

// noRedirect: who has a token to give gives it where it was asked for.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// checkURL wants TLS, but to this machine. Nothing at all is another way that is
// not offered.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return nil
	case err != nil || u.Host == "" || u.User != nil:
		return fmt.Errorf("%q is not an address to sign in at", s)
	case u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"):
		return nil
	}
	return fmt.Errorf("the address to sign in at must begin with https://: %s", u.Host)
}

// Token is what a sign-in gives. It prints as a word.
type Token struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"`
	Expiry  time.Time `json:"expiry,omitzero"` // zero where the server did not say
}

// Format keeps a token out of whatever is printed.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[token]") }

// Secret is the token as it is kept in the place of a password.
func (t Token) Secret() string {
	b, err := json.Marshal(t)
	if err != nil {
		panic(err) // texts and a time can always be written
	}
	return string(b)
}

// ParseSecret reads what Secret wrote.
func ParseSecret(s string) (Token, error) {
	var t Token
	if json.Unmarshal([]byte(s), &t) != nil || t.Access == "" && t.Refresh == "" {
		return Token{}, fmt.Errorf("%w: no token is kept", activesync.ErrSignIn)
	}
	return t, nil
}

func taken(t *oauth2.Token) (Token, error) {
	if t.AccessToken == "" || t.TokenType != "" && !strings.EqualFold(t.TokenType, "Bearer") {
		return Token{}, errors.New("sign in: the answer holds no token that could be used")
	}
	return Token{t.AccessToken, t.RefreshToken, t.Expiry}, nil
}

// outgoing is ctx with the client that the library is to use.
func (p *Provider) outgoing(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, p.http)
}

// refresh gets a new token for the refresh token of t. Where the server gives no
// new one of those, the old one goes on.
func (p *Provider) refresh(ctx context.Context, t Token) (Token, error) {
	if t.Refresh == "" {
		return Token{}, fmt.Errorf("%w: there is no refresh token", activesync.ErrSignIn)
	}
	got, err := p.config.TokenSource(p.outgoing(ctx), &oauth2.Token{RefreshToken: t.Refresh}).Token()
	if err != nil {
		return Token{}, explained(ctx, err)
	}
	return taken(got)
}

// explained gives an error of the library its meaning. It repeats the words of the
// server, and never its answer as a whole.
func explained(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		why := oneLine(e.ErrorCode + ": " + e.ErrorDescription)
		code := 0
		if e.Response != nil {
			code = e.Response.StatusCode
		}
		switch {
		case e.ErrorCode == "temporarily_unavailable" || e.ErrorCode == "server_error" || e.ErrorCode == "" && (code == 429 || code >= 500):
			return busy(e)
		case e.ErrorCode == "":
			return fmt.Errorf("sign in: %w: what answers there is no authorization server (%d)", activesync.ErrRejected, code)
		case e.ErrorCode == "expired_token":
			return fmt.Errorf("%w: the code has run out", activesync.ErrSignIn)
		case e.ErrorCode == "invalid_client", e.ErrorCode == "unauthorized_client", e.ErrorCode == "invalid_scope", e.ErrorCode == "invalid_request":
			return fmt.Errorf("%w: the app registration does not allow it (%s)", activesync.ErrSignIn, why)
		}
		return fmt.Errorf("%w: %s", activesync.ErrSignIn, why)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		where := "the authorization server"
		if u, err := url.Parse(e.URL); err == nil {
			where = u.Host
		}
		return fmt.Errorf("sign in: %w", activesync.NotReached(where, e.Err))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("sign in: %w: no answer came in time", activesync.ErrUnreachable)
	}
	return errors.New("sign in: the answer of the authorization server makes no sense")
}

// busy is the error for an authorization server that answers later. It concerns all
// of the account, as the 503 of its server does.
func busy(e *oauth2.RetrieveError) error {
	b := &activesync.HTTPError{Command: "sign in", Code: http.StatusServiceUnavailable, Host: "the authorization server"}
	if e.Response != nil {
		if e.Response.StatusCode == http.StatusTooManyRequests {
			b.Code = http.StatusTooManyRequests
		}
		if r := e.Response.Request; r != nil && r.URL != nil {
			b.Host = r.URL.Host
		}
	}
	return b
}

// oneLine is what is shown of a foreign text.
func oneLine(s string) string { return strings.TrimSuffix(activesync.Excerpt(s, 300), ":") }
