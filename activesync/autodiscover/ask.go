package autodiscover

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"eas.example/securemail/activesync"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

func newTransport(roots *x509.CertPool) http.RoundTripper {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: stepTime}).DialContext,
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: stepTime,
		DisableKeepAlives:   true, // each host is asked once or twice
	}
}

// askJSON asks version 2 of the service, which wants no password. Anything but
// a plain answer is no answer.
func (f *finder) askJSON(ctx context.Context, host, email string) (endpoint string) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	where := "https://" + host + "/autodiscover/autodiscover.json?Protocol=ActiveSync&Email=" + url.QueryEscape(email)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	if err != nil {
		return ""
	}
	req.Header.Set("Accept", "application/json")
	resp, err := f.cfg.Transport.RoundTrip(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return ""
	}
	var a struct{ Protocol, URL string }
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&a); err != nil || !strings.EqualFold(a.Protocol, "ActiveSync") {
		return ""
	}
	return secure(a.URL)
}

// Names of the schemas (MS-ASCMD 2.2.3.1, 2.2.3.140).
const (
	requestSchema  = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006"
	responseSchema = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
)

type xmlRequest struct {
	XMLName xml.Name `xml:"Autodiscover"`
	Schema  string   `xml:"xmlns,attr"`
	Email   string   `xml:"Request>EMailAddress"`
	Accept  string   `xml:"Request>AcceptableResponseSchema"`
}

// xmlAnswer is an answer whatever its namespaces, which servers write in
// different ways.
type xmlAnswer struct {
	Response struct {
		Action struct {
			Redirect string
			Settings struct {
				Server []struct{ Type, URL, Url, Name string }
			}
			Error *xmlError
		}
		Error *xmlError
	}
}

type xmlError struct {
	Status    string
	ErrorCode string
	Message   string
}

// endpoint is the first server for mobile devices.
func (a *xmlAnswer) endpoint() string {
	for _, s := range a.Response.Action.Settings.Server {
		if !strings.EqualFold(s.Type, "MobileSync") {
			continue
		}
		for _, u := range []string{s.Url, s.URL, s.Name} {
			if e := secure(u); e != "" {
				return e
			}
		}
	}
	return ""
}

// askXML asks the command itself, signed in. next is another address that the
// answer names.
func (f *finder) askXML(ctx context.Context, host, email string) (endpoint, next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	body, err := xml.Marshal(xmlRequest{Schema: requestSchema, Email: email, Accept: responseSchema})
	if err != nil {
		return "", "", fmt.Errorf("encode the question: %w", err)
	}
	where := "https://" + host + "/autodiscover/autodiscover.xml"
	for range maxRedirects {
		resp, err := f.post(ctx, where, body)
		if err != nil {
			return "", "", err
		}
		switch resp.StatusCode {
		case http.StatusOK:
			return readXML(resp)
		case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			resp.Body.Close()
			if where, err = f.redirect(where, resp.Header.Get("Location")); err != nil {
				return "", "", err
			}
			continue
		}
		resp.Body.Close()
		return "", "", &activesync.HTTPError{Command: "Autodiscover", Code: resp.StatusCode, Host: host}
	}
	return "", "", errors.New("autodiscover: redirected in a circle")
}

// redirect follows a pointer to a host that may have the password.
func (f *finder) redirect(from, location string) (string, error) {
	base, err := url.Parse(from)
	if err != nil {
		return "", fmt.Errorf("autodiscover: read an address: %w", err)
	}
	to, err := base.Parse(location)
	switch {
	case err != nil:
		return "", fmt.Errorf("autodiscover: read an address: %w", err)
	case to.Scheme != "https":
		return "", errors.New("autodiscover: redirected to a place without TLS")
	case !f.within(to.Hostname()) && (f.cfg.Trust == nil || !f.cfg.Trust(to.Host)):
		return "", errors.New("autodiscover: redirected to a host outside the domain")
	}
	return to.String(), nil
}

func (f *finder) post(ctx context.Context, where string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, where, bytes.NewReader(append([]byte(xml.Header), body...)))
	if err != nil {
		return nil, fmt.Errorf("autodiscover: make the request: %w", err)
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.SetBasicAuth(f.cfg.User, f.cfg.Password)
	resp, err := f.cfg.Transport.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("autodiscover: %w", activesync.NotReached(req.URL.Host, err))
	}
	return resp, nil
}

func readXML(resp *http.Response) (endpoint, next string, err error) {
	defer resp.Body.Close()
	d := xml.NewDecoder(io.LimitReader(resp.Body, maxAnswer))
	d.Strict = false
	var a xmlAnswer
	if err := d.Decode(&a); err != nil {
		return "", "", fmt.Errorf("autodiscover: the answer makes no sense: %w", err)
	}
	if e := a.endpoint(); e != "" {
		return e, "", nil
	}
	if r := strings.TrimSpace(a.Response.Action.Redirect); r != "" {
		return "", r, nil
	}
	for _, e := range []*xmlError{a.Response.Action.Error, a.Response.Error} {
		if e != nil {
			return "", "", fmt.Errorf("autodiscover: error %s%s: %s", e.Status, e.ErrorCode, e.Message)
		}
	}
	return "", "", errors.New("autodiscover: the answer names no server")
}
