package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// wants is a server that takes one token.
func wants(token string) *server {
	return &server{answer: func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			return reply(http.StatusUnauthorized, nil, "WWW-Authenticate", `Bearer realm="x"`), nil
		}
		return reply(http.StatusOK, nil, "MS-ASProtocolVersions", "16.1", "MS-ASProtocolCommands", "Sync"), nil
	}}
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	s := wants("new")
	var refusals []string
	c := open(t, s, func(c *Config) {
		c.Token = func(_ context.Context, refused string) (string, error) {
			refusals = append(refusals, refused)
			if refused == "old" {
				return "new", nil
			}
			return "old", nil
		}
	})
	if _, err := c.Options(t.Context()); err != nil || len(s.asked) != 2 {
		t.Fatalf("%d requests, %v", len(s.asked), err)
	}
	s.answer = wants("another").answer
	_, err := c.Options(t.Context())
	if !errors.Is(err, activesync.ErrAuth) || len(s.asked) != 4 {
		t.Errorf("%d requests, %v", len(s.asked), err)
	}
	if got := strings.Join(refusals, ","); got != ",old,old,new" {
		t.Errorf("told of %q", got)
	}
}

// A 403 has another token fetched once: where that is not what was wrong, none
// more until something has worked.
func TestForbiddenTokenIsReplacedOnce(t *testing.T) {
	s, fetched := wants("token 2"), 0
	ok := s.answer
	s.answer = func(r *http.Request) (*http.Response, error) {
		res, err := ok(r)
		if res.StatusCode == http.StatusUnauthorized {
			res.StatusCode = http.StatusForbidden
		}
		return res, err
	}
	c := open(t, s, func(c *Config) {
		current := "token 1"
		c.Token = func(_ context.Context, refused string) (string, error) {
			if refused == current {
				fetched++
				current = fmt.Sprintf("token %d", fetched+1)
			}
			return current, nil
		}
	})
	asks := func(worked bool, tokens int) {
		t.Helper()
		_, err := c.Options(t.Context())
		if worked != (err == nil) || err != nil && !errors.Is(err, activesync.ErrForbidden) || fetched != tokens {
			t.Errorf("%d tokens fetched, %v", fetched, err)
		}
	}
	asks(true, 1)
	asks(true, 1)
	ok = wants("none").answer // an administrator shuts the device out
	asks(false, 2)
	asks(false, 2)
	ok = wants("token 3").answer
	asks(true, 2)
	ok = wants("token 4").answer
	asks(true, 3)
}

// The body goes again from its start; one that cannot is not sent a second time
// here, and the message waits.
func TestRefusedTokenWithABody(t *testing.T) {
	s := wants("new")
	s.answer = func(answer func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			res, err := answer(r)
			res.Header = http.Header{}
			return res, err
		}
	}(s.answer)
	token := ""
	fresh := func() *Client {
		token = "old"
		c := open(t, s, func(c *Config) {
			c.Token = func(_ context.Context, refused string) (string, error) {
				if refused != "" {
					token = "new"
				}
				return token, nil
			}
		})
		c.SetVersion(activesync.V161)
		return c
	}
	c := fresh()
	if _, err := c.Ping(t.Context(), &wire.PingRequest{}); err != nil && errors.Is(err, activesync.ErrAuth) {
		t.Error(err)
	}
	if len(s.bodies) != 2 || !bytes.Equal(s.bodies[0], s.bodies[1]) {
		t.Errorf("bodies %q", s.bodies)
	}
	c, s.asked = fresh(), nil
	mail := strings.NewReader("Subject: x\r\n\r\nText.\r\n")
	err := c.SendMail(t.Context(), "id", mail, mail.Size(), true)
	if !errors.Is(err, activesync.ErrBusy) || errors.Is(err, activesync.ErrAuth) || len(s.asked) != 1 {
		t.Errorf("%d requests, %v", len(s.asked), err)
	}
	mail = strings.NewReader("Subject: x\r\n\r\nText.\r\n")
	if err := c.SendMail(t.Context(), "id", mail, mail.Size(), true); err != nil {
		t.Errorf("the next time: %v", err)
	}
}

func TestRefusedPasswordTellsOfOAuth(t *testing.T) {
	for header, want := range map[string]bool{`Bearer client_id="x", Basic realm=""`: true, `Basic realm="", bearer`: true, `Basic realm="bearer of news"`: false, "": false} {
		c := open(t, always(http.StatusUnauthorized, nil, "WWW-Authenticate", header))
		_, err := c.Options(t.Context())
		if e, ok := errors.AsType[*activesync.HTTPError](err); !ok || e.Bearer != want || !errors.Is(err, activesync.ErrAuth) {
			t.Errorf("%q: %+v", header, err)
		}
	}
}

func TestAnchorCookieOfPersonalAccounts(t *testing.T) {
	for host, want := range map[string]bool{"eas.outlook.com": true, "outlook.com": true, "outlook.office365.com": false, "notoutlook.com": false} {
		s := wants("t")
		c := open(t, s, func(c *Config) {
			c.Endpoint, c.User = "https://"+host+"/Microsoft-Server-ActiveSync", "a@outlook.com"
			c.Token = func(context.Context, string) (string, error) { return "t", nil }
		})
		if _, err := c.Options(t.Context()); err != nil {
			t.Fatal(err)
		}
		cookie, err := s.asked[0].Cookie("DefaultAnchorMailbox")
		if (err == nil) != want || want && cookie.Value != "a%40outlook.com" {
			t.Errorf("%s: %v", host, cookie)
		}
	}
}
