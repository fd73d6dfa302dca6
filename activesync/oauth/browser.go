package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"eas.example/securemail/activesync"
)

// personLimit is how long a person may take.
const personLimit = 15 * time.Minute

// Browser signs in by a page that show is given the address of: a short one on a
// port of this machine, fit to be copied, which leads to the authorization server
// and to which that sends the browser back. The port is open until then. Entra
// takes any port for a registered http://localhost (RFC 8252, 7.3).
func (p *Provider) Browser(ctx context.Context, show func(address string)) (Token, error) {
	if p.config.Endpoint.AuthURL == "" {
		return Token{}, errors.New("sign in: no address for the browser is set")
	}
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return Token{}, fmt.Errorf("sign in: listen for the browser: %w", err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	doors := []net.Listener{ln}
	if six, err := net.Listen("tcp6", fmt.Sprintf("[::1]:%d", port)); err == nil {
		doors = append(doors, six) // where localhost is that first
	}
	config := p.config
	config.RedirectURL = fmt.Sprintf("http://localhost:%d", port)
	verifier := oauth2.GenerateVerifier()
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	if p.hint != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", p.hint))
	}
	l := &landing{state: rand.Text(), start: "/" + rand.Text()[:8], came: make(chan arrival, 1)}
	l.page = config.AuthCodeURL(l.state, options...)
	hs := &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, len(doors))
	for _, d := range doors {
		go func() { served <- hs.Serve(d) }()
	}
	defer func() {
		limit, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second) // the page is shown to its end
		defer done()
		if hs.Shutdown(limit) != nil {
			hs.Close()
		}
		for range doors {
			<-served
		}
	}()
	show(config.RedirectURL + l.start)
	ctx, cancel := context.WithTimeoutCause(ctx, personLimit, errTooLate)
	defer cancel()
	select {
	case a := <-l.came:
		if a.err != nil {
			return Token{}, a.err
		}
		t, err := config.Exchange(p.outgoing(ctx), a.code, oauth2.VerifierOption(verifier))
		if err != nil {
			return Token{}, explained(ctx, err)
		}
		return taken(t)
	case <-ctx.Done():
		return Token{}, context.Cause(ctx)
	}
}

var errTooLate = fmt.Errorf("%w: nobody signed in within %v", activesync.ErrSignIn, personLimit)

// arrival is what the browser brought.
type arrival struct {
	code string
	err  error
}

// landing is what this machine has for the browser: a page that leads on, and the
// one on which it arrives. What does not know the state is not from the page that
// was shown, and changes nothing.
type landing struct {
	start string // the path that leads on
	page  string // where to
	state string
	came  chan arrival // what arrived first
}

func (l *landing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Referrer-Policy", "no-referrer")
	switch {
	case r.Method == http.MethodGet && r.URL.Path == l.start:
		http.Redirect(w, r, l.page, http.StatusFound)
		return
	case r.Method != http.MethodGet || r.URL.Path != "/" || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(l.state)) != 1:
		http.NotFound(w, r)
		return
	}
	a := arrival{code: q.Get("code")}
	words := "You are signed in. This page can be closed; go on in the terminal.\n"
	if a.code == "" {
		a.err = fmt.Errorf("%w: %s", activesync.ErrSignIn, oneLine(q.Get("error")+": "+q.Get("error_description")))
		words = "You are not signed in. The terminal says why.\n"
	}
	select {
	case l.came <- a:
		_, _ = w.Write([]byte(words))
	default:
		http.NotFound(w, r) // it came a second time
	}
}
