package client

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// decisions are all that an error can ask for.
var decisions = []error{activesync.ErrAuth, activesync.ErrForbidden, activesync.ErrUnreachable, activesync.ErrNotActiveSync, activesync.ErrTruncated,
	activesync.ErrBusy, activesync.ErrProvision, activesync.ErrWipe, activesync.ErrBadSyncKey, activesync.ErrFolderGone, activesync.ErrNotFound,
	activesync.ErrQuota, activesync.ErrAlreadySent, activesync.ErrRejected}

// only fails unless err asks for exactly one thing, or for nothing where want
// is nil.
func only(t *testing.T, name string, err, want error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", name)
		return
	}
	for _, d := range decisions {
		if got := errors.Is(err, d); got != (d == want) {
			t.Errorf("%s: %v: is %q: %v", name, err, d, got)
		}
	}
}

func TestRefusalsOfEveryCommand(t *testing.T) {
	for _, tt := range []struct {
		code int
		want error
	}{
		{301, activesync.ErrNotActiveSync}, {302, activesync.ErrNotActiveSync}, {307, activesync.ErrNotActiveSync}, {400, activesync.ErrRejected},
		{401, activesync.ErrAuth}, {403, activesync.ErrForbidden}, {404, activesync.ErrNotActiveSync}, {405, activesync.ErrNotActiveSync},
		{413, activesync.ErrRejected}, {429, activesync.ErrBusy}, {449, activesync.ErrProvision}, {451, nil}, {456, activesync.ErrAuth},
		{457, activesync.ErrAuth}, {500, activesync.ErrBusy}, {501, activesync.ErrNotActiveSync}, {502, activesync.ErrBusy}, {503, activesync.ErrBusy},
		{504, activesync.ErrBusy}, {507, activesync.ErrQuota}, {418, nil}, {204, nil},
	} {
		for _, cmd := range commands() {
			s := always(tt.code, []byte("<html><head><title>No\x1b[2J luck</title></head>today</html>"), "Content-Type", "text/html")
			err := cmd.call(t.Context(), open(t, s))
			name := fmt.Sprintf("%s, %d", cmd.name, tt.code)
			only(t, name, err, tt.want)
			e, ok := errors.AsType[*activesync.HTTPError](err)
			if !ok || e.Code != tt.code || e.Host != "mail.example.test" || !strings.Contains(cmd.name+" FetchAttachment ItemOperations", e.Command) {
				t.Errorf("%s: %+v", name, e)
				continue
			}
			if tt.code >= 400 && tt.code != 451 && e.Excerpt != "No[2J luck" {
				t.Errorf("%s: excerpt %q", name, e.Excerpt)
			}
			if len(s.asked) != 1 {
				t.Errorf("%s: %d requests, want one", name, len(s.asked))
			}
		}
	}
}

// What a server says of why it serves a device more slowly is kept.
func TestThrottlingHasItsReason(t *testing.T) {
	s := always(503, []byte("Service Unavailable"), "X-MS-ASThrottle", "CommandFrequency", "Retry-After", "120")
	_, err := open(t, s).FolderSync(t.Context(), "0")
	only(t, "throttled", err, activesync.ErrBusy)
	if !strings.Contains(err.Error(), "CommandFrequency") || activesync.RetryAfter(err) != 2*time.Minute {
		t.Errorf("%q, again after %v", err, activesync.RetryAfter(err))
	}
}

func TestBlockedDeviceIsToldSo(t *testing.T) {
	s := always(403, []byte("Your device is blocked from synchronizing with the server via Exchange ActiveSync.\r\nAsk the help desk."), "Content-Type", "text/plain")
	_, err := open(t, s).FolderSync(t.Context(), "0")
	only(t, "blocked", err, activesync.ErrForbidden)
	if !strings.Contains(err.Error(), "device is blocked") || strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("%q", err)
	}
}

func TestMovedMailbox(t *testing.T) {
	for _, tt := range []struct{ header, location, says string }{
		{"https://eas2.example.test/Microsoft-Server-ActiveSync", "https://eas2.example.test/Microsoft-Server-ActiveSync", "eas2.example.test"},
		{"https://eas2.example.test", "https://eas2.example.test/Microsoft-Server-ActiveSync", ""},
		{"https://eas2.example.test/Microsoft-Server-ActiveSync?Cmd=Sync&token=sesame", "https://eas2.example.test/Microsoft-Server-ActiveSync", ""},
		{"http://eas2.example.test/", "", "not secure"},
		{"http://eas2.example.test/?token=sesame", "", "not secure"},
		{"https://alice:sesame@eas2.example.test/", "", "not secure"},
		{"javascript:alert(1)", "", "not secure"},
		{"%zz", "", "not secure"},
		{"", "", "does not say where"},
	} {
		s := always(451, nil, "X-MS-Location", tt.header)
		c := open(t, s)
		_, err := c.FolderSync(t.Context(), "0")
		e, ok := errors.AsType[*activesync.HTTPError](err)
		if !ok || e.Code != 451 || e.Location != tt.location || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%q: %v", tt.header, err)
			continue
		}
		if u, _, _ := c.current(); u.Host != "mail.example.test" || len(s.asked) != 1 {
			t.Errorf("%q: followed by itself", tt.header)
		}
		if e.Location == "" {
			continue
		}
		if err := c.SetEndpoint(e.Location); err != nil {
			t.Errorf("%q: %v", tt.header, err)
		}
		_, _ = c.FolderSync(t.Context(), "0")
		if r := s.asked[1]; r.URL.Host != "eas2.example.test" || r.Host != "eas2.example.test" {
			t.Errorf("%q: asked %s (%s) afterwards", tt.header, r.URL.Host, r.Host)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		s := always(code, nil, "Location", "https://evil.example.test/login?next=sesame")
		_, err := open(t, s).FolderSync(t.Context(), "0")
		only(t, fmt.Sprint(code), err, activesync.ErrNotActiveSync)
		if len(s.asked) != 1 {
			t.Fatalf("%d: %d requests; the last with %v", code, len(s.asked), s.asked[len(s.asked)-1].Header)
		}
		if !strings.Contains(err.Error(), "https://evil.example.test/login") || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%d: %v", code, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the time does not pass while a date is read
		for value, want := range map[string]time.Duration{
			"120": 2 * time.Minute, " 5 ": 5 * time.Second, "0": 0, "-3": 0, "": 0, "soon": 0, "99999999": 24 * time.Hour, "9223372036854775807": 24 * time.Hour,
			"99999999999999999999": 0,
			time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat): 90 * time.Second,
			time.Now().Add(90 * time.Second).UTC().Format(time.RFC850):     90 * time.Second,
			time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat):       0,
			time.Now().Add(100 * time.Hour).UTC().Format(http.TimeFormat):  24 * time.Hour,
		} {
			for _, code := range []int{429, 503} {
				_, err := open(t, always(code, nil, "Retry-After", value)).FolderSync(t.Context(), "0")
				only(t, value, err, activesync.ErrBusy)
				if got := activesync.RetryAfter(err); got != want {
					t.Errorf("%d, Retry-After %q: %v, want %v", code, value, got, want)
				}
			}
		}
	})
}

func TestRefusalWithBrokenGzipIsStillARefusal(t *testing.T) {
	for name, body := range map[string][]byte{"no gzip": []byte("<html>no gzip"), "cut off": gzipped(t, []byte("<html><title>No</title>"))[:12], "nothing": nil} {
		_, err := open(t, always(401, body, "Content-Encoding", "gzip")).FolderSync(t.Context(), "0")
		only(t, name, err, activesync.ErrAuth)
	}
}

func TestSomethingElseAnswers(t *testing.T) {
	page := []byte("<!DOCTYPE html><html><head><TITLE>Sign in to\nthe café wi-fi &amp; more</TITLE></head><body>Pay here</body></html>")
	for _, tt := range []struct {
		name, ctype, says string
		body              []byte
	}{
		{"a page", "text/html; charset=utf-8", "Sign in to the café wi-fi & more", page},
		{"a page that says it is WBXML", typeWBXML, "Sign in to the café", page},
		{"a page without a type", "", "Sign in to", page},
		{"a page in parts", typeMultipart, "", page},
		{"JSON", "application/json", `{\"error\":\"no\"}`, []byte(`{"error":"no"}`)},
		{"text", "text/plain", "It works", []byte("It works!")},
		{"control characters", "text/plain", "abc", []byte("a\x1bb\u202ec")},
		{"a long page", "text/html", "…", bytes.Repeat([]byte("<p>word</p>"), 100_000)},
	} {
		for _, cmd := range commands() {
			if tt.ctype == typeMultipart && (cmd.name == "ItemOperations" || cmd.name == "FetchAttachment") {
				continue // read as parts, see TestBrokenPartTables
			}
			err := cmd.call(t.Context(), open(t, always(200, tt.body, "Content-Type", tt.ctype)))
			only(t, cmd.name+", "+tt.name, err, activesync.ErrNotActiveSync)
			if err == nil || strings.ContainsAny(err.Error(), "\x1b\u202e\n") || len(err.Error()) > 800 || !strings.Contains(err.Error(), "mail.example.test") {
				t.Errorf("%s, %s: %q", cmd.name, tt.name, err)
			}
			if cmd.name != "FetchAttachment" && err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s, %s: %v; want it to say %q", cmd.name, tt.name, err, tt.says)
			}
		}
	}
}

func TestWrongContentTypeOfARealAnswer(t *testing.T) {
	for _, ctype := range []string{"", "text/html", "application/octet-stream", "nonsense;;;"} {
		out, err := open(t, always(200, encode(t, &wire.FolderSyncResponse{Status: 1, SyncKey: "9"}), "Content-Type", ctype)).FolderSync(t.Context(), "0")
		if err != nil || out.SyncKey != "9" {
			t.Errorf("%q: %v, %v; want the answer taken for what it is", ctype, out, err)
		}
	}
}
