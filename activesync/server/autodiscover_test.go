package server_test

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/autodiscover"
	"eas.example/securemail/activesync/server"
)

// oneHost reaches a server under one name, by one path; all else is not there.
type oneHost struct {
	srv  *server.Server
	path string
}

func (o oneHost) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.URL.Host != "autodiscover.example.test" || !strings.HasSuffix(strings.ToLower(r.URL.Path), o.path) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("no such host")}
	}
	return o.srv.Transport().RoundTrip(r)
}

func TestAutodiscover(t *testing.T) {
	c := newConn(t, activesync.V161, server.Config{})
	const want = "https://autodiscover.example.test/Microsoft-Server-ActiveSync"
	for _, path := range []string{".json", ".xml"} {
		found, err := autodiscover.Find(t.Context(), autodiscover.Config{Email: "alice@example.test", Password: "wonderland", Transport: oneHost{c.srv, path}})
		if err != nil || found.Endpoint != want {
			t.Errorf("by %s: %+v, %v", path, found, err)
		}
		if found, err := autodiscover.Find(t.Context(), autodiscover.Config{Email: "nobody@example.test", Password: "x", Transport: oneHost{c.srv, path}}); err == nil {
			t.Errorf("of nobody by %s: %+v", path, found)
		}
	}
	for body, code := range map[string]string{
		"<Autodiscover/>": "600",
		`<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006"><Request><EMailAddress>alice@example.test</EMailAddress></Request></Autodiscover>`: "601",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://autodiscover.example.test/autodiscover/autodiscover.xml", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("alice", "wonderland")
		if _, b := c.roundTrip(r); !strings.Contains(string(b), "<ErrorCode>"+code+"</ErrorCode>") {
			t.Errorf("%s: %s", code, b)
		}
	}
}
