package client

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// overTLS is a server on loopback with a certificate that no system knows.
func overTLS(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func real(t *testing.T, endpoint string, roots *x509.CertPool) *Client {
	t.Helper()
	c := open(t, nil, func(c *Config) { c.Endpoint, c.RootCAs, c.Transport = endpoint, roots, nil })
	t.Cleanup(c.Close)
	return c
}

func TestUnknownAuthorityIsRefused(t *testing.T) {
	asked := 0
	s := overTLS(t, func(http.ResponseWriter, *http.Request) { asked++ })
	_, err := real(t, s.URL, nil).Options(t.Context())
	only(t, "unknown authority", err, activesync.ErrUnreachable)
	if unknown := (x509.UnknownAuthorityError{}); !errors.As(err, &unknown) || asked != 0 {
		t.Errorf("%v; the server was asked %d times", err, asked)
	}
}

func TestOwnAuthority(t *testing.T) {
	s := overTLS(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("MS-ASProtocolVersions", "16.1") })
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	caps, err := real(t, s.URL, roots).Options(t.Context())
	if err != nil || len(caps.Versions) != 1 {
		t.Errorf("%+v, %v", caps, err)
	}
	// The certificate is for example.com and 127.0.0.1, not for localhost.
	_, err = real(t, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), roots).Options(t.Context())
	if wrong := (x509.HostnameError{}); !errors.As(err, &wrong) {
		t.Errorf("a certificate for another host: %v", err)
	}
}

// HTTP/2 has all requests on one connection. One that is dead, as after a sleep or
// in another network, is not used again.
func TestADeadConnectionIsLeft(t *testing.T) {
	for name, leave := range map[string]func(c *Client, hangs <-chan struct{}) error{
		"silent": func(c *Client, _ <-chan struct{}) error {
			_, err := c.do(t.Context(), &request{command: "OPTIONS", method: http.MethodOptions, noKey: true, silent: 50 * time.Millisecond})
			return err
		},
		"no longer trusted": func(c *Client, hangs <-chan struct{}) error {
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := c.Options(ctx)
				done <- err
			}()
			<-hangs
			c.Close()
			if _, err := c.Options(t.Context()); err != nil { // while the other still waits
				t.Error(err)
			}
			stop()
			return <-done
		},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			last, dead := "", "" // connections, by their addresses
			hangs := make(chan struct{}, 8)
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				last = r.RemoteAddr
				gone := last == dead
				mu.Unlock()
				if gone {
					hangs <- struct{}{}
					<-r.Context().Done()
					return
				}
				if r.ProtoMajor != 2 {
					t.Errorf("over %s", r.Proto)
				}
				w.Header().Set("MS-ASProtocolVersions", "16.1")
			}))
			s.EnableHTTP2 = true
			s.StartTLS()
			defer s.Close()
			roots := x509.NewCertPool()
			roots.AddCert(s.Certificate())
			c := real(t, s.URL, roots)
			if _, err := c.Options(t.Context()); err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			dead = last
			mu.Unlock()
			if err := leave(c, hangs); err == nil {
				t.Error("a dead connection answers")
			}
			if _, err := c.Options(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestUnreachableServer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	_, err = real(t, "http://"+addr, nil).Options(t.Context())
	only(t, "nothing listens", err, activesync.ErrUnreachable)
	if !strings.Contains(err.Error(), addr) {
		t.Errorf("%v does not name %s", err, addr)
	}
	_, err = real(t, "https://no-such-host.invalid/", nil).Options(t.Context())
	only(t, "no such host", err, activesync.ErrUnreachable)
	if !strings.Contains(err.Error(), "no-such-host.invalid") {
		t.Errorf("%v does not name the host", err)
	}
}

// A server that speaks something else on the port must not be told the password.
func TestRedirectOverTheWireTakesNoCredentialsAlong(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was asked, with %v", r.Header)
	}))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
	}))
	defer s.Close()
	c := real(t, s.URL, nil)
	for _, cmd := range commands() {
		only(t, cmd.name, cmd.call(t.Context(), c), activesync.ErrNotActiveSync)
	}
}

func TestTruncatedOverTheWire(t *testing.T) {
	body := encode(t, &wire.FolderSyncResponse{Status: 1, SyncKey: "1"})
	for _, chunked := range []bool{false, true} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !chunked {
				w.Header().Set("Content-Length", "100")
			}
			w.Write(body[:5])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}))
		defer s.Close()
		_, err := real(t, s.URL, nil).FolderSync(t.Context(), "0")
		only(t, "cut off", err, activesync.ErrTruncated)
	}
}

func TestNoPlainHTTPBeyondThisMachine(t *testing.T) {
	s := always(200, nil)
	c := open(t, s)
	for _, to := range []string{"http://mail.example.test/", "http://127.0.0.1.nip.example/", "http://0.0.0.0.example/", "http://10.0.0.1/"} {
		if err := c.SetEndpoint(to); err == nil {
			t.Errorf("%s is taken", to)
		}
	}
	_, _ = c.Sync(t.Context(), &wire.SyncRequest{})
	if r := s.asked[0]; r.URL.Scheme != "https" || r.URL.Host != "mail.example.test" {
		t.Errorf("asked %s", r.URL)
	}
}
