package autodiscover_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/autodiscover"
)

// web answers by host and path; what is not there cannot be reached.
type web map[string]func(*http.Request) *http.Response

func (w web) RoundTrip(r *http.Request) (*http.Response, error) {
	if h := w[r.URL.Scheme+"://"+r.URL.Host+r.URL.Path]; h != nil {
		return h(r), nil
	}
	if h := w[r.URL.Host]; h != nil {
		return h(r), nil
	}
	return nil, errors.New("no such host")
}

func answer(code int, body string, header ...string) func(*http.Request) *http.Response {
	return func(*http.Request) *http.Response {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader(body))}
	}
}

// signedIn answers only with the password.
func signedIn(t *testing.T, body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		b, _ := io.ReadAll(r.Body)
		if user, pw, ok := r.BasicAuth(); !ok || user != "ana@corp.test" || pw != "secret" {
			return answer(401, "")(r)
		}
		if !strings.Contains(string(b), "<EMailAddress>") || !strings.Contains(string(b), "mobilesync/requestschema/2006") {
			t.Errorf("the question is %s", b)
		}
		return answer(200, body)(r)
	}
}

const found = `<?xml version="1.0"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"><Culture>en:en</Culture>
<User><EMailAddress>ana@corp.test</EMailAddress></User><Action><Settings>
<Server><Type>CertEnroll</Type><Url>https://cert.corp.test</Url></Server>
<Server><Type>MobileSync</Type><Url>https://mail.corp.test/Microsoft-Server-ActiveSync</Url><Name>x</Name></Server>
</Settings></Action></Response></Autodiscover>`

const moved = `<Autodiscover><Response><Action><Redirect>ana@other.test</Redirect></Action></Response></Autodiscover>`

const noSRV = "no record"

func find(t *testing.T, w web, srv string, trust func(string) bool) (autodiscover.Found, error) {
	return autodiscover.Find(t.Context(), autodiscover.Config{Email: "ana@corp.test", Password: "secret", Transport: w, Trust: trust,
		LookupSRV: func(context.Context, string, string, string) (string, []*net.SRV, error) {
			if srv == noSRV {
				return "", nil, errors.New("no such record")
			}
			return "", []*net.SRV{{Target: srv, Port: 443}}, nil
		}})
}

func TestFind(t *testing.T) {
	yes := func(string) bool { return true }
	const path = "/autodiscover/autodiscover.xml"
	for name, c := range map[string]struct {
		web   web
		srv   string
		trust func(string) bool
		want  string
	}{
		"JSON of the domain": {web: web{"https://autodiscover.corp.test/autodiscover/autodiscover.json": answer(200, `{"Protocol":"ActiveSync","Url":"https://m.corp.test/Microsoft-Server-ActiveSync"}`)},
			want: "https://m.corp.test/Microsoft-Server-ActiveSync"},
		"XML of autodiscover": {web: web{"https://autodiscover.corp.test" + path: signedIn(t, found)}, want: "https://mail.corp.test/Microsoft-Server-ActiveSync"},
		"XML of the domain":   {web: web{"https://corp.test" + path: signedIn(t, found)}, want: "https://mail.corp.test/Microsoft-Server-ActiveSync"},
		"HTTP pointer to JSON": {web: web{"http://autodiscover.corp.test" + path: answer(302, "", "Location", "https://ad.cloud.test/autodiscover/autodiscover.xml"),
			"https://ad.cloud.test/autodiscover/autodiscover.json": answer(200, `{"Protocol":"ActiveSync","Url":"https://eas.cloud.test/Microsoft-Server-ActiveSync"}`)},
			trust: yes, want: "https://eas.cloud.test/Microsoft-Server-ActiveSync"},
		"HTTP pointer to Exchange Online": {web: web{"http://autodiscover.corp.test" + path: answer(302, "", "Location", "https://ad.cloud.test/autodiscover/autodiscover.xml"),
			"https://ad.cloud.test/autodiscover/autodiscover.json": answer(200, `{"Protocol":"ActiveSync","Url":"https://outlook.office365.com/Microsoft-Server-ActiveSync"}`)},
			want: activesync.ExchangeOnline},
		"service record that leads back": {web: web{"https://ad.cloud.test/autodiscover/autodiscover.json": answer(200, `{"Protocol":"ActiveSync","Url":"https://mail.corp.test/Microsoft-Server-ActiveSync"}`)},
			srv: "ad.cloud.test.", want: "https://mail.corp.test/Microsoft-Server-ActiveSync"},
		"service record, agreed": {web: web{"https://ad.cloud.test" + path: signedIn(t, found)}, srv: "ad.cloud.test.", trust: yes, want: "https://mail.corp.test/Microsoft-Server-ActiveSync"},
		"another address": {web: web{"https://corp.test" + path: signedIn(t, moved),
			"https://autodiscover.other.test/autodiscover/autodiscover.json": answer(200, `{"Protocol":"ActiveSync","Url":"https://m.other.test/Microsoft-Server-ActiveSync"}`)},
			want: "https://m.other.test/Microsoft-Server-ActiveSync"},
		"redirect within the domain": {web: web{"https://corp.test" + path: answer(302, "", "Location", "https://x.corp.test"+path), "https://x.corp.test" + path: signedIn(t, found)},
			want: "https://mail.corp.test/Microsoft-Server-ActiveSync"},
	} {
		if c.srv == "" {
			c.srv = noSRV
		}
		got, err := find(t, c.web, c.srv, c.trust)
		if err != nil || got.Endpoint != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestThePasswordStaysInTheDomain(t *testing.T) {
	leak := func(r *http.Request) *http.Response {
		if _, _, ok := r.BasicAuth(); ok {
			t.Errorf("the password went to %s", r.URL.Host)
		}
		return answer(404, "")(r)
	}
	const path = "/autodiscover/autodiscover.xml"
	for name, w := range map[string]web{
		"pointer":         {"http://autodiscover.corp.test" + path: answer(302, "", "Location", "https://evil.test"+path), "evil.test": leak},
		"redirect":        {"https://corp.test" + path: answer(302, "", "Location", "https://evil.test"+path), "evil.test": leak},
		"without TLS":     {"https://corp.test" + path: answer(302, "", "Location", "http://corp.test"+path), "http://corp.test" + path: leak, "http://autodiscover.corp.test" + path: leak},
		"another address": {"https://corp.test" + path: signedIn(t, moved), "other.test": leak, "autodiscover.other.test": leak},
		"likely domain":   {"https://corp.test" + path: answer(302, "", "Location", "https://notcorp.test"+path), "notcorp.test": leak},
	} {
		if got, err := find(t, w, "evil.test.", nil); err == nil {
			t.Errorf("%s: found %v", name, got)
		}
	}
}

// Whoever is on the line may answer without TLS, and name a server of their own.
func TestAServerThatCanBeForgedIsNotTaken(t *testing.T) {
	evil := answer(200, `{"Protocol":"ActiveSync","Url":"https://evil.test/Microsoft-Server-ActiveSync"}`)
	const path = "/autodiscover/autodiscover."
	for name, w := range map[string]web{
		"pointer":        {"http://autodiscover.corp.test" + path + "xml": answer(302, "", "Location", "https://evil.test"+path+"xml"), "https://evil.test" + path + "json": evil},
		"service record": {"https://evil.test" + path + "json": evil},
	} {
		srv := noSRV
		if name == "service record" {
			srv = "evil.test."
		}
		got, err := find(t, w, srv, nil)
		if !errors.Is(err, activesync.ErrNoServer) || !strings.Contains(err.Error(), "https://evil.test/") {
			t.Errorf("%s: found %v, %v", name, got, err)
		}
	}
}

func TestNothingFound(t *testing.T) {
	if _, err := find(t, web{}, noSRV, nil); !errors.Is(err, activesync.ErrNoServer) {
		t.Errorf("%v", err)
	}
	_, err := find(t, web{"https://corp.test/autodiscover/autodiscover.xml": answer(401, "")}, noSRV, nil)
	if !errors.Is(err, activesync.ErrAuth) {
		t.Errorf("a refused sign-in gave %v", err)
	}
	circle := web{"https://autodiscover.corp.test/autodiscover/autodiscover.xml": signedIn(t, strings.ReplaceAll(moved, "other.test", "corp.test"))}
	if _, err := find(t, circle, noSRV, nil); !errors.Is(err, activesync.ErrNoServer) {
		t.Errorf("a circle gave %v", err)
	}
	plain := web{"https://corp.test/autodiscover/autodiscover.xml": signedIn(t, strings.ReplaceAll(found, "https://mail", "http://mail"))}
	if got, err := find(t, plain, noSRV, nil); err == nil {
		t.Errorf("a server without TLS was taken: %v", got)
	}
}

// A host that never answers must not keep a person waiting for ever.
func TestSilentHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		_, err := autodiscover.Find(t.Context(), autodiscover.Config{Email: "ana@corp.test", Transport: silent,
			LookupSRV: func(ctx context.Context, _, _, _ string) (string, []*net.SRV, error) {
				<-ctx.Done()
				return "", nil, ctx.Err()
			}})
		if !errors.Is(err, activesync.ErrNoServer) {
			t.Errorf("%v", err)
		}
	})
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(found), true)
	f.Add([]byte(moved), true)
	f.Add([]byte(`{"Protocol":"ActiveSync","Url":"https://m.corp.test"}`), false)
	f.Fuzz(func(t *testing.T, body []byte, asXML bool) {
		w := web{"corp.test": answer(404, ""), "autodiscover.corp.test": answer(404, "")}
		path := "/autodiscover/autodiscover.json"
		if asXML {
			path = "/autodiscover/autodiscover.xml"
		}
		w["https://corp.test"+path] = answer(200, string(body))
		got, err := find(t, w, noSRV, nil)
		if err == nil && !strings.HasPrefix(got.Endpoint, "https://") {
			t.Errorf("found %q", got.Endpoint)
		}
	})
}
