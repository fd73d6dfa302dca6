// Package oauthtest is a small authorization server for tests: codes with PKCE
// (RFC 6749, 7636), codes for devices (RFC 8628), refresh tokens that can be used
// once, and access tokens that run out. It is strict, and may be used by several
// goroutines.
package oauthtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync"
)

// ClientID is the one app that is registered, Scope what it may ask for.
const (
	ClientID = "11111111-2222-3333-4444-555555555555"
	Scope    = "https://outlook.office.com/EAS.AccessAsUser.All offline_access"
)

// Server is the authorization server. User signs in at once wherever a person
// would be asked.
type Server struct {
	User string
	// Life is how long an access token is good for; 0 is an hour.
	Life time.Duration

	mu      sync.Mutex
	codes   map[string]grant // of the browser
	devices map[string]*device
	refresh map[string]bool
	access  map[string]time.Time
	deny    string // the error of the next sign-in
	down    int    // the status that everything is answered with; 0 for none
	counts  map[string]int
}

type grant struct{ challenge, redirect string }

type device struct {
	approved bool
	denied   bool
	asked    time.Time
	until    time.Time
	interval time.Duration
}

// New makes one with its user.
func New(user string) *Server {
	return &Server{User: user, codes: map[string]grant{}, devices: map[string]*device{}, refresh: map[string]bool{}, access: map[string]time.Time{}, counts: map[string]int{}}
}

// OAuth is what an account says of a server at base.
func OAuth(base string) activesync.OAuth {
	return activesync.OAuth{ClientID: ClientID, AuthURL: base + "/authorize", TokenURL: base + "/token", DeviceURL: base + "/devicecode"}
}

func (s *Server) set(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// Deny has the next sign-ins fail with an error of RFC 6749; "" lets them in.
func (s *Server) Deny(code string) { s.set(func() { s.deny = code }) }

// Down answers everything with a status; 0 ends that.
func (s *Server) Down(status int) { s.set(func() { s.down = status }) }

// Revoke ends all refresh tokens, Expire all access tokens.
func (s *Server) Revoke() { s.set(func() { clear(s.refresh) }) }

// Expire ends all access tokens, whatever was said of their life.
func (s *Server) Expire() { s.set(func() { clear(s.access) }) }

// Approve is the person who typed the code of the device, or refused.
func (s *Server) Approve(yes bool) {
	s.set(func() {
		for _, d := range s.devices {
			d.approved, d.denied = yes, !yes
		}
	})
}

// Count is how often something was asked for: authorize, devicecode, or a grant type.
func (s *Server) Count(what string) (n int) { s.set(func() { n = s.counts[what] }); return n }

// Bearer says whose a token is, for the server of the mail.
func (s *Server) Bearer(token string) (user string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.access[token]
	return s.User, ok && time.Now().Before(until)
}

// Visit is a browser that opens the page, and goes where it is sent.
func (s *Server) Visit(page string) (status int, err error) {
	led, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(httptest.NewRequest(http.MethodGet, page, nil))
	if err != nil || led.Body.Close() != nil || led.StatusCode != http.StatusFound {
		return 0, fmt.Errorf("open %s: %w", page, err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, led.Header.Get("Location"), nil))
	if w.Code != http.StatusFound {
		return w.Code, nil
	}
	res, err := http.Get(w.Header().Get("Location"))
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// RoundTrip answers in this process, for tests under a fake clock.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// ServeHTTP answers at /authorize, /token and /devicecode.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != 0 {
		w.WriteHeader(s.down)
		return
	}
	if err := r.ParseForm(); err != nil || strings.HasPrefix(r.Header.Get("Authorization"), "Basic") {
		fail(w, "invalid_request")
		return
	}
	switch r.URL.Path {
	case "/authorize":
		s.authorize(w, r)
	case "/devicecode":
		s.device(w, r)
	case "/token":
		s.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

func fail(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": "AADSTS00000: words about " + code})
}

// authorize is the page in the browser (RFC 6749, 4.1.1; RFC 7636, 4.3).
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	s.counts["authorize"]++
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Scheme != "http" || back.Hostname() != "localhost" || back.Path != "" || q.Get("client_id") != ClientID ||
		q.Get("response_type") != "code" || q.Get("scope") != Scope || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 ||
		len(q.Get("state")) < 16 || q.Get("login_hint") == "" {
		fail(w, "invalid_request")
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if s.deny != "" {
		answer.Set("error", s.deny)
		answer.Set("error_description", "AADSTS65001: the administrator\x1b[31m has not consented")
	} else {
		code := rand.Text()
		s.codes[code] = grant{q.Get("code_challenge"), q.Get("redirect_uri")}
		answer.Set("code", code)
	}
	back.Path, back.RawQuery = "/", answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// device begins RFC 8628, 3.1.
func (s *Server) device(w http.ResponseWriter, r *http.Request) {
	s.counts["devicecode"]++
	if r.Method != http.MethodPost || r.PostForm.Get("client_id") != ClientID || r.PostForm.Get("scope") != Scope {
		fail(w, "invalid_client")
		return
	}
	code := rand.Text()
	s.devices[code] = &device{until: time.Now().Add(10 * time.Minute), interval: 5 * time.Second}
	reply(w, map[string]any{"device_code": code, "user_code": "WDJB-MJHT", "verification_uri": "https://login.example.test/device", "expires_in": 600, "interval": 5})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	f := r.PostForm
	s.counts[f.Get("grant_type")]++
	switch {
	case r.Method != http.MethodPost || f.Get("client_id") != ClientID || f.Has("client_secret"):
		fail(w, "invalid_client")
	case f.Get("grant_type") == "authorization_code":
		g, ok := s.codes[f.Get("code")]
		delete(s.codes, f.Get("code"))
		sum := sha256.Sum256([]byte(f.Get("code_verifier")))
		if !ok || g.redirect != f.Get("redirect_uri") || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
			fail(w, "invalid_grant")
			return
		}
		s.issue(w)
	case f.Get("grant_type") == "urn:ietf:params:oauth:grant-type:device_code":
		s.deviceToken(w, f.Get("device_code"))
	case f.Get("grant_type") == "refresh_token":
		if !s.refresh[f.Get("refresh_token")] {
			fail(w, "invalid_grant")
			return
		}
		delete(s.refresh, f.Get("refresh_token")) // it changes with each use
		s.issue(w)
	default:
		fail(w, "unsupported_grant_type")
	}
}

// deviceToken is RFC 8628, 3.5.
func (s *Server) deviceToken(w http.ResponseWriter, code string) {
	d := s.devices[code]
	now := time.Now()
	switch {
	case d == nil:
		fail(w, "invalid_grant")
	case now.After(d.until):
		fail(w, "expired_token")
	case d.denied:
		fail(w, "access_denied")
	case !d.asked.IsZero() && now.Sub(d.asked) < d.interval:
		d.interval += 5 * time.Second
		fail(w, "slow_down")
	case !d.approved:
		d.asked = now
		fail(w, "authorization_pending")
	default:
		delete(s.devices, code)
		s.issue(w)
	}
}

func (s *Server) issue(w http.ResponseWriter) {
	life := s.Life
	if life == 0 {
		life = time.Hour
	}
	access, refresh := "access-"+rand.Text(), "refresh-"+rand.Text()
	s.access[access], s.refresh[refresh] = time.Now().Add(life), true
	reply(w, map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": int(life / time.Second), "scope": Scope})
}
