package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// DefaultUserAgent is sent where the Config names no other. Servers block
// devices whose User-Agent changes, so it holds no version.
const DefaultUserAgent = "securemail"

// Config says where the server is and who asks.
type Config struct {
	// Endpoint is the address of the server, for instance
	// https://mail.example.test/Microsoft-Server-ActiveSync.
	Endpoint string
	User     string
	Password string
	// Token, where it is set, gives the OAuth 2.0 token to sign in with instead
	// of the Password. It is asked before each exchange; refused is the token that the
	// server did not take last, "" for none. An exchange that is refused is done once
	// more, with another token.
	Token func(ctx context.Context, refused string) (string, error)

	// DeviceID names this installation: 1 to 32 letters and digits that never
	// change (MS-ASHTTP 2.2.1.1.1.1.4).
	DeviceID   string
	DeviceType string // letters and digits
	UserAgent  string // DefaultUserAgent when empty
	// DeviceInfo goes with a Provision from 14.1 on that asks for policies and
	// has none, because a server that was not told of the device sends nothing.
	DeviceInfo wire.DeviceInformation

	// Allow is asked before each exchange whether the host may be spoken to; its
	// error is the answer. Nil allows every host.
	Allow func(host string) error

	// RootCAs are the authorities to trust instead of the system's.
	RootCAs *x509.CertPool
	// Transport replaces the network, for tests.
	Transport http.RoundTripper
	Log       *slog.Logger
	// Base64Query asks for the compact form of the query (MS-ASHTTP 2.2.1.1.1.1).
	Base64Query bool
}

// Format prints where the server is: the password must not get into a log by
// any verb.
func (c Config) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "client of %s", shownURL(c.Endpoint)) }

// Client speaks to one server as one device.
type Client struct {
	cfg       Config
	cookies   http.CookieJar
	log       *slog.Logger
	counts    counters
	maxAnswer int64 // bytes of an answer in memory

	mu       sync.Mutex
	road     http.RoundTripper    // guarded by mu; over which requests go now
	endpoint *url.URL             // guarded by mu; never changed in place
	version  activesync.Version   // guarded by mu
	key      activesync.PolicyKey // guarded by mu
	refused  string               // guarded by mu; the token that was refused last
	shut     bool                 // guarded by mu; a token was replaced for a 403, and nothing has worked since
}

// Format prints what Config prints.
func (c *Client) Format(f fmt.State, verb rune) { c.cfg.Format(f, verb) }

// New checks the Config. It does no I/O.
func New(cfg Config) (*Client, error) {
	endpoint, err := parseEndpoint(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	if n := len(cfg.DeviceID); n < 1 || n > 32 || !plain(cfg.DeviceID) {
		return nil, errors.New("the device id must be 1 to 32 letters and digits")
	}
	if n := len(cfg.DeviceType); n < 1 || n > 32 || !plain(cfg.DeviceType) {
		return nil, errors.New("the device type must be 1 to 32 letters and digits")
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = DefaultUserAgent
	}
	if strings.Contains(cfg.UserAgent, "Mozilla") {
		return nil, errors.New("servers refuse a User-Agent that pretends to be a browser")
	}
	if cfg.Token == nil && strings.Contains(cfg.User, ":") {
		return nil, errors.New("the user name must not contain a colon")
	}
	c := &Client{cfg: cfg, road: cfg.Transport, log: cfg.Log, maxAnswer: maxAnswer, endpoint: endpoint}
	if c.road == nil {
		c.road = newTransport(cfg.RootCAs)
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.cookies, err = cookiejar.New(nil); err != nil {
		return nil, fmt.Errorf("make a cookie jar: %w", err)
	}
	return c, nil
}

func newTransport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 20 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 20 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 2,
		IdleConnTimeout:     50 * time.Second,
		DisableCompression:  true, // done here, so that the bytes on the wire are counted
	}
}

// SetVersion is the protocol version of the following exchanges.
func (c *Client) SetVersion(v activesync.Version) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version = v
}

// SetPolicyKey is the policy key of the following exchanges; "" sends none.
func (c *Client) SetPolicyKey(k activesync.PolicyKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.key = k
}

// SetEndpoint sends the following exchanges to another address, such as a 451
// named. It fails where the address is not a secure one.
func (c *Client) SetEndpoint(s string) error {
	u, err := parseEndpoint(s)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endpoint = u
	return nil
}

// Close ends connections that are not in use, and trusts none of the others any
// more: what is asked from now on goes over new ones.
func (c *Client) Close() {
	c.mu.Lock()
	old := c.road
	if c.cfg.Transport == nil {
		// HTTP/2 carries everything over one connection; one that died without a word
		// would hold up all that follows for a quarter of an hour.
		c.road = newTransport(c.cfg.RootCAs)
	}
	c.mu.Unlock()
	if t, ok := old.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// way is over what requests go now.
func (c *Client) way() http.RoundTripper {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.road
}

func (c *Client) current() (*url.URL, activesync.Version, activesync.PolicyKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.endpoint, c.version, c.key
}

// CheckEndpoint says what is wrong with the address of a server.
func CheckEndpoint(s string) error {
	_, err := parseEndpoint(s)
	return err
}

// parseEndpoint reads the address of a server. The password would go over the
// wire in plain sight without TLS, so only this machine is spoken to that way.
func parseEndpoint(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return nil, errors.New("the server's address is not one like https://mail.example.test/Microsoft-Server-ActiveSync")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("the server's address must begin with https://: without TLS the password could be read on its way to %s", u.Host)
	}
	if u.User != nil {
		return nil, errors.New("the server's address must not hold a name or a password")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/Microsoft-Server-ActiveSync"
	}
	u.RawQuery, u.Fragment = "", ""
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func plain(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
