package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// mostOfPicture bounds a picture that lies elsewhere.
const mostOfPicture = 8 << 20

var errInside = errors.New("the address is inside this network")

// fetchPicture gets a picture that a message points to, when the person asks
// for it. The server learns nothing but that: no cookies, no referrer. Machines
// of this network are not asked, whatever name they are given.
func fetchPicture(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("fetch picture: %w", err)
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("fetch picture: %s is no web address", u.Redacted())
	}
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error { return outside(address) }}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second}
	client := http.Client{Transport: transport, Timeout: 30 * time.Second, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 5 {
			return errors.New("too many redirects")
		}
		r.Header.Del("Referer")
		return nil
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("fetch picture: %w", err)
	}
	req.Header.Set("Accept", "image/*")
	req.Header.Set("User-Agent", "securemail")
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch picture: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch picture: the server answers %s", res.Status)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, mostOfPicture+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("fetch picture: %w", err)
	case len(b) > mostOfPicture:
		return nil, fmt.Errorf("fetch picture: it is larger than %d bytes", mostOfPicture)
	}
	return b, nil
}

// outside refuses the addresses of this machine and of private networks.
func outside(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read address %s: %w", address, err)
	}
	if ip := a.Addr().Unmap(); ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast() {
		return errInside
	}
	return nil
}
