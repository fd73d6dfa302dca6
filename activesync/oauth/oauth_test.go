package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/oauth/oauthtest"
)

const base = "http://127.0.0.1:1"

func provider(t *testing.T, s *oauthtest.Server) *Provider {
	t.Helper()
	p, err := New(activesync.Account{Email: "alice@example.test", OAuth: oauthtest.OAuth(base)}, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBrowser(t *testing.T) {
	s := oauthtest.New("alice")
	p := provider(t, s)
	var page string
	token, err := p.Browser(t.Context(), func(address string) {
		page = address
		status, err := s.Visit(address)
		if err != nil || status != http.StatusOK {
			t.Errorf("the browser got %d, %v", status, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if user, ok := s.Bearer(token.Access); !ok || user != "alice" || token.Refresh == "" || time.Until(token.Expiry) < 50*time.Minute {
		t.Errorf("token for %q, %v until %v", user, ok, token.Expiry)
	}
	if !strings.HasPrefix(page, "http://localhost:") || len(page) > 40 {
		t.Errorf("the page is %s, which is not easily copied", page)
	}
	// The port is closed again.
	if _, err := http.Get(page); err == nil {
		t.Error("somebody still listens for the browser")
	}
}

func TestBrowserRefused(t *testing.T) {
	s := oauthtest.New("alice")
	s.Deny("access_denied")
	_, err := provider(t, s).Browser(t.Context(), func(address string) {
		if _, err := s.Visit(address); err != nil {
			t.Error(err)
		}
	})
	if !errors.Is(err, activesync.ErrAuth) || !strings.Contains(err.Error(), "access_denied: AADSTS65001") || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("error %q", err)
	}
}

// A page of somebody else, which does not know the state, ends nothing.
func TestBrowserForeignCallsChangeNothing(t *testing.T) {
	s := oauthtest.New("alice")
	token, err := provider(t, s).Browser(t.Context(), func(address string) {
		back, _, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
		back = "http://" + back
		for _, path := range []string{"/", "/?code=stolen", "/?code=stolen&state=guessed", "/?error=access_denied&state=", "/favicon.ico"} {
			res, err := http.Get(back + path)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusNotFound {
				t.Errorf("%s gives %d", path, res.StatusCode)
			}
		}
		if _, err := s.Visit(address); err != nil {
			t.Error(err)
		}
	})
	if err != nil || token.Access == "" {
		t.Error(err)
	}
}

func TestBrowserCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := provider(t, oauthtest.New("alice")).Browser(ctx, func(string) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestDevice(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*oauthtest.Server)
		want string
		is   error
	}{
		"approved":  {func(s *oauthtest.Server) { time.Sleep(time.Minute); s.Approve(true) }, "", nil},
		"refused":   {func(s *oauthtest.Server) { time.Sleep(time.Minute); s.Approve(false) }, "access_denied", activesync.ErrAuth},
		"forgotten": {func(*oauthtest.Server) {}, "the code has run out", activesync.ErrAuth},
		"down":      {func(s *oauthtest.Server) { s.Down(http.StatusBadGateway) }, "answered 503", activesync.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := oauthtest.New("alice")
				var told Errand
				var wait sync.WaitGroup
				token, err := provider(t, s).Device(t.Context(), func(e Errand) {
					told = e
					wait.Go(func() { c.do(s) })
				})
				wait.Wait()
				if told.Code != "WDJB-MJHT" || told.Address != "https://login.example.test/device" || told.Until.IsZero() {
					t.Errorf("told %+v", told)
				}
				if c.is == nil {
					if _, ok := s.Bearer(token.Access); err != nil || !ok {
						t.Errorf("token %v, %v", ok, err)
					}
					return
				}
				if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// signedIn is a Source that has just been signed in, and what it kept.
func signedIn(t *testing.T, s *oauthtest.Server) (*Source, *Token) {
	t.Helper()
	p := provider(t, s)
	var wait sync.WaitGroup
	token, err := p.Device(t.Context(), func(Errand) { wait.Go(func() { s.Approve(true) }) })
	wait.Wait()
	if err != nil {
		t.Fatal(err)
	}
	kept := token
	return NewSource(p, token, func(t Token) error { kept = t; return nil }), &kept
}

func TestTokenIsRefreshedBeforeItRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.New("alice")
		src, kept := signedIn(t, s)
		began := time.Now()
		for range 200 { // more than a day
			got, err := src.Token(t.Context(), "")
			if _, ok := s.Bearer(got); err != nil || !ok {
				t.Fatalf("after %v: %v", time.Since(began), err)
			}
			if kept.Access != got {
				t.Fatal("what is used is not what is kept")
			}
			time.Sleep(10 * time.Minute)
		}
		// 55 minutes of each token are used.
		if n := s.Count("refresh_token"); n < 30 || n > 40 {
			t.Errorf("refreshed %d times", n)
		}
	})
}

func TestOneRefreshForManyWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.New("alice")
		src, _ := signedIn(t, s)
		old, err := src.Token(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if got, err := src.Token(t.Context(), old); err != nil || got == old {
					t.Errorf("the refused one again: %v", err)
				}
			})
		}
		wait.Wait()
		if n := s.Count("refresh_token"); n != 1 {
			t.Errorf("refreshed %d times", n)
		}
	})
}

func TestEndedSignInIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.New("alice")
		src, _ := signedIn(t, s)
		s.Revoke()
		time.Sleep(2 * time.Hour)
		for range 5 {
			if _, err := src.Token(t.Context(), ""); !errors.Is(err, activesync.ErrAuth) || !strings.Contains(err.Error(), "invalid_grant") {
				t.Errorf("error %v", err)
			}
		}
		if n := s.Count("refresh_token"); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// What keeps the authorization server from answering ends no sign-in.
func TestTroubleOnTheWayEndsNoSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.New("alice")
		src, _ := signedIn(t, s)
		time.Sleep(2 * time.Hour)
		for _, status := range []int{500, 503, 429} {
			s.Down(status)
			if _, err := src.Token(t.Context(), ""); !errors.Is(err, activesync.ErrBusy) || errors.Is(err, activesync.ErrAuth) {
				t.Errorf("%d: %v", status, err)
			}
		}
		s.Down(0)
		working := src.provider.http.Transport
		src.provider.http.Transport = broken{}
		if _, err := src.Token(t.Context(), ""); !errors.Is(err, activesync.ErrUnreachable) {
			t.Errorf("no network: %v", err)
		}
		src.provider.http.Transport = working
		if _, err := src.Token(t.Context(), ""); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

// A clock that is set back makes a token look young; the server's word counts.
func TestRefusedTokenIsReplacedWhateverTheClockSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.New("alice")
		src, _ := signedIn(t, s)
		src.token.Expiry = src.token.Expiry.Add(24 * time.Hour)
		s.Expire()
		first, err := src.Token(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		second, err := src.Token(t.Context(), first)
		if _, ok := s.Bearer(second); err != nil || !ok {
			t.Errorf("after the refusal: %v, %v", ok, err)
		}
	})
}

// A disk without room does not end a sign-in; the token is kept when there is room.
func TestTokenThatCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.New("alice")
		src, _ := signedIn(t, s)
		full, kept := true, ""
		src.keep = func(t Token) error {
			if full {
				return errors.New("no room")
			}
			kept = t.Access
			return nil
		}
		time.Sleep(2 * time.Hour)
		got, err := src.Token(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		full = false
		if again, err := src.Token(t.Context(), ""); err != nil || again != got || kept != got {
			t.Errorf("kept %v, %v", kept == got, err)
		}
	})
}

func TestAnswersThatMakeNoSense(t *testing.T) {
	for name, answer := range map[string]string{
		"nothing": "", "a page": "<html>secret-body</html>", "no token": `{"token_type":"Bearer"}`, "another kind": `{"access_token":"secret-body","token_type":"mac"}`,
		"numbers": `{"access_token":7}`,
	} {
		t.Run(name, func(t *testing.T) {
			hs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, answer)
			}))
			defer hs.Close()
			p, err := New(activesync.Account{OAuth: oauthtest.OAuth(hs.URL)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for what, err := range map[string]error{
				"refresh": second(p.refresh(t.Context(), Token{Refresh: "r"})), "device": second(p.Device(t.Context(), func(Errand) {})),
			} {
				if err == nil || strings.Contains(err.Error(), "secret-body") {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}

func second(_ Token, err error) error { return err }

func TestWhereToSignIn(t *testing.T) {
	for _, u := range []string{"http://login.example.test/token", "ftp://x/", "https://user:pw@login.example.test/", "https:///x"} {
		o := oauthtest.OAuth(base)
		o.TokenURL = u
		if _, err := New(activesync.Account{OAuth: o}, nil); err == nil {
			t.Errorf("%s was taken", u)
		}
	}
	if _, err := New(activesync.Account{}, nil); err == nil || !strings.Contains(err.Error(), "app registration") {
		t.Errorf("without an app: %v", err)
	}
	p, err := New(activesync.Account{OAuth: activesync.OAuth{ClientID: "x", Tenant: "example.test"}}, nil)
	if err != nil || p.config.Endpoint.TokenURL != "https://login.microsoftonline.com/example.test/oauth2/v2.0/token" || p.config.Scopes[1] != "offline_access" {
		t.Errorf("%+v, %v", p.config.Endpoint, err)
	}
}

func TestTokensAreNotPrinted(t *testing.T) {
	token := Token{Access: "sesame-a", Refresh: "sesame-r"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if s := fmt.Sprintf(verb, token) + fmt.Sprintf(verb, &token); strings.Contains(s, "sesame") {
			t.Errorf("%s prints %s", verb, s)
		}
	}
	again, err := ParseSecret(token.Secret())
	if err != nil || again != token {
		t.Errorf("read again: %v", err)
	}
	if _, err := ParseSecret("a password"); !errors.Is(err, activesync.ErrAuth) || strings.Contains(err.Error(), "a password") {
		t.Errorf("a password: %v", err)
	}
}

func FuzzParseSecret(f *testing.F) {
	f.Add(Token{Access: "a", Refresh: "r", Expiry: time.Unix(1, 0).UTC()}.Secret())
	f.Add(`{"access":1}`)
	f.Fuzz(func(t *testing.T, s string) {
		if token, err := ParseSecret(s); err == nil {
			if again, err := ParseSecret(token.Secret()); err != nil || again.Access != token.Access {
				t.Errorf("written and read again: %v", err)
			}
		}
	})
}
