package calendar

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// webLinks finds what may be a link, in a text or in the source of a page.
var webLinks = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`https://[^\s<>"'\\]+`) })

// JoinLink is the link by which one joins an online meeting, found in texts or
// HTML in the order in which they are given; "" where there is none. Links that
// a mail filter has wrapped are unwrapped. It holds nothing that a terminal would
// obey.
func JoinLink(texts ...string) string {
	for _, text := range texts {
		for _, raw := range webLinks().FindAllString(text, 500) {
			link := unwrapped(strings.TrimRight(html.UnescapeString(raw), ".,;:!?)>]"))
			if u, err := url.Parse(link); err == nil && joins(u) && strings.IndexFunc(link, steers) < 0 {
				return link
			}
		}
	}
	return ""
}

// steers reports whether a terminal would obey a character, or draw what follows
// it elsewhere.
func steers(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// unwrapped is the link that Outlook's Safe Links lead to.
func unwrapped(link string) string {
	u, err := url.Parse(link)
	if err != nil || !strings.HasSuffix(strings.ToLower(u.Hostname()), ".safelinks.protection.outlook.com") {
		return link
	}
	if to := u.Query().Get("url"); strings.HasPrefix(to, "https://") {
		return to
	}
	return link
}

// joins reports whether a link leads into a meeting, and not merely to one of
// the services' other pages.
func joins(u *url.URL) bool {
	host, path := strings.ToLower(u.Hostname()), strings.ToLower(u.Path)
	at := func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }
	begins := func(list ...string) bool {
		for _, p := range list {
			if strings.HasPrefix(path, p) && len(path) > len(p) {
				return true
			}
		}
		return false
	}
	switch {
	case at("teams.microsoft.com"), at("teams.live.com"), at("teams.microsoft.us"):
		return begins("/l/meetup-join/", "/meet/", "/l/meeting/")
	case at("zoom.us"), at("zoom.com"), at("zoomgov.com"):
		return begins("/j/", "/w/", "/s/", "/my/")
	case host == "meet.google.com":
		return meetCode().MatchString(path)
	case at("webex.com"):
		return strings.Contains(path, "/j.php") || begins("/meet/", "/join/") || strings.Contains(path, "/meet/")
	case host == "meet.jit.si", host == "whereby.com", host == "meet.goto.com", host == "gotomeet.me", host == "v.ringcentral.com", host == "bluejeans.com":
		return len(path) > 1
	}
	return false
}

var meetCode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^/([a-z]{3}-[a-z]{4}-[a-z]{3}|lookup/[a-z0-9]+)$`) })
