package autodiscover

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

const (
	// stepTime is how long one host may take: many domains have none of those
	// that are tried, and a person waits.
	stepTime = 8 * time.Second
	// maxRedirects bounds how often one answer may lead to another.
	maxRedirects = 5
)

// Config says who is looking.
type Config struct {
	Email    string
	User     string // to sign in with; Email when empty
	Password string
	// Anonymous asks only what can be asked without signing in.
	Anonymous bool
	// Trust is asked before the password goes to a host outside the domain of
	// the address. Nil never agrees.
	Trust func(host string) bool
	// RootCAs are the authorities to trust instead of the system's.
	RootCAs *x509.CertPool
	// Transport and LookupSRV replace the network, for tests.
	Transport http.RoundTripper
	LookupSRV func(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// Found is where the server is.
type Found struct {
	Endpoint string
	// Via is the host that told.
	Via string
}

// Find asks the hosts that may know the server of an address, those that need
// no password first. Its errors wrap activesync.ErrNoServer, or activesync.ErrAuth where
// a host knew the service but not the password.
func Find(ctx context.Context, cfg Config) (Found, error) {
	f := &finder{cfg: cfg, seen: map[string]bool{}}
	if f.cfg.Transport == nil {
		f.cfg.Transport = newTransport(cfg.RootCAs)
	}
	if f.cfg.LookupSRV == nil {
		f.cfg.LookupSRV = net.DefaultResolver.LookupSRV
	}
	if f.cfg.User == "" {
		f.cfg.User = f.cfg.Email
	}
	return f.find(ctx, cfg.Email, 0)
}

// finder is one search.
type finder struct {
	cfg    Config
	home   string          // the domain of the address that was asked for
	domain string          // that of the address at hand, where an answer named another
	seen   map[string]bool // what was asked already
	auth   error           // a refused sign-in, told when nothing is found
	doubt  string          // a server that whoever is on the line may have named
}

func (f *finder) find(ctx context.Context, email string, depth int) (Found, error) {
	at := strings.LastIndexByte(email, '@')
	if at <= 0 || at == len(email)-1 {
		return Found{}, fmt.Errorf("%w: %q is not an e-mail address", activesync.ErrNoServer, email)
	}
	f.domain = strings.ToLower(email[at+1:])
	if depth == 0 {
		f.home = f.domain
	}
	steps := []func(context.Context) (string, bool){
		func(context.Context) (string, bool) { return "autodiscover." + f.domain, true },
		func(context.Context) (string, bool) { return f.domain, true },
		f.redirected, f.service,
	}
	for _, step := range steps {
		sctx, cancel := context.WithTimeout(ctx, 2*stepTime)
		host, ok := step(sctx)
		var found Found
		var next string
		if ok {
			found, next = f.ask(sctx, host, email)
		}
		cancel()
		switch {
		case ctx.Err() != nil:
			return Found{}, ctx.Err()
		case found.Endpoint != "":
			return found, nil
		case next != "" && depth < maxRedirects && !strings.EqualFold(next, email):
			return f.find(ctx, next, depth+1)
		}
	}
	if f.auth != nil {
		return Found{}, fmt.Errorf("find the server of %s: %w", email, f.auth)
	}
	if f.doubt != "" {
		return Found{}, fmt.Errorf("find the server of %s: %w: one outside the domain was named in a way that can be forged; if %s is yours, enter it as the server",
			email, activesync.ErrNoServer, f.doubt)
	}
	return Found{}, fmt.Errorf("find the server of %s: %w", email, activesync.ErrNoServer)
}

// ask asks one host both ways. next is another address to go on with.
func (f *finder) ask(ctx context.Context, host, email string) (found Found, next string) {
	if f.seen[host+" "+email] {
		return Found{}, ""
	}
	f.seen[host+" "+email] = true
	if endpoint := f.askJSON(ctx, host, email); f.believed(host, endpoint) {
		return Found{endpoint, host}, ""
	}
	if f.cfg.Anonymous || !f.within(host) && (f.cfg.Trust == nil || !f.cfg.Trust(host)) {
		return Found{}, ""
	}
	endpoint, next, err := f.askXML(ctx, host, email)
	if errors.Is(err, activesync.ErrAuth) {
		f.auth = err
	}
	if endpoint != "" {
		return Found{endpoint, host}, ""
	}
	return Found{}, next
}

// believed reports whether the password may go to a server that a host names. What
// a host of the domain says comes from there. That of another one was named without
// TLS, so the server has to be of the domain itself, or Microsoft's, or agreed to.
func (f *finder) believed(host, endpoint string) bool {
	if endpoint == "" {
		return false
	}
	of := func(name string) bool { return f.within(name) || belongs(name, f.domain) }
	u, err := url.Parse(endpoint)
	if err == nil && (of(nameOf(host)) || of(u.Hostname()) || endpoint == activesync.ExchangeOnline || f.cfg.Trust != nil && f.cfg.Trust(u.Host)) {
		return true
	}
	f.doubt = endpoint
	return false
}

// nameOf is a host without its port.
func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// within reports whether a host belongs to the domain of the address that was
// asked for; no answer can change which domain that is.
func (f *finder) within(host string) bool { return belongs(host, f.home) }

func belongs(host, domain string) bool {
	host = strings.ToLower(host)
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// redirected is the host that the domain's own host points to without TLS. Only
// a pointer to https counts, and nothing secret is said on the way.
func (f *finder) redirected(ctx context.Context) (string, bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://autodiscover."+f.domain+"/autodiscover/autodiscover.xml", nil)
	if err != nil {
		return "", false
	}
	resp, err := f.cfg.Transport.RoundTrip(req)
	if err != nil {
		return "", false
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusFound && resp.StatusCode != http.StatusMovedPermanently {
		return "", false
	}
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return "", false
	}
	return u.Host, true
}

// service is the host that the domain's SRV record names.
func (f *finder) service(ctx context.Context) (string, bool) {
	_, records, err := f.cfg.LookupSRV(ctx, "autodiscover", "tcp", f.domain)
	if err != nil || len(records) == 0 {
		return "", false
	}
	host := strings.TrimSuffix(records[0].Target, ".")
	if p := records[0].Port; p != 443 && p != 0 {
		host = net.JoinHostPort(host, fmt.Sprint(p))
	}
	return host, host != ""
}

// secure takes an endpoint only where it is one that the client would speak to.
func secure(endpoint string) string {
	u, err := url.Parse(strings.TrimSpace(endpoint))
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/Microsoft-Server-ActiveSync"
	}
	u.RawQuery, u.Fragment = "", ""
	return u.String()
}
