package client

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// excerptBytes is how much of a foreign answer is looked at, excerptRunes how
// much of it is shown.
const (
	excerptBytes = 4 << 10
	excerptRunes = 120
)

// httpError is the error for an answer other than 200.
func httpError(a *answer, res *http.Response) error {
	e := &activesync.HTTPError{Command: a.command, Code: res.StatusCode, Host: a.host, RetryAfter: retryAfter(res.Header.Get("Retry-After"))}
	e.Bearer = res.StatusCode == http.StatusUnauthorized && a.x.token == "" && offersBearer(res.Header)
	switch {
	case res.StatusCode == 451:
		e.Location, e.Excerpt = movedTo(res.Header.Get("X-MS-Location"))
		return e
	case res.StatusCode >= 300 && res.StatusCode < 400:
		e.Location = shownURL(res.Header.Get("Location"))
		return e
	}
	// What was read until it broke off is good enough to be shown.
	head, _ := io.ReadAll(io.LimitReader(a.body, excerptBytes))
	e.Excerpt = excerpt(res.Header.Get("Content-Type"), a.x.withoutSecrets(head))
	if why := oneLine(res.Header.Get("X-MS-ASThrottle")); why != "" { // MS-ASHTTP 2.2.2.1.2.13
		e.Excerpt = "it serves this device more slowly: " + why
	}
	return e
}

// withoutSecrets is a foreign text without what this side sent in confidence:
// some proxies show a request in their pages of errors.
func (x *exchange) withoutSecrets(text []byte) []byte {
	for _, secret := range []string{x.credentials, x.c.cfg.Password} {
		if len(secret) >= 4 { // a shorter one is in any text
			text = bytes.ReplaceAll(text, []byte(secret), []byte("…"))
		}
	}
	return text
}

// offersBearer reports whether one can sign in by OAuth 2.0 (RFC 6750, 3).
func offersBearer(h http.Header) bool {
	for _, v := range h.Values("WWW-Authenticate") {
		for _, word := range strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' }) {
			if strings.EqualFold(word, "Bearer") {
				return true
			}
		}
	}
	return false
}

// movedTo is the address that a 451 names, or what is wrong with it
// (MS-ASHTTP 3.1.5.2.2).
func movedTo(s string) (location, problem string) {
	if s == "" {
		return "", "it wants us elsewhere, but does not say where"
	}
	u, err := parseEndpoint(s)
	if err != nil {
		return "", "it wants us at an address that is not secure: " + shownURL(s)
	}
	return u.String(), ""
}

// shownURL is an address fit to be shown: without what may be secret in it.
func shownURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return oneLine(s)
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return oneLine(u.String())
}

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(s string) time.Duration {
	const most = activesync.LongestPause
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(most/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(time.Until(t), 0), most)
	}
	return 0
}

// excerpt is what a foreign answer says: the title of a page, or its first
// words.
func excerpt(contentType string, head []byte) string {
	if looksLikeWBXML(head) {
		return ""
	}
	s := strings.ToValidUTF8(string(head), "")
	if media, _, _ := mime.ParseMediaType(contentType); media == "text/html" || strings.HasPrefix(strings.TrimSpace(s), "<") {
		s = pageText(s)
	}
	return oneLine(s)
}

// pageText is the title of an HTML page, else its text.
func pageText(s string) string {
	lower := strings.ToLower(s)
	if i := strings.Index(lower, "<title"); i >= 0 && len(lower) == len(s) {
		if _, rest, ok := strings.Cut(s[i:], ">"); ok {
			title, _, _ := strings.Cut(rest, "<")
			if title = strings.TrimSpace(html.UnescapeString(title)); title != "" {
				return title
			}
		}
	}
	var b strings.Builder
	inTag := false
	for _, r := range s {
		switch {
		case r == '<':
			inTag = true
		case r == '>':
			inTag = false
			b.WriteByte(' ')
		case !inTag:
			b.WriteRune(r)
		}
	}
	return html.UnescapeString(b.String())
}

// oneLine is what is shown of a foreign text.
func oneLine(s string) string { return activesync.Excerpt(s, excerptRunes) }

func looksLikeWBXML(b []byte) bool {
	return len(b) > 0 && b[0] <= 3 && (len(b) < 3 || b[2] == 0x6A || b[1] <= 1)
}

// notActiveSync is the error for a 200 of something else.
func notActiveSync(a *answer, head []byte) error {
	what := "something"
	if media, _, err := mime.ParseMediaType(a.header.Get("Content-Type")); err == nil {
		what = oneLine(media)
	}
	if s := excerpt(a.header.Get("Content-Type"), a.x.withoutSecrets(head)); s != "" {
		what += fmt.Sprintf(" (%q)", s)
	}
	return fmt.Errorf("%s: %w: %s sent %s", a.command, activesync.ErrNotActiveSync, a.host, what)
}

// decode reads an answer into v. An empty one is a fault of the server; where
// it means something the caller looks for it first.
func (a *answer) decode(data []byte, v any) error {
	if len(data) == 0 {
		return fmt.Errorf("%s: %w: %s sent nothing", a.command, activesync.ErrTruncated, a.host)
	}
	if !looksLikeWBXML(data) {
		return notActiveSync(a, data[:min(len(data), excerptBytes)])
	}
	return a.understood(wbxml.UnmarshalShared(data, v))
}

// understood gives an error of package wbxml its meaning.
func (a *answer) understood(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, wbxml.ErrHeader):
		return fmt.Errorf("%s: %w: %s: %w", a.command, activesync.ErrNotActiveSync, a.host, err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: %w: %s: %w", a.command, activesync.ErrTruncated, a.host, err)
	}
	return fmt.Errorf("%s: the answer of %s makes no sense: %w", a.command, a.host, err)
}

// status is the error of a Status element. 1 is success; 0 stands for an absent
// one, which some servers leave out where all is well.
func status(command string, code int) error {
	if code == 0 || code == 1 {
		return nil
	}
	return &activesync.StatusError{Command: command, Code: code}
}
