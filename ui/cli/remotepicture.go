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
	"slices"
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

// notPublic are networks that are no part of the public one (RFC 6890), beside
// those that netip knows.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2002::/16"),
}

// nat64 is the network of IPv6 in which all of IPv4 lies (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// outside refuses the addresses of this machine and of private networks.
func outside(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read address %s: %w", address, err)
	}
	ip := a.Addr().Unmap().WithZone("")
	if nat64.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast() ||
		slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return errInside
	}
	return nil
}
